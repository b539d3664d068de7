//! One case with what belongs to it, and where all cases stand.

use super::page::{Page, Slice, SortKey};
use crate::{
    Storage,
    error::{Doing, Error},
    rows::{
        AttachmentRow, CaseRow, CaseState, CopyRow, DocumentRow, LinkRow, SeenRow, TaskRow,
        TaskState, WorkingRow,
        case::{attachment, case_file, copied, document, link, seen, task, working},
    },
    table::Cell,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Func, LikeExpr, Order, Query, SimpleExpr},
};
use std::collections::BTreeMap;
use uuid::Uuid;
use wenshu_core::id::{CaseId, DocumentId, PersonId};

/// A text that contains what was typed, whatever signs that holds.
pub(crate) fn contains(column: SimpleExpr, typed: &str) -> SimpleExpr {
    let escaped: String = typed
        .chars()
        .flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c]))
        .collect();
    Expr::expr(Func::lower(column))
        .like(LikeExpr::new(format!("%{}%", escaped.to_lowercase())).escape('\\'))
}

impl Storage {
    /// The names of all attached files in the object store.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn attached(&self) -> Result<Vec<String>, Error> {
        let select = attachment::Entity::find().select_only().column(attachment::Column::Sha);
        select.distinct().into_tuple().all(self.reading()).await.doing("listing attached files")
    }

    /// # Errors
    /// When the database refuses.
    pub async fn case(&self, id: CaseId) -> Result<Option<CaseRow>, Error> {
        self.one(case_file::Entity::find_by_id(id.raw()), "looking a case up").await
    }

    /// # Errors
    /// When the database refuses.
    pub async fn document(&self, id: DocumentId) -> Result<Option<DocumentRow>, Error> {
        self.one(document::Entity::find_by_id(id.raw()), "looking a document up").await
    }

    /// The tasks of a case, in order.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn tasks(&self, case: CaseId) -> Result<Vec<TaskRow>, Error> {
        let select = task::Entity::find()
            .filter(task::Column::Case.eq(case.raw()))
            .order_by_asc(task::Column::Task);
        self.all(select, "listing tasks").await
    }

    /// Open tasks that are due before `before`, the most urgent first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn due_tasks(
        &self,
        before: chrono::DateTime<chrono::Utc>,
        limit: u64,
    ) -> Result<Vec<TaskRow>, Error> {
        let select = task::Entity::find()
            .filter(task::Column::State.eq(TaskState::Open.raw()))
            .filter(task::Column::DueAt.lt(before.raw()));
        self.all(
            select.order_by_asc(task::Column::DueAt).limit(limit),
            "listing tasks that are due",
        )
        .await
    }

    /// The files of a case that a person may see: those handed over, and their own.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn attachments(
        &self,
        case: CaseId,
        reader: &PersonId,
    ) -> Result<Vec<AttachmentRow>, Error> {
        let select = attachment::Entity::find()
            .filter(attachment::Column::Case.eq(case.raw()))
            .filter(shown_to(reader));
        self.all(
            select.order_by_asc(attachment::Column::At).order_by_asc(attachment::Column::Id),
            "listing attachments",
        )
        .await
    }

    /// One of them.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn attachment(
        &self,
        case: CaseId,
        id: Uuid,
        reader: &PersonId,
    ) -> Result<Option<AttachmentRow>, Error> {
        let select = attachment::Entity::find_by_id((case.raw(), id.raw()));
        self.one(select.filter(shown_to(reader)), "looking an attachment up").await
    }

    /// Links from this case and to it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn links(&self, case: CaseId) -> Result<Vec<LinkRow>, Error> {
        let either = Condition::any()
            .add(link::Column::Case.eq(case.raw()))
            .add(link::Column::Other.eq(case.raw()));
        self.all(
            link::Entity::find().filter(either).order_by_asc(link::Column::At),
            "listing links",
        )
        .await
    }

    /// Whom the case was sent to as a copy.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn copies(&self, case: CaseId) -> Result<Vec<CopyRow>, Error> {
        self.all(
            copied::Entity::find()
                .filter(copied::Column::Case.eq(case.raw()))
                .order_by_asc(copied::Column::At),
            "listing copies",
        )
        .await
    }

    /// What a person is writing on a case.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn working(
        &self,
        case: CaseId,
        person: &PersonId,
    ) -> Result<Option<WorkingRow>, Error> {
        self.one(
            working::Entity::find_by_id((case.raw(), person.raw())),
            "looking a working copy up",
        )
        .await
    }

    /// What a person is writing on some cases.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn workings(
        &self,
        cases: &[CaseId],
        person: &PersonId,
    ) -> Result<Vec<WorkingRow>, Error> {
        let select = working::Entity::find()
            .filter(working::Column::Case.is_in(cases.iter().map(Cell::raw)))
            .filter(working::Column::Person.eq(person.raw()));
        self.all(select, "looking working copies up").await
    }

    /// The version of the document that a person saw last.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn seen(&self, person: &PersonId, case: CaseId) -> Result<Option<SeenRow>, Error> {
        self.one(seen::Entity::find_by_id((person.raw(), case.raw())), "looking up what was seen")
            .await
    }

    /// Cases by id, for lists that were found otherwise.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn cases(&self, ids: &[CaseId]) -> Result<BTreeMap<CaseId, CaseRow>, Error> {
        let select = case_file::Entity::find()
            .filter(case_file::Column::Id.is_in(ids.iter().map(Cell::raw)));
        let rows: Vec<CaseRow> = self.all(select, "listing cases").await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    pub(crate) async fn documents_of(
        &self,
        cases: &BTreeMap<CaseId, CaseRow>,
    ) -> Result<BTreeMap<DocumentId, DocumentRow>, Error> {
        let ids = cases.values().filter_map(|case| case.document).map(|id| id.raw());
        let rows: Vec<DocumentRow> = self
            .all(
                document::Entity::find().filter(document::Column::Id.is_in(ids)),
                "listing documents",
            )
            .await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    /// Where cases stand, for those who oversee them; the newest change first. No state named: any. Drafts are nobody
    /// else's business.
    ///
    /// # Errors
    /// [`Error::Cursor`], or when the database refuses.
    pub async fn oversight(
        &self,
        states: &[CaseState],
        typed: Option<&str>,
        slice: &Slice,
    ) -> Result<Page<CaseRow>, Error> {
        let column = |column: case_file::Column| Expr::col((case_file::Entity, column));
        let mut select = Query::select();
        select.expr_as(column(case_file::Column::Id), "id").from(case_file::Entity);
        select.and_where(column(case_file::Column::Draft).eq(false));
        if !states.is_empty() {
            let states = states.iter().map(Cell::raw);
            select.and_where(column(case_file::Column::State).is_in(states));
        }
        if let Some(typed) = typed.filter(|typed| !typed.trim().is_empty()) {
            select.and_where(contains(column(case_file::Column::Title), typed.trim()));
        }
        let key = SortKey {
            numbers: vec![column(case_file::Column::UpdatedAt)],
            ids: vec![column(case_file::Column::Id)],
            counters: vec![],
            order: Order::Desc,
        };
        key.apply(&mut select, slice)?;
        let mut rows = self.query(&select, "listing cases").await?;
        let next = key.cut(&mut rows, slice)?;
        let ids = case_ids(&rows, "id")?;
        let mut cases = self.cases(&ids).await?;
        Ok(Page {
            items: ids.iter().filter_map(|id| cases.remove(id)).collect(),
            next,
            total: None,
        })
    }
}

/// The cases named by a column of a result.
pub(crate) fn case_ids(
    rows: &[sea_orm::QueryResult],
    column: &'static str,
) -> Result<Vec<CaseId>, Error> {
    let id = |row: &sea_orm::QueryResult| -> Result<CaseId, Error> {
        let text: String = row.try_get("", column).doing("reading a list")?;
        crate::table::cell("case_file", "id", text)
    };
    rows.iter().map(id).collect()
}

/// An upload is its uploader's alone until it is handed over.
fn shown_to(reader: &PersonId) -> Condition {
    Condition::any()
        .add(attachment::Column::OnlyFor.is_null())
        .add(attachment::Column::OnlyFor.eq(reader.raw()))
}
