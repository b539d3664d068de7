//! The office at work on a real database: the main job, rights, races, deliveries, sign-in and the rebuild; each on
//! SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "tests")]

mod accounts;
mod deliveries;
mod drafts;
mod gaps;
mod jobs;
mod main_job;
mod people;
mod races;
mod rebuild;
mod rights;
mod workshop;

use anyhow::Context;
use wenshu_testkit::{Backend, TestOffice};

/// Plays a test on every database at hand.
macro_rules! on_both {
    ($($name:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $name() -> anyhow::Result<()> {
            for backend in wenshu_testkit::Backend::all() {
                let office = wenshu_testkit::TestOffice::new(backend).await?;
                super::named(backend, Box::pin(played::$name(office)).await)?;
            }
            Ok(())
        }
    )*};
}
pub(crate) use on_both;

/// Says on which database a test failed.
pub(crate) fn named(backend: Backend, result: anyhow::Result<()>) -> anyhow::Result<()> {
    result.map_err(|error| error.context(format!("on {backend:?}")))
}

/// Has whoever is asked say yes until the document has its number.
pub(crate) async fn numbered(
    office: &TestOffice,
    case: wenshu_core::id::CaseId,
) -> anyhow::Result<wenshu_document::Number> {
    for _ in 0..12 {
        let file = office.file("林晓", case).await?;
        if let Some(number) = file.document.as_ref().and_then(|d| d.metadata.number.clone()) {
            return Ok(number);
        }
        let who = file.case.open_tasks().find_map(|task| {
            let seat = task.holder.clone().or_else(|| task.offered.first().cloned())?;
            let person = seat.person.as_ref().map(|person| person.id.clone());
            let person =
                person.or_else(|| office.directory.posts[&seat.post].holders.first().cloned())?;
            Some(office.directory.people[&person].name.clone())
        });
        office.approve(&who.context("a holder")?, case, "同意").await?;
    }
    anyhow::bail!("it came to its number: {:?}", office.open("林晓", case).await?)
}

/// A 通知 of the city government, written and ready to be handed in by 林晓.
pub(crate) async fn notice(
    office: &TestOffice,
    countersigners: &str,
) -> anyhow::Result<wenshu_core::id::CaseId> {
    let title = "云州市人民政府关于做好汛期安全工作的通知";
    let case = office.draft("林晓", "outgoing", wenshu_document::Kind::Notice, title).await?;
    let fields = [
        ("organ", "市政府"),
        ("recipients", "教育局、住建局"),
        ("cc", "司法局"),
        ("countersign_units", countersigners),
        ("urgency", "加急"),
    ];
    let text =
        "一、提高认识\n各部门要落实汛期值守责任，排查积水点。\n二、加强值守\n实行领导带班制度。";
    office.write("林晓", case, &fields, Some(text)).await?;
    Ok(case)
}
