//! Opening a store, and hearing what changed in it.

use crate::{
    desk::{Desk, append, case, case_id, desk_on_sqlite},
    kept,
};
use bytes::Bytes;
use futures_util::{TryStreamExt, stream};
use std::time::Duration;
use wenshu_storage::{Error, Head, ObjectKey, Settings, Storage};

pub async fn migrating_again_does_nothing(desk: Desk) {
    assert_eq!(desk.storage.pending().await.expect("changes"), Vec::<String>::new());
    desk.storage.migrate().await.expect("nothing to do");
    desk.storage.require_current().await.expect("it is current");
}

/// A database as it was before versions had their number in the stream of their flow.
pub async fn flows_deployed_before_an_upgrade_are_still_read(desk: Desk) {
    for change in [
        "DROP INDEX case_flow",
        "DROP INDEX task_open_holder",
        "DROP TABLE workflow_retired",
        "ALTER TABLE workflow DROP COLUMN seq",
        "DELETE FROM seaql_migrations WHERE version = 'm20261122_workshop'",
        "INSERT INTO workflow(name, hash, title, source, deployed_at, deployed_by, reason)
            VALUES ('leave', 'a', '请假', 'a', 1, 'null', ''), ('leave', 'b', '请假', 'b', 2, 'null', '')",
    ] {
        desk.sql(change).await;
    }
    assert_eq!(desk.storage.pending().await.expect("changes"), ["m20261122_workshop"]);
    desk.storage.migrate().await.expect("it is upgraded");
    let newest = desk.storage.newest_workflow("leave").await.expect("it reads");
    assert_eq!(newest.map(|row| (row.hash, row.seq)), Some(("b".to_owned(), 0)));
    let versions = desk.storage.versions("leave").await.expect("they read");
    assert_eq!(versions.len(), 2);
    assert!(desk.storage.retired().await.expect("it reads").is_empty());
}

pub async fn a_newer_database_is_refused(desk: Desk) {
    desk.sql("INSERT INTO seaql_migrations(version, applied_at) VALUES ('m29991231_later', 1)")
        .await;
    let refused = Storage::open(desk.settings.clone()).await.map(|_| ());
    assert!(
        matches!(&refused, Err(Error::Newer { change }) if change == "m29991231_later"),
        "{refused:?}"
    );
}

/// On PostgreSQL also by another node.
pub async fn what_changed_is_told(desk: Desk) {
    let mut here = desk.storage.changes();
    let other_node =
        desk.settings.database.starts_with("postgres").then_some(desk.settings.clone());
    let other_node = match other_node {
        Some(settings) => Some(Storage::open(settings).await.expect("another node")),
        None => None,
    };
    let mut there = other_node.as_ref().map(Storage::changes);
    // Its listener takes a moment; what it misses until then polling finds.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut writes = append(1, &Head::new_stream(), 1);
    writes.put(&case(1, "题目", "zhang"));
    kept(&desk, writes).await;
    for listener in [Some(&mut here), there.as_mut()].into_iter().flatten() {
        let changed = loop {
            let heard = tokio::time::timeout(Duration::from_secs(5), listener.recv())
                .await
                .expect("it is told")
                .expect("a change");
            // Tests beside this one tell of theirs on the same PostgreSQL.
            if heard.cases.contains(&case_id(1)) {
                break heard;
            }
        };
        assert!(changed.people.contains("zhang") && !changed.everything, "{changed:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_opened_says_why() {
    let nowhere = tempfile::tempdir().expect("a temporary directory");
    let unreachable =
        Storage::open(Settings::new("postgres://nobody:secret@127.0.0.1:1/none", nowhere.path()))
            .await
            .map(|_| ());
    let Err(Error::Unreachable { database, .. }) = &unreachable else { panic!("{unreachable:?}") };
    assert!(!database.contains("secret"), "{database}");
    // A file where a directory should be stops root, too.
    let file = nowhere.path().join("file");
    std::fs::write(&file, b"").expect("a file");
    for settings in [
        Settings::new(file.join("wenshu.db").to_str().expect("text"), nowhere.path()),
        Settings::new(nowhere.path().join("wenshu.db").to_str().expect("text"), &file),
    ] {
        let refused = Storage::open(settings).await.map(|_| ());
        assert!(matches!(&refused, Err(Error::Unwritable { .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn objects_lie_under_their_hash() {
    let desk = desk_on_sqlite().await;
    let objects = desk.storage.objects();
    let pieces = |pieces: &[&'static str]| {
        stream::iter(
            pieces
                .iter()
                .map(|piece| Ok(Bytes::from_static(piece.as_bytes())))
                .collect::<Vec<Result<_, std::io::Error>>>(),
        )
    };
    let stored = objects.put_stream(pieces(&["附件", "内容"]), 12).await.expect("it is stored");
    assert_eq!((stored.size, stored.key.clone()), (12, ObjectKey::of("附件内容".as_bytes())));
    assert_eq!(objects.put("附件内容").await.expect("it is stored"), stored);
    let (size, content) = objects.get(&stored.key).await.expect("it is there");
    assert_eq!(
        (size, content.try_collect::<Vec<_>>().await.expect("bytes").concat()),
        (12, "附件内容".as_bytes().to_vec())
    );
    assert_eq!(objects.bytes(&stored.key).await.expect("bytes"), "附件内容");

    let refused = objects.put_stream(pieces(&["附件", "内容更长"]), 12).await;
    assert!(matches!(refused, Err(Error::TooLarge { limit: 12 })), "{refused:?}");
    let torn =
        stream::iter([Ok(Bytes::from_static(b"a")), Err(std::io::Error::other("the line broke"))]);
    assert!(matches!(objects.put_stream(torn, 12).await, Err(Error::Upload(_))));
    let parts = desk.settings.data.join("objects/part");
    assert_eq!(
        std::fs::read_dir(parts).map(Iterator::count).unwrap_or_default(),
        0,
        "nothing half stored stays"
    );

    assert!(matches!(objects.bytes(&ObjectKey::of(b"other")).await, Err(Error::NoObject(_))));
    for bad in ["../../etc/passwd", "", &"A".repeat(64), &"g".repeat(64)] {
        assert!(bad.parse::<ObjectKey>().is_err(), "{bad}");
    }
    let path = desk.settings.data.join(format!(
        "objects/sm3/{}/{}",
        &stored.key.as_str()[..2],
        &stored.key.as_str()[2..]
    ));
    std::fs::write(path, "改过").expect("somebody writes");
    assert!(
        matches!(objects.bytes(&stored.key).await, Err(Error::NoObject(_))),
        "changed content is not handed out"
    );
}
