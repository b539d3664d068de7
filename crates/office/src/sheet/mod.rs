//! Tables as people keep them: CSV in UTF-8 or GB18030, and XLSX. Read within limits, whatever the file says of its own
//! size; written so that no cell is taken for a formula.

mod archive;
mod xlsx;

pub(crate) use xlsx::{read as read_xlsx, write as write_xlsx};

use encoding_rs::GB18030;

/// The largest file that is read.
pub const LARGEST: usize = 10 * 1024 * 1024;
/// The most rows in one table, with its heading.
pub(crate) const MOST_ROWS: usize = 20_001;
pub(crate) const MOST_COLUMNS: usize = 40;
/// The longest cell, in characters.
pub(crate) const LONGEST_CELL: usize = 2_000;

/// A table with its name and rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub name: String,
    pub rows: Vec<Vec<String>>,
}

/// Why a file was not read. The text is for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable(pub String);

impl Unreadable {
    fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// Reads a CSV: UTF-8 with or without a byte order mark, else GB18030.
pub(crate) fn read_csv(bytes: &[u8]) -> Result<Vec<Vec<String>>, Unreadable> {
    let bare = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match std::str::from_utf8(bare) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let (text, wrong) = GB18030.decode_without_bom_handling(bare);
            if wrong {
                return Err(Unreadable::new("文件既不是 UTF-8，也不是 GB18030 编码"));
            }
            text.into_owned()
        }
    };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = vec![];
    for (at, record) in reader.records().enumerate() {
        let record =
            record.map_err(|_| Unreadable::new(format!("第{}行不是有效的 CSV", at + 1)))?;
        take_row(&mut rows, record.iter().map(str::to_owned).collect())?;
    }
    Ok(rows)
}

/// Writes a CSV that common programs open as UTF-8.
pub(crate) fn csv(rows: &[Vec<String>]) -> Vec<u8> {
    let mut bytes = b"\xef\xbb\xbf".to_vec();
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| quoted(&neutral(cell))).collect();
        bytes.extend_from_slice(cells.join(",").as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', '\n', '\r']) || cell.starts_with(' ') || cell.ends_with(' ') {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// Signs by which programs take a cell for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A cell that nobody takes for a formula: an apostrophe before it, also before one that is there already.
pub(crate) fn neutral(cell: &str) -> String {
    let bare = cell.trim_start_matches('\'');
    if bare.starts_with(FORMULA) { format!("'{cell}") } else { cell.to_owned() }
}

/// The cell as it was before [`neutral`].
pub(crate) fn bare(cell: &str) -> String {
    let cell = cell.trim_matches([' ', '\u{3000}']);
    match cell.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(FORMULA) => rest.to_owned(),
        Some(_) | None => cell.to_owned(),
    }
}

/// Keeps a row, within limits. Empty rows stay, so that rows keep their numbers.
fn take_row(rows: &mut Vec<Vec<String>>, row: Vec<String>) -> Result<(), Unreadable> {
    if rows.len() >= MOST_ROWS {
        return Err(Unreadable::new(format!("超过{}行，请分几个文件导入", MOST_ROWS - 1)));
    }
    if row.len() > MOST_COLUMNS {
        return Err(Unreadable::new(format!("第{}行超过{MOST_COLUMNS}列", rows.len() + 1)));
    }
    if row.iter().any(|cell| cell.chars().count() > LONGEST_CELL) {
        let at = rows.len() + 1;
        return Err(Unreadable::new(format!("第{at}行有超过{LONGEST_CELL}字的单元格")));
    }
    rows.push(row);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_look_like_formulas_are_made_plain_and_come_back() {
        for cell in [
            "=cmd|' /C calc'!A0",
            "+1",
            "-1",
            "@SUM(A1)",
            "'=1",
            "''=1",
            "张三",
            "a,\"b\"\nc",
            "'quoted'",
        ] {
            let rows = vec![vec![cell.to_owned(), "x".into()]];
            let bytes = csv(&rows);
            let text = String::from_utf8(bytes.clone()).expect("UTF-8");
            let first = text.trim_start_matches('\u{feff}').trim_start_matches('"');
            assert!(!first.starts_with(['=', '+', '-', '@']), "{text}");
            let read = read_csv(&bytes).expect("it reads");
            assert_eq!(bare(&read[0][0]), cell, "{text}");
        }
    }

    #[test]
    fn files_of_both_encodings_are_read() {
        let text = "人员编号,姓名\r\nli-si,李四\r\n";
        let (gb, _, wrong) = GB18030.encode(text);
        assert!(!wrong);
        let with_mark = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        for bytes in [text.as_bytes(), &with_mark, &gb] {
            let rows = read_csv(bytes).expect("it reads");
            assert_eq!(rows[1], ["li-si", "李四"]);
        }
        assert!(read_csv(b"\xff\xff\xff,\x80").is_err());
    }
}
