//! Checking a flow's file: what is wrong with it, and whether its tests come out as written. Tests are played in the
//! sample office that lies beside the shipped flows, whatever office this server runs.

use std::sync::OnceLock;
use wenshu_core::{
    Problem, Vocabulary, Workflow,
    calendar::Calendar,
    compile,
    directory::Directory,
    office_file,
    play::{self, PlayProblem},
};

const SAMPLE: &str = include_str!("../../../workflows/sample-office.yaml");

/// A test that was played: its name, and what came out otherwise.
pub type Played = (String, Option<PlayProblem>);

/// The sample office.
///
pub fn sample_office() -> &'static Directory {
    static OFFICE: OnceLock<Directory> = OnceLock::new();
    OFFICE.get_or_init(|| office_file::read(SAMPLE).unwrap_or_default())
}

/// Compiles a file and plays its tests in an office.
///
/// # Errors
/// Every problem of the file.
pub fn check(
    source: &str,
    words: &Vocabulary,
    office: &Directory,
) -> Result<(Workflow, Vec<Played>), Vec<Problem>> {
    let workflow = compile(source, words)?;
    let calendar = Calendar::announced();
    let stage = play::Stage {
        workflow: &workflow,
        directory: office,
        calendar: &calendar,
        vocabulary: words,
    };
    let played = workflow
        .tests
        .iter()
        .map(|test| (test.name.clone(), play::test(stage, test).err()))
        .collect();
    Ok((workflow, played))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_sample_office_has_people() {
        assert!(!super::sample_office().people.is_empty());
    }
}
