//! People and registers: accounts whose password must be changed, the journal of what is audited, and the fate of
//! numbers that were reserved or made void.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const STATEMENTS: &[&str] = &[
    "ALTER TABLE account ADD COLUMN must_change BOOLEAN NOT NULL DEFAULT FALSE",
    "ALTER TABLE account ADD COLUMN password_at BIGINT",
    "CREATE TABLE journal(stream TEXT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, kind TEXT NOT NULL, what TEXT NOT NULL,
        person TEXT, name TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY(stream, seq))",
    "CREATE INDEX journal_at ON journal(at, stream, seq)",
    "CREATE INDEX journal_kind ON journal(kind, at, stream, seq)",
    "CREATE INDEX journal_person ON journal(person, at, stream, seq)",
    "CREATE TABLE number_fate(series TEXT NOT NULL, \"year\" BIGINT NOT NULL, number BIGINT NOT NULL, fate TEXT NOT NULL, reason TEXT NOT NULL,
        given_by TEXT NOT NULL, at BIGINT NOT NULL, document TEXT, PRIMARY KEY(series, \"year\", number))",
    "CREATE INDEX number_fate_document ON number_fate(document)",
    "CREATE TABLE hand_over(person TEXT NOT NULL PRIMARY KEY, job TEXT NOT NULL, body TEXT NOT NULL, at BIGINT NOT NULL)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in STATEMENTS {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
