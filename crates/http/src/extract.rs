//! Reading requests: bodies, paths and queries whose mistakes are answered as problems, and the idempotency key.

use crate::error::{ApiError, is_slowness};
use axum::{
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use std::fmt::Display;
use wenshu_document::hash::sm3_hex;
use wenshu_office::RequestKey;

/// The largest JSON body.
pub(crate) const JSON_LIMIT: usize = 1024 * 1024;

/// The longest idempotency key, in characters.
const LONGEST_KEY: usize = 100;

/// A JSON body.
#[derive(Clone, Copy, Debug)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = whole(request, state).await?;
        Ok(Self(read(&bytes)?))
    }
}

/// A JSON body of an act, with its idempotency key.
#[derive(Clone, Debug)]
pub struct Keyed<T> {
    pub value: T,
    pub key: RequestKey,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Keyed<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let key = key_of(request.headers())?;
        let head = format!("{} {}\n", request.method(), request.uri().path());
        let bytes = whole(request, state).await?;
        let request = sm3_hex(&[head.as_bytes(), &bytes].concat());
        Ok(Self { value: read(&bytes)?, key: RequestKey { key, request } })
    }
}

/// The idempotency key of an act that says all it means by its path.
#[derive(Clone, Debug)]
pub struct Unsaid(pub RequestKey);

impl<S: Send + Sync> FromRequestParts<S> for Unsaid {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let key = key_of(&parts.headers)?;
        let head = format!("{} {}\n", parts.method, parts.uri.path());
        Ok(Self(RequestKey { key, request: sm3_hex(head.as_bytes()) }))
    }
}

/// Printable ASCII; everything else could be read in two ways.
fn key_of(headers: &HeaderMap) -> Result<String, ApiError> {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
    if key.is_empty() || key.len() > LONGEST_KEY {
        let detail = format!(
            "请求须带 Idempotency-Key：1至{LONGEST_KEY}个可见的 ASCII 字符，例如一个 UUID。"
        );
        return Err(ApiError::unreadable(detail));
    }
    Ok(key.to_owned())
}

/// The whole body, if it claims to be JSON. Other types are what forms of other sites could send.
async fn whole<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiError> {
    let said = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let json = said
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
    if !json {
        return Err(ApiError::unreadable("请求正文必须是 application/json。"));
    }
    let bytes = Bytes::from_request(request, state).await;
    bytes.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::too_large(JSON_LIMIT as u64),
        _ if is_slowness(&rejection) => ApiError::too_slow(),
        _ => ApiError::unreadable("请求正文没有收全，请重试。"),
    })
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    if let Err(error) = std::str::from_utf8(bytes) {
        let at = error.valid_up_to();
        return Err(ApiError::unreadable(format!(
            "请求正文第{}字节起不是有效的 UTF-8 文字。",
            at + 1
        ))
        .with("at", at));
    }
    if has_nul(bytes) {
        return Err(ApiError::unreadable("请求正文含有空字符（U+0000），不能保存。"));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let wrong = match error.classify() {
            Category::Data => "缺少内容，或者有一项的类型不对",
            Category::Syntax => "不是 JSON",
            Category::Eof | Category::Io => "没有写完",
        };
        let detail =
            format!("请求正文读不懂（第{line}行第{column}列）：{wrong}。请对照接口说明更正。");
        let told = ApiError::unreadable(detail).with("line", line).with("column", column);
        // For whoever writes the program that asked.
        told.with("parser", error.to_string())
    })
}

/// Whether a string of this JSON text has the one character that databases do not keep.
fn has_nul(json: &[u8]) -> bool {
    let mut rest = json;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        if rest[at..].starts_with(b"\\u0000") {
            return true;
        }
        // The character behind a backslash is no backslash of its own.
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    false
}

/// What the path names. What cannot be a name leads nowhere.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        if parts.uri.path().contains("%00") {
            return Err(ApiError::not_found());
        }
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0)).map_err(|_| ApiError::not_found())
    }
}

/// What the query asks.
#[derive(Clone, Copy, Debug)]
pub struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            return Err(unreadable_query(&"含有空字符（U+0000）"));
        }
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|query| Self(query.0)).map_err(|error| unreadable_query(&error.body_text()))
    }
}

fn unreadable_query(why: &dyn Display) -> ApiError {
    ApiError::unreadable(format!("查询条件读不懂：{why}。"))
}

#[cfg(test)]
mod tests {
    use super::has_nul;

    #[test]
    fn a_nul_is_found_and_its_spelling_is_not() {
        assert!(has_nul(br#"{"text":"a\u0000"}"#));
        assert!(has_nul(br#"{"text":"\\\u0000"}"#));
        assert!(!has_nul(br#"{"text":"\\u0000"}"#));
        assert!(!has_nul(br#"{"text":"\n\"0000"}"#));
    }
}
