//! Signing in: passwords and sessions. A name that nobody has is refused in the same words and about the same time as
//! a wrong password; how often one may try is `lockout`'s. Every sign-in is an event of the account's own stream.

use crate::{error::Error, lockout::Door, office::Office, secret};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};
use wenshu_core::{
    command::Actor,
    directory::{Named, Seat},
    id::{PersonId, PostId, RoleId},
};
use wenshu_storage::{AccountRow, Cause, SessionRow, StreamId, StreamKind, Writes};

/// What happened at the door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum SecurityEvent {
    AccountMade {
        login: String,
    },
    SignedIn {
        login: String,
        #[serde(flatten)]
        knock: Knock,
    },
    /// A wrong password; how many in a row.
    Refused {
        login: String,
        failed: u32,
        #[serde(flatten)]
        knock: Knock,
    },
    LockedOut {
        login: String,
        until: DateTime<Utc>,
        #[serde(flatten)]
        knock: Knock,
    },
    SignedOut {
        login: String,
    },
    PasswordChanged {
        login: String,
    },
    PasswordReset {
        login: String,
    },
    AccountDisabled {
        login: String,
    },
    AccountEnabled {
        login: String,
    },
    Unlocked {
        login: String,
    },
    /// Somebody took records out.
    Exported {
        what: String,
    },
    /// Units, posts or people came from a file with this SM3.
    Imported {
        file: String,
        sm3: String,
        done: u64,
        refused: u64,
    },
    HandOverBegun {
        from: String,
        to: String,
        reason: String,
    },
    HandOverDone {
        from: String,
        to: String,
        moved: u64,
        left: u64,
    },
}

/// Who knocked, as far as the account that was named is theirs, and where from. Events of the first days lack it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Knock {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
}

impl Knock {
    fn from(&self) -> String {
        match self.source.as_str() {
            "" => String::new(),
            Door::HERE => "（本机）".to_owned(),
            source => format!("（来自{source}）"),
        }
    }
}

impl SecurityEvent {
    /// What happened, for the auditor.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::AccountMade { login } => format!("建立账号{login}"),
            Self::SignedIn { login, knock } => format!("{login}登录成功{}", knock.from()),
            Self::Refused { login, failed, knock } => {
                let login = if login.is_empty() { "不存在的用户名" } else { login };
                format!("{login}密码错误，连续第{failed}次{}", knock.from())
            }
            Self::LockedOut { login, until, knock } => {
                let login = if login.is_empty() { "不存在的用户名" } else { login };
                let until = *until + TimeDelta::hours(8);
                let until = until.format("%H:%M");
                format!("{login}连续输错密码，锁定至{until}{}", knock.from())
            }
            Self::SignedOut { login } => format!("{login}退出登录"),
            Self::PasswordChanged { login } => format!("{login}修改了密码"),
            Self::PasswordReset { login } => format!("重置{login}的密码"),
            Self::AccountDisabled { login } => format!("停用账号{login}"),
            Self::AccountEnabled { login } => format!("恢复账号{login}"),
            Self::Unlocked { login } => format!("解除{login}的锁定"),
            Self::Exported { what } => format!("导出{what}"),
            Self::Imported { file, done, refused, .. } => {
                format!("从“{file}”导入组织机构：生效{done}行，未采用{refused}行")
            }
            Self::HandOverBegun { from, to, reason } => {
                format!("将{from}的全部未办工作移交{to}：{reason}")
            }
            Self::HandOverDone { from, to, moved, left } => {
                format!("{from}的工作已移交{to}：{moved}件，未能移交{left}件")
            }
        }
    }
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub login: String,
    pub person: PersonId,
    pub password: String,
    /// Its password is known to everybody; the server takes it on loopback only.
    pub demo: bool,
    /// The password serves once: the first thing asked for is another.
    pub one_time: bool,
}

/// Somebody who is signed in, in the post that they chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub login: String,
    pub person: Named,
    pub seat: Seat,
    pub posts: Vec<Seat>,
    pub roles: Vec<RoleId>,
    pub csrf: String,
    pub demo: bool,
    /// Nothing else is possible until the password is changed.
    pub must_change: bool,
    /// For the password is older than so many days.
    pub too_old: Option<u32>,
}

/// How stale the time of the last request may be before it is written again.
const TOUCH: TimeDelta = TimeDelta::seconds(60);

impl Office {
    /// Makes accounts. Equal passwords in one go are hashed once: that is for demos, people choose their own.
    pub async fn add_accounts(&self, accounts: Vec<NewAccount>) -> Result<(), Error> {
        let mut hashes: BTreeMap<String, String> = BTreeMap::new();
        for account in accounts {
            let password = match hashes.get(&account.password) {
                Some(hash) => hash.clone(),
                None => {
                    let plain = account.password.clone();
                    let hash = aside(move || secret::keep(&plain)).await?;
                    let hash = hash.ok_or_else(|| Error::Invalid {
                        field: "password".into(),
                        text: "密码不能使用".into(),
                    })?;
                    hashes.insert(account.password.clone(), hash.clone());
                    hash
                }
            };
            let row = AccountRow {
                login: account.login.clone(),
                person: account.person.clone(),
                password,
                failed: 0,
                locked_until: None,
                disabled: false,
                demo: account.demo,
                must_change: account.one_time,
                password_at: None,
                aged_from: None,
            };
            let event = SecurityEvent::AccountMade { login: account.login };
            let stream = StreamId::security(&account.person);
            self.append_one(stream, StreamKind::Security, &Actor::System, &event, |writes| {
                writes.put(&row)
            })
            .await?;
        }
        Ok(())
    }

    /// Signs somebody in who stands before this very machine.
    pub async fn sign_in(&self, login: &str, password: &str) -> Result<(String, Session), Error> {
        self.sign_in_from(login, password, &Door { source: Door::HERE.to_owned(), near: true })
            .await
    }

    /// Signs somebody in. The token goes into the cookie and is kept nowhere; what is stored is its hash.
    pub async fn sign_in_from(
        &self,
        login: &str,
        password: &str,
        door: &Door,
    ) -> Result<(String, Session), Error> {
        let account = self.inner.storage.account(login).await?;
        // The password of a demo account is known to everybody, so it counts on this machine only.
        let account = account.filter(|account| !account.disabled && (door.near || !account.demo));
        let kept = account.as_ref().map(|account| account.password.clone());
        let password = password.to_owned();
        let turn = Arc::clone(&self.inner.gate).acquire_owned().await;
        let turn = turn.map_err(|error| Error::Thread(error.to_string()))?;
        let fits = aside(move || {
            let _turn = turn;
            secret::fits(&password, kept.as_deref())
        })
        .await?;
        self.judge(login, account.as_ref(), &door.source, fits).await?;
        let Some(account) = account else { return Err(Error::BadCredentials) };
        let directory = self.directory().await?;
        let seat = directory.main_seat(&account.person);
        let any = || {
            directory
                .posts_of(&account.person)
                .find_map(|post| directory.seat(&account.person, &post.id))
        };
        let seat = seat.or_else(any).ok_or(Error::BadCredentials)?;
        let (token, now) = (secret::token()?, self.inner.clock.now());
        let row = SessionRow {
            id: secret::hashed(&token),
            person: account.person.clone(),
            post: seat.post.clone(),
            csrf: secret::token()?,
            created_at: now,
            seen_at: now,
            expires_at: now + delta(self.inner.settings.session_lasts),
        };
        self.put_row(&row).await?;
        let session = self.describe(&row).await?;
        Ok((token, session))
    }

    /// Who is behind a token. A session that was idle too long, or lasted too long, is over.
    pub async fn session(&self, token: &str) -> Result<Session, Error> {
        let session = self.session_of_a_newcomer(token).await?;
        match session.must_change {
            true => Err(Error::MustChangePassword { after: session.too_old }),
            false => Ok(session),
        }
    }

    /// The same for those who may do nothing but change a password that was given to them.
    pub async fn session_of_a_newcomer(&self, token: &str) -> Result<Session, Error> {
        let mut row = self.live(token).await?;
        let now = self.inner.clock.now();
        if now - row.seen_at >= TOUCH {
            row.seen_at = now;
            let mut writes = Writes::default();
            writes.session_seen(&row.id, now);
            match self.write(writes).await {
                // Nobody is kept from reading because there is no room to note that they read.
                Err(Error::Storage(error)) if error.cause() == Cause::Full => {
                    tracing::warn!(%error, "that somebody is still there could not be noted");
                }
                noted => noted?,
            }
        }
        self.describe(&row).await
    }

    /// Whether somebody is still behind a token, without keeping their session alive.
    pub async fn signed_in(&self, token: &str) -> Result<bool, Error> {
        match self.live(token).await {
            Ok(_) => Ok(true),
            Err(Error::NotSignedIn) => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn live(&self, token: &str) -> Result<SessionRow, Error> {
        let row =
            self.inner.storage.session(&secret::hashed(token)).await?.ok_or(Error::NotSignedIn)?;
        let now = self.inner.clock.now();
        let over =
            now >= row.expires_at || now - row.seen_at >= delta(self.inner.settings.session_idle);
        if over {
            // It is over whether or not its row can be taken away.
            if let Err(error) = self.end_session(&row.id).await {
                tracing::warn!(%error, "a session that is over still has its row");
            }
            return Err(Error::NotSignedIn);
        }
        // A session from before the password was set is nobody's any more.
        let account = self.inner.storage.account_of(&row.person).await?;
        let open = account.is_some_and(|account| {
            !account.disabled && account.password_at.is_none_or(|set| row.created_at >= set)
        });
        if !open {
            self.end_session(&row.id).await?;
            return Err(Error::NotSignedIn);
        }
        Ok(row)
    }

    async fn describe(&self, row: &SessionRow) -> Result<Session, Error> {
        let account =
            self.inner.storage.account_of(&row.person).await?.filter(|account| !account.disabled);
        let account = account.ok_or(Error::NotSignedIn)?;
        let too_old = self.too_old(&account);
        let directory = self.directory().await?;
        // The post chosen may be theirs no longer; then they sit in their main post again.
        let seat =
            directory.seat(&row.person, &row.post).or_else(|| directory.main_seat(&row.person));
        let seat = seat.ok_or(Error::NotSignedIn)?;
        let person = seat.person.clone().ok_or(Error::NotSignedIn)?;
        let posts = directory.posts_of(&row.person);
        let mut roles: Vec<RoleId> =
            directory.posts_of(&row.person).flat_map(|post| post.roles.iter().cloned()).collect();
        roles.sort();
        roles.dedup();
        Ok(Session {
            login: account.login,
            person,
            posts: posts.filter_map(|post| directory.seat(&row.person, &post.id)).collect(),
            seat,
            roles,
            csrf: row.csrf.clone(),
            demo: account.demo,
            must_change: account.must_change || too_old.is_some(),
            too_old,
        })
    }

    /// After how many days a password must be changed, if this one is older. One that everybody knows has no age.
    fn too_old(&self, account: &AccountRow) -> Option<u32> {
        let days = self.inner.settings.password_days;
        let set = account.password_at.or(account.aged_from);
        let set = set.filter(|_| days > 0 && !account.demo && !account.must_change);
        let old = self.inner.clock.now() - set? >= TimeDelta::days(i64::from(days));
        old.then_some(days)
    }

    /// Acts in another of one's posts from now on.
    pub async fn choose_post(&self, token: &str, post: &PostId) -> Result<Session, Error> {
        let row = self.live(token).await?;
        if self.directory().await?.seat(&row.person, post).is_none() {
            return Err(wenshu_core::Rejection::NoSuchPerson { person: post.to_string() }.into());
        }
        let row = SessionRow { post: post.clone(), ..row };
        let mut writes = Writes::default();
        writes.session_post(&row.id, post);
        self.write(writes).await?;
        self.describe(&row).await
    }

    /// Signs out.
    pub async fn sign_out(&self, token: &str) -> Result<(), Error> {
        if let Ok(session) = self.session_of_a_newcomer(token).await {
            let event = SecurityEvent::SignedOut { login: session.login };
            self.note_security(&session.seat, &event).await?;
        }
        self.end_session(&secret::hashed(token)).await
    }

    async fn end_session(&self, id: &str) -> Result<(), Error> {
        let mut writes = Writes::default();
        writes.remove::<SessionRow>(&[id]);
        self.write(writes).await
    }
}

pub(crate) fn delta(duration: std::time::Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

/// Runs what takes its time on a thread of its own.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Thread(error.to_string()))
}
