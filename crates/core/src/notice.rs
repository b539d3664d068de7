//! Who should hear of what happened. The words are for the person; the channel is chosen elsewhere.

use crate::{
    case::Case,
    directory::Seat,
    event::{Closed, Ended, Event, TaskState},
    id::{StepId, TaskId},
    rights::same_person,
};
use serde::{Deserialize, Serialize};

/// Something to tell somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub to: Seat,
    pub kind: NoticeKind,
    /// One Chinese sentence.
    pub text: String,
    pub task: Option<TaskId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    Task,
    Closed,
    Urged,
    Copied,
    Outdated,
    /// Somebody else has it now.
    Reassigned,
    Ended,
}

/// What to tell whom of `events`, which made `case` what it is now.
#[must_use]
pub fn notices(case: &Case, events: &[Event]) -> Vec<Notice> {
    let mut all = vec![];
    for event in events {
        tell(case, event, events, &mut all);
    }
    all
}

/// Whoever took the case back or ended it: what they did themselves is no news to them.
fn did_it(events: &[Event], seat: &Seat) -> bool {
    events.iter().any(|event| {
        if let Event::Withdrawn { by, .. } | Event::CaseEnded { by: Some(by), .. } = event {
            same_person(by, seat)
        } else {
            false
        }
    })
}

/// Who sent the case back to a step, within these events.
fn sent_back<'a>(case: &'a Case, events: &[Event], to: &StepId) -> Option<&'a Seat> {
    events.iter().find_map(|event| {
        let Event::SentBack { task, to: step, .. } = event else { return None };
        (step == to).then(|| case.opinion_on(*task).map(|opinion| &opinion.by)).flatten()
    })
}

/// The initiator, unless it is one of these.
fn initiator_besides<'a>(case: &'a Case, others: &[Option<&Seat>]) -> Option<&'a Seat> {
    let initiator = case.initiator.as_ref()?;
    let among = others.iter().flatten().any(|other| same_person(other, initiator));
    (!among).then_some(initiator)
}

fn tell(case: &Case, event: &Event, events: &[Event], all: &mut Vec<Notice>) {
    let title = if case.title.is_empty() { "（未命名）" } else { &case.title };
    let mut send =
        |to: &Seat, kind, text: String, task| all.push(Notice { to: to.clone(), kind, text, task });
    match event {
        Event::TaskOpened { task } => {
            // What people start for themselves is no news to them.
            let own = case.initiator.as_ref() == task.holder.as_ref() && case.opinions.is_empty();
            // One act may hand a task out and take it away again.
            let open = case.tasks.get(&task.id).is_some_and(|it| it.state == TaskState::Open);
            let words = match sent_back(case, events, &task.step) {
                Some(by) => format!("{}：《{title}》由{}退回", task.ask, by.label()),
                None => format!("{}：《{title}》", task.ask),
            };
            for seat in task.offered.iter().filter(|seat| open && !own && !did_it(events, seat)) {
                send(seat, NoticeKind::Task, words.clone(), Some(task.id));
            }
        }
        Event::SentBack { task, to, .. } => {
            // Sent back to where it is already: no new task tells of it.
            let fresh =
                |event: &Event| matches!(event, Event::TaskOpened { task } if task.step == *to);
            let Some(by) = case.opinion_on(*task).map(|opinion| opinion.by.label()) else { return };
            if events.iter().any(fresh) {
                return;
            }
            for open in case.open_tasks().filter(|open| open.step == *to) {
                for seat in open.holder.as_ref().map_or(&open.offered[..], std::slice::from_ref) {
                    let words = format!("{}：《{title}》又由{by}退回，请一并办理", open.ask);
                    send(seat, NoticeKind::Task, words, Some(open.id));
                }
            }
        }
        Event::TaskClosed {
            task: id,
            because:
                because @ (Closed::Withdrawn
                | Closed::Terminated
                | Closed::Cancelled
                | Closed::SentBack
                | Closed::Reassigned),
            ..
        } => {
            let Some(task) = case.tasks.get(id) else { return };
            let reassigned = case.reassigned.get(id).map(|to| format!("已改派给{}", to.label()));
            let what = match because {
                Closed::Reassigned => reassigned.as_deref().unwrap_or("已改派"),
                Closed::Withdrawn => "发起人已撤回",
                Closed::Terminated if case.ended == Some(Ended::Refused) => "未获同意，已终结",
                Closed::Terminated => "已终止",
                Closed::SentBack => "已退回",
                Closed::Cancelled | Closed::ByAnother => "已取消",
            };
            let told = task.holder.as_ref().map_or(&task.offered[..], std::slice::from_ref);
            for seat in told.iter().filter(|seat| !did_it(events, seat)) {
                send(
                    seat,
                    NoticeKind::Closed,
                    format!("《{title}》{what}，无需您再办理“{}”。", task.title),
                    Some(*id),
                );
            }
        }
        Event::TaskClosed { because: Closed::ByAnother, .. } => {}
        Event::Urged { tasks, by, text, .. } => {
            for task in tasks.iter().filter_map(|task| case.tasks.get(task)) {
                let words = if text.is_empty() { String::new() } else { format!("：{text}") };
                for seat in task.holder.as_ref().map_or(&task.offered[..], std::slice::from_ref) {
                    send(
                        seat,
                        NoticeKind::Urged,
                        format!("{}催办《{title}》{words}", by.label()),
                        Some(task.id),
                    );
                }
            }
        }
        Event::Copied { to, by, note, .. } => {
            let words = if note.is_empty() { String::new() } else { format!("：{note}") };
            for seat in to {
                send(
                    seat,
                    NoticeKind::Copied,
                    format!("{}抄送《{title}》{words}", by.label()),
                    None,
                );
            }
        }
        Event::OpinionsOutdated { tasks } => {
            for (task, opinion) in
                tasks.iter().filter_map(|task| Some((task, case.opinion_on(*task)?)))
            {
                let text = format!("您签署意见后《{title}》的文稿有修改，可以查看改动并重新签署。");
                send(&opinion.by, NoticeKind::Outdated, text, Some(*task));
            }
        }
        Event::CaseEnded { how, .. } => {
            let how = match how {
                Ended::Finished => "已办结",
                Ended::Refused => "未获同意，已终结",
                Ended::Terminated => "已终止",
            };
            if let Some(initiator) = case.initiator.as_ref().filter(|it| !did_it(events, it)) {
                send(initiator, NoticeKind::Ended, format!("《{title}》{how}。"), None);
            }
        }
        Event::Appointed { visit, to, by, .. } => {
            let step = case.visits.get(visit).map_or("", |visit| visit.title.as_str());
            if let Some(initiator) = initiator_besides(case, &[Some(to), by.as_ref()]) {
                let words =
                    format!("《{title}》的“{step}”原来无人办理，现指定{}办理。", to.label());
                send(initiator, NoticeKind::Reassigned, words, None);
            }
        }
        Event::Reassigned { task: id, to, by, .. } => {
            let Some(task) = case.tasks.get(id) else { return };
            // Whoever held it is told by its closing.
            let held = task.holder.as_ref().or(task.offered.first());
            if let Some(initiator) = initiator_besides(case, &[Some(to), by.as_ref(), held]) {
                let words = format!("《{title}》的“{}”改由{}办理。", task.title, to.label());
                send(initiator, NoticeKind::Reassigned, words, None);
            }
        }
        Event::CaseStarted { .. }
        | Event::Linked { .. }
        | Event::Renamed { .. }
        | Event::Moved { .. }
        | Event::BranchesOpened { .. }
        | Event::StepEntered { .. }
        | Event::StepLeft { .. }
        | Event::StepPassed { .. }
        | Event::Chose { .. }
        | Event::TaskClaimed { .. }
        | Event::TaskReleased { .. }
        | Event::TaskSeen { .. }
        | Event::OpinionGiven { .. }
        | Event::TaskReopened { .. }
        | Event::FormChanged { .. }
        | Event::DocumentChanged { .. }
        | Event::Picked { .. }
        | Event::Asked { .. }
        | Event::Answered { .. }
        | Event::AskGivenUp { .. }
        | Event::EffectsBegun { .. }
        | Event::EffectRecorded { .. }
        | Event::Stalled { .. }
        | Event::Retried { .. }
        | Event::Withdrawn { .. } => {}
    }
}
