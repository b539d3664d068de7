//! Reading: one file per thing that is asked for. Every list for people filters by what its viewer may see, in SQL.

pub(crate) mod access;
pub(crate) mod cases;
pub(crate) mod office;
pub(crate) mod page;
pub(crate) mod register;
pub(crate) mod search;
pub(crate) mod streams;
pub(crate) mod travel;
pub(crate) mod worklist;
pub(crate) mod workshop;

use crate::{
    Storage,
    error::{Doing, Error},
};
use sea_orm::{
    ConnectionTrait, EntityTrait, ModelTrait, QueryResult, Select, sea_query::SelectStatement,
};

impl Storage {
    pub(crate) async fn all<R, E>(
        &self,
        select: Select<E>,
        doing: &'static str,
    ) -> Result<Vec<R>, Error>
    where
        E: EntityTrait,
        R: TryFrom<<E as EntityTrait>::Model, Error = Error>,
        <E as EntityTrait>::Model: ModelTrait,
    {
        select.all(self.reading()).await.doing(doing)?.into_iter().map(R::try_from).collect()
    }

    pub(crate) async fn one<R, E>(
        &self,
        select: Select<E>,
        doing: &'static str,
    ) -> Result<Option<R>, Error>
    where
        E: EntityTrait,
        R: TryFrom<<E as EntityTrait>::Model, Error = Error>,
        <E as EntityTrait>::Model: ModelTrait,
    {
        select.one(self.reading()).await.doing(doing)?.map(R::try_from).transpose()
    }

    pub(crate) async fn query(
        &self,
        select: &SelectStatement,
        doing: &'static str,
    ) -> Result<Vec<QueryResult>, Error> {
        self.reading().query_all(select).await.doing(doing)
    }
}
