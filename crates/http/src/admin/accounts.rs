//! Accounts: listed, made with a password that serves once, disabled, enabled, reset, unlocked.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading, Writing},
    extract::{Asked, Keyed, Path, Unsaid},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wenshu_core::id::PersonId;
use wenshu_office::{AccountView, OneTime};

/// An account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Account {
    pub login: String,
    pub person: String,
    pub name: String,
    /// The main post with its unit.
    pub post: Option<String>,
    pub disabled: bool,
    pub locked_until: Option<DateTime<Utc>>,
    /// The password was set by somebody else and not changed yet.
    pub must_change: bool,
    /// 系统管理员, 安全保密管理员 or 安全审计员.
    pub administers: Option<String>,
}

impl From<AccountView> for Account {
    fn from(view: AccountView) -> Self {
        Self {
            login: view.login,
            person: view.person.to_string(),
            name: view.name,
            post: view.post,
            disabled: view.disabled,
            locked_until: view.locked_until,
            must_change: view.must_change,
            administers: view.administers.map(str::to_owned),
        }
    }
}

/// A password that serves once. It is shown this one time.
#[derive(Clone, Serialize, ToSchema)]
pub struct OneTimePassword {
    pub login: String,
    pub person: String,
    pub name: String,
    pub password: String,
}

impl std::fmt::Debug for OneTimePassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OneTimePassword").field("login", &self.login).finish_non_exhaustive()
    }
}

impl From<OneTime> for OneTimePassword {
    fn from(made: OneTime) -> Self {
        let OneTime { login, person, name, password } = made;
        Self { login, person: person.to_string(), name, password }
    }
}

/// Accounts to make.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccounts {
    pub accounts: Vec<NewAccount>,
}

/// An account for somebody of the directory.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    pub person: String,
    /// The person's id unless said.
    #[serde(default)]
    pub login: Option<String>,
}

/// Which accounts.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountPage {
    /// After this login.
    pub after: Option<String>,
    /// At most 500.
    pub limit: Option<u32>,
}

type Secret<T> = ([(HeaderName, HeaderValue); 1], Json<T>);

fn secret<T>(value: T) -> Secret<T> {
    ([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(value))
}

/// Accounts by login.
#[utoipa::path(get, path = "/api/v1/admin/accounts", tag = "accounts", params(AccountPage),
    responses((status = 200, body = [Account]), Reading))]
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Asked(page): Asked<AccountPage>,
) -> Result<Json<Vec<Account>>, ApiError> {
    let limit = page.limit.unwrap_or(200);
    let views = app.office.accounts(&actor.acting(), page.after.as_deref(), limit).await?;
    Ok(Json(views.into_iter().map(Account::from).collect()))
}

/// Make accounts (系统管理员). Each password is shown this one time and must be changed at the first sign-in. The key is
/// as secret as the passwords, which come again with it: at least 20 characters.
#[utoipa::path(post, path = "/api/v1/admin/accounts", tag = "accounts", request_body = NewAccounts,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 200, body = [OneTimePassword]), Writing))]
pub async fn make(
    State(app): State<App>,
    actor: Actor,
    Keyed { value: NewAccounts { accounts }, key }: Keyed<NewAccounts>,
) -> Result<Secret<Vec<OneTimePassword>>, ApiError> {
    let wanted: Vec<(String, PersonId)> = accounts
        .into_iter()
        .map(|new| (new.login.unwrap_or_else(|| new.person.clone()), PersonId(new.person)))
        .collect();
    let made = app.office.under(key).make_accounts(&actor.acting(), &wanted).await?;
    Ok(secret(made.into_iter().map(OneTimePassword::from).collect()))
}

/// Disable an account (系统管理员); its sessions end at once.
#[utoipa::path(post, path = "/api/v1/admin/accounts/{login}/disable", tag = "accounts",
    params(("login" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 204), Writing))]
pub async fn disable(
    State(app): State<App>,
    actor: Actor,
    Path(login): Path<String>,
    Unsaid(key): Unsaid,
) -> Result<StatusCode, ApiError> {
    app.office.under(key).disable_account(&actor.acting(), &login, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Enable an account again (系统管理员).
#[utoipa::path(post, path = "/api/v1/admin/accounts/{login}/enable", tag = "accounts",
    params(("login" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 204), Writing))]
pub async fn enable(
    State(app): State<App>,
    actor: Actor,
    Path(login): Path<String>,
    Unsaid(key): Unsaid,
) -> Result<StatusCode, ApiError> {
    app.office.under(key).disable_account(&actor.acting(), &login, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set a password that serves once (系统管理员); sessions end at once. The key is as secret as the password, which comes
/// again with it: at least 20 characters.
#[utoipa::path(post, path = "/api/v1/admin/accounts/{login}/reset", tag = "accounts",
    params(("login" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 200, body = OneTimePassword), Writing))]
pub async fn reset(
    State(app): State<App>,
    actor: Actor,
    Path(login): Path<String>,
    Unsaid(key): Unsaid,
) -> Result<Secret<OneTimePassword>, ApiError> {
    let made = app.office.under(key).reset_password(&actor.acting(), &login).await?;
    Ok(secret(made.into()))
}

/// Let somebody try again who was locked out (安全保密管理员).
#[utoipa::path(post, path = "/api/v1/admin/accounts/{login}/unlock", tag = "accounts",
    params(("login" = String, Path), ("Idempotency-Key" = String, Header)), responses((status = 204), Writing))]
pub async fn unlock(
    State(app): State<App>,
    actor: Actor,
    Path(login): Path<String>,
    Unsaid(key): Unsaid,
) -> Result<StatusCode, ApiError> {
    app.office.under(key).unlock(&actor.acting(), &login).await?;
    Ok(StatusCode::NO_CONTENT)
}
