//! The sample office in operation, with its people by name.

use crate::{
    database::{Backend, Place},
    paper::PaperPress,
};
use anyhow::{Context, Result, anyhow};
use chrono::{DateTime, TimeDelta, Utc};
use std::{sync::Arc, time::Duration};
use wenshu_core::{
    command::{Actor, Command, Completion, Outcome},
    directory::{Directory, Seal, Seat, Unit},
    event::{Task, TaskState},
    id::{CaseId, StepId, TaskId},
    office_file,
    value::{Facts, Value},
    workflow::Resume,
};
use wenshu_document::{Body, Kind, Press, Series};
use wenshu_notify::{Channel, Dispatcher, InApp, Memory, Patience};
use wenshu_office::{
    Acted, CaseFile, Clock, Error, Hand, NewAccount, NewCase, Office, RequestKey, SealRegister,
    Settings,
};
use wenshu_storage::Storage;

/// Monday 2026-03-02, 09:00 in Shanghai.
const START: i64 = 1_772_413_200;

/// The password of everybody in the sample office.
pub const PASSWORD: &str = "wenshu-test";

/// The shipped flows, as they lie beside the crates.
#[must_use]
pub fn shipped_flows() -> [&'static str; 4] {
    [
        include_str!("../../../workflows/outgoing.yaml"),
        include_str!("../../../workflows/incoming.yaml"),
        include_str!("../../../workflows/request.yaml"),
        include_str!("../../../workflows/leave.yaml"),
    ]
}

/// Seals that look all the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct SampleSeals;

impl SealRegister for SampleSeals {
    fn image(&self, seal: &Seal, _: &Unit) -> Option<(Vec<u8>, String)> {
        let svg =
            format!("<svg xmlns='http://www.w3.org/2000/svg'><title>{}</title></svg>", seal.name);
        Some((svg.into_bytes(), format!("{}（样例）", seal.name)))
    }
}

/// An office to test in.
#[derive(Debug)]
pub struct TestOffice {
    pub office: Office,
    pub hand: Hand,
    pub clock: Clock,
    pub directory: Directory,
    pub post: Dispatcher,
    /// What the memory channel carried.
    pub letters: Memory,
    pub place: Arc<Place>,
}

impl TestOffice {
    /// The sample office on a new database.
    pub async fn new(backend: Backend) -> Result<Self> {
        Self::with_press(backend, Arc::new(PaperPress)).await
    }

    /// The same with another press.
    pub async fn with_press(backend: Backend, press: Arc<dyn Press>) -> Result<Self> {
        Self::in_place(Place::new(backend).await?, press).await
    }

    /// The same in an empty place that is there already.
    pub async fn in_place(place: Place, press: Arc<dyn Press>) -> Result<Self> {
        let place = Arc::new(place);
        let start = DateTime::from_timestamp(START, 0).context("a time")?;
        let (clock, hand) = Clock::by_hand(start);
        let lease = Settings::default().job_lease;
        let made = Self::over(place, clock, hand, press, lease).await?;
        let directory = office_file::read(include_str!("../../../workflows/sample-office.yaml"))
            .map_err(|problems| anyhow!("{problems:?}"))?;
        made.office
            .put_directory(&Actor::System, directory.clone(), &series(&directory), "样例机关")
            .await?;
        for flow in shipped_flows() {
            made.deploy(flow).await?;
        }
        Ok(Self { directory: (*made.office.directory().await?).clone(), ..made })
    }

    /// Over an office that was played before, with the clock at its beginning.
    pub async fn over_played(place: Place) -> Result<Self> {
        let start = DateTime::from_timestamp(START, 0).context("a time")?;
        let (clock, hand) = Clock::by_hand(start);
        let (press, lease) = (Arc::new(PaperPress), Settings::default().job_lease);
        let made = Self::over(Arc::new(place), clock, hand, press, lease).await?;
        Ok(Self { directory: (*made.office.directory().await?).clone(), ..made })
    }

    /// Another node over the same data, with the same clock.
    pub async fn another_node(&self) -> Result<Self> {
        let lease = Settings::default().job_lease;
        self.another_node_with(Arc::new(PaperPress), lease).await
    }

    /// The same with a press of its own, and jobs that are its own for so long.
    pub async fn another_node_with(&self, press: Arc<dyn Press>, lease: Duration) -> Result<Self> {
        let (clock, hand) = (self.clock.clone(), self.hand.clone());
        let made = Self::over(Arc::clone(&self.place), clock, hand, press, lease).await?;
        Ok(Self { directory: self.directory.clone(), ..made })
    }

    async fn over(
        place: Arc<Place>,
        clock: Clock,
        hand: Hand,
        press: Arc<dyn Press>,
        job_lease: Duration,
    ) -> Result<Self> {
        let storage = place.open().await?;
        let mut settings =
            Settings { seals: Arc::new(SampleSeals), job_lease, ..Settings::default() };
        settings.channels =
            vec![wenshu_notify::IN_APP.to_owned(), wenshu_notify::MEMORY.to_owned()];
        let office = Office::open(storage.clone(), press, clock.clone(), settings).await?;
        let letters = Memory::default();
        let channels: Vec<Arc<dyn Channel>> = vec![Arc::new(InApp), Arc::new(letters.clone())];
        let now = clock.clone();
        let post =
            Dispatcher::new(storage, channels, Arc::new(move || now.now()), Patience::default());
        Ok(Self { office, hand, clock, directory: Directory::default(), post, letters, place })
    }

    /// Where everything lasts.
    #[must_use]
    pub fn storage(&self) -> &Storage {
        self.office.storage()
    }

    /// Deploys a flow, or shows its problems.
    pub async fn deploy(&self, source: &str) -> Result<()> {
        match self.office.deploy(None, source, "测试").await {
            Ok(_) => Ok(()),
            Err(Error::Problems(problems)) => Err(anyhow!(
                "{}",
                problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
            )),
            Err(error) => Err(error.into()),
        }
    }

    /// Accounts for everybody; the login is the person's id.
    pub async fn add_accounts(&self) -> Result<()> {
        let account = |id: &wenshu_core::id::PersonId| NewAccount {
            login: id.to_string(),
            person: id.clone(),
            password: PASSWORD.to_owned(),
            demo: false,
            one_time: false,
        };
        Ok(self.office.add_accounts(self.directory.people.keys().map(account).collect()).await?)
    }

    /// A person by name, in their main post.
    ///
    /// # Panics
    /// When nobody is called so.
    #[must_use]
    pub fn seat(&self, name: &str) -> Seat {
        let person = self.directory.people.values().find(|person| person.name == name);
        let seat = person.and_then(|person| {
            let main = self.directory.main_seat(&person.id);
            main.or_else(|| {
                self.directory
                    .posts_of(&person.id)
                    .find_map(|post| self.directory.seat(&person.id, &post.id))
            })
        });
        seat.unwrap_or_else(|| panic!("nobody is called {name}"))
    }

    /// The same as one who acts.
    #[must_use]
    pub fn actor(&self, name: &str) -> Actor {
        Actor::Person(self.seat(name))
    }

    /// A unit's id by its short name.
    ///
    /// # Panics
    /// When no unit is called so.
    #[must_use]
    pub fn unit(&self, short: &str) -> String {
        let unit = self.directory.units.values().find(|unit| unit.short == short);
        unit.unwrap_or_else(|| panic!("no unit {short}")).id.to_string()
    }

    /// A new draft.
    pub async fn draft(&self, by: &str, workflow: &str, kind: Kind, title: &str) -> Result<CaseId> {
        let new = NewCase { workflow: workflow.into(), kind: Some(kind), title: title.into() };
        Ok(self.office.create(&self.seat(by), new, None).await?.case)
    }

    /// Saves what somebody is writing: fields by name, units by their short names, and plain text.
    pub async fn write(
        &self,
        by: &str,
        case: CaseId,
        fields: &[(&str, &str)],
        text: Option<&str>,
    ) -> Result<()> {
        let seat = self.seat(by);
        let file = self.office.file(&seat, case).await?;
        let mut facts = file.working.map(|working| working.fields).unwrap_or_default();
        facts.extend(self.facts(fields));
        let body = text.map(|text| Body::from_plain(text).to_tiptap());
        self.office.save_working(&seat, case, facts, body, file.case.document_version).await?;
        Ok(())
    }

    /// Field values as tests write them.
    #[must_use]
    pub fn facts(&self, fields: &[(&str, &str)]) -> Facts {
        let value = |name: &str, value: &str| match name {
            "recipients" | "cc" | "countersign_units" => Value::List(
                value
                    .split('、')
                    .filter(|unit| !unit.is_empty())
                    .map(|unit| self.unit(unit))
                    .collect(),
            ),
            "organ" => Value::Text(self.unit(value)),
            "days" => Value::Number(value.parse().unwrap_or_default()),
            _ => Value::Text(value.to_owned()),
        };
        fields.iter().map(|(name, text)| ((*name).to_owned(), value(name, text))).collect()
    }

    /// The open task that somebody holds or may take up; at a step, when they have several.
    pub async fn task(&self, who: &str, case: CaseId, step: Option<&str>) -> Result<Task> {
        let seat = self.seat(who);
        let file = self.office.file(&seat, case).await?;
        let posts: Vec<_> = seat
            .person
            .iter()
            .flat_map(|person| self.directory.posts_of(&person.id))
            .map(|p| &p.id)
            .collect();
        let mine = |task: &&Task| {
            task.state == TaskState::Open
                && step.is_none_or(|step| task.title == step || task.step.as_str() == step)
                && match &task.holder {
                    Some(holder) => holder.admits(&seat),
                    None => task
                        .offered
                        .iter()
                        .any(|offered| offered.admits(&seat) || posts.contains(&&offered.post)),
                }
        };
        let found = file.case.tasks.values().find(mine).cloned();
        found.with_context(|| format!("{who}没有待办；当时：{}", file.case.whereabouts()))
    }

    /// 同意 or 提交, with what was saved.
    pub async fn approve(&self, who: &str, case: CaseId, opinion: &str) -> Result<Acted> {
        let task = self.task(who, case, None).await?;
        let completion = completion(task.id, Outcome::Approved, opinion);
        Ok(self
            .office
            .hand_over(&self.actor(who), case, Command::Complete(completion), None)
            .await?)
    }

    /// 退回.
    pub async fn send_back(
        &self,
        who: &str,
        case: CaseId,
        to: &str,
        resume: Option<Resume>,
        opinion: &str,
    ) -> Result<Acted> {
        let task = self.task(who, case, None).await?;
        let file = self.office.file(&self.seat(who), case).await?;
        let node = file
            .workflow
            .by_id
            .iter()
            .find(|(id, node)| file.workflow.node(**node).title == to || id.as_str() == to);
        let to: StepId = node.map(|(id, _)| id.clone()).with_context(|| format!("no step {to}"))?;
        let command = Command::SendBack { task: task.id, to, resume, opinion: opinion.into() };
        self.act(who, case, command).await
    }

    /// Any command.
    pub async fn act(&self, who: &str, case: CaseId, command: Command) -> Result<Acted> {
        Ok(self.office.run(&self.actor(who), case, command, None).await?)
    }

    /// The same with an idempotency key.
    pub async fn act_once(
        &self,
        who: &str,
        case: CaseId,
        command: Command,
        key: &str,
    ) -> Result<Acted, Error> {
        let request = format!("{command:?}");
        let key = RequestKey { key: key.to_owned(), request };
        self.office.run(&self.actor(who), case, command, Some(key)).await
    }

    /// Lets jobs and messages be done, and a minute pass.
    pub async fn settle(&self) -> Result<()> {
        self.office.work_off().await?;
        while self.post.once().await? > 0 {}
        self.hand.forward(TimeDelta::minutes(1));
        Ok(())
    }

    /// The case as somebody sees it.
    pub async fn file(&self, who: &str, case: CaseId) -> Result<CaseFile> {
        Ok(self.office.file(&self.seat(who), case).await?)
    }

    /// What is open, in the words of transcripts: 周明@处室审核, 财政局@会签; 办结 and 停滞 where it is so.
    pub async fn open(&self, who: &str, case: CaseId) -> Result<Vec<String>> {
        let case = self.file(who, case).await?.case;
        let mut open: Vec<String> = case.open_tasks().map(named).collect();
        open.extend(case.ended.map(|how| match how {
            wenshu_core::event::Ended::Finished => "办结".to_owned(),
            wenshu_core::event::Ended::Refused => "不同意".to_owned(),
            wenshu_core::event::Ended::Terminated => "终止".to_owned(),
        }));
        if !case.stalls.is_empty() {
            open.push("停滞".to_owned());
        }
        open.sort();
        Ok(open)
    }
}

/// A completion of a task without changes or choices.
#[must_use]
pub fn completion(task: TaskId, outcome: Outcome, opinion: &str) -> Completion {
    Completion {
        task,
        outcome,
        opinion: opinion.to_owned(),
        changes: Facts::new(),
        picks: std::collections::BTreeMap::new(),
        seen: None,
    }
}

fn named(task: &Task) -> String {
    let person = task
        .holder
        .as_ref()
        .and_then(|holder| holder.person.as_ref())
        .map(|person| person.name.clone());
    let branch = || task.branch.as_ref().map(|branch| branch.unit_name.clone());
    let offered = || task.offered.first().map(|seat| seat.unit_name.clone());
    format!("{}@{}", person.or_else(branch).or_else(offered).unwrap_or_default(), task.title)
}

/// Every organ numbers its documents, and its letters apart.
fn series(directory: &Directory) -> Vec<Series> {
    let mut all = vec![];
    for unit in directory.units.values().filter(|unit| unit.organ) {
        let Some(code) = &unit.code else { continue };
        let one = |id: &str, code: String, title: &str, kinds: Vec<Kind>| Series {
            id: format!("{}-{id}", unit.id),
            organ: unit.id.clone(),
            code,
            title: format!("{}{title}", unit.short),
            kinds,
        };
        all.push(one("fa", code.clone(), "发文", vec![]));
        all.push(one("han", format!("{code}函"), "函", vec![Kind::Letter]));
    }
    all
}

/// Now, by the test's clock.
impl TestOffice {
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
