//! The demo documents played through the core alone: a rehearsal in memory of what `seed` plays in the office.
//! Numbers and files are made up at once; the rules of documents are checked as the office would check them.

use super::{
    City, city,
    script::{Script, scripts},
    stage::{Draft, House, Played, Post, Stage, play},
};
use anyhow::{Context as _, Result, anyhow, bail, ensure};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use std::{collections::BTreeMap, sync::Arc};
use uuid::Uuid;
use wenshu_core::{
    Ask, Case, Context, Vocabulary, Workflow,
    calendar::Calendar,
    command::{Actor, Answer, Command},
    compile, decide,
    directory::{Directory, Seat},
    event::Ended,
    forecast::forecast,
    id::{CaseId, DocumentId, UnitId},
    value::{Facts, Value},
};
use wenshu_document::{
    Body, Document, DocumentEvent, Kind, Level, Metadata, Moment, check, event::BodyRef, revise,
    vocabulary, vocabulary::metadata_facts,
};

/// Everything in memory.
struct Rehearsal {
    directory: Directory,
    calendar: Calendar,
    vocabulary: Vocabulary,
    flows: BTreeMap<String, Arc<Workflow>>,
    now: DateTime<Utc>,
    cases: BTreeMap<CaseId, Sheet>,
    /// Deliveries by case and unit: signed for or not yet.
    sent: BTreeMap<(CaseId, UnitId), &'static str>,
    numbers: u32,
    links: Vec<(CaseId, CaseId)>,
}

struct Sheet {
    case: Arc<Case>,
    flow: Arc<Workflow>,
    document: Option<Document>,
    facts: Facts,
    body: Body,
    /// Fields saved and not yet handed over.
    working: Facts,
}

impl Rehearsal {
    fn new(directory: Directory, now: DateTime<Utc>) -> Self {
        let vocabulary = vocabulary();
        let sources = [
            include_str!("../../../../workflows/outgoing.yaml"),
            include_str!("../../../../workflows/incoming.yaml"),
            include_str!("../../../../workflows/request.yaml"),
            include_str!("../../../../workflows/leave.yaml"),
        ];
        let compiled = sources
            .map(|source| Arc::new(compile(source, &vocabulary).expect("a shipped flow compiles")));
        let flows = compiled.into_iter().map(|flow| (flow.name.clone(), flow)).collect();
        Self {
            directory,
            calendar: Calendar::announced(),
            vocabulary,
            flows,
            now,
            cases: BTreeMap::new(),
            sent: BTreeMap::new(),
            numbers: 0,
            links: vec![],
        }
    }

    fn flow(&self, name: &str) -> Result<Arc<Workflow>> {
        self.flows.get(name).cloned().with_context(|| format!("没有流程 {name}"))
    }

    /// Decides, and answers what the core asks of the shell.
    fn decide(&mut self, id: CaseId, actor: &Actor, command: Command) -> Result<()> {
        let sheet = self.cases.get(&id).context("没有这个办件")?;
        let (mut case, flow, document) =
            ((*sheet.case).clone(), sheet.flow.clone(), sheet.document.as_ref());
        let mut todo = vec![(actor.clone(), command)];
        while let Some((actor, command)) = todo.pop() {
            let cx = Context {
                workflow: &flow,
                directory: &self.directory,
                calendar: &self.calendar,
                vocabulary: &self.vocabulary,
                facts: &sheet.facts,
                actor: &actor,
                now: self.now,
                document: document.map(|document| document.id),
            };
            let decision =
                decide(&cx, case, command).map_err(|rejection| anyhow!("{rejection}"))?;
            case = decision.case;
            for ask in decision.asks {
                let (Ask::Now { id: ask, .. } | Ask::Later { id: ask, .. }) = ask;
                self.numbers += 1;
                let answer = Answer::Done { result: self.numbers.to_string() };
                todo.push((Actor::System, Command::Answer { ask, answer }));
            }
        }
        ensure!(case.stalls.is_empty(), "停滞：{:?}", case.stalls);
        let sent_before = sheet.case.effects.contains_key("dispatch");
        if case.effects.contains_key("dispatch") && !sent_before {
            let metadata = &document.context("分发的不是公文")?.metadata;
            for unit in metadata.recipients.iter().chain(&metadata.cc) {
                self.sent.insert((id, unit.clone()), "sent");
            }
        }
        if let Some(sheet) = self.cases.get_mut(&id) {
            sheet.case = Arc::new(case);
        }
        Ok(())
    }

    fn open(&mut self, flow: &str, by: &Seat, metadata: Option<Metadata>) -> Result<CaseId> {
        let id = CaseId(Uuid::from_u128(self.cases.len() as u128 + 1));
        let body = Body::default();
        let document = metadata.map(|metadata| {
            let event = DocumentEvent::Drafted {
                case: id,
                metadata: Box::new(metadata),
                body: BodyRef::from(&body),
                by: by.clone(),
                at: self.now,
                received: None,
            };
            Document::begun(DocumentId(id.0), &event).expect("a draft begins a document")
        });
        let facts = document
            .as_ref()
            .map(|document| metadata_facts(&document.metadata))
            .unwrap_or_default();
        let title =
            document.as_ref().map(|document| document.metadata.title.clone()).unwrap_or_default();
        let flow = self.flow(flow)?;
        let sheet = Sheet {
            case: Arc::new(Case::new(id)),
            flow,
            document,
            facts,
            body,
            working: Facts::new(),
        };
        self.cases.insert(id, sheet);
        self.decide(id, &Actor::Person(by.clone()), Command::Start { title })?;
        Ok(id)
    }
}

impl Stage for Rehearsal {
    fn clock(&mut self, at: DateTime<Utc>) {
        assert!(at >= self.now, "时间倒流");
        self.now = at;
    }

    async fn begin(&mut self, by: &Seat, draft: Draft<'_>) -> Result<CaseId> {
        let organ = self.directory.organ_of(&by.unit).context("没有机关")?.id.clone();
        let kind = draft.fields.get("kind").and_then(|kind| Kind::from_title(&kind.ids().concat()));
        let metadata = kind.map(|kind| Metadata::new(kind, draft.title, organ, by.unit.clone()));
        ensure!(metadata.is_some() || draft.fields.is_empty(), "没有文种");
        let id = self.open(draft.flow, by, metadata)?;
        let sheet = self.cases.get_mut(&id).context("没有这个办件")?;
        sheet.working = draft.fields;
        if sheet.document.is_some() {
            sheet.working.insert("body".into(), Value::Text(draft.body.to_tiptap().to_string()));
        }
        Ok(id)
    }

    async fn look(&mut self, case: CaseId) -> Result<(Arc<Case>, Arc<Workflow>)> {
        let sheet = self.cases.get(&case).context("没有这个办件")?;
        Ok((sheet.case.clone(), sheet.flow.clone()))
    }

    async fn act(
        &mut self,
        by: &Actor,
        case: CaseId,
        mut command: Command,
        hand_over: bool,
    ) -> Result<()> {
        let sheet = self.cases.get_mut(&case).context("没有这个办件")?;
        let mut handed = None;
        if let (true, Some(document)) = (hand_over, &mut sheet.document) {
            let working = std::mem::take(&mut sheet.working);
            let revision = revise(&document.metadata, &sheet.body, &working, &[])
                .map_err(|all| anyhow!("{all:?}"))?;
            document.metadata = revision.metadata;
            sheet.body = revision.body.unwrap_or_else(|| sheet.body.clone());
            let mut findings = check(document, &sheet.body, &self.directory, Moment::Sign);
            // The registry links a reply to its request when it numbers it.
            findings.retain(|finding| finding.rule != "R-22");
            // Nothing of the demo may look careless: not even a local habit is broken.
            ensure!(findings.is_empty(), "{findings:?}");
            let mut facts = metadata_facts(&document.metadata);
            facts.insert("body".into(), Value::Text(sheet.body.plain_text()));
            handed = Some(facts);
            if let Command::Complete(completion) = &mut command {
                completion.changes = working;
            }
        }
        if let Some(facts) = handed {
            sheet.facts = facts;
        }
        self.decide(case, by, command)
    }

    async fn rewrite(&mut self, by: &Seat, case: CaseId, old: &str, new: &str) -> Result<()> {
        let sheet = self.cases.get_mut(&case).context("没有这个办件")?;
        ensure!(sheet.case.initiator.as_ref() == Some(by), "不是拟稿人");
        let body = sheet.body.to_tiptap().to_string();
        ensure!(body.contains(old), "正文里没有“{old}”");
        sheet.working.insert("body".into(), Value::Text(body.replace(old, new)));
        Ok(())
    }

    async fn post(&mut self, _: &Seat, case: CaseId, to: &UnitId, what: Post<'_>) -> Result<()> {
        let state =
            self.sent.get_mut(&(case, to.clone())).with_context(|| format!("没有发给 {to}"))?;
        match (&what, *state) {
            (Post::Sign, "sent") => *state = "signed",
            (Post::Return(_), "sent" | "signed") => *state = "returned",
            (Post::Urge, "sent") => {}
            (Post::Sign | Post::Return(_) | Post::Urge, state) => bail!("{to} 的分发件是 {state}"),
        }
        Ok(())
    }

    async fn register(&mut self, by: &Seat, case: CaseId, to: &UnitId) -> Result<CaseId> {
        let state =
            self.sent.get_mut(&(case, to.clone())).with_context(|| format!("没有发给 {to}"))?;
        ensure!(*state == "signed", "{to} 还没有签收");
        *state = "registered";
        let sender = self.cases.get(&case).and_then(|sheet| sheet.document.as_ref());
        let metadata = sender.context("登记的不是公文")?.metadata.clone();
        self.open("incoming", by, Some(metadata))
    }

    async fn link(&mut self, by: &Seat, case: CaseId, other: CaseId) -> Result<()> {
        ensure!(case != other, "办件不能与自己关联");
        for id in [case, other] {
            let sheet = self.cases.get(&id).context("没有这个办件")?;
            let seats =
                sheet.case.tasks.values().flat_map(|task| task.holder.iter().chain(&task.offered));
            ensure!(
                seats.chain(&sheet.case.initiator).any(|seat| seat.post == by.post),
                "{} 看不到 {id}",
                by.label()
            );
        }
        self.links.push((case, other));
        Ok(())
    }
}

fn now() -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(2026, 11, 20).expect("a date").and_time(NaiveTime::MIN).and_utc()
}

async fn rehearse() -> (Rehearsal, Played) {
    let City { directory, .. } = city().expect("the city's files are well formed");
    let scripts: Vec<Script> = scripts().expect("the scripts are well formed");
    let mut stage = Rehearsal::new(directory.clone(), DateTime::<Utc>::MIN_UTC);
    let (calendar, vocabulary) = (Calendar::announced(), vocabulary());
    let house =
        House { directory: &directory, calendar: &calendar, vocabulary: &vocabulary, now: now() };
    let played =
        play(&mut stage, &house, &scripts).await.unwrap_or_else(|error| panic!("{error:#}"));
    (stage, played)
}

#[tokio::test]
async fn thirty_documents_end_up_in_many_states() {
    let (stage, played) = rehearse().await;
    assert_eq!(played.cases.len(), 30);
    let whereabouts: Vec<String> = played
        .cases
        .iter()
        .map(|(id, case)| format!("{id}：{}", stage.cases[case].case.whereabouts()))
        .collect();
    for wanted in ["拟稿", "处室审核", "会签", "核稿", "签发", "编号", "用印", "登记批复"]
    {
        assert!(
            whereabouts.iter().any(|line| line.contains(wanted)),
            "没有停在“{wanted}”的：{whereabouts:#?}"
        );
    }
    let ended = |how: Ended| {
        played.cases.values().filter(|case| stage.cases[*case].case.ended == Some(how)).count()
    };
    assert!(ended(Ended::Finished) >= 8, "{whereabouts:#?}");
    let states: Vec<&str> = stage.sent.values().copied().collect();
    for wanted in ["sent", "signed", "returned", "registered"] {
        assert!(states.contains(&wanted), "{wanted}");
    }
    let own = |ended: bool| {
        played
            .received
            .values()
            .filter(|case| stage.cases[*case].case.ended.is_some() == ended)
            .count()
    };
    assert_eq!(stage.links.len(), 2);
    assert!(own(true) >= 2 && own(false) >= 4, "收文办件应有办结的和在办的");
}

#[tokio::test]
async fn some_tasks_are_late_and_some_drafts_were_sent_back() {
    let (stage, played) = rehearse().await;
    let open = |case: &CaseId| stage.cases[case].case.open_tasks().cloned().collect::<Vec<_>>();
    let late = played
        .cases
        .values()
        .flat_map(open)
        .filter(|task| task.due.is_some_and(|due| due.at < now()));
    assert!(late.count() >= 3);
    for id in ["rexian", "loudong", "qujia-3"] {
        let case = &stage.cases[&played.cases[id]].case;
        let initiator = case.initiator.as_ref().expect("an initiator");
        assert!(
            case.open_tasks().any(|task| task.holder.as_ref() == Some(initiator)),
            "{id} 应在拟稿人手上"
        );
        assert!(case.ended.is_none());
    }
}

#[test]
fn whoever_begins_a_shipped_flow_in_whatever_unit_finds_somebody_for_every_step() {
    let City { directory, .. } = city().expect("the city's files are well formed");
    let mut stage = Rehearsal::new(directory.clone(), now());
    for unit in directory.units.values() {
        // None of the three administrators begins anything.
        let acts = |post: &&wenshu_core::directory::Post| post.administers().next().is_none();
        let mut posts = directory.posts.values().filter(acts);
        let post = posts.find(|post| post.unit == unit.id && !post.title.contains("科员"));
        let Some(seat) = post.and_then(|post| directory.seats_of(&post.id).into_iter().next())
        else {
            continue;
        };
        for name in ["outgoing", "request", "leave"] {
            let organ = directory.organ_of(&unit.id).expect("an organ").id.clone();
            let metadata = Metadata::new(Kind::Notice, "试拟稿的通知", organ, unit.id.clone());
            let carried = (name != "leave").then_some(metadata);
            let id = stage.open(name, &seat, carried).expect("it begins");
            let sheet = &stage.cases[&id];
            let actor = Actor::Person(seat.clone());
            let cx = Context {
                workflow: &sheet.flow,
                directory: &stage.directory,
                calendar: &stage.calendar,
                vocabulary: &stage.vocabulary,
                facts: &sheet.facts,
                actor: &actor,
                now: now(),
                document: sheet.document.as_ref().map(|document| document.id),
            };
            for step in forecast(&cx, &sheet.case) {
                assert!(!step.vacant, "{} {name}：{}没有人", unit.name, step.title);
            }
        }
    }
}

#[test]
fn no_script_says_what_a_line_cannot_mean() {
    let all = scripts().expect("the scripts are well formed");
    assert_eq!(all.len(), 30);
    let kinds: std::collections::BTreeSet<_> = all
        .iter()
        .filter_map(|script| script.fields.get("kind"))
        .map(|kind| format!("{kind:?}"))
        .collect();
    assert!(kinds.len() >= 8, "{kinds:?}");
    assert!(all.iter().all(|script| !script.text(2026).is_blank() || !script.form.is_empty()));
    assert!(all.windows(2).all(|pair| pair[0].ago >= pair[1].ago));
    assert!(Level::Block < Level::Warn);
}
