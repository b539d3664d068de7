//! The specification made exact: operations named by their resource, and of answers every field that is always there
//! called required, though it may be null.

use serde_json::Value;
use std::collections::BTreeSet;
use utoipa::openapi::{OpenApi, RefOr, Schema};

/// The specification as it is kept.
pub(crate) fn write(mut api: OpenApi) -> String {
    for item in api.paths.paths.values_mut() {
        let all = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete];
        for operation in all.into_iter().flatten() {
            // Functions are named within their file: the resource makes the name whole.
            let tag = operation.tags.iter().flatten().next().cloned().unwrap_or_default();
            operation.operation_id =
                operation.operation_id.take().map(|name| format!("{tag}_{name}"));
        }
    }
    // Everything in it is plain data, which always has a JSON form.
    let whole = serde_json::to_value(&api).unwrap_or_default();
    let asked = asked(&whole);
    let schemas = api.components.iter_mut().flat_map(|components| &mut components.schemas);
    for (name, schema) in schemas.filter(|(name, _)| !asked.contains(*name)) {
        let RefOr::T(Schema::Object(object)) = schema else { continue };
        let properties = &whole["components"]["schemas"][name]["properties"];
        for property in object.properties.keys() {
            if is_nullable(&properties[property]) && !object.required.contains(property) {
                object.required.push(property.clone());
            }
        }
    }
    let mut text = api.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// The shapes that requests are made of: what may be null there may be left out.
fn asked(whole: &Value) -> BTreeSet<String> {
    let operations = whole["paths"].as_object().into_iter().flat_map(|paths| paths.values());
    let operations = operations.filter_map(Value::as_object).flat_map(|item| item.values());
    let mut open: Vec<String> = vec![];
    for operation in operations {
        named(&operation["requestBody"], &mut open);
    }
    let mut asked = BTreeSet::new();
    while let Some(name) = open.pop() {
        if asked.insert(name.clone()) {
            named(&whole["components"]["schemas"][&name], &mut open);
        }
    }
    asked
}

/// The names of the shapes that something refers to.
fn named(within: &Value, names: &mut Vec<String>) {
    match within {
        Value::Object(members) => {
            let shape = members.get("$ref").and_then(Value::as_str);
            names.extend(shape.and_then(|path| path.rsplit('/').next()).map(str::to_owned));
            members.values().for_each(|member| named(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| named(item, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_nullable(property: &Value) -> bool {
    let null = |kind: &Value| kind == "null";
    property["type"].as_array().is_some_and(|kinds| kinds.iter().any(null))
        || property["oneOf"].as_array().is_some_and(|all| all.iter().any(|one| null(&one["type"])))
}
