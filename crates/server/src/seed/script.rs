//! The stories of the demo documents, as read from `documents-*.yaml` and understood line by line.
//! What a line does to the office is in `stage`; here it only has to be sayable.

use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::BTreeMap;
use wenshu_core::{
    Vocabulary,
    directory::{Directory, Seat},
    id::{PostId, UnitId},
    value::{Facts, FieldType, Value},
};
use wenshu_document::body::{Block, Body, Run};

/// One document and what happened to it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    /// What other scripts call it.
    pub id: String,
    pub flow: String,
    /// A name, or a post, whose first holder it is.
    pub by: String,
    /// How many working days ago it began.
    pub ago: u32,
    #[serde(default)]
    pub fields: BTreeMap<String, Arg>,
    #[serde(default)]
    pub form: BTreeMap<String, Arg>,
    #[serde(default)]
    pub body: String,
    #[serde(default)]
    acts: Vec<BTreeMap<String, Option<Arg>>>,
}

/// A value as the file writes it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub(super) enum Arg {
    Number(f64),
    Text(String),
    List(Vec<String>),
}

/// One line: whose turn it must be, if several are waiting, and what is done.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    /// A unit's short name or a person's name.
    pub who: Option<String>,
    pub act: Act,
}

/// What a line does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Act {
    /// 提交、同意, with an opinion or the step's usual one.
    Approve(Option<String>),
    Refuse(String),
    /// 退回拟稿人.
    SendBack(String),
    Withdraw(String),
    Urge(String),
    /// 转办: to whom, and why.
    Transfer(String, String),
    /// 改: old words and new ones in the working copy.
    Change(String, String),
    /// 选: units for the choice that the next step asks for.
    Pick(Vec<String>),
    /// 过: working days go by.
    Wait(u32),
    /// 同意至: everybody approves until the step of that title waits.
    Until(String),
    /// 办完: everybody approves until nothing waits.
    Finish,
    /// 签收, 登记, 催收: these units' registries, or the sender to them.
    Sign(String),
    Register(String),
    UrgeReceipt(String),
    /// 退文: that unit's registry, and why.
    Return(String, String),
    /// 关联: this case answers that script's.
    Link(String),
    /// 收文@单位: in the case that the unit's registry opened.
    Received(String, Box<Line>),
    /// 办件@编号: in the case of another script.
    Elsewhere(String, Box<Line>),
}

impl Script {
    /// The lines in order, or the first that cannot be understood.
    pub(super) fn lines(&self) -> Result<Vec<Line>, String> {
        let pairs = self.acts.iter().flat_map(|act| act.iter());
        let mut lines = vec![];
        for (said, arg) in pairs {
            lines.extend(
                understood(said, arg.as_ref())
                    .map_err(|why| format!("{}：{said}：{why}", self.id))?,
            );
        }
        Ok(lines)
    }

    /// The text: `# ` and `## ` are headings, every other line is a paragraph.
    pub(super) fn text(&self, year: i32) -> Body {
        let body = self.body.replace("{年}", &year.to_string());
        let lines = body.lines().map(str::trim).filter(|line| !line.is_empty());
        let runs = |text: &str| vec![Run { text: text.to_owned(), bold: false }];
        let blocks = lines.map(|line| match (line.strip_prefix("## "), line.strip_prefix("# ")) {
            (Some(heading), _) => Block::Heading { level: 2, runs: runs(heading) },
            (None, Some(heading)) => Block::Heading { level: 1, runs: runs(heading) },
            (None, None) => Block::Paragraph { runs: runs(line) },
        });
        Body { blocks: blocks.collect() }
    }
}

/// The lines of one entry: one for each unit where registries act.
fn understood(said: &str, arg: Option<&Arg>) -> Result<Vec<Line>, String> {
    let each: fn(String) -> Act = match said {
        "签收" => Act::Sign,
        "登记" => Act::Register,
        "催收" => Act::UrgeReceipt,
        _ => return Ok(vec![line(said, arg)?]),
    };
    match arg {
        Some(Arg::List(units)) if !units.is_empty() => {
            Ok(units.iter().map(|unit| Line { who: None, act: each(unit.clone()) }).collect())
        }
        Some(Arg::List(_) | Arg::Number(_) | Arg::Text(_)) | None => Err("应写一组单位".to_owned()),
    }
}

fn line(said: &str, arg: Option<&Arg>) -> Result<Line, String> {
    if let Some(rest) = said.strip_prefix("收文@") {
        let (unit, rest) = rest.split_once(' ').ok_or("应写作“收文@单位 做什么”")?;
        let inner = line(rest, arg)?;
        return Ok(Line { who: None, act: Act::Received(unit.to_owned(), Box::new(inner)) });
    }
    if let Some(rest) = said.strip_prefix("办件@") {
        let (script, rest) = rest.split_once(' ').ok_or("应写作“办件@编号 做什么”")?;
        let inner = line(rest, arg)?;
        return Ok(Line { who: None, act: Act::Elsewhere(script.to_owned(), Box::new(inner)) });
    }
    let (who, verb) = match said.rsplit_once(' ') {
        Some((who, verb)) => (Some(who.to_owned()), verb),
        None => (None, said),
    };
    let text = || match arg {
        Some(Arg::Text(text)) => Ok(text.clone()),
        Some(Arg::Number(_) | Arg::List(_)) | None => Err("应写一句话".to_owned()),
    };
    let list = || match arg {
        Some(Arg::List(list)) if !list.is_empty() => Ok(list.clone()),
        Some(Arg::List(_) | Arg::Number(_) | Arg::Text(_)) | None => Err("应写一组单位".to_owned()),
    };
    let pair = || match arg {
        Some(Arg::List(list)) => match list.as_slice() {
            [first, second] => Ok((first.clone(), second.clone())),
            _ => Err("应写两项".to_owned()),
        },
        Some(Arg::Number(_) | Arg::Text(_)) | None => Err("应写两项".to_owned()),
    };
    let act = match verb {
        "提交" | "同意" => Act::Approve(arg.map(|_| text()).transpose()?),
        "不同意" => Act::Refuse(text()?),
        "退回" => Act::SendBack(text()?),
        "撤回" => Act::Withdraw(text()?),
        "催办" => Act::Urge(text()?),
        "转办" => pair().map(|(to, why)| Act::Transfer(to, why))?,
        "改" => {
            let text = text()?;
            let (old, new) = text.split_once(" => ").ok_or("应写作“原文 => 新文”")?;
            Act::Change(old.to_owned(), new.to_owned())
        }
        "选" => Act::Pick(list()?),
        "过" => match arg {
            Some(Arg::Number(days)) if (1.0..=30.0).contains(days) => Act::Wait(*days as u32),
            Some(Arg::Number(_) | Arg::Text(_) | Arg::List(_)) | None => {
                return Err("应写工作日数".to_owned());
            }
        },
        "同意至" => Act::Until(text()?),
        "办完" => Act::Finish,
        "关联" => Act::Link(text()?),
        "退文" => pair().map(|(unit, why)| Act::Return(unit, why))?,
        other => return Err(format!("不认识“{other}”")),
    };
    Ok(Line { who, act })
}

/// All scripts, in the order in which they began.
pub(super) fn scripts() -> Result<Vec<Script>, String> {
    let mut all: Vec<Script> = vec![];
    for source in
        [include_str!("../../seed/documents-1.yaml"), include_str!("../../seed/documents-2.yaml")]
    {
        all.extend(
            serde_saphyr::from_str::<Vec<Script>>(source).map_err(|error| error.to_string())?,
        );
    }
    all.sort_by_key(|script| std::cmp::Reverse(script.ago));
    Ok(all)
}

impl Script {
    /// The seat of whoever begins it.
    pub(super) fn seat(&self, directory: &Directory) -> Result<Seat, String> {
        let by_name = directory.people.values().find(|person| person.name == self.by);
        let seat = match by_name {
            Some(person) => directory.main_seat(&person.id),
            None => directory.seats_of(&PostId::from(self.by.as_str())).into_iter().next(),
        };
        seat.ok_or_else(|| format!("{}：没有“{}”这个人或岗位", self.id, self.by))
    }

    /// The fields as the document takes them: units by id.
    pub(super) fn facts(&self, directory: &Directory, words: &Vocabulary) -> Result<Facts, String> {
        let mut facts = Facts::new();
        for (name, arg) in &self.fields {
            let kind = words
                .field(name)
                .map(|field| field.kind)
                .ok_or_else(|| format!("{}：没有字段 {name}", self.id))?;
            let id = |short: &String| unit(directory, short).map(|unit| unit.0);
            let value = match (kind, arg) {
                (FieldType::Units, Arg::List(list)) => {
                    Value::List(list.iter().map(id).collect::<Result<_, _>>()?)
                }
                (FieldType::Unit, Arg::Text(short)) => Value::Text(id(short)?),
                (_, Arg::Text(text)) => Value::Text(text.clone()),
                (_, Arg::Number(number)) => Value::Number(*number),
                (_, Arg::List(list)) => Value::List(list.clone()),
            };
            facts.insert(name.clone(), value);
        }
        Ok(facts)
    }

    /// The form as filled in; `后3` is the date three working days on.
    pub(super) fn filled(&self, day_after: impl Fn(u32) -> NaiveDate) -> Facts {
        let value = |arg: &Arg| match arg {
            Arg::Number(number) => Value::Number(*number),
            Arg::List(list) => Value::List(list.clone()),
            Arg::Text(text) => match text.strip_prefix('后').and_then(|days| days.parse().ok()) {
                Some(days) => Value::Text(day_after(days).to_string()),
                None => Value::Text(text.clone()),
            },
        };
        self.form.iter().map(|(name, arg)| (name.clone(), value(arg))).collect()
    }
}

/// The unit of that short name.
pub(super) fn unit(directory: &Directory, short: &str) -> Result<UnitId, String> {
    let found = directory.units.values().find(|unit| unit.short == short);
    found.map(|unit| unit.id.clone()).ok_or_else(|| format!("没有“{short}”这个单位"))
}
