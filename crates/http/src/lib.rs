//! The HTTP door: one file per resource, each with its request and answer types; the specification is generated from
//! them. Who may do what is decided in the core and the office; here requests are read and answers are written.
#![expect(
    unused_qualifications,
    reason = "the macro that describes query parameters writes full paths"
)]

mod actor;
mod acts;
mod admin;
mod app;
mod attachments;
mod audit;
mod cases;
mod connections;
mod counts;
mod deliveries;
mod directory;
mod error;
mod events;
mod extract;
mod files;
pub mod flow_check;
mod linger;
mod links;
mod net;
mod notices;
mod oversight;
mod pdf;
mod phrases;
mod protect;
mod rate;
mod search;
mod series;
mod session;
mod specification;
mod strangers;
pub mod view;
mod workflows;
mod working;
mod worklist;
mod workshop;

pub use actor::passed_on;
pub use app::{App, DemoAccount, Settings};
pub use connections::{Bounds, serve};
pub use error::{ApiError, Problem};
pub use net::Net;
pub use rate::Rate;

use axum::{Router, extract::DefaultBodyLimit, middleware, routing::get};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, NotForContentType, Predicate},
    },
    timeout::RequestBodyTimeoutLayer,
    trace::TraceLayer,
};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The specification, apart from its operations.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "文枢 HTTP API",
        description = "政务办公与流程引擎的接口。",
        license(name = "Apache-2.0")
    ),
    components(schemas(Problem))
)]
struct Api;

/// The largest table that is imported.
const IMPORT: u64 = 10 * 1024 * 1024;

fn operations() -> OpenApiRouter<App> {
    let upload = DefaultBodyLimit::max((attachments::LIMIT + attachments::FORM) as usize);
    OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(session::show, session::sign_in, session::sign_out))
        .routes(routes!(session::choose_post))
        .routes(routes!(session::change_password))
        .routes(routes!(session::demo_accounts))
        .routes(routes!(counts::show))
        .routes(routes!(events::listen))
        .routes(routes!(notices::list))
        .routes(routes!(notices::read))
        .routes(routes!(directory::show))
        .routes(routes!(directory::units))
        .routes(routes!(directory::people))
        .routes(routes!(workflows::list, workflows::deploy))
        .routes(routes!(workflows::check))
        .routes(routes!(workflows::import))
        .routes(routes!(workshop::trial::keep))
        .routes(routes!(workshop::trial::sample))
        .routes(routes!(workshop::trial::test))
        .routes(routes!(workshop::trial::play))
        .routes(routes!(workflows::show))
        .routes(routes!(workshop::flows::list))
        .routes(routes!(workshop::flows::show))
        .routes(routes!(workshop::flows::version))
        .routes(routes!(workshop::flows::file))
        .routes(routes!(workshop::flows::shipped))
        .routes(routes!(workshop::flows::words))
        .routes(routes!(workshop::flows::retire))
        .routes(routes!(workshop::flows::resume))
        .routes(routes!(workshop::flows::restore))
        .routes(routes!(workshop::stalled::list))
        .routes(routes!(worklist::list))
        .routes(routes!(cases::begin))
        .routes(routes!(cases::show))
        .routes(routes!(cases::changes))
        .routes(routes!(cases::forecast))
        .routes(routes!(acts::act))
        .routes(routes!(acts::batch))
        .routes(routes!(working::save))
        .routes(routes!(pdf::document))
        .routes(routes!(pdf::sheet))
        .merge(OpenApiRouter::new().routes(routes!(attachments::attach)).layer(upload))
        .routes(routes!(attachments::content, attachments::detach))
        .routes(routes!(audit::list))
        .routes(routes!(audit::verify))
        .routes(routes!(deliveries::of_case))
        .routes(routes!(deliveries::urge))
        .routes(routes!(deliveries::withdraw))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::sign_many))
        .routes(routes!(deliveries::pdf))
        .routes(routes!(deliveries::sign))
        .routes(routes!(deliveries::give_back))
        .routes(routes!(deliveries::register))
        .routes(routes!(deliveries::number))
        .routes(routes!(series::list))
        .routes(routes!(series::preview))
        .routes(routes!(links::link))
        .routes(routes!(search::find))
        .routes(routes!(phrases::show, phrases::keep))
        .routes(routes!(oversight::list))
        .merge(administration())
}

/// What the three administrators and the keepers of registers do.
fn administration() -> OpenApiRouter<App> {
    use admin::{accounts, directory, hand_over, import, journal, numbers, seals};
    let upload = DefaultBodyLimit::max((IMPORT + attachments::FORM) as usize);
    OpenApiRouter::new()
        .routes(routes!(directory::show))
        .routes(routes!(directory::change))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(import::import))
                .routes(routes!(seals::put, seals::show))
                .layer(upload),
        )
        .routes(routes!(import::export))
        .routes(routes!(accounts::list, accounts::make))
        .routes(routes!(accounts::disable))
        .routes(routes!(accounts::enable))
        .routes(routes!(accounts::reset))
        .routes(routes!(accounts::unlock))
        .routes(routes!(hand_over::open))
        .routes(routes!(hand_over::give, hand_over::progress))
        .routes(routes!(journal::list))
        .routes(routes!(journal::export))
        .routes(routes!(journal::verify))
        .routes(routes!(numbers::list, numbers::add))
        .routes(routes!(numbers::edit))
        .routes(routes!(numbers::numbers))
        .routes(routes!(numbers::reserve))
        .routes(routes!(numbers::void))
        .routes(routes!(numbers::choose))
}

/// The specification as it is kept in docs/openapi.json.
#[must_use]
pub fn openapi() -> String {
    specification::write(operations().split_for_parts().1)
}

/// The whole door. What no route of it takes goes to `pages`, e.g. the web UI.
///
/// Serve it with `into_make_service_with_connect_info::<SocketAddr>()`: without the peer's address nobody counts as
/// near, and demo accounts do not work.
pub fn router(app: App, pages: Router<App>) -> Router {
    let (api, _) = operations().split_for_parts();
    let compression = DefaultPredicate::new()
        .and(NotForContentType::const_new("application/pdf"))
        .and(NotForContentType::const_new("application/octet-stream"));
    api.route("/healthz", get(async || "ok\n"))
        .route("/api/v1/openapi.json", get(specified))
        .method_not_allowed_fallback(protect::no_such_method)
        .layer(DefaultBodyLimit::max(extract::JSON_LIMIT))
        .merge(pages)
        .layer(RequestBodyTimeoutLayer::new(app.settings.pause))
        .layer(middleware::from_fn(linger::linger))
        .layer(middleware::from_fn_with_state(app.clone(), protect::patience))
        .layer(CatchPanicLayer::custom(protect::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), strangers::limit))
        .layer(CompressionLayer::new().compress_when(compression))
        .layer(middleware::from_fn_with_state(app.clone(), protect::headers))
        .layer(middleware::from_fn_with_state(app.clone(), protect::measured))
        .layer(TraceLayer::new_for_http().make_span_with(protect::span))
        .layer(middleware::from_fn(protect::named))
        .with_state(app)
}

async fn specified() -> ([(axum::http::HeaderName, &'static str); 1], String) {
    ([(axum::http::header::CONTENT_TYPE, "application/json")], openapi())
}
