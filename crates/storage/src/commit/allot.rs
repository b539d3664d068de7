//! Numbers 文号, allotted inside the transaction of the act that needs them: a rollback gives them back.

use super::{Anything, code, statement};
use crate::{
    error::{Doing, Error},
    writes::{Allot, Allotted, RESERVED, Refused, VOID},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, SqlErr};

const HELD: &str = r#"SELECT series, "year", number FROM number WHERE document = $1 AND rule = $2"#;
const NEXT: &str = r#"INSERT INTO series_year(series, "year", next) VALUES ($1, $2, 2)
    ON CONFLICT(series, "year") DO UPDATE SET next = series_year.next + 1 RETURNING next - 1 AS number"#;
/// The counter goes on behind a number that was wanted, unless it is beyond it already.
const BEYOND: &str = r#"INSERT INTO series_year(series, "year", next) VALUES ($1, $2, $3)
    ON CONFLICT(series, "year") DO UPDATE SET next = CASE WHEN series_year.next < excluded.next THEN excluded.next ELSE series_year.next END"#;
const GIVE: &str =
    r#"INSERT INTO number(series, "year", number, document, rule) VALUES ($1, $2, $3, $4, $5)"#;
const TAKE_RESERVED: &str = r#"UPDATE number SET document = $1, rule = $2
    WHERE series = $3 AND "year" = $4 AND number = $5 AND rule = 'reserved'"#;
const TAKEN: &str =
    r#"SELECT 1 AS taken FROM number WHERE series = $1 AND "year" = $2 AND number = $3"#;

/// Allots each number, or looks up the one that the document has already.
pub(super) async fn allot(
    tx: &DatabaseTransaction,
    wanted: &[Allot],
) -> Result<Vec<Allotted>, Refused<Anything>> {
    let mut allotted = Vec::with_capacity(wanted.len());
    for what in wanted {
        allotted.push(one(tx, what).await?);
    }
    Ok(allotted)
}

async fn one(tx: &DatabaseTransaction, what: &Allot) -> Result<Allotted, Refused<Anything>> {
    let backend = tx.get_database_backend();
    let document = what.document.to_string();
    let held = statement(backend, HELD, vec![document.clone().into(), what.rule.clone().into()]);
    if let Some(row) = tx.query_one_raw(held).await.doing("looking a number up")? {
        let read = || -> Result<(String, i64, i64), DbErr> {
            Ok((row.try_get("", "series")?, row.try_get("", "year")?, row.try_get("", "number")?))
        };
        let (series, year, number) = read().doing("looking a number up")?;
        return Ok(Allotted { series, year: narrow(year)?, number: narrow(number)?, again: true });
    }
    let (series, year) = (what.series.clone(), i64::from(what.year));
    let number = match what.wanted {
        None => loop {
            let next = statement(backend, NEXT, vec![series.clone().into(), year.into()]);
            let row = tx
                .query_one_raw(next)
                .await
                .map_err(|error| failed(error, "allotting a number"))?;
            let row = row
                .ok_or(DbErr::RecordNotFound("RETURNING gave nothing".to_owned()))
                .doing("allotting a number")?;
            let number: i64 = row.try_get("", "number").doing("allotting a number")?;
            // Numbers that were given by hand ahead of the counter are passed over.
            if !taken(tx, what, number).await? {
                break number;
            }
        },
        // Kept for later or never to be given: the counter passes over it when it comes there.
        Some(number) if what.rule == RESERVED || what.rule == VOID => {
            if taken(tx, what, i64::from(number)).await? {
                return Err(Refused::NumberTaken { series, year: what.year, number });
            }
            i64::from(number)
        }
        Some(number) => {
            if take_reserved(tx, what, i64::from(number)).await? {
                return Ok(Allotted { series, year: what.year, number, again: false });
            }
            if taken(tx, what, i64::from(number)).await? {
                return Err(Refused::NumberTaken { series, year: what.year, number });
            }
            let beyond = statement(
                backend,
                BEYOND,
                vec![series.clone().into(), year.into(), (i64::from(number) + 1).into()],
            );
            tx.execute_raw(beyond).await.map_err(|error| failed(error, "allotting a number"))?;
            i64::from(number)
        }
    };
    let give = vec![
        series.clone().into(),
        year.into(),
        number.into(),
        document.into(),
        what.rule.clone().into(),
    ];
    if let Err(error) = tx.execute_raw(statement(backend, GIVE, give)).await {
        return Err(match (error.sql_err(), what.wanted) {
            (Some(SqlErr::UniqueConstraintViolation(_)), Some(number)) => {
                Refused::NumberTaken { series, year: what.year, number }
            }
            // Another act gave this document its number a moment ago.
            (Some(SqlErr::UniqueConstraintViolation(_)), None) => Refused::Moved,
            (Some(_) | None, _) => failed(error, "giving a number"),
        });
    }
    Ok(Allotted { series, year: what.year, number: narrow(number)?, again: false })
}

/// A number that was kept for later becomes the document's.
async fn take_reserved(
    tx: &DatabaseTransaction,
    what: &Allot,
    number: i64,
) -> Result<bool, Refused<Anything>> {
    let values = vec![
        what.document.to_string().into(),
        what.rule.clone().into(),
        what.series.clone().into(),
        i64::from(what.year).into(),
        number.into(),
    ];
    let done = tx.execute_raw(statement(tx.get_database_backend(), TAKE_RESERVED, values)).await;
    let done = done.map_err(|error| failed(error, "giving a reserved number"))?;
    Ok(done.rows_affected() == 1)
}

async fn taken(tx: &DatabaseTransaction, what: &Allot, number: i64) -> Result<bool, Error> {
    let values = vec![what.series.clone().into(), i64::from(what.year).into(), number.into()];
    let row = tx
        .query_one_raw(statement(tx.get_database_backend(), TAKEN, values))
        .await
        .doing("looking a number up")?;
    Ok(row.is_some())
}

/// An act that lost a race between transactions decides again.
fn failed(error: DbErr, doing: &'static str) -> Refused<Anything> {
    match code(&error).as_deref() {
        Some("40001" | "40P01") => Refused::Moved,
        Some(_) | None => Refused::Failed(Error::Database { doing, source: error }),
    }
}

fn narrow<T: TryFrom<i64>>(number: i64) -> Result<T, Error> {
    T::try_from(number).map_err(|_| Error::Row {
        table: "number",
        column: "number",
        why: number.to_string(),
    })
}
