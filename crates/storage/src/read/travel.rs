//! Deliveries, notices, series of numbers.

use super::{
    access::{Viewer, visible},
    page::{Page, Slice, SortKey},
};
use crate::{
    Storage,
    error::{Doing, Error},
    rows::{
        DeliveryRow, DeliveryState, NoticeReadRow, NoticeRow, NumberRow, SeriesRow,
        travel::{delivery, notice, notice_read, number, series},
    },
    table::Cell,
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QueryResult, QuerySelect,
    sea_query::{Expr, ExprTrait, Order, Query, SelectStatement, SimpleExpr},
};
use std::collections::BTreeMap;
use uuid::Uuid;
use wenshu_core::id::{CaseId, DeliveryId, DocumentId, PersonId, UnitId};

impl Storage {
    /// # Errors
    /// When the database refuses.
    pub async fn delivery(&self, id: DeliveryId) -> Result<Option<DeliveryRow>, Error> {
        self.one(delivery::Entity::find_by_id(id.raw()), "looking a delivery up").await
    }

    /// All deliveries of a case, by recipient.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn deliveries(&self, case: CaseId) -> Result<Vec<DeliveryRow>, Error> {
        let select = delivery::Entity::find().filter(delivery::Column::Case.eq(case.raw()));
        self.all(
            select.order_by_asc(delivery::Column::SentAt).order_by_asc(delivery::Column::ToUnit),
            "listing deliveries",
        )
        .await
    }

    /// The delivery from which a case was registered.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn delivery_registered_as(&self, case: CaseId) -> Result<Option<DeliveryRow>, Error> {
        self.one(
            delivery::Entity::find().filter(delivery::Column::RegisteredCase.eq(case.raw())),
            "looking a delivery up",
        )
        .await
    }

    /// What came to the viewer's registries, the latest first.
    ///
    /// # Errors
    /// [`Error::Cursor`], or when the database refuses.
    pub async fn incoming(
        &self,
        viewer: &Viewer,
        state: Option<DeliveryState>,
        slice: &Slice,
    ) -> Result<Page<DeliveryRow>, Error> {
        let mut select = Query::select();
        select.expr_as(Expr::col(delivery::Column::Id), "row_id").from(delivery::Entity);
        select.and_where(
            Expr::col(delivery::Column::ToPost).is_in(viewer.posts.iter().map(Cell::raw)),
        );
        if let Some(state) = state {
            select.and_where(Expr::col(delivery::Column::State).eq(state.raw()));
        }
        let ids = vec![Expr::col(delivery::Column::Id)];
        self.deliveries_of(select, ids, slice).await
    }

    /// The numbers that a unit's registry gave what came in, of what was sent last first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn own_numbers(&self, unit: &UnitId, limit: u64) -> Result<Vec<String>, Error> {
        let select = delivery::Entity::find()
            .filter(delivery::Column::ToUnit.eq(unit.raw()))
            .filter(delivery::Column::OwnNumber.is_not_null())
            .order_by_desc(delivery::Column::SignedAt)
            .order_by_desc(delivery::Column::Id)
            .limit(limit);
        let rows: Vec<DeliveryRow> = self.all(select, "looking numbers of a book up").await?;
        Ok(rows.into_iter().filter_map(|row| row.own_number).collect())
    }

    /// What `organs` dispatched, the latest first, all recipients of one case together: all of it for those that the
    /// viewer receives for (`whole`), of the others what they may see.
    ///
    /// # Errors
    /// [`Error::Cursor`], or when the database refuses.
    pub async fn outgoing(
        &self,
        viewer: &Viewer,
        organs: &[UnitId],
        whole: &[UnitId],
        state: Option<DeliveryState>,
        slice: &Slice,
    ) -> Result<Page<DeliveryRow>, Error> {
        let from = |units: &[UnitId]| {
            let units: Vec<String> = units.iter().map(Cell::raw).collect();
            Expr::col((delivery::Entity, delivery::Column::FromUnit)).is_in(units)
        };
        let mut select = Query::select();
        select.expr_as(Expr::col(delivery::Column::Id), "row_id").from(delivery::Entity);
        let case = Expr::col((delivery::Entity, delivery::Column::Case));
        select.and_where(from(organs)).and_where(from(whole).or(visible(viewer, case)));
        if let Some(state) = state {
            select.and_where(Expr::col(delivery::Column::State).eq(state.raw()));
        }
        let ids = [delivery::Column::Case, delivery::Column::Id].map(Expr::col).to_vec();
        self.deliveries_of(select, ids, slice).await
    }

    async fn deliveries_of(
        &self,
        mut select: SelectStatement,
        ids: Vec<SimpleExpr>,
        slice: &Slice,
    ) -> Result<Page<DeliveryRow>, Error> {
        let numbers = vec![Expr::col(delivery::Column::SentAt)];
        let key = SortKey { numbers, ids, counters: vec![], order: Order::Desc };
        key.apply(&mut select, slice)?;
        let mut rows = self.query(&select, "listing deliveries").await?;
        let next = key.cut(&mut rows, slice)?;
        let ids = texts(&rows, "row_id")?;
        let found: Vec<DeliveryRow> = self
            .all(
                delivery::Entity::find().filter(delivery::Column::Id.is_in(ids.clone())),
                "listing deliveries",
            )
            .await?;
        let mut found: BTreeMap<String, DeliveryRow> =
            found.into_iter().map(|row| (row.id.raw(), row)).collect();
        Ok(Page {
            items: ids.iter().filter_map(|id| found.remove(id)).collect(),
            next,
            total: None,
        })
    }

    /// A person's notices, the latest first.
    ///
    /// # Errors
    /// [`Error::Cursor`], or when the database refuses.
    pub async fn notices(
        &self,
        person: &PersonId,
        slice: &Slice,
    ) -> Result<Page<NoticeRow>, Error> {
        let mut select = Query::select();
        select.expr_as(Expr::col(notice::Column::Id), "row_id").from(notice::Entity);
        select.and_where(Expr::col(notice::Column::Person).eq(person.raw()));
        let key = SortKey {
            numbers: vec![Expr::col(notice::Column::At)],
            ids: vec![Expr::col(notice::Column::Id)],
            counters: vec![],
            order: Order::Desc,
        };
        key.apply(&mut select, slice)?;
        let mut rows = self.query(&select, "listing notices").await?;
        let next = key.cut(&mut rows, slice)?;
        let ids = texts(&rows, "row_id")?;
        let select = notice::Entity::find()
            .filter(notice::Column::Person.eq(person.raw()))
            .filter(notice::Column::Id.is_in(ids.clone()));
        let found: Vec<NoticeRow> = self.all(select, "listing notices").await?;
        let mut found: BTreeMap<String, NoticeRow> =
            found.into_iter().map(|row| (row.id.raw(), row)).collect();
        Ok(Page {
            items: ids.iter().filter_map(|id| found.remove(id)).collect(),
            next,
            total: None,
        })
    }

    /// # Errors
    /// When the database refuses.
    pub async fn notice(&self, person: &PersonId, id: Uuid) -> Result<Option<NoticeRow>, Error> {
        self.one(notice::Entity::find_by_id((person.raw(), id.raw())), "looking a notice up").await
    }

    /// Until when a person has read their notices.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn notices_read(&self, person: &PersonId) -> Result<Option<DateTime<Utc>>, Error> {
        let row: Option<NoticeReadRow> =
            self.one(notice_read::Entity::find_by_id(person.raw()), "looking notices up").await?;
        Ok(row.map(|row| row.upto))
    }

    /// The series of an organ.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn series_of(&self, organ: &UnitId) -> Result<Vec<SeriesRow>, Error> {
        self.all(
            series::Entity::find()
                .filter(series::Column::Organ.eq(organ.raw()))
                .order_by_asc(series::Column::Id),
            "listing series",
        )
        .await
    }

    /// # Errors
    /// When the database refuses.
    pub async fn series(&self, id: &str) -> Result<Option<SeriesRow>, Error> {
        self.one(series::Entity::find_by_id(id), "looking a series up").await
    }

    /// The number that would be given next. Somebody else may be quicker.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn next_number(&self, series: &str, year: i32) -> Result<u32, Error> {
        let mut select = Query::select();
        select.column("next").from("series_year");
        select
            .and_where(Expr::col("series").eq(series))
            .and_where(Expr::col("year").eq(i64::from(year)));
        let rows = self.query(&select, "looking a number up").await?;
        let next = rows
            .first()
            .map(|row| row.try_get::<i64>("", "next"))
            .transpose()
            .doing("looking a number up")?;
        next.map_or(Ok(1), |next| crate::table::cell("series_year", "next", next))
    }

    /// The numbers that a document has.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn numbers_of(&self, document: DocumentId) -> Result<Vec<NumberRow>, Error> {
        self.all(
            number::Entity::find()
                .filter(number::Column::Document.eq(document.raw()))
                .order_by_asc(number::Column::Rule),
            "looking numbers up",
        )
        .await
    }
}

fn texts(rows: &[QueryResult], column: &str) -> Result<Vec<String>, Error> {
    rows.iter().map(|row| row.try_get("", column)).collect::<Result<_, _>>().doing("reading a list")
}
