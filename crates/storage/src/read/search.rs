//! Finding cases by the words of their title, number and body: all words, newest first, only what the viewer may see.

use super::{
    access::{Viewer, visible},
    cases::case_ids,
    page::{Page, Slice, SortKey},
};
use crate::{
    Storage, Writes,
    error::{Cause, Doing, Error},
    search::SearchText,
    writes::Refused,
};
use chrono::{DateTime, Utc};
use sea_orm::{
    DbBackend, QueryResult,
    sea_query::{Alias, Expr, ExprTrait, Order, Query, SimpleExpr},
};
use std::convert::Infallible;
use wenshu_core::id::CaseId;

/// A case that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub case: CaseId,
    pub title: String,
    pub number: Option<String>,
    pub kind_title: String,
    pub unit_name: String,
    /// Plain text with ⟦…⟧ around what was asked for.
    pub snippet: String,
    pub at: DateTime<Utc>,
}

fn column(name: &'static str) -> SimpleExpr {
    Expr::col((Alias::new("search"), Alias::new(name)))
}

impl Storage {
    /// A page of what is found; nothing when nothing to look for is left of `question`.
    ///
    /// # Errors
    /// [`Error::Cursor`], or when the database refuses.
    pub async fn search(
        &self,
        viewer: &Viewer,
        question: &str,
        kind: Option<&str>,
        slice: &Slice,
    ) -> Result<Page<Hit>, Error> {
        let Some(asked) = self.inner.words.ask(question) else {
            return Ok(Page { items: vec![], next: None, total: None });
        };
        let mut select = Query::select();
        select.from(Alias::new("search"));
        match self.backend() {
            DbBackend::Postgres => {
                select.and_where(Expr::cust_with_values("search.tokens @@ $1::tsquery", [asked]))
            }
            _ => select.and_where(Expr::cust_with_values(
                "search.docid IN (SELECT rowid FROM search_index WHERE search_index MATCH ?)",
                [asked],
            )),
        };
        select.and_where(visible(viewer, column("case")));
        if let Some(kind) = kind {
            select.and_where(column("kind").eq(kind));
        }
        for name in ["case", "title", "number", "kind", "kind_title", "unit_name", "body", "at"] {
            select.expr_as(column(name), name);
        }
        let key = SortKey {
            numbers: vec![column("at")],
            ids: vec![column("case")],
            counters: vec![],
            order: Order::Desc,
        };
        key.apply(&mut select, slice)?;
        let mut rows = self.query(&select, "searching").await?;
        let next = key.cut(&mut rows, slice)?;
        let mut words = self.inner.words.cut(question);
        words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
        let hit = |text: SearchText| Hit {
            case: text.case,
            snippet: snippet(&text.body, &words),
            title: text.title,
            number: text.number,
            kind_title: text.kind_title,
            unit_name: text.unit_name,
            at: text.at,
        };
        Ok(Page { items: texts(&rows)?.into_iter().map(hit).collect(), next, total: None })
    }

    /// Cuts all texts into words again, after the dictionary has grown. Gives how many.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn reindex(&self) -> Result<u64, Error> {
        let (mut after, mut count) = (String::new(), 0);
        loop {
            let mut select = Query::select();
            select.from(Alias::new("search")).and_where(column("case").gt(after.clone()));
            for name in ["case", "title", "number", "kind", "kind_title", "unit_name", "body", "at"]
            {
                select.expr_as(column(name), name);
            }
            select.order_by((Alias::new("search"), Alias::new("case")), Order::Asc).limit(200);
            let search = texts(&self.query(&select, "reading texts").await?)?;
            let Some(last) = search.last() else { return Ok(count) };
            after = last.case.to_string();
            count += search.len() as u64;
            match self.commit::<Infallible>(Writes { search, ..Writes::default() }).await {
                Ok(_) => {}
                Err(Refused::Failed(error)) => return Err(error),
                Err(refused) => {
                    let told = format!("indexing was refused: {refused:?}");
                    return Err(Error::Group { told, cause: Cause::Fault });
                }
            }
        }
    }
}

fn texts(rows: &[QueryResult]) -> Result<Vec<SearchText>, Error> {
    let text = |(row, case): (&QueryResult, CaseId)| -> Result<SearchText, Error> {
        let get = |name: &str| row.try_get::<String>("", name).doing("reading texts");
        let number = row.try_get::<Option<String>>("", "number").doing("reading texts")?;
        let at = crate::table::cell(
            "search",
            "at",
            row.try_get::<i64>("", "at").doing("reading texts")?,
        )?;
        let (title, kind, kind_title) = (get("title")?, get("kind")?, get("kind_title")?);
        Ok(SearchText {
            case,
            title,
            number,
            kind,
            kind_title,
            unit_name: get("unit_name")?,
            body: get("body")?,
            at,
        })
    };
    rows.iter().zip(case_ids(rows, "case")?).map(text).collect()
}

/// Signs around the first hit, and how many of them.
const BEFORE: usize = 24;
const WHOLE: usize = 120;

/// A piece of the text around the first word found, with every word in it marked.
fn snippet(text: &str, words: &[String]) -> String {
    let shown: Vec<char> = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let plain: Vec<char> = shown.iter().map(|c| crate::search::plain(*c)).collect();
    let words: Vec<Vec<char>> = words.iter().map(|word| word.chars().collect()).collect();
    let length_at =
        |at: usize| words.iter().find(|word| plain[at..].starts_with(word)).map(Vec::len);
    let first = (0..plain.len()).find(|at| length_at(*at).is_some()).unwrap_or(0);
    let start = first.saturating_sub(BEFORE);
    let end = (start + WHOLE).min(shown.len());
    let mut out = String::new();
    if start > 0 {
        out.push('…');
    }
    let mut at = start;
    while at < end {
        let length = length_at(at).unwrap_or(0);
        if length > 0 {
            out.push('⟦');
            out.extend(&shown[at..at + length]);
            out.push('⟧');
        } else {
            out.push(shown[at]);
        }
        at += length.max(1);
    }
    if at < shown.len() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::snippet;

    #[test]
    fn a_snippet_marks_words_and_keeps_the_text() {
        let words = ["安全生产".to_owned(), "安全".to_owned()];
        let text = format!("{}做好安全生产工作，\n确保安全。", "略".repeat(60));
        let piece = snippet(&text, &words);
        assert!(piece.starts_with("…略"), "{piece}");
        assert!(piece.ends_with("做好⟦安全生产⟧工作， 确保⟦安全⟧。"), "{piece}");
        assert_eq!(snippet("", &words), "");
    }
}
