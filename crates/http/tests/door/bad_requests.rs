//! Requests that cannot be read or may not be done: each is answered as a problem with a code, in Chinese, and nothing
//! happens.

use super::guest::House;
use anyhow::Result;
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use serde_json::json;

#[tokio::test]
async fn what_is_no_json_is_refused_with_its_place() -> Result<()> {
    let house = House::open().await?;
    let mut lin = house.guest("林晓").await?;
    let cases: [(&str, Vec<u8>); 7] = [
        ("application/json", b"{".to_vec()),
        ("application/json", b"".to_vec()),
        ("application/json", b"[1, 2".to_vec()),
        ("application/json", br#"{"own": "text"}"#.to_vec()),
        ("application/json", br#"{"own": [], "other": 1}"#.to_vec()),
        ("application/json", b"{\"own\": [\"\xff\xfe\"]}".to_vec()),
        ("text/plain", br#"{"own": []}"#.to_vec()),
    ];
    for (kind, body) in cases {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let answer = lin.send(Method::PUT, "/phrases", kind, Body::from(body), &[]).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "invalid"), "{shown}");
        assert!(
            answer.json["detail"].as_str().is_some_and(|detail| detail.contains("请求正文")),
            "{answer:?}"
        );
    }
    let broken = lin
        .send(Method::PUT, "/phrases", "application/json", Body::from("{\n \"own\": [}"), &[])
        .await;
    assert_eq!(
        (broken.json["facts"]["line"].as_u64(), broken.json["facts"]["column"].as_u64()),
        (Some(2), Some(10))
    );
    Ok(())
}

#[tokio::test]
async fn a_huge_body_is_refused() -> Result<()> {
    let house = House::open().await?;
    let mut lin = house.guest("林晓").await?;
    let huge = json!({ "own": ["长".repeat(600_000)] });
    let answer = lin.put("/phrases", huge).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
    Ok(())
}

#[tokio::test]
async fn an_act_needs_an_idempotency_key() -> Result<()> {
    let house = House::open().await?;
    let mut lin = house.guest("林晓").await?;
    let long = "k".repeat(101);
    for key in ["", long.as_str(), "一次"] {
        let body = Body::from(json!({ "workflow": "leave" }).to_string());
        let answer = lin
            .send(Method::POST, "/cases", "application/json", body, &[("idempotency-key", key)])
            .await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "invalid"));
    }
    assert_eq!(lin.get("/counts").await.json["drafts"], 0);
    Ok(())
}

#[tokio::test]
async fn paths_and_questions_that_mean_nothing_are_answered() -> Result<()> {
    let house = House::open().await?;
    let mut lin = house.guest("林晓").await?;
    for path in [
        "/cases/none",
        "/cases/018f0000-0000-7000-8000-000000000000",
        "/workflows/none",
        "/series/none/preview",
    ] {
        let answer = lin.get(path).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::NOT_FOUND, "not_found"), "{path}");
    }
    for path in [
        "/worklist",
        "/worklist?box=heap",
        "/worklist?box=todo&limit=many",
        "/worklist?box=todo&after=x",
        "/search",
    ] {
        let answer = lin.get(path).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "invalid"), "{path}");
    }
    let answer = lin.delete("/counts").await;
    assert_eq!(
        (answer.status, answer.code()),
        (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed")
    );
    Ok(())
}

#[tokio::test]
async fn a_broken_flow_is_told_with_its_place() -> Result<()> {
    let house = House::open().await?;
    let mut lin = house.guest("林晓").await?;
    let source = "workflow: x\ntitle: 测试\nform:\n  a: { title: 甲, type: text }\nsteps:\n  - id: one\n    titel: 一\n    by: initiator\n";
    let mut he = house.guest("何平").await?;
    let found = he.post("/workflows/check", json!({ "source": source })).await;
    assert_eq!(found.status, StatusCode::OK);
    let problems = found.json["problems"].as_array().unwrap();
    let problem = problems.iter().find(|problem| problem["code"] == "unknown_key").unwrap();
    assert_eq!(
        (problem["line"].as_u64(), problem["column"].as_u64()),
        (Some(7), Some(5)),
        "{problem}"
    );
    let good = include_str!("../../../../workflows/leave.yaml");
    let found = he.post("/workflows/check", json!({ "source": good })).await.json;
    assert_eq!(found["problems"], json!([]));
    assert!(found["tests"].as_u64().is_some_and(|tests| tests > 0), "{}", found["tests"]);
    let tested = he.post("/workflows/test", json!({ "source": good })).await.json;
    assert!(
        tested["tests"]
            .as_array()
            .is_some_and(|tests| !tests.is_empty() && tests.iter().all(|test| test["ok"] == true))
    );
    for path in ["/workflows/check", "/workflows/test"] {
        let refused = lin.post(path, json!({ "source": good })).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert!(found["picture"]["nodes"].as_array().is_some_and(|nodes| nodes.len() > 3));
    let refused = lin.post("/workflows", json!({ "source": good, "reason": "试试" })).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "not_an_administrator"));
    Ok(())
}

#[tokio::test]
async fn the_null_character_stays_outside() -> Result<()> {
    let house = House::open().await?;
    let mut lin = house.guest("林晓").await?;
    for query in
        ["/worklist?box=todo&q=%00", "/worklist?box=todo&unit=a%00", "/search?q=a&kind=%00"]
    {
        let answer = lin.get(query).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "invalid"), "{query}");
    }
    assert_eq!(lin.get("/workflows/%00").await.status, StatusCode::NOT_FOUND);
    let body = json!({ "person": "lin\0", "password": "x" });
    assert_eq!(lin.post("/session", body).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(lin.put("/phrases", json!({ "own": ["\\u0000"] })).await.status, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn nobody_writes_a_book_into_a_title_or_a_form() -> Result<()> {
    let house = House::open().await?;
    let mut lin = house.guest("林晓").await?;
    for workflow in ["leave", "outgoing"] {
        let long = json!({ "workflow": workflow, "title": "长".repeat(201) });
        let answer = lin.post("/cases", long).await;
        let expected = (StatusCode::UNPROCESSABLE_ENTITY, "text_too_long");
        assert_eq!((answer.status, answer.code()), expected, "{workflow}");
    }
    let case = lin.draft("leave", "请假").await;
    let changes =
        json!({ "kind": "年假", "from": "2026-03-09", "days": 2, "reason": "长".repeat(2001) });
    let act = json!({ "act": "complete", "task": 1, "outcome": "approved", "changes": changes });
    assert_eq!(lin.act(&case, act).await.code(), "text_too_long");
    Ok(())
}
