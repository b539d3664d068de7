//! What happened to a case as people read it: events folded into entries, opinions with the name, post and unit of
//! their day. Pure; whoever shows it has asked first whether the reader may see it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use wenshu_core::{
    directory::Seat,
    event::{Closed, Ended, Event, Said},
    id::{TaskId, VisitId},
    workflow::Resume,
};

/// One line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    pub at: DateTime<Utc>,
    pub kind: EntryKind,
    pub by: Option<Seat>,
    pub task: Option<TaskId>,
    pub step_title: String,
    /// What the person wrote.
    pub text: String,
    /// What it says in a word: 同意, 退回至拟稿.
    pub said: String,
    /// Version of the document that it was about.
    pub version: Option<u32>,
    pub round: Option<u32>,
    /// The text changed after this opinion, and its signer was told.
    pub outdated: bool,
}

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    Started,
    Opinion,
    SentBack,
    Transferred,
    Closed,
    Cc,
    Circulated,
    Urged,
    Linked,
    Withdrawn,
    Number,
    Finalised,
    Rendered,
    Sealed,
    Dispatched,
    Archived,
    Ended,
    Passed,
    Stalled,
    /// Somebody was named where nobody was found.
    Appointed,
    /// A task was given to somebody else.
    Reassigned,
    Retried,
    Outdated,
    Reopened,
    Changed,
    /// Another effect was done.
    Done,
}

/// Folds the events of a case, with the time each was recorded, into its timeline.
#[must_use]
pub fn timeline<'a>(events: impl IntoIterator<Item = (DateTime<Utc>, &'a Event)>) -> Vec<Entry> {
    let mut fold = Fold::default();
    for (at, event) in events {
        fold.take(at, event);
    }
    fold.entries
}

#[derive(Default)]
struct Fold {
    entries: Vec<Entry>,
    rounds: BTreeMap<VisitId, u32>,
    titles: BTreeMap<VisitId, String>,
    tasks: BTreeMap<TaskId, OfTask>,
    asks: BTreeMap<wenshu_core::id::AskId, (String, String)>,
}

#[derive(Default)]
struct OfTask {
    title: String,
    round: Option<u32>,
    who: Option<Seat>,
}

impl Fold {
    fn take(&mut self, at: DateTime<Utc>, event: &Event) {
        match event {
            Event::CaseStarted { title, initiator, .. } => {
                self.add(at, EntryKind::Started, Some(initiator), "发起", title);
            }
            Event::StepEntered { visit, round, title, .. } => {
                self.rounds.insert(*visit, *round);
                self.titles.insert(*visit, title.clone());
            }
            Event::TaskOpened { task } => {
                let round = task.visit.and_then(|visit| self.rounds.get(&visit).copied());
                let who = task.holder.clone().or_else(|| task.offered.first().cloned());
                self.tasks.insert(task.id, OfTask { title: task.title.clone(), round, who });
            }
            Event::TaskClaimed { task, by } => {
                if let Some(of) = self.tasks.get_mut(task) {
                    of.who = Some(by.clone());
                }
            }
            Event::OpinionGiven { task, opinion } => {
                let (kind, said) = match &opinion.said {
                    Said::Approved => (EntryKind::Opinion, "同意".to_owned()),
                    Said::Refused => (EntryKind::Opinion, "不同意".to_owned()),
                    Said::Submitted => (EntryKind::Opinion, "提交".to_owned()),
                    Said::Noted => (EntryKind::Opinion, "已阅".to_owned()),
                    Said::SentBack { to_title, .. } => {
                        (EntryKind::SentBack, format!("退回至{to_title}"))
                    }
                    Said::Transferred { to } => {
                        (EntryKind::Transferred, format!("转办给{}", to.label()))
                    }
                };
                let entry = self.add(opinion.at, kind, Some(&opinion.by), &said, &opinion.text);
                entry.version = opinion.document_version;
                self.of_task(*task);
            }
            Event::SentBack { task, resume, .. } => {
                let way = match resume {
                    Resume::Direct => "，办毕直送退回人",
                    Resume::Stepwise => "，办毕逐级送审",
                };
                if let Some(entry) = self
                    .entries
                    .iter_mut()
                    .rev()
                    .find(|e| e.task == Some(*task) && e.kind == EntryKind::SentBack)
                {
                    entry.said.push_str(way);
                }
            }
            Event::TaskClosed { task, because, at } => {
                let said = match because {
                    Closed::ByAnother => "由他人办理",
                    Closed::SentBack => "因退回而关闭",
                    Closed::Withdrawn => "因撤回而关闭",
                    Closed::Cancelled => "不再需要",
                    Closed::Terminated => "因终止而关闭",
                    // Told as such, with the reason.
                    Closed::Reassigned => return,
                };
                let who = self.tasks.get(task).and_then(|of| of.who.clone());
                self.add(*at, EntryKind::Closed, who.as_ref(), said, "");
                self.of_task(*task);
            }
            Event::TaskReopened { task, by, at } => {
                self.add(*at, EntryKind::Reopened, Some(by), "重新签署", "");
                self.of_task(*task);
            }
            Event::DocumentChanged { version, by, fields } => {
                let entry =
                    self.add(at, EntryKind::Changed, Some(by), "修改文稿", &fields.join("、"));
                entry.version = Some(*version);
            }
            Event::FormChanged { by, changes } => {
                let fields: Vec<_> = changes.keys().cloned().collect();
                self.add(at, EntryKind::Changed, Some(by), "修改表单", &fields.join("、"));
            }
            Event::Copied { to, by, note, at } => {
                let names: Vec<_> = to.iter().map(Seat::label).collect();
                self.add(*at, EntryKind::Cc, Some(by), &format!("抄送{}", names.join("、")), note);
            }
            Event::Urged { by, text, at, .. } => {
                self.add(*at, EntryKind::Urged, Some(by), "催办", text);
            }
            Event::Linked { by, at, .. } => {
                self.add(*at, EntryKind::Linked, Some(by), "关联所答复的来文", "");
            }
            Event::OpinionsOutdated { tasks } => {
                for task in tasks {
                    if let Some(entry) = self
                        .entries
                        .iter_mut()
                        .rev()
                        .find(|e| e.task == Some(*task) && e.kind == EntryKind::Opinion)
                    {
                        entry.outdated = true;
                    }
                }
                self.add(at, EntryKind::Outdated, None, "文稿在签署后有改动，已提醒签署人", "");
            }
            Event::Asked { ask, effect, title, .. } => {
                self.asks.insert(*ask, (effect.clone(), title.clone()));
            }
            Event::Answered { ask, result } => {
                if let Some((effect, title)) = self.asks.remove(ask) {
                    self.effect(at, &effect, &title, result);
                }
            }
            Event::EffectRecorded { effect, title, again, .. } => {
                if !again {
                    self.effect(at, effect, title, "");
                }
            }
            Event::StepPassed { title, reason, .. } => {
                self.add(at, EntryKind::Passed, None, "自动通过", reason)
                    .step_title
                    .clone_from(title);
            }
            Event::Stalled { title, reason, .. } => {
                self.add(at, EntryKind::Stalled, None, "停滞", reason).step_title.clone_from(title);
            }
            Event::Retried { by, reason } => {
                self.add(at, EntryKind::Retried, by.as_ref(), "重试", reason);
            }
            Event::Appointed { visit, to, by, reason, at } => {
                let said = format!("指定{}办理", to.label());
                let title = self.titles.get(visit).cloned().unwrap_or_default();
                let entry = self.add(*at, EntryKind::Appointed, by.as_ref(), &said, reason);
                entry.step_title = title;
            }
            Event::Reassigned { task, to, by, reason, at } => {
                let from = self.tasks.get(task).and_then(|of| of.who.as_ref()).map(Seat::label);
                let said = match from {
                    Some(from) => format!("由{from}改派给{}", to.label()),
                    None => format!("改派给{}", to.label()),
                };
                self.add(*at, EntryKind::Reassigned, by.as_ref(), &said, reason);
                self.of_task(*task);
            }
            Event::Withdrawn { by, reason, at } => {
                self.add(*at, EntryKind::Withdrawn, Some(by), "撤回", reason);
            }
            Event::CaseEnded { how, by, reason, at } => {
                let said = match how {
                    Ended::Finished => "办结",
                    Ended::Refused => "未获批准",
                    Ended::Terminated => "终止",
                };
                self.add(*at, EntryKind::Ended, by.as_ref(), said, reason);
            }
            Event::AskGivenUp { ask } => {
                self.asks.remove(ask);
            }
            Event::Moved { .. }
            | Event::Renamed { .. }
            | Event::EffectsBegun { .. }
            | Event::BranchesOpened { .. }
            | Event::StepLeft { .. }
            | Event::Chose { .. }
            | Event::TaskReleased { .. }
            | Event::TaskSeen { .. }
            | Event::Picked { .. } => {}
        }
    }

    fn effect(&mut self, at: DateTime<Utc>, effect: &str, title: &str, result: &str) {
        let (kind, text) = match effect {
            "number" => (EntryKind::Number, result),
            "finalise" => (EntryKind::Finalised, ""),
            // What the others answer are hashes of files: for the record, not for readers.
            "red_head" => (EntryKind::Rendered, ""),
            "seal" => (EntryKind::Sealed, ""),
            "dispatch" => (EntryKind::Dispatched, ""),
            "archive" => (EntryKind::Archived, ""),
            _ => (EntryKind::Done, ""),
        };
        self.add(at, kind, None, title, text);
    }

    fn add(
        &mut self,
        at: DateTime<Utc>,
        kind: EntryKind,
        by: Option<&Seat>,
        said: &str,
        text: &str,
    ) -> &mut Entry {
        self.entries.push(Entry {
            at,
            kind,
            by: by.cloned(),
            task: None,
            step_title: String::new(),
            text: text.to_owned(),
            said: said.to_owned(),
            version: None,
            round: None,
            outdated: false,
        });
        let last = self.entries.len() - 1;
        &mut self.entries[last]
    }

    /// The last entry belongs to this task.
    fn of_task(&mut self, task: TaskId) {
        if let (Some(entry), Some(of)) = (self.entries.last_mut(), self.tasks.get(&task)) {
            entry.task = Some(task);
            entry.step_title.clone_from(&of.title);
            entry.round = of.round;
        }
    }
}
