//! The rules of form and of who may write to whom, each named, with its level and its source.
//!
//! A rule is a small function in a table; `check` plays the table. What blocks and what only warns follows the words of
//! the source: 应当、必须、不得 block, 一般、原则上 warn, and the habits of offices are local and never called law.

mod elements;
mod lines;
mod secrecy;
mod units;
mod wording;

pub use secrecy::secret_mark;

use crate::{body::Body, document::Document, metadata::Metadata};
use serde::{Deserialize, Serialize};
use wenshu_core::directory::Directory;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 必须改正.
    Block,
    /// 提醒.
    Warn,
    /// 本地习惯.
    Local,
}

/// When a document is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// 送审.
    Submit,
    /// 签发.
    Sign,
    /// 编号.
    Number,
    /// 分发.
    Dispatch,
}

/// What a rule has to say about a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable, e.g. `R-04`.
    pub rule: String,
    pub level: Level,
    /// The field to mend.
    pub field: String,
    /// What is wrong and what to do, in Chinese.
    pub text: String,
    pub source: String,
}

/// What a rule may look at.
pub(crate) struct Subject<'a> {
    pub document: &'a Document,
    pub metadata: &'a Metadata,
    pub body: &'a Body,
    pub text: &'a str,
    pub directory: &'a Directory,
}

/// A rule: the first moment at which it counts, and the function that says what is wrong.
pub(crate) struct Rule {
    pub id: &'static str,
    pub level: Level,
    pub from: Moment,
    pub field: &'static str,
    pub source: &'static str,
    pub says: fn(&Subject<'_>) -> Option<String>,
}

/// Everything that is wrong at this moment; what blocks comes first.
#[must_use]
pub fn check(
    document: &Document,
    body: &Body,
    directory: &Directory,
    moment: Moment,
) -> Vec<Finding> {
    let text = body.plain_text();
    let subject = Subject { document, metadata: &document.metadata, body, text: &text, directory };
    let mut findings: Vec<Finding> = tables()
        .into_iter()
        .flatten()
        .filter(|rule| rule.from <= moment)
        .filter_map(|rule| {
            Some(Finding {
                text: (rule.says)(&subject)?,
                rule: rule.id.to_owned(),
                level: rule.level,
                field: rule.field.to_owned(),
                source: rule.source.to_owned(),
            })
        })
        .collect();
    findings.sort_by_key(|finding| finding.level);
    findings
}

/// Whether anything forbids going on.
#[must_use]
pub fn blocks(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.level == Level::Block)
}

fn tables() -> [&'static [Rule]; 5] {
    [secrecy::RULES, elements::RULES, units::RULES, lines::RULES, wording::RULES]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_has_a_name_of_its_own_a_field_and_a_source() {
        let vocabulary = crate::vocabulary();
        let mut seen = BTreeSet::new();
        for rule in tables().into_iter().flatten() {
            assert!(seen.insert(rule.id), "{} is there twice", rule.id);
            assert!(vocabulary.field(rule.field).is_some(), "{}: {}", rule.id, rule.field);
            assert!(!rule.source.is_empty(), "{}", rule.id);
        }
    }
}
