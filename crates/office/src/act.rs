//! One act: load, decide, work out the consequences, write everything in one commit, and only then remember it.
//! What the act means is decided in the core; what it means for the document, in `consequences`.

use crate::{
    cache::Held,
    consequences::{Made, Scene, consequences},
    envelope::{self, Circumstances},
    error::Error,
    log::{CaseLog, DeliveryLog, DocumentLog},
    number,
    office::Office,
    project::{self, Copies, Subject},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};
use uuid::Uuid;
use wenshu_core::{
    Ask, Context, Decision, FLOW_ADMIN, Vocabulary, Workflow,
    calendar::Calendar,
    command::{Actor, Answer, Command, Outcome},
    decide,
    directory::Directory,
    directory::Seat,
    event::Event,
    id::{AskId, CaseId, DocumentId},
    notice,
    value::Facts,
};
use wenshu_document::{Body, DocumentEvent, Number, Revision, facts};
use wenshu_notify::Letter;
use wenshu_storage::{
    Act, Finish, Head, JobRow, Key, OutboxRow, Refused, SeenRow, StreamId, StreamKind, Who,
    WorkingRow, Writes, at_once,
};

/// How often an act that others overtake is tried before it is given up.
const TRIES: u32 = 200;

/// A request's idempotency key: the same key with the same request gives the stored answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    pub key: String,
    /// A hash of the request.
    pub request: String,
}

/// What came of an act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acted {
    pub case: CaseId,
    /// Records of the case so far: the acts that changed it.
    pub version: u64,
    /// It had been done before, under the same key.
    #[serde(skip)]
    pub again: bool,
}

/// Everything that one act asks for.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub actor: Actor,
    pub case: CaseId,
    pub command: Command,
    pub key: Option<RequestKey>,
    /// Hand over the saved working copy.
    pub working: bool,
    /// What a job made.
    pub made: Option<Made>,
    /// The job that this answers; it is over with the act.
    pub job: Option<JobEnd>,
}

impl Order {
    pub(crate) fn new(actor: &Actor, case: CaseId, command: Command) -> Self {
        Self {
            actor: actor.clone(),
            case,
            command,
            key: None,
            working: false,
            made: None,
            job: None,
        }
    }
}

/// How a job comes to its end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum JobEnd {
    /// By whoever claimed it at this attempt, while the lease lasts.
    Answered { id: Uuid, attempts: u32 },
    /// It goes on: this is one act of many, by whoever claimed it, while the lease lasts.
    GoesOn { id: Uuid, attempts: u32 },
    /// It was given up before: nobody has it.
    GivenUp(Uuid),
}

/// A case that begins with this act.
#[derive(Debug)]
pub(crate) struct Begin {
    pub workflow: Arc<Workflow>,
    /// The document's first event, with its text.
    pub document: Option<(DocumentId, DocumentEvent, Arc<Body>)>,
    /// What else is written in the same commit.
    pub also: Writes,
}

impl Office {
    /// Carries out one command, or refuses it and changes nothing.
    pub async fn run(
        &self,
        actor: &Actor,
        case: CaseId,
        command: Command,
        key: Option<RequestKey>,
    ) -> Result<Acted, Error> {
        self.carry_out(Order { key, ..Order::new(actor, case, command) }).await
    }

    /// Completes a task and hands over the working copy that was saved for it.
    pub async fn hand_over(
        &self,
        actor: &Actor,
        case: CaseId,
        command: Command,
        key: Option<RequestKey>,
    ) -> Result<Acted, Error> {
        self.carry_out(Order { key, working: true, ..Order::new(actor, case, command) }).await
    }

    pub(crate) async fn carry_out(&self, order: Order) -> Result<Acted, Error> {
        let _turn = self.inner.turns.take(order.case).await;
        // What this node remembers is good enough to decide on: the commit finds out whether it still holds.
        let mut directory = self.known_directory();
        for _ in 0..TRIES {
            if let Some(JobEnd::Answered { id, attempts } | JobEnd::GoesOn { id, attempts }) =
                order.job
                && !self.inner.storage.job_held(id, attempts).await?
            {
                return Err(Error::LeaseLost);
            }
            let held = self.inner.cases.take(order.case);
            if let Actor::Person(seat) = &order.actor
                && !held.as_ref().is_some_and(|held| stands(&directory, seat, held))
                && let Err(refused) = self.require_standing(seat, order.case).await
            {
                if let Some(held) = held {
                    self.inner.cases.keep(held);
                }
                return Err(refused);
            }
            let held = match held {
                Some(held) => held,
                None => self.load(order.case).await?,
            };
            let version = held.log.head.version;
            // Boxed, as are the others: what an act carries is too much for a thread's stack.
            match Box::pin(self.attempt(&order, held, None, &directory)).await {
                Ok(Some(acted)) => {
                    counted(kind(&order.command), acted.again);
                    return Ok(acted);
                }
                Ok(None) => {}
                // A refusal by what this node remembered counts only if that is still how things stand.
                Err(Error::Rejected(_) | Error::NotSignedIn)
                    if self.head(order.case).await?.version != version
                        || self.directory().await?.version != directory.version => {}
                // The same request may have been done before; then this is its answer.
                Err(error) => return self.answered(&order).await?.ok_or(error),
            }
            directory = self.directory().await?;
        }
        Err(Error::Busy(TRIES))
    }

    /// The stored answer to a key that came before.
    pub(crate) async fn answered(&self, order: &Order) -> Result<Option<Acted>, Error> {
        let person = order.actor.seat().and_then(|seat| seat.person.as_ref());
        let Some((key, person)) = order.key.as_ref().zip(person) else { return Ok(None) };
        match self.inner.storage.answer_to(&person.id, &key.key).await? {
            Some(known) => answered_before(order, &known).map(Some),
            None => Ok(None),
        }
    }

    /// Starts a case: it is there with its first task and its document, or not at all.
    pub(crate) async fn begin(&self, order: Order, begin: Begin) -> Result<Acted, Error> {
        if let Some(acted) = self.answered(&order).await? {
            return Ok(acted);
        }
        let held = Held {
            log: CaseLog::new(order.case),
            document: None,
            workflow: Arc::clone(&begin.workflow),
        };
        let directory = self.directory().await?;
        match Box::pin(self.attempt(&order, held, Some(begin), &directory)).await? {
            Some(acted) => {
                counted(kind(&order.command), acted.again);
                Ok(acted)
            }
            None => Err(Error::Busy(1)),
        }
    }

    /// One try; none if it was overtaken.
    async fn attempt(
        &self,
        order: &Order,
        mut held: Held,
        begin: Option<Begin>,
        directory: &Arc<Directory>,
    ) -> Result<Option<Acted>, Error> {
        Self::admit(directory, &order.actor)?;
        let now = self.inner.clock.now();
        let mut command = order.command.clone();
        let handed = Box::pin(self.handed(order, &held, &mut command)).await?;
        let body = match (&handed.body, &held.document) {
            (Some(body), _) => Some(Arc::clone(body)),
            (None, Some(log)) if moves(&command) => Some(self.body(&log.document.body_hash).await?),
            (None, _) => None,
        };
        let asked = held.log.case.asks.iter().map(|(id, ask)| (*id, ask.effect.clone())).collect();
        let case = std::mem::replace(&mut held.log.case, wenshu_core::Case::new(order.case));
        let facts = held
            .document
            .as_ref()
            .map(|log| facts(&log.document, body.as_deref()))
            .unwrap_or_default();
        let mut making = Making {
            workflow: Arc::clone(&held.workflow),
            directory: Arc::clone(directory),
            calendar: Arc::clone(&self.inner.calendar),
            vocabulary: Arc::clone(&self.inner.vocabulary),
            actor: order.actor.clone(),
            now,
            facts,
            document: begin.as_ref().and_then(|begin| begin.document.as_ref().map(|(id, ..)| *id)),
            order: order.clone(),
            held,
            revision: handed.revision,
            body,
            asked,
            begun: None,
            also: Writes::default(),
            channels: self.inner.settings.channels.clone(),
        };
        if let Some(begin) = begin {
            if let Some((_, event, text)) = begin.document {
                making.begun = Some(event);
                making.body = Some(text);
            }
            making.also = begin.also;
        }
        for file in &handed.files {
            making.also.put(file);
        }
        let helped = self.helped(&making.directory, order, &case, now).await?;
        let decision = making.decide(&order.actor, case, command)?;
        if decision.events.is_empty() {
            // Nothing happened, e.g. a task looked at twice.
            let acted =
                Acted { case: order.case, version: making.held.log.head.version, again: false };
            making.held.log.case = decision.case;
            self.inner.cases.keep(making.held);
            return Ok(Some(self.answered(order).await?.unwrap_or(acted)));
        }
        making.also.appends.extend(helped);
        Box::pin(self.commit(making, decision)).await
    }

    async fn commit(&self, making: Making, decision: Decision) -> Result<Option<Acted>, Error> {
        let order = making.order.clone();
        let done: Arc<Mutex<Option<Held>>> = Arc::default();
        let numbered = decision.asks.iter().find_map(|ask| match ask {
            Ask::Now { id, .. } => Some(*id),
            Ask::Later { .. } => None,
        });
        let act = match numbered {
            None => {
                let (writes, held) = making.finish(decision, None)?;
                *done.lock().unwrap_or_else(PoisonError::into_inner) = Some(held);
                Act::Ready(writes)
            }
            Some(ask) => {
                let chosen = match &making.held.document {
                    Some(log) => self.inner.storage.chosen_for(log.document.id).await?,
                    None => None,
                };
                let series = self.series_of(&making, chosen.as_ref()).await?;
                let done = Arc::clone(&done);
                Act::Needs {
                    allot: vec![number::allot(&series, &making, chosen.as_ref())?],
                    then: Box::new(move |allotted| {
                        let number = number::given(&series, &allotted)?;
                        let answer = Answer::Done { result: number.to_string() };
                        let mut decision = decision;
                        let more = making.decide(
                            &Actor::System,
                            decision.case,
                            Command::Answer { ask, answer },
                        )?;
                        decision.events.extend(more.events);
                        decision.asks.extend(more.asks);
                        decision.case = more.case;
                        let (writes, held) = making.finish(decision, Some((number, series.id)))?;
                        *done.lock().unwrap_or_else(PoisonError::into_inner) = Some(held);
                        Ok(writes)
                    }),
                }
            }
        };
        match self.inner.storage.commit::<Error>(act).await {
            Ok(_) => {
                let held = done.lock().unwrap_or_else(PoisonError::into_inner).take();
                let version = held.as_ref().map_or(0, |held| held.log.head.version);
                if let Some(held) = held {
                    self.inner.cases.keep(held);
                }
                Ok(Some(Acted { case: order.case, version, again: false }))
            }
            Err(Refused::Moved) => Ok(None),
            Err(Refused::KnownKey(known)) => answered_before(&order, &known).map(Some),
            Err(Refused::NumberTaken { .. }) => Ok(None),
            Err(Refused::Rejected(error)) => Err(error),
            Err(Refused::Failed(error)) => Err(error.into()),
        }
    }
}

/// Whether the case as it is remembered says that this person may look at it. Such rights are never taken away.
fn stands(directory: &Directory, seat: &Seat, held: &Held) -> bool {
    let Some(person) = &seat.person else { return false };
    held.log.access.keys().any(|(who, _)| match who {
        Who::Person(id) => *id == person.id,
        Who::Post(id) => directory.seat(&person.id, id).is_some(),
        Who::Unit(id) => directory.posts_of(&person.id).any(|post| post.unit == *id),
    })
}

/// The stored answer, if the key came with the same request.
fn answered_before(order: &Order, known: &wenshu_storage::KnownKey) -> Result<Acted, Error> {
    if order.key.as_ref().is_none_or(|key| key.request != known.request) {
        return Err(Error::KeyReused);
    }
    let acted: Acted =
        serde_json::from_str(&known.answer).map_err(Error::unreadable("a stored answer"))?;
    Ok(Acted { again: true, ..acted })
}

/// One more act, for the operator; an answer given again is none.
pub(crate) fn counted(kind: &'static str, again: bool) {
    if !again {
        metrics::counter!("wenshu_acts_total", "kind" => kind).increment(1);
    }
}

/// What the operator counts an act as.
fn kind(command: &Command) -> &'static str {
    match command {
        Command::Start { .. } => "start",
        Command::Complete(_) => "complete",
        Command::SendBack { .. } => "send_back",
        Command::Withdraw { .. } => "withdraw",
        Command::Reopen { .. } => "reopen",
        Command::Answer { .. } => "answer",
        Command::Retry { .. } => "retry",
        Command::Appoint { .. } => "appoint",
        Command::Reassign { .. } => "reassign",
        Command::Transfer { .. } => "transfer",
        Command::Claim { .. } => "claim",
        Command::Release { .. } => "release",
        Command::Open { .. } => "open",
        Command::Read { .. } => "read",
        Command::Cc { .. } => "cc",
        Command::Circulate { .. } => "circulate",
        Command::Urge { .. } => "urge",
        Command::Link { .. } => "link",
        Command::Terminate { .. } => "terminate",
    }
}

/// Whether a command can move the case on, so that the text may be asked about.
fn moves(command: &Command) -> bool {
    match command {
        Command::Complete(_)
        | Command::SendBack { .. }
        | Command::Withdraw { .. }
        | Command::Reopen { .. }
        | Command::Answer { .. }
        | Command::Start { .. }
        | Command::Retry { .. }
        | Command::Appoint { .. } => true,
        Command::Transfer { .. }
        | Command::Claim { .. }
        | Command::Release { .. }
        | Command::Open { .. }
        | Command::Read { .. }
        | Command::Cc { .. }
        | Command::Circulate { .. }
        | Command::Urge { .. }
        | Command::Link { .. }
        | Command::Reassign { .. }
        | Command::Terminate { .. } => false,
    }
}

/// Everything that an act's writes are made of, owned, so that it can go on inside the commit.
pub(crate) struct Making {
    pub workflow: Arc<Workflow>,
    pub directory: Arc<Directory>,
    pub calendar: Arc<Calendar>,
    pub vocabulary: Arc<Vocabulary>,
    pub actor: Actor,
    pub now: DateTime<Utc>,
    pub facts: Facts,
    /// The document of a case that begins.
    pub document: Option<DocumentId>,
    pub order: Order,
    pub held: Held,
    pub revision: Option<Revision>,
    pub body: Option<Arc<Body>>,
    pub asked: BTreeMap<AskId, String>,
    pub begun: Option<DocumentEvent>,
    pub also: Writes,
    pub channels: Vec<String>,
}

impl Making {
    fn decide(
        &self,
        actor: &Actor,
        case: wenshu_core::Case,
        command: Command,
    ) -> Result<Decision, Error> {
        let cx = Context {
            workflow: &self.workflow,
            directory: &self.directory,
            calendar: &self.calendar,
            vocabulary: &self.vocabulary,
            facts: &self.facts,
            actor,
            now: self.now,
            document: self.document,
        };
        Ok(decide(&cx, case, command)?)
    }

    /// The write set, and the case as it will be once it is committed.
    fn finish(
        self,
        decision: Decision,
        number: Option<(Number, String)>,
    ) -> Result<(Writes, Held), Error> {
        let Decision { case, events, asks } = decision;
        let Held { mut log, document: mut document_log, workflow } = self.held;
        let mut writes = self.also;
        let was_draft = project::is_draft(&Subject {
            workflow: &workflow,
            log: &log,
            document: document_log.as_ref(),
        });
        let begins = log.head.version == 0;
        if !begins {
            writes.directory = Some(self.directory.version);
        }
        let circumstances = Circumstances {
            key: self.order.key.as_ref().map(|key| key.key.clone()),
            workflow: Some(workflow.hash.clone()),
            ..Circumstances::new(
                self.now,
                &self.actor,
                self.directory.version,
                self.calendar.version,
            )
        };
        let id = case.id;

        let mut document_events = vec![];
        if let (Some(event), Some(document)) = (self.begun, case.document) {
            let first = circumstances.wrap(0, std::slice::from_ref(&event));
            document_log = first.first().and_then(|first| DocumentLog::begun(document, first));
            document_events.push(event);
        }
        let mut sent = vec![];
        if let Some(log) = &mut document_log {
            let scene = Scene {
                workflow: &workflow,
                directory: &self.directory,
                actor: &self.actor,
                now: self.now,
                revision: self.revision.as_ref(),
                body: self.body.as_deref(),
                made: self.order.made.as_ref(),
                number: number.as_ref(),
                asked: &self.asked,
            };
            let came = consequences(&scene, &case, &events, &mut log.document)?;
            document_events.extend(came.document);
            sent = came.sent;
        }

        let envelopes = circumstances.wrap(log.head.version, &events);
        let append = envelope::append(id, StreamKind::Case, log.head.clone(), &envelopes)?;
        log.case = case;
        log.head = append.to.clone();
        log.touched = crate::log::Touched::default();
        for envelope in &envelopes {
            log.note(envelope);
        }
        writes.appends.push(append);

        let changed = !document_events.is_empty();
        log.touched.document = changed;
        if let Some(log) = document_log.as_mut().filter(|_| changed) {
            let envelopes = circumstances.wrap(log.head.version, &document_events);
            let append = envelope::append(
                log.document.id,
                StreamKind::Document,
                log.head.clone(),
                &envelopes,
            )?;
            log.head = append.to.clone();
            for envelope in &envelopes {
                log.note(envelope);
            }
            writes.appends.push(append);
        }
        if let Some(log) = &document_log {
            for (delivery, event) in sent {
                let envelopes = circumstances.wrap(0, std::slice::from_ref(&event));
                let append =
                    envelope::append(delivery, StreamKind::Delivery, Head::default(), &envelopes)?;
                if let Some(sent) = DeliveryLog::replay(delivery, &envelopes, append.to.clone()) {
                    let row = project::delivery_row(&sent, &log.document, &self.directory);
                    if let Some(post) = &row.to_post {
                        let text = format!("{}来文：《{}》，请签收", row.from_unit_name, row.title);
                        let letter = Letter {
                            kind: "delivery".into(),
                            text,
                            case: None,
                            title: row.title.clone(),
                            task: None,
                        };
                        let stream = StreamId::from(delivery);
                        tell(
                            &mut writes,
                            &stream,
                            1,
                            holders(&self.directory, post),
                            &letter,
                            &self.channels,
                            self.now,
                        );
                    }
                    writes.put(&row);
                }
                writes.appends.push(append);
            }
        }

        let subject = Subject { workflow: &workflow, log: &log, document: document_log.as_ref() };
        // The worklists are ordered by the document's urgency, and tell drafts from work.
        if changed || was_draft != project::is_draft(&subject) {
            let open: Vec<_> = log.case.open_tasks().map(|task| task.id).collect();
            log.touched.tasks.extend(open);
        }
        let subject = Subject { workflow: &workflow, log: &log, document: document_log.as_ref() };
        project::put(&mut writes, &subject, Copies::Anew);
        let renamed = events.iter().any(|event| matches!(event, Event::Renamed { .. }));
        if changed || renamed || begins {
            writes.search.push(project::search_text(&subject, self.body.as_deref()));
        }
        self.order.marks(&mut writes, &subject, self.now);
        for ask in &asks {
            if let Ask::Later { id: ask, work } = ask
                && log.case.asks.contains_key(ask)
            {
                writes.put(&job(id, *ask, &work.effect, self.now));
            }
        }
        notify(&mut writes, &log, &events, &self.directory, &self.channels, self.now);
        if let Some((key, person)) =
            self.order.key.as_ref().zip(self.actor.seat().and_then(|seat| seat.person.as_ref()))
        {
            let acted = Acted { case: id, version: log.head.version, again: false };
            writes.key = Some(Key {
                person: person.id.clone(),
                key: key.key.clone(),
                request: key.request.clone(),
                answer: serde_json::to_string(&acted).map_err(Error::unreadable("an answer"))?,
                at: self.now,
            });
        }
        Ok((writes, Held { log, document: document_log, workflow }))
    }
}

impl Order {
    /// What an act leaves behind beside its events: the working copy is used up, a job is over, a version was seen.
    fn marks(&self, writes: &mut Writes, subject: &Subject<'_>, now: DateTime<Utc>) {
        match self.job {
            Some(JobEnd::Answered { id, attempts }) => {
                writes.finishes.push(Finish::Job { id, attempts });
            }
            Some(JobEnd::GoesOn { id, attempts }) => {
                writes.finishes.push(Finish::PartOfJob { id, attempts });
            }
            Some(JobEnd::GivenUp(id)) => writes.remove::<JobRow>(&[&id.to_string()]),
            None => {}
        }
        let Some(person) = self.actor.seat().and_then(|seat| seat.person.as_ref()) else { return };
        let Command::Complete(completion) = &self.command else { return };
        match completion.outcome {
            Outcome::Approved => {
                let case = self.case.to_string();
                writes.remove::<WorkingRow>(&[&case, person.id.as_str()]);
            }
            Outcome::Refused => {}
        }
        if let Some(log) = subject.document {
            let version = log.document.version;
            writes.put(&SeenRow { person: person.id.clone(), case: self.case, version, at: now });
        }
    }
}

/// The job that brings about a later effect. Its id is made of what it is for, so it is asked for once.
pub(crate) fn job(case: CaseId, ask: AskId, effect: &str, now: DateTime<Utc>) -> JobRow {
    let id = Uuid::new_v5(&case.0, format!("job/{ask}").as_bytes());
    JobRow::new(id, Some((case, ask)), effect, wenshu_storage::Json::default(), at_once(now))
}

/// Puts what people should hear into the outbox: once for each person and channel.
fn notify(
    writes: &mut Writes,
    log: &CaseLog,
    events: &[Event],
    directory: &Directory,
    channels: &[String],
    now: DateTime<Utc>,
) {
    let stream = StreamId::from(log.case.id);
    let mut letters: BTreeMap<wenshu_core::id::PersonId, Letter> = BTreeMap::new();
    for notice in notice::notices(&log.case, events) {
        for person in people(directory, &notice.to) {
            let kind = project::word(&notice.kind);
            match letters.get_mut(&person) {
                Some(letter) if letter.text.contains(&notice.text) => {}
                Some(letter) => letter.text = format!("{}\n{}", letter.text, notice.text),
                None => {
                    let (text, title) = (notice.text.clone(), log.case.title.clone());
                    letters.insert(
                        person,
                        Letter { kind, text, case: Some(log.case.id), title, task: notice.task },
                    );
                }
            }
        }
    }
    // Whoever can mend a stalled case is told that there is one.
    let mut told = BTreeSet::new();
    for event in events {
        let Event::Stalled { title: step, reason, .. } = event else { continue };
        let admins = directory.posts.values().filter(|post| post.roles.contains(FLOW_ADMIN));
        for person in admins.flat_map(|post| holders(directory, &post.id)) {
            if told.insert(person.clone()) {
                let text = format!("《{}》停滞于“{step}”：{reason}", log.case.title);
                let (case, title) = (Some(log.case.id), log.case.title.clone());
                let letter = Letter { kind: "stalled".into(), text, case, title, task: None };
                letters.entry(person).or_insert(letter);
            }
        }
    }
    for (person, letter) in letters {
        tell(writes, &stream, log.head.version, vec![person], &letter, channels, now);
    }
}

pub(crate) fn tell(
    writes: &mut Writes,
    stream: &StreamId,
    seq: u64,
    people: Vec<wenshu_core::id::PersonId>,
    letter: &Letter,
    channels: &[String],
    now: DateTime<Utc>,
) {
    for person in people {
        for channel in channels {
            writes.put_if_absent(&OutboxRow::new(
                stream.clone(),
                seq,
                person.clone(),
                channel,
                project::json(letter),
                at_once(now),
            ));
        }
    }
}

fn people(directory: &Directory, seat: &Seat) -> Vec<wenshu_core::id::PersonId> {
    match &seat.person {
        Some(person) => vec![person.id.clone()],
        None => holders(directory, &seat.post),
    }
}

/// The people who hold a post now.
pub(crate) fn holders(
    directory: &Directory,
    post: &wenshu_core::id::PostId,
) -> Vec<wenshu_core::id::PersonId> {
    directory
        .seats_of(post)
        .into_iter()
        .filter_map(|seat| seat.person.as_ref().map(|person| person.id.clone()))
        .collect()
}
