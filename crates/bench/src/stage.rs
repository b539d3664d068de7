//! An office of the size of a county's on a database, and cases in it that wait for somebody's approval.

use crate::{place::Place, tape::Tape};
use anyhow::{Context, Result, anyhow};
use sea_orm::prelude::Uuid;
use std::{collections::BTreeMap, sync::Arc};
use wenshu_core::{
    command::{Actor, Command, Completion, Outcome},
    directory::{Directory, Person, Post, Seat, Unit},
    event::TaskState,
    id::{CaseId, PersonId, PostId, TaskId, UnitId},
    office_file,
    value::{Facts, Value},
};
use wenshu_document::{
    Body, Kind,
    press::{Press, PressError, Printed, Sheet},
};
use wenshu_office::{Clock, NewAccount, NewCase, Office, RequestKey, Settings};
use wenshu_storage::{Storage, Watch};

/// A county has about 70 units and 500 accounts.
const UNITS: usize = 70;
const CLERKS: usize = 6;
pub(crate) const PASSWORD: &str = "wenshu-bench";

pub(crate) const FLOWS: [&str; 2] = [
    include_str!("../../../workflows/outgoing.yaml"),
    include_str!("../../../workflows/leave.yaml"),
];
pub(crate) const OFFICE: &str = include_str!("../../../workflows/sample-office.yaml");

/// Nothing that is measured here is printed; pages have a section of their own.
#[derive(Debug)]
struct NoPress;

impl Press for NoPress {
    fn set(&self, _: &Sheet) -> Result<Printed, PressError> {
        Err(PressError::Failed { reason: "nothing is printed here".to_owned() })
    }
}

/// An office in operation.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub office: Office,
    pub directory: Arc<Directory>,
}

/// An approval that somebody is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Approval {
    pub case: CaseId,
    pub task: TaskId,
    pub seat: Seat,
    pub seen: Option<u32>,
}

impl Stage {
    /// Opens the office that lies there; a new one gets its people and flows.
    pub async fn open(place: &Place, tape: Option<&Arc<Tape>>) -> Result<Self> {
        let mut settings = wenshu_storage::Settings::new(&place.database, &place.data);
        settings.watch = tape.map(|tape| {
            let tape = Arc::clone(tape);
            Watch::new(move |told| tape.take(told))
        });
        let storage = Storage::open(settings).await?;
        storage.migrate().await?;
        if let Some(tape) = tape {
            tape.start();
        }
        let office =
            Office::open(storage, Arc::new(NoPress), Clock::system(), Settings::default()).await?;
        if office.directory().await?.people.is_empty() {
            office.put_directory(&Actor::System, county()?, &[], "测速").await?;
            for flow in FLOWS {
                office.deploy(None, flow, "测速").await.map_err(|error| anyhow!("{error:?}"))?;
            }
        }
        let directory = office.directory().await?;
        Ok(Self { office, directory })
    }

    pub async fn close(self) -> Result<()> {
        self.office.storage().close().await?;
        Ok(())
    }

    /// A person in their main post.
    pub fn seat(&self, person: &str) -> Result<Seat> {
        self.directory
            .main_seat(&PersonId::from(person))
            .with_context(|| format!("nobody is {person}"))
    }

    /// Accounts for these people, all with the same password.
    pub async fn accounts(&self, people: impl IntoIterator<Item = String>) -> Result<()> {
        let account = |id: String| NewAccount {
            login: id.clone(),
            person: PersonId::from(id.as_str()),
            password: PASSWORD.to_owned(),
            demo: false,
            one_time: false,
        };
        Ok(self.office.add_accounts(people.into_iter().map(account).collect()).await?)
    }

    /// A document that its drafter has handed in: its next is the head of their unit.
    pub async fn submitted(&self, number: usize) -> Result<CaseId> {
        let clerk = self.seat(&clerk(number))?;
        let title = format!("云州市人民政府办公室关于做好第{number}号工作的通知");
        let new = NewCase { workflow: "outgoing".into(), kind: Some(Kind::Notice), title };
        let case = self.office.create(&clerk, new, None).await?.case;
        self.hand_in(&clerk, case).await?;
        Ok(case)
    }

    /// Writes the text of a draft and hands it in.
    pub async fn hand_in(&self, drafter: &Seat, case: CaseId) -> Result<()> {
        let list =
            |units: &[&str]| Value::List(units.iter().map(|unit| (*unit).to_owned()).collect());
        let fields: Facts = [
            ("organ".to_owned(), Value::Text("shi".to_owned())),
            ("recipients".to_owned(), list(&["jiaoyu", "zhujian", "caizheng"])),
        ]
        .into();
        let body = Body::from_plain(TEXT).to_tiptap();
        self.office.save_working(drafter, case, fields, Some(body), 1).await?;
        let task = self.open_task(drafter, case).await?;
        let command = Command::Complete(completion(&task, ""));
        self.office.hand_over(&Actor::Person(drafter.clone()), case, command, None).await?;
        Ok(())
    }

    /// The one open task of a case, as its initiator sees it; the seat is the viewer's.
    async fn open_task(&self, seat: &Seat, case: CaseId) -> Result<Approval> {
        let file = self.office.file(seat, case).await?;
        let task = file.case.open_tasks().next().context("nothing is open")?;
        anyhow::ensure!(task.state == TaskState::Open, "it is open");
        let seen = file.document.map(|document| document.version);
        Ok(Approval { case, task: task.id, seat: seat.clone(), seen })
    }

    /// Whoever is asked for the next approval of a case that `submitted` made, at one of its steps.
    pub async fn next(&self, number: usize, case: CaseId, step: &str) -> Result<Approval> {
        let asked = self.open_task(&self.seat(&clerk(number))?, case).await?;
        let person = match step {
            "head" => head(number),
            // Two people share the registry.
            "check" => ["wu-jing", "zheng-jie"][number % 2].to_owned(),
            _ => "liu-zhiyuan".to_owned(),
        };
        Ok(Approval { seat: self.seat(&person)?, ..asked })
    }

    /// Gives the approval: the very call that the HTTP handler makes.
    pub async fn approve(&self, asked: &Approval) -> Result<()> {
        let command = Command::Complete(completion(asked, "同意，请按程序办理。"));
        let key = RequestKey {
            key: Uuid::now_v7().to_string(),
            request: "b3d1ab7bd5f2b5a3c8f63f1d2a6d2f08e6a9d2b1c4f7e8d9a0b1c2d3e4f5a6b7".to_owned(),
        };
        let actor = Actor::Person(asked.seat.clone());
        self.office.run(&actor, asked.case, command, Some(key)).await?;
        Ok(())
    }
}

/// The steps of `outgoing` that are approved one after the other; none allots a number.
pub(crate) const STEPS: [&str; 3] = ["head", "check", "sign"];

const TEXT: &str = "各县区人民政府，市政府各部门：
为做好下半年重点工作，现将有关事项通知如下。
一、提高认识。各单位要充分认识此项工作的重要意义，主要负责人亲自抓，分管负责人具体抓，确保各项任务落到实处。
二、明确分工。各牵头单位要制定方案，细化措施，倒排工期；各配合单位要主动对接，形成合力。
三、加强督查。市政府办公室将会同有关部门适时开展督查，对工作不力的予以通报。
请于月底前将落实情况书面报市政府办公室。";

fn completion(asked: &Approval, opinion: &str) -> Completion {
    Completion {
        task: asked.task,
        outcome: Outcome::Approved,
        opinion: opinion.to_owned(),
        changes: Facts::new(),
        picks: BTreeMap::new(),
        seen: asked.seen,
    }
}

/// The clerk who drafts the document of this number.
pub(crate) fn clerk(number: usize) -> String {
    format!("clerk-{}-{}", number % UNITS, number / UNITS % CLERKS)
}

/// The head of that clerk's unit.
pub(crate) fn head(number: usize) -> String {
    format!("head-{}", number % UNITS)
}

/// The sample office with as many sections as a county has units.
fn county() -> Result<Directory> {
    let mut directory = office_file::read(OFFICE).map_err(|problems| anyhow!("{problems:?}"))?;
    for number in 0..UNITS {
        let unit = UnitId(format!("section-{number}"));
        let mut people = vec![(format!("head-{number}"), "科长")];
        people.extend((0..CLERKS).map(|clerk| (format!("clerk-{number}-{clerk}"), "科员")));
        for (id, title) in people {
            let (person, post) = (PersonId(id.clone()), PostId(format!("{id}-post")));
            let name = format!("{title}{id}");
            let main_post = Some(post.clone());
            directory.people.insert(
                person.clone(),
                Person { id: person.clone(), name, main_post, disabled: false },
            );
            let (holders, roles) = (vec![person], Default::default());
            let (unit, title) = (unit.clone(), title.to_owned());
            directory.posts.insert(
                post.clone(),
                Post { id: post, unit, title, holders, roles, disabled: false },
            );
        }
        let name = format!("云州市人民政府办公室第{number}科");
        directory.units.insert(
            unit.clone(),
            Unit {
                id: unit,
                short: format!("第{number}科"),
                name,
                parent: Some(UnitId::from("shifuban")),
                organ: false,
                group: String::new(),
                head: Some(PostId(format!("head-{number}-post"))),
                in_charge: Some(PostId::from("fushizhang-jingji")),
                registry: None,
                code: None,
                order: u32::try_from(number)?,
                disabled: false,
                topics: Default::default(),
            },
        );
    }
    Ok(directory)
}
