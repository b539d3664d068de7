use super::{ArrowKind, picture};
use crate::compile::{
    compile,
    tests::{shipped::FLOWS, words},
};

#[test]
fn the_shipped_flows_are_drawn() {
    for (name, source) in FLOWS {
        let workflow = compile(source, &words()).expect("shipped flows compile");
        insta::assert_snapshot!(name, picture(&workflow, &words()).mermaid());
    }
}

#[test]
fn what_leads_up_is_an_arrow_back() {
    let source = "\
workflow: loop
title: 循环
carries: document
steps:
  - { id: write, title: 拟稿, by: initiator }
  - { id: check, title: 审核, by: { head_of: initiator.unit } }
  - choose:
      - when: doc.urgency == \"加急\"
        steps: [{ id: again, title: 再议, by: initiator, next: write }]
      - otherwise: []
";
    let workflow = compile(source, &words()).expect("the loop passes people");
    let picture = picture(&workflow, &words());
    let back: Vec<_> = picture.edges.iter().filter(|edge| edge.kind == ArrowKind::Back).collect();
    assert_eq!(
        back.iter().map(|edge| (edge.from.as_str(), edge.to.as_str())).collect::<Vec<_>>(),
        [("again", "write")]
    );
    assert_eq!(picture.nodes[1].offset, source.find("id: write"));
}
