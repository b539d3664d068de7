//! JSON Schema of the workflow file, for editors: completion and explanations in Chinese.

use serde_json::{Value, json};

/// The schema.
#[must_use]
pub fn schema() -> Value {
    json!({})
}
