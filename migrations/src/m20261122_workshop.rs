//! The workshop of the flow administrator: which deployment of a flow came last (by its stream, whatever the clock
//! said), which flows are retired, and what finds the cases in flight of a version and the tasks of those who left.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const CHANGES: &[&str] = &[
    // Versions deployed before have 0 and are told apart by their time, as they always were.
    "ALTER TABLE workflow ADD COLUMN seq BIGINT NOT NULL DEFAULT 0",
    "CREATE TABLE workflow_retired(name TEXT NOT NULL PRIMARY KEY, at BIGINT NOT NULL, retired_by TEXT NOT NULL,
        reason TEXT NOT NULL)",
    "CREATE INDEX case_flow ON case_file(workflow, workflow_hash) WHERE ended_at IS NULL",
    "CREATE INDEX task_open_holder ON task(holder_person, holder_post) WHERE state = 'open'",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in CHANGES {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
