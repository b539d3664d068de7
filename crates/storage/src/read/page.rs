//! Pages and cursors. A cursor is the sort key of the last row, so that a page costs the same wherever it lies.

use crate::error::Error;
use sea_orm::sea_query::{Expr, ExprTrait, Order, SelectStatement, SimpleExpr, Value};

/// Part of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the next page starts.
    pub next: Option<String>,
    /// How many there are in all, where that is cheap to say.
    pub total: Option<u64>,
}

/// Which part of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slice {
    /// At most 200; 0 means 50.
    pub limit: u32,
    pub after: Option<String>,
}

impl Slice {
    pub(crate) fn size(&self) -> u64 {
        match self.limit {
            0 => 50,
            limit => u64::from(Ord::min(limit, 200)),
        }
    }

    /// The first `limit` of everything.
    #[must_use]
    pub fn first(limit: u32) -> Self {
        Self { limit, after: None }
    }
}

/// What a list is ordered by: whole numbers and then ids, all in one direction.
#[derive(Clone, Debug)]
pub(crate) struct SortKey {
    pub numbers: Vec<SimpleExpr>,
    /// Ids of text.
    pub ids: Vec<SimpleExpr>,
    /// Counters after them.
    pub counters: Vec<SimpleExpr>,
    pub order: Order,
}

impl SortKey {
    /// Orders `select`, starts it behind the cursor, and takes one row more than the page, to know whether there is more.
    /// The parts of the key are selected as `k0`, `k1`, …
    pub fn apply(&self, select: &mut SelectStatement, slice: &Slice) -> Result<(), Error> {
        let parts = || self.numbers.iter().chain(&self.ids).chain(&self.counters).cloned();
        if let Some(cursor) = &slice.after {
            let wrong = || Error::Cursor(cursor.clone());
            let values: Vec<&str> = cursor.split('.').collect();
            if values.len() != parts().count() {
                return Err(wrong());
            }
            let text = self.numbers.len()..self.numbers.len() + self.ids.len();
            let value = |(n, value): (usize, &&str)| -> Result<SimpleExpr, Error> {
                Ok(if text.contains(&n) {
                    Expr::val((*value).to_owned())
                } else {
                    Expr::val(Value::BigInt(Some(value.parse().map_err(|_| wrong())?)))
                })
            };
            let values = values.iter().enumerate().map(value).collect::<Result<Vec<_>, _>>()?;
            let (key, last) = (Expr::tuple(parts()), Expr::tuple(values));
            select.and_where(match self.order {
                Order::Desc => key.lt(last),
                _ => key.gt(last),
            });
        }
        for (n, part) in parts().enumerate() {
            select.expr_as(part.clone(), format!("k{n}")).order_by_expr(part, self.order.clone());
        }
        select.limit(slice.size() + 1);
        Ok(())
    }

    /// Cuts the row beyond the page off, and makes the cursor from the last that stays.
    pub fn cut(
        &self,
        rows: &mut Vec<sea_orm::QueryResult>,
        slice: &Slice,
    ) -> Result<Option<String>, Error> {
        use crate::error::Doing;
        let size = usize::try_from(slice.size()).unwrap_or(usize::MAX);
        if rows.len() <= size {
            return Ok(None);
        }
        rows.truncate(size);
        let Some(last) = rows.last() else { return Ok(None) };
        let text = self.numbers.len()..self.numbers.len() + self.ids.len();
        let part = |n: usize| -> Result<String, sea_orm::DbErr> {
            let name = format!("k{n}");
            if text.contains(&n) {
                last.try_get("", &name)
            } else {
                Ok(last.try_get::<i64>("", &name)?.to_string())
            }
        };
        let parts = (0..text.end + self.counters.len())
            .map(part)
            .collect::<Result<Vec<_>, _>>()
            .doing("making a cursor")?;
        Ok(Some(parts.join(".")))
    }
}
