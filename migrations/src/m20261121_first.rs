//! The first tables. Times are microseconds since 1970 UTC, ids and JSON are TEXT: the same on both databases.
//! Rows of a stream have its id first in their key, rows listed for somebody have that person, post or unit first,
//! guards are keyed by what they guard, so that each table can be distributed by its first column.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const STREAMS: &[&str] = &[
    "CREATE TABLE stream(id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, version BIGINT NOT NULL, head TEXT NOT NULL)",
    "CREATE TABLE event(stream TEXT NOT NULL REFERENCES stream(id), seq BIGINT NOT NULL, at BIGINT NOT NULL, alg TEXT NOT NULL,
        payload TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY(stream, seq))",
    "CREATE TABLE snapshot(stream TEXT NOT NULL PRIMARY KEY, upto BIGINT NOT NULL, format BIGINT NOT NULL, body TEXT NOT NULL)",
    "CREATE TABLE act_key(person TEXT NOT NULL, \"key\" TEXT NOT NULL, request TEXT NOT NULL, answer TEXT NOT NULL, at BIGINT NOT NULL,
        PRIMARY KEY(person, \"key\"))",
    "CREATE INDEX act_key_at ON act_key(at)",
];

const CASES: &[&str] = &[
    "CREATE TABLE case_file(id TEXT NOT NULL PRIMARY KEY, title TEXT NOT NULL, state TEXT NOT NULL, draft BOOLEAN NOT NULL,
        whereabouts TEXT NOT NULL, workflow TEXT NOT NULL, workflow_title TEXT NOT NULL, workflow_hash TEXT NOT NULL,
        initiator TEXT NOT NULL, initiator_person TEXT, initiator_unit TEXT NOT NULL, document TEXT,
        attachments BIGINT NOT NULL, started_at BIGINT NOT NULL, ended_at BIGINT, updated_at BIGINT NOT NULL)",
    "CREATE INDEX case_initiator ON case_file(initiator_person, updated_at, id)",
    "CREATE INDEX case_open ON case_file(initiator_person) WHERE ended_at IS NULL",
    "CREATE INDEX case_updated ON case_file(state, updated_at, id)",
    "CREATE TABLE document(id TEXT NOT NULL PRIMARY KEY, \"case\" TEXT NOT NULL, version BIGINT NOT NULL, title TEXT NOT NULL, kind TEXT NOT NULL,
        kind_title TEXT NOT NULL, urgency TEXT NOT NULL, urgency_rank BIGINT NOT NULL, organ TEXT NOT NULL, number TEXT,
        finalised BOOLEAN NOT NULL, pdf TEXT, archived_at BIGINT, updated_at BIGINT NOT NULL)",
    "CREATE INDEX document_case ON document(\"case\")",
    "CREATE INDEX document_number ON document(number)",
    "CREATE TABLE task(\"case\" TEXT NOT NULL, task BIGINT NOT NULL, step TEXT NOT NULL, title TEXT NOT NULL, ask TEXT NOT NULL, kind TEXT NOT NULL,
        state TEXT NOT NULL, offered TEXT NOT NULL, holder TEXT, holder_person TEXT, holder_post TEXT, why TEXT NOT NULL, sender TEXT,
        came_at BIGINT NOT NULL, due_at BIGINT, due_provisional BOOLEAN NOT NULL, seen_at BIGINT, urged_at BIGINT, needs_input BOOLEAN NOT NULL,
        branch_unit TEXT, lead BOOLEAN, closed_at BIGINT, closed_by TEXT, said TEXT, PRIMARY KEY(\"case\", task))",
    "CREATE INDEX task_done ON task(holder_person, closed_at, \"case\", task) WHERE state = 'done'",
    "CREATE INDEX task_done_case ON task(holder_person, \"case\", closed_at, task) WHERE state = 'done'",
    "CREATE INDEX task_due ON task(due_at) WHERE state = 'open'",
    "CREATE TABLE task_offer(who TEXT NOT NULL, \"case\" TEXT NOT NULL, task BIGINT NOT NULL, PRIMARY KEY(who, \"case\", task))",
    "CREATE INDEX task_offer_task ON task_offer(\"case\", task)",
    "CREATE TABLE access(who TEXT NOT NULL, \"case\" TEXT NOT NULL, why TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY(who, \"case\", why))",
    "CREATE INDEX access_case ON access(\"case\")",
    "CREATE TABLE copied(who TEXT NOT NULL, \"case\" TEXT NOT NULL, at BIGINT NOT NULL, sender TEXT NOT NULL, note TEXT NOT NULL, seen_at BIGINT,
        PRIMARY KEY(who, \"case\"))",
    "CREATE INDEX copied_at ON copied(who, at, \"case\")",
    "CREATE INDEX copied_new ON copied(who) WHERE seen_at IS NULL",
    "CREATE TABLE seen(person TEXT NOT NULL, \"case\" TEXT NOT NULL, version BIGINT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY(person, \"case\"))",
    "CREATE TABLE working(\"case\" TEXT NOT NULL, person TEXT NOT NULL, fields TEXT NOT NULL, body TEXT, base BIGINT NOT NULL, saved_at BIGINT NOT NULL,
        PRIMARY KEY(\"case\", person))",
    "CREATE TABLE attachment(\"case\" TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, media TEXT NOT NULL, size BIGINT NOT NULL, sha TEXT NOT NULL,
        added_by TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY(\"case\", id))",
    "CREATE TABLE link(\"case\" TEXT NOT NULL, other TEXT NOT NULL, kind TEXT NOT NULL, made_by TEXT NOT NULL, at BIGINT NOT NULL,
        PRIMARY KEY(\"case\", other, kind))",
    "CREATE INDEX link_other ON link(other)",
    "CREATE TABLE delivery(id TEXT NOT NULL PRIMARY KEY, \"case\" TEXT NOT NULL, document TEXT NOT NULL, title TEXT NOT NULL, number TEXT,
        kind TEXT NOT NULL, kind_title TEXT NOT NULL, urgency TEXT NOT NULL, from_unit TEXT NOT NULL, from_unit_name TEXT NOT NULL,
        to_unit TEXT NOT NULL, to_unit_name TEXT NOT NULL, to_post TEXT, copy BOOLEAN NOT NULL, state TEXT NOT NULL, sent_at BIGINT NOT NULL,
        signed_at BIGINT, signed_by TEXT, returned_reason TEXT, registered_case TEXT, urged_at BIGINT)",
    "CREATE INDEX delivery_case ON delivery(\"case\")",
    "CREATE INDEX delivery_post ON delivery(to_post, sent_at, id)",
    "CREATE INDEX delivery_waiting ON delivery(to_post, state) WHERE state IN ('sent', 'signed')",
    "CREATE INDEX delivery_registered ON delivery(registered_case)",
];

const NUMBERS: &[&str] = &[
    "CREATE TABLE series(id TEXT NOT NULL PRIMARY KEY, organ TEXT NOT NULL, title TEXT NOT NULL, code TEXT NOT NULL, purpose TEXT NOT NULL)",
    "CREATE INDEX series_organ ON series(organ)",
    "CREATE TABLE series_year(series TEXT NOT NULL, \"year\" BIGINT NOT NULL, next BIGINT NOT NULL, PRIMARY KEY(series, \"year\"))",
    "CREATE TABLE number(series TEXT NOT NULL, \"year\" BIGINT NOT NULL, number BIGINT NOT NULL, document TEXT NOT NULL, rule TEXT NOT NULL,
        PRIMARY KEY(series, \"year\", number))",
    "CREATE UNIQUE INDEX number_document ON number(document, rule)",
];

const OFFICE: &[&str] = &[
    "CREATE TABLE notice(person TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, \"case\" TEXT, text TEXT NOT NULL, body TEXT NOT NULL,
        at BIGINT NOT NULL, PRIMARY KEY(person, id))",
    "CREATE INDEX notice_at ON notice(person, at, id)",
    "CREATE TABLE notice_read(person TEXT NOT NULL PRIMARY KEY, upto BIGINT NOT NULL)",
    "CREATE TABLE outbox(stream TEXT NOT NULL, seq BIGINT NOT NULL, person TEXT NOT NULL, channel TEXT NOT NULL, body TEXT NOT NULL,
        state TEXT NOT NULL, attempts BIGINT NOT NULL, run_after BIGINT NOT NULL, lease_until BIGINT, last_error TEXT,
        PRIMARY KEY(stream, seq, person, channel))",
    "CREATE INDEX outbox_waiting ON outbox(run_after) WHERE state IN ('ready', 'running')",
    "CREATE TABLE job(id TEXT NOT NULL PRIMARY KEY, \"case\" TEXT, ask BIGINT, effect TEXT NOT NULL, payload TEXT NOT NULL, state TEXT NOT NULL,
        attempts BIGINT NOT NULL, run_after BIGINT NOT NULL, lease_until BIGINT, last_error TEXT)",
    "CREATE INDEX job_waiting ON job(run_after) WHERE state IN ('ready', 'running')",
    "CREATE INDEX job_case ON job(\"case\")",
    "CREATE TABLE account(login TEXT NOT NULL PRIMARY KEY, person TEXT NOT NULL, password TEXT NOT NULL, failed BIGINT NOT NULL,
        locked_until BIGINT, disabled BOOLEAN NOT NULL, demo BOOLEAN NOT NULL)",
    "CREATE INDEX account_person ON account(person)",
    "CREATE TABLE session(id TEXT NOT NULL PRIMARY KEY, person TEXT NOT NULL, post TEXT NOT NULL, csrf TEXT NOT NULL, created_at BIGINT NOT NULL,
        seen_at BIGINT NOT NULL, expires_at BIGINT NOT NULL)",
    "CREATE INDEX session_person ON session(person)",
    "CREATE INDEX session_expires ON session(expires_at)",
    "CREATE TABLE phrases(person TEXT NOT NULL PRIMARY KEY, own TEXT NOT NULL)",
    "CREATE TABLE workflow(name TEXT NOT NULL, hash TEXT NOT NULL, title TEXT NOT NULL, source TEXT NOT NULL, deployed_at BIGINT NOT NULL,
        deployed_by TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY(name, hash))",
    "CREATE TABLE directory(version BIGINT NOT NULL PRIMARY KEY, body TEXT NOT NULL, at BIGINT NOT NULL)",
    "CREATE TABLE setting(name TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL)",
];

const SEARCH_SQLITE: &[&str] = &[
    "CREATE TABLE search(docid INTEGER PRIMARY KEY, \"case\" TEXT NOT NULL UNIQUE, title TEXT NOT NULL, number TEXT, kind TEXT NOT NULL, kind_title TEXT NOT NULL,
        unit_name TEXT NOT NULL, body TEXT NOT NULL, at BIGINT NOT NULL)",
    // Whatever is not white space belongs to a token: the words were cut before.
    "CREATE VIRTUAL TABLE search_index USING fts5(tokens, content='', contentless_delete=1,
        tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co M* S* P*'\")",
];

const SEARCH_POSTGRES: &[&str] = &[
    "CREATE TABLE search(\"case\" TEXT NOT NULL PRIMARY KEY, title TEXT NOT NULL, number TEXT, kind TEXT NOT NULL, kind_title TEXT NOT NULL,
        unit_name TEXT NOT NULL, body TEXT NOT NULL, at BIGINT NOT NULL, tokens TSVECTOR NOT NULL)",
    "CREATE INDEX search_tokens ON search USING gin(tokens)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let search = match manager.get_database_backend() {
            DbBackend::Postgres => SEARCH_POSTGRES,
            _ => SEARCH_SQLITE,
        };
        for statement in [STREAMS, CASES, NUMBERS, OFFICE, search].concat() {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
