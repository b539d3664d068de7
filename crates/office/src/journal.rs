//! The journal 审计记录: one line for each event of the security, directory, workflow and register streams, written in
//! the commit of its event and made of nothing else, so that it can be made again and held against the chain.

use crate::{
    accounts::SecurityEvent,
    envelope::{self, Envelope},
    error::Error,
    office::Office,
    sight::{AUDIT_ADMIN, SECURITY_ADMIN, has_role},
    workshop::flows_against_record,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use wenshu_core::{
    command::Actor,
    directory::{DirectoryRejection, Seat},
    id::PersonId,
};
use wenshu_storage::{
    JournalFilter, JournalRow, Page, Slice, StoredEvent, StreamId, StreamKind, Writes,
};

/// A line of the journal.
pub type Line = JournalRow;

/// What the reader wants to see.
#[derive(Clone, Debug, Default)]
pub struct Question {
    pub kind: Option<StreamKind>,
    /// Names of events.
    pub what: Vec<String>,
    pub person: Option<PersonId>,
    pub who: Option<String>,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
}

/// Whether the audited streams hold, and the journal with them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    pub ok: bool,
    pub streams: u64,
    pub events: u64,
    /// The first thing that is wrong, in Chinese.
    pub trouble: Option<String>,
    /// Its stream and number.
    pub stream: Option<String>,
    pub seq: Option<u64>,
}

/// The kinds of streams that are audited.
const AUDITED: [StreamKind; 4] =
    [StreamKind::Security, StreamKind::Directory, StreamKind::Workflow, StreamKind::Register];
/// The journal was made from the events that were there before it,
/// with lines as they are made now: a new name makes them again.
const MADE: &str = "journal.2";
const AT_ONCE: u64 = 500;

/// Whether each event of such a stream has its line, and so a record of its own.
pub(crate) fn is_audited(kind: StreamKind) -> bool {
    AUDITED.contains(&kind)
}

/// The line of an event; none for streams that are not audited here.
pub(crate) fn line<E: Serialize>(
    stream: &StreamId,
    kind: StreamKind,
    envelope: &Envelope<E>,
) -> Result<Option<JournalRow>, Error> {
    if !is_audited(kind) {
        return Ok(None);
    }
    let event =
        serde_json::to_value(&envelope.event).map_err(Error::unreadable(stream.to_string()))?;
    let actor = envelope.actor.as_ref();
    let said = said(stream, kind, &event);
    let (person, name) = match (actor, kind) {
        (Some(seat), _) => {
            (seat.person.as_ref().map(|person| person.id.clone()), Seat::label(seat))
        }
        (None, StreamKind::Security) => knocker(stream, &event),
        (None, _) => (None, SYSTEM.to_owned()),
    };
    Ok(Some(JournalRow {
        stream: stream.clone(),
        seq: envelope.seq,
        at: envelope.at,
        kind: kind.as_str().to_owned(),
        what: said.what,
        person,
        name,
        subject: said.subject,
        text: said.text,
    }))
}

const SYSTEM: &str = "系统";

/// Nobody acts before they are let in, so what happened at the door has no actor: it is told of whoever's name was
/// given there. What was typed that is nobody's name is kept nowhere.
fn knocker(stream: &StreamId, event: &Value) -> (Option<PersonId>, String) {
    let word = |name: &str| event[name].as_str().unwrap_or_default();
    let at_the_door = matches!(word("event"), "signed_in" | "refused" | "locked_out");
    let about = stream.as_str().split_once(':').map_or("", |(_, about)| about);
    match (at_the_door, word("login"), word("name")) {
        (false, _, _) => (None, SYSTEM.to_owned()),
        (true, "", _) => (None, "未知用户".to_owned()),
        (true, login, "") => (Some(about.into()), login.to_owned()),
        (true, _, name) => (Some(about.into()), name.to_owned()),
    }
}

struct Said {
    what: String,
    subject: String,
    text: String,
}

/// What an event says. Events grow in number: one that is unknown here is shown by its name and what it says itself.
fn said(stream: &StreamId, kind: StreamKind, event: &Value) -> Said {
    let word = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
    let name = word("event");
    let about = stream.as_str().split_once(':').map_or("", |(_, about)| about).to_owned();
    match kind {
        StreamKind::Directory => {
            let what = word("what");
            let text = match name.as_str() {
                "put" => format!("装入组织机构第{}版：{}", event["version"], word("reason")),
                _ => word("text"),
            };
            let record = &event["record"];
            let named = ["now", "was"]
                .into_iter()
                .flat_map(|when| ["name", "title"].map(|field| &record[when][field]))
                .find_map(Value::as_str);
            let subject = named.unwrap_or_default().to_owned();
            Said { what: if what.is_empty() { name } else { what }, subject, text }
        }
        StreamKind::Workflow if name == "helped" => {
            let verb = match word("act").as_str() {
                "appointed" => "指定办理人",
                "reassigned" => "改派",
                "retried" => "重试",
                "terminated" => "终止办件",
                _ => "处理停滞的办件",
            };
            let (step, to) = (word("step"), word("to"));
            let step = if step.is_empty() { step } else { format!("“{step}”") };
            let to = if to.is_empty() { to } else { format!("由{to}办理") };
            let (case, reason) = (word("case"), word("reason"));
            let text = format!("{verb}{step}{to}（办件{case}）：{reason}");
            Said { what: word("act"), subject: about, text }
        }
        StreamKind::Workflow => {
            let verb = match name.as_str() {
                "deployed" => "部署流程",
                "retired" => "停用流程",
                "resumed" => "恢复流程",
                _ => "变更流程",
            };
            let reason = word("reason");
            let mut text =
                if reason.is_empty() { verb.to_owned() } else { format!("{verb}：{reason}") };
            let accepted = event["accepted"].as_array().map_or(0, Vec::len);
            if accepted > 0 {
                text.push_str(&format!("（知悉{accepted}条提醒）"));
            }
            Said { what: name, subject: about, text }
        }
        StreamKind::Security => {
            let login = word("login");
            let text = match serde_json::from_value::<SecurityEvent>(event.clone()) {
                Ok(event) => event.text(),
                Err(_) => name.clone(),
            };
            Said { what: name, subject: if login.is_empty() { about } else { login }, text }
        }
        StreamKind::Anchor => {
            let text = format!("锚定了{}个记录流的位置", event["heads"]);
            Said { what: name, subject: word("day"), text }
        }
        StreamKind::Register => Said { what: name, subject: about, text: word("text") },
        StreamKind::Case | StreamKind::Document | StreamKind::Delivery => {
            Said { what: name, subject: about, text: String::new() }
        }
    }
}

impl Office {
    /// A page of the journal, the latest first. The auditor reads all of it, the security administrator what ordinary
    /// users did at the door; nobody else anything.
    pub async fn journal(
        &self,
        seat: &Seat,
        question: &Question,
        slice: &Slice,
    ) -> Result<Page<Line>, Error> {
        let filter = self.readable(seat, question).await?;
        Ok(self.inner.storage.journal(&filter, slice).await?)
    }

    /// All lines that fit, as CSV with a byte order mark; at most `most`. That somebody took them out is on record
    /// before they are.
    pub async fn export_journal(&self, seat: &Seat, question: &Question) -> Result<Vec<u8>, Error> {
        const MOST: usize = 100_000;
        let filter = self.readable(seat, question).await?;
        let event = SecurityEvent::Exported { what: "审计记录".into() };
        self.note_security(seat, &event).await?;
        let mut rows = vec![
            ["时间", "操作人", "类别", "操作", "对象", "内容", "记录流", "序号"]
                .map(str::to_owned)
                .to_vec(),
        ];
        let mut slice = Slice::first(200);
        loop {
            let page = self.inner.storage.journal(&filter, &slice).await?;
            for line in page.items {
                let at = line.at + chrono::TimeDelta::hours(8);
                rows.push(vec![
                    at.format("%Y-%m-%d %H:%M:%S").to_string(),
                    line.name,
                    line.kind,
                    line.what,
                    line.subject,
                    line.text,
                    line.stream.0,
                    line.seq.to_string(),
                ]);
            }
            match page.next {
                Some(next) if rows.len() <= MOST => slice.after = Some(next),
                Some(_) | None => return Ok(crate::sheet::csv(&rows)),
            }
        }
    }

    /// Holds the audited streams against their chains, and the journal against them.
    pub async fn verify_journal(&self, seat: &Seat) -> Result<Verified, Error> {
        let directory = self.directory().await?;
        if !has_role(&directory, seat, AUDIT_ADMIN) && !has_role(&directory, seat, SECURITY_ADMIN) {
            return Err(not_yours());
        }
        let mut verified =
            Verified { ok: true, streams: 0, events: 0, trouble: None, stream: None, seq: None };
        for kind in AUDITED {
            for stream in self.all_streams(kind).await? {
                verified.streams += 1;
                if let Some((seq, trouble)) = self.wrong_with(&stream, kind, &mut verified).await? {
                    return Ok(Verified {
                        ok: false,
                        trouble: Some(trouble),
                        stream: Some(stream.0),
                        seq: Some(seq),
                        ..verified
                    });
                }
            }
        }
        if let Some(damage) = flows_against_record(&self.inner.storage).await?.into_iter().next() {
            let stream = Some(StreamId::workflow(&damage.name).0);
            let trouble = Some(damage.to_string());
            return Ok(Verified { ok: false, trouble, stream, ..verified });
        }
        Ok(verified)
    }

    async fn wrong_with(
        &self,
        stream: &StreamId,
        kind: StreamKind,
        verified: &mut Verified,
    ) -> Result<Option<(u64, String)>, Error> {
        match self.inner.storage.verify(stream).await? {
            Ok(head) => verified.events += head.version,
            Err(broken) => {
                let text = format!("记录流{}的第{}条与校验链不符", broken.stream, broken.seq);
                return Ok(Some((broken.seq, text)));
            }
        }
        for event in self.inner.storage.load(stream).await? {
            let seq = event.seq;
            let row = self.inner.storage.journal_line(stream, seq).await?;
            if row != made(&event, kind)? {
                let text = format!("记录流{stream}的第{seq}条与审计记录不符");
                return Ok(Some((seq, text)));
            }
        }
        Ok(None)
    }

    /// Makes the journal from events that were there before it, once.
    pub(crate) async fn open_journal(&self) -> Result<(), Error> {
        if self.inner.storage.setting(MADE).await?.is_some() {
            return Ok(());
        }
        self.remake_journal().await?;
        let body = crate::project::json(&true);
        self.put_row(&wenshu_storage::SettingRow { name: MADE.to_owned(), body }).await
    }

    /// Writes every line again.
    pub(crate) async fn remake_journal(&self) -> Result<(), Error> {
        for kind in AUDITED {
            for stream in self.all_streams(kind).await? {
                let mut writes = Writes::default();
                for event in self.inner.storage.load(&stream).await? {
                    made(&event, kind)?.iter().for_each(|line| writes.put(line));
                }
                self.write(writes).await?;
            }
        }
        Ok(())
    }

    /// Something that a person did with what is guarded, in their own stream; once for a request.
    pub(crate) async fn note_security(
        &self,
        seat: &Seat,
        event: &SecurityEvent,
    ) -> Result<(), Error> {
        let person = crate::desk::person(seat)?;
        let actor = Actor::Person(seat.clone());
        if self.told_before::<()>(&actor).await?.is_some() {
            return Ok(());
        }
        let key = self.answer(&actor, &())?;
        let stream = StreamId::security(person);
        let note = |writes: &mut Writes| writes.key.clone_from(&key);
        self.append_one(stream, StreamKind::Security, &actor, event, note).await
    }

    async fn readable(&self, seat: &Seat, question: &Question) -> Result<JournalFilter, Error> {
        let directory = self.directory().await?;
        let mut kinds: Vec<String> =
            question.kind.iter().map(|kind| kind.as_str().to_owned()).collect();
        if has_role(&directory, seat, AUDIT_ADMIN) {
        } else if has_role(&directory, seat, SECURITY_ADMIN) {
            // What users did at the door; what administrators did is for the auditor.
            if question.kind.is_some_and(|kind| kind != StreamKind::Security) {
                return Err(not_yours());
            }
            kinds = vec![StreamKind::Security.as_str().to_owned()];
        } else {
            return Err(not_yours());
        }
        Ok(JournalFilter {
            kinds,
            what: question.what.clone(),
            person: question.person.clone(),
            who: question.who.clone().filter(|who| !who.trim().is_empty()),
            from: question.from,
            to: question.to,
        })
    }

    pub(crate) async fn all_streams(&self, kind: StreamKind) -> Result<Vec<StreamId>, Error> {
        let mut all: Vec<StreamId> = vec![];
        loop {
            let more = self.inner.storage.streams(kind, all.last(), AT_ONCE).await?;
            if more.is_empty() {
                return Ok(all);
            }
            all.extend(more);
        }
    }
}

/// The line that a stored event makes.
fn made(event: &StoredEvent, kind: StreamKind) -> Result<Option<JournalRow>, Error> {
    let envelopes = envelope::opened(event)?;
    let Some(envelope) = envelopes.first() else { return Ok(None) };
    line(&event.stream, kind, envelope)
}

fn not_yours() -> Error {
    DirectoryRejection::NotYourRight { whose: "安全审计员".into() }.into()
}
