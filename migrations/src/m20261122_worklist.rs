//! What a worklist is ordered and counted by lies beside whom its tasks lie with: a page and a count look at nothing else.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const CHANGES: &[&str] = &[
    "ALTER TABLE task_offer ADD COLUMN kind TEXT NOT NULL DEFAULT 'handle'",
    "ALTER TABLE task_offer ADD COLUMN draft BOOLEAN NOT NULL DEFAULT FALSE",
    "ALTER TABLE task_offer ADD COLUMN urgency_rank BIGINT NOT NULL DEFAULT 2",
    "ALTER TABLE task_offer ADD COLUMN due_by BIGINT NOT NULL DEFAULT 9223372036854775807",
    "ALTER TABLE task_offer ADD COLUMN came_at BIGINT NOT NULL DEFAULT 0",
    "UPDATE task_offer SET
        kind = coalesce((SELECT t.kind FROM task t WHERE t.\"case\" = task_offer.\"case\" AND t.task = task_offer.task), 'handle'),
        draft = coalesce((SELECT c.draft FROM case_file c WHERE c.id = task_offer.\"case\"), FALSE),
        urgency_rank = coalesce((SELECT d.urgency_rank FROM case_file c JOIN document d ON d.id = c.document WHERE c.id = task_offer.\"case\"), 2),
        due_by = coalesce((SELECT t.due_at FROM task t WHERE t.\"case\" = task_offer.\"case\" AND t.task = task_offer.task), 9223372036854775807),
        came_at = coalesce((SELECT t.came_at FROM task t WHERE t.\"case\" = task_offer.\"case\" AND t.task = task_offer.task), 0)",
    "CREATE INDEX task_offer_list ON task_offer(who, kind, draft, urgency_rank, due_by, came_at, \"case\", task)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for change in CHANGES {
            manager.get_connection().execute_unprepared(change).await?;
        }
        Ok(())
    }
}
