//! A trial as a test of its flow: every act as a line of the transcript language, played again to see that it comes out
//! the same, and written into the file. What the language cannot say is refused in words.

use super::{Trial, TrialAct, Tried, of_form};
use crate::{
    case::Case,
    command::{Chosen, Command, Completion, Outcome, Picked},
    directory::Seat,
    id::{PersonId, StepId, TaskId, UnitId},
    play::{self, Player, Stage},
    value::{Facts, Field, FieldType, Value},
    workflow::{Carrier, Resume, ResumeRule},
};
use std::fmt::Write as _;

/// A test that passes in the office it was made in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    pub by: String,
    /// Fields by name, as YAML.
    given: Vec<(String, String)>,
    /// With what was open after each.
    pub lines: Vec<String>,
}

/// Says a trial in the language of tests.
///
/// # Errors
/// What cannot be said, or came out otherwise, in Chinese.
pub fn transcript(stage: Stage<'_>, trial: &Trial) -> Result<Transcript, String> {
    let words = Words { stage };
    let by = words.person(&trial.by.person)?;
    let given = words.given(&trial.fields)?;
    let mut tried = Tried::new(trial.at);
    tried.start(stage, trial).map_err(|refused| refused.detail())?;
    let mut form = of_form(stage, trial);
    let mut player = Player::new(stage);
    player.start(&by, &words.named(&trial.fields)?)?;
    let mut lines = vec![];
    for (index, act) in trial.acts.iter().enumerate() {
        let at = |why: String| format!("第{}步写不成测试：{why}", index + 1);
        let line = words.line(&tried.case, act).map_err(at)?;
        tried.now = tried.now.max(act.at);
        tried.act(stage, act, &mut form).map_err(|refused| at(refused.detail()))?;
        lines.push(player.line(&line).map_err(at)?);
        let (mut here, mut there) = (play::open(&tried.case), player.open());
        here.sort();
        there.sort();
        if here != there {
            let (here, there) = (here.join(", "), there.join(", "));
            return Err(at(format!("试走后是 {here}，按测试的写法重放后是 {there}")));
        }
    }
    if lines.is_empty() {
        return Err("还没有走任何一步，没有可以保存的测试".into());
    }
    Ok(Transcript { by, given, lines })
}

impl Transcript {
    /// As an item of `tests:`, each line behind `indent` spaces.
    fn yaml(&self, name: &str, indent: usize) -> String {
        let pad = " ".repeat(indent);
        let mut text = format!("{pad}- name: {}\n", scalar(name, false));
        let _ = writeln!(text, "{pad}  by: {}", scalar(&self.by, false));
        if !self.given.is_empty() {
            let _ = writeln!(text, "{pad}  given:");
            for (name, value) in &self.given {
                let _ = writeln!(text, "{pad}    {name}: {value}");
            }
        }
        let _ = writeln!(text, "{pad}  play:");
        for line in &self.lines {
            let _ = writeln!(text, "{pad}    - {}", scalar(line, false));
        }
        text
    }

    /// The file with this as its last test.
    ///
    /// # Errors
    /// When the tests of the file are written so that nothing can be added, in Chinese.
    pub fn write_into(&self, source: &str, name: &str) -> Result<String, String> {
        let mut all = String::with_capacity(source.len() + 1024);
        let mut lines = source.split_inclusive('\n').peekable();
        let mut found = false;
        for line in lines.by_ref() {
            let Some(rest) = line.strip_prefix("tests:") else {
                all.push_str(line);
                continue;
            };
            found = true;
            if !rest.split('#').next().unwrap_or_default().trim().is_empty() {
                return Err("文件中的 tests 写成了一行，请改为逐条列出后再保存".into());
            }
            all.push_str(line);
            break;
        }
        if !found {
            if !all.is_empty() && !all.ends_with('\n') {
                all.push('\n');
            }
            return Ok(format!("{all}\ntests:\n{}", self.yaml(name, 2)));
        }
        // The list goes on until something else begins at the margin.
        let mut tests: Vec<&str> = vec![];
        while let Some(line) = lines.next_if(|line| {
            let bare = line.trim_end();
            bare.is_empty() || bare.starts_with([' ', '-', '#'])
        }) {
            tests.push(line);
        }
        let last = tests.iter().rposition(|line| {
            let bare = line.trim();
            !bare.is_empty() && !bare.starts_with('#')
        });
        let (tests, behind) = tests.split_at(last.map_or(0, |last| last + 1));
        let first = tests.iter().find(|line| line.trim_start().starts_with('-'));
        let indent = first.map_or(2, |line| line.len() - line.trim_start().len());
        all.extend(tests.iter().copied());
        if !all.ends_with('\n') {
            all.push('\n');
        }
        all.push_str(&self.yaml(name, indent));
        all.extend(behind.iter().copied());
        all.extend(lines);
        Ok(all)
    }
}

/// A text as YAML; in quotes wherever it could be read as something else.
fn scalar(text: &str, quoted: bool) -> String {
    let plain = !quoted
        && text.chars().next().is_some_and(char::is_alphabetic)
        && !text.ends_with([':', ' '])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.chars().any(char::is_control)
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off" | "null"
        );
    match plain {
        true => text.to_owned(),
        // What JSON puts in quotes is YAML too.
        false => serde_json::Value::from(text).to_string(),
    }
}

/// The names that the language knows things by.
struct Words<'a> {
    stage: Stage<'a>,
}

impl Words<'_> {
    /// A name where it means this person and nobody else; else the id.
    fn person(&self, id: &PersonId) -> Result<String, String> {
        let people = &self.stage.directory.people;
        let person = people.get(id).ok_or_else(|| format!("组织机构中没有“{id}”这个人"))?;
        let alone = people.values().filter(|other| other.name == person.name).count() == 1;
        Ok(if alone && simple(&person.name) { person.name.clone() } else { id.to_string() })
    }

    fn unit(&self, id: &UnitId) -> Result<String, String> {
        let units = &self.stage.directory.units;
        let unit = units.get(id).ok_or_else(|| format!("组织机构中没有“{id}”这个单位"))?;
        let meant = units.values().find(|one| one.short == unit.short || one.name == unit.short);
        let meant = meant.is_some_and(|one| one.id == *id);
        Ok(if meant && simple(&unit.short) { unit.short.clone() } else { id.to_string() })
    }

    fn fields(&self) -> &[Field] {
        match &self.stage.workflow.carries {
            Carrier::Document => &self.stage.vocabulary.fields,
            Carrier::Form(fields) => fields,
        }
    }

    /// Units and people of fields by name.
    fn named(&self, facts: &Facts) -> Result<Facts, String> {
        let mut named = Facts::new();
        for (name, value) in facts.iter().filter(|(_, value)| !value.is_blank()) {
            let kind = self.fields().iter().find(|field| field.name == *name).map(|it| it.kind);
            let name_of = |id: &str| match kind {
                Some(FieldType::Unit | FieldType::Units) => self.unit(&UnitId::from(id)),
                Some(FieldType::Person | FieldType::People) => self.person(&PersonId::from(id)),
                Some(
                    FieldType::Text
                    | FieldType::LongText
                    | FieldType::Texts
                    | FieldType::Number
                    | FieldType::Bool
                    | FieldType::Date
                    | FieldType::Choice,
                )
                | None => Ok(id.to_owned()),
            };
            let value = match value {
                Value::Text(text) => Value::Text(name_of(text)?),
                Value::List(list) => {
                    Value::List(list.iter().map(|one| name_of(one)).collect::<Result<_, _>>()?)
                }
                Value::Bool(_) | Value::Number(_) => value.clone(),
            };
            named.insert(name.clone(), value);
        }
        Ok(named)
    }

    fn given(&self, facts: &Facts) -> Result<Vec<(String, String)>, String> {
        let yaml = |value: &Value| match value {
            Value::Bool(yes) => yes.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Text(text) => scalar(text, true),
            Value::List(list) => {
                let items: Vec<_> = list.iter().map(|one| scalar(one, true)).collect();
                format!("[{}]", items.join(", "))
            }
        };
        Ok(self.named(facts)?.iter().map(|(name, value)| (name.clone(), yaml(value))).collect())
    }

    /// The left side of the line for an act on the case as it stands.
    fn line(&self, case: &Case, act: &TrialAct) -> Result<String, String> {
        let who = self.person(&act.by.person)?;
        let at = |task: TaskId| self.at(case, &act.by.person, &who, task);
        let maybe_at = |task: Option<TaskId>| task.map_or_else(|| Ok(who.clone()), at);
        let people = |to: &[Chosen]| -> Result<String, String> {
            let names: Vec<_> =
                to.iter().map(|one| self.person(&one.person)).collect::<Result<_, _>>()?;
            Ok(names.join(","))
        };
        Ok(match &act.command {
            Command::Complete(completion) => {
                self.complete(case, &at(completion.task)?, completion)?
            }
            Command::SendBack { task, to, resume, opinion } => {
                let verb = match (self.rule(case, *task), resume) {
                    (Some(ResumeRule::Ask), Some(Resume::Direct)) => "直退",
                    (
                        Some(ResumeRule::Ask | ResumeRule::Direct | ResumeRule::Stepwise) | None,
                        Some(Resume::Direct | Resume::Stepwise) | None,
                    ) => "退回",
                };
                format!("{} {verb} {}{}", at(*task)?, self.step(to), said(opinion))
            }
            Command::Transfer { task, to, opinion } => {
                format!("{} 转办 {}{}", at(*task)?, self.person(&to.person)?, said(opinion))
            }
            Command::Claim { task } => format!("{} 认领", at(*task)?),
            Command::Release { task } => format!("{} 归还", at(*task)?),
            Command::Open { task } => format!("{} 查看", at(*task)?),
            Command::Read { task, opinion } => format!("{} 阅{}", at(*task)?, said(opinion)),
            Command::Withdraw { reason } => format!("{who} 撤回{}", said(reason)),
            Command::Reopen { task } => format!("{} 重签", at(*task)?),
            Command::Cc { task, to, note: _ } => {
                format!("{} 抄送 {}", maybe_at(*task)?, people(to)?)
            }
            Command::Circulate { task, to, note: _ } => {
                format!("{} 传阅 {}", maybe_at(*task)?, people(to)?)
            }
            Command::Urge { text } => format!("{who} 催办{}", said(text)),
            Command::Terminate { task, reason } => {
                format!("{} 终止{}", maybe_at(*task)?, said(reason))
            }
            Command::Retry { reason } => format!("{who} 重试{}", said(reason)),
            Command::Appoint { visit, to, reason } => {
                let stall = case.stalls.iter().find(|stall| stall.visit == Some(*visit));
                let step = stall.map(|stall| format!("@{}", self.step(&stall.step)));
                let to = self.person(&to.person)?;
                format!("{who}{} 指定 {to}{}", step.unwrap_or_default(), said(reason))
            }
            Command::Reassign { task, to, reason } => {
                let open = case.tasks.get(task).ok_or("没有这件待办")?;
                let to = self.person(&to.person)?;
                let (step, from) = (self.step(&open.step), play::holder(open));
                format!("{who}@{step} 改派 {from}>{to}{}", said(reason))
            }
            Command::Start { .. } | Command::Answer { .. } => {
                return Err("这不是人办理的动作".into());
            }
            Command::Link { .. } => return Err("试走中没有可以关联的其他办件".into()),
        })
    }

    fn complete(&self, case: &Case, who: &str, it: &Completion) -> Result<String, String> {
        let mut parts: Vec<String> = vec![];
        let fields: Vec<_> = self
            .named(&it.changes)?
            .iter()
            .map(|(name, value)| change(name, value))
            .collect::<Result<_, _>>()?;
        if !fields.is_empty() {
            parts.push(format!("改 {}", fields.join(" ")));
        }
        let picks: Vec<_> = it
            .picks
            .iter()
            .filter(|(_, picked)| !(picked.units.is_empty() && picked.people.is_empty()))
            .map(|(name, picked)| self.pick(name, picked))
            .collect::<Result<_, _>>()?;
        if !picks.is_empty() {
            parts.push(format!("选 {}", picks.join(" ")));
        }
        let writes = case.tasks.get(&it.task).is_some_and(|task| {
            case.initiator.as_ref().is_some_and(|seat| holds(task.holder.as_ref(), seat))
        });
        let verb = match it.outcome {
            Outcome::Approved if writes => "提交",
            Outcome::Approved => "同意",
            Outcome::Refused => "不同意",
        };
        parts.push(format!("{verb}{}", said(&it.opinion)));
        Ok(format!("{who} {}", parts.join("；")))
    }

    fn pick(&self, name: &str, picked: &Picked) -> Result<String, String> {
        let mut names: Vec<String> = vec![];
        for unit in &picked.units {
            let lead = if picked.lead.as_ref() == Some(unit) { "*" } else { "" };
            names.push(format!("{}{lead}", self.unit(unit)?));
        }
        for person in &picked.people {
            names.push(self.person(&person.person)?);
        }
        Ok(format!("{name}={}", names.join(",")))
    }

    /// Who, and at which step where they have several tasks.
    fn at(&self, case: &Case, by: &PersonId, who: &str, task: TaskId) -> Result<String, String> {
        let this = case.tasks.get(&task).ok_or("没有这件待办")?;
        let mine = |seat: &Seat| match &seat.person {
            Some(person) => person.id == *by,
            None => self.stage.directory.seat(by, &seat.post).is_some(),
        };
        let others = case.open_tasks().filter(|other| {
            other.id != task
                && other.kind == this.kind
                && match &other.holder {
                    Some(seat) => mine(seat),
                    None => other.offered.iter().any(mine),
                }
        });
        Ok(match others.count() {
            0 => who.to_owned(),
            _ => format!("{who}@{}", self.step(&this.step)),
        })
    }

    fn rule(&self, case: &Case, task: TaskId) -> Option<ResumeRule> {
        let visit = case.visits.get(&case.tasks.get(&task)?.visit?)?;
        Some(self.stage.workflow.handle(visit.place.index())?.send_back.resume)
    }

    /// A step by its title where that means it alone; else by its id.
    fn step(&self, id: &StepId) -> String {
        let workflow = self.stage.workflow;
        let Some(&index) = workflow.by_id.get(id) else { return id.to_string() };
        let title = &workflow.node(index).title;
        let same = workflow.graph.node_weights().filter(|node| node.title == *title).count();
        if same == 1 && simple(title) { title.clone() } else { id.to_string() }
    }
}

fn change(name: &str, value: &Value) -> Result<String, String> {
    let value = match value {
        Value::Bool(true) => "是".to_owned(),
        Value::Bool(false) => "否".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => one_word(text),
        Value::List(list) if list.iter().all(|one| simple(one)) => list.join(","),
        Value::List(_) => return Err(format!("“{name}”中的名称不能写在测试的一行里")),
    };
    Ok(format!("{name}={value}"))
}

fn holds(holder: Option<&Seat>, seat: &Seat) -> bool {
    let id = |seat: &Seat| seat.person.as_ref().map(|person| person.id.clone());
    holder.is_some_and(|holder| id(holder).is_some() && id(holder) == id(seat))
}

/// It can stand in a list of a line.
fn simple(word: &str) -> bool {
    let parts = |c: char| c.is_whitespace() || c.is_control() || ",，、；;@=*>#:\"'".contains(c);
    !word.is_empty() && !word.contains(parts)
}

/// A text as one word of a line: words have no blanks, and acts are parted by semicolons.
fn one_word(text: &str) -> String {
    let kept = text.replace("->", "→").replace([';', '；'], "，");
    kept.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect()
}

/// What somebody said, at the end of a line.
fn said(text: &str) -> String {
    let text = text.replace("->", "→").replace([';', '；'], "，");
    let words: Vec<_> = text.split_whitespace().collect();
    if words.is_empty() { String::new() } else { format!(" {}", words.join(" ")) }
}

#[cfg(test)]
mod tests;
