//! The specification: what is committed is what the program says, and it says of every operation how it may fail.

use serde_json::Value;

fn specification() -> Value {
    serde_json::from_str(&wenshu_http::openapi()).expect("it is JSON")
}

#[test]
fn the_committed_specification_is_current() {
    let kept = include_str!("../../../../docs/openapi.json");
    assert!(
        kept == wenshu_http::openapi(),
        "docs/openapi.json is not current: run `cargo xtask gen` and commit it"
    );
}

#[test]
fn operations_have_names_of_their_own() {
    let specification = specification();
    let mut names = std::collections::BTreeSet::new();
    for (path, operations) in specification["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let name = operation["operationId"].as_str().unwrap_or_default();
            assert!(
                names.insert(name.to_owned()),
                "{method} {path} is called {name}, as another is"
            );
        }
    }
}

#[test]
fn every_operation_says_how_it_may_fail() {
    let specification = specification();
    let paths = specification["paths"].as_object().expect("paths");
    assert!(paths.len() > 30, "{} paths", paths.len());
    for (path, operations) in paths {
        for (method, operation) in operations.as_object().expect("operations") {
            let responses = operation["responses"].as_object().expect("responses");
            let problem = |status: &str| {
                responses[status]["content"]["application/problem+json"]["schema"]["$ref"].clone()
            };
            assert_eq!(problem("401"), "#/components/schemas/Problem", "{method} {path}");
            assert_eq!(problem("500"), "#/components/schemas/Problem", "{method} {path}");
            if method != "get" {
                assert!(responses.contains_key("422"), "{method} {path} changes something");
            }
            assert!(
                operation["tags"].is_array() && operation["summary"].is_string(),
                "{method} {path} is described"
            );
        }
    }
}

#[test]
fn every_shape_that_is_named_is_there() {
    let text = wenshu_http::openapi();
    let specification = specification();
    let schemas = specification["components"]["schemas"].as_object().expect("schemas");
    for part in text.split("\"#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap_or_default();
        assert!(schemas.contains_key(name), "{name} is referred to and not described");
    }
}
