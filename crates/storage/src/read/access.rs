//! Who may see what. The reader brings all that they are; nothing is rewritten when a post changes hands.

use crate::{
    Storage,
    error::Error,
    rows::{AccessRow, AccessWhy, Who, case::access},
    table::Cell,
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};
use wenshu_core::id::{CaseId, PersonId, PostId, UnitId};

/// Somebody who reads, with everything that gives them rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    pub person: PersonId,
    /// The posts in which they look: the one acted in, or all of them.
    pub posts: Vec<PostId>,
    /// Units for which they read.
    pub units: Vec<UnitId>,
}

impl Viewer {
    pub(crate) fn names(&self) -> Vec<String> {
        let posts = self.posts.iter().cloned().map(Who::Post);
        let units = self.units.iter().cloned().map(Who::Unit);
        [Who::Person(self.person.clone())]
            .into_iter()
            .chain(posts)
            .chain(units)
            .map(|who| who.raw())
            .collect()
    }
}

/// Holds for the cases that the viewer may see; `case` is the column with the case's id.
pub(crate) fn visible(viewer: &Viewer, case: SimpleExpr) -> SimpleExpr {
    let column = |name: &str| Expr::col((Alias::new("seer"), Alias::new(name.to_owned())));
    let mut rights: SelectStatement = Query::select();
    rights.expr(Expr::val(1)).from_as(access::Entity, Alias::new("seer"));
    rights.and_where(column("case").eq(case)).and_where(column("who").is_in(viewer.names()));
    Expr::exists(rights)
}

impl Storage {
    /// Why the viewer may see the case; empty: they may not. [`AccessWhy::Recipient`] alone shows the document, not the case.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn may_see(&self, viewer: &Viewer, case: CaseId) -> Result<Vec<AccessWhy>, Error> {
        let select = access::Entity::find()
            .filter(access::Column::Case.eq(case.raw()))
            .filter(access::Column::Who.is_in(viewer.names()));
        let rows: Vec<AccessRow> =
            self.all(select.order_by_asc(access::Column::Why), "looking rights up").await?;
        let mut why: Vec<_> = rows.into_iter().map(|row| row.why).collect();
        why.sort();
        why.dedup();
        Ok(why)
    }

    /// Everybody who may see the case.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn access_of(&self, case: CaseId) -> Result<Vec<AccessRow>, Error> {
        let select = access::Entity::find()
            .filter(access::Column::Case.eq(case.raw()))
            .order_by_asc(access::Column::Who)
            .limit(10_000);
        self.all(select, "looking rights up").await
    }
}
