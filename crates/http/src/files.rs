//! Sending files so that a browser shows a PDF, and saves everything else without running it.

use crate::error::ApiError;
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use std::fmt::Write;
use utoipa::ToSchema;

/// What a file holds, byte by byte.
#[derive(Debug, ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "it only describes an answer to the specification")]
pub struct File(Vec<u8>);

/// A PDF to be shown in the page.
pub(crate) fn pdf(name: &str, content: impl Into<Body>) -> Result<Response, ApiError> {
    send(name, "application/pdf", "inline", "frame-ancestors 'self'", content)
}

/// Any other file, to be saved.
pub(crate) fn download(
    name: &str,
    media: &str,
    content: impl Into<Body>,
) -> Result<Response, ApiError> {
    send(name, media, "attachment", "default-src 'none'; sandbox", content)
}

fn send(
    name: &str,
    media: &str,
    how: &str,
    policy: &'static str,
    content: impl Into<Body>,
) -> Result<Response, ApiError> {
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| ApiError::internal());
    let headers: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_TYPE, value(media)?),
        (header::CONTENT_DISPOSITION, value(&disposition(how, name))?),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, content.into()).into_response())
}

/// The name twice: for old programs in ASCII, for all others in UTF-8 (RFC 6266).
fn disposition(how: &str, name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' })
        .collect();
    let mut coded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            coded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(coded, "%{byte:02X}");
        }
    }
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{coded}")
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_cannot_leave_its_place_in_the_header() {
        assert_eq!(
            disposition("attachment", "方案\"; x=\r\ny.pdf"),
            "attachment; filename=\"_____x___y.pdf\"; filename*=UTF-8''%E6%96%B9%E6%A1%88%22%3B%20x%3D%0D%0Ay.pdf"
        );
    }
}
