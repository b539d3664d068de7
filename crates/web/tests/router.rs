//! The router beside other routes, with whatever UI this build carries.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use tower::ServiceExt;

async fn status(path: &str) -> Result<StatusCode, Box<dyn std::error::Error>> {
    let app =
        Router::new().route("/api/v1/me", get(async || "我")).merge(wenshu_web::router::<()>());
    Ok(app.oneshot(Request::get(path).body(Body::empty())?).await?.status())
}

#[tokio::test]
async fn the_ui_takes_only_what_the_api_leaves() -> Result<(), Box<dyn std::error::Error>> {
    assert_eq!(status("/api/v1/me").await?, StatusCode::OK);
    assert_eq!(status("/api/v1/you").await?, StatusCode::NOT_FOUND);
    let page = if wenshu_web::built() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    assert_eq!(status("/").await?, page);
    assert_eq!(status("/worklist").await?, page);
    Ok(())
}
