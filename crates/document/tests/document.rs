//! The life of a document as its events tell it.

#[expect(dead_code, reason = "each test file uses a part of the city")]
mod common;

use common::{at, clerk, drafted, metadata};
use uuid::Uuid;
use wenshu_core::id::{DeliveryId, DocumentId, SealId};
use wenshu_document::{
    Body, Document, DocumentEvent, Kind, Number,
    event::{BodyRef, Sent},
    facts,
};

fn life() -> Vec<DocumentEvent> {
    let first = metadata(Kind::Notice, "云州市人民政府关于值班的通知", "gov", &["finance"]);
    let mut second = first.clone();
    second.title = "云州市人民政府关于防汛值班的通知".into();
    let by = clerk("gov");
    let written_on = at(3).date_naive();
    vec![
        drafted(first, &Body::from_plain("甲")),
        DocumentEvent::Changed {
            version: 2,
            metadata: Box::new(second),
            body: BodyRef::from(&Body::from_plain("甲乙")),
            fields: vec!["title".into(), "body".into()],
            by: by.clone(),
            at: at(2),
        },
        DocumentEvent::Signed { by: by.clone(), signer: "周一".into(), written_on, at: at(3) },
        DocumentEvent::Numbered {
            number: Number { code: "云政发".into(), year: 2026, seq: 12 },
            series: "gov-notice".into(),
            by: None,
            at: at(4),
        },
        DocumentEvent::Finalised { version: 2, by: None, at: at(4) },
        DocumentEvent::Rendered {
            version: 2,
            pdf: "p1".into(),
            pages: 2,
            substitutions: vec![],
            at: at(5),
        },
        DocumentEvent::Sealed {
            seal: SealId("gov".into()),
            seal_name: "云州市人民政府".into(),
            keeper: by,
            pdf: "p2".into(),
            at: at(6),
        },
        DocumentEvent::Dispatched {
            to: vec![Sent {
                delivery: DeliveryId(Uuid::nil()),
                unit: "finance".into(),
                unit_name: "财政局".into(),
                cc: false,
            }],
            printed_by: "云州市人民政府办公室".into(),
            printed_on: written_on,
            by: None,
            at: at(7),
        },
        DocumentEvent::Archived { manifest: "mm".into(), at: at(8) },
    ]
}

#[test]
fn a_document_is_what_its_events_say() {
    let document =
        Document::replay(DocumentId(Uuid::nil()), &life()).expect("it begins with its draft");
    assert_eq!((document.version, document.finalised, document.characters), (2, Some(2), 2));
    assert_eq!(
        document.metadata.number.as_ref().map(ToString::to_string).as_deref(),
        Some("云政发〔2026〕12号")
    );
    assert_eq!(document.pdf(), Some("p2"));
    assert_eq!(document.archived.as_deref(), Some("mm"));
    assert!(document.is_frozen());
    let facts = facts(&document, None);
    assert_eq!(facts.get("signer"), Some(&wenshu_core::value::Value::Text("周一".into())));
    assert_eq!(facts.get("body_length"), Some(&wenshu_core::value::Value::Number(2.0)));
}

#[test]
fn stored_events_read_back() {
    let events = life();
    let stored: Vec<String> =
        events.iter().map(|event| serde_json::to_string(event).expect("json")).collect();
    let read: Vec<DocumentEvent> =
        stored.iter().map(|text| serde_json::from_str(text).expect("event")).collect();
    assert_eq!(read, events);
    assert!(stored.first().is_some_and(|text| text.starts_with(r#"{"event":"drafted","#)));
}

#[test]
fn a_change_after_the_seal_takes_final_and_a_new_file_takes_the_seal_away() {
    let mut events = life();
    events.truncate(7);
    let mut document =
        Document::replay(DocumentId(Uuid::nil()), &events).expect("it begins with its draft");
    assert_eq!(document.sealed.len(), 1);
    let metadata = Box::new(document.metadata.clone());
    document.apply(&DocumentEvent::Changed {
        version: 3,
        metadata,
        body: BodyRef::from(&Body::from_plain("丙")),
        fields: vec!["body".into()],
        by: clerk("gov"),
        at: at(9),
    });
    assert_eq!(document.finalised, None);
    let (pdf, substitutions) = ("p3".to_owned(), vec![]);
    document.apply(&DocumentEvent::Rendered {
        version: 3,
        pdf,
        pages: 1,
        substitutions,
        at: at(9),
    });
    assert!(document.sealed.is_empty());
    assert_eq!(document.pdf(), Some("p3"));
}

#[test]
fn a_secret_level_cannot_even_be_stored() {
    let good = serde_json::to_value(metadata(Kind::Notice, "通知", "gov", &[])).expect("json");
    for (field, value) in [("secrecy", "top_secret"), ("copy_number", "000001")] {
        let mut bad = good.clone();
        bad[field] = value.into();
        assert!(serde_json::from_value::<wenshu_document::Metadata>(bad).is_err(), "{field}");
    }
}
