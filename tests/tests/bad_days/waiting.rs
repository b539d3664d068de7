//! Approvals that wait for somebody: forms for two signatures each, and documents that wait for their number.

use anyhow::{Context, Result};
use serde_json::json;
use std::{collections::BTreeMap, sync::Arc};
use wenshu_core::{
    command::{Command, Outcome},
    id::CaseId,
    value::Value,
};
use wenshu_document::{Body, Kind};
use wenshu_testkit::{TestOffice, completion};
use wenshu_tests::{Desk, Program, Reply, approval};

/// Two people sign side by side, and what follows is opened once.
const BOTH: &str = "
workflow: both
title: 两人会签
form: { what: { title: 事项, type: text } }
steps:
  - { id: ask, title: 提出, by: initiator, edit: [what] }
  - { id: sign, title: 会签, by: [{ user: zhao-lixin }, { user: feng-qi }] }
  - { id: after, title: 汇总, by: initiator }
";
/// One approval gives a number and has a page printed, by the system's own work.
const NUMBERED: &str = "
workflow: quick-issue
title: 快速编号
carries: document
steps:
  - { id: draft, title: 拟稿, by: initiator, edit: [title, body, organ, recipients, attachments], require: [title, body, organ] }
  - { id: issue, title: 编号, by: { registry_of: doc.organ }, claim: true, do: [number, finalise, red_head] }
  - { do: [archive] }
";

/// How the opinions of these approvals begin.
pub(crate) const OPINION: &str = "同意，";

/// One approval that somebody sends, always with the same key.
#[derive(Clone, Debug)]
pub(crate) struct Approval {
    pub who: String,
    pub case: String,
    task: u64,
    key: String,
}

impl Approval {
    pub async fn send(&self, desk: &Desk) -> Result<Reply> {
        let path = format!("/cases/{}/acts", self.case);
        desk.post_once(&path, &approval(self.task, &self.opinion()), &self.key).await
    }

    pub fn opinion(&self) -> String {
        format!("{OPINION}{}", self.key)
    }
}

/// Deploys the flows, and accounts for everybody.
pub(crate) async fn prepare(office: &TestOffice) -> Result<()> {
    office.add_accounts().await?;
    office.deploy(NUMBERED).await?;
    office.deploy(BOTH).await
}

/// This many forms, each with two approvals.
pub(crate) async fn forms(office: &TestOffice, count: usize) -> Result<Vec<Approval>> {
    let mut waiting = vec![];
    for index in 0..count {
        let case = office.draft("林晓", "both", Kind::Notice, &format!("第{index}件")).await?;
        office.approve("林晓", case, "").await?;
        for who in ["赵立新", "冯琪"] {
            waiting.push(approval_of(office, case, who).await?);
        }
    }
    Ok(waiting)
}

/// This many documents, each with one approval that numbers it.
pub(crate) async fn documents(office: &TestOffice, count: usize) -> Result<Vec<Approval>> {
    let mut waiting = vec![];
    for index in 0..count {
        let title = format!("关于第{index}号事项的通知");
        let case = office.draft("林晓", "quick-issue", Kind::Notice, &title).await?;
        let task = office.task("林晓", case, None).await?.id;
        let mut submit = completion(task, Outcome::Approved, "");
        submit.changes = office.facts(&[("organ", "市政府"), ("recipients", "教育局")]);
        let body = Body::from_plain("请遵照执行。").to_tiptap();
        submit.changes.insert("body".into(), Value::Text(body.to_string()));
        office.act("林晓", case, Command::Complete(submit)).await?;
        waiting.push(approval_of(office, case, "吴静").await?);
    }
    Ok(waiting)
}

async fn approval_of(office: &TestOffice, case: CaseId, who: &str) -> Result<Approval> {
    let task = u64::from(office.task(who, case, None).await?.id.0);
    let who = office.seat(who).person.as_ref().context("a person")?.id.to_string();
    Ok(Approval { key: format!("{case}-{who}"), case: case.to_string(), task, who })
}

/// The desks of all who approve, and of their clerk.
pub(crate) async fn desks(program: &Program) -> Result<BTreeMap<String, Arc<Desk>>> {
    let mut desks = BTreeMap::new();
    for login in ["lin-xiao", "wu-jing", "zhao-lixin", "feng-qi"] {
        let desk = program.desk(login);
        desk.sign_in().await?;
        desks.insert(login.to_owned(), Arc::new(desk));
    }
    Ok(desks)
}

/// A draft that takes a text and files.
pub(crate) async fn draft(clerk: &Desk, title: &str) -> Result<String> {
    let new = json!({ "workflow": "quick-issue", "kind": "通知", "title": title });
    let case = clerk.post("/cases", &new).await?.json()?;
    Ok(case["id"].as_str().context("a case")?.to_owned())
}

/// A working copy with this text.
pub(crate) fn copy(text: &str, base: &serde_json::Value) -> serde_json::Value {
    let text = json!({ "type": "text", "text": text });
    let body = json!({ "type": "doc", "content": [{ "type": "paragraph", "content": [text] }] });
    let fields = json!({ "organ": "shi", "recipients": ["jiaoyu"] });
    json!({ "fields": fields, "body": body, "base": base })
}
