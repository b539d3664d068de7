//! The schema takes the shipped flows and refuses what the compiler refuses by form.

use super::shipped::FLOWS;
use crate::compile::{
    Problems, schema,
    tree::{self, Kind, Node},
};
use serde_json::{Map, Value};

fn value(node: &Node) -> Value {
    match &node.kind {
        Kind::Nothing => Value::Null,
        Kind::Scalar { text, quoted: false } => match serde_json::from_str(text) {
            Ok(plain @ (Value::Bool(_) | Value::Number(_))) => plain,
            Ok(_) | Err(_) => Value::String(text.clone()),
        },
        Kind::Scalar { text, quoted: true } => Value::String(text.clone()),
        Kind::List(items) => Value::Array(items.iter().map(value).collect()),
        Kind::Map(entries) => Value::Object(
            entries
                .iter()
                .map(|(key, node)| (key.name.clone(), value(node)))
                .collect::<Map<_, _>>(),
        ),
    }
}

/// Holds a value against the keywords that our schema uses; an unknown keyword fails, so that none is passed over.
fn fits(root: &Value, rule: &Value, value: &Value) -> bool {
    let Value::Object(rule) = rule else { panic!("no rule: {rule}") };
    let number = |limit: &Value| limit.as_u64().expect("a limit") as usize;
    rule.iter().all(|(keyword, limit)| match keyword.as_str() {
        "$schema" | "$id" | "$defs" | "title" | "description" | "examples" | "x-values"
        | "x-insert" => true,
        "$ref" => {
            let name = limit
                .as_str()
                .and_then(|name| name.strip_prefix("#/$defs/"))
                .expect("a local reference");
            fits(root, &root["$defs"][name], value)
        }
        "type" => {
            let is = |kind: &Value| match kind.as_str().expect("a type") {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                "integer" => value.is_u64(),
                other => panic!("type {other}"),
            };
            limit.as_array().map_or_else(|| is(limit), |kinds| kinds.iter().any(is))
        }
        "const" => value == limit,
        "enum" => limit.as_array().expect("options").contains(value),
        "oneOf" => {
            limit.as_array().expect("rules").iter().filter(|rule| fits(root, rule, value)).count()
                == 1
        }
        "anyOf" => limit.as_array().expect("rules").iter().any(|rule| fits(root, rule, value)),
        "required" => limit
            .as_array()
            .expect("keys")
            .iter()
            .all(|key| value.get(key.as_str().expect("a key")).is_some()),
        "properties" => limit
            .as_object()
            .expect("rules")
            .iter()
            .all(|(key, rule)| value.get(key).is_none_or(|value| fits(root, rule, value))),
        "additionalProperties" => value.as_object().is_none_or(|entries| {
            let known = rule.get("properties").and_then(Value::as_object);
            let others = entries
                .iter()
                .filter(|(key, _)| !known.is_some_and(|known| known.contains_key(*key)));
            others
                .into_iter()
                .all(|(_, value)| *limit != Value::Bool(false) && fits(root, limit, value))
        }),
        "propertyNames" => value.as_object().is_none_or(|entries| {
            entries.keys().all(|key| fits(root, limit, &Value::String(key.clone())))
        }),
        "items" => {
            value.as_array().is_none_or(|items| items.iter().all(|item| fits(root, limit, item)))
        }
        "minItems" => value.as_array().is_none_or(|items| items.len() >= number(limit)),
        "uniqueItems" => value.as_array().is_none_or(|items| {
            items.iter().enumerate().all(|(i, item)| !items[..i].contains(item))
        }),
        "minProperties" => value.as_object().is_none_or(|entries| entries.len() >= number(limit)),
        "maxProperties" => value.as_object().is_none_or(|entries| entries.len() <= number(limit)),
        "minLength" => value.as_str().is_none_or(|text| text.chars().count() >= number(limit)),
        "minimum" => value.as_u64().is_none_or(|value| value as usize >= number(limit)),
        "maximum" => value.as_u64().is_none_or(|value| value as usize <= number(limit)),
        "pattern" => value.as_str().is_none_or(|text| {
            regex::Regex::new(limit.as_str().expect("a pattern"))
                .expect("a sound pattern")
                .is_match(text)
        }),
        other => panic!("keyword {other}"),
    })
}

fn accepted(source: &str) -> bool {
    let mut problems = Problems::new(source);
    let tree = tree::parse(&mut problems).expect("sound YAML");
    let schema = schema();
    fits(&schema, &schema, &value(&tree))
}

#[test]
fn the_shipped_flows_fit() {
    for (name, source) in FLOWS {
        assert!(accepted(source), "{name} does not fit the schema");
    }
}

#[test]
fn what_is_wrong_by_form_does_not_fit() {
    let (_, leave) = FLOWS[3];
    for (right, wrong) in [
        ("workflow: leave", "workflow: 请假"),
        ("title: 请假\n", "titel: 请假\n"),
        ("due: 1wd", "due: 1天"),
        ("type: number", "type: numbr"),
        ("by: initiator", "by: initator"),
        ("can: [approve, urge", "can: [aprove, urge"),
        ("- otherwise: []", "- otherwis: []"),
        ("form:\n", "carries: document\nform:\n"),
    ] {
        assert!(leave.contains(right), "{right} is in the file");
        assert!(!accepted(&leave.replacen(right, wrong, 1)), "{wrong} fits");
    }
}

/// Editors take the schema from this file. After a change: `UPDATE_SCHEMA=1 cargo test -p wenshu-core schema`.
#[test]
#[expect(clippy::disallowed_methods, reason = "the test keeps a file of the repository")]
fn the_shipped_schema_is_the_one_of_the_code() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/workflow.schema.json");
    let now = serde_json::to_string_pretty(&schema()).expect("JSON is written") + "\n";
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(path, &now).expect("the file can be written");
    }
    let shipped = std::fs::read_to_string(path).expect("the schema is shipped");
    assert!(
        shipped == now,
        "docs/workflow.schema.json is old: UPDATE_SCHEMA=1 cargo test -p wenshu-core schema"
    );
}

/// Whoever writes a flow reads what each key means, in Chinese; lists that an editor fills in are ones it knows.
#[test]
fn every_key_is_explained() {
    const LISTS: &[&str] = &[
        "back",
        "condition",
        "effect",
        "field",
        "given",
        "people_field",
        "person_id",
        "picked",
        "post",
        "role",
        "sample_person",
        "step",
        "topic",
        "unit",
        "unit_id",
        "unit_list",
    ];
    fn explained(root: &Value, rule: &Value) -> bool {
        let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        rule["description"].as_str().is_some_and(chinese)
            || rule["$ref"]
                .as_str()
                .and_then(|name| name.strip_prefix("#/$defs/"))
                .is_some_and(|name| explained(root, &root["$defs"][name]))
            || rule["anyOf"]
                .as_array()
                .is_some_and(|any| any.iter().any(|one| explained(root, one)))
    }
    fn walk(root: &Value, at: &str, rule: &Value, missing: &mut Vec<String>) {
        match rule {
            Value::Object(all) => {
                for (key, property) in rule["properties"].as_object().into_iter().flatten() {
                    if !explained(root, property) {
                        missing.push(format!("{at}.{key}"));
                    }
                }
                if let Some(list) = rule["x-values"].as_str()
                    && !LISTS.contains(&list)
                {
                    missing.push(format!("{at}: {list}"));
                }
                for (key, value) in all {
                    walk(root, &format!("{at}.{key}"), value, missing);
                }
            }
            Value::Array(all) => all.iter().for_each(|one| walk(root, at, one, missing)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let schema = schema();
    let mut missing = vec![];
    walk(&schema, "", &schema, &mut missing);
    assert!(missing.is_empty(), "not explained: {missing:#?}");
}
