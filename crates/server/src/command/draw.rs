//! `wenshu draw`: a flow as a picture of text, or as Mermaid for whoever can show that.

use super::check::flow;
use crate::say;
use anyhow::Result;
use clap::Args;
use std::{collections::BTreeMap, path::PathBuf, process::ExitCode};
use wenshu_core::{
    Workflow,
    draw::{Arrow, ArrowKind, NodeKind, Picture, picture},
};

#[derive(Debug, Args)]
pub(crate) struct Draw {
    #[arg(value_name = "FILE", help = "流程文件")]
    file: PathBuf,
    #[arg(long, help = "输出 Mermaid 图")]
    mermaid: bool,
}

impl Draw {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let words = wenshu_document::vocabulary();
        let Some(workflow) = flow(&self.file, &words)? else { return Ok(ExitCode::FAILURE) };
        let picture = picture(&workflow, &words);
        match self.mermaid {
            true => say(picture.mermaid().trim_end()),
            false => say(outline(&workflow, &picture)),
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Each node with who has it, and below it where its arrows lead.
fn outline(workflow: &Workflow, picture: &Picture) -> String {
    let titles: BTreeMap<&str, &str> =
        picture.nodes.iter().map(|node| (node.id.as_str(), node.title.as_str())).collect();
    let mut lines = vec![format!("{}（{}）", workflow.title, workflow.name), String::new()];
    for node in &picture.nodes {
        let who = node.who.as_ref().map(|who| format!("：{who}")).unwrap_or_default();
        lines.push(format!("{} {}{who}", sign(node.kind), node.title));
        let arrows = picture.edges.iter().filter(|arrow| arrow.from == node.id);
        lines.extend(arrows.map(|arrow| {
            let to = titles.get(arrow.to.as_str()).copied().unwrap_or(&arrow.to);
            let label =
                arrow.label.as_ref().map(|label| format!("（{label}）")).unwrap_or_default();
            format!("   {} {to}{label}", line(arrow))
        }));
    }
    lines.join("\n")
}

fn sign(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Start => "○",
        NodeKind::Handle => "□",
        NodeKind::Circulate => "▤",
        NodeKind::Effects => "◇",
        NodeKind::Choice => "◆",
        NodeKind::Fork | NodeKind::Each => "╤",
        NodeKind::Join => "╧",
        NodeKind::End => "●",
    }
}

fn line(arrow: &Arrow) -> &'static str {
    match arrow.kind {
        ArrowKind::Next | ArrowKind::Branch | ArrowKind::Alternative => "└→",
        ArrowKind::Back => "└⇠",
    }
}
