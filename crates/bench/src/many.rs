//! An office full of work: so many open tasks, as many done, and the events behind them, written through the same
//! `commit` as everything else, many cases at a time.

use crate::{place::Place, stage::Stage};
use anyhow::{Context, Result, anyhow};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, prelude::Uuid};
use wenshu_core::{
    directory::Seat,
    id::{CaseId, DocumentId, PersonId, PostId, TaskId},
};
use wenshu_storage::{
    AccessRow, AccessWhy, Act, Append, CaseRow, CaseState, DocumentRow, Head, Json, NewEvent,
    OfferRow, Refused, StreamKind, TaskKind, TaskRow, TaskState, Urgency, Who, Writes,
};

/// Open tasks of a case, and as many done; and its events.
const TASKS: usize = 4;
const RECORDS: usize = 4;
/// Cases in one commit.
const GROUP: usize = 100;

/// Who has how much.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    pub open: usize,
    /// Tasks of one person, `mine`.
    pub person: usize,
    /// Tasks of one registry.
    pub registry: usize,
}

/// The person with a few tasks, and the post with many.
pub(crate) const PERSON: &str = "clerk-0-0";
pub(crate) const REGISTRY: &str = "caizheng-shoufa";

/// Fills the office. Holders come round in a mixed order, so that nobody's tasks lie side by side.
pub(crate) async fn fill(stage: &Stage, place: &Place, share: Share) -> Result<()> {
    let cases = share.open.div_ceil(TASKS);
    let payload = example(stage).await?;
    let maker = Maker {
        stage,
        share,
        payload,
        now: stage.office.clock().now(),
        initiator: stage.seat("clerk-1-1")?,
    };
    let mut done = 0;
    while done < cases {
        let mut writes = Writes::default();
        for case in done..(done + GROUP).min(cases) {
            maker.put(&mut writes, case)?;
        }
        writes.tell = Default::default();
        match stage.office.storage().commit::<std::convert::Infallible>(Act::Ready(writes)).await {
            Ok(_) => {}
            Err(Refused::Failed(error)) => return Err(error.into()),
            Err(other) => return Err(anyhow!("{other:?}")),
        }
        done += GROUP;
    }
    // PostgreSQL does this by itself within a minute; nobody wants to wait for it here.
    let db = place.connect(1).await?;
    if place.kind == crate::place::Kind::Postgres {
        db.execute_unprepared("VACUUM ANALYZE").await?;
    }
    db.close().await?;
    Ok(())
}

/// A record as the office writes it: of middle length among those of a case.
async fn example(stage: &Stage) -> Result<String> {
    let case = stage.submitted(0).await?;
    let stored = stage.office.storage().load(&case.into()).await?;
    let mut payloads: Vec<String> = stored.into_iter().map(|record| record.payload).collect();
    payloads.sort_by_key(String::len);
    let middle = payloads.len() / 2;
    payloads.into_iter().nth(middle).context("a case has records")
}

struct Maker<'a> {
    stage: &'a Stage,
    share: Share,
    payload: String,
    now: DateTime<Utc>,
    initiator: Seat,
}

impl Maker<'_> {
    fn put(&self, writes: &mut Writes, number: usize) -> Result<()> {
        let (case, document) = (CaseId(Uuid::now_v7()), DocumentId(Uuid::now_v7()));
        let at = self.now - TimeDelta::seconds(i64::try_from(number % 5_000_000)?);
        let title = format!("关于第{number}号事项的通知");
        let events = (0..RECORDS).map(|_| NewEvent { at, payload: self.payload.clone() }).collect();
        writes.appends.push(Append::new(case, StreamKind::Case, Head::default(), events));
        writes.put(&CaseRow {
            id: case,
            summary: String::new(),
            title: title.clone(),
            state: CaseState::Running,
            draft: false,
            whereabouts: "当前：各单位会签".into(),
            workflow: "outgoing".into(),
            workflow_title: "发文办理".into(),
            workflow_hash: self.payload.chars().take(64).collect(),
            initiator: Json::of(&self.initiator)?,
            initiator_person: Some(PersonId::from("clerk-1-1")),
            initiator_unit: self.initiator.unit.clone(),
            document: Some(document),
            attachments: 0,
            started_at: at,
            ended_at: None,
            updated_at: at,
        });
        let urgency =
            [Urgency::None, Urgency::None, Urgency::Urgent, Urgency::ExtraUrgent][number % 4];
        let row = DocumentRow {
            id: document,
            case,
            version: 2,
            title,
            kind: "notice".into(),
            kind_title: "通知".into(),
            urgency,
            urgency_rank: 0,
            organ: "shi".into(),
            number: None,
            finalised: false,
            pdf: None,
            archived_at: None,
            updated_at: at,
        };
        writes.put(&row.ranked());
        for nth in 0..TASKS * 2 {
            let open = nth >= TASKS;
            let who = self.whom(number * TASKS + nth % TASKS);
            let task = TaskId(u32::try_from(nth + 1)?);
            let row = self.task(case, task, open, &who, at)?;
            writes.put(&row);
            if open {
                writes.put(&OfferRow::new(who.clone(), &row, false, urgency));
                writes.put(&AccessRow { who, case, why: AccessWhy::Offered, at });
            }
        }
        Ok(())
    }

    /// Whose the task of this number is: mixed by a factor that has none in common with any of the counts.
    fn whom(&self, number: usize) -> Who {
        let mixed = number * 7_919 % self.share.open.max(1);
        if mixed < self.share.person {
            Who::Person(PersonId::from(PERSON))
        } else if mixed < self.share.person + self.share.registry {
            Who::Post(PostId::from(REGISTRY))
        } else {
            let (unit, clerk) = (mixed % 70, mixed / 70 % 6);
            if (unit, clerk) == (0, 0) {
                Who::Person(PersonId::from("clerk-0-1"))
            } else {
                Who::Person(PersonId(format!("clerk-{unit}-{clerk}")))
            }
        }
    }

    fn task(
        &self,
        case: CaseId,
        task: TaskId,
        open: bool,
        who: &Who,
        at: DateTime<Utc>,
    ) -> Result<TaskRow> {
        let person = match who {
            Who::Person(person) => Some(person.clone()),
            Who::Post(_) | Who::Unit(_) => None,
        };
        let seat = person.as_ref().and_then(|person| self.stage.directory.main_seat(person));
        let seat = seat.unwrap_or_else(|| self.initiator.clone());
        Ok(TaskRow {
            case,
            task,
            step: "opinion".into(),
            title: "会签".into(),
            ask: "请会签".into(),
            kind: TaskKind::Handle,
            state: if open { TaskState::Open } else { TaskState::Done },
            offered: Json::of(&[&seat])?,
            holder: person.as_ref().map(|_| Json::of(&seat)).transpose()?,
            holder_person: person,
            holder_post: Some(seat.post.clone()),
            why: "会签单位".into(),
            sender: Some(Json::of(&self.initiator)?),
            came_at: at,
            due_at: Some(at + TimeDelta::days(3)),
            due_provisional: false,
            seen_at: None,
            urged_at: None,
            needs_input: false,
            branch_unit: Some(seat.unit.clone()),
            lead: Some(false),
            closed_at: (!open).then_some(at),
            closed_by: None,
            said: (!open).then(|| "同意".into()),
        })
    }
}
