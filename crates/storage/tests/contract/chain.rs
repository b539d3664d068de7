//! The chain of a stream, and whoever tampers with it.

use crate::{
    desk::{Desk, append, stream},
    kept,
};
use wenshu_storage::{
    Head,
    chain::{Broken, Wrong},
};

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
