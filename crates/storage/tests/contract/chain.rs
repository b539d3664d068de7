//! The chain of a stream, and whoever tampers with it.

use crate::{
    desk::{Desk, append, stream},
    kept,
};
use wenshu_storage::{
    Append, Head, NewEvent, StreamKind,
    anchor::Lost,
    chain::{Broken, Wrong},
};

/// Whoever verifies while people act must not cry wolf.
pub async fn verifying_amid_acts_finds_nothing_wrong(desk: Desk) {
    let storage = desk.storage.clone();
    let acting = tokio::spawn(async move {
        let mut heads: Vec<Head> = (0..4).map(|_| Head::new_stream()).collect();
        for _ in 0..150 {
            for (n, head) in (1..).zip(&mut heads) {
                let written = storage.commit::<crate::Never>(append(n, head, 1)).await;
                let written = written.expect("it is written");
                *head = written.head(&stream(n)).expect("its head").clone();
            }
        }
    });
    let mut times = 0;
    while !acting.is_finished() {
        let verified = desk.storage.verify_all().await.expect("a verification");
        assert_eq!(verified.broken, vec![], "after {times} times");
        times += 1;
    }
    acting.await.expect("no panic");
    let verified = desk.storage.verify_all().await.expect("a verification");
    assert_eq!((verified.streams, verified.events, verified.broken), (4, 600, vec![]));
    assert!(times > 3, "{times}");
}

pub async fn every_tampering_is_named(desk: Desk) {
    for n in 1..=8 {
        let first = kept(&desk, append(n, &Head::new_stream(), 2)).await;
        let head = first.head(&stream(n)).expect("its head").clone();
        let second = kept(&desk, append(n, &head, 3)).await;
        assert_eq!(second.head(&stream(n)).map(|head| head.version), Some(5));
    }
    let verified = desk.storage.verify_all().await.expect("a verification");
    assert_eq!((verified.streams, verified.events, verified.broken), (8, 40, vec![]));

    let (one, two, three, four) = (stream(1), stream(2), stream(3), stream(4));
    desk.sql(&format!("UPDATE event SET payload = replace(payload, '同意', '不同意') WHERE stream = '{one}' AND seq = 4")).await;
    // Its end removed; a piece taken out of the middle; a link bent; the head rewritten.
    desk.sql(&format!("DELETE FROM event WHERE stream = '{two}' AND seq = 5")).await;
    desk.sql(&format!("DELETE FROM event WHERE stream = '{three}' AND seq = 2")).await;
    desk.sql(&format!("UPDATE event SET prev = hash WHERE stream = '{four}' AND seq = 3")).await;
    desk.sql(&format!("UPDATE stream SET head = 'x' WHERE id = '{}'", stream(5))).await;
    desk.sql(&format!("UPDATE event SET alg = 'none' WHERE stream = '{}' AND seq = 1", stream(6)))
        .await;
    desk.sql(&format!("UPDATE stream SET version = 4 WHERE id = '{}'", stream(7))).await;
    let verified = desk.storage.verify_all().await.expect("a verification");
    let wanted = [
        (1, 4, Wrong::Content),
        (2, 5, Wrong::Version),
        (3, 2, Wrong::Gap),
        (4, 3, Wrong::Link),
        (5, 6, Wrong::Head),
        (6, 1, Wrong::Algorithm),
        (7, 6, Wrong::Version),
    ];
    let wanted: Vec<_> = wanted
        .into_iter()
        .map(|(n, seq, wrong)| Broken { stream: stream(n), seq, wrong })
        .collect();
    assert_eq!(verified.broken, wanted);
    assert_eq!(
        desk.storage.verify(&stream(8)).await.expect("a verification").map(|head| head.version),
        Ok(5)
    );

    let events = desk.storage.load_after(&stream(8), 3).await.expect("events");
    assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), [4, 5]);
    assert!(
        events[0].payload.contains("同意") && events[0].payload.contains("\\u0000"),
        "{}",
        events[0].payload
    );
}

/// Three who know how the chain is made: each leaves a chain that holds, and the anchor names what they did.
pub async fn an_anchor_names_what_the_chain_cannot(desk: Desk) {
    for n in 1..=5 {
        let first = kept(&desk, append(n, &Head::new_stream(), 2)).await;
        kept(&desk, append(n, first.head(&stream(n)).expect("its head"), 2)).await;
    }
    assert_eq!(desk.storage.anchor_daily().await.expect("an anchor"), 1);
    assert_eq!(desk.storage.anchor_daily().await.expect("an answer"), 0, "once a day");
    let latest = desk.storage.last_anchor().await.expect("an answer").expect("an anchor");
    let heads = desk.storage.anchored_heads("").await.expect("heads");
    assert_eq!((latest.seq, heads.len()), (1, 5));
    let held = desk.storage.hold_against_anchors().await.expect("an answer");
    assert_eq!((held.anchors, held.heads, held.lost.len()), (1, 5, 0));

    // A row changed by hand and the chain made anew behind it; the last event taken away, its head put right; a stream
    // taken away with all its events.
    let (one, two, three) = (stream(1), stream(2), stream(3));
    let events = desk.storage.load(&one).await.expect("events");
    let new = events
        .iter()
        .map(|event| NewEvent {
            at: event.at, payload: event.payload.replace("同意", "不同意")
        });
    let new = Append::new(one.clone(), StreamKind::Case, Head::new_stream(), new.collect());
    for event in &new.events {
        desk.sql(&format!(
            "UPDATE event SET payload = '{}', prev = '{}', hash = '{}' WHERE stream = '{one}' AND seq = {}",
            event.payload, event.prev, event.hash, event.seq
        ))
        .await;
    }
    desk.sql(&format!("UPDATE stream SET head = '{}' WHERE id = '{one}'", new.to.hash)).await;
    let before = &desk.storage.load(&two).await.expect("events")[2].hash.clone();
    desk.sql(&format!("DELETE FROM event WHERE stream = '{two}' AND seq = 4")).await;
    desk.sql(&format!("UPDATE stream SET version = 3, head = '{before}' WHERE id = '{two}'")).await;
    desk.sql(&format!("DELETE FROM event WHERE stream = '{three}'")).await;
    desk.sql(&format!("DELETE FROM stream WHERE id = '{three}'")).await;
    assert_eq!(
        desk.storage.verify_all().await.expect("a verification").broken,
        [],
        "the chain holds"
    );
    let wanted = [
        Lost::Rewritten { id: one.clone(), version: 4 },
        Lost::Events { id: two.clone(), version: 4, left: 3 },
        Lost::Stream { id: three.clone(), version: 4 },
    ];
    assert_eq!(desk.storage.hold_against_anchors().await.expect("an answer").lost, wanted);
    assert_eq!(desk.storage.hold_against(&latest, &heads).await.expect("an answer").lost, wanted);

    // With the anchors themselves gone, the copy outside still names it all.
    desk.sql("DELETE FROM event WHERE stream = 'anchor'").await;
    desk.sql("DELETE FROM stream WHERE id = 'anchor'").await;
    assert_eq!(desk.storage.hold_against_anchors().await.expect("an answer").lost, []);
    let lost = desk.storage.hold_against(&latest, &heads).await.expect("an answer").lost;
    assert_eq!((&lost[0], &lost[1..]), (&Lost::Anchor { seq: 1 }, &wanted[..]));
}

/// Only what moved is listed again, and two nodes at once make one anchor.
pub async fn anchors_list_what_moved_and_are_made_once(desk: Desk) {
    for n in 1..=20 {
        kept(&desk, append(n, &Head::new_stream(), 1)).await;
    }
    let other = wenshu_storage::Storage::open(desk.settings.clone()).await.expect("another node");
    let (one, two) = tokio::join!(desk.storage.anchor_daily(), other.anchor_daily());
    assert_eq!(one.expect("an answer") + two.expect("an answer"), 1);
    let head = desk.storage.head(&stream(7)).await.expect("an answer").expect("its head");
    kept(&desk, append(7, &head, 1)).await;
    assert_eq!(desk.storage.anchor_now().await.expect("an anchor"), 1);
    let held = desk.storage.hold_against_anchors().await.expect("an answer");
    assert_eq!((held.anchors, held.heads, held.lost), (2, 21, vec![]));
}
