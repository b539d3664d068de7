//! Reads a line of a script against a case as it stands: whose turn it is, in which post, and what command that is.
//! Pure; carrying it out is the stage's.

use super::script::Act;
use std::collections::BTreeMap;
use wenshu_core::{
    Case, Workflow,
    command::{Chosen, Command, Completion, Outcome, Picked},
    directory::{Directory, Seat},
    event::{Task, TaskKind},
    id::{StepId, UnitId},
    workflow::{PickWhat, Resume, ResumeRule},
};

/// A command and who gives it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cue {
    pub seat: Seat,
    pub command: Command,
}

/// What a line looks at.
pub(super) struct Director<'a> {
    pub directory: &'a Directory,
    pub workflow: &'a Workflow,
    pub case: &'a Case,
    /// Units chosen by an earlier line, the lead first.
    pub chosen: &'a [UnitId],
}

impl Director<'_> {
    /// The command of a line that is one act; none when `Until` or `Finish` has nothing more to do.
    pub(super) fn cue(&self, who: Option<&str>, act: &Act) -> Result<Option<Cue>, String> {
        let cue = match act {
            Act::Approve(opinion) => {
                self.complete(self.turn(who)?, Outcome::Approved, opinion.clone())?
            }
            Act::Refuse(reason) => {
                self.complete(self.turn(who)?, Outcome::Refused, Some(reason.clone()))?
            }
            Act::Until(title) => {
                match self.case.open_tasks().any(|task| task.title.contains(title.as_str())) {
                    true => return Ok(None),
                    false => self.onward()?,
                }
            }
            Act::Finish => match self.case.ended.is_some() {
                true => return Ok(None),
                false => self.onward()?,
            },
            Act::SendBack(reason) => self.send_back(self.turn(who)?, reason)?,
            Act::Withdraw(reason) => Cue {
                seat: self.initiator()?,
                command: Command::Withdraw { reason: reason.clone() },
            },
            Act::Urge(text) => {
                Cue { seat: self.initiator()?, command: Command::Urge { text: text.clone() } }
            }
            Act::Transfer(to, reason) => {
                let task = self.turn(who)?;
                let person = self.directory.people.values().find(|person| person.name == *to);
                let person = person.ok_or_else(|| format!("没有{to}这个人"))?;
                let to = Chosen { person: person.id.clone(), post: person.main_post.clone() };
                let command = Command::Transfer { task: task.id, to, opinion: reason.clone() };
                Cue { seat: self.sits(task)?, command }
            }
            Act::Change(..)
            | Act::Pick(_)
            | Act::Wait(_)
            | Act::Sign(_)
            | Act::Register(_)
            | Act::UrgeReceipt(_)
            | Act::Return(..)
            | Act::Link(_)
            | Act::Received(..)
            | Act::Elsewhere(..) => return Ok(None),
        };
        Ok(Some(cue))
    }

    /// The task of whoever is named, or the first that waits.
    pub(super) fn turn(&self, who: Option<&str>) -> Result<&Task, String> {
        let mut open = self.case.open_tasks().filter(|task| task.kind == TaskKind::Handle);
        let found = match who {
            Some(who) => open.find(|task| self.concerns(task, who)),
            None => open.next(),
        };
        found.ok_or_else(|| {
            format!("{}没有待办；现在{}", who.unwrap_or("谁也"), self.case.whereabouts())
        })
    }

    fn concerns(&self, task: &Task, who: &str) -> bool {
        let unit = |id: &UnitId| self.directory.units.get(id).is_some_and(|unit| unit.short == who);
        let seats = task.holder.iter().chain(&task.offered);
        task.branch.as_ref().is_some_and(|branch| unit(&branch.unit))
            || seats.clone().any(|seat| unit(&seat.unit))
            || seats.flat_map(|seat| &seat.person).any(|person| person.name == who)
    }

    /// Somebody approves or reads: the first task that waits.
    fn onward(&self) -> Result<Cue, String> {
        let task = self
            .case
            .open_tasks()
            .next()
            .ok_or_else(|| format!("没有待办；现在{}", self.case.whereabouts()))?;
        match task.kind {
            TaskKind::Handle => self.complete(task, Outcome::Approved, None),
            TaskKind::Read => Ok(Cue {
                seat: self.sits(task)?,
                command: Command::Read { task: task.id, opinion: "已阅。".to_owned() },
            }),
        }
    }

    fn complete(
        &self,
        task: &Task,
        outcome: Outcome,
        opinion: Option<String>,
    ) -> Result<Cue, String> {
        let seat = self.sits(task)?;
        let picks = self.picks(&task.step, &seat);
        let seen = self.case.document.map(|_| self.case.document_version);
        let opinion = opinion.unwrap_or_else(|| usual(&task.title).to_owned());
        let completion =
            Completion { task: task.id, outcome, opinion, changes: BTreeMap::new(), picks, seen };
        Ok(Cue { seat, command: Command::Complete(completion) })
    }

    /// Back to the step where the initiator began.
    fn send_back(&self, task: &Task, reason: &str) -> Result<Cue, String> {
        let to = self.workflow.node(self.workflow.start).id.clone();
        let handle =
            self.workflow.by_id.get(&task.step).and_then(|node| self.workflow.handle(*node));
        let resume = handle.and_then(|handle| match handle.send_back.resume {
            ResumeRule::Ask => Some(Resume::Direct),
            ResumeRule::Direct | ResumeRule::Stepwise => None,
        });
        let command = Command::SendBack { task: task.id, to, resume, opinion: reason.to_owned() };
        Ok(Cue { seat: self.sits(task)?, command })
    }

    /// What the step wants chosen: the units of an earlier line, or sections of the house; a deputy as reader.
    fn picks(&self, step: &StepId, seat: &Seat) -> BTreeMap<String, Picked> {
        let handle = self.workflow.by_id.get(step).and_then(|node| self.workflow.handle(*node));
        let wanted = handle.map_or(&[][..], |handle| &handle.pick);
        let picked = wanted.iter().map(|pick| {
            let picked = match &pick.what {
                PickWhat::Units { lead } => {
                    let units = if self.chosen.is_empty() {
                        self.sections(seat)
                    } else {
                        self.chosen.to_vec()
                    };
                    Picked { lead: units.first().filter(|_| *lead).cloned(), units, people: vec![] }
                }
                PickWhat::People { .. } => {
                    Picked { people: self.reader(seat), units: vec![], lead: None }
                }
            };
            (pick.name.clone(), picked)
        });
        picked.collect()
    }

    /// Two sections of the house other than the one that asks; that one if there is no other.
    fn sections(&self, seat: &Seat) -> Vec<UnitId> {
        let Some(house) = self.directory.organ_of(&seat.unit) else { return vec![] };
        let inside = self
            .directory
            .units
            .values()
            .filter(|unit| unit.parent.as_ref() == Some(&house.id) && !unit.organ);
        let mut inside: Vec<_> = inside.filter(|unit| unit.id != seat.unit).collect();
        inside.sort_by_key(|unit| unit.order);
        let two: Vec<UnitId> = inside.into_iter().take(2).map(|unit| unit.id.clone()).collect();
        if two.is_empty() { vec![seat.unit.clone()] } else { two }
    }

    fn reader(&self, seat: &Seat) -> Vec<Chosen> {
        let post = self.directory.units.get(&seat.unit).and_then(|unit| unit.in_charge.as_ref());
        let seats = post.map(|post| self.directory.seats_of(post)).unwrap_or_default();
        seats
            .into_iter()
            .filter_map(|seat| {
                Some(Chosen {
                    person: seat.person.as_ref()?.id.clone(),
                    post: Some(seat.post.clone()),
                })
            })
            .collect()
    }

    fn initiator(&self) -> Result<Seat, String> {
        self.case.initiator.clone().ok_or_else(|| "办件没有发起人".to_owned())
    }

    /// Who sits at a task: its holder, or the first who may come forward.
    pub(super) fn sits(&self, task: &Task) -> Result<Seat, String> {
        let seat = task
            .holder
            .as_ref()
            .or(task.offered.first())
            .ok_or_else(|| format!("{}没有办理人", task.title))?;
        match &seat.person {
            Some(_) => Ok(seat.clone()),
            None => self
                .directory
                .seats_of(&seat.post)
                .into_iter()
                .next()
                .ok_or_else(|| format!("{}没有人", seat.label())),
        }
    }
}

/// What people write when they have nothing to add.
fn usual(step: &str) -> &'static str {
    const USUAL: [(&str, &str); 14] = [
        ("拟稿", "请审核。"),
        ("填写", "请审批。"),
        ("处室审核", "内容无误，同意。"),
        ("科室审核", "同意，请办公室核稿。"),
        ("核稿", "文种、格式、文字已核，请领导审签。"),
        ("会签", "同意。"),
        ("签发", "同意。"),
        ("编号", "已复核，审批手续完备。"),
        ("用印", "与签发稿核对一致，已用印。"),
        ("收文登记", "已登记，请提出拟办意见。"),
        ("拟办", "拟请有关科室承办，请领导批示。"),
        ("批示", "同意拟办意见，请抓好落实。"),
        ("承办", "已按要求落实，情况已报送。"),
        ("办结", "已办结。"),
    ];
    USUAL.iter().find(|(title, _)| step.contains(title)).map_or("同意。", |(_, said)| said)
}
