//! Uploads are their uploader's until handed over, and wrong passwords are counted where they come from.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const STATEMENTS: [&str; 3] = [
    // What was uploaded before stays visible to all who see its case, as it was.
    "ALTER TABLE attachment ADD COLUMN only_for TEXT",
    "CREATE TABLE sign_in(login TEXT NOT NULL, source TEXT NOT NULL, failed BIGINT NOT NULL, locked_until BIGINT, succeeded_at BIGINT,
        at BIGINT NOT NULL, PRIMARY KEY(login, source))",
    "CREATE INDEX sign_in_at ON sign_in(at)",
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
