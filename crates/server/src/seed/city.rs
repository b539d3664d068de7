//! The demo city 云州市: its directory, number series and accounts, built from `city.yaml` and `names.yaml`.
//! The same files give the same city, id by id; nothing here looks at a clock or a database.

use super::build::Build;
use wenshu_core::{
    directory::Directory,
    id::{PersonId, PostId},
};
use wenshu_document::Series;

/// The password of every demo account. The server takes it on loopback only.
pub const PASSWORD: &str = "wenshu-demo";

/// How many people live in the demo city's offices.
pub const PEOPLE: usize = 500;

/// A city: who is there, how its documents are numbered, and how its people sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct City {
    pub directory: Directory,
    pub series: Vec<Series>,
    pub accounts: Vec<DemoAccount>,
}

/// One account of the demo city.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoAccount {
    /// Pinyin of the name, numbered on a clash.
    pub login: String,
    pub password: String,
    pub person: PersonId,
    /// The post acted in at first.
    pub post: PostId,
    /// What the login page says of it; absent when it does not offer it.
    pub label: Option<String>,
}

/// Builds the demo city, or says what its files got wrong.
pub fn city() -> Result<City, String> {
    Build::city(include_str!("../../seed/city.yaml"), include_str!("../../seed/names.yaml"))
}

impl City {
    /// The accounts that the login page offers, in the order of the plan.
    pub fn offered(&self) -> impl Iterator<Item = &DemoAccount> {
        self.accounts.iter().filter(|account| account.label.is_some())
    }
}
