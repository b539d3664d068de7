//! Worklists 待办, 草稿, 我发起的, 已办, 传阅, 抄送, and how much is in each. Open tasks are found by whom they lie with, so
//! that a list never pays for what is done.

use super::{
    access::Viewer,
    cases::{case_ids, contains},
    page::{Page, Slice, SortKey},
};
use crate::{
    Storage,
    error::{Doing, Error},
    rows::{
        CaseRow, CopyRow, DocumentRow, SeenRow, TaskKind, TaskRow, TaskState, Urgency,
        case::{case_file, copied, document, seen, task, task_offer},
        travel::{delivery, notice, notice_read},
    },
    table::Cell,
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{
        Alias, Asterisk, Expr, ExprTrait, Func, JoinType, Order, Query, SelectStatement,
        SimpleExpr, UnionType,
    },
};
use std::collections::BTreeMap;
use wenshu_core::id::{CaseId, TaskId, UnitId};

/// A worklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worklist {
    /// 待办: to handle.
    Todo,
    /// 草稿: begun, not handed on.
    Drafts,
    /// 我发起的.
    Mine,
    /// 已办: cases in which the viewer did something, the latest first.
    Done,
    /// 传阅: to take note of.
    Read,
    /// 抄送.
    Cc,
}

/// What of a worklist is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// In title or number.
    pub text: Option<String>,
    pub urgency: Option<Urgency>,
    /// Kind of document.
    pub kind: Option<String>,
    pub due: Option<Due>,
    /// Unit of the initiator.
    pub unit: Option<UnitId>,
    /// Only what was urged.
    pub urged: bool,
    pub sort: Sort,
}

/// By deadline; only open tasks have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    Before(DateTime<Utc>),
    Between(DateTime<Utc>, DateTime<Utc>),
    None,
}

/// Order of open tasks. What is over is always listed latest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Urgency, then deadline, then arrival.
    #[default]
    Urgency,
    Due,
    Newest,
}

/// One line of a worklist.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    pub case: CaseRow,
    pub document: Option<DocumentRow>,
    pub task: Option<TaskRow>,
    pub copy: Option<CopyRow>,
    /// The version of the document that the viewer saw last.
    pub seen: Option<u32>,
}

/// How much is where. `done` stops counting at 1,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub todo: u64,
    pub drafts: u64,
    /// Begun by the viewer and still under way.
    pub mine: u64,
    pub done: u64,
    pub read: u64,
    /// Copies not looked at yet.
    pub cc: u64,
    /// Deliveries that wait in the viewer's registries.
    pub incoming: u64,
    /// Notices not read yet.
    pub notices: u64,
}

const COUNTED: u64 = 1_000;

fn at(table: &'static str, column: &'static str) -> SimpleExpr {
    Expr::col((Alias::new(table), Alias::new(column)))
}

/// Open tasks that lie with the viewer, as `o`, with their task `t`, case `c` and document `d`.
fn open_tasks(viewer: &Viewer, draft: bool) -> SelectStatement {
    let mut offers = Query::select();
    offers
        .distinct()
        .column(task_offer::Column::Case)
        .column(task_offer::Column::Task)
        .from(task_offer::Entity);
    offers
        .and_where(Expr::col(task_offer::Column::Who).is_in(viewer.names()))
        .and_where(Expr::col(task_offer::Column::Draft).eq(draft));
    let mut select = Query::select();
    select.from_subquery(offers, Alias::new("o"));
    select.join_as(
        JoinType::InnerJoin,
        task::Entity,
        Alias::new("t"),
        at("t", "case").eq(at("o", "case")).and(at("t", "task").eq(at("o", "task"))),
    );
    select.and_where(at("t", "state").eq(TaskState::Open.raw()));
    with_case(&mut select, at("o", "case"));
    select
}

/// How many open tasks lie with the viewer, each counted once: with the first of their names that has it. Posts come
/// first: a registry's may have thousands, and only what lies with the later names is looked for among the earlier.
fn how_many(viewer: &Viewer, kind: TaskKind) -> SimpleExpr {
    let mut names = viewer.names();
    names.rotate_left(1);
    let mut sum = Expr::val(0_i64);
    for (n, name) in names.iter().enumerate() {
        let mut one = Query::select();
        one.expr(Func::count(Expr::col(Asterisk)))
            .from_as(task_offer::Entity, Alias::new("o"))
            .and_where(at("o", "who").eq(name.clone()))
            .and_where(at("o", "kind").eq(kind.raw()))
            .and_where(at("o", "draft").eq(false));
        if n > 0 {
            let mut before = Query::select();
            before
                .expr(Expr::val(1))
                .from_as(task_offer::Entity, Alias::new("b"))
                .and_where(at("b", "who").is_in(names[..n].iter().cloned()))
                .and_where(at("b", "case").eq(at("o", "case")))
                .and_where(at("b", "task").eq(at("o", "task")));
            one.and_where(Expr::exists(before).not());
        }
        sum = sum.add(SimpleExpr::SubQuery(None, Box::new(one.into())));
    }
    sum
}

/// The first of them in the usual order, behind the cursor: of each of the viewer's names so many, each found in order.
fn first_offered(viewer: &Viewer, kind: TaskKind, slice: &Slice) -> Result<SelectStatement, Error> {
    let columns = ["urgency_rank", "due_by", "came_at", "case", "task"];
    let mut together: Option<SelectStatement> = None;
    for name in viewer.names() {
        let mut one = Query::select();
        one.from_as(task_offer::Entity, Alias::new("o"))
            .and_where(at("o", "who").eq(name))
            .and_where(at("o", "kind").eq(kind.raw()))
            .and_where(at("o", "draft").eq(false));
        offer_order().apply(&mut one, slice)?;
        let mut part = Query::select();
        part.from_subquery(one, Alias::new("p"));
        for (n, column) in columns.into_iter().enumerate() {
            part.expr_as(at_part(n), column);
        }
        match &mut together {
            // The same task may lie with several names: a union has it once.
            Some(select) => {
                select.union(UnionType::Distinct, part);
            }
            None => together = Some(part),
        }
    }
    let mut select = Query::select();
    select.from_subquery(together.unwrap_or_else(Query::select), Alias::new("o"));
    Ok(select)
}

fn at_part(n: usize) -> SimpleExpr {
    Expr::col((Alias::new("p"), Alias::new(format!("k{n}"))))
}

/// The usual order, of offers alone.
fn offer_order() -> SortKey {
    SortKey {
        numbers: vec![at("o", "urgency_rank"), at("o", "due_by"), at("o", "came_at")],
        ids: vec![at("o", "case")],
        counters: vec![at("o", "task")],
        order: Order::Asc,
    }
}

fn with_case(select: &mut SelectStatement, case: SimpleExpr) {
    select.join_as(JoinType::InnerJoin, case_file::Entity, Alias::new("c"), at("c", "id").eq(case));
    select.join_as(
        JoinType::LeftJoin,
        document::Entity,
        Alias::new("d"),
        at("d", "id").eq(at("c", "document")),
    );
}

fn todo(viewer: &Viewer, kind: TaskKind) -> SelectStatement {
    let mut select = open_tasks(viewer, false);
    select.and_where(at("t", "kind").eq(kind.raw()));
    select
}

fn drafts(viewer: &Viewer) -> SelectStatement {
    let mut select = open_tasks(viewer, true);
    select.and_where(at("c", "initiator_person").eq(viewer.person.raw()));
    select
}

fn mine(viewer: &Viewer) -> SelectStatement {
    let mut select = Query::select();
    select.from_as(case_file::Entity, Alias::new("c"));
    select.join_as(
        JoinType::LeftJoin,
        document::Entity,
        Alias::new("d"),
        at("d", "id").eq(at("c", "document")),
    );
    select
        .and_where(at("c", "initiator_person").eq(viewer.person.raw()))
        .and_where(at("c", "draft").eq(false));
    select
}

fn done(viewer: &Viewer) -> SelectStatement {
    let mut later = Query::select();
    later.expr(Expr::val(1)).from_as(task::Entity, Alias::new("n"));
    later
        .and_where(at("n", "case").eq(at("t", "case")))
        .and_where(at("n", "holder_person").eq(viewer.person.raw()));
    later.and_where(Expr::cust("n.state = 'done'"));
    later.and_where(
        Expr::tuple([at("n", "closed_at"), at("n", "task")])
            .gt(Expr::tuple([at("t", "closed_at"), at("t", "task")])),
    );
    let mut select = Query::select();
    select.from_as(task::Entity, Alias::new("t"));
    select
        .and_where(at("t", "holder_person").eq(viewer.person.raw()))
        .and_where(Expr::cust("t.state = 'done'"));
    select.and_where(Expr::exists(later).not());
    with_case(&mut select, at("t", "case"));
    select
}

fn copies(viewer: &Viewer) -> SelectStatement {
    let mut copies = Query::select();
    copies
        .column(copied::Column::Case)
        .expr_as(Func::max(Expr::col(copied::Column::At)), "at")
        .from(copied::Entity);
    copies
        .and_where(Expr::col(copied::Column::Who).is_in(viewer.names()))
        .group_by_col(copied::Column::Case);
    let mut select = Query::select();
    select.from_subquery(copies, Alias::new("o"));
    with_case(&mut select, at("o", "case"));
    select
}

fn filtered(select: &mut SelectStatement, filter: &Filter, has_task: bool) {
    if let Some(typed) = filter.text.as_deref().map(str::trim).filter(|typed| !typed.is_empty()) {
        select.and_where(contains(at("c", "title"), typed).or(contains(at("d", "number"), typed)));
    }
    if let Some(urgency) = filter.urgency {
        // A case without a document has no urgency.
        let urgent =
            Expr::expr(Func::coalesce([at("d", "urgency"), Expr::val(Urgency::None.raw())]));
        select.and_where(urgent.eq(urgency.raw()));
    }
    if let Some(kind) = &filter.kind {
        select.and_where(at("d", "kind").eq(kind.clone()));
    }
    if let Some(unit) = &filter.unit {
        select.and_where(at("c", "initiator_unit").eq(unit.raw()));
    }
    if has_task {
        if filter.urged {
            select.and_where(at("t", "urged_at").is_not_null());
        }
        match filter.due {
            Some(Due::Before(end)) => select.and_where(at("t", "due_at").lt(end.raw())),
            Some(Due::Between(start, end)) => select
                .and_where(at("t", "due_at").gte(start.raw()))
                .and_where(at("t", "due_at").lt(end.raw())),
            Some(Due::None) => select.and_where(at("t", "due_at").is_null()),
            None => select,
        };
    }
}

fn open_order(sort: Sort) -> SortKey {
    let rank =
        Expr::expr(Func::coalesce([at("d", "urgency_rank"), Expr::val(Urgency::None.rank())]));
    let due = Expr::expr(Func::coalesce([at("t", "due_at"), Expr::val(i64::MAX)]));
    let came = at("t", "came_at");
    let (numbers, order) = match sort {
        Sort::Urgency => (vec![rank, due, came], Order::Asc),
        Sort::Due => (vec![due, rank, came], Order::Asc),
        Sort::Newest => (vec![came], Order::Desc),
    };
    SortKey { numbers, ids: vec![at("t", "case")], counters: vec![at("t", "task")], order }
}

fn latest(at_what: SimpleExpr, case: SimpleExpr) -> SortKey {
    SortKey { numbers: vec![at_what], ids: vec![case], counters: vec![], order: Order::Desc }
}

impl Storage {
    /// A page of a worklist.
    ///
    /// # Errors
    /// [`Error::Cursor`], or when the database refuses.
    pub async fn worklist(
        &self,
        viewer: &Viewer,
        which: Worklist,
        filter: &Filter,
        slice: &Slice,
    ) -> Result<Page<Listed>, Error> {
        let kind = match which {
            Worklist::Todo => Some(TaskKind::Handle),
            Worklist::Read => Some(TaskKind::Read),
            Worklist::Drafts | Worklist::Mine | Worklist::Done | Worklist::Cc => None,
        };
        if let Some(kind) = kind.filter(|_| *filter == Filter::default()) {
            return self.plain(viewer, kind, slice).await;
        }
        let (mut select, key, has_task) = match which {
            Worklist::Todo => (todo(viewer, TaskKind::Handle), open_order(filter.sort), true),
            Worklist::Read => (todo(viewer, TaskKind::Read), open_order(filter.sort), true),
            Worklist::Drafts => {
                (drafts(viewer), latest(at("c", "updated_at"), at("c", "id")), true)
            }
            Worklist::Mine => (mine(viewer), latest(at("c", "updated_at"), at("c", "id")), false),
            Worklist::Done => (done(viewer), latest(at("t", "closed_at"), at("t", "case")), true),
            Worklist::Cc => (copies(viewer), latest(at("o", "at"), at("o", "case")), false),
        };
        filtered(&mut select, filter, has_task);
        let total = match which {
            Worklist::Todo | Worklist::Read | Worklist::Drafts => {
                Some(self.count(select.clone()).await?)
            }
            Worklist::Mine | Worklist::Done | Worklist::Cc => None,
        };
        select.expr_as(at("c", "id"), "case_id");
        if has_task {
            select.expr_as(at("t", "task"), "task_id");
        }
        key.apply(&mut select, slice)?;
        let mut rows = self.query(&select, "listing work").await?;
        let next = key.cut(&mut rows, slice)?;
        let mut wanted: Vec<(CaseId, Option<TaskId>)> = Vec::with_capacity(rows.len());
        for (row, case) in rows.iter().zip(case_ids(&rows, "case_id")?) {
            let task = if has_task {
                Some(row.try_get::<i64>("", "task_id").doing("listing work")?)
            } else {
                None
            };
            let task =
                task.map(|task| crate::table::cell::<TaskId>("task", "task", task)).transpose()?;
            wanted.push((case, task));
        }
        Ok(Page { items: self.listed(viewer, &wanted, which == Worklist::Cc).await?, next, total })
    }

    /// A page of open tasks in the usual order, nothing left out: what nearly every look is.
    async fn plain(
        &self,
        viewer: &Viewer,
        kind: TaskKind,
        slice: &Slice,
    ) -> Result<Page<Listed>, Error> {
        let mut counted = Query::select();
        counted.expr_as(how_many(viewer, kind), "n");
        let total = self.only_count(&counted).await?;
        let mut select = first_offered(viewer, kind, slice)?;
        let key = offer_order();
        // The names' own parts start behind the cursor already.
        key.apply(&mut select, &Slice { limit: slice.limit, after: None })?;
        let mut rows = self.query(&select, "listing work").await?;
        let next = key.cut(&mut rows, slice)?;
        let mut wanted = Vec::with_capacity(rows.len());
        for (row, case) in rows.iter().zip(case_ids(&rows, "k3")?) {
            let task = row.try_get::<i64>("", "k4").doing("listing work")?;
            wanted.push((case, Some(crate::table::cell::<TaskId>("task", "task", task)?)));
        }
        Ok(Page { items: self.listed(viewer, &wanted, false).await?, next, total: Some(total) })
    }

    /// Brings together what lines show.
    async fn listed(
        &self,
        viewer: &Viewer,
        wanted: &[(CaseId, Option<TaskId>)],
        with_copies: bool,
    ) -> Result<Vec<Listed>, Error> {
        let ids: Vec<CaseId> = wanted.iter().map(|(case, _)| *case).collect();
        let texts: Vec<String> = ids.iter().map(Cell::raw).collect();
        let cases = self.cases(&ids).await?;
        let documents = self.documents_of(&cases).await?;
        let numbers: Vec<(String, i64)> = wanted
            .iter()
            .filter_map(|(case, task)| Some((case.raw(), task.as_ref()?.raw())))
            .collect();
        let mut tasks: BTreeMap<(CaseId, TaskId), TaskRow> = BTreeMap::new();
        if !numbers.is_empty() {
            let pair = Expr::tuple([Expr::col(task::Column::Case), Expr::col(task::Column::Task)]);
            let rows: Vec<TaskRow> = self
                .all(task::Entity::find().filter(pair.in_tuples(numbers)), "listing tasks")
                .await?;
            tasks.extend(rows.into_iter().map(|row| ((row.case, row.task), row)));
        }
        let marks = seen::Entity::find()
            .filter(seen::Column::Person.eq(viewer.person.raw()))
            .filter(seen::Column::Case.is_in(texts.clone()));
        let marks: Vec<SeenRow> = self.all(marks, "looking up what was seen").await?;
        let marks: BTreeMap<CaseId, u32> =
            marks.into_iter().map(|row| (row.case, row.version)).collect();
        let mut copies: BTreeMap<CaseId, CopyRow> = BTreeMap::new();
        if with_copies {
            let select = copied::Entity::find()
                .filter(copied::Column::Who.is_in(viewer.names()))
                .filter(copied::Column::Case.is_in(texts));
            let rows: Vec<CopyRow> = self.all(select, "listing copies").await?;
            copies.extend(rows.into_iter().map(|row| (row.case, row)));
        }
        let line = |(case, task): &(CaseId, Option<TaskId>)| {
            let case = cases.get(case)?.clone();
            let document = case.document.and_then(|id| documents.get(&id)).cloned();
            let task = task.and_then(|task| tasks.get(&(case.id, task))).cloned();
            let (copy, seen) = (copies.get(&case.id).cloned(), marks.get(&case.id).copied());
            Some(Listed { case, document, task, copy, seen })
        };
        Ok(wanted.iter().filter_map(line).collect())
    }

    async fn count(&self, mut select: SelectStatement) -> Result<u64, Error> {
        select.expr_as(Func::count(Expr::col(Asterisk)), "n");
        self.only_count(&select).await
    }

    /// The one number `n` of a query.
    async fn only_count(&self, select: &SelectStatement) -> Result<u64, Error> {
        let rows = self.query(select, "counting work").await?;
        let count = rows
            .first()
            .map(|row| row.try_get::<i64>("", "n"))
            .transpose()
            .doing("counting work")?;
        Ok(count.and_then(|count| count.try_into().ok()).unwrap_or_default())
    }

    /// How much lies in each of the viewer's boxes: one query.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn counts(&self, viewer: &Viewer) -> Result<Counts, Error> {
        let counted = |mut select: SelectStatement| {
            select.expr(Func::count(Expr::col(Asterisk)));
            SimpleExpr::SubQuery(None, Box::new(select.into()))
        };
        let mut under_way = Query::select();
        under_way
            .from_as(case_file::Entity, Alias::new("c"))
            .and_where(at("c", "initiator_person").eq(viewer.person.raw()));
        under_way.and_where(at("c", "ended_at").is_null()).and_where(at("c", "draft").eq(false));
        // A case in which somebody did something is no draft any more: its file need not be looked at.
        let mut finished = Query::select();
        finished.distinct().column(task::Column::Case).from(task::Entity).limit(COUNTED);
        finished.and_where(Expr::col(task::Column::HolderPerson).eq(viewer.person.raw()));
        finished.and_where(Expr::cust("state = 'done'"));
        let mut some = Query::select();
        some.from_subquery(finished, Alias::new("some"));
        let mut unseen = Query::select();
        unseen.from(copied::Entity).and_where(Expr::col(copied::Column::Who).is_in(viewer.names()));
        unseen.and_where(Expr::col(copied::Column::SeenAt).is_null());
        let mut incoming = Query::select();
        incoming.from(delivery::Entity).and_where(
            Expr::col(delivery::Column::ToPost).is_in(viewer.posts.iter().map(Cell::raw)),
        );
        incoming.and_where(Expr::cust("state IN ('sent', 'signed')"));
        let mut upto = Query::select();
        upto.column(notice_read::Column::Upto)
            .from(notice_read::Entity)
            .and_where(Expr::col(notice_read::Column::Person).eq(viewer.person.raw()));
        let upto = Expr::expr(Func::coalesce([
            SimpleExpr::SubQuery(None, Box::new(upto.into())),
            Expr::val(0_i64),
        ]));
        let mut unread = Query::select();
        unread
            .from(notice::Entity)
            .and_where(Expr::col(notice::Column::Person).eq(viewer.person.raw()))
            .and_where(Expr::col(notice::Column::At).gt(upto));
        let parts = [
            how_many(viewer, TaskKind::Handle),
            counted(drafts(viewer)),
            counted(under_way),
            counted(some),
            how_many(viewer, TaskKind::Read),
            counted(unseen),
            counted(incoming),
            counted(unread),
        ];
        let mut select = Query::select();
        for (n, part) in parts.into_iter().enumerate() {
            select.expr_as(part, format!("n{n}"));
        }
        let rows = self.query(&select, "counting work").await?;
        let Some(row) = rows.first() else { return Ok(Counts::default()) };
        let n = |n: usize| -> Result<u64, Error> {
            Ok(row
                .try_get::<i64>("", &format!("n{n}"))
                .doing("counting work")?
                .try_into()
                .unwrap_or_default())
        };
        Ok(Counts {
            todo: n(0)?,
            drafts: n(1)?,
            mine: n(2)?,
            done: n(3)?,
            read: n(4)?,
            cc: n(5)?,
            incoming: n(6)?,
            notices: n(7)?,
        })
    }
}
