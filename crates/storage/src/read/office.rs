//! Accounts, sessions, flows, the directory, settings, answers to keys.

use crate::{
    Storage,
    commit::known_key,
    error::{Doing, Error},
    rows::{
        AccountRow, DirectoryRow, MailAddressRow, OutboxRow, PasswordPastRow, PhrasesRow,
        SessionRow, SettingRow, SignInRow, WorkflowRow,
        office::{
            account, directory, mail_address, password_past, phrases, session, setting, sign_in,
            workflow,
        },
        travel::outbox,
    },
    table::{Cell, Json},
    writes::KnownKey,
};
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use wenshu_core::id::PersonId;

impl Storage {
    /// # Errors
    /// When the database refuses.
    pub async fn account(&self, login: &str) -> Result<Option<AccountRow>, Error> {
        self.one(account::Entity::find_by_id(login), "looking an account up").await
    }

    /// # Errors
    /// When the database refuses.
    pub async fn account_of(&self, person: &PersonId) -> Result<Option<AccountRow>, Error> {
        self.one(
            account::Entity::find().filter(account::Column::Person.eq(person.raw())),
            "looking an account up",
        )
        .await
    }

    /// Accounts whose passwords have no age, though neither everybody knows them nor do they serve once.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn accounts_without_age(&self) -> Result<Vec<AccountRow>, Error> {
        let select = account::Entity::find()
            .filter(account::Column::PasswordAt.is_null())
            .filter(account::Column::AgedFrom.is_null())
            .filter(account::Column::Demo.eq(false))
            .filter(account::Column::MustChange.eq(false));
        self.all(select, "listing accounts").await
    }

    /// Accounts whose passwords everybody knows.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn demo_accounts(&self) -> Result<Vec<AccountRow>, Error> {
        self.all(
            account::Entity::find()
                .filter(account::Column::Demo.eq(true))
                .order_by_asc(account::Column::Login),
            "listing accounts",
        )
        .await
    }

    /// A session by the hash of its cookie; whether it is over is for the caller's clock to say.
    ///
    /// What came of passwords for this name from this source.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn sign_ins(&self, login: &str, source: &str) -> Result<Option<SignInRow>, Error> {
        let key = (login.to_owned(), source.to_owned());
        self.one(sign_in::Entity::find_by_id(key), "looking sign-ins up").await
    }

    /// The passwords that a login had before, the latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn passwords_past(&self, login: &str) -> Result<Vec<PasswordPastRow>, Error> {
        let select = password_past::Entity::find().filter(password_past::Column::Login.eq(login));
        let select = select.order_by_desc(password_past::Column::At);
        self.all(select, "looking earlier passwords up").await
    }

    /// The names that are closed to some source now.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn locked_out(&self, now: DateTime<Utc>) -> Result<Vec<SignInRow>, Error> {
        let select = sign_in::Entity::find().filter(sign_in::Column::LockedUntil.gt(now.raw()));
        self.all(select, "listing who is locked out").await
    }

    /// Some of what came of passwords last before this moment.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn sign_ins_before(
        &self,
        before: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<SignInRow>, Error> {
        let select = sign_in::Entity::find().filter(sign_in::Column::At.lt(before.raw()));
        let select = select.order_by_asc(sign_in::Column::At).limit(limit);
        self.all(select, "listing old sign-ins").await
    }

    /// # Errors
    /// When the database refuses.
    pub async fn session(&self, id: &str) -> Result<Option<SessionRow>, Error> {
        self.one(session::Entity::find_by_id(id), "looking a session up").await
    }

    /// A person's own phrases.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn phrases(&self, person: &PersonId) -> Result<Option<Json>, Error> {
        let row: Option<PhrasesRow> =
            self.one(phrases::Entity::find_by_id(person.raw()), "looking phrases up").await?;
        Ok(row.map(|row| row.own))
    }

    /// Every source ever deployed, by name, the latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn workflows(&self) -> Result<Vec<WorkflowRow>, Error> {
        let select = workflow::Entity::find()
            .order_by_asc(workflow::Column::Name)
            .order_by_desc(workflow::Column::Seq)
            .order_by_desc(workflow::Column::DeployedAt);
        self.all(select.order_by_asc(workflow::Column::Hash), "listing workflows").await
    }

    /// The source that new cases of this name start.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn newest_workflow(&self, name: &str) -> Result<Option<WorkflowRow>, Error> {
        let select = workflow::Entity::find()
            .filter(workflow::Column::Name.eq(name))
            .order_by_desc(workflow::Column::Seq)
            .order_by_desc(workflow::Column::DeployedAt);
        self.one(select.order_by_asc(workflow::Column::Hash).limit(1), "looking a workflow up")
            .await
    }

    /// The very source that a case runs by.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn workflow(&self, name: &str, hash: &str) -> Result<Option<WorkflowRow>, Error> {
        self.one(
            workflow::Entity::find_by_id((name.to_owned(), hash.to_owned())),
            "looking a workflow up",
        )
        .await
    }

    /// The directory as it stands.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn directory(&self) -> Result<Option<DirectoryRow>, Error> {
        self.one(
            directory::Entity::find().order_by_desc(directory::Column::Version).limit(1),
            "loading the directory",
        )
        .await
    }

    /// The version of the directory, without loading it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn directory_version(&self) -> Result<Option<u64>, Error> {
        let select = directory::Entity::find().select_only().column(directory::Column::Version);
        let version: Option<i64> = select
            .order_by_desc(directory::Column::Version)
            .limit(1)
            .into_tuple()
            .one(self.reading())
            .await
            .doing("looking at the directory")?;
        Ok(version.and_then(|version| version.try_into().ok()))
    }

    /// Where a person gets mail, if anywhere.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn mail_address(&self, person: &PersonId) -> Result<Option<String>, Error> {
        let row: Option<MailAddressRow> = self
            .one(mail_address::Entity::find_by_id(person.raw()), "looking a mail address up")
            .await?;
        Ok(row.map(|row| row.address))
    }

    /// Messages that were given up, the latest first: with their reason, for the operator.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn given_up(&self, limit: u64) -> Result<Vec<OutboxRow>, Error> {
        let select = outbox::Entity::find()
            .filter(outbox::Column::State.eq("failed"))
            .order_by_desc(outbox::Column::RunAfter)
            .limit(limit);
        self.all(select, "listing messages given up").await
    }

    /// Messages that were tried and are tried again, those that were tried most often first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn tried_in_vain(&self, limit: u64) -> Result<Vec<OutboxRow>, Error> {
        let select = outbox::Entity::find()
            .filter(outbox::Column::State.is_in(["ready", "running"]))
            .filter(outbox::Column::LastError.is_not_null())
            .order_by_desc(outbox::Column::Attempts)
            .limit(limit);
        self.all(select, "listing messages that wait").await
    }

    /// # Errors
    /// When the database refuses.
    pub async fn setting(&self, name: &str) -> Result<Option<Json>, Error> {
        let row: Option<SettingRow> =
            self.one(setting::Entity::find_by_id(name), "looking a setting up").await?;
        Ok(row.map(|row| row.body))
    }

    /// What was answered to an idempotency key, so that a known one need not be decided at all.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn answer_to(&self, person: &PersonId, key: &str) -> Result<Option<KnownKey>, Error> {
        known_key(self.reading(), person.as_str(), key).await.doing("looking a key up")
    }
}
