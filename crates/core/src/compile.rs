//! From a YAML file to a workflow, or every problem of the file with its place. What the steps mean is `workflow`;
//! how they are played is `decide`. A source that was deployed compiles for ever with the same meaning.

mod check;
mod file;
mod graph;
mod problem;
pub(crate) mod read;
mod schema;
mod step;
pub(crate) mod tree;
mod who;

use crate::{value::Vocabulary, workflow::Workflow};
use sm3::{Digest, Sm3};
use std::{collections::BTreeMap, fmt::Write};

pub use problem::Problem;
pub(crate) use problem::{Problems, nearest};
pub use schema::schema;

/// Reads a workflow, or says all that is wrong with it.
pub fn compile(source: &str, words: &Vocabulary) -> Result<Workflow, Vec<Problem>> {
    let mut problems = Problems::new(source);
    let Some(root) = tree::parse(&mut problems) else { return Err(problems.finish()) };
    let mut reader = step::Reader {
        problems,
        words,
        fields: vec![],
        root: "doc",
        each: vec![],
        depth: 0,
        defaults: step::Defaults::default(),
        uses: vec![],
        ids: BTreeMap::new(),
    };
    let draft = reader.file(&root);
    let (mut problems, ids) = (reader.problems, reader.ids);
    let Some(draft) = draft.filter(|draft| !draft.steps.is_empty()) else {
        return Err(problems.finish());
    };
    let mut built = graph::build(&draft, ids.into_keys());
    check::check(&mut built, &mut problems);
    if !problems.is_empty() {
        return Err(problems.finish());
    }
    Ok(Workflow {
        name: draft.name,
        title: draft.title,
        hash: hash(source),
        carries: draft.carries,
        graph: built.graph,
        start: built.start,
        end: built.end,
        by_id: built.by_id,
        tests: draft.tests,
    })
}

/// SM3 of a source text, lower-case hex.
#[must_use]
pub fn hash(source: &str) -> String {
    Sm3::digest(source.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
pub(crate) mod tests;
