//! (b) Durable approvals through the office, held against two floors of the same minute: one bare row and commit, and
//! the very same statements without us. They take turns, so that a busy machine is as unfair to one as to the other.

use crate::{
    Plan, Section,
    floor::{self, Bare},
    pace::{self, Pace},
    place::{Kind, Place},
    report::{Goal, Report, number},
    stage::{STEPS, Stage},
    tape::{Sent, Tape},
};
use anyhow::Result;
use std::sync::Arc;

const FLIGHTS: [usize; 2] = [1, 16];

pub(crate) async fn measure(plan: &Plan, report: &mut Report<'_>) -> Result<()> {
    for kind in plan.kinds() {
        for in_flight in FLIGHTS {
            flight(plan, report, kind, in_flight).await?;
        }
    }
    Ok(())
}

/// Everything at so many in flight.
async fn flight(plan: &Plan, report: &mut Report<'_>, kind: Kind, in_flight: usize) -> Result<()> {
    let place = Place::new(plan, kind, "acts").await?;
    let (floors, again) =
        (Place::new(plan, kind, "floor").await?, Place::new(plan, kind, "again").await?);
    let tape = Arc::new(Tape::default());
    let stage = Stage::open(&place, Some(&tape)).await?;
    let bare = Bare::new(&floors, u32::try_from(in_flight)?).await?;
    let (mut one_row, mut acts) = (Pace::default(), Pace::default());
    let (mut prepared, mut timed) = (vec![], vec![]);
    for round in 0..plan.scale.rounds() {
        one_row.join(bare.run(in_flight, plan.scale.seconds()).await?);
        if kind == Kind::Postgres {
            prepared.push(floor::pgbench(&floors, in_flight, plan.scale.seconds()));
        }
        let numbers: Vec<usize> =
            (0..plan.scale.cases()).map(|n| round * plan.scale.cases() + n).collect();
        let cases = submit(&stage, numbers).await?;
        for step in STEPS {
            let mut asked = vec![];
            for (number, case) in &cases {
                asked.push(stage.next(*number, *case, step).await?);
            }
            let phase = tape.next();
            if tape.runs() {
                timed.push(phase);
            }
            let act = {
                let stage = stage.clone();
                move |asked| {
                    let stage = stage.clone();
                    async move { stage.approve(&asked).await }
                }
            };
            acts.join(pace::all(in_flight, asked, act).await?);
            tape.next();
        }
        tape.stop();
    }
    stage.close().await?;
    // A store of its own, brought to where the tape began.
    let settings = wenshu_storage::Settings::new(&again.database, &again.data);
    let storage = wenshu_storage::Storage::open(settings).await?;
    storage.migrate().await?;
    storage.close().await?;
    let same = tape.replay(&again, &timed, in_flight).await?;
    bare.close().await?;
    let per_round = plan.scale.cases() * STEPS.len();
    let found = Found { kind, in_flight, one_row, prepared, acts, per_round };
    found.tell(plan, report, &same, &tape.sent(&timed, kind));
    if kind == Kind::Sqlite && in_flight == 1 {
        match floor::c_loop(&floors.data, plan.scale.seconds()) {
            Ok(rate) => report.add(
                (Section::Acts, "SQLite"),
                "one row in C",
                (rate, "/s"),
                Goal::None,
                "for orientation",
            ),
            Err(why) => report.skip(Section::Acts, "one row in C", why.to_string()),
        }
    }
    for place in [place, floors, again] {
        place.clear().await?;
    }
    Ok(())
}

/// Hands in documents, many at once.
pub(crate) async fn submit(
    stage: &Stage,
    numbers: Vec<usize>,
) -> Result<Vec<(usize, wenshu_core::id::CaseId)>> {
    let made = Arc::new(std::sync::Mutex::new(vec![]));
    let (stage, all) = (stage.clone(), Arc::clone(&made));
    let one = move |number| {
        let (stage, all) = (stage.clone(), Arc::clone(&all));
        async move {
            let case = stage.submitted(number).await?;
            all.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((number, case));
            Ok(())
        }
    };
    pace::all(16, numbers, one).await?;
    let mut made =
        std::mem::take(&mut *made.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    made.sort_unstable_by_key(|(number, _)| *number);
    Ok(made)
}

struct Found {
    kind: Kind,
    in_flight: usize,
    one_row: Pace,
    prepared: Vec<Result<f64, String>>,
    acts: Pace,
    /// Acts on the tape.
    per_round: usize,
}

impl Found {
    fn tell(&self, plan: &Plan, report: &mut Report<'_>, same: &Pace, sent: &Sent) {
        let at = (Section::Acts, self.kind.name());
        let flight = self.in_flight;
        let what = |what: &str| format!("{what}, {flight} in flight");
        let rate = self.acts.per_second();
        report.add(
            at,
            what("one row and commit, same driver"),
            (self.one_row.per_second(), "/s"),
            Goal::None,
            self.one_row.quantiles(),
        );
        // The statements went out in groups: the tape counts acts, the replay groups.
        let again = self.per_round as f64 / same.lasted.as_secs_f64().max(1e-9);
        report.add(
            at,
            what("the very same statements without us"),
            (again, "acts/s"),
            Goal::None,
            format!("{} transactions", same.count()),
        );
        report.add(at, what("approvals"), (rate, "/s"), Goal::None, self.acts.quantiles());
        report.add(at, what("… to the same statements"), (rate / again, ""), Goal::None, "");
        let goal = |kind, least| {
            if self.kind == kind && flight > 1 { Goal::AtLeast(least) } else { Goal::None }
        };
        report.add(
            at,
            what("… to one row"),
            (rate / self.one_row.per_second(), ""),
            goal(Kind::Sqlite, 0.7),
            "",
        );
        if self.kind == Kind::Postgres {
            let rates: Vec<f64> =
                self.prepared.iter().filter_map(|rate| rate.as_ref().ok()).copied().collect();
            if rates.is_empty() {
                let why = self.prepared.iter().find_map(|rate| rate.as_ref().err());
                report.skip(
                    Section::Acts,
                    "pgbench, prepared one-row insert",
                    why.cloned().unwrap_or_default(),
                );
            } else {
                let prepared = rates.iter().sum::<f64>() / rates.len() as f64;
                report.add(
                    at,
                    what("pgbench, prepared one-row insert"),
                    (prepared, "/s"),
                    Goal::None,
                    "",
                );
                report.add(
                    at,
                    what("… to pgbench"),
                    (rate / prepared, ""),
                    goal(Kind::Postgres, 0.25),
                    "",
                );
            }
        }
        let each = |count: usize| count as f64 / self.per_round as f64;
        report.add(at, what("reading statements an act"), (each(sent.reads), ""), Goal::None, "");
        report.add(
            at,
            what("writing statements an act"),
            (each(sent.writes), ""),
            Goal::None,
            format!("{:.2} transactions an act", each(sent.groups)),
        );
        let rows: usize = sent.rows.values().sum();
        let by_table: Vec<String> = sent
            .rows
            .iter()
            .map(|(what, rows)| format!("{what} {}", number(each(*rows))))
            .collect();
        report.add(at, what("rows an act"), (each(rows), ""), Goal::None, by_table.join(", "));
        report.add(
            at,
            what("bytes of rows an act"),
            (each(sent.bytes), "B"),
            Goal::None,
            format!("{} acts on the tape, scale {:?}", self.per_round, plan.scale),
        );
    }
}
