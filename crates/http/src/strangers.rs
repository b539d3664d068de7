//! How often somebody may ask: who has not signed in, by their address; who has, by who they are, however many strangers
//! share their address and however many sessions they have.

use crate::{
    actor,
    app::App,
    error::ApiError,
    net::Net,
    rate::{Measure, Rate},
};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, Method},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use wenshu_core::id::PersonId;

/// Addresses that are told apart; those beyond share one measure.
const ADDRESSES: usize = 65_536;
/// Sessions that are known without asking the database, and people who are told apart.
const SESSIONS: usize = 65_536;
/// How long a session is known before the database is asked again.
const KNOWN: Duration = Duration::from_secs(60);
/// How often the database is asked, in all, whether a cookie that came after the measure was full is a session.
const DOUBTS: Rate = Rate { at_once: 100, per_second: 50 };
/// Looking at a password takes 19 MiB and 30 ms.
const SIGNING_IN: f64 = 5.0;

/// Who asked how often, and which sessions are known. It is this node's alone: it guards this node.
#[derive(Debug)]
pub(crate) struct Strangers {
    rate: Rate,
    /// For one person, whatever sessions they have.
    person: Rate,
    hasher: RandomState,
    addresses: Mutex<HashMap<Option<IpAddr>, Measure>>,
    /// By the hash of their token.
    sessions: Mutex<HashMap<u64, Known>>,
    people: Mutex<HashMap<u64, Measure>>,
    doubts: Mutex<Measure>,
}

/// A session that was found in the database, and whose it is.
#[derive(Clone, Copy, Debug)]
struct Known {
    person: u64,
    at: Instant,
}

impl Strangers {
    pub fn new(rate: Rate, person: Rate) -> Self {
        Self {
            rate,
            person,
            hasher: RandomState::new(),
            addresses: Mutex::default(),
            sessions: Mutex::default(),
            people: Mutex::default(),
            doubts: Mutex::new(Measure::full(DOUBTS, Instant::now())),
        }
    }

    /// Takes a request from an address, or says after how long it would.
    fn admit(&self, address: Option<IpAddr>, cost: f64, now: Instant) -> Result<(), Duration> {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let mut address = address.map(network);
        if addresses.len() >= ADDRESSES && !addresses.contains_key(&address) {
            // Who has not asked for a while has everything left again, and need not be remembered.
            addresses.retain(|_, measure| {
                measure.refill(self.rate, now);
                measure.left < f64::from(self.rate.at_once)
            });
            if addresses.len() >= ADDRESSES {
                address = None;
            }
        }
        let measure = addresses.entry(address).or_insert_with(|| Measure::full(self.rate, now));
        measure.take(self.rate, cost, now)
    }

    /// Takes a request of somebody who is signed in, or says after how long it would.
    fn admit_person(&self, person: u64, now: Instant) -> Result<(), Duration> {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        if people.len() >= SESSIONS && !people.contains_key(&person) {
            people.retain(|_, measure| {
                measure.refill(self.person, now);
                measure.left < f64::from(self.person.at_once)
            });
        }
        let measure = people.entry(person).or_insert_with(|| Measure::full(self.person, now));
        measure.take(self.person, 1.0, now)
    }

    /// A token that opened its session just now.
    pub fn recognise(&self, token: &str, person: &PersonId) {
        let (name, now) = (self.hasher.hash_one(token), Instant::now());
        let known = Known { person: self.hasher.hash_one(person.as_str()), at: now };
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= SESSIONS {
            sessions.retain(|_, known| now.saturating_duration_since(known.at) < KNOWN);
        }
        if sessions.len() < SESSIONS {
            sessions.insert(name, known);
        }
    }

    /// A token that opens nothing, or nothing any more.
    pub fn forget(&self, token: &str) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.remove(&self.hasher.hash_one(token));
    }

    /// Whose session this is, if that was looked up lately.
    fn knows(&self, token: &str, now: Instant) -> Option<u64> {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let known = sessions.get(&self.hasher.hash_one(token));
        let known = known.filter(|known| now.saturating_duration_since(known.at) < KNOWN);
        known.map(|known| known.person)
    }

    fn may_ask(&self, now: Instant) -> bool {
        self.doubts.lock().unwrap_or_else(PoisonError::into_inner).take(DOUBTS, 1.0, now).is_ok()
    }
}

/// Lets requests of the API pass that are within their rate.
pub(crate) async fn limit(State(app): State<App>, request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/api/") {
        return next.run(request).await;
    }
    let (now, strangers) = (Instant::now(), &app.strangers);
    let token = actor::cookie(request.headers(), app.settings.secure_cookies).map(str::to_owned);
    if let Some(person) = token.as_deref().and_then(|token| strangers.knows(token, now)) {
        return match strangers.admit_person(person, now) {
            Ok(()) => next.run(request).await,
            Err(wait) => ApiError::slow_down(wait.as_secs().saturating_add(1)).into_response(),
        };
    }
    let signs_in = request.method() == Method::POST && request.uri().path() == "/api/v1/session";
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let address = peer.map(|ConnectInfo(peer)| {
        address(peer.ip().to_canonical(), request.headers(), &app.settings.proxies)
    });
    let cost = if signs_in { SIGNING_IN } else { 1.0 };
    let Err(wait) = strangers.admit(address, cost, now) else { return next.run(request).await };
    if let Some(token) = token
        && strangers.may_ask(now)
        && app.office.signed_in(&token).await.unwrap_or(false)
    {
        // Whose it is will be known to whoever takes the request.
        return next.run(request).await;
    }
    ApiError::too_often(wait.as_secs().saturating_add(1)).into_response()
}

/// Where a request comes from. What a proxy of ours says counts, and only its own last word: what stands before it
/// anybody may have written.
pub(crate) fn address(peer: IpAddr, headers: &HeaderMap, proxies: &[Net]) -> IpAddr {
    if !proxies.iter().any(|net| net.holds(peer)) {
        return peer;
    }
    let said = headers.get_all("x-forwarded-for").into_iter().next_back();
    let last = said.and_then(|said| said.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    last.map_or(peer, |address: IpAddr| address.to_canonical())
}

/// One customer has a whole network of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use std::net::Ipv4Addr;

    const RATE: Rate = Rate { at_once: 10, per_second: 2 };

    fn strangers() -> Strangers {
        Strangers::new(RATE, Rate { at_once: 4, per_second: 1 })
    }

    fn ip(last: u8) -> Option<IpAddr> {
        Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)))
    }

    #[test]
    fn a_measure_is_used_up_and_fills_again() {
        let (strangers, now) = (strangers(), Instant::now());
        for _ in 0..10 {
            assert!(strangers.admit(ip(1), 1.0, now).is_ok());
        }
        let wait = strangers.admit(ip(1), 1.0, now).expect_err("used up");
        assert!(wait <= Duration::from_millis(500), "{wait:?}");
        assert!(strangers.admit(ip(2), 1.0, now).is_ok(), "another has their own");
        let later = now + Duration::from_secs(1);
        assert!(strangers.admit(ip(1), 1.0, later).is_ok());
        assert!(strangers.admit(ip(1), 1.0, later).is_ok());
        assert!(strangers.admit(ip(1), 1.0, later).is_err());
    }

    #[test]
    fn more_addresses_than_can_be_told_apart_share_one_measure() {
        let (strangers, now) = (strangers(), Instant::now());
        let each = |n: u32| Some(IpAddr::V4(Ipv4Addr::from(n)));
        for n in 0..65_536 {
            assert!(strangers.admit(each(n), 1.0, now).is_ok());
        }
        let beyond = (65_536..65_636).filter(|n| strangers.admit(each(*n), 1.0, now).is_ok());
        assert_eq!(beyond.count(), 10);
        // What is full again makes room.
        assert!(strangers.admit(each(70_000), 1.0, now + Duration::from_secs(60)).is_ok());
        assert!(strangers.addresses.lock().expect("not poisoned").len() < 10);
    }

    #[test]
    fn only_a_proxy_of_ours_says_for_whom_it_asks() {
        let (near, far) = (IpAddr::V4(Ipv4Addr::LOCALHOST), Ipv4Addr::new(203, 0, 113, 9).into());
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static("10.0.0.1, 198.51.100.7"));
        let told: IpAddr = Ipv4Addr::new(198, 51, 100, 7).into();
        assert_eq!(address(near, &headers, &[Net::one(near)]), told);
        assert_eq!(address(far, &headers, &[Net::one(near)]), far);
        headers.insert("x-forwarded-for", HeaderValue::from_static("nonsense"));
        assert_eq!(address(near, &headers, &[Net::one(near)]), near);
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let one: IpAddr = "2001:db8:1:2::3".parse().expect("an address");
        let other: IpAddr = "2001:db8:1:2:ffff::".parse().expect("an address");
        assert_eq!(network(one), network(other));
        assert_ne!(network(one), network("2001:db8:1:3::3".parse().expect("an address")));
    }

    #[test]
    fn a_session_is_known_until_it_is_over_or_a_minute_old() {
        let strangers = strangers();
        strangers.recognise("a", &"zhang".into());
        assert!(strangers.knows("a", Instant::now()).is_some());
        assert!(strangers.knows("b", Instant::now()).is_none());
        assert!(strangers.knows("a", Instant::now() + KNOWN).is_none());
        strangers.forget("a");
        assert!(strangers.knows("a", Instant::now()).is_none());
    }

    #[test]
    fn all_sessions_of_a_person_share_one_measure() {
        let (strangers, now) = (strangers(), Instant::now());
        for (token, person) in [("a", "zhang"), ("b", "zhang"), ("c", "li")] {
            strangers.recognise(token, &person.into());
        }
        let asks = |token: &str| {
            let person = strangers.knows(token, now).expect("a session");
            strangers.admit_person(person, now)
        };
        for token in ["a", "b", "a", "b"] {
            assert!(asks(token).is_ok());
        }
        assert!(asks("a").is_err() && asks("b").is_err(), "used up in both");
        assert!(asks("c").is_ok(), "another person has their own");
    }
}
