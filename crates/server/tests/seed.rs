//! The demo as a newcomer finds it: a whole city in a real database, with documents that people really handled.

use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use std::{sync::Arc, time::Instant};
use wenshu_core::directory::{Directory, Seat};
use wenshu_office::{Clock, Office, Settings};
use wenshu_server::seed::{DemoSeals, PASSWORD, PEOPLE, seed};
use wenshu_storage::{Filter, Slice, Worklist};
use wenshu_testkit::{Backend, PaperPress, Place};

fn now() -> DateTime<Utc> {
    let day = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a date");
    (day.and_time(NaiveTime::MIN) + TimeDelta::hours(7)).and_utc()
}

fn person(directory: &Directory, name: &str) -> Result<Seat> {
    let person = directory.people.values().find(|person| person.name == name);
    let person = person.with_context(|| format!("{name} is in the city"))?;
    directory.main_seat(&person.id).context("a main post")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_city_is_filled_and_its_people_find_their_work() -> Result<()> {
    let place = Place::new(Backend::Sqlite).await?;
    let storage = place.open().await?;
    let (clock, hand) = Clock::by_hand(now());
    let settings = Settings { seals: Arc::new(DemoSeals), ..Settings::default() };
    let office = Office::open(storage, Arc::new(PaperPress), clock, settings).await?;

    let began = Instant::now();
    let report = seed(&office, &hand, now(), &|_| {}).await?;
    let took = began.elapsed();
    eprintln!("{report:?} in {took:?}");
    assert_eq!((report.people, report.organs, report.documents), (PEOPLE, 70, 30));
    assert!(report.received >= 8);

    let directory = office.directory().await?;
    // Somebody of the login page gets in, and nobody gets in with another password.
    let (_, session) = office.sign_in("linxiaotang", PASSWORD).await?;
    assert!(session.demo);
    assert!(office.sign_in("linxiaotang", "wenshu").await.is_err());

    let clerk = person(&directory, "林晓棠")?;
    for (name, inbox, least) in [
        ("林晓棠", Worklist::Drafts, 1),
        ("林晓棠", Worklist::Mine, 4),
        ("林晓棠", Worklist::Todo, 1),
        ("周若谷", Worklist::Done, 3),
        ("许清如", Worklist::Todo, 1),
        ("姚守正", Worklist::Todo, 1),
        ("程远航", Worklist::Done, 1),
    ] {
        let seat = person(&directory, name)?;
        let page = office.worklist(&seat, inbox, &Filter::default(), &Slice::default()).await?;
        assert!(page.items.len() >= least, "{name} {inbox:?}: {}", page.items.len());
    }
    // What was played is evidence: every chain of events holds.
    let mine =
        office.worklist(&clerk, Worklist::Mine, &Filter::default(), &Slice::default()).await?;
    for row in mine.items {
        let verdict = office.verify(&clerk, row.case.id).await?;
        assert!(verdict.ok, "{}: {verdict:?}", row.case.title);
    }
    Ok(())
}
