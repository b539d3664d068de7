//! (d) The first page of a worklist with all counts, as the page of the UI asks for them, in an office full of work.

use crate::{
    Plan, Section, many,
    many::{PERSON, REGISTRY, Share},
    pace::{self, Pace},
    place::{Kind, Place},
    report::{Goal, Report, number},
    stage::Stage,
};
use anyhow::{Context, Result, ensure};
use wenshu_core::{directory::Seat, id::PostId};
use wenshu_storage::{Filter, Slice, Worklist};

pub(crate) async fn measure(plan: &Plan, report: &mut Report<'_>) -> Result<()> {
    for kind in plan.kinds() {
        for open in plan.scale.open_tasks() {
            let (place, stage) = full_office(plan, kind, open).await?;
            let (person, registry) = plan.scale.mine();
            let keeper =
                stage.directory.posts.get(&PostId::from(REGISTRY)).context("a registry")?;
            let keeper = keeper.holders.first().context("somebody holds it")?.to_string();
            for (who, said, wanted) in
                [(PERSON, "a person with", person), (keeper.as_str(), "a registry with", registry)]
            {
                let seat = stage.seat(who)?;
                look(&stage, &seat, wanted).await?;
                let pace = looks(plan, &stage, &seat).await?;
                let what = format!(
                    "{said} {} of {} open tasks",
                    number(wanted as f64),
                    number(open as f64)
                );
                let note = format!("page of 20 and counts, {}", pace.quantiles());
                report.add(
                    (Section::Lists, kind.name()),
                    what,
                    (pace.quantile(0.5), "ms"),
                    Goal::Below(5.0),
                    note,
                );
            }
            stage.close().await?;
            done(plan, &place).await?;
        }
    }
    Ok(())
}

/// An office with so many open tasks, as an earlier run left it or new.
pub(crate) async fn full_office(plan: &Plan, kind: Kind, open: usize) -> Result<(Place, Stage)> {
    let place = Place::kept(plan, kind, &format!("full-{open}")).await?;
    let stage = Stage::open(&place, None).await?;
    if !place.filled {
        let (person, registry) = plan.scale.mine();
        many::fill(&stage, &place, Share { open, person, registry }).await?;
        place.fill()?;
    }
    Ok((place, stage))
}

/// Leaves a full office for the next run, if that is wanted.
pub(crate) async fn done(plan: &Plan, place: &Place) -> Result<()> {
    if plan.keep { Ok(()) } else { place.clear().await }
}

/// What the page asks for; the numbers must be right.
async fn look(stage: &Stage, seat: &Seat, wanted: usize) -> Result<()> {
    let slice = Slice { limit: 20, after: None };
    let page = stage.office.worklist(seat, Worklist::Todo, &Filter::default(), &slice).await?;
    let counts = stage.office.counts(seat).await?;
    let (shown, wanted) = (page.items.len(), u64::try_from(wanted)?);
    ensure!(shown as u64 == wanted.min(20), "{shown} lines are shown");
    ensure!(counts.todo == wanted, "{} are counted, {wanted} are there", counts.todo);
    ensure!(page.total.is_none_or(|total| total == wanted), "{:?} in all", page.total);
    Ok(())
}

async fn looks(plan: &Plan, stage: &Stage, seat: &Seat) -> Result<Pace> {
    let (stage, seat) = (stage.clone(), seat.clone());
    let one = move |_| {
        let (stage, seat) = (stage.clone(), seat.clone());
        async move {
            let slice = Slice { limit: 20, after: None };
            stage.office.worklist(&seat, Worklist::Todo, &Filter::default(), &slice).await?;
            stage.office.counts(&seat).await?;
            Ok(())
        }
    };
    pace::all(1, (0..plan.scale.looks()).collect(), one).await
}
