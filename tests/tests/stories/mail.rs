//! The mail channel against a mail server that has bad days: down for an hour, busy, gone after the text, refusing for
//! good. Every notice arrives, each under one name, and what cannot arrive is said.

use crate::on_both;

on_both! { a_mail_servers_bad_day_neither_loses_nor_doubles the_overdue_are_told_once_a_working_day }

mod played {
    use anyhow::{Result, ensure};
    use chrono::TimeDelta;
    use serde_json::Value;
    use std::{
        collections::{BTreeMap, BTreeSet},
        convert::Infallible,
        sync::Arc,
    };
    use wenshu_document::Kind;
    use wenshu_notify::{Channel, Dispatcher, Letter, Line, MAIL, Mail, Patience, Server};
    use wenshu_storage::{Act, Json, MailAddressRow, OutboxRow, StreamId, Writes};
    use wenshu_testkit::{Backend, TestOffice};
    use wenshu_tests::{Mood, Post};

    fn dispatcher(office: &TestOffice, post: &Post) -> Result<Dispatcher> {
        let server = Server {
            host: "127.0.0.1".into(),
            port: post.port,
            line: Line::Plain,
            login: None,
            trusted: None,
            titles: true,
            from: "文枢 <wenshu@example.org>".into(),
            public_url: Some("https://oa.example.org/".into()),
        };
        let mail: Arc<dyn Channel> = Arc::new(Mail::new(office.storage().clone(), &server)?);
        let clock = office.clock.clone();
        let now = Arc::new(move || clock.now());
        Ok(Dispatcher::new(office.storage().clone(), vec![mail], now, Patience::default()))
    }

    async fn write(office: &TestOffice, people: &[String], stream: &str) -> Result<()> {
        let mut writes = Writes::default();
        for person in people {
            let letter = Letter {
                kind: "task".into(),
                text: "请办理".into(),
                case: None,
                title: "关于某事的通知".into(),
                task: None,
            };
            let address = format!("{person}@example.org");
            writes.put(&MailAddressRow { person: person.as_str().into(), address });
            let (stream, now) = (StreamId(stream.to_owned()), office.clock.now());
            writes.put_if_absent(&OutboxRow::new(
                stream,
                1,
                person.as_str().into(),
                MAIL,
                Json::of(&letter)?,
                now,
            ));
        }
        let done = office.storage().commit::<Infallible>(Act::Ready(writes)).await;
        ensure!(done.is_ok(), "{done:?}");
        Ok(())
    }

    /// Pauses and leases pass.
    async fn time_passes(office: &TestOffice) -> Result<()> {
        office.place.tamper("UPDATE outbox SET run_after = 0 WHERE state = 'ready'").await?;
        Ok(())
    }

    async fn states(office: &TestOffice, stream: &str) -> Result<BTreeMap<String, usize>> {
        let mut states = BTreeMap::new();
        for row in office.place.dump("outbox").await? {
            let row: Value = serde_json::from_str(&row)?;
            if row["stream"] == stream {
                *states.entry(row["state"].as_str().unwrap_or_default().to_owned()).or_default() +=
                    1;
            }
        }
        Ok(states)
    }

    pub async fn a_mail_servers_bad_day_neither_loses_nor_doubles(backend: Backend) -> Result<()> {
        let office = TestOffice::new(backend).await?;
        let post = Post::open(None).await?;
        let dispatcher = dispatcher(&office, &post)?;
        let people: Vec<String> = ["zhang", "li", "wang"].map(str::to_owned).to_vec();
        write(&office, &people, "a").await?;
        // An hour and more: the pauses double to ten minutes, so an hour is some twelve tries.
        for mood in [Mood::Down; 14].into_iter().chain([Mood::Busy, Mood::GoneAfterData]) {
            post.be(mood);
            time_passes(&office).await?;
            ensure!(dispatcher.once().await? == 3, "{mood:?}: all three are tried");
            ensure!(
                states(&office, "a").await? == BTreeMap::from([("ready".into(), 3)]),
                "{mood:?}: all three wait"
            );
        }
        ensure!(post.taken()?.len() == 3, "the texts had gone out");
        post.be(Mood::Fine);
        time_passes(&office).await?;
        dispatcher.once().await?;
        ensure!(states(&office, "a").await? == BTreeMap::from([("done".into(), 3)]));
        time_passes(&office).await?;
        ensure!(dispatcher.once().await? == 0, "what is sent is sent");
        let taken = post.taken()?;
        let names: BTreeSet<_> = taken.iter().collect();
        ensure!(taken.len() == 6 && names.len() == 3, "sent again under the same names: {taken:?}");
        ensure!(
            names.iter().map(|(_, name)| name).collect::<BTreeSet<_>>().len() == 3,
            "{names:?}"
        );

        // Two nodes at once: each carries what it claimed, nobody gets two.
        let many: Vec<String> = (0..30).map(|n| format!("p{n}")).collect();
        write(&office, &many, "b").await?;
        let other = office.another_node().await?;
        let second = self::dispatcher(&other, &post)?;
        let (one, two) = tokio::join!(dispatcher.once(), second.once());
        ensure!(one? + two? == 30 && post.taken()?.len() == 36, "{} mails", post.taken()?.len());

        // Refused for good: given up at once, and the operator is told why.
        post.be(Mood::Refusing);
        write(&office, &people[..1], "c").await?;
        dispatcher.once().await?;
        ensure!(states(&office, "c").await? == BTreeMap::from([("failed".into(), 1)]));
        let given_up = office.storage().given_up(10).await?;
        let why = given_up.first().and_then(|row| row.last_error.clone()).unwrap_or_default();
        ensure!(given_up.len() == 1 && why.contains("550"), "{given_up:?}");
        let vitals = office.storage().vitals().await?;
        ensure!(
            vitals.messages.iter().any(|queue| queue.kind == MAIL && queue.state == "failed"),
            "{vitals:?}"
        );
        Ok(())
    }

    pub async fn the_overdue_are_told_once_a_working_day(backend: Backend) -> Result<()> {
        let office = TestOffice::new(backend).await?;
        let case = office.draft("林晓", "outgoing", Kind::Notice, "关于提醒的通知").await?;
        ensure!(office.office.digest("memory").await? == 0, "nothing is overdue yet");
        // Whatever the step's own term: long ago it was over.
        let changed = office
            .place
            .tamper(&format!(
                "UPDATE task SET due_at = 1 WHERE \"case\" = '{case}' AND state = 'open'"
            ))
            .await?;
        ensure!(changed > 0, "an open task");
        let other = office.another_node().await?;
        let told = async || -> Result<usize> {
            let rows = office.place.dump("outbox").await?;
            Ok(rows.iter().filter(|row| row.contains("digest:")).count())
        };
        for _ in 0..2 {
            ensure!(
                office.office.digest("memory").await? == 1
                    && other.office.digest("memory").await? == 1
            );
        }
        ensure!(told().await? == 1, "once, though two nodes looked twice: {}", told().await?);
        // Saturday, then Monday before eight, then Monday at nine.
        office.hand.forward(TimeDelta::days(5));
        ensure!(office.office.digest("memory").await? == 0, "not on Saturday");
        office.hand.forward(TimeDelta::hours(46));
        ensure!(office.office.digest("memory").await? == 0, "not at seven");
        office.hand.forward(TimeDelta::hours(2));
        ensure!(
            office.office.digest("memory").await? == 1 && told().await? == 2,
            "on Monday again"
        );
        Ok(())
    }
}
