//! Acts: all or nothing, one winner on a guard, keys, numbers.

use crate::{
    Never,
    desk::{Desk, append, at, case, case_id, events, stream, task},
    kept, moved,
};
use std::collections::BTreeSet;
use uuid::Uuid;
use wenshu_core::id::{DocumentId, PersonId, TaskId};
use wenshu_storage::{
    Act, Allot, Error, Head, Json, Key, KnownKey, OfferRow, PhrasesRow, Refused, SeriesRow,
    StreamId, TaskState, Urgency, Who, Writes,
};

async fn begun(desk: &Desk, n: u128) -> Head {
    kept(desk, append(n, &Head::new_stream(), 1)).await.head(&stream(n)).expect("its head").clone()
}

pub async fn of_sixteen_on_one_guard_one_wins(desk: Desk) {
    let head = begun(&desk, 1).await;
    for _ in 0..5 {
        let now = desk.storage.head(&stream(1)).await.expect("a head").expect("a stream");
        let tries = (0..16).map(|_| {
            let (storage, now) = (desk.storage.clone(), now.clone());
            tokio::spawn(async move { storage.commit::<Never>(append(1, &now, 2)).await })
        });
        let mut won = 0;
        for told in futures_util::future::join_all(tries).await {
            let told = told.expect("no panic");
            assert!(told.is_ok() || moved(&told), "{told:?}");
            won += u32::from(told.is_ok());
        }
        assert_eq!(won, 1);
    }
    assert_eq!(desk.storage.load(&stream(1)).await.expect("events").len(), 11);
    assert!(desk.storage.verify(&stream(1)).await.expect("a verification").is_ok());
    assert!(moved(&desk.storage.commit(append(1, &head, 1)).await));
}

pub async fn a_stream_is_begun_once(desk: Desk) {
    let tries = (0..8).map(|_| desk.storage.commit::<Never>(append(1, &Head::new_stream(), 1)));
    let told = futures_util::future::join_all(tries).await;
    assert_eq!(told.iter().filter(|told| told.is_ok()).count(), 1);
    assert!(told.iter().all(|told| told.is_ok() || moved(told)), "{told:?}");
}

pub async fn an_overtaken_act_leaves_nothing(desk: Desk) {
    let (one, two) = (begun(&desk, 1).await, begun(&desk, 2).await);
    kept(&desk, append(2, &two, 1)).await;
    // Its first stream stands where it thinks, its second does not.
    let mut writes = Writes {
        appends: vec![events(1, &one, 1), events(2, &two, 1), events(3, &Head::new_stream(), 1)],
        ..Writes::default()
    };
    writes.put(&case(1, "题目", "zhang"));
    let bystander = append(9, &Head::new_stream(), 1);
    let (told, beside) =
        tokio::join!(desk.storage.commit::<Never>(writes), desk.storage.commit::<Never>(bystander));
    assert!(moved(&told), "{told:?}");
    assert!(beside.is_ok(), "{beside:?}");
    assert_eq!(desk.storage.head(&stream(1)).await.expect("a head"), Some(one));
    assert_eq!(desk.storage.head(&stream(3)).await.expect("a head"), None);
    assert_eq!(desk.storage.case(case_id(1)).await.expect("a case"), None);
}

pub async fn an_expected_stream_guards(desk: Desk) {
    let head = begun(&desk, 1).await;
    let phrases = |own: &str| {
        let mut writes = Writes { expects: vec![(stream(1), 1)], ..Writes::default() };
        writes.put(&PhrasesRow { person: "zhang".into(), own: Json(own.into()) });
        writes
    };
    kept(&desk, phrases("同意。")).await;
    kept(&desk, append(1, &head, 1)).await;
    assert!(moved(&desk.storage.commit(phrases("拟同意。")).await));
    assert_eq!(
        desk.storage.phrases(&"zhang".into()).await.expect("phrases"),
        Some(Json("同意。".into()))
    );
}

pub async fn many_acts_at_once_are_all_kept(desk: Desk) {
    let people = (1..=200_u128).map(|n| {
        let storage = desk.storage.clone();
        tokio::spawn(async move {
            let mut head = Head::new_stream();
            for _ in 0..3 {
                let mut writes = append(n, &head, 2);
                writes.put(&case(n, "关于防汛的通知", "zhang"));
                let committed =
                    storage.commit::<Never>(writes).await.expect("nobody else writes here");
                head = committed.head(&stream(n)).expect("its head").clone();
                // What is acknowledged can be read.
                assert_eq!(storage.head(&stream(n)).await.expect("a head"), Some(head.clone()));
            }
        })
    });
    for told in futures_util::future::join_all(people).await {
        told.expect("no panic");
    }
    let verified = desk.storage.verify_all().await.expect("a verification");
    assert_eq!((verified.streams, verified.events, verified.broken), (200, 1200, vec![]));
}

fn keyed(n: u128, key: &str, answer: &str) -> Writes {
    let key = Key {
        person: "zhang".into(),
        key: key.to_owned(),
        request: "r".to_owned(),
        answer: answer.to_owned(),
        at: at(0),
    };
    Writes { key: Some(key), ..append(n, &Head::new_stream(), 1) }
}

pub async fn a_known_key_gets_its_answer(desk: Desk) {
    kept(&desk, keyed(1, "k", "first")).await;
    let known = KnownKey { request: "r".to_owned(), answer: "first".to_owned() };
    // Whether its guard holds or not.
    for n in [1, 2] {
        let told = desk.storage.commit::<Never>(keyed(n, "k", "second")).await;
        assert!(matches!(&told, Err(Refused::KnownKey(found)) if *found == known), "{told:?}");
    }
    assert_eq!(desk.storage.head(&stream(2)).await.expect("a head"), None);
    assert_eq!(desk.storage.answer_to(&"zhang".into(), "k").await.expect("an answer"), Some(known));

    let tries = (10..18_u128).map(|n| {
        let storage = desk.storage.clone();
        tokio::spawn(async move { storage.commit::<Never>(keyed(n, "same", "x")).await })
    });
    let told: Vec<_> = futures_util::future::join_all(tries)
        .await
        .into_iter()
        .map(|told| told.expect("no panic"))
        .collect();
    assert_eq!(told.iter().filter(|told| told.is_ok()).count(), 1, "{told:?}");
    assert_eq!(
        told.iter().filter(|told| matches!(told, Err(Refused::KnownKey(_)))).count(),
        7,
        "{told:?}"
    );
}

pub async fn a_broken_act_breaks_no_other(desk: Desk) {
    let series = SeriesRow {
        id: "s".into(),
        organ: "city".into(),
        title: "发文".into(),
        code: "云政发".into(),
        purpose: "out".into(),
    };
    let mut first = Writes::default();
    first.add(&series);
    kept(&desk, first).await;
    let acts = (1..=20_u128).map(|n| {
        let mut writes = append(n, &Head::new_stream(), 1);
        if n == 7 {
            writes.add(&series);
        }
        let storage = desk.storage.clone();
        tokio::spawn(async move { (n, storage.commit::<Never>(writes).await) })
    });
    for told in futures_util::future::join_all(acts).await {
        let (n, told) = told.expect("no panic");
        let duplicate = matches!(&told, Err(Refused::Failed(Error::Duplicate { .. })));
        assert!(if n == 7 { duplicate } else { told.is_ok() }, "{n}: {told:?}");
    }
    assert_eq!(desk.storage.head(&stream(7)).await.expect("a head"), None);
}

pub async fn rows_are_put_kept_and_removed(desk: Desk) {
    let offer = |who: &str, number| {
        let row = task(1, number, TaskState::Open, None);
        OfferRow::new(Who::Person(who.into()), &row, false, Urgency::None)
    };
    let mut writes = Writes::default();
    writes.put(&case(1, "旧题", "zhang"));
    writes.put(&case(1, "新题 '\"\\ <b>\0", "zhang"));
    writes.put_if_absent(&case(1, "没人要的题", "zhang"));
    for (who, task) in [("zhang", 1), ("li", 1), ("zhang", 2)] {
        writes.put(&offer(who, task));
    }
    kept(&desk, writes).await;
    let found = desk.storage.case(case_id(1)).await.expect("a case").expect("it is there");
    assert_eq!(found, case(1, "新题 '\"\\ <b>", "zhang"));

    let mut writes = Writes::default();
    writes.put_if_absent(&case(1, "晚来的题", "zhang"));
    // The offers of the task go, but for the one that is put again.
    writes.remove_offers(case_id(1), TaskId(1));
    writes.put(&offer("li", 1));
    kept(&desk, writes).await;
    assert_eq!(
        desk.storage.case(case_id(1)).await.expect("a case").expect("it is there").title,
        "新题 '\"\\ <b>"
    );
    let left = sea_orm::ConnectionTrait::query_all_raw(
        &desk.raw,
        sea_orm::Statement::from_string(
            sea_orm::ConnectionTrait::get_database_backend(&desk.raw),
            "SELECT who, task FROM task_offer ORDER BY who, task",
        ),
    );
    let left: Vec<(String, i64)> = left
        .await
        .expect("rows")
        .iter()
        .map(|row| (row.try_get("", "who").expect("who"), row.try_get("", "task").expect("task")))
        .collect();
    assert_eq!(left, [("person:li".to_owned(), 1), ("person:zhang".to_owned(), 2)]);
}

fn number(document: u128, wanted: Option<u32>) -> Allot {
    let document = DocumentId(Uuid::from_u128(document));
    Allot { series: "云政发".to_owned(), year: 2026, document, rule: "issue".to_owned(), wanted }
}

fn needs(allot: Allot, n: u128, reject: bool) -> Act<&'static str> {
    let then = move |numbers: Vec<wenshu_storage::Allotted>| {
        if reject {
            Err("不给")
        } else {
            Ok(Writes {
                tell: Default::default(),
                ..append(n, &Head { version: 0, hash: String::new() }, numbers.len() as u64)
            })
        }
    };
    Act::Needs { allot: vec![allot], then: Box::new(then) }
}

/// As an office does: who was overtaken tries again.
async fn until_kept(desk: &Desk, document: u128, reject: bool) -> Result<u32, &'static str> {
    loop {
        match desk.storage.commit(needs(number(document, None), document, reject)).await {
            Ok(committed) => return Ok(committed.allotted[0].number),
            Err(Refused::Rejected(why)) => return Err(why),
            Err(Refused::Moved) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
}

pub async fn numbers_have_no_gaps_and_no_doubles(desk: Desk) {
    let acts = (1..=40_u128).map(|n| {
        let desk = desk.clone();
        tokio::spawn(async move { until_kept(&desk, n, n % 4 == 0).await })
    });
    let told: Vec<_> = futures_util::future::join_all(acts)
        .await
        .into_iter()
        .map(|told| told.expect("no panic"))
        .collect();
    let given: BTreeSet<u32> = told.iter().filter_map(|told| told.as_ref().ok().copied()).collect();
    assert_eq!(told.iter().filter(|told| told.is_ok()).count(), 30);
    assert_eq!(given, (1..=30).collect());
    assert_eq!(desk.storage.next_number("云政发", 2026).await.expect("a number"), 31);
    assert_eq!(desk.storage.next_number("云政发", 2027).await.expect("a number"), 1);
    let mine = desk.storage.numbers_of(DocumentId(Uuid::from_u128(1))).await.expect("numbers");
    assert_eq!(mine.len(), 1);
}

pub async fn a_wanted_number_is_given_once(desk: Desk) {
    let told = desk.storage.commit(needs(number(1, Some(2)), 1, false)).await.expect("it is free");
    assert_eq!((told.allotted[0].number, told.allotted[0].again), (2, false));
    let told = desk.storage.commit(needs(number(2, Some(2)), 2, false)).await;
    assert!(matches!(told, Err(Refused::NumberTaken { number: 2, year: 2026, .. })), "{told:?}");
    // The document has it already: a revisit gets the same.
    let again = desk
        .storage
        .commit(Act::<&str>::Needs {
            allot: vec![number(1, None)],
            then: Box::new(|_| Ok(Writes::default())),
        })
        .await;
    let again = again.expect("nothing stands against it");
    assert_eq!((again.allotted[0].number, again.allotted[0].again), (2, true));
    assert_eq!(until_kept(&desk, 3, false).await, Ok(3));
}

pub async fn a_rejection_gives_numbers_back(desk: Desk) {
    assert_eq!(until_kept(&desk, 1, true).await, Err("不给"));
    assert_eq!(desk.storage.next_number("云政发", 2026).await.expect("a number"), 1);
    assert_eq!(until_kept(&desk, 2, false).await, Ok(1));
}

pub async fn an_act_with_a_number_is_guarded(desk: Desk) {
    begun(&desk, 1).await;
    let told = desk.storage.commit(needs(number(1, None), 1, false)).await;
    assert!(matches!(told, Err(Refused::Moved)), "{told:?}");
    assert_eq!(desk.storage.next_number("云政发", 2026).await.expect("a number"), 1);
    let (person, other): (PersonId, StreamId) = ("zhang".into(), StreamId::workflow("outgoing"));
    assert_eq!(other.as_str(), "workflow:outgoing");
    assert_eq!(StreamId::security(&person).as_str(), "security:zhang");
}
