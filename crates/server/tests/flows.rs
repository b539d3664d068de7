//! `check` and `draw` as the writer of a flow sees them, `openapi` and `schema` as they are kept.

#[expect(dead_code, reason = "each test program uses a part of it")]
mod common;

use anyhow::Result;
use common::{root, run};
use insta::assert_snapshot;

fn shown(args: &[&str]) -> Result<String> {
    let ended = run(args)?;
    let args = args.join(" ");
    Ok(format!(
        "$ wenshu {args}\n{}--- stderr\n{}--- exit {:?}",
        ended.out,
        ended.err,
        ended.code.unwrap_or(-1)
    ))
}

#[test]
fn good_flows_are_checked_and_their_tests_played() -> Result<()> {
    assert_snapshot!(shown(&[
        "check",
        "workflows/outgoing.yaml",
        "workflows/incoming.yaml",
        "workflows/request.yaml",
        "workflows/leave.yaml",
        "workflows/sample-office.yaml",
    ])?);
    Ok(())
}

#[test]
fn a_broken_flow_is_told_with_places() -> Result<()> {
    assert_snapshot!(shown(&[
        "check",
        "crates/server/tests/flows/broken.yaml",
        "workflows/leave.yaml"
    ])?);
    Ok(())
}

#[test]
fn a_test_that_fails_is_told_with_what_was_open_instead() -> Result<()> {
    assert_snapshot!(shown(&["check", "crates/server/tests/flows/failing.yaml"])?);
    Ok(())
}

#[test]
fn a_file_that_is_not_there_is_named() -> Result<()> {
    assert_snapshot!(shown(&["check", "workflows/none.yaml"])?);
    Ok(())
}

#[test]
fn a_flow_is_drawn_as_text() -> Result<()> {
    assert_snapshot!(shown(&["draw", "workflows/leave.yaml"])?);
    Ok(())
}

#[test]
fn a_flow_is_drawn_as_mermaid() -> Result<()> {
    assert_snapshot!(shown(&["draw", "workflows/leave.yaml", "--mermaid"])?);
    Ok(())
}

#[test]
fn a_broken_flow_is_not_drawn() -> Result<()> {
    let ended = run(&["draw", "crates/server/tests/flows/broken.yaml"])?;
    assert!(
        ended.code == Some(1) && ended.out.is_empty() && ended.err.contains("处错误"),
        "{ended:?}"
    );
    Ok(())
}

#[test]
fn what_is_kept_in_docs_is_what_the_program_says() -> Result<()> {
    for (ask, kept) in [("schema", "docs/workflow.schema.json"), ("openapi", "docs/openapi.json")] {
        let said = run(&[ask])?;
        assert_eq!(said.code, Some(0));
        assert!(
            said.out == std::fs::read_to_string(root().join(kept))?,
            "{kept}: run `cargo xtask gen`"
        );
    }
    Ok(())
}
