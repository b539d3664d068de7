//! What watches over the server may ask: whether it is ready, and how it is doing in numbers. Neither holds anything
//! of a person, and the numbers are for those alone who may read them.

use crate::config::{Config, Net};
use anyhow::{Context, Result};
use axum::{
    Router,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{net::TcpListener, sync::watch};
use wenshu_office::Office;

/// How long an answer to `/readyz` may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// From a quick read to a page that people wait for.
const SECONDS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// A queue as it is told: metric, kind and state.
type Queue = (&'static str, String, String);

/// What is watched.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    office: Office,
    allow: Vec<Net>,
    numbers: PrometheusHandle,
    /// What an operator should know though everything works, e.g. of fonts.
    notes: Arc<Mutex<Vec<String>>>,
    /// Those that were told of last.
    told: Arc<Mutex<BTreeSet<Queue>>>,
}

impl Watch {
    /// Begins to count. Once in a process.
    pub(crate) fn begin(config: &Config, office: &Office) -> Result<Self> {
        let numbers = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
            .and_then(PrometheusBuilder::install_recorder)
            .context("计数")?;
        metrics::describe_counter!("wenshu_acts_total", "Acts on cases and deliveries, by kind");
        metrics::describe_counter!("wenshu_refusals_total", "Refused requests, by stable code");
        metrics::describe_histogram!("wenshu_http_seconds", "Requests, by route");
        metrics::describe_histogram!("wenshu_commit_seconds", "Commits of acts");
        metrics::describe_gauge!("wenshu_jobs", "Jobs that are not done, by effect and state");
        metrics::describe_gauge!(
            "wenshu_messages",
            "Messages that are not sent, by channel and state"
        );
        metrics::describe_gauge!("wenshu_message_lag_seconds", "How long the oldest message waits");
        metrics::describe_gauge!("wenshu_job_lag_seconds", "How long the oldest job waits");
        metrics::describe_gauge!("wenshu_sessions", "Sessions that are open");
        metrics::describe_gauge!(
            "wenshu_database_seconds",
            "How long the database took to be asked all this"
        );
        let allow = config.metrics_allow.clone();
        Ok(Self {
            office: office.clone(),
            allow,
            numbers,
            notes: Arc::default(),
            told: Arc::default(),
        })
    }

    pub(crate) fn office(&self) -> &Office {
        &self.office
    }

    pub(crate) fn note(&self, note: String) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(note);
    }

    /// `/readyz`, and `/metrics` unless it has an address of its own.
    pub(crate) fn routes<S: Clone + Send + Sync + 'static>(&self, metrics: bool) -> Router<S> {
        let router = Router::new().route("/readyz", get(ready));
        let router = if metrics { router.route("/metrics", get(numbers)) } else { router };
        router.with_state(self.clone())
    }

    /// Serves the numbers on an address of their own until the server stops.
    pub(crate) async fn serve(&self, listener: TcpListener, mut stop: watch::Receiver<bool>) {
        let router = Router::new().route("/metrics", get(numbers)).with_state(self.clone());
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
            // The sender gone means stop, too.
            let _stopped = stop.wait_for(|stop| *stop).await;
        });
        if let Err(error) = serving.await {
            tracing::error!(%error, "the numbers are served no longer");
        }
    }

    /// Every reason against sending people here.
    async fn reasons(&self) -> Vec<String> {
        let storage = self.office.storage();
        let mut reasons = vec![];
        match tokio::time::timeout(PATIENCE, storage.pending()).await {
            Ok(Ok(changes)) if changes.is_empty() => {}
            Ok(Ok(changes)) => reasons.push(format!("数据库还差 {} 项升级", changes.len())),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the database does not answer");
                reasons.push("数据库不可用".to_owned());
            }
            Err(_) => reasons.push("数据库没有在限定时间内应答".to_owned()),
        }
        match tokio::time::timeout(PATIENCE, storage.objects().probe()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "the data directory takes nothing");
                reasons.push("数据目录不能写入".to_owned());
            }
            Err(_) => reasons.push("数据目录没有在限定时间内应答".to_owned()),
        }
        reasons
    }

    async fn gauge(&self) {
        let began = Instant::now();
        let vitals = match self.office.storage().vitals().await {
            Ok(vitals) => vitals,
            Err(error) => {
                tracing::warn!(%error, "what waits could not be counted");
                metrics::gauge!("wenshu_up").set(0.0);
                return;
            }
        };
        metrics::gauge!("wenshu_up").set(1.0);
        metrics::gauge!("wenshu_database_seconds").set(began.elapsed());
        let mut waiting = self.told.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut told = BTreeSet::new();
        for (name, queues) in [("wenshu_jobs", &vitals.jobs), ("wenshu_messages", &vitals.messages)]
        {
            for queue in queues {
                let count = u32::try_from(queue.count).unwrap_or(u32::MAX);
                let (kind, state) = (queue.kind.clone(), queue.state.clone());
                metrics::gauge!(name, "kind" => kind.clone(), "state" => state.clone()).set(count);
                waiting.remove(&(name, kind.clone(), state.clone()));
                told.insert((name, kind, state));
            }
        }
        // What waited before and does no longer.
        for (name, kind, state) in waiting {
            metrics::gauge!(name, "kind" => kind, "state" => state).set(0.0);
        }
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = told;
        metrics::gauge!("wenshu_message_lag_seconds").set(vitals.message_lag);
        metrics::gauge!("wenshu_job_lag_seconds").set(vitals.job_lag);
        metrics::gauge!("wenshu_sessions").set(u32::try_from(vitals.sessions).unwrap_or(u32::MAX));
    }

    fn allowed(&self, peer: IpAddr) -> bool {
        self.allow.iter().any(|net| net.holds(peer))
    }
}

/// Whether people may be sent here. Notes do not speak against it.
async fn ready(State(watch): State<Watch>) -> Response {
    let reasons = watch.reasons().await;
    let notes = watch.notes.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let status = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let mut lines = vec![if reasons.is_empty() { "ready" } else { "not ready" }.to_owned()];
    lines.extend(reasons);
    lines.extend(notes.into_iter().map(|note| format!("note: {note}")));
    lines.push(String::new());
    (status, lines.join("\n")).into_response()
}

/// The numbers, for those who may read them. What a proxy passes on is from who knows where.
async fn numbers(
    State(watch): State<Watch>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    if wenshu_http::passed_on(&headers) || !watch.allowed(peer.ip()) {
        return StatusCode::NOT_FOUND.into_response();
    }
    watch.gauge().await;
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, watch.numbers.render()).into_response()
}
