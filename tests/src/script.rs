//! Plays transcripts over HTTP, in the language of the flows' own tests: `周明 同意 -> 财政局@会签, 司法局@会签`. Every act
//! is taken from what the server offers its person; the right side is held against what the initiator sees.

use crate::{
    desk::{Desk, text},
    stage::Stage,
};
use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use wenshu_core::{
    Workflow, compile,
    directory::{Directory, Unit},
    play::line::{self, Said, Verb},
    value::{Facts, FieldType},
    workflow::{Carrier, FlowTest},
};
use wenshu_document::Body;

/// A case being played.
#[derive(Debug)]
pub struct Script<'a> {
    stage: &'a Stage,
    workflow: Workflow,
    pub case: String,
    initiator: Arc<Desk>,
    changes: Map<String, Value>,
    picks: Map<String, Value>,
}

impl<'a> Script<'a> {
    /// Plays a test of a flow from its beginning; the case it made.
    ///
    /// # Errors
    /// The first line that was refused or came out otherwise.
    pub async fn test(stage: &'a Stage, source: &str, test: &FlowTest) -> Result<String> {
        let mut script = Self::begin(stage, source, &test.by, &test.given).await?;
        for (number, text) in &test.play {
            script
                .line(text)
                .await
                .with_context(|| format!("“{}”, line {number}: {text}", test.name))?;
        }
        Ok(script.case)
    }

    /// A draft by somebody, with these fields saved.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn begin(stage: &'a Stage, source: &str, by: &str, given: &Facts) -> Result<Self> {
        let workflow = compile(source, &wenshu_document::vocabulary())
            .map_err(|problems| anyhow!("{problems:?}"))?;
        let initiator = stage.desk(by);
        let mut new = json!({ "workflow": workflow.name });
        for name in
            ["kind", "title"].into_iter().filter(|_| matches!(workflow.carries, Carrier::Document))
        {
            if let Some(value) = given.get(name) {
                new[name] = serde_json::to_value(value)?;
            }
        }
        let case = text(&initiator.post("/cases", &new).await?.json()?["id"]);
        let mut script = Self {
            stage,
            workflow,
            case,
            initiator: Arc::clone(&initiator),
            changes: Map::new(),
            picks: Map::new(),
        };
        for (name, value) in given {
            let value = serde_json::to_value(value)?;
            script.changes.insert(name.clone(), script.resolved(name, value)?);
        }
        script.save(&initiator).await?;
        Ok(script)
    }

    /// Plays many lines.
    ///
    /// # Errors
    /// The first that was refused or came out otherwise.
    pub async fn play(&mut self, transcript: &str) -> Result<()> {
        for text in transcript.lines().map(str::trim).filter(|line| !line.is_empty()) {
            self.line(text).await.with_context(|| format!("“{text}”"))?;
        }
        Ok(())
    }

    /// Plays one line and compares.
    ///
    /// # Errors
    /// When it was refused or came out otherwise.
    pub async fn line(&mut self, text: &str) -> Result<()> {
        let read = line::read(text).map_err(|why| anyhow!(why))?;
        for said in &read.acts {
            self.say(said).await?;
            self.stage.office.settle().await?;
        }
        if let Some(mut wanted) = read.expected {
            let mut open = self.open().await?;
            wanted.sort();
            open.sort();
            ensure!(open == wanted, "wanted {}, came {}", wanted.join(", "), open.join(", "));
        }
        Ok(())
    }

    /// What is open, in the language of the right sides.
    ///
    /// # Errors
    /// When the initiator does not see the case.
    pub async fn open(&self) -> Result<Vec<String>> {
        let view = self.initiator.case(&self.case).await?;
        let name = |seat: &Value| {
            seat["person"]["name"].as_str().map_or_else(|| text(&seat["unit_name"]), str::to_owned)
        };
        let mut open: Vec<String> = list(&view["tasks"])
            .iter()
            .map(|task| {
                let who = match &task["holder"] {
                    Value::Null => {
                        list(&task["offered"]).iter().map(name).collect::<Vec<_>>().join("/")
                    }
                    holder => name(holder),
                };
                format!("{who}@{}", text(&task["title"]))
            })
            .collect();
        match view["state"].as_str() {
            Some("running") => {}
            Some("stalled") => open.push("停滞".into()),
            Some("finished") => open.push("办结".into()),
            Some("refused") => open.push("不同意".into()),
            Some("terminated") => open.push("终止".into()),
            other => bail!("no such state: {other:?}"),
        }
        if open.is_empty() {
            open.push("无".into());
        }
        Ok(open)
    }

    async fn say(&mut self, said: &Said) -> Result<()> {
        let rest = said.rest.join(" ");
        match said.verb {
            Verb::Change => return self.change(said),
            Verb::Pick => return self.pick(said).await,
            Verb::Withdraw => {
                return self.alone(said, json!({ "act": "withdraw", "reason": rest })).await;
            }
            Verb::Urge => return self.alone(said, json!({ "act": "urge", "text": rest })).await,
            Verb::Retry => {
                return self.alone(said, json!({ "act": "retry", "reason": rest })).await;
            }
            Verb::Appoint | Verb::Reassign => {
                let (to, why) = said.rest.split_first().context("to whom?")?;
                let (from, to) = to.split_once('>').map_or((None, &**to), |(a, b)| (Some(a), b));
                let to = json!({ "person": self.person(to)? });
                let at = said.step.as_deref();
                let view = self.stage.desk(&said.who).case(&self.case).await?;
                let reason = why.join(" ");
                let act = if said.verb == Verb::Appoint {
                    let mut offers = list(&view["offers"]).iter();
                    let offer = offers.find(|offer| offer["act"] == "appoint");
                    let visit = &offer.context("nobody is to be named")?["visit"];
                    json!({ "act": "appoint", "visit": visit, "to": to, "reason": reason })
                } else {
                    let mut tasks = list(&view["tasks"]).iter().filter(|task| {
                        at.is_none_or(|at| task["title"] == *at)
                            && from.is_none_or(|from| task["holder"]["person"]["name"] == *from)
                    });
                    let task = &tasks.next().context("there is no such task")?["id"];
                    json!({ "act": "reassign", "task": task, "to": to, "reason": reason })
                };
                return self.alone(said, act).await;
            }
            Verb::Terminate => {
                let task = self.offered(said, "terminate").await?;
                return self
                    .alone(said, json!({ "act": "terminate", "task": task, "reason": rest }))
                    .await;
            }
            Verb::Cc | Verb::Circulate => {
                let act = if said.verb == Verb::Cc { "cc" } else { "circulate" };
                let to = said.rest.iter().flat_map(|word| line::items(word));
                let to = to
                    .map(|name| Ok(json!({ "person": self.person(&name)? })))
                    .collect::<Result<Vec<_>>>()?;
                let task = self.offered(said, act).await?;
                return self
                    .alone(said, json!({ "act": act, "task": task, "to": to, "note": "" }))
                    .await;
            }
            Verb::Reopen => {
                let task = self.offered(said, "reopen").await?;
                return self.alone(said, json!({ "act": "reopen", "task": task })).await;
            }
            Verb::Approve
            | Verb::Refuse
            | Verb::SendBack
            | Verb::SendBackDirect
            | Verb::Transfer
            | Verb::Claim
            | Verb::Release
            | Verb::Open
            | Verb::Read => {}
        }
        let (desk, task) = self.held(said).await?;
        match said.verb {
            Verb::Approve | Verb::Refuse => {
                if !self.changes.is_empty() {
                    self.save(&desk).await?;
                }
                let outcome = if said.verb == Verb::Approve { "approved" } else { "refused" };
                let picks = std::mem::take(&mut self.picks);
                let seen = desk.case(&self.case).await?["document"]["version"].clone();
                let act = json!({
                    "act": "complete", "task": task, "outcome": outcome, "opinion": rest, "picks": picks, "seen": seen,
                    "working": true,
                });
                self.send(&desk, act).await
            }
            Verb::SendBack | Verb::SendBackDirect => {
                let view = desk.case(&self.case).await?;
                let offer = list(&view["offers"])
                    .iter()
                    .find(|offer| offer["act"] == "send_back" && offer["task"] == task);
                let targets = list(&offer.context("退回 is not offered")?["targets"]);
                let first = said.rest.first().map(String::as_str).unwrap_or_default();
                let named = targets
                    .iter()
                    .find(|target| target["title"] == first || target["step"] == first);
                let target = named.or(targets.first()).context("nowhere to send back to")?;
                let resume = match said.verb == Verb::SendBackDirect {
                    true => Some("direct"),
                    false => (list(&target["resume"]).len() > 1).then_some("stepwise"),
                };
                let opinion = if named.is_some() { said.rest[1..].join(" ") } else { rest };
                let act = json!({ "act": "send_back", "task": task, "to": target["step"], "resume": resume, "opinion": opinion });
                self.send(&desk, act).await
            }
            Verb::Transfer => {
                let (to, why) = said.rest.split_first().context("转办 to whom?")?;
                let to = json!({ "person": self.person(to)? });
                self.send(
                    &desk,
                    json!({ "act": "transfer", "task": task, "to": to, "opinion": why.join(" ") }),
                )
                .await
            }
            Verb::Claim => self.send(&desk, json!({ "act": "claim", "task": task })).await,
            Verb::Release => self.send(&desk, json!({ "act": "release", "task": task })).await,
            Verb::Open => self.send(&desk, json!({ "act": "open", "task": task })).await,
            Verb::Read => {
                self.send(&desk, json!({ "act": "read", "task": task, "opinion": rest })).await
            }
            Verb::Change
            | Verb::Pick
            | Verb::Withdraw
            | Verb::Urge
            | Verb::Retry
            | Verb::Appoint
            | Verb::Reassign
            | Verb::Terminate
            | Verb::Cc
            | Verb::Circulate
            | Verb::Reopen => Ok(()),
        }
    }

    async fn send(&self, desk: &Desk, command: Value) -> Result<()> {
        desk.act(&self.case, &command).await?.done()
    }

    /// The task by which an act is offered to somebody; none where it needs none.
    async fn offered(&self, said: &Said, act: &str) -> Result<Value> {
        let view = self.stage.desk(&said.who).case(&self.case).await?;
        let offer = list(&view["offers"]).iter().find(|offer| offer["act"] == act);
        Ok(offer.with_context(|| format!("{act} is not offered"))?["task"].clone())
    }

    /// An act by somebody named.
    async fn alone(&self, said: &Said, command: Value) -> Result<()> {
        self.send(&self.stage.desk(&said.who), command).await
    }

    /// Whoever is named, at their desk in the right post, and their task.
    async fn held(&self, said: &Said) -> Result<(Arc<Desk>, u64)> {
        let directory = &self.stage.office.directory;
        let named = directory.people.values().any(|person| person.name == said.who);
        let seer = if named { self.stage.desk(&said.who) } else { Arc::clone(&self.initiator) };
        let view = seer.case(&self.case).await?;
        let reading = said.verb == Verb::Read;
        let mut found = vec![];
        for task in list(&view["tasks"]) {
            let at = |step: &String| task["title"] == **step || task["step"] == **step;
            let kind = (task["kind"] == "read") == reading || said.verb == Verb::Open;
            if !kind || !said.step.as_ref().is_none_or(at) || (named && task["mine"] != true) {
                continue;
            }
            let holder = std::slice::from_ref(&task["holder"]);
            let seats = if task["holder"].is_null() { list(&task["offered"]) } else { holder };
            let seat = seats.iter().find(|seat| match named {
                true => seat["person"].is_null() || seat["person"]["name"] == *said.who,
                false => seat["unit_name"] == *said.who,
            });
            found.extend(seat.map(|seat| (task, seat)));
        }
        let [(task, seat)] = found[..] else {
            bail!("{} has {} such tasks; {}", said.who, found.len(), view["where"]);
        };
        let desk = match (named, seat["person"]["name"].as_str()) {
            (true, _) => seer,
            (false, Some(name)) => self.stage.desk(name),
            (false, None) => {
                let seats = directory.seats_of(&text(&seat["post"]).into());
                let person = seats
                    .into_iter()
                    .find_map(|seat| seat.person.clone())
                    .context("nobody holds the post")?;
                self.stage.desk(&person.name)
            }
        };
        let post = text(&seat["post"]);
        if desk.post_now().is_empty() {
            desk.sign_in().await?;
        }
        desk.sit(&post).await?;
        Ok((desk, task["id"].as_u64().context("a task has a number")?))
    }

    /// Saves what was changed, on top of what was saved before.
    async fn save(&mut self, desk: &Desk) -> Result<()> {
        let view = desk.case(&self.case).await?;
        let saved = match &self.workflow.carries {
            Carrier::Document => &view["document"]["working"],
            Carrier::Form(_) => &view["form"]["working"],
        };
        let mut fields = saved["fields"].as_object().cloned().unwrap_or_default();
        fields.append(&mut self.changes);
        let body = fields
            .remove("body")
            .map(|body| Body::from_plain(body.as_str().unwrap_or_default()).to_tiptap());
        let base = view["document"]["version"].as_u64().unwrap_or(0);
        let working = json!({ "fields": fields, "body": body, "base": base });
        desk.put(&format!("/cases/{}/working", self.case), &working).await?.done()
    }

    fn change(&mut self, said: &Said) -> Result<()> {
        for word in &said.rest {
            let (name, value) = word.split_once('=').context("字段=值")?;
            let value = match self.kind(name) {
                Some(FieldType::Number) => json!(value.parse::<f64>()?),
                Some(FieldType::Bool) => json!(matches!(value, "true" | "是")),
                Some(FieldType::Texts | FieldType::Units | FieldType::People) => {
                    json!(line::items(value))
                }
                Some(
                    FieldType::Text
                    | FieldType::LongText
                    | FieldType::Date
                    | FieldType::Choice
                    | FieldType::Unit
                    | FieldType::Person,
                ) => json!(value),
                None => bail!("no field {name}"),
            };
            let value = self.resolved(name, value)?;
            self.changes.insert(name.to_owned(), value);
        }
        Ok(())
    }

    async fn pick(&mut self, said: &Said) -> Result<()> {
        let (desk, id) = self.held(said).await?;
        let view = desk.case(&self.case).await?;
        let task =
            list(&view["tasks"]).iter().find(|task| task["id"] == id).context("their task")?;
        for word in &said.rest {
            let (name, values) = word.split_once('=').context("名=值,值")?;
            let pick = list(&task["picks"])
                .iter()
                .find(|pick| pick["name"] == name || pick["title"] == name);
            let pick = pick.with_context(|| format!("{name} is not to be chosen here"))?;
            let mut picked = json!({ "people": [], "units": [], "lead": null });
            for value in line::items(values) {
                if pick["what"] == "people" {
                    push(&mut picked["people"], json!({ "person": self.person(&value)? }));
                } else {
                    let unit = self.unit(value.trim_end_matches('*'))?;
                    if value.ends_with('*') {
                        picked["lead"] = json!(unit);
                    }
                    push(&mut picked["units"], json!(unit));
                }
            }
            self.picks.insert(text(&pick["name"]), picked);
        }
        Ok(())
    }

    fn kind(&self, name: &str) -> Option<FieldType> {
        let vocabulary = wenshu_document::vocabulary();
        let fields = match &self.workflow.carries {
            Carrier::Document => &vocabulary.fields,
            Carrier::Form(fields) => fields,
        };
        fields.iter().find(|field| field.name == name).map(|field| field.kind)
    }

    /// Units and people by name become ids.
    fn resolved(&self, name: &str, value: Value) -> Result<Value> {
        let one =
            |named: &str, unit: bool| if unit { self.unit(named) } else { self.person(named) };
        let kind = self.kind(name);
        Ok(match (kind, &value) {
            (Some(FieldType::Unit | FieldType::Person), Value::String(named))
                if !named.is_empty() =>
            {
                json!(one(named, kind == Some(FieldType::Unit))?)
            }
            (Some(FieldType::Units | FieldType::People), Value::Array(all)) => {
                let unit = kind == Some(FieldType::Units);
                let ids = all.iter().map(|named| one(named.as_str().unwrap_or_default(), unit));
                json!(ids.collect::<Result<Vec<_>>>()?)
            }
            (_, _) => value,
        })
    }

    fn person(&self, name: &str) -> Result<String> {
        let people = &self.directory().people;
        let found = people.values().find(|person| person.name == name);
        Ok(found.with_context(|| format!("nobody is called {name}"))?.id.to_string())
    }

    fn unit(&self, name: &str) -> Result<String> {
        let named = |unit: &&Unit| unit.short == name || unit.name == name;
        Ok(self
            .directory()
            .units
            .values()
            .find(named)
            .with_context(|| format!("no unit {name}"))?
            .id
            .to_string())
    }

    fn directory(&self) -> &Directory {
        &self.stage.office.directory
    }
}

fn push(list: &mut Value, one: Value) {
    if let Value::Array(list) = list {
        list.push(one);
    }
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
