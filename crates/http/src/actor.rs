//! Who asks: the person and post of the session, from its cookie alone. Whoever changes something must also know the
//! session's token, which another site cannot; since every handler takes its actor from here, none can forget it.

use crate::{app::App, error::ApiError, strangers::address};
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
};
use std::net::{IpAddr, SocketAddr};
use wenshu_core::{command, directory::Seat};
use wenshu_office::{Door, Error, Session};

/// The session's cookie; behind TLS under a name that no other host can set.
pub(crate) fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-wenshu" } else { "wenshu" }
}
const TOKEN: &str = "x-csrf-token";

/// Who asks.
#[derive(Clone, Debug)]
pub struct Actor {
    pub seat: Seat,
    pub session: Session,
    /// What the cookie says.
    pub(crate) token: String,
}

impl Actor {
    /// The same as one who acts.
    #[must_use]
    pub fn acting(&self) -> command::Actor {
        command::Actor::Person(self.seat.clone())
    }
}

impl FromRequestParts<App> for Actor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Newcomer(actor) = Newcomer::from_request_parts(parts, app).await?;
        if actor.session.must_change {
            return Err(Error::MustChangePassword { after: actor.session.too_old }.into());
        }
        Ok(actor)
    }
}

/// Whoever has a session, also if a password that was given to them must be changed before anything else.
#[derive(Clone, Debug)]
pub struct Newcomer(pub Actor);

impl FromRequestParts<App> for Newcomer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let token = cookie(&parts.headers, app.settings.secure_cookies)
            .ok_or_else(ApiError::not_signed_in)?
            .to_owned();
        let session = match app.office.session_of_a_newcomer(&token).await {
            Ok(session) => session,
            Err(Error::NotSignedIn) => {
                app.strangers.forget(&token);
                return Err(ApiError::not_signed_in());
            }
            Err(error) => return Err(error.into()),
        };
        app.strangers.recognise(&token, &session.person.id);
        if changes(&parts.method) {
            let said = parts.headers.get(TOKEN).map(HeaderValue::as_bytes).unwrap_or_default();
            if from_elsewhere(&parts.headers) || !same(said, session.csrf.as_bytes()) {
                return Err(ApiError::csrf());
            }
        }
        Ok(Self(Actor { seat: session.seat.clone(), session, token }))
    }
}

/// The session that the cookie names.
pub(crate) fn cookie(headers: &HeaderMap, secure: bool) -> Option<&str> {
    let wanted = cookie_name(secure);
    let cookies =
        headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, value)| *name == wanted && !value.is_empty()).map(|(_, value)| value)
}

fn changes(method: &Method) -> bool {
    method != Method::GET && method != Method::HEAD && method != Method::OPTIONS
}

/// The browser says that a page of another site asks.
pub(crate) fn from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site")
}

/// Compares in a time that does not depend on where the two differ.
fn same(said: &[u8], known: &[u8]) -> bool {
    said.len() == known.len()
        && said.iter().zip(known).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

/// Whether the request comes from this very machine. What a proxy passes on does not.
#[derive(Clone, Copy, Debug)]
pub struct Local(pub bool);

impl<S: Send + Sync> FromRequestParts<S> for Local {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let near = peer.is_some_and(|ConnectInfo(peer)| peer.ip().to_canonical().is_loopback());
        let passed_on = passed_on(&parts.headers);
        // A page of another site whose name was made to point here brings that name along.
        let host = parts.headers.get(header::HOST).map(HeaderValue::to_str);
        let named = host.is_none_or(|host| host.is_ok_and(is_loopback_name));
        Ok(Self(near && !passed_on && named))
    }
}

/// Whether a proxy passed the request on, so that its peer is not who asks.
#[must_use]
pub fn passed_on(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| tells_of_a_proxy(name.as_str()))
}

/// Where a request comes from, as far as wrong passwords are counted: the address of the peer; behind a proxy of ours,
/// the last that it passed on. Of IPv6 the network, since a host has as many addresses as it likes.
#[derive(Clone, Debug)]
pub struct Source(pub String);

impl FromRequestParts<App> for Source {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|ConnectInfo(peer)| peer.ip().to_canonical());
        let from = peer.map(|peer| address(peer, &parts.headers, &app.settings.proxies));
        Ok(Self(from.map_or_else(|| Door::HERE.to_owned(), network)))
    }
}

fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

fn tells_of_a_proxy(header: &str) -> bool {
    header.starts_with("x-forwarded")
        || matches!(
            header,
            "forwarded"
                | "via"
                | "x-real-ip"
                | "x-client-ip"
                | "x-original-forwarded-for"
                | "x-cluster-client-ip"
                | "true-client-ip"
                | "cf-connecting-ip"
        )
}

/// `localhost`, or an address of this machine alone, whatever the port.
fn is_loopback_name(host: &str) -> bool {
    if let Ok(address) = host.parse::<SocketAddr>() {
        return address.ip().to_canonical().is_loopback();
    }
    let name =
        host.rsplit_once(':').filter(|_| !host.ends_with(']')).map_or(host, |(name, _)| name);
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.to_ascii_lowercase().ends_with(".localhost")
        || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_near() {
        for near in
            ["localhost:8080", "LOCALHOST", "127.0.0.1:80", "127.0.0.1", "[::1]:8080", "[::1]"]
        {
            assert!(is_loopback_name(near), "{near}");
        }
        for far in
            ["evil.example:8080", "localhost.evil.example", "10.0.0.1:80", "[fd00::2]:80", ""]
        {
            assert!(!is_loopback_name(far), "{far}");
        }
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=b; wenshu=tok; wenshu2=x"));
        assert_eq!(cookie(&headers, false), Some("tok"));
        assert_eq!(cookie(&headers, true), None, "behind TLS only its own name counts");
        headers.insert(header::COOKIE, HeaderValue::from_static("wenshu=; __Host-wenshu=own"));
        assert_eq!(cookie(&headers, false), None);
        assert_eq!(cookie(&headers, true), Some("own"));
    }

    #[test]
    fn tokens_are_the_same_only_when_they_are() {
        assert!(same(b"abc", b"abc"));
        assert!(!same(b"abc", b"abd"));
        assert!(!same(b"", b"abc"));
    }
}
