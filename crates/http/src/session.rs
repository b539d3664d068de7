//! Signing in and out, and which post one acts in.

use crate::{
    actor::{Actor, Local, Newcomer, Source, cookie_name, from_elsewhere},
    app::{App, DemoAccount},
    error::{ApiError, Reading, SigningIn, Writing},
    extract::Body,
    view::Seat,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wenshu_core::FLOW_ADMIN;
use wenshu_office::{self as office, AUDIT_ADMIN, Door, SECURITY_ADMIN, SYSTEM_ADMIN, registries};

/// Who is signed in, and in which post they act.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Session {
    pub person: Me,
    pub seat: Seat,
    /// All posts that the person holds.
    pub posts: Vec<Seat>,
    pub roles: Vec<String>,
    /// Goes into `X-CSRF-Token` of whatever changes something.
    pub csrf: String,
    pub demo: bool,
    /// Nothing else is answered until the password is changed.
    pub must_change_password: bool,
    /// For it is older than so many days.
    pub password_too_old: Option<u32>,
    pub can: Can,
}

/// The person signed in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Me {
    pub id: String,
    pub name: String,
    pub login: String,
}

/// Which parts of the application are for them.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Can {
    /// A registry 收发岗 is theirs.
    pub registry: bool,
    /// Flows and where cases stand.
    pub admin: bool,
    /// Units, people, accounts, series 系统管理员.
    pub system: bool,
    /// Deploys flows and mends stalled cases 流程管理员.
    pub flows: bool,
    /// Roles, seals, locked accounts 安全保密管理员.
    pub security: bool,
    /// Every record 安全审计员.
    pub audit: bool,
}

/// Name and password.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The login name.
    pub person: String,
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

/// A post to act in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostChoice {
    pub post: String,
}

async fn view(app: &App, session: &office::Session) -> Result<Session, ApiError> {
    let directory = app.office.directory().await?;
    let has = |role: &str| session.roles.iter().any(|known| known.as_str() == role);
    Ok(Session {
        person: Me {
            id: session.person.id.to_string(),
            name: session.person.name.clone(),
            login: session.login.clone(),
        },
        seat: Seat::from(&session.seat),
        posts: session.posts.iter().map(Seat::from).collect(),
        roles: session.roles.iter().map(ToString::to_string).collect(),
        csrf: session.csrf.clone(),
        demo: session.demo,
        must_change_password: session.must_change,
        password_too_old: session.too_old,
        can: Can {
            registry: !registries(&directory, &session.seat).is_empty(),
            admin: has(FLOW_ADMIN) || has(SYSTEM_ADMIN),
            system: has(SYSTEM_ADMIN),
            flows: has(FLOW_ADMIN),
            security: has(SECURITY_ADMIN),
            audit: has(AUDIT_ADMIN),
        },
    })
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/session", tag = "session", responses((status = 200, body = Session), Reading))]
pub async fn show(
    State(app): State<App>,
    Newcomer(actor): Newcomer,
) -> Result<Json<Session>, ApiError> {
    Ok(Json(view(&app, &actor.session).await?))
}

/// Sign in. The password of a demo account is known to everybody, so it counts on this machine only.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", request_body = Credentials,
    responses((status = 200, body = Session), SigningIn))]
pub async fn sign_in(
    State(app): State<App>,
    Local(near): Local,
    Source(source): Source,
    headers: HeaderMap,
    Body(Credentials { person, password }): Body<Credentials>,
) -> Result<Response, ApiError> {
    if from_elsewhere(&headers) {
        return Err(ApiError::csrf());
    }
    let door = Door { source, near };
    let (token, session) = app.office.sign_in_from(person.trim(), &password, &door).await?;
    let json = Json(view(&app, &session).await?);
    Ok(([(header::SET_COOKIE, set_cookie(&app, &token, None)?)], json).into_response())
}

/// Sign out.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", responses((status = 204), Writing))]
pub async fn sign_out(
    State(app): State<App>,
    Newcomer(actor): Newcomer,
) -> Result<Response, ApiError> {
    app.office.sign_out(&actor.token).await?;
    app.strangers.forget(&actor.token);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, set_cookie(&app, "", Some(0))?)])
        .into_response())
}

/// One's own password.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    pub old: String,
    /// At least 12 characters, not a common one, without login and name.
    pub new: String,
}

impl std::fmt::Debug for PasswordChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasswordChange").finish_non_exhaustive()
    }
}

/// Change one's own password. All sessions are over but the one that this answer begins.
#[utoipa::path(put, path = "/api/v1/session/password", tag = "session", request_body = PasswordChange,
    responses((status = 200, body = Session), Writing))]
pub async fn change_password(
    State(app): State<App>,
    Newcomer(actor): Newcomer,
    Body(PasswordChange { old, new }): Body<PasswordChange>,
) -> Result<Response, ApiError> {
    let (token, session) = app.office.change_password(&actor.token, &old, &new).await?;
    app.strangers.forget(&actor.token);
    let json = Json(view(&app, &session).await?);
    Ok(([(header::SET_COOKIE, set_cookie(&app, &token, None)?)], json).into_response())
}

/// Act in another of one's posts.
#[utoipa::path(put, path = "/api/v1/session/post", tag = "session", request_body = PostChoice,
    responses((status = 200, body = Session), Writing))]
pub async fn choose_post(
    State(app): State<App>,
    actor: Actor,
    Body(PostChoice { post }): Body<PostChoice>,
) -> Result<Json<Session>, ApiError> {
    let session = app.office.choose_post(&actor.token, &post.into()).await?;
    Ok(Json(view(&app, &session).await?))
}

/// The accounts that the demo offers; on this machine only.
#[utoipa::path(get, path = "/api/v1/demo/accounts", tag = "session",
    responses((status = 200, body = [DemoAccount]), Reading))]
pub async fn demo_accounts(
    State(app): State<App>,
    Local(local): Local,
) -> Result<Json<Vec<DemoAccount>>, ApiError> {
    if !local || app.settings.demo.is_empty() {
        return Err(ApiError::not_found());
    }
    Ok(Json(app.settings.demo))
}

fn set_cookie(app: &App, token: &str, max_age: Option<u32>) -> Result<HeaderValue, ApiError> {
    let name = cookie_name(app.settings.secure_cookies);
    let secure = if app.settings.secure_cookies { "; Secure" } else { "" };
    let age = max_age.map(|age| format!("; Max-Age={age}")).unwrap_or_default();
    let cookie = format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict{secure}{age}");
    HeaderValue::from_str(&cookie).map_err(|_| ApiError::internal())
}
