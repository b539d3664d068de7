//! The journal, accounts, numbers with their fates, and what still names a unit, a post or a person.

use super::{
    cases::contains,
    page::{Page, Slice, SortKey},
};
use crate::{
    Storage,
    error::{Doing, Error},
    rows::{
        AccountRow, HandOverRow, JournalRow, NumberFateRow, NumberRow, OfferRow, SeriesRow,
        TaskRow, TaskState, Who, WorkingRow,
        case::{access, case_file, document, task, task_offer, working},
        office::account,
        register::{hand_over, journal, number_fate},
        travel::{delivery, number, series},
    },
    stream::StreamId,
    table::{Cell, cell},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Order, Query},
};
use wenshu_core::id::{CaseId, DocumentId, PersonId, PostId, TaskId, UnitId};

/// Which lines of the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalFilter {
    /// Kinds of streams; empty: all.
    pub kinds: Vec<String>,
    /// Names of events; empty: all.
    pub what: Vec<String>,
    /// The id of who did it.
    pub person: Option<PersonId>,
    /// In the name of who did it, or in whom it concerns.
    pub who: Option<String>,
    pub from: Option<DateTime<Utc>>,
    /// Up to, without.
    pub to: Option<DateTime<Utc>>,
}

/// How often something is named outside the directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    pub cases: u64,
    pub tasks: u64,
    pub deliveries: u64,
    pub series: u64,
    pub accounts: u64,
}

impl Storage {
    /// A page of the journal, the latest first.
    ///
    /// # Errors
    /// [`Error::Cursor`], or when the database refuses.
    pub async fn journal(
        &self,
        filter: &JournalFilter,
        slice: &Slice,
    ) -> Result<Page<JournalRow>, Error> {
        let mut select = Query::select();
        select.expr_as(Expr::col(journal::Column::Stream), "row_stream");
        select.expr_as(Expr::col(journal::Column::Seq), "row_seq").from(journal::Entity);
        if !filter.kinds.is_empty() {
            select.and_where(Expr::col(journal::Column::Kind).is_in(filter.kinds.clone()));
        }
        if !filter.what.is_empty() {
            select.and_where(Expr::col(journal::Column::What).is_in(filter.what.clone()));
        }
        if let Some(person) = &filter.person {
            select.and_where(Expr::col(journal::Column::Person).eq(person.raw()));
        }
        if let Some(who) = &filter.who {
            select.and_where(
                contains(Expr::col(journal::Column::Name), who)
                    .or(contains(Expr::col(journal::Column::Subject), who))
                    .or(contains(Expr::col(journal::Column::Text), who)),
            );
        }
        if let Some(from) = filter.from {
            select.and_where(Expr::col(journal::Column::At).gte(from.raw()));
        }
        if let Some(to) = filter.to {
            select.and_where(Expr::col(journal::Column::At).lt(to.raw()));
        }
        let key = SortKey {
            numbers: vec![Expr::col(journal::Column::At)],
            ids: vec![Expr::col(journal::Column::Stream)],
            counters: vec![Expr::col(journal::Column::Seq)],
            order: Order::Desc,
        };
        key.apply(&mut select, slice)?;
        let doing = "reading the journal";
        let mut rows = self.query(&select, doing).await?;
        let next = key.cut(&mut rows, slice)?;
        let mut items = Vec::with_capacity(rows.len());
        for row in &rows {
            let stream: String = row.try_get("", "row_stream").doing(doing)?;
            let seq: i64 = row.try_get("", "row_seq").doing(doing)?;
            let line = self.one(journal::Entity::find_by_id((stream, seq)), doing).await?;
            items.extend::<Option<JournalRow>>(line);
        }
        Ok(Page { items, next, total: None })
    }

    /// The line of one event.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn journal_line(
        &self,
        stream: &StreamId,
        seq: u64,
    ) -> Result<Option<JournalRow>, Error> {
        let key = (stream.raw(), seq.raw());
        self.one(journal::Entity::find_by_id(key), "reading the journal").await
    }

    /// Accounts by login, after `after`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn accounts(
        &self,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<AccountRow>, Error> {
        let select = account::Entity::find()
            .filter(account::Column::Login.gt(after.unwrap_or_default()))
            .order_by_asc(account::Column::Login);
        self.all(select.limit(limit), "listing accounts").await
    }

    /// Every series, by organ and id.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn all_series(&self) -> Result<Vec<SeriesRow>, Error> {
        let select = series::Entity::find().order_by_asc(series::Column::Organ);
        self.all(select.order_by_asc(series::Column::Id), "listing series").await
    }

    /// The numbers of a series in a year that were given, kept or made void.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn numbers_in(&self, series: &str, year: i32) -> Result<Vec<NumberRow>, Error> {
        let select = number::Entity::find()
            .filter(number::Column::Series.eq(series))
            .filter(number::Column::Year.eq(i64::from(year)))
            .order_by_asc(number::Column::Number);
        self.all(select, "listing numbers").await
    }

    /// How many numbers of a series were ever given, kept or made void.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn numbers_ever(&self, series: &str) -> Result<u64, Error> {
        let select = number::Entity::find().filter(number::Column::Series.eq(series));
        select.count(self.reading()).await.doing("counting numbers")
    }

    /// The years in which a series was used.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn years_of(&self, series: &str) -> Result<Vec<i32>, Error> {
        let mut select = Query::select();
        select.distinct().column(number::Column::Year).from(number::Entity);
        select.and_where(Expr::col(number::Column::Series).eq(series));
        select.order_by(number::Column::Year, Order::Desc);
        let doing = "listing years";
        let rows = self.query(&select, doing).await?;
        let years = rows.iter().map(|row| row.try_get::<i64>("", "year"));
        let years = years.collect::<Result<Vec<_>, _>>().doing(doing)?;
        Ok(years.into_iter().filter_map(|year| year.try_into().ok()).collect())
    }

    /// One number, if it was given, kept or made void.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn number(
        &self,
        series: &str,
        year: i32,
        number: u32,
    ) -> Result<Option<NumberRow>, Error> {
        let key = (series.to_owned(), i64::from(year), i64::from(number));
        self.one(number::Entity::find_by_id(key), "looking a number up").await
    }

    /// The numbers of a 代字 and year that documents say they bear, each with its case, older documents first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn documents_numbered(
        &self,
        code: &str,
        year: i32,
    ) -> Result<Vec<(u32, CaseId)>, Error> {
        let front = format!("{code}〔{year}〕");
        let mut select = Query::select();
        select.column(document::Column::Number).column(document::Column::Case);
        select.from(document::Entity);
        select.and_where(contains(Expr::col(document::Column::Number), &front));
        select.order_by(document::Column::Id, Order::Asc);
        let doing = "listing numbered documents";
        let mut borne = vec![];
        for row in self.query(&select, doing).await? {
            let text: String = row.try_get("", "number").doing(doing)?;
            let seq = text.strip_prefix(&front).and_then(|rest| rest.strip_suffix('号'));
            let Some(seq) = seq.and_then(|seq| seq.parse().ok()) else { continue };
            let case: String = row.try_get("", "case").doing(doing)?;
            borne.push((seq, cell("document", "case", case)?));
        }
        Ok(borne)
    }

    /// The fates of a series' numbers in a year.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn fates_in(&self, series: &str, year: i32) -> Result<Vec<NumberFateRow>, Error> {
        let select = number_fate::Entity::find()
            .filter(number_fate::Column::Series.eq(series))
            .filter(number_fate::Column::Year.eq(i64::from(year)))
            .order_by_asc(number_fate::Column::Number);
        self.all(select, "listing numbers").await
    }

    /// The number that was chosen for a document.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn chosen_for(&self, document: DocumentId) -> Result<Option<NumberFateRow>, Error> {
        let select =
            number_fate::Entity::find().filter(number_fate::Column::Document.eq(document.raw()));
        self.one(select.limit(1), "looking a number up").await
    }

    /// The hand-over of somebody, done or under way.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn hand_over(&self, person: &PersonId) -> Result<Option<HandOverRow>, Error> {
        self.one(hand_over::Entity::find_by_id(person.raw()), "looking a hand-over up").await
    }

    /// Open tasks that lie with one of these, by case.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn open_with(&self, who: &[Who], limit: u64) -> Result<Vec<TaskRow>, Error> {
        let mut select = Query::select();
        select.distinct().column(task_offer::Column::Case).column(task_offer::Column::Task);
        select.from(task_offer::Entity);
        select.and_where(Expr::col(task_offer::Column::Who).is_in(who.iter().map(Cell::raw)));
        select.order_by(task_offer::Column::Case, Order::Asc);
        select.order_by(task_offer::Column::Task, Order::Asc).limit(limit);
        let doing = "listing open tasks";
        let mut tasks = vec![];
        for row in self.query(&select, doing).await? {
            let case: String = row.try_get("", "case").doing(doing)?;
            let id: i64 = row.try_get("", "task").doing(doing)?;
            let found = task::Entity::find_by_id((case, id))
                .filter(task::Column::State.eq(TaskState::Open.raw()));
            tasks.extend::<Option<TaskRow>>(self.one(found, doing).await?);
        }
        Ok(tasks)
    }

    /// How many open tasks lie with any of these.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn count_open_with(&self, who: &[Who]) -> Result<u64, Error> {
        let each = task_offer::Entity::find()
            .select_only()
            .column(task_offer::Column::Case)
            .column(task_offer::Column::Task)
            .filter(Expr::col(task_offer::Column::Who).is_in(who.iter().map(Cell::raw)))
            .distinct();
        each.count(self.reading()).await.doing("counting open tasks")
    }

    /// Everybody with whom an open task lies.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn offers_of(&self, case: CaseId, id: TaskId) -> Result<Vec<OfferRow>, Error> {
        let select = task_offer::Entity::find()
            .filter(task_offer::Column::Case.eq(case.raw()))
            .filter(task_offer::Column::Task.eq(id.raw()));
        self.all(select, "listing open tasks").await
    }

    /// What somebody is writing, anywhere.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn workings_of(&self, person: &PersonId) -> Result<Vec<WorkingRow>, Error> {
        let select = working::Entity::find().filter(working::Column::Person.eq(person.raw()));
        self.all(select.order_by_asc(working::Column::Case), "listing working copies").await
    }

    /// How often a post is named.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn uses_of_post(&self, post: &PostId) -> Result<Uses, Error> {
        let who = Who::Post(post.clone()).raw();
        Ok(Uses {
            cases: self.cases_of(&who).await?,
            tasks: self.tasks_of(&who).await?,
            deliveries: delivery::Entity::find()
                .filter(delivery::Column::ToPost.eq(post.raw()))
                .count(self.reading())
                .await
                .doing("counting deliveries")?,
            ..Uses::default()
        })
    }

    /// How often a unit is named.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn uses_of_unit(&self, unit: &UnitId) -> Result<Uses, Error> {
        let who = Who::Unit(unit.clone()).raw();
        let begun = case_file::Entity::find()
            .filter(case_file::Column::InitiatorUnit.eq(unit.raw()))
            .count(self.reading())
            .await
            .doing("counting cases")?;
        let travelled =
            delivery::Column::ToUnit.eq(unit.raw()).or(delivery::Column::FromUnit.eq(unit.raw()));
        Ok(Uses {
            cases: self.cases_of(&who).await? + begun,
            tasks: self.tasks_of(&who).await?,
            deliveries: delivery::Entity::find()
                .filter(travelled)
                .count(self.reading())
                .await
                .doing("counting deliveries")?,
            series: self.series_of(unit).await?.len() as u64,
            accounts: 0,
        })
    }

    /// How often a person is named.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn uses_of_person(&self, person: &PersonId) -> Result<Uses, Error> {
        let who = Who::Person(person.clone()).raw();
        Ok(Uses {
            cases: self.cases_of(&who).await?,
            tasks: self.tasks_of(&who).await?,
            accounts: u64::from(self.account_of(person).await?.is_some()),
            ..Uses::default()
        })
    }

    async fn cases_of(&self, who: &str) -> Result<u64, Error> {
        let select = access::Entity::find().filter(access::Column::Who.eq(who));
        select.count(self.reading()).await.doing("counting cases")
    }

    async fn tasks_of(&self, who: &str) -> Result<u64, Error> {
        let select = task_offer::Entity::find().filter(task_offer::Column::Who.eq(who));
        select.count(self.reading()).await.doing("counting tasks")
    }
}
