//! Numbers 文号: which series a document is numbered in, and the year that the number bears.

use crate::{act::Making, error::Error, office::Office};
use wenshu_core::{Rejection, id::UnitId};
use wenshu_document::{Kind, Metadata, Number, Series, number};
use wenshu_storage::{Allot, Allotted, NumberFateRow, SeriesRow};

/// The one number that every document has.
pub(crate) const RULE: &str = "number";

impl Office {
    /// The series of an organ, in the order of their ids.
    pub async fn series(&self, organ: &UnitId) -> Result<Vec<Series>, Error> {
        let rows = self.inner.storage.series_of(organ).await?;
        Ok(rows.into_iter().map(series).collect())
    }

    /// The number that would come next, without taking it.
    pub async fn next_number(&self, id: &str, year: i32) -> Result<Number, Error> {
        let row = self.inner.storage.series(id).await?.ok_or(Error::NotFound)?;
        let mut seq = self.inner.storage.next_number(id, year).await?;
        // What is kept or void is passed over when the counter comes there.
        let given = self.inner.storage.numbers_in(id, year).await?;
        while given.iter().any(|row| row.number == seq) {
            seq += 1;
        }
        Ok(Number { code: row.code, year, seq })
    }

    /// The series in which the document of this act is numbered: the one it names, or the first of its organ that
    /// takes its kind.
    pub(crate) async fn series_of(
        &self,
        making: &Making,
        chosen: Option<&NumberFateRow>,
    ) -> Result<Series, Error> {
        if let Some(chosen) = chosen {
            let row = self.inner.storage.series(&chosen.series).await?;
            return Ok(series(row.ok_or_else(|| no_series("本件"))?));
        }
        let metadata = making.metadata().ok_or_else(|| no_series("本件"))?;
        let organ = making
            .directory
            .organ_of(&metadata.organ)
            .map_or_else(|| metadata.organ.clone(), |unit| unit.id.clone());
        let all = self.series(&organ).await?;
        let named =
            metadata.series.as_ref().and_then(|id| all.iter().find(|series| series.id == *id));
        let fitting =
            || all.iter().find(|series| !series.kinds.is_empty() && series.takes(metadata.kind));
        let any = || all.iter().find(|series| series.kinds.is_empty());
        let name =
            making.directory.units.get(&organ).map_or(organ.as_str(), |unit| unit.short.as_str());
        named.or_else(fitting).or_else(any).cloned().ok_or_else(|| no_series(name))
    }
}

impl Making {
    /// The document's elements as they are after the handed-over changes.
    pub(crate) fn metadata(&self) -> Option<&Metadata> {
        let now = self.held.document.as_ref().map(|log| &log.document.metadata);
        self.revision.as_ref().map(|revision| &revision.metadata).or(now)
    }
}

fn no_series(whose: &str) -> Error {
    Error::Rejected(Rejection::Rule {
        rule: "series".into(),
        text: format!("{whose}没有可用的文号系列，编不了号。"),
        next: "请管理员为发文机关登记文号系列。".into(),
    })
}

/// What is asked of the database: the year is that of 成文日期, or of today where nobody has signed.
pub(crate) fn allot(
    series: &Series,
    making: &Making,
    chosen: Option<&NumberFateRow>,
) -> Result<Allot, Error> {
    let log = making.held.document.as_ref().ok_or_else(|| no_series("本件"))?;
    let written =
        log.document.metadata.written_on.unwrap_or_else(|| number::official_date(making.now));
    let year = number::year_of(written);
    if let Some(chosen) = chosen.filter(|chosen| chosen.year != i64::from(year)) {
        return Err(Error::Rejected(Rejection::Rule {
            rule: "number-of-another-year".into(),
            text: format!("选用的是{}年的预留文号，而成文日期在{year}年。", chosen.year),
            next: "请取消选用，或改选本年度的预留文号。".into(),
        }));
    }
    Ok(Allot {
        series: series.id.clone(),
        year,
        document: log.document.id,
        rule: RULE.to_owned(),
        wanted: chosen.map(|chosen| chosen.number),
    })
}

/// The number that was allotted.
pub(crate) fn given(series: &Series, allotted: &[Allotted]) -> Result<Number, Error> {
    let first = allotted.first().ok_or_else(|| no_series(&series.title))?;
    Ok(Number { code: series.code.clone(), year: first.year, seq: first.number })
}

/// A row as a series. `purpose` lists the kinds it is for, 公文 means any.
pub(crate) fn series(row: SeriesRow) -> Series {
    let kinds = row.purpose.split('、').filter_map(Kind::from_title).collect();
    Series { id: row.id, organ: row.organ, code: row.code, title: row.title, kinds }
}

/// A series as its row.
pub(crate) fn series_row(series: &Series) -> SeriesRow {
    let kinds: Vec<_> = series.kinds.iter().map(|kind| kind.title()).collect();
    let purpose = if kinds.is_empty() { "公文".to_owned() } else { kinds.join("、") };
    SeriesRow {
        id: series.id.clone(),
        organ: series.organ.clone(),
        title: series.title.clone(),
        code: series.code.clone(),
        purpose,
    }
}
