//! Who should hear of what happened. The words are for the person; the channel is chosen elsewhere.

use crate::{
    case::Case,
    directory::Seat,
    event::{Closed, Ended, Event},
    id::TaskId,
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
    Ended,
}

/// What to tell whom of `events`, which made `case` what it is now.
#[must_use]
pub fn notices(case: &Case, events: &[Event]) -> Vec<Notice> {
    let mut all = vec![];
    for event in events {
        tell(case, event, &mut all);
    }
    all
}

fn tell(case: &Case, event: &Event, all: &mut Vec<Notice>) {
    let title = if case.title.is_empty() { "（未命名）" } else { &case.title };
    let mut send =
        |to: &Seat, kind, text: String, task| all.push(Notice { to: to.clone(), kind, text, task });
    match event {
        Event::TaskOpened { task } => {
            // What people start for themselves is no news to them.
            let own = case.initiator.as_ref() == task.holder.as_ref() && case.opinions.is_empty();
            for seat in task.offered.iter().filter(|_| !own) {
                send(seat, NoticeKind::Task, format!("{}：《{title}》", task.ask), Some(task.id));
            }
        }
        Event::TaskClosed {
            task: id,
            because: because @ (Closed::Withdrawn | Closed::Terminated | Closed::Cancelled),
            ..
        } => {
            let Some(task) = case.tasks.get(id) else { return };
            let what = match because {
                Closed::Withdrawn => "发起人已撤回",
                Closed::Terminated => "已终止",
                Closed::Cancelled | Closed::ByAnother | Closed::SentBack => "已取消",
            };
            for seat in task.holder.as_ref().map_or(&task.offered[..], std::slice::from_ref) {
                send(
                    seat,
                    NoticeKind::Closed,
                    format!("《{title}》{what}，无需您再办理“{}”。", task.title),
                    Some(*id),
                );
            }
        }
        Event::TaskClosed { because: Closed::ByAnother | Closed::SentBack, .. } => {}
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
            if let Some(initiator) = &case.initiator {
                send(initiator, NoticeKind::Ended, format!("《{title}》{how}。"), None);
            }
        }
        Event::CaseStarted { .. }
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
        | Event::SentBack { .. }
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
