//! Typed values of fields, and the vocabulary by which the core learns what a document is without importing it.

use crate::id::{PersonId, UnitId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The value of one field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Bool(bool),
    Number(f64),
    Text(String),
    /// Several texts: units and people by id, options by name.
    List(Vec<String>),
}

impl Value {
    /// Nothing was filled in.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Value::Bool(_) | Value::Number(_) => false,
            Value::Text(text) => text.trim().is_empty(),
            Value::List(list) => list.is_empty(),
        }
    }

    /// The ids in a field of units or people; one text counts as a list of one.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        match self {
            Value::Text(text) if !text.is_empty() => vec![text.clone()],
            Value::List(list) => list.clone(),
            Value::Bool(_) | Value::Number(_) | Value::Text(_) => vec![],
        }
    }
}

/// Field values by name, of the document or form at the version seen.
pub type Facts = BTreeMap<String, Value>;

/// What kind of value a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    Text,
    /// Several lines.
    LongText,
    /// Several texts of a document, e.g. the files that it carries; no form asks for it.
    Texts,
    Number,
    Bool,
    /// `YYYY-MM-DD`.
    Date,
    /// One of the field's options.
    Choice,
    Unit,
    Units,
    Person,
    People,
}

/// One field of a form or document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    /// Chinese label.
    pub title: String,
    #[serde(rename = "type")]
    pub kind: FieldType,
    #[serde(default)]
    pub required: bool,
    /// For `choice`.
    #[serde(default)]
    pub options: Vec<String>,
}

impl Field {
    /// Whether `value` is of this field's type.
    #[must_use]
    pub fn takes(&self, value: &Value) -> bool {
        match (self.kind, value) {
            (
                FieldType::Text | FieldType::LongText | FieldType::Unit | FieldType::Person,
                Value::Text(_),
            ) => true,
            (FieldType::Number, Value::Number(number)) => number.is_finite(),
            (FieldType::Bool, Value::Bool(_)) => true,
            (FieldType::Date, Value::Text(text)) => {
                text.is_empty() || text.parse::<NaiveDate>().is_ok()
            }
            (FieldType::Choice, Value::Text(text)) => {
                text.is_empty() || self.options.contains(text)
            }
            (FieldType::Texts | FieldType::Units | FieldType::People, Value::List(_)) => true,
            (
                FieldType::Text
                | FieldType::LongText
                | FieldType::Texts
                | FieldType::Unit
                | FieldType::Person
                | FieldType::Number
                | FieldType::Bool
                | FieldType::Date
                | FieldType::Choice
                | FieldType::Units
                | FieldType::People,
                Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_),
            ) => false,
        }
    }
}

/// How an effect comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectKind {
    /// Recorded with the act; nothing has to be asked.
    Record,
    /// Answered inside the same commit: a number.
    Now,
    /// A job: rendering, sealing, archiving. The case waits for its answer.
    Later,
}

/// A document effect that `do:` may name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectSpec {
    pub name: String,
    /// Chinese, in the present: 编号, 套红.
    pub title: String,
    pub kind: EffectKind,
    /// Done at most once for a document; a revisit passes by.
    pub once: bool,
    /// Only in a step whose holders are the keepers of a seal.
    pub keeper: bool,
}

/// What flows of one kind of carrier may speak of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vocabulary {
    /// Names of carriers that `carries:` may say, e.g. `document`.
    pub carriers: Vec<String>,
    /// Fields of the carried document, said as `doc.NAME`.
    pub fields: Vec<Field>,
    pub effects: Vec<EffectSpec>,
}

impl Vocabulary {
    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The effect of that name.
    #[must_use]
    pub fn effect(&self, name: &str) -> Option<&EffectSpec> {
        self.effects.iter().find(|effect| effect.name == name)
    }
}

/// Units named by a value, as ids.
#[must_use]
pub fn units(value: &Value) -> Vec<UnitId> {
    value.ids().into_iter().map(UnitId).collect()
}

/// People named by a value, as ids.
#[must_use]
pub fn people(value: &Value) -> Vec<PersonId> {
    value.ids().into_iter().map(PersonId).collect()
}
