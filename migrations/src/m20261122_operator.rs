//! What the operator's tools remember: heads that were anchored, and where people get mail.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &[
    "CREATE TABLE anchored(stream TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL, head TEXT NOT NULL)",
    "CREATE TABLE mail_address(person TEXT NOT NULL PRIMARY KEY, address TEXT NOT NULL)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in TABLES {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
