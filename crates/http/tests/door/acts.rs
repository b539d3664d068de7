//! Acts through the door: done once, refused in words, shown to those concerned.

use super::guest::House;
use anyhow::Result;
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use serde_json::json;

#[tokio::test]
async fn a_leave_goes_its_way_and_the_page_shows_it() -> Result<()> {
    let house = House::open().await?;
    let mut lin = house.guest("林晓").await?;
    let case = lin.leave("<script>alert('回家')</script>").await;
    let mut zhou = house.guest("周明").await?;
    let list = zhou.get("/worklist?box=todo").await.json;
    let row = &list["items"][0];
    assert_eq!(
        (row["case"].as_str(), row["step_title"].as_str()),
        (Some(case.as_str()), Some("科室审批"))
    );
    assert_eq!(zhou.get("/counts").await.json["todo"], 1);
    let view = zhou.get(&format!("/cases/{case}")).await.json;
    assert_eq!(view["access"], "holder");
    assert_eq!(
        view["form"]["values"]["reason"], "<script>alert('回家')</script>",
        "text stays text"
    );
    let offered: Vec<_> = view["offers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|offer| offer["act"].as_str().unwrap())
        .collect();
    assert!(offered.contains(&"approve") && offered.contains(&"send_back"), "{offered:?}");
    let current: Vec<_> = view["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["state"] == "current")
        .collect();
    assert_eq!((current.len(), &current[0]["who"]), (1, &json!(["周明"])));
    let nodes: Vec<_> =
        view["picture"]["nodes"].as_array().unwrap().iter().map(|node| &node["id"]).collect();
    let steps: Vec<_> = view["steps"].as_array().unwrap().iter().map(|step| &step["id"]).collect();
    assert_eq!(nodes, steps, "every box has its state");
    let task = zhou.task(&case).await;
    let opinion = "<b>同意</b>";
    let after = zhou
        .act(
            &case,
            json!({ "act": "complete", "task": task, "outcome": "approved", "opinion": opinion }),
        )
        .await;
    assert_eq!(after.status, StatusCode::OK, "{after:?}");
    assert_eq!(after.json["state"], "finished");
    let said = after.json["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["kind"] == "opinion" && entry["text"] == opinion);
    assert_eq!(said.unwrap()["by"]["person"]["name"], "周明");
    assert!(after.json["steps"].as_array().unwrap().iter().all(|step| step["state"] != "waiting"));
    Ok(())
}

#[tokio::test]
async fn the_same_request_is_done_once() -> Result<()> {
    let house = House::open().await?;
    let mut lin = house.guest("林晓").await?;
    let case = lin.draft("leave", "请假").await;
    let task = lin.task(&case).await;
    let changes = json!({ "kind": "年假", "from": "2026-03-09", "days": 2, "reason": "探亲" });
    let act = json!({ "act": "complete", "task": task, "outcome": "approved", "changes": changes });
    let path = format!("/cases/{case}/acts");
    let key = [("idempotency-key", "once")];
    let mut answers = vec![];
    for _ in 0..2 {
        let answer = lin
            .send(Method::POST, &path, "application/json", Body::from(act.to_string()), &key)
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answers.push(answer.json);
    }
    assert_eq!(answers[0]["timeline"], answers[1]["timeline"]);
    let other = json!({ "act": "withdraw", "reason": "改期" });
    let answer = lin
        .send(Method::POST, &path, "application/json", Body::from(other.to_string()), &key)
        .await;
    assert_eq!((answer.status, answer.code()), (StatusCode::UNPROCESSABLE_ENTITY, "key_reused"));
    // Under another key it is another act, and that task is done.
    let answer = lin.act(&case, act).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::CONFLICT, "task_closed"));
    // A draft begun twice under one key is one draft.
    let begin = json!({ "workflow": "leave", "title": "再请" }).to_string();
    let first = lin
        .send(
            Method::POST,
            "/cases",
            "application/json",
            Body::from(begin.clone()),
            &[("idempotency-key", "d")],
        )
        .await;
    let again = lin
        .send(
            Method::POST,
            "/cases",
            "application/json",
            Body::from(begin),
            &[("idempotency-key", "d")],
        )
        .await;
    assert_eq!(first.json["id"], again.json["id"]);
    Ok(())
}

#[tokio::test]
async fn what_is_not_ones_own_is_refused_in_words() -> Result<()> {
    let house = House::open().await?;
    let mut lin = house.guest("林晓").await?;
    let case = lin.leave("探亲").await;
    let mut zhou = house.guest("周明").await?;
    let task = zhou.task(&case).await;
    let approve = json!({ "act": "complete", "task": task, "outcome": "approved" });
    let answer = lin.act(&case, approve.clone()).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::FORBIDDEN, "not_your_task"));
    assert!(answer.json["detail"].as_str().unwrap().contains("周明"), "{answer:?}");
    let mut other = house.guest("彭菲").await?;
    assert_eq!(other.act(&case, approve.clone()).await.code(), "not_found");
    for (act, status, code) in [
        (json!({ "act": "complete", "task": task, "outcome": "refused" }), 422, "opinion_required"),
        (json!({ "act": "complete", "task": 99, "outcome": "approved" }), 404, "no_such_task"),
        (json!({ "act": "answer", "ask": 1 }), 400, "invalid"),
        (json!({ "act": "start", "title": "x" }), 400, "invalid"),
        (
            json!({ "act": "complete", "task": task, "outcome": "approved", "sean": 3 }),
            400,
            "invalid",
        ),
        (json!({ "act": "retry" }), 409, "not_stalled"),
    ] {
        let answer = zhou.act(&case, act.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{act}: {answer:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_batch_answers_for_each() -> Result<()> {
    let house = House::open().await?;
    let mut lin = house.guest("林晓").await?;
    let (one, two) = (lin.leave("探亲").await, lin.leave("看病").await);
    let mut zhou = house.guest("周明").await?;
    let items = json!([
        { "case": one, "task": zhou.task(&one).await, "seen": null },
        { "case": two, "task": 77 },
        { "case": "018f0000-0000-7000-8000-000000000000", "task": 1 },
    ]);
    let answer =
        zhou.post("/acts/batch", json!({ "items": items, "opinion": "同意。" })).await.json;
    let results: Vec<_> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["ok"].as_bool(), one["code"].as_str()))
        .collect();
    assert_eq!(
        results,
        [(Some(true), None), (Some(false), Some("no_such_task")), (Some(false), Some("not_found"))]
    );
    Ok(())
}

#[tokio::test]
async fn a_working_copy_is_ones_own_until_it_is_handed_over() -> Result<()> {
    let house = House::open().await?;
    let mut lin = house.guest("林晓").await?;
    let case = lin.draft("outgoing", "关于做好防汛工作的通知").await;
    let path = format!("/cases/{case}/working");
    let text = |text: &str| json!({ "type": "doc", "content": [{ "type": "paragraph", "content": [{ "type": "text", "text": text }] }] });
    let copy = json!({ "fields": { "title": "关于做好2026年防汛工作的通知" }, "body": text("各单位："), "base": 1 });
    let saved = lin.put(&path, copy).await;
    assert_eq!((saved.status, saved.json["base"].as_u64()), (StatusCode::OK, Some(1)), "{saved:?}");
    let view = lin.get(&format!("/cases/{case}")).await.json;
    assert_eq!(view["document"]["working"]["fields"]["title"], "关于做好2026年防汛工作的通知");
    assert_eq!(view["document"]["metadata"]["title"], "关于做好防汛工作的通知");
    let stale = lin.put(&path, json!({ "fields": {}, "base": 7 })).await;
    assert_eq!((stale.status, stale.code()), (StatusCode::CONFLICT, "stale"));
    let wrong =
        lin.put(&path, json!({ "fields": { "number": "云政发〔2026〕1号" }, "base": 1 })).await;
    assert_eq!(
        (wrong.status, wrong.code()),
        (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        "{wrong:?}"
    );
    let mut other = house.guest("彭菲").await?;
    assert_eq!(
        other.put(&path, json!({ "fields": {}, "base": 1 })).await.status,
        StatusCode::NOT_FOUND
    );
    let task = lin.task(&case).await;
    let units = json!({ "recipients": [house.office.unit("教育局")] });
    let submit = json!({ "act": "complete", "task": task, "outcome": "approved", "changes": units, "seen": 1, "working": true });
    let view = lin.act(&case, submit).await;
    assert_eq!(view.status, StatusCode::OK, "{view:?}");
    assert_eq!(view.json["title"], "关于做好2026年防汛工作的通知");
    let timeline = view.json["timeline"].as_array().unwrap();
    let changed = timeline.iter().find(|entry| entry["kind"] == "changed").unwrap();
    assert_eq!(changed["text"], "正文、主送机关、标题", "fields are called by their titles");
    assert_eq!(view.json["document"]["working"], json!(null));
    Ok(())
}

#[tokio::test]
async fn administrators_see_where_it_stands_and_nothing_else() -> Result<()> {
    let house = House::open().await?;
    let mut lin = house.guest("林晓").await?;
    let case = lin.leave("探亲的秘密").await;
    let admin = house.office.directory.people.values().find(|person| {
        let seat = house.office.directory.main_seat(&person.id);
        seat.is_some_and(|seat| {
            wenshu_office::has_role(&house.office.directory, &seat, wenshu_core::FLOW_ADMIN)
        })
    });
    let mut admin = house.guest(&admin.unwrap().name.clone()).await?;
    let rows = admin.get("/oversight?state=running").await.json;
    assert_eq!(rows["items"][0]["case"].as_str(), Some(case.as_str()));
    let view = admin.get(&format!("/cases/{case}")).await;
    assert_eq!(view.json["access"], "oversight");
    let shown = String::from_utf8(view.bytes)?;
    assert!(!shown.contains("探亲的秘密"), "{shown}");
    for path in ["audit", "changes?since=1", "sheet.pdf", "deliveries"] {
        assert_eq!(
            admin.get(&format!("/cases/{case}/{path}")).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let verified = admin.post(&format!("/cases/{case}/audit/verify"), json!({})).await;
    assert_eq!(verified.json["ok"], true);
    assert_eq!(lin.get("/oversight").await.code(), "not_an_administrator");
    let record = lin.get(&format!("/cases/{case}/audit")).await.json;
    assert!(
        record.as_array().is_some_and(|acts| {
            acts.len() == 2 && acts[1]["text"].to_string().contains("签署意见、离开环节")
        }),
        "{record}"
    );
    Ok(())
}
