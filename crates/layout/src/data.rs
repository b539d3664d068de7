//! A sheet as the data that the templates read.

use crate::title;
use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use serde_json::{Value, json};
use wenshu_document::{
    body::{Block, Cell, Run},
    metadata::Urgency,
    number::{chinese_date, official_date},
    press::{Handling, Official, Sheet, Signing},
};

/// What a sheet is set from.
pub(crate) struct Input {
    pub template: &'static str,
    pub data: Value,
    /// The seal's image.
    pub image: Option<Vec<u8>>,
    pub seal_label: String,
    /// The date that the file bears; files without one are drafts.
    pub date: Option<NaiveDate>,
}

pub(crate) fn of(sheet: &Sheet) -> Input {
    match sheet {
        Sheet::Official(official) => of_official(official),
        Sheet::Handling(handling) => of_handling(handling),
    }
}

fn of_official(official: &Official) -> Input {
    let (diameter, image, seal_label) = match &official.signing {
        Signing::Unsealed => (0, None, String::new()),
        Signing::Reserved { diameter_mm } => (*diameter_mm, None, String::new()),
        Signing::Sealed(seal) => (seal.diameter_mm, Some(seal.image.clone()), seal.label.clone()),
    };
    let urgency = match official.urgency {
        Urgency::None => "",
        Urgency::Urgent | Urgency::Extra => official.urgency.title(),
    };
    let data = json!({
        "mark": official.issuer_mark,
        "urgency": urgency,
        "number": official.number,
        "signers": official.signers,
        "title": official.title,
        "title_lines": title::lines(&official.title),
        "recipients": official.recipients.join("、"),
        "blocks": official.body.blocks.iter().map(block).collect::<Vec<_>>(),
        "attachments": official.attachments,
        "signature": official.signature,
        "date": official.written_on.map(chinese_date).unwrap_or_default(),
        "diameter": diameter,
        "sealed": image.is_some(),
        "notes": official.notes,
        "cc": official.cc.join("、"),
        "printed_by": official.printed_by,
        "printed_on": official.printed_on.map(chinese_date).unwrap_or_default(),
        "draft": official.draft,
    });
    let date = official.printed_on.or(official.written_on);
    Input { template: include_str!("templates/official.typ"), data, image, seal_label, date }
}

fn block(block: &Block) -> Value {
    match block {
        Block::Heading { level, runs } => {
            json!({ "type": "heading", "level": level, "runs": runs_of(runs) })
        }
        Block::Paragraph { runs } => json!({ "type": "paragraph", "runs": runs_of(runs) }),
        Block::List { ordered, items } => {
            let item = |(index, runs): (usize, &Vec<Run>)| {
                let sign = if *ordered { format!("{}. ", index + 1) } else { "· ".to_owned() };
                json!({ "sign": sign, "runs": runs_of(runs) })
            };
            json!({ "type": "list", "items": items.iter().enumerate().map(item).collect::<Vec<_>>() })
        }
        Block::Table { rows } => table(rows),
    }
}

fn runs_of(runs: &[Run]) -> Vec<Value> {
    runs.iter().map(|run| json!({ "text": run.text, "bold": run.bold })).collect()
}

/// Gives every cell its place, so that short rows and spans cannot push one another about.
fn table(rows: &[Vec<Cell>]) -> Value {
    let mut taken: Vec<(usize, usize)> = vec![];
    let mut cells = vec![];
    let (mut columns, mut height) = (1, rows.len());
    for (y, row) in rows.iter().enumerate() {
        let mut x = 0;
        for cell in row {
            let (wide, tall) = (usize::from(cell.colspan.max(1)), usize::from(cell.rowspan.max(1)));
            let fits = |x: usize| (x..x + wide).all(|x| !taken.contains(&(x, y)));
            while !fits(x) {
                x += 1;
            }
            taken.extend((y..y + tall).flat_map(|y| (x..x + wide).map(move |x| (x, y))));
            let paragraphs: Vec<_> = cell.paragraphs.iter().map(|runs| runs_of(runs)).collect();
            cells.push(json!({
                "x": x, "y": y, "colspan": wide, "rowspan": tall, "header": cell.header, "paragraphs": paragraphs
            }));
            columns = columns.max(x + wide);
            height = height.max(y + tall);
            x += wide;
        }
    }
    json!({ "type": "table", "columns": columns, "rows": height, "cells": cells })
}

fn of_handling(handling: &Handling) -> Input {
    let rows: Vec<Value> = handling
        .rows
        .iter()
        .map(|row| {
            json!({ "step": row.step, "who": row.who, "act": row.act, "opinion": row.opinion, "at": clock(row.at) })
        })
        .collect();
    let data = json!({
        "heading": handling.heading,
        "unit": handling.unit,
        "facts": handling.facts,
        "rows": rows,
        "made_at": clock(handling.made_at),
    });
    let date = Some(official_date(handling.made_at));
    Input {
        template: include_str!("templates/handling.typ"),
        data,
        image: None,
        seal_label: String::new(),
        date,
    }
}

/// Date and time as an office reads them.
fn clock(at: DateTime<Utc>) -> String {
    match FixedOffset::east_opt(8 * 3600) {
        Some(shanghai) => at.with_timezone(&shanghai).format("%Y-%m-%d %H:%M").to_string(),
        None => at.format("%Y-%m-%d %H:%M").to_string(),
    }
}
