//! Full-text search: one stream of words for both databases, so that both find the same.
//! Words are cut by jieba, full-width forms made half-width first; organ names and 代字 can be added to its dictionary.

use chrono::{DateTime, Utc};
use jieba_rs::Jieba;
use sea_orm::DbBackend;
use serde_json::{Value, json};
use std::sync::{LazyLock, PoisonError, RwLock};
use wenshu_core::id::CaseId;

/// A text by which a case is found. A later one of the same case takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchText {
    pub case: CaseId,
    pub title: String,
    pub number: Option<String>,
    pub kind: String,
    pub kind_title: String,
    pub unit_name: String,
    /// Plain text.
    pub body: String,
    pub at: DateTime<Utc>,
}

impl SearchText {
    pub(crate) fn row(&self, tokens: &str) -> Value {
        let clean = |text: &str| text.replace('\0', "");
        json!({"case": self.case.to_string(), "title": clean(&self.title), "number": self.number, "kind": self.kind,
            "kind_title": self.kind_title, "unit_name": self.unit_name, "body": clean(&self.body),
            "at": self.at.timestamp_micros(), "tokens": tokens})
    }
}

/// Cuts texts into words for the database at hand.
#[derive(Debug)]
pub(crate) struct Words {
    /// Loaded when first needed: it takes a tenth of a second.
    jieba: LazyLock<RwLock<Jieba>>,
    backend: DbBackend,
}

/// PostgreSQL takes no longer lexeme than 2 KiB; nobody looks for one.
const LONGEST: usize = 200;

impl Words {
    pub fn new(backend: DbBackend) -> Self {
        Self { jieba: LazyLock::new(|| RwLock::new(Jieba::new())), backend }
    }

    pub fn learn(&self, words: &[String]) {
        let mut jieba = self.jieba.write().unwrap_or_else(PoisonError::into_inner);
        for word in words {
            jieba.add_word(word, Some(20_000), None);
        }
    }

    /// The words of a text, in order, those within longer words too.
    pub fn cut(&self, text: &str) -> Vec<String> {
        let text: String = text.chars().map(plain).collect::<String>();
        let jieba = self.jieba.read().unwrap_or_else(PoisonError::into_inner);
        let words = jieba.cut_for_search(&text, true).into_iter().map(|token| token.word.trim());
        words
            .filter(|word| word.len() <= LONGEST && word.chars().any(char::is_alphanumeric))
            .map(str::to_owned)
            .collect()
    }

    /// What the index of this database takes.
    pub fn index(&self, text: &SearchText) -> String {
        let number = text.number.as_deref().unwrap_or_default();
        let words = self.cut(&format!(
            "{}\n{number}\n{}\n{}\n{}",
            text.title, text.kind_title, text.unit_name, text.body
        ));
        match self.backend {
            DbBackend::Postgres => {
                let lexeme = |(at, word): (usize, &String)| {
                    format!("{}:{}", quoted(word), (at + 1).min(16_383))
                };
                words.iter().enumerate().map(lexeme).collect::<Vec<_>>().join(" ")
            }
            _ => words.join(" "),
        }
    }

    /// What the index of this database is asked; none when nothing to look for is left.
    pub fn ask(&self, question: &str) -> Option<String> {
        let mut words = self.cut(question);
        words.sort();
        words.dedup();
        if words.is_empty() {
            return None;
        }
        Some(match self.backend {
            DbBackend::Postgres => {
                words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" & ")
            }
            _ => words
                .iter()
                .map(|word| format!("\"{}\"", word.replace('"', "\"\"")))
                .collect::<Vec<_>>()
                .join(" AND "),
        })
    }
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\\', "\\\\").replace('\'', "''"))
}

/// One sign for one sign, so that places in the text stay: half-width, small.
pub(crate) fn plain(c: char) -> char {
    let c = half_width(c);
    let mut small = c.to_lowercase();
    match (small.next(), small.next()) {
        (Some(one), None) => one,
        (_, _) => c,
    }
}

fn half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    }
}
