//! When a password was first seen of which nobody knows when it was set.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = "ALTER TABLE account ADD COLUMN aged_from BIGINT";
        manager.get_connection().execute_unprepared(add).await?;
        Ok(())
    }
}
