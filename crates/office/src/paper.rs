//! What goes on paper: a document or a handling sheet as plain data for the press, names looked up in the directory.
//! Pure; how it looks is the press's business.

use crate::timeline::{Entry, EntryKind};
use chrono::{DateTime, NaiveDate, Utc};
use wenshu_core::{Case, directory::Directory, directory::Seat, id::UnitId};
use wenshu_document::{
    Body, Direction, Document, Metadata,
    press::{Handling, HandlingRow, Official, Signing},
};

/// The document as a red-headed sheet. `printed_on` stands where the metadata has no day yet.
#[must_use]
pub fn official(
    document: &Document,
    body: Body,
    directory: &Directory,
    printed_on: NaiveDate,
) -> Official {
    let metadata = &document.metadata;
    let mut sheet = Official::new(
        metadata,
        body,
        names(directory, &metadata.recipients, &metadata.recipient_names),
        names(directory, &metadata.cc, &metadata.cc_names),
    );
    let organ = organ_name(directory, metadata);
    if sheet.issuer_mark.is_empty() {
        // Letters bear the organ's name alone (GB/T 9704 10.1).
        let letter = metadata.kind == wenshu_document::Kind::Letter;
        sheet.issuer_mark = if letter { organ.clone() } else { format!("{organ}文件") };
    }
    if sheet.signature.is_empty() {
        sheet.signature = organ;
    }
    if sheet.printed_by.is_empty() {
        sheet.printed_by = printed_by(directory, metadata);
    }
    sheet.printed_on.get_or_insert(printed_on);
    sheet.signing = Signing::Reserved { diameter_mm: SEAL_MM };
    sheet
}

/// A round seal of a city or county organ.
pub const SEAL_MM: u16 = 45;

/// The full name of the organ that issues it.
#[must_use]
pub fn organ_name(directory: &Directory, metadata: &Metadata) -> String {
    directory
        .units
        .get(&metadata.organ)
        .map_or_else(|| metadata.organ.to_string(), |unit| unit.name.clone())
}

/// 印发机关: the unit of the organ's registry, as a rule its office.
#[must_use]
pub fn printed_by(directory: &Directory, metadata: &Metadata) -> String {
    let organ = directory.units.get(&metadata.organ);
    let registry =
        organ.and_then(|organ| organ.registry.as_ref()).and_then(|post| directory.posts.get(post));
    let unit = registry.and_then(|post| directory.units.get(&post.unit)).or(organ);
    unit.map_or_else(String::new, |unit| unit.name.clone())
}

/// Units by their standard short names, then what was written in words.
#[must_use]
pub fn names(directory: &Directory, units: &[UnitId], words: &[String]) -> Vec<String> {
    let units = units.iter().map(|id| {
        directory.units.get(id).map_or_else(|| id.to_string(), |unit| unit.short.clone())
    });
    units.chain(words.iter().cloned()).collect()
}

/// 文件处理单: what was done, by whom, when, and what they said.
#[must_use]
pub fn handling(
    case: &Case,
    title: &str,
    document: Option<&Document>,
    directory: &Directory,
    entries: &[Entry],
    now: DateTime<Utc>,
) -> Handling {
    let mut facts = vec![];
    let mut fact = |label: &str, value: String| {
        if !value.is_empty() {
            facts.push((label.to_owned(), value));
        }
    };
    fact(
        "标题",
        document.map_or_else(|| case.title.clone(), |document| document.metadata.title.clone()),
    );
    if let Some(document) = document {
        let metadata = &document.metadata;
        fact("发文字号", metadata.number.as_ref().map(ToString::to_string).unwrap_or_default());
        fact("文种", metadata.kind.title().to_owned());
        fact("紧急程度", metadata.urgency.title().to_owned());
        match &document.received {
            Some(received) => {
                fact("来文单位", received.from_name.clone());
                fact("收文编号", received.number.clone().unwrap_or_default());
            }
            None => fact("发文机关", organ_name(directory, metadata)),
        }
        fact("主送", names(directory, &metadata.recipients, &metadata.recipient_names).join("、"));
        fact("抄送", names(directory, &metadata.cc, &metadata.cc_names).join("、"));
        if metadata.direction == Direction::Up {
            fact("签发人", metadata.signer.clone().unwrap_or_default());
        }
    }
    fact("经办", case.initiator.as_ref().map(Seat::label).unwrap_or_default());
    let unit = case.initiator.as_ref().map(|seat| seat.unit_name.clone()).unwrap_or_default();
    Handling {
        heading: format!("{title}处理单"), unit, facts, rows: rows(entries), made_at: now
    }
}

fn rows(entries: &[Entry]) -> Vec<HandlingRow> {
    let said = entries.iter().filter(|entry| shown(entry.kind));
    said.map(|entry| HandlingRow {
        step: entry.step_title.clone(),
        who: entry.by.as_ref().map_or_else(|| "系统".to_owned(), Seat::label),
        act: entry.said.clone(),
        opinion: entry.text.clone(),
        at: entry.at,
    })
    .collect()
}

/// What belongs on the sheet: opinions and what the office did, not who looked or was reminded.
fn shown(kind: EntryKind) -> bool {
    match kind {
        EntryKind::Started
        | EntryKind::Opinion
        | EntryKind::SentBack
        | EntryKind::Transferred
        | EntryKind::Withdrawn
        | EntryKind::Number
        | EntryKind::Sealed
        | EntryKind::Dispatched
        | EntryKind::Passed
        | EntryKind::Appointed
        | EntryKind::Reassigned
        | EntryKind::Ended => true,
        EntryKind::Closed
        | EntryKind::Cc
        | EntryKind::Circulated
        | EntryKind::Urged
        | EntryKind::Linked
        | EntryKind::Finalised
        | EntryKind::Rendered
        | EntryKind::Archived
        | EntryKind::Stalled
        | EntryKind::Retried
        | EntryKind::Outdated
        | EntryKind::Reopened
        | EntryKind::Changed
        | EntryKind::Done => false,
    }
}
