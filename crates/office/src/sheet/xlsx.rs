//! XLSX (ECMA-376): the cells of every sheet as text, row by row; and sheets of plain text written. Formulas are not
//! evaluated: what they came to last is what is read.

use super::{
    LONGEST_CELL, MOST_COLUMNS, Table, Unreadable,
    archive::{Archive, Inflating, TOO_MUCH, pack},
    take_row,
};
use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};
use std::{cell::Cell, io::BufReader, rc::Rc};

const MOST_SHEETS: usize = 20;
/// All texts of a file together, in bytes.
const MOST_TEXT: usize = 16 * 1024 * 1024;

/// All cells of all sheets together, and all texts that they may point to.
const MOST_CELLS: usize = 1_000_000;

/// A part as it is inflated.
struct Xml<'a> {
    reader: Reader<BufReader<Inflating<'a>>>,
    buffer: Vec<u8>,
    piece: Rc<Cell<u64>>,
}

impl Xml<'_> {
    fn next(&mut self) -> Result<Event<'_>, Unreadable> {
        self.piece.set(0);
        self.buffer.clear();
        self.reader.read_event_into(&mut self.buffer).map_err(|error| trouble(&error))
    }
}

/// Reads every sheet of a workbook.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<Table>, Unreadable> {
    let archive = Archive::open(bytes)?;
    let texts = match part(&archive, "xl/sharedStrings.xml")? {
        Some(xml) => shared(xml)?,
        None => vec![],
    };
    let (mut tables, mut room) = (vec![], MOST_CELLS);
    for (name, path) in sheets(&archive)? {
        let xml = part(&archive, &path)?.ok_or_else(broken)?;
        tables.push(Table { name, rows: cells(xml, &texts, &mut room)? });
    }
    Ok(tables)
}

fn broken() -> Unreadable {
    Unreadable::new("文件不是有效的 XLSX")
}

fn trouble(error: &quick_xml::Error) -> Unreadable {
    if error.to_string().contains(TOO_MUCH) {
        return Unreadable::new("XLSX 文件解压后太大，没有读取");
    }
    broken()
}

fn part<'a>(archive: &Archive<'a>, name: &str) -> Result<Option<Xml<'a>>, Unreadable> {
    Ok(archive.part(name)?.map(|part| {
        let piece = part.piece();
        Xml { reader: Reader::from_reader(BufReader::new(part)), buffer: vec![], piece }
    }))
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut all = element.attributes().flatten();
    let found = all.find(|attribute| attribute.key.as_ref() == name)?;
    found.normalized_value(XmlVersion::Implicit1_0).ok().map(|value| value.into_owned())
}

/// Name and path of each sheet, in order.
fn sheets(archive: &Archive<'_>) -> Result<Vec<(String, String)>, Unreadable> {
    let mut targets = std::collections::BTreeMap::new();
    let mut xml = part(archive, "xl/_rels/workbook.xml.rels")?.ok_or_else(broken)?;
    each_start(&mut xml, |element| {
        if element.local_name().as_ref() == "Relationship"
            && let (Some(id), Some(target)) =
                (attribute(element, "Id"), attribute(element, "Target"))
            && targets.len() < 1_000
        {
            let path = match target.strip_prefix('/') {
                Some(absolute) => absolute.to_owned(),
                None => format!("xl/{target}"),
            };
            targets.insert(id, path);
        }
    })?;
    let mut found = vec![];
    let mut xml = part(archive, "xl/workbook.xml")?.ok_or_else(broken)?;
    each_start(&mut xml, |element| {
        if element.local_name().as_ref() == "sheet"
            && let (Some(name), Some(id)) = (attribute(element, "name"), attribute(element, "r:id"))
            && let Some(path) = targets.get(&id)
            && found.len() < MOST_SHEETS
        {
            found.push((name, path.clone()));
        }
    })?;
    if found.is_empty() { Err(broken()) } else { Ok(found) }
}

fn each_start(xml: &mut Xml<'_>, mut take: impl FnMut(&BytesStart<'_>)) -> Result<(), Unreadable> {
    loop {
        match xml.next()? {
            Event::Start(element) | Event::Empty(element) => take(&element),
            Event::Eof => return Ok(()),
            Event::End(_)
            | Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_) => {}
        }
    }
}

/// Text between tags: entities are the five that XML has and characters by number, no others.
fn spoken(event: &Event<'_>, into: &mut String) -> Result<(), Unreadable> {
    match event {
        Event::Text(text) => into.push_str(&text.xml10_content()),
        Event::CData(text) => into.push_str(&text.xml10_content()),
        Event::GeneralRef(name) => {
            let known = match &**name {
                "amp" => Some('&'),
                "lt" => Some('<'),
                "gt" => Some('>'),
                "quot" => Some('"'),
                "apos" => Some('\''),
                _ => name.resolve_char_ref().map_err(|_| broken())?,
            };
            into.push(known.ok_or_else(broken)?);
        }
        Event::Start(_)
        | Event::End(_)
        | Event::Empty(_)
        | Event::Comment(_)
        | Event::Decl(_)
        | Event::PI(_)
        | Event::DocType(_)
        | Event::Eof => {}
    }
    Ok(())
}

/// The texts that cells point to. Readings (`rPh`) are not part of a text.
fn shared(mut xml: Xml<'_>) -> Result<Vec<String>, Unreadable> {
    let mut texts = vec![];
    let (mut now, mut in_text, mut in_reading, mut all) = (String::new(), false, false, 0);
    loop {
        let event = xml.next()?;
        match &event {
            Event::Start(element) => match element.local_name().as_ref() {
                "si" => now.clear(),
                "t" => in_text = !in_reading,
                "rPh" => in_reading = true,
                _ => {}
            },
            Event::End(element) => match element.local_name().as_ref() {
                "si" => {
                    all += now.len();
                    if all > MOST_TEXT || texts.len() >= MOST_CELLS {
                        return Err(too_wordy());
                    }
                    texts.push(std::mem::take(&mut now));
                }
                "t" => in_text = false,
                "rPh" => in_reading = false,
                _ => {}
            },
            Event::Eof => return Ok(texts),
            text if in_text => {
                spoken(text, &mut now)?;
                if now.len() > MOST_TEXT {
                    return Err(too_wordy());
                }
            }
            _ => {}
        }
    }
}

/// What a cell holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Shared,
    Plain,
    Truth,
}

/// The rows of a sheet. Rows that are left out are empty ones.
fn cells(
    mut xml: Xml<'_>,
    texts: &[String],
    room: &mut usize,
) -> Result<Vec<Vec<String>>, Unreadable> {
    let (mut rows, mut row): (Vec<Vec<String>>, Vec<String>) = (vec![], vec![]);
    let (mut kind, mut column, mut value, mut speaking) = (Kind::Plain, 0, String::new(), false);
    let mut all = 0;
    loop {
        let event = xml.next()?;
        match &event {
            Event::Start(element) | Event::Empty(element) => {
                match element.local_name().as_ref() {
                    "row" => {
                        row.clear();
                        let number = attribute(element, "r").and_then(|r| r.parse::<usize>().ok());
                        while number.is_some_and(|number| rows.len() + 1 < number) {
                            take_row(&mut rows, vec![])?;
                        }
                    }
                    "c" => {
                        column = attribute(element, "r")
                            .and_then(|place| column_of(&place))
                            .unwrap_or(row.len());
                        kind = match attribute(element, "t").as_deref() {
                            Some("s") => Kind::Shared,
                            Some("b") => Kind::Truth,
                            Some(_) | None => Kind::Plain,
                        };
                        value.clear();
                    }
                    "v" | "t" => speaking = matches!(event, Event::Start(_)),
                    _ => {}
                }
                if matches!(&event, Event::Empty(empty) if empty.local_name().as_ref() == "row") {
                    take_row(&mut rows, vec![])?;
                }
            }
            Event::End(element) => match element.local_name().as_ref() {
                "v" | "t" => speaking = false,
                "c" => {
                    if column >= MOST_COLUMNS {
                        let at = rows.len() + 1;
                        return Err(Unreadable::new(format!("第{at}行超过{MOST_COLUMNS}列")));
                    }
                    let text = meant(kind, &value, texts)?;
                    all += text.len();
                    if all > MOST_TEXT {
                        return Err(too_wordy());
                    }
                    if row.len() <= column {
                        row.resize(column + 1, String::new());
                    }
                    row[column] = text;
                }
                "row" => {
                    *room = room.checked_sub(row.len()).ok_or_else(too_wordy)?;
                    take_row(&mut rows, std::mem::take(&mut row))?;
                }
                _ => {}
            },
            Event::Eof => return Ok(rows),
            text if speaking => {
                spoken(text, &mut value)?;
                if value.len() > LONGEST_CELL * 4 {
                    let at = rows.len() + 1;
                    let text = format!("第{at}行有超过{LONGEST_CELL}字的单元格");
                    return Err(Unreadable::new(text));
                }
            }
            _ => {}
        }
    }
}

fn too_wordy() -> Unreadable {
    Unreadable::new("XLSX 文件的文字或单元格太多，没有读取")
}

fn meant(kind: Kind, value: &str, texts: &[String]) -> Result<String, Unreadable> {
    Ok(match kind {
        Kind::Shared => {
            let at: usize = value.trim().parse().map_err(|_| broken())?;
            texts.get(at).ok_or_else(broken)?.clone()
        }
        Kind::Truth => if value.trim() == "1" { "是" } else { "否" }.to_owned(),
        Kind::Plain => value.to_owned(),
    })
}

/// The column of a place: A1 is 0, AB7 is 27.
fn column_of(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_uppercase);
    let mut column = 0_usize;
    for letter in letters {
        column = column.checked_mul(26)?.checked_add(usize::from(letter - b'A') + 1)?;
    }
    column.checked_sub(1)
}

/// Writes sheets of plain text.
pub(crate) fn write(tables: &[Table]) -> std::io::Result<Vec<u8>> {
    const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    const TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let numbered = || tables.iter().zip(1..);
    let each = |write: &dyn Fn(&Table, usize) -> String| -> String {
        numbered().map(|(table, n)| write(table, n)).collect()
    };
    let types = each(&|_, n| {
        format!(
            r#"<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{TYPE}.worksheet+xml"/>"#
        )
    });
    let names = each(&|table, n| {
        format!(r#"<sheet name="{}" sheetId="{n}" r:id="rId{n}"/>"#, escaped(&table.name))
    });
    let relations = each(&|_, n| {
        format!(
            r#"<Relationship Id="rId{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>"#
        )
    });
    let mut parts = vec![
        (
            "[Content_Types].xml".to_owned(),
            format!(
                r#"{HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>{types}</Types>"#
            ),
        ),
        (
            "_rels/.rels".to_owned(),
            format!(
                r#"{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml".to_owned(),
            format!(
                r#"{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{names}</sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!(
                r#"{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>"#
            ),
        ),
    ];
    for (table, n) in numbered() {
        let mut rows = String::new();
        for (row, at) in table.rows.iter().zip(1..) {
            let cell = |text: &String| {
                format!(
                    r#"<c t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>"#,
                    escaped(&super::neutral(text))
                )
            };
            let cells: String = row.iter().map(cell).collect();
            rows.push_str(&format!(r#"<row r="{at}">{cells}</row>"#));
        }
        let sheet =
            format!(r#"{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#);
        parts.push((format!("xl/worksheets/sheet{n}.xml"), sheet));
    }
    pack(&parts)
}

fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            // XML has no other control characters.
            c if c.is_control() && !matches!(c, '\t' | '\n' | '\r') => {}
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::{super::archive::pack, *};

    fn table(rows: &[&[&str]]) -> Table {
        let row = |row: &&[&str]| row.iter().map(|cell| (*cell).to_owned()).collect();
        Table { name: "人员".into(), rows: rows.iter().map(row).collect() }
    }

    #[test]
    fn what_was_written_is_read() {
        let tables = [table(&[&["编号", "姓名"], &["a<b>&\"c\"", "  张 三 "], &[], &["x"]])];
        let bytes = write(&tables).expect("it packs");
        assert_eq!(read(&bytes).expect("it reads"), tables);
    }

    fn with_sheet(sheet: String, shared: &str) -> Vec<u8> {
        let book =
            r#"<workbook xmlns:r="r"><sheets><sheet name="单位" r:id="a"/></sheets></workbook>"#;
        let relations = r#"<Relationships><Relationship Id="a" Target="/xl/worksheets/sheet1.xml"/></Relationships>"#;
        pack(&[
            ("xl/workbook.xml".into(), book.into()),
            ("xl/_rels/workbook.xml.rels".into(), relations.into()),
            ("xl/sharedStrings.xml".into(), shared.into()),
            ("xl/worksheets/sheet1.xml".into(), sheet),
        ])
        .expect("it packs")
    }

    #[test]
    fn the_ways_of_other_programs_are_understood() {
        let shared = "<sst><si><t>全称</t></si><si><r><t>云州</t></r><r><t>市&amp;&#x4E00;</t></r><rPh><t>yun</t></rPh></si></sst>";
        let sheet = r#"<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row>
            <row r="3"><c r="B3"><v>12</v></c><c r="C3" t="b"><v>1</v></c><c r="D3" t="str"><f>1+1</f><v>算过</v></c></row></sheetData></worksheet>"#;
        let rows = read(&with_sheet(sheet.into(), shared)).expect("it reads").remove(0).rows;
        assert_eq!(
            rows,
            vec![
                vec!["全称".to_owned(), String::new(), "云州市&一".into()],
                vec![],
                vec![String::new(), "12".into(), "是".into(), "算过".into()],
            ]
        );
    }

    #[test]
    fn a_bomb_stops_at_the_budget_whatever_it_says_of_its_size() {
        // More than the budget between many tags; more at once than is held; and one text without end.
        let many = format!("<x>{}</x>", "a".repeat(4_000)).repeat((201 << 20) / 4_000);
        let endless = "a".repeat(2 << 20);
        for (open, fill, close) in [
            ("<worksheet><sheetData>", many.as_str(), ""),
            ("<worksheet><sheetData>", &endless, ""),
            (
                "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"str\"><v>",
                &endless,
                "</v></c></row>",
            ),
        ] {
            let sheet = format!("{open}{fill}{close}</sheetData></worksheet>");
            let mut bytes = with_sheet(sheet, "<sst/>");
            assert!(bytes.len() < super::super::LARGEST, "{} bytes", bytes.len());
            // It says that it is one byte.
            let central = bytes.windows(4).rposition(|four| four == b"PK\x01\x02").expect("a part");
            bytes[central + 24..central + 28].copy_from_slice(&1_u32.to_le_bytes());
            let refused = read(&bytes).expect_err("it is a bomb");
            assert!(refused.0.contains("太大"), "{refused:?}");
        }
        let texts = format!("<sst>{}</sst>", "<si></si>".repeat(MOST_CELLS + 1));
        let refused = read(&with_sheet("<worksheet/>".into(), &texts)).expect_err("too many texts");
        assert!(refused.0.contains("太多"), "{refused:?}");
        let far = r#"<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>"#;
        assert!(read(&with_sheet(far.into(), "<sst/>")).is_err(), "a far corner costs nothing");
        for broken in
            [&b"PK"[..], b"", b"PK\x05\x06", &[b"PK\x05\x06".as_slice(), &[255; 18]].concat()]
        {
            assert!(read(broken).is_err());
        }
    }
}
