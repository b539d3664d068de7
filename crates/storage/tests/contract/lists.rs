//! Lists: who finds what, in which order, page by page.

use crate::{
    desk::{Desk, at, case, case_id, delivery, document, task, viewer},
    kept,
};
use uuid::Uuid;
use wenshu_core::id::{CaseId, TaskId};
use wenshu_storage::{
    AccessRow, AccessWhy, CaseRow, CopyRow, Counts, DeliveryState, Due, Error, Filter, Json,
    NoticeReadRow, NoticeRow, OfferRow, Projection, SearchText, SeenRow, Slice, Sort, TaskKind,
    TaskRow, TaskState, Urgency, Who, Worklist, Writes,
};

fn offer(writes: &mut Writes, who: Who, row: &TaskRow) {
    writes.put(row);
    writes.put(&OfferRow::new(who, row, false, Urgency::None));
}

/// Cases 1–6 with what each says of itself.
async fn some_cases(desk: &Desk) {
    let mut writes = Writes::default();
    let titles = [
        "关于防汛的通知",
        "关于预算100%执行的通知",
        "关于值班的通知",
        "草稿一件",
        "已办的事",
        "抄送的事",
    ];
    for (n, title) in (1..).zip(titles) {
        writes.put(&case(n, title, if n == 1 { "wang" } else { "zhang" }));
        writes.put(&document(n, title, if n == 3 { Urgency::ExtraUrgent } else { Urgency::None }));
    }
    let (zhang, post) = (Who::Person("zhang".into()), Who::Post("head".into()));
    // Offered to a post that he holds and to himself: one line.
    offer(&mut writes, post.clone(), &task(1, 1, TaskState::Open, None));
    offer(&mut writes, zhang.clone(), &task(1, 1, TaskState::Open, None));
    offer(
        &mut writes,
        zhang.clone(),
        &TaskRow { due_at: Some(at(100)), ..task(2, 1, TaskState::Open, Some("zhang")) },
    );
    let urgent = [
        task(3, 1, TaskState::Open, Some("zhang")),
        TaskRow { kind: TaskKind::Read, ..task(3, 2, TaskState::Open, Some("zhang")) },
    ];
    for row in &urgent {
        writes.put(row);
        writes.put(&OfferRow::new(zhang.clone(), row, false, Urgency::ExtraUrgent));
    }
    writes.put(&CaseRow { draft: true, ..case(4, "草稿一件", "zhang") });
    let row = task(4, 1, TaskState::Open, Some("zhang"));
    writes.put(&row);
    writes.put(&OfferRow::new(zhang.clone(), &row, true, Urgency::None));
    // Two tasks done on one case: one line, the later.
    writes.put(&task(5, 1, TaskState::Done, Some("zhang")));
    writes.put(&task(5, 2, TaskState::Done, Some("zhang")));
    writes.put(&task(5, 3, TaskState::Closed, Some("zhang")));
    writes.put(&CopyRow {
        who: post,
        case: case_id(6),
        at: at(1),
        sender: Json::default(),
        note: "请阅".into(),
        seen_at: None,
    });
    writes.put(&SeenRow { person: "zhang".into(), case: case_id(2), version: 7, at: at(0) });
    kept(desk, writes).await;
}

async fn list(desk: &Desk, which: Worklist, filter: &Filter) -> Vec<(u128, Option<u32>)> {
    let page = desk
        .storage
        .worklist(&viewer("zhang", &["head"]), which, filter, &Slice::default())
        .await
        .expect("a list");
    assert!(page.next.is_none());
    if let Some(total) = page.total {
        assert_eq!(total, page.items.len() as u64);
    }
    page.items
        .iter()
        .map(|line| (line.case.id.0.as_u128(), line.task.as_ref().map(|task| task.task.0)))
        .collect()
}

pub async fn worklists_hold_what_lies_with_their_viewer(desk: Desk) {
    some_cases(&desk).await;
    let all = Filter::default();
    // The urgent, then the one that is due, then by arrival.
    assert_eq!(list(&desk, Worklist::Todo, &all).await, [(3, Some(1)), (2, Some(1)), (1, Some(1))]);
    assert_eq!(list(&desk, Worklist::Read, &all).await, [(3, Some(2))]);
    assert_eq!(list(&desk, Worklist::Drafts, &all).await, [(4, Some(1))]);
    assert_eq!(list(&desk, Worklist::Done, &all).await, [(5, Some(2))]);
    assert_eq!(
        list(&desk, Worklist::Mine, &all).await,
        [(6, None), (5, None), (3, None), (2, None)]
    );
    assert_eq!(list(&desk, Worklist::Cc, &all).await, [(6, None)]);

    let with = |filter: Filter| filter;
    for (filter, wanted) in [
        (with(Filter { text: Some("100%".into()), ..all.clone() }), vec![2]),
        (with(Filter { text: Some("_".into()), ..all.clone() }), vec![]),
        (with(Filter { urgency: Some(Urgency::ExtraUrgent), ..all.clone() }), vec![3]),
        (with(Filter { due: Some(Due::Before(at(101))), ..all.clone() }), vec![2]),
        (with(Filter { due: Some(Due::None), ..all.clone() }), vec![3, 1]),
        (with(Filter { sort: Sort::Due, ..all.clone() }), vec![2, 3, 1]),
        (with(Filter { sort: Sort::Newest, ..all.clone() }), vec![3, 2, 1]),
        (with(Filter { kind: Some("request".into()), ..all.clone() }), vec![]),
        (with(Filter { unit: Some("finance".into()), ..all.clone() }), vec![3, 2, 1]),
    ] {
        let found: Vec<u128> =
            list(&desk, Worklist::Todo, &filter).await.into_iter().map(|(case, _)| case).collect();
        assert_eq!(found, wanted, "{filter:?}");
    }
    let page = desk
        .storage
        .worklist(&viewer("zhang", &[]), Worklist::Todo, &all, &Slice::default())
        .await
        .expect("a list");
    let line = page.items.iter().find(|line| line.case.id == case_id(2)).expect("its line");
    assert_eq!(
        (line.seen, line.document.as_ref().map(|document| document.version)),
        (Some(7), Some(1))
    );
    let strangers = desk
        .storage
        .worklist(&viewer("li", &["clerk"]), Worklist::Todo, &all, &Slice::default())
        .await
        .expect("a list");
    assert_eq!(strangers.items, []);
}

pub async fn counts_are_what_the_lists_hold(desk: Desk) {
    some_cases(&desk).await;
    let mut writes = Writes::default();
    for (n, state) in
        [(1, DeliveryState::Sent), (2, DeliveryState::Signed), (3, DeliveryState::Registered)]
    {
        writes.put(&delivery(n, "head", state));
    }
    for n in 1..=3 {
        writes.put(&NoticeRow {
            person: "zhang".into(),
            id: Uuid::from_u128(n),
            kind: "task".into(),
            case: None,
            text: "来了".into(),
            body: Json::default(),
            at: at(n as i64),
        });
    }
    writes.put(&NoticeReadRow { person: "zhang".into(), upto: at(1) });
    kept(&desk, writes).await;
    let counts = desk.storage.counts(&viewer("zhang", &["head"])).await.expect("counts");
    assert_eq!(
        counts,
        Counts { todo: 3, drafts: 1, mine: 4, done: 1, read: 1, cc: 1, incoming: 2, notices: 2 }
    );
    assert_eq!(desk.storage.counts(&viewer("li", &[])).await.expect("counts"), Counts::default());
}

pub async fn pages_join_up_whatever_happens_between(desk: Desk) {
    let mut writes = Writes::default();
    for n in 1..=45 {
        writes.put(&case(n, "件", "wang"));
        let due_at = (n % 3 == 0).then(|| at(500));
        offer(
            &mut writes,
            Who::Person("zhang".into()),
            &TaskRow { due_at, came_at: at(0), ..task(n, 1, TaskState::Open, None) },
        );
    }
    kept(&desk, writes).await;
    let me = viewer("zhang", &[]);
    for (which, who, filter) in [
        (Worklist::Todo, &me, Filter::default()),
        (Worklist::Todo, &me, Filter { sort: Sort::Newest, ..Filter::default() }),
        (Worklist::Mine, &viewer("wang", &[]), Filter::default()),
    ] {
        let mut slice = Slice::first(10);
        let mut seen: Vec<CaseId> = vec![];
        loop {
            let page = desk.storage.worklist(who, which, &filter, &slice).await.expect("a page");
            seen.extend(page.items.iter().map(|line| line.case.id));
            slice.after = page.next;
            if slice.after.is_none() {
                break;
            }
            if which == Worklist::Todo {
                // What was on the page before is done with: the next begins where it would have.
                let mut writes = Writes::default();
                writes.remove_offers(seen[0], TaskId(1));
                kept(&desk, writes).await;
            }
        }
        let unique: std::collections::BTreeSet<_> = seen.iter().collect();
        assert_eq!(unique.len(), seen.len(), "{which:?}");
        assert!(seen.len() >= 44, "{which:?}: {}", seen.len());
    }
    for bad in ["", "1.2", "x.y.z.u.v", "1.2.3.4.5.6", "'; DROP TABLE task; --"] {
        let slice = Slice { limit: 5, after: Some(bad.to_owned()) };
        let refused = desk.storage.worklist(&me, Worklist::Todo, &Filter::default(), &slice).await;
        assert!(matches!(refused, Err(Error::Cursor(_))), "{bad}: {refused:?}");
    }
}

fn text(n: u128, title: &str, number: Option<&str>, body: &str) -> SearchText {
    SearchText {
        case: case_id(n),
        title: title.to_owned(),
        number: number.map(str::to_owned),
        kind: "notice".to_owned(),
        kind_title: "通知".to_owned(),
        unit_name: "市应急管理局".to_owned(),
        body: body.to_owned(),
        at: at(n as i64),
    }
}

fn grant(writes: &mut Writes, who: Who, n: u128) {
    writes.put(&AccessRow { who, case: case_id(n), why: AccessWhy::Holder, at: at(0) });
}

async fn found(desk: &Desk, who: &wenshu_storage::Viewer, question: &str) -> Vec<u128> {
    let page = desk.storage.search(who, question, None, &Slice::default()).await.expect("a search");
    page.items.iter().map(|hit| hit.case.0.as_u128()).collect()
}

pub async fn only_those_with_access_find_it(desk: Desk) {
    let mut writes = Writes::default();
    for n in 1..=5 {
        writes.search.push(text(n, "关于做好防汛工作的通知", None, "各单位："));
    }
    grant(&mut writes, Who::Person("zhang".into()), 1);
    grant(&mut writes, Who::Post("head".into()), 2);
    grant(&mut writes, Who::Unit("finance".into()), 3);
    grant(&mut writes, Who::Person("li".into()), 4);
    kept(&desk, writes).await;
    let mut zhang = viewer("zhang", &["head"]);
    assert_eq!(found(&desk, &zhang, "防汛").await, [2, 1]);
    zhang.units.push("finance".into());
    assert_eq!(found(&desk, &zhang, "防汛").await, [3, 2, 1]);
    // A person and a post of the same name are not the same.
    assert_eq!(found(&desk, &viewer("head", &["zhang"]), "防汛").await, Vec::<u128>::new());
    assert_eq!(
        desk.storage.may_see(&zhang, case_id(3)).await.expect("rights"),
        [AccessWhy::Holder]
    );
    assert_eq!(desk.storage.may_see(&zhang, case_id(4)).await.expect("rights"), []);
    let page = desk
        .storage
        .search(&zhang, "防汛", Some("request"), &Slice::default())
        .await
        .expect("a search");
    assert_eq!(page.items, []);
}

pub async fn words_are_found_in_chinese(desk: Desk) {
    desk.storage.learn_words(&["云政发".to_owned()]);
    let mut writes = Writes::default();
    let texts = [
        text(
            1,
            "关于做好2026年汛期安全生产工作的通知",
            Some("云政发〔2026〕18号"),
            "各区县人民政府：为切实做好汛期安全生产工作，'防患未然'，请抓好落实。",
        ),
        text(
            2,
            "关于开展消防安全检查的通知",
            Some("云政发〔2026〕19号"),
            "重点检查ＡＢＣ商场、Ｋ12学校。\n附件：检查表\\n",
        ),
        text(
            3,
            "关于2027年度预算编制的请示",
            None,
            "市财政局：现将预算编制有关事项请示如下。C++ & | ! : * <b>",
        ),
    ];
    for text in texts {
        grant(&mut writes, Who::Person("zhang".into()), text.case.0.as_u128());
        writes.search.push(text);
    }
    kept(&desk, writes).await;
    let zhang = viewer("zhang", &[]);
    for (question, wanted) in [
        ("安全生产", vec![1]),
        ("安全", vec![2, 1]),
        ("云政发〔2026〕18号", vec![1]),
        ("云政发", vec![2, 1]),
        ("预算 编制", vec![3]),
        ("abc", vec![2]),
        ("ABC k12", vec![2]),
        ("不存在的词语龘", vec![]),
        ("、。！", vec![]),
        ("' OR 1=1 --", vec![]),
        ("安全 预算", vec![]),
        ("\" AND *", vec![]),
    ] {
        assert_eq!(found(&desk, &zhang, question).await, wanted, "{question}");
    }
    let page =
        desk.storage.search(&zhang, "落实", None, &Slice::default()).await.expect("a search");
    assert!(page.items[0].snippet.contains("抓好⟦落实⟧。"), "{}", page.items[0].snippet);
    // A new version of the text takes the place of the old.
    let again = Writes {
        search: vec![text(1, "改过的题目", None, "改过的正文")],
        ..Writes::default()
    };
    kept(&desk, again).await;
    assert_eq!(found(&desk, &zhang, "安全生产").await, Vec::<u128>::new());
    assert_eq!(found(&desk, &zhang, "正文").await, [1]);
    assert_eq!(desk.storage.reindex().await.expect("an index"), 3);
    assert_eq!(found(&desk, &zhang, "安全").await, [2]);
}

pub async fn projections_are_emptied(desk: Desk) {
    some_cases(&desk).await;
    let mut writes = Writes {
        search: vec![text(1, "关于防汛的通知", None, "防汛")],
        ..Writes::default()
    };
    grant(&mut writes, Who::Person("zhang".into()), 1);
    writes.put(&NoticeReadRow { person: "zhang".into(), upto: at(1) });
    kept(&desk, writes.clone()).await;
    desk.storage
        .empty(&[Projection::of::<OfferRow>(), Projection::of::<CaseRow>()])
        .await
        .expect("they are emptied");
    let zhang = viewer("zhang", &["head"]);
    assert_eq!(found(&desk, &zhang, "防汛").await, Vec::<u128>::new());
    assert_eq!(list(&desk, Worklist::Todo, &Filter::default()).await, []);
    assert_eq!(desk.storage.case(case_id(1)).await.expect("no case"), None);
    assert!(
        desk.storage.notices_read(&"zhang".into()).await.expect("a mark").is_some(),
        "that was no projection"
    );
    kept(&desk, writes).await;
    assert_eq!(found(&desk, &zhang, "防汛").await, [1]);
}

pub async fn notices_and_deliveries_are_paged(desk: Desk) {
    let mut writes = Writes::default();
    for n in 1..=5 {
        writes.put(&delivery(
            n,
            if n == 5 { "other" } else { "registry" },
            if n == 1 { DeliveryState::Returned } else { DeliveryState::Sent },
        ));
        writes.put(&NoticeRow {
            person: "zhang".into(),
            id: Uuid::from_u128(n),
            kind: "task".into(),
            case: None,
            text: "来了".into(),
            body: Json::default(),
            at: at(7),
        });
    }
    kept(&desk, writes).await;
    let registry = viewer("zhang", &["registry"]);
    let first = desk.storage.incoming(&registry, None, &Slice::first(3)).await.expect("a page");
    assert_eq!(first.items.iter().map(|row| row.id.0.as_u128()).collect::<Vec<_>>(), [4, 3, 2]);
    let rest = desk
        .storage
        .incoming(&registry, None, &Slice { limit: 3, after: first.next })
        .await
        .expect("a page");
    assert_eq!(rest.items.iter().map(|row| row.id.0.as_u128()).collect::<Vec<_>>(), [1]);
    let sent = desk
        .storage
        .incoming(&registry, Some(DeliveryState::Sent), &Slice::default())
        .await
        .expect("a page");
    assert_eq!(sent.items.len(), 3);
    assert_eq!(desk.storage.deliveries(case_id(1)).await.expect("deliveries").len(), 5);
    let first = desk.storage.notices(&"zhang".into(), &Slice::first(3)).await.expect("a page");
    let rest = desk
        .storage
        .notices(&"zhang".into(), &Slice { limit: 3, after: first.next.clone() })
        .await
        .expect("a page");
    assert_eq!((first.items.len(), rest.items.len(), rest.next), (3, 2, None));
}
