//! The digest for the overdue 超期提醒: once a working day each person who has something overdue is told all of it in one
//! letter. The letter bears the day, so that nobody is told twice, however many nodes look and however often.

use crate::{error::Error, office::Office, project};
use chrono::{FixedOffset, NaiveTime};
use std::collections::{BTreeMap, BTreeSet};
use wenshu_core::id::PersonId;
use wenshu_notify::Letter;
use wenshu_storage::{OutboxRow, Overdue, StreamId, Who, Writes, at_once};

/// Not before people begin to work.
const HOUR: Option<NaiveTime> = NaiveTime::from_hms_opt(8, 0, 0);
/// How many lines a letter has at most.
const LINES: usize = 50;

impl Office {
    /// Puts a digest into the outbox for everybody with overdue tasks, by this channel; says how many people there are.
    /// Nothing before eight in the morning, and nothing on days off.
    pub async fn digest(&self, channel: &str) -> Result<usize, Error> {
        let now = self.inner.clock.now();
        let Some(zone) = FixedOffset::east_opt(8 * 3600) else { return Ok(0) };
        let local = now.with_timezone(&zone);
        let day = local.date_naive();
        if HOUR.is_none_or(|hour| local.time() < hour) || !self.inner.calendar.is_working(day) {
            return Ok(0);
        }
        let directory = self.directory().await?;
        let mut of_person: BTreeMap<PersonId, BTreeSet<(String, String)>> = BTreeMap::new();
        for Overdue { who, title, step, due_at } in self.inner.storage.overdue(now).await? {
            let people = match who {
                Who::Person(person) => vec![person],
                Who::Post(post) => crate::act::holders(&directory, &post),
                Who::Unit(_) => vec![],
            };
            let due = due_at.with_timezone(&zone).format("%-m月%-d日 %H:%M").to_string();
            for person in people {
                let line = format!("《{title}》（{step}），应于 {due} 前办结");
                of_person.entry(person).or_default().insert((due_at.to_rfc3339(), line));
            }
        }
        let stream = StreamId(format!("digest:{day}"));
        let count = of_person.len();
        let mut writes = Writes::default();
        for (person, lines) in of_person {
            let title = format!("您有 {} 件事项超期", lines.len());
            let mut text: Vec<String> =
                lines.iter().take(LINES).map(|(_, line)| line.clone()).collect();
            if lines.len() > LINES {
                text.push(format!("……另有 {} 件", lines.len() - LINES));
            }
            let text = text.join("\n");
            let letter = Letter { kind: "overdue".into(), text, case: None, title, task: None };
            writes.put_if_absent(&OutboxRow::new(
                stream.clone(),
                1,
                person,
                channel,
                project::json(&letter),
                at_once(now),
            ));
        }
        if count > 0 {
            self.write(writes).await?;
        }
        Ok(count)
    }
}
