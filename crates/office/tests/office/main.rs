//! The office at work on a real database: the main job, rights, races, deliveries, sign-in and the rebuild; each on
//! SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "tests")]

mod accounts;
mod deliveries;
mod drafts;
mod jobs;
mod main_job;
mod people;
mod races;
mod rebuild;
mod rights;
mod workshop;

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
