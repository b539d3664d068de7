//! A small invented city.

use chrono::{DateTime, TimeZone, Utc};
use std::collections::BTreeSet;
use uuid::Uuid;
use wenshu_core::{
    directory::{Directory, Person, Post, Seat, Unit},
    id::{CaseId, DocumentId},
};
use wenshu_document::{Attachment, Body, Document, DocumentEvent, Kind, Metadata, event::BodyRef};

/// 云州市政府 with two bureaus, one of which has a section, and a street office under it.
pub fn city() -> Directory {
    let mut directory = Directory { version: 1, ..Directory::default() };
    for (id, name, parent, organ) in [
        ("province", "江原省人民政府", None, true),
        ("gov", "云州市人民政府", Some("province"), true),
        ("finance", "云州市财政局", Some("gov"), true),
        ("budget", "预算科", Some("finance"), false),
        ("water", "云州市水务局", Some("gov"), true),
        ("street", "青石街道办事处", Some("gov"), true),
        ("cellar", "云州市档案库", Some("gov"), true),
    ] {
        let registry = format!("{id}-registry");
        directory.units.insert(
            id.into(),
            Unit {
                id: id.into(),
                name: name.into(),
                short: name.into(),
                parent: parent.map(Into::into),
                organ,
                group: String::new(),
                head: None,
                in_charge: None,
                // Nobody receives anything in the cellar.
                registry: (id != "cellar").then(|| registry.as_str().into()),
                code: None,
                order: 0,
                topics: std::collections::BTreeMap::new(),
                disabled: false,
            },
        );
        let person = format!("{id}-clerk");
        directory.posts.insert(
            registry.as_str().into(),
            Post {
                id: registry.as_str().into(),
                unit: id.into(),
                title: "收发岗".into(),
                holders: vec![person.as_str().into()],
                roles: BTreeSet::new(),
                disabled: false,
            },
        );
        directory.people.insert(
            person.as_str().into(),
            Person {
                id: person.as_str().into(),
                name: format!("{name}收发员"),
                main_post: Some(registry.as_str().into()),
                disabled: false,
            },
        );
    }
    directory
}

/// The registry clerk of a unit.
pub fn clerk(unit: &str) -> Seat {
    city()
        .main_seat(&format!("{unit}-clerk").as_str().into())
        .expect("every unit of the city has a clerk")
}

pub fn at(hour: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 7, 1, hour, 0, 0).single().expect("a real hour")
}

pub fn drafted(metadata: Metadata, body: &Body) -> DocumentEvent {
    DocumentEvent::Drafted {
        case: CaseId(Uuid::nil()),
        metadata: Box::new(metadata),
        body: BodyRef::from(body),
        by: clerk("gov"),
        at: at(1),
        received: None,
    }
}

pub fn document(metadata: Metadata, body: &Body) -> Document {
    Document::replay(DocumentId(Uuid::nil()), &[drafted(metadata, body)])
        .expect("it begins with its draft")
}

pub fn metadata(kind: Kind, title: &str, organ: &str, to: &[&str]) -> Metadata {
    let mut metadata = Metadata::new(kind, title, organ.into(), organ.into());
    metadata.recipients = to.iter().map(|to| (*to).into()).collect();
    metadata
}

pub fn file(name: &str) -> Attachment {
    Attachment {
        hash: format!("{name}-hash"),
        name: name.into(),
        size: 1,
        media_type: "application/pdf".into(),
    }
}
