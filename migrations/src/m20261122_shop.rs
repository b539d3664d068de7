//! What tells forms of one kind apart in lists, and the numbers that registries give what came in. What was there
//! before has neither until something happens to it, or everything is made anew from the record.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const STATEMENTS: [&str; 3] = [
    "ALTER TABLE case_file ADD COLUMN summary TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE delivery ADD COLUMN own_number TEXT",
    "CREATE INDEX delivery_own_number ON delivery(to_unit, signed_at) WHERE own_number IS NOT NULL",
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
