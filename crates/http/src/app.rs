//! What every handler is given: the office, and how this door is set up.

use crate::{directory::Directory, net::Net, rate::Rate, strangers::Strangers};
use std::{
    net::{Ipv4Addr, Ipv6Addr},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::watch;
use wenshu_office::Office;

/// How the door is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Accounts that the login page offers, on loopback only; empty outside the demo.
    pub demo: Vec<DemoAccount>,
    /// Cookies go over TLS only. For servers behind a proxy that speaks it.
    pub secure_cookies: bool,
    /// How long a request may take; uploads have longer.
    pub patience: Duration,
    /// How long nothing may come of what a request still has to send.
    pub pause: Duration,
    /// What may be asked from one address without having signed in.
    pub strangers: Rate,
    /// What one person may ask who has signed in.
    pub person: Rate,
    /// Proxies that say truly for whom they ask.
    pub proxies: Vec<Net>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            demo: vec![],
            secure_cookies: false,
            patience: Duration::from_secs(60),
            pause: Duration::from_secs(30),
            strangers: Rate { at_once: 600, per_second: 20 },
            person: Rate::lasting(50),
            proxies: vec![
                Net::one(Ipv4Addr::LOCALHOST.into()),
                Net::one(Ipv6Addr::LOCALHOST.into()),
            ],
        }
    }
}

/// An account that the demo offers by its role.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct DemoAccount {
    pub login: String,
    pub name: String,
    pub post: String,
    pub unit: String,
    pub role_title: String,
    pub password: String,
}

/// The state of the router.
#[derive(Clone, Debug)]
pub struct App {
    pub office: Office,
    pub settings: Settings,
    /// Turns true when the server stops: streams of events end then.
    pub stopping: watch::Receiver<bool>,
    pub(crate) strangers: Arc<Strangers>,
    /// The directory as pickers want it, made once for each version.
    pub(crate) pickers: Arc<Mutex<Option<Arc<Directory>>>>,
}

impl App {
    /// The state, with the switch that ends streams of events.
    #[must_use]
    pub fn new(office: Office, settings: Settings) -> (Self, watch::Sender<bool>) {
        let (stop, stopping) = watch::channel(false);
        let strangers = Arc::new(Strangers::new(settings.strangers, settings.person));
        (Self { office, settings, stopping, strangers, pickers: Arc::default() }, stop)
    }
}
