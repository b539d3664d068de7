//! What is wrong with a file: where, why, and what to write instead. All problems are collected; none stops the reader.

use serde::{Deserialize, Serialize};
use std::{fmt, ops::Range};

/// One problem of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable, e.g. `unknown_key`.
    pub code: String,
    /// 1-based.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    /// The column behind its last character; on the same line.
    pub end_column: usize,
    /// UTF-16 offsets into the file, for editors.
    pub from: usize,
    pub to: usize,
    /// What is wrong, in Chinese.
    pub message: String,
    /// The source line with the place underlined.
    pub excerpt: String,
    /// What to write instead.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "第{}行第{}列：{}\n{}", self.line, self.column, self.message, self.excerpt)?;
        match &self.hint {
            Some(hint) => write!(f, "\n提示：{hint}"),
            None => Ok(()),
        }
    }
}

/// The problems of one source, as they are found.
#[derive(Debug)]
pub(crate) struct Problems<'a> {
    source: &'a str,
    found: Vec<(usize, Problem)>,
}

/// More than these help nobody.
const MOST: usize = 200;

impl<'a> Problems<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        Self { source, found: vec![] }
    }

    pub(crate) fn source(&self) -> &'a str {
        self.source
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Notes a problem at these bytes of the source.
    pub(crate) fn add(
        &mut self,
        code: &str,
        at: &Range<usize>,
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        if self.found.len() >= MOST {
            return;
        }
        let start = floor(self.source, at.start);
        let end = floor(self.source, at.end).max(start);
        let line_start = self.source[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end =
            self.source[start..].find('\n').map_or(self.source.len(), |newline| start + newline);
        let line_text = self.source[line_start..line_end].trim_end_matches('\r');
        let line = self.source[..start].matches('\n').count() + 1;
        let column = self.source[line_start..start].chars().count() + 1;
        let shown_end = end.min(line_start + line_text.len()).max(start);
        let width = self.source[start..shown_end].chars().count();
        let problem = Problem {
            code: code.to_owned(),
            line,
            column,
            end_column: column + width,
            from: self.source[..start].encode_utf16().count(),
            to: self.source[..end].encode_utf16().count(),
            message: message.into(),
            excerpt: excerpt(line, line_text, column, width),
            hint,
        };
        if !self.found.iter().any(|(_, known)| *known == problem) {
            self.found.push((start, problem));
        }
    }

    /// All of them, in the order of the file.
    pub(crate) fn finish(mut self) -> Vec<Problem> {
        self.found.sort_by_key(|(start, _)| *start);
        self.found.into_iter().map(|(_, problem)| problem).collect()
    }
}

/// The nearest character boundary at or before `at`.
fn floor(source: &str, at: usize) -> usize {
    let mut at = at.min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn excerpt(line: usize, text: &str, column: usize, width: usize) -> String {
    const SHOWN: usize = 160;
    // A very long line is cut around the place.
    let skip = if column > SHOWN { column - SHOWN / 2 } else { 0 };
    let shown: String = text.chars().skip(skip).take(SHOWN).collect();
    let before: usize = text.chars().skip(skip).take(column - 1 - skip).map(cells).sum();
    let under: usize = text.chars().skip(column - 1).take(width.min(SHOWN)).map(cells).sum();
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    format!("{number} | {shown}\n{margin} | {}{}", " ".repeat(before), "^".repeat(under.max(1)))
}

/// How wide a character stands in a terminal.
fn cells(c: char) -> usize {
    match u32::from(c) {
        0x1100..=0x115F
        | 0x2E80..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x20000..=0x3FFFD => 2,
        0x2018..=0x201D | 0x2026 => 2,
        _ => 1,
    }
}

/// “是否想写“…”？” for the known name nearest to `word`, if one is near enough.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let limit = (word.chars().count() / 3).clamp(1, 3);
    let near = known
        .into_iter()
        .map(|name| (distance(word, name), name))
        .filter(|(far, _)| *far <= limit)
        .min()?;
    Some(format!("是否想写“{}”？", near.1))
}

/// Edits from one word to the other; swapped neighbours count once.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    if a.len().abs_diff(b.len()) > 3 || a.len() > 64 {
        return usize::MAX;
    }
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let substitute = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = substitute.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_counted_in_characters_and_editors_get_utf16() {
        let source = "a: 𠮷吉\n标题: 拟槁\n";
        let at = source.find("拟槁").expect("the word");
        let mut problems = Problems::new(source);
        problems.add("x", &(at..at + 6), "错", nearest("拟槁", ["拟稿", "审核"]));
        let found = problems.finish();
        let [problem] = &found[..] else { panic!("one problem: {found:?}") };
        assert_eq!((problem.line, problem.column, problem.end_column), (2, 5, 7));
        assert_eq!((problem.from, problem.to), (11, 13));
        assert_eq!(
            problem.to_string(),
            "第2行第5列：错\n2 | 标题: 拟槁\n  |       ^^^^\n提示：是否想写“拟稿”？"
        );
    }

    #[test]
    fn far_words_are_not_suggested() {
        assert_eq!(nearest("titel", ["title", "steps"]).as_deref(), Some("是否想写“title”？"));
        assert_eq!(nearest("colour", ["title", "steps"]), None);
    }
}
