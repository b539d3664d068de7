//! Emptying what can be made again from the events, for `wenshu rebuild`: the office then puts it there again, case by case.

use crate::{
    Storage,
    commit::begin,
    error::{Doing, Error},
    table::Columns,
};
use sea_orm::{ConnectionTrait, DbBackend};

impl Storage {
    /// Empties the tables of these rows, and of search, in one transaction.
    /// Drafts, sessions, numbers, jobs and messages are no projections: ask for them only if you can make them again.
    ///
    /// # Errors
    /// When the database refuses; nothing is emptied then.
    pub async fn empty(&self, rows: &[Projection]) -> Result<(), Error> {
        let doing = "emptying projections";
        let tx = begin(self.writing()).await.doing(doing)?;
        for Projection(table) in rows {
            tx.execute_unprepared(&format!("DELETE FROM {table}")).await.doing(doing)?;
        }
        tx.execute_unprepared("DELETE FROM search").await.doing(doing)?;
        if self.backend() == DbBackend::Sqlite {
            tx.execute_unprepared("DELETE FROM search_index").await.doing(doing)?;
        }
        tx.commit().await.doing(doing)
    }

    /// Lets go of the database: what was committed is in its file, and other programs can have it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn close(&self) -> Result<(), Error> {
        self.reading().clone().close().await.doing("closing the database")?;
        self.writing().clone().close().await.doing("closing the database")
    }
}

/// A table that can be emptied.
#[derive(Clone, Copy, Debug)]
pub struct Projection(&'static str);

impl Projection {
    /// The table of this kind of row.
    #[must_use]
    pub fn of<R: Columns>() -> Self {
        Self(R::TABLE.name)
    }
}
