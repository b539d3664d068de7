//! 发文字号: its form `代字〔年〕N号`, its series, and how real ones found in the wild are read.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use thiserror::Error;
use wenshu_core::id::UnitId;

use crate::kind::Kind;

/// One run of numbers: an organ counts each series from 1 in every year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    pub id: String,
    pub organ: UnitId,
    /// 机关代字, e.g. 云政发.
    pub code: String,
    /// Chinese name in lists, e.g. 市政府发文.
    pub title: String,
    /// The kinds it is for; empty means any.
    #[serde(default)]
    pub kinds: Vec<Kind>,
}

impl Series {
    /// Whether documents of this kind are numbered here.
    #[must_use]
    pub fn takes(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }
}

/// 发文字号 (条例 art. 9(5), GB/T 9704 7.2.5).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Number {
    pub code: String,
    pub year: i32,
    pub seq: u32,
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\u{3014}{}\u{3015}{}号", self.code, self.year, self.seq)
    }
}

/// Why a text is not a number of a document.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NumberError {
    #[error("“{0}”里没有四位年份，发文字号应写作“代字〔年〕序号号”")]
    NoYear(String),
    #[error("“{0}”里没有机关代字，发文字号应写作“代字〔年〕序号号”")]
    NoCode(String),
    #[error("“{0}”里没有序号，发文字号应写作“代字〔年〕序号号”")]
    NoSequence(String),
}

impl Number {
    /// Reads the numbers that other organs write: any brackets, spaces, full-width digits, 字, 第, leading zeros.
    /// What it returns is written correctly.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let tidy: String = text.chars().filter(|c| !c.is_whitespace()).map(plain).collect();
        let (code, year, rest) =
            split_at_year(&tidy).ok_or_else(|| NumberError::NoYear(text.to_owned()))?;
        let code: String = code
            .trim_end_matches(['[', '(', '第', '-', '_'])
            .trim_start_matches(['(', '['])
            .to_owned();
        let code = code.strip_suffix('字').unwrap_or(&code).to_owned();
        if !code.chars().any(|c| c.is_alphabetic()) {
            return Err(NumberError::NoCode(text.to_owned()));
        }
        let rest = rest.trim_start_matches([')', ']', '年', '第', '字', '-', '_', '.']);
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let after = rest.get(digits.len()..).unwrap_or_default();
        let seq: u32 = digits.parse().map_err(|_| NumberError::NoSequence(text.to_owned()))?;
        if seq == 0 || !(after.is_empty() || after.starts_with('号')) {
            return Err(NumberError::NoSequence(text.to_owned()));
        }
        Ok(Self { code, year, seq })
    }

    /// Whether a text is written exactly as the standard wants it.
    #[must_use]
    pub fn well_formed(text: &str) -> bool {
        Number::parse(text).is_ok_and(|number| number.to_string() == text)
    }
}

impl FromStr for Number {
    type Err = NumberError;
    fn from_str(text: &str) -> Result<Self, NumberError> {
        Number::parse(text)
    }
}

/// One shape for the brackets and digits that mean the same.
fn plain(c: char) -> char {
    match c {
        '〔' | '［' | '【' | '﹝' | '〖' | '{' | '｛' | '<' | '《' | '〈' => '[',
        '〕' | '］' | '】' | '﹞' | '〗' | '}' | '｝' | '>' | '》' | '〉' => ']',
        '（' => '(',
        '）' => ')',
        '號' => '号',
        '—' | '–' | '－' => '-',
        '０'..='９' => {
            char::from(b'0' + u8::try_from(u32::from(c) - u32::from('０')).unwrap_or(0))
        }
        other => other,
    }
}

/// The text before the first four digits that can be a year, that year, and the text after it.
fn split_at_year(text: &str) -> Option<(&str, i32, &str)> {
    let starts = text.char_indices().map(|(at, _)| at);
    for at in starts {
        let Some(digits) = text.get(at..at + 4) else { continue };
        let within = text.get(..at)?.ends_with(|c: char| c.is_ascii_digit());
        if within || !digits.chars().all(|c| c.is_ascii_digit()) {
            continue;
        }
        let year: i32 = digits.parse().ok()?;
        let rest = text.get(at + 4..)?;
        if (1949..=2099).contains(&year) && !rest.starts_with(|c: char| c.is_ascii_digit()) {
            return Some((text.get(..at)?, year, rest));
        }
    }
    None
}

/// The year that a number bears: that of 成文日期.
#[must_use]
pub fn year_of(written_on: NaiveDate) -> i32 {
    written_on.year()
}

/// The day in Asia/Shanghai, which has had one offset since 1991: 成文日期 of an act at `at`.
#[must_use]
pub fn official_date(at: DateTime<Utc>) -> NaiveDate {
    match FixedOffset::east_opt(8 * 3600) {
        Some(shanghai) => at.with_timezone(&shanghai).date_naive(),
        None => at.date_naive(),
    }
}

/// `2026年7月1日`: Arabic digits, no padding (GB/T 9704 7.3.5).
#[must_use]
pub fn chinese_date(date: NaiveDate) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn it_is_written_with_hexagonal_brackets_and_no_zero() {
        let number = Number { code: "云政发".into(), year: 2026, seq: 7 };
        assert_eq!(number.to_string(), "云政发〔2026〕7号");
        assert!(Number::well_formed("云政发〔2026〕7号"));
        for wrong in
            ["云政发[2026]7号", "云政发〔2026〕07号", "云政发〔2026〕第7号", "云政发〔2026〕7"]
        {
            assert!(!Number::well_formed(wrong), "{wrong}");
        }
    }

    #[test]
    fn real_forms_are_understood() {
        let seven = Number { code: "云政发".into(), year: 2026, seq: 7 };
        for text in [
            "云政发 〔2026〕 7 号",
            "云政发[2026]7号",
            "云政发（2026）7号",
            "云政发字〔2026〕第007号",
            "云政发［２０２６］７号",
            "云政发【2026】7号",
            "云政发2026年第7号",
            "云政发〔2026〕7",
        ] {
            assert_eq!(Number::parse(text).as_ref(), Ok(&seven), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_says_why() {
        assert!(matches!(Number::parse("云政发7号"), Err(NumberError::NoYear(_))));
        assert!(matches!(Number::parse("〔2026〕7号"), Err(NumberError::NoCode(_))));
        assert!(matches!(Number::parse("云政发〔2026〕号"), Err(NumberError::NoSequence(_))));
        assert!(matches!(Number::parse("云政发〔2026〕7项"), Err(NumberError::NoSequence(_))));
        assert!(matches!(
            Number::parse("云政发〔2026〕99999999999号"),
            Err(NumberError::NoSequence(_))
        ));
        assert!(Number::parse("").is_err());
    }

    #[test]
    fn the_new_year_begins_in_shanghai() {
        let at = Utc.with_ymd_and_hms(2026, 12, 31, 16, 0, 0).single().map(official_date);
        assert_eq!(at.map(year_of), Some(2027));
        assert_eq!(at.map(chinese_date).as_deref(), Some("2027年1月1日"));
    }
}
