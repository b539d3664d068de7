//! The shipped flows speak the words of documents, and their tests pass with them.

use wenshu_core::{
    calendar::Calendar,
    compile, office_file,
    play::{Stage, test},
};
use wenshu_document::vocabulary;

const OFFICE: &str = include_str!("../../../workflows/sample-office.yaml");
const FLOWS: [&str; 4] = [
    include_str!("../../../workflows/outgoing.yaml"),
    include_str!("../../../workflows/request.yaml"),
    include_str!("../../../workflows/incoming.yaml"),
    include_str!("../../../workflows/leave.yaml"),
];

#[test]
fn the_shipped_flows_play_with_the_words_of_documents() {
    let directory = office_file::read(OFFICE).expect("the sample office reads");
    let (calendar, vocabulary) = (Calendar::announced(), vocabulary());
    for source in FLOWS {
        let workflow = match compile(source, &vocabulary) {
            Ok(workflow) => workflow,
            Err(problems) => panic!(
                "{}",
                problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
            ),
        };
        let stage = Stage {
            workflow: &workflow,
            directory: &directory,
            calendar: &calendar,
            vocabulary: &vocabulary,
        };
        for one in &workflow.tests {
            test(stage, one)
                .unwrap_or_else(|problem| panic!("{} · {}\n{problem}", workflow.name, one.name));
        }
    }
}
