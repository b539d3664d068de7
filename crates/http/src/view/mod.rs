//! What is shown: the shapes of API-DESIGN, made of what the office hands out. They change only with the contract;
//! the core's own types may change without anybody outside noticing.

mod case;
mod document;
mod flow;
mod lists;
mod steps;
mod task;
mod timeline;
mod workshop;

pub use case::*;
pub use document::*;
pub use flow::*;
pub use lists::*;
pub(crate) use steps::steps;
pub use steps::{StepNow, StepState};
pub use task::*;
pub use timeline::*;
pub use workshop::*;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wenshu_core::directory;

/// An enum of the contract with the same names as one of ours; the compiler says when they part.
macro_rules! mirror {
    ($($(#[$doc:meta])* $name:ident is $ours:path { $($variant:ident),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($variant),+ }
        impl From<$ours> for $name {
            fn from(ours: $ours) -> Self {
                match ours { $(<$ours>::$variant => $name::$variant),+ }
            }
        }
        impl From<$name> for $ours {
            fn from(theirs: $name) -> Self {
                match theirs { $($name::$variant => <$ours>::$variant),+ }
            }
        }
    )+};
}
pub(crate) use mirror;

/// Somebody in a post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Seat {
    pub post: String,
    /// 职务.
    pub title: String,
    pub unit: String,
    pub unit_name: String,
    /// Absent while any holder of the post may come forward.
    pub person: Option<PersonName>,
}

/// A person by id and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonName {
    pub id: String,
    pub name: String,
}

impl From<&directory::Seat> for Seat {
    fn from(seat: &directory::Seat) -> Self {
        Self {
            post: seat.post.to_string(),
            title: seat.title.clone(),
            unit: seat.unit.to_string(),
            unit_name: seat.unit_name.clone(),
            person: seat.person.as_ref().map(PersonName::from),
        }
    }
}

impl From<&directory::Named> for PersonName {
    fn from(person: &directory::Named) -> Self {
        Self { id: person.id.to_string(), name: person.name.clone() }
    }
}

pub(crate) fn seats<'a>(seats: impl IntoIterator<Item = &'a directory::Seat>) -> Vec<Seat> {
    seats.into_iter().map(Seat::from).collect()
}

/// A seat as a row keeps it. What cannot be read is left out rather than shown wrong.
pub(crate) fn stored(seat: &wenshu_storage::Json) -> Option<Seat> {
    seat.read::<directory::Seat>().ok().as_ref().map(Seat::from)
}

/// Part of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the next page starts; pass it as `after`.
    pub next: Option<String>,
    /// How many there are in all, where that is known.
    pub total: Option<u64>,
}

impl<T> Page<T> {
    pub(crate) fn of<R>(page: wenshu_storage::Page<R>, view: impl FnMut(R) -> T) -> Self {
        Self {
            items: page.items.into_iter().map(view).collect(),
            next: page.next,
            total: page.total,
        }
    }
}

/// Which part of a list is asked for.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Slice {
    /// At most 200; 50 unless said.
    #[serde(default)]
    pub limit: Option<u32>,
    /// The cursor that the page before gave as `next`.
    #[serde(default)]
    pub after: Option<String>,
}

impl From<Slice> for wenshu_storage::Slice {
    fn from(slice: Slice) -> Self {
        Self {
            limit: slice.limit.unwrap_or(0).min(200),
            after: slice.after.filter(|after| !after.is_empty()),
        }
    }
}
