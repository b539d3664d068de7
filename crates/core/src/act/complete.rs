//! Finishing one's task: 同意, 提交 or 不同意, with the changes and choices that go with it.

use super::{fits, opine};
use crate::{
    command::{Completion, Outcome, Picked},
    decide::Run,
    directory::Seat,
    event::{Event, Said, TaskState},
    id::TaskId,
    people::Found,
    rejection::Rejection,
    rights::{self, HeldStep},
    step,
    value::{self, Facts, Field, FieldType, Value},
    workflow::{ActKind, Carrier, Handle, OnChange, Pick, PickWhat},
};
use std::collections::BTreeMap;

pub(crate) fn complete(run: &mut Run<'_>, completion: Completion) -> Result<(), Rejection> {
    let Completion { task, outcome, opinion, changes, picks, seen } = completion;
    let act = match outcome {
        Outcome::Approved => ActKind::Approve,
        Outcome::Refused => ActKind::Refuse,
    };
    let HeldStep { task: held, seat, visit, place, handle } =
        rights::may(run.cx, &run.case, task, act)?;
    let (step, place) = (held.title.clone(), place.clone());
    if let Some(seen) =
        seen.filter(|&seen| run.case.document.is_some() && seen != run.case.document_version)
    {
        return Err(Rejection::DocumentChanged { seen, now: run.case.document_version });
    }
    fits(&opinion, "意见")?;
    if outcome == Outcome::Refused && opinion.trim().is_empty() {
        return Err(Rejection::OpinionRequired);
    }
    check_changes(run, handle, &step, &changes)?;
    run.facts.extend(changes.clone());
    let mut chosen = vec![];
    if outcome == Outcome::Approved {
        check_required(run, handle)?;
        for pick in &handle.pick {
            let given = match picks.get(&pick.name) {
                Some(given) => given.clone(),
                // Left out is not emptied: an earlier choice stands.
                None if !pick.required => continue,
                None => Picked::default(),
            };
            let seats = check_pick(run, &place, pick, &given)?;
            chosen.push((pick.name.clone(), seats, given));
        }
        check_known(&picks, handle)?;
    }
    // Everything is checked; from here on it only happens.
    let flow = run.cx.workflow;
    let Some(handle) = flow.handle(place.index()) else {
        return Err(Rejection::NoSuchTask { task });
    };
    change(run, task, &seat, changes);
    for (name, seats, picked) in chosen {
        run.emit(Event::Picked { name, seats, picked, by: seat.clone() });
    }
    let said = match outcome {
        Outcome::Approved if rights::is_initiators(run.cx, place.index()) => Said::Submitted,
        Outcome::Approved => Said::Approved,
        Outcome::Refused => Said::Refused,
    };
    opine(run, task, seat, said, opinion);
    step::handle::voted(run, visit, handle);
    Ok(())
}

/// The field of that name, of the document or the form.
fn field<'a>(run: &'a Run<'_>, name: &str) -> Option<&'a Field> {
    match &run.cx.workflow.carries {
        Carrier::Document => run.cx.vocabulary.field(name),
        Carrier::Form(fields) => fields.iter().find(|field| field.name == name),
    }
}

fn check_changes(
    run: &Run<'_>,
    handle: &Handle,
    step: &str,
    changes: &Facts,
) -> Result<(), Rejection> {
    for (name, value) in changes {
        let Some(field) = field(run, name) else {
            return Err(Rejection::FieldUnknown { field: name.clone() });
        };
        if !handle.edit.contains(name) {
            return Err(Rejection::FieldNotEditable {
                field: field.title.clone(),
                step: step.to_owned(),
            });
        }
        if !field.takes(value) {
            let wanted = wanted(field);
            return Err(Rejection::FieldWrongType { field: field.title.clone(), wanted });
        }
        check_length(run, field, value)?;
        check_known_names(run, field, value)?;
    }
    Ok(())
}

/// What a form takes is read by people; the limits of a document are its own matter.
fn check_length(run: &Run<'_>, field: &Field, value: &Value) -> Result<(), Rejection> {
    match (&run.cx.workflow.carries, value) {
        (Carrier::Form(_), Value::Text(text)) => fits(text, &field.title),
        (Carrier::Form(_) | Carrier::Document, _) => Ok(()),
    }
}

/// Units and people that a form names are in the directory; the case would only stall on them later. What a document
/// may name is the document's own matter.
fn check_known_names(run: &Run<'_>, field: &Field, value: &Value) -> Result<(), Rejection> {
    let directory = run.cx.directory;
    if run.cx.workflow.carries == Carrier::Document {
        return Ok(());
    }
    match field.kind {
        FieldType::Unit | FieldType::Units => {
            match value::units(value).into_iter().find(|id| !directory.units.contains_key(id)) {
                Some(unit) => Err(Rejection::NoSuchUnit { unit: unit.to_string() }),
                None => Ok(()),
            }
        }
        FieldType::Person | FieldType::People => {
            match value::people(value).into_iter().find(|id| !directory.people.contains_key(id)) {
                Some(person) => Err(Rejection::NoSuchPerson { person: person.to_string() }),
                None => Ok(()),
            }
        }
        FieldType::Text
        | FieldType::LongText
        | FieldType::Texts
        | FieldType::Number
        | FieldType::Bool
        | FieldType::Date
        | FieldType::Choice => Ok(()),
    }
}

fn wanted(field: &Field) -> String {
    match field.kind {
        FieldType::Text | FieldType::LongText => "文字".into(),
        FieldType::Texts => "若干项文字".into(),
        FieldType::Number => "数字".into(),
        FieldType::Bool => "是或否".into(),
        FieldType::Date => "日期，如2026-07-01".into(),
        FieldType::Choice => format!("下列之一：{}", field.options.join("、")),
        FieldType::Unit => "一个单位".into(),
        FieldType::Units => "若干单位".into(),
        FieldType::Person => "一个人".into(),
        FieldType::People => "若干人".into(),
    }
}

fn check_required(run: &Run<'_>, handle: &Handle) -> Result<(), Rejection> {
    let (fields, of_form) = match &run.cx.workflow.carries {
        Carrier::Form(fields) => (fields, true),
        Carrier::Document => (&run.cx.vocabulary.fields, false),
    };
    // What the form calls required must be there once its holder hands it on.
    let wanted = |field: &&Field| {
        handle.require.contains(&field.name)
            || (of_form && field.required && handle.edit.contains(&field.name))
    };
    let blank = |field: &&Field| run.facts.get(&field.name).is_none_or(Value::is_blank);
    let missing = fields.iter().filter(wanted).filter(blank);
    let fields: Vec<_> = missing.map(|field| field.title.clone()).collect();
    if fields.is_empty() { Ok(()) } else { Err(Rejection::FieldRequired { fields }) }
}

fn check_pick(
    run: &Run<'_>,
    place: &crate::control::Place,
    pick: &Pick,
    given: &Picked,
) -> Result<Vec<Seat>, Rejection> {
    let empty = match pick.what {
        PickWhat::People { .. } => given.people.is_empty(),
        PickWhat::Units { .. } => given.units.is_empty(),
    };
    if empty && pick.required {
        return Err(Rejection::PickRequired { name: pick.name.clone(), title: pick.title.clone() });
    }
    match &pick.what {
        PickWhat::People { from } => {
            let offered: Option<Vec<Found>> =
                from.as_ref().map(|who| run.around(place).resolve(who, false));
            let mut seats = vec![];
            for one in &given.people {
                let seat = super::chosen(run, one)?;
                let within = |offered: &Vec<Found>| {
                    offered.iter().any(|found| rights::same_person(&found.seat, &seat))
                };
                if offered.as_ref().is_some_and(|offered| !within(offered)) {
                    return Err(Rejection::PickNotOffered {
                        name: pick.name.clone(),
                        who: seat.label(),
                    });
                }
                seats.push(seat);
            }
            Ok(seats)
        }
        PickWhat::Units { lead } => {
            for unit in given.units.iter().chain(&given.lead) {
                if !run.cx.directory.units.contains_key(unit) {
                    return Err(Rejection::NoSuchUnit { unit: unit.to_string() });
                }
            }
            let leads = given.lead.as_ref().is_some_and(|unit| given.units.contains(unit));
            if *lead && !empty && !leads {
                let title = format!("{}的主办单位", pick.title);
                return Err(Rejection::PickRequired { name: pick.name.clone(), title });
            }
            Ok(vec![])
        }
    }
}

/// Choices that the step does not ask for.
fn check_known(picks: &BTreeMap<String, Picked>, handle: &Handle) -> Result<(), Rejection> {
    match picks.keys().find(|name| !handle.pick.iter().any(|pick| pick.name == **name)) {
        Some(name) => Err(Rejection::FieldUnknown { field: name.clone() }),
        None => Ok(()),
    }
}

/// Records the changes; signers whose opinion was given on another text are told.
fn change(run: &mut Run<'_>, task: TaskId, by: &Seat, changes: Facts) {
    if changes.is_empty() {
        return;
    }
    super::take(run, task, by);
    match &run.cx.workflow.carries {
        Carrier::Form(_) => run.emit(Event::FormChanged { changes, by: by.clone() }),
        Carrier::Document => {
            let version = run.case.document_version + 1;
            let title = changes.get("title").and_then(|title| match title {
                Value::Text(title) => Some(title.trim().to_owned()),
                Value::Bool(_) | Value::Number(_) | Value::List(_) => None,
            });
            let fields = changes.into_keys().collect();
            run.emit(Event::DocumentChanged { version, fields, by: by.clone() });
            if let Some(title) = title.filter(|title| !title.is_empty() && *title != run.case.title)
            {
                run.emit(Event::Renamed { title });
            }
        }
    }
    let outdated = outdated(run, task);
    if !outdated.is_empty() {
        run.emit(Event::OpinionsOutdated { tasks: outdated });
    }
}

/// Opinions of others in blocks still open, or in votes still running, at steps that ask when the text changes.
fn outdated(run: &Run<'_>, changed_in: TaskId) -> Vec<TaskId> {
    let case = &run.case;
    let mut tasks = vec![];
    for visit in case.visits.values() {
        let Some(handle) = run.cx.workflow.handle(visit.place.index()) else { continue };
        let undecided = visit.left.is_none()
            || crate::control::innermost(run.cx.workflow, &visit.place)
                .and_then(|(block, branch)| {
                    case.marking.blocks.get(&block).map(|open| open.done.contains(&branch))
                })
                .unwrap_or(false);
        let latest = case.rounds.get(&visit.place) == Some(&visit.round);
        if handle.on_change != OnChange::Ask || !undecided || !latest {
            continue;
        }
        tasks.extend(visit.tasks.iter().copied().filter(|&task| {
            let done = case.tasks.get(&task).is_some_and(|task| task.state == TaskState::Done);
            let signed = case.opinion_on(task).is_some_and(|opinion| rights::signed(&opinion.said));
            task != changed_in && done && signed && !case.outdated.contains(&task)
        }));
    }
    tasks
}
