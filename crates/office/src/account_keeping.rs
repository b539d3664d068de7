//! Keeping accounts: made with a password that serves once, disabled, reset, unlocked; and one's own password.
//! The same calls serve the web and the command line, where the system itself acts for whoever has the machine.

use crate::{
    accounts::{SecurityEvent, Session, aside},
    act::RequestKey,
    envelope::{self, Circumstances},
    error::Error,
    load::unexpected,
    office::Office,
    secret,
    sight::{SECURITY_ADMIN, SYSTEM_ADMIN},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use wenshu_core::{
    command::Actor,
    directory::{Directory, DirectoryRejection},
    id::PersonId,
};
use wenshu_storage::{
    AccountRow, Act, PasswordPastRow, Refused, SessionRow, SignInRow, StreamId, StreamKind, Writes,
};

const TRIES: u32 = 50;
/// How many accounts are made in one go.
const MOST: usize = 200;
/// The shortest password, in characters; the longest keeps hashing cheap.
const SHORTEST: usize = 12;
const LONGEST: usize = 128;
/// The shortest key under which passwords are given.
const SHORTEST_SECRET: usize = 20;

/// A password that serves once, shown this one time.
#[derive(Clone, PartialEq, Eq)]
pub struct OneTime {
    pub login: String,
    pub person: PersonId,
    pub name: String,
    pub password: String,
}

impl std::fmt::Debug for OneTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OneTime").field("login", &self.login).finish_non_exhaustive()
    }
}

/// An account as those see it who keep accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountView {
    pub login: String,
    pub person: PersonId,
    pub name: String,
    /// The main post and its unit.
    pub post: Option<String>,
    pub disabled: bool,
    pub locked_until: Option<DateTime<Utc>>,
    /// The password has not been changed since somebody else set it.
    pub must_change: bool,
    /// 系统管理员, 安全保密管理员 or 安全审计员.
    pub administers: Option<&'static str>,
}

/// What is kept of an answer with passwords: all but what they are made of.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Given {
    salt: String,
    accounts: Vec<(String, PersonId, String)>,
}

/// Under which key passwords are given, and of what they are made.
struct Giving {
    /// The key as its asker knows it; none: the asker comes once, and the passwords are chance.
    asked: Option<String>,
    salt: String,
}

impl Giving {
    /// Keys of such requests are secrets: whoever guesses one could be told the password.
    fn of(key: Option<&RequestKey>) -> Result<Self, Error> {
        if key.is_some_and(|key| key.key.len() < SHORTEST_SECRET) {
            return Err(Error::Invalid {
                field: "Idempotency-Key".into(),
                text: format!(
                    "签发密码的请求，Idempotency-Key 须至少{SHORTEST_SECRET}个字符，例如一个 UUID"
                ),
            });
        }
        Ok(Self { asked: key.map(|key| key.key.clone()), salt: secret::token()? })
    }

    fn password(&self, login: &str) -> Result<String, Error> {
        Ok(match &self.asked {
            Some(asked) => secret::one_time_of(asked, &self.salt, login),
            None => secret::one_time()?,
        })
    }

    fn kept(&self, made: &[OneTime]) -> Given {
        let account = |one: &OneTime| (one.login.clone(), one.person.clone(), one.name.clone());
        Given { salt: self.salt.clone(), accounts: made.iter().map(account).collect() }
    }
}

impl Given {
    /// The same answer again.
    fn again(self, key: Option<&RequestKey>) -> Result<Vec<OneTime>, Error> {
        let giving = Giving { asked: key.map(|key| key.key.clone()), salt: self.salt };
        let one = |(login, person, name): (String, PersonId, String)| {
            Ok(OneTime { password: giving.password(&login)?, login, person, name })
        };
        self.accounts.into_iter().map(one).collect()
    }
}

impl Office {
    /// Accounts by login.
    pub async fn accounts(
        &self,
        by: &Actor,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<AccountView>, Error> {
        if let Actor::Person(seat) = by {
            self.require_administrator(seat).await?;
        }
        let directory = self.directory().await?;
        let limit = u64::from(limit.clamp(1, 500));
        let rows = self.inner.storage.accounts(after, limit).await?;
        let now = self.inner.clock.now();
        // One that is closed to several sources is open again when the last of them is.
        let mut locked: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
        for row in self.inner.storage.locked_out(now).await? {
            let until = row.locked_until.unwrap_or(now);
            let latest = locked.entry(row.login).or_insert(until);
            *latest = until.max(*latest);
        }
        let shown = |row: &AccountRow| view(&directory, row, locked.get(&row.login).copied());
        Ok(rows.iter().map(shown).collect())
    }

    /// Makes accounts for people of the directory, each with a password that serves once. All or none.
    pub async fn make_accounts(
        &self,
        by: &Actor,
        wanted: &[(String, PersonId)],
    ) -> Result<Vec<OneTime>, Error> {
        self.may_keep(by, &[SYSTEM_ADMIN]).await?;
        let invalid = |text: String| Error::Invalid { field: "accounts".into(), text };
        if wanted.is_empty() || wanted.len() > MOST {
            return Err(invalid(format!("一次建立1到{MOST}个账号")));
        }
        let giving = Giving::of(self.key())?;
        let sealed = self.sealed();
        if let Some(known) = sealed.told_before::<Given>(by).await? {
            return known.again(self.key());
        }
        let directory = self.directory().await?;
        let storage = &self.inner.storage;
        let mut made: Vec<OneTime> = vec![];
        for (login, person) in wanted {
            let known = directory.people.get(person).ok_or_else(|| {
                DirectoryRejection::Unknown { what: "人员".into(), id: person.to_string() }
            })?;
            if known.disabled {
                let (what, name) = ("人员".into(), known.name.clone());
                return Err(DirectoryRejection::Disabled { what, name }.into());
            }
            if !good_login(login) {
                return Err(DirectoryRejection::BadId { id: login.clone() }.into());
            }
            let twice = made.iter().any(|one| one.login == *login || one.person == *person);
            if twice || storage.account(login).await?.is_some() {
                let (what, id) = ("账号".into(), login.clone());
                return Err(DirectoryRejection::AlreadyThere { what, id }.into());
            }
            if storage.account_of(person).await?.is_some() {
                return Err(invalid(format!("{}已有账号", known.name)));
            }
            made.push(OneTime {
                login: login.clone(),
                person: person.clone(),
                name: known.name.clone(),
                password: giving.password(login)?,
            });
        }
        let plain: Vec<String> = made.iter().map(|one| one.password.clone()).collect();
        let hashes = aside(move || {
            plain.iter().map(|password| secret::keep(password)).collect::<Option<Vec<_>>>()
        })
        .await?;
        let hashes = hashes.ok_or_else(|| invalid("密码不能使用".into()))?;
        let now = self.inner.clock.now();
        let mut writes = Writes::default();
        for (one, password) in made.iter().zip(hashes) {
            let event = SecurityEvent::AccountMade { login: one.login.clone() };
            let stream = StreamId::security(&one.person);
            let head = storage.head(&stream).await?.unwrap_or_default();
            let circumstances =
                Circumstances::new(now, by, directory.version, self.inner.calendar.version);
            let circumstances = circumstances.keyed(sealed.key());
            let envelopes = circumstances.wrap(head.version, std::slice::from_ref(&event));
            writes.appends.push(envelope::append(stream, StreamKind::Security, head, &envelopes)?);
            writes.add(&AccountRow {
                login: one.login.clone(),
                person: one.person.clone(),
                password,
                failed: 0,
                locked_until: None,
                disabled: false,
                demo: false,
                must_change: true,
                password_at: Some(now),
                aged_from: None,
            });
        }
        writes.key = sealed.answer(by, &giving.kept(&made))?;
        match storage.commit::<Error>(Act::Ready(writes)).await {
            Ok(_) => Ok(made),
            Err(Refused::KnownKey(known)) => sealed.found::<Given>(&known)?.again(self.key()),
            Err(refused) => Err(unexpected(refused)),
        }
    }

    /// The office for the same request under a key that does not tell the one that was given.
    fn sealed(&self) -> Self {
        self.key().map_or_else(|| self.clone(), |key| self.under(key.sealed()))
    }

    /// Disables an account, whose sessions end at once, or enables it again.
    pub async fn disable_account(
        &self,
        by: &Actor,
        login: &str,
        disabled: bool,
    ) -> Result<(), Error> {
        self.may_keep(by, &[SYSTEM_ADMIN]).await?;
        self.not_another_administrator(by, login).await?;
        self.amend(by, login, &(), |row| {
            let login = row.login.clone();
            let event = if disabled {
                SecurityEvent::AccountDisabled { login }
            } else {
                SecurityEvent::AccountEnabled { login }
            };
            (row.disabled != disabled).then_some((AccountRow { disabled, ..row }, event))
        })
        .await
    }

    /// Gives an account a new password that serves once; its sessions are over.
    pub async fn reset_password(&self, by: &Actor, login: &str) -> Result<OneTime, Error> {
        self.may_keep(by, &[SYSTEM_ADMIN]).await?;
        self.not_another_administrator(by, login).await?;
        let row = self.inner.storage.account(login).await?.ok_or(Error::NotFound)?;
        let giving = Giving::of(self.key())?;
        let sealed = self.sealed();
        if let Some(known) = sealed.told_before::<Given>(by).await? {
            return only(known.again(self.key())?);
        }
        let password = giving.password(login)?;
        let plain = password.clone();
        let hash = aside(move || secret::keep(&plain)).await?;
        let hash = hash.ok_or_else(|| invalid_password("密码不能使用"))?;
        let now = self.inner.clock.now();
        let name = self.directory().await?.person_name(&row.person);
        let made = OneTime { login: row.login, person: row.person, name, password };
        let kept = giving.kept(std::slice::from_ref(&made));
        let salt = kept.salt.clone();
        let given = sealed.amend(by, login, &kept, |row| {
            let event = SecurityEvent::PasswordReset { login: row.login.clone() };
            let (password, password_at) = (hash.clone(), Some(now));
            Some((
                AccountRow {
                    password,
                    password_at,
                    must_change: true,
                    demo: false,
                    failed: 0,
                    locked_until: None,
                    ..row
                },
                event,
            ))
        });
        let given = given.await?;
        // The same request may have been quicker: then its password is the one that counts.
        if given.salt == salt { Ok(made) } else { only(given.again(self.key())?) }
    }

    /// Lets somebody try again who was locked out.
    pub async fn unlock(&self, by: &Actor, login: &str) -> Result<(), Error> {
        self.may_keep(by, &[SECURITY_ADMIN]).await?;
        self.amend(by, login, &(), |row| {
            let event = SecurityEvent::Unlocked { login: row.login.clone() };
            Some((row, event))
        })
        .await
    }

    /// Changes one's own password. Every session is over but the one that comes of it.
    pub async fn change_password(
        &self,
        token: &str,
        old: &str,
        new: &str,
    ) -> Result<(String, Session), Error> {
        let session = self.session_of_a_newcomer(token).await?;
        let row = self.inner.storage.account(&session.login).await?.ok_or(Error::NotSignedIn)?;
        let (plain, kept) = (old.to_owned(), row.password.clone());
        if !aside(move || secret::fits(&plain, Some(&kept))).await? {
            return Err(Error::Invalid { field: "old".into(), text: "原密码不对".into() });
        }
        if let Some(text) = weakness(new, &session.login, &session.person.name) {
            return Err(invalid_password(text));
        }
        if old == new {
            return Err(invalid_password("新密码不能与原密码相同"));
        }
        self.never_had(&session.login, new).await?;
        let plain = new.to_owned();
        let hash = aside(move || secret::keep(&plain)).await?;
        let hash = hash.ok_or_else(|| invalid_password("密码不能使用"))?;
        let now = self.inner.clock.now();
        let by = Actor::Person(session.seat.clone());
        self.amend(&by, &session.login, &(), |was| {
            // Somebody else may have set another meanwhile.
            if was.password != row.password {
                return None;
            }
            let event = SecurityEvent::PasswordChanged { login: was.login.clone() };
            let (password, password_at) = (hash.clone(), Some(now));
            Some((AccountRow { password, password_at, must_change: false, ..was }, event))
        })
        .await?;
        let old = self.inner.storage.session(&secret::hashed(token)).await?;
        let old = old.ok_or(Error::NotSignedIn)?;
        let token = secret::token()?;
        let mut writes = Writes::default();
        writes.remove::<SessionRow>(&[&old.id]);
        let (id, csrf) = (secret::hashed(&token), secret::token()?);
        writes.put(&SessionRow { id, csrf, created_at: now, seen_at: now, ..old });
        self.write(writes).await?;
        let session = self.session(&token).await?;
        Ok((token, session))
    }

    /// Refuses a password that was this login's before, as far back as the settings say.
    async fn never_had(&self, login: &str, new: &str) -> Result<(), Error> {
        let back = self.inner.settings.password_history;
        let mut past = self.inner.storage.passwords_past(login).await?;
        past.truncate(back as usize);
        let new = new.to_owned();
        let had = move || past.iter().any(|past| secret::fits(&new, Some(&past.password)));
        if aside(had).await? {
            return Err(invalid_password(format!(
                "新密码不能与最近{back}次用过的密码相同，请换一个"
            )));
        }
        Ok(())
    }

    /// Keeps the password that is given up beside the last ones before it.
    async fn keep_past(&self, writes: &mut Writes, was: &AccountRow) -> Result<(), Error> {
        let keep = self.inner.settings.password_history as usize;
        let mut past = self.inner.storage.passwords_past(&was.login).await?;
        past.truncate(keep.saturating_sub(1));
        writes.remove::<PasswordPastRow>(&[&was.login]);
        if keep > 0 {
            let (login, password) = (was.login.clone(), was.password.clone());
            past.push(PasswordPastRow { login, at: self.inner.clock.now(), password });
        }
        past.iter().for_each(|row| writes.put(row));
        Ok(())
    }

    /// Changes an account under the guard of its stream, unless `change` finds nothing to change. Gives `answer`, or
    /// what the same request was answered before.
    async fn amend<A: Serialize + DeserializeOwned + Clone>(
        &self,
        by: &Actor,
        login: &str,
        answer: &A,
        change: impl Fn(AccountRow) -> Option<(AccountRow, SecurityEvent)>,
    ) -> Result<A, Error> {
        for _ in 0..TRIES {
            if let Some(known) = self.told_before(by).await? {
                return Ok(known);
            }
            let person = self.inner.storage.account(login).await?.ok_or(Error::NotFound)?.person;
            let stream = StreamId::security(&person);
            // The head is read before the row: what was written in between is found by the guard.
            let head = self.inner.storage.head(&stream).await?.unwrap_or_default();
            let was = self.inner.storage.account(login).await?.ok_or(Error::NotFound)?;
            let mut writes = Writes { key: self.answer(by, answer)?, ..Writes::default() };
            if let Some((row, event)) = change(was.clone()) {
                if row.password != was.password {
                    self.keep_past(&mut writes, &was).await?;
                }
                let (now, known) = (self.inner.clock.now(), self.known_directory().version);
                let circumstances = Circumstances::new(now, by, known, self.inner.calendar.version);
                let circumstances = circumstances.keyed(self.key());
                let envelopes = circumstances.wrap(head.version, std::slice::from_ref(&event));
                let kind = StreamKind::Security;
                writes.appends.push(envelope::append(stream, kind, head, &envelopes)?);
                // What was counted at the door against the login is forgotten, wherever it came from.
                if matches!(
                    event,
                    SecurityEvent::Unlocked { .. } | SecurityEvent::PasswordReset { .. }
                ) {
                    writes.remove::<SignInRow>(&[login]);
                }
                writes.put(&row);
            } else if writes.key.is_none() {
                return Ok(answer.clone());
            }
            match self.inner.storage.commit::<Error>(Act::Ready(writes)).await {
                Ok(_) => return Ok(answer.clone()),
                Err(Refused::Moved | Refused::KnownKey(_)) => {}
                Err(refused) => return Err(unexpected(refused)),
            }
        }
        Err(Error::Busy(TRIES))
    }

    async fn may_keep(&self, by: &Actor, roles: &[&str]) -> Result<(), Error> {
        match by {
            Actor::System => Ok(()),
            Actor::Person(seat) => self.require_one(seat, roles).await,
        }
    }

    /// Whoever could set the password of another of the three could act as them: that takes the machine itself.
    async fn not_another_administrator(&self, by: &Actor, login: &str) -> Result<(), Error> {
        let Actor::Person(_) = by else { return Ok(()) };
        let row = self.inner.storage.account(login).await?.ok_or(Error::NotFound)?;
        match self.directory().await?.administrator(&row.person) {
            None => Ok(()),
            Some((_, title)) => Err(Error::Invalid {
                field: "login".into(),
                text: format!(
                    "这是{title}的账号，三员之间不能停用或重置彼此的账号，请在服务器上用 wenshu account 命令办理"
                ),
            }),
        }
    }
}

/// The one that was asked for.
fn only(mut made: Vec<OneTime>) -> Result<OneTime, Error> {
    made.pop().ok_or(Error::NotFound)
}

fn view(
    directory: &Directory,
    row: &AccountRow,
    locked_until: Option<DateTime<Utc>>,
) -> AccountView {
    AccountView {
        login: row.login.clone(),
        person: row.person.clone(),
        name: directory.person_name(&row.person),
        post: directory
            .people
            .get(&row.person)
            .and_then(|person| person.main_post.as_ref())
            .map(|post| directory.post_label(post)),
        disabled: row.disabled,
        locked_until,
        must_change: row.must_change,
        administers: directory.administrator(&row.person).map(|(_, title)| title),
    }
}

fn good_login(login: &str) -> bool {
    let plain =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | '_');
    (2..=64).contains(&login.len()) && login.chars().all(plain)
}

fn invalid_password(text: impl Into<String>) -> Error {
    Error::Invalid { field: "new".into(), text: text.into() }
}

/// What many people choose, of those that are long enough.
const COMMON: [&str; 32] = [
    "123456789012",
    "1234567890123",
    "12345678901234",
    "1234567890123456",
    "password1234",
    "passwordpassword",
    "password123456",
    "qwertyuiopas",
    "qwertyuiop123",
    "1qaz2wsx3edc",
    "1qaz2wsx3edc4rfv",
    "1q2w3e4r5t6y",
    "1q2w3e4r5t6y7u",
    "zaq12wsxcde3",
    "qazwsxedcrfv",
    "administrator",
    "administrator1",
    "admin1234567",
    "admin123456789",
    "woaini1314520",
    "woaini5201314",
    "5201314woaini",
    "iloveyou1234",
    "letmein12345",
    "welcome12345",
    "changeme1234",
    "abcdefghijkl",
    "abcd12345678",
    "abc123456789",
    "a1234567890b",
    "aa1234567890",
    "qq1234567890",
];

/// Why a password will not do (ASVS 5, 6.2: length, common and contextual words; no rules of composition).
pub(crate) fn weakness(password: &str, login: &str, name: &str) -> Option<String> {
    let count = password.chars().count();
    if count < SHORTEST {
        return Some(format!("密码至少{SHORTEST}个字符，可以用一句话"));
    }
    if count > LONGEST {
        return Some(format!("密码不超过{LONGEST}个字符"));
    }
    let small = password.to_lowercase();
    let holds = |word: &str| word.chars().count() >= 2 && small.contains(&word.to_lowercase());
    if holds(login) || holds(name) || small.contains("wenshu-demo") {
        return Some("密码不能包含账号、姓名".to_owned());
    }
    if COMMON.contains(&small.as_str()) || repeats(&small) || runs(&small) {
        return Some("这个密码太常见，容易被猜到，请换一个".to_owned());
    }
    None
}

/// A short piece over and over: abcabcabcabc.
fn repeats(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    (1..=4).any(|piece| chars.iter().zip(chars.iter().skip(piece)).all(|(a, b)| a == b))
}

/// Each character next to the one before: 345678901234, zyxwvutsrqpo.
fn runs(text: &str) -> bool {
    let steps = |step: i64| {
        let codes: Vec<i64> = text.chars().map(|c| i64::from(u32::from(c))).collect();
        codes.windows(2).all(|pair| pair[1] - pair[0] == step || (pair[1] - pair[0]).abs() == 9)
    };
    steps(1) || steps(-1)
}

#[cfg(test)]
mod tests {
    use super::weakness;

    #[test]
    fn passwords_that_are_guessed_are_refused() {
        for bad in [
            "short-one",
            "123456789012",
            "aaaaaaaaaaaa",
            "abcabcabcabcabc",
            "345678901234",
            "zyxwvutsrqpo",
            "Password1234",
            "my-lin-xiao-password",
            "林晓林晓的密码真不错呀",
        ] {
            assert!(weakness(bad, "lin-xiao", "林晓").is_some(), "{bad}");
        }
        for good in ["correct horse battery", "云河堤防在七月里要巡查三遍", "k7#mQ2vX9!pL"]
        {
            assert_eq!(weakness(good, "lin-xiao", "林晓"), None, "{good}");
        }
        assert!(weakness(&"长".repeat(129), "lin-xiao", "林晓").is_some());
    }
}
