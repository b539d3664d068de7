//! (c) One person approving over HTTP, one request after the other, held against the bare commit.

use crate::{
    Plan, Section, acts,
    client::Client,
    floor::Bare,
    pace::Pace,
    place::Place,
    report::{Goal, Report},
    stage::{Approval, PASSWORD, STEPS, Stage, head},
};
use anyhow::Result;
use sea_orm::prelude::Uuid;
use serde_json::json;
use std::{collections::BTreeMap, net::SocketAddr, time::Instant};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use wenshu_http::App;

/// An office's door on this machine.
#[derive(Debug)]
pub(crate) struct Door {
    pub address: String,
    serving: JoinHandle<()>,
    _stop: watch::Sender<bool>,
}

impl Door {
    pub async fn open(stage: &Stage) -> Result<Self> {
        let (app, stop) = App::new(stage.office.clone(), wenshu_http::Settings::default());
        let router = wenshu_http::router(app, axum::Router::new());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
            // Answers would only come a little late.
            let _ = stream.set_nodelay(true);
        });
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let serving = tokio::spawn(async move {
            // It ends when it is taken down.
            let _ = axum::serve(listener, service).await;
        });
        Ok(Self { address, serving, _stop: stop })
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The request that approves.
pub(crate) async fn approve(client: &mut Client, asked: &Approval) -> Result<()> {
    let act = json!({ "act": "complete", "task": asked.task.0, "outcome": "approved", "opinion": "同意，请按程序办理。", "seen": asked.seen });
    let path = format!("/api/v1/cases/{}/acts", asked.case);
    client.ask("POST", &path, Some(&act), Some(&Uuid::now_v7().to_string())).await?;
    Ok(())
}

pub(crate) async fn measure(plan: &Plan, report: &mut Report<'_>) -> Result<()> {
    for kind in plan.kinds() {
        let (place, floors) =
            (Place::new(plan, kind, "door").await?, Place::new(plan, kind, "floor").await?);
        let stage = Stage::open(&place, None).await?;
        let heads = 0..plan.scale.requests().min(70);
        let leaders = ["wu-jing", "zheng-jie", "liu-zhiyuan"].map(str::to_owned);
        stage.accounts(heads.map(head).chain(leaders)).await?;
        let door = Door::open(&stage).await?;
        let mut client = Client::connect(&door.address).await?;
        let mut sessions = BTreeMap::new();
        let bare = Bare::new(&floors, 1).await?;
        let mut commits = bare.run(1, plan.scale.seconds()).await?;
        let cases =
            acts::submit(&stage, (0..plan.scale.requests() / STEPS.len()).collect()).await?;
        let mut pace = Pace::default();
        for step in STEPS {
            for (number, case) in &cases {
                let asked = stage.next(*number, *case, step).await?;
                let person = asked
                    .seat
                    .person
                    .as_ref()
                    .map(|person| person.id.to_string())
                    .unwrap_or_default();
                match sessions.get(&person) {
                    Some(session) => client.session = Clone::clone(session),
                    None => {
                        client.sign_in(&person, PASSWORD).await?;
                        sessions.insert(person, client.session.clone());
                    }
                }
                let start = Instant::now();
                approve(&mut client, &asked).await?;
                pace.join(Pace::new(start.elapsed(), vec![start.elapsed()]));
            }
        }
        commits.join(bare.run(1, plan.scale.seconds()).await?);
        let at = (Section::Door, kind.name());
        let (p50, p99) = (pace.quantile(0.5), pace.quantile(0.99));
        report.add(
            at,
            "bare commit p50, 1 in flight",
            (commits.quantile(0.5), "ms"),
            Goal::None,
            "",
        );
        report.add(
            at,
            "bare commit p99, 1 in flight",
            (commits.quantile(0.99), "ms"),
            Goal::None,
            "",
        );
        report.add(
            at,
            "approve over HTTP p50, 1 in flight",
            (p50, "ms"),
            Goal::None,
            format!("{} requests", pace.count()),
        );
        let note = format!("{:.1} × its median", p99 / p50);
        report.add(at, "approve over HTTP p99, 1 in flight", (p99, "ms"), Goal::None, note);
        report.add(
            at,
            "… p99 to the bare commit's p99",
            (p99 / commits.quantile(0.99), ""),
            Goal::Below(10.0),
            "",
        );
        report.add(
            at,
            "… p50 to the bare commit's p50",
            (p50 / commits.quantile(0.5), ""),
            Goal::None,
            "",
        );
        bare.close().await?;
        drop(door);
        stage.close().await?;
        place.clear().await?;
        floors.clear().await?;
    }
    Ok(())
}
