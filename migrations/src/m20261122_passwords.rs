//! Passwords that were used before, so that nobody goes back to one.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const PASSWORDS: &str =
    "CREATE TABLE password_past(login TEXT NOT NULL, at BIGINT NOT NULL, password TEXT NOT NULL,
        PRIMARY KEY(login, at))";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(PASSWORDS).await?;
        Ok(())
    }
}
