//! Attachments and PDFs: names that try something, types that lie, and who gets them.

use super::guest::House;
use anyhow::Result;
use axum::{
    body::Body,
    http::{Method, StatusCode},
};

fn form(field: &str, name: &str, kind: &str, content: &[u8]) -> Vec<u8> {
    let head = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n"
    );
    [head.as_bytes(), content, b"\r\n--edge--\r\n"].concat()
}

const FORM: &str = "multipart/form-data; boundary=edge";

#[tokio::test]
async fn a_name_is_only_a_name_and_a_page_is_only_a_file() -> Result<()> {
    let house = House::open().await?;
    let mut lin = house.guest("林晓").await?;
    let case = lin.draft("outgoing", "关于测试附件的通知").await;
    let path = format!("/cases/{case}/attachments");
    let body = form("file", "../../etc/方案.html", "text/html", b"<script>alert(1)</script>");
    let answer = lin.send(Method::POST, &path, FORM, Body::from(body), &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.json["name"], "方案.html");
    assert_eq!(answer.json["media"], "application/octet-stream");
    let file = format!("{path}/{}", answer.json["id"].as_str().unwrap());
    let got = lin.get(&file).await;
    assert_eq!(got.bytes, b"<script>alert(1)</script>");
    assert_eq!(got.header("content-type"), "application/octet-stream");
    assert!(
        got.header("content-disposition")
            .starts_with("attachment; filename=\"__.html\"; filename*=UTF-8''%E6%96%B9")
    );
    assert_eq!(got.header("x-content-type-options"), "nosniff");
    assert!(got.header("content-security-policy").contains("sandbox"));
    // Who may not see the case does not get its files.
    let mut other = house.guest("彭菲").await?;
    assert_eq!(other.get(&file).await.status, StatusCode::NOT_FOUND);
    assert_eq!(other.delete(&file).await.status, StatusCode::NOT_FOUND);
    let body = form("file", "x.txt", "text/plain", b"x");
    assert_eq!(
        other.send(Method::POST, &path, FORM, Body::from(body), &[]).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(lin.delete(&file).await.status, StatusCode::NO_CONTENT);
    assert_eq!(lin.get(&file).await.status, StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn an_upload_that_is_none_is_refused() -> Result<()> {
    let house = House::open().await?;
    let mut lin = house.guest("林晓").await?;
    let case = lin.draft("outgoing", "关于测试附件的通知").await;
    let path = format!("/cases/{case}/attachments");
    let cut = form("file", "a.txt", "text/plain", b"abc");
    let cut = cut[..cut.len() - 14].to_vec();
    for (kind, body) in [
        ("application/json", b"{}".to_vec()),
        (FORM, form("other", "a.txt", "text/plain", b"abc")),
        (FORM, cut),
        (FORM, b"nonsense".to_vec()),
    ] {
        let answer = lin.send(Method::POST, &path, kind, Body::from(body), &[]).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::BAD_REQUEST, "invalid"),
            "{answer:?}"
        );
    }
    let view = lin.get(&format!("/cases/{case}")).await.json;
    assert_eq!(view["attachments"].as_array().map(Vec::len), Some(0));
    Ok(())
}

#[tokio::test]
async fn a_draft_is_shown_as_a_file_that_says_so() -> Result<()> {
    let house = House::open().await?;
    let mut lin = house.guest("林晓").await?;
    let case = lin.draft("outgoing", "关于测试附件的通知").await;
    for file in ["pdf?draft=1", "pdf", "sheet.pdf"] {
        let got = lin.get(&format!("/cases/{case}/{file}")).await;
        assert_eq!(got.status, StatusCode::OK, "{got:?}");
        assert!(got.bytes.starts_with(b"%PDF"), "{file}");
        assert_eq!(got.header("content-type"), "application/pdf");
        assert_eq!(got.header("content-security-policy"), "frame-ancestors 'self'");
        assert!(got.header("content-disposition").starts_with("inline; "), "{file}");
    }
    let mut other = house.guest("彭菲").await?;
    assert_eq!(other.get(&format!("/cases/{case}/pdf")).await.status, StatusCode::NOT_FOUND);
    Ok(())
}
