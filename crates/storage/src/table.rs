//! One declaration per table: the plain row that the outside sees, its sea-orm entity, and the columns that the
//! joined statements of `commit` write. What the rows mean is said where they are declared, in `rows`.

use crate::error::Error;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::ValueType;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;
use wenshu_core::id::{AskId, CaseId, DeliveryId, DocumentId, PersonId, PostId, TaskId, UnitId};

/// A table as `commit` sees it.
#[derive(Debug)]
pub struct Table {
    pub(crate) name: &'static str,
    pub(crate) key: &'static [&'static str],
    /// Name and PostgreSQL type, the key first.
    pub(crate) columns: &'static [(&'static str, &'static str)],
}

/// A row and its table.
pub trait Columns: Sized {
    #[doc(hidden)]
    const TABLE: &'static Table;
    #[doc(hidden)]
    fn cells(&self) -> Vec<serde_json::Value>;
}

/// A row that acts may write: of a projection, or of anything else that is not an event.
pub trait Row: Columns {
    /// Whom a changed row concerns.
    #[doc(hidden)]
    fn concerns(&self, _changed: &mut crate::changes::Changed) {}
}

/// What a column can hold: text, a whole number, a truth, or nothing.
pub trait Cell: Sized {
    type Raw: ValueType + Serialize;
    const SQL: &'static str;
    fn raw(&self) -> Self::Raw;
    fn typed(raw: Self::Raw) -> Result<Self, String>;
}

/// How it lies in the database. A name without a path, as the derive of entities wants it.
pub type Raw<T> = <T as Cell>::Raw;

impl Cell for String {
    type Raw = String;
    const SQL: &'static str = "text";
    fn raw(&self) -> String {
        self.clone()
    }
    fn typed(raw: String) -> Result<Self, String> {
        Ok(raw)
    }
}

impl Cell for bool {
    type Raw = bool;
    const SQL: &'static str = "boolean";
    fn raw(&self) -> bool {
        *self
    }
    fn typed(raw: bool) -> Result<Self, String> {
        Ok(raw)
    }
}

impl Cell for i64 {
    type Raw = i64;
    const SQL: &'static str = "bigint";
    fn raw(&self) -> i64 {
        *self
    }
    fn typed(raw: i64) -> Result<Self, String> {
        Ok(raw)
    }
}

impl Cell for u64 {
    type Raw = i64;
    const SQL: &'static str = "bigint";
    fn raw(&self) -> i64 {
        (*self).try_into().unwrap_or(i64::MAX)
    }
    fn typed(raw: i64) -> Result<Self, String> {
        raw.try_into().map_err(|_| raw.to_string())
    }
}

impl Cell for u32 {
    type Raw = i64;
    const SQL: &'static str = "bigint";
    fn raw(&self) -> i64 {
        i64::from(*self)
    }
    fn typed(raw: i64) -> Result<Self, String> {
        raw.try_into().map_err(|_| raw.to_string())
    }
}

impl Cell for DateTime<Utc> {
    type Raw = i64;
    const SQL: &'static str = "bigint";
    fn raw(&self) -> i64 {
        self.timestamp_micros()
    }
    fn typed(raw: i64) -> Result<Self, String> {
        DateTime::from_timestamp_micros(raw).ok_or_else(|| raw.to_string())
    }
}

impl<T: Cell> Cell for Option<T>
where
    Option<T::Raw>: ValueType,
{
    type Raw = Option<T::Raw>;
    const SQL: &'static str = T::SQL;
    fn raw(&self) -> Self::Raw {
        self.as_ref().map(Cell::raw)
    }
    fn typed(raw: Self::Raw) -> Result<Self, String> {
        raw.map(T::typed).transpose()
    }
}

macro_rules! text_cells {
    ($($text:ty)*) => {$(
        impl Cell for $text {
            type Raw = String;
            const SQL: &'static str = "text";
            fn raw(&self) -> String {
                self.0.clone()
            }
            fn typed(raw: String) -> Result<Self, String> {
                Ok(Self(raw))
            }
        }
    )*};
}
text_cells! { PersonId PostId UnitId crate::stream::StreamId }

macro_rules! parsed_cells {
    ($($id:ty)*) => {$(
        impl Cell for $id {
            type Raw = String;
            const SQL: &'static str = "text";
            fn raw(&self) -> String {
                self.to_string()
            }
            fn typed(raw: String) -> Result<Self, String> {
                raw.parse().map_err(|_| raw)
            }
        }
    )*};
}
parsed_cells! { CaseId DocumentId DeliveryId Uuid }

macro_rules! counter_cells {
    ($($id:ty)*) => {$(
        impl Cell for $id {
            type Raw = i64;
            const SQL: &'static str = "bigint";
            fn raw(&self) -> i64 {
                i64::from(self.0)
            }
            fn typed(raw: i64) -> Result<Self, String> {
                u32::typed(raw).map(Self)
            }
        }
    )*};
}
counter_cells! { TaskId AskId }

/// JSON that storage keeps and does not look into.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json(pub serde_json::Value);

impl Json {
    /// Anything that can be written as JSON.
    ///
    /// # Errors
    /// When it cannot: a map with keys that are no text.
    pub fn of<T: Serialize>(value: &T) -> Result<Self, serde_json::Error> {
        serde_json::to_value(value).map(Self)
    }

    /// Back into what it was made of.
    ///
    /// # Errors
    /// When it is something else.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(&self.0)
    }
}

impl Cell for Json {
    type Raw = String;
    const SQL: &'static str = "text";
    fn raw(&self) -> String {
        self.0.to_string()
    }
    fn typed(raw: String) -> Result<Self, String> {
        serde_json::from_str(&raw).map(Self).map_err(|error| error.to_string())
    }
}

pub(crate) fn cell<T: Cell>(
    table: &'static str,
    column: &'static str,
    raw: T::Raw,
) -> Result<T, Error> {
    T::typed(raw).map_err(|why| Error::Row { table, column, why })
}

/// A word out of a small set, stored as text.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),* }
        impl $name {
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(word: &str) -> Result<Self, String> {
                match word { $($word => Ok(Self::$variant),)* other => Err(other.to_owned()) }
            }
        }
        impl $crate::table::Cell for $name {
            type Raw = String;
            const SQL: &'static str = "text";
            fn raw(&self) -> String {
                self.as_str().to_owned()
            }
            fn typed(raw: String) -> Result<Self, String> {
                raw.parse()
            }
        }
    )*};
}

/// Declares a table: `pub struct Row in entity("table") { key … ; the rest }`.
macro_rules! tables {
    ($($(#[$doc:meta])* $row:ident in $entity:ident($name:literal) {
        key { $($(#[$kdoc:meta])* $key:ident: $kty:ty),* $(,)? }
        $($(#[$fdoc:meta])* $field:ident: $fty:ty),* $(,)?
    })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $row { $($(#[$kdoc])* pub $key: $kty,)* $($(#[$fdoc])* pub $field: $fty,)* }

        pub(crate) mod $entity {
            use super::*;
            use sea_orm::entity::prelude::{DeriveEntityModel, DerivePrimaryKey, EntityTrait, EnumIter, PrimaryKeyTrait};
            use $crate::table::{Cell, Raw};

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $name)]
            pub struct Model {
                $(#[sea_orm(primary_key, auto_increment = false)] pub $key: Raw<$kty>,)*
                $(pub $field: Raw<$fty>,)*
            }
            #[derive(Clone, Copy, Debug, EnumIter, sea_orm::DeriveRelation)]
            pub enum Relation {}
            impl sea_orm::ActiveModelBehavior for ActiveModel {}

            impl TryFrom<Model> for super::$row {
                type Error = $crate::error::Error;
                fn try_from(model: Model) -> Result<Self, Self::Error> {
                    use $crate::table::cell;
                    Ok(Self {
                        $($key: cell::<$kty>($name, stringify!($key), model.$key)?,)*
                        $($field: cell::<$fty>($name, stringify!($field), model.$field)?,)*
                    })
                }
            }

            impl $crate::table::Columns for super::$row {
                const TABLE: &'static $crate::table::Table = &$crate::table::Table {
                    name: $name,
                    key: &[$(stringify!($key)),*],
                    columns: &[$((stringify!($key), <$kty as Cell>::SQL),)* $((stringify!($field), <$fty as Cell>::SQL),)*],
                };
                fn cells(&self) -> Vec<serde_json::Value> {
                    vec![$(serde_json::json!(self.$key.raw()),)* $(serde_json::json!(self.$field.raw()),)*]
                }
            }
        }
    )*};
}
pub(crate) use {tables, words};
