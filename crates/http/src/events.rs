//! What is told while a page is open: counts that changed, cases that changed, new notices. It only makes things
//! faster; a page that hears nothing and asks now and then is right, too.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading},
    view::{Counts, Notice},
};
use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::{Stream, stream};
use serde_json::json;
use std::{
    collections::{BTreeSet, VecDeque},
    convert::Infallible,
    time::Duration,
};
use tokio::sync::broadcast::error::RecvError;
use wenshu_core::id::CaseId;
use wenshu_office::Error;
use wenshu_storage::{Changed, Viewer};

/// Changes that come close together are told together.
const GATHER: Duration = Duration::from_millis(150);
/// How often the session is looked at: a page that nobody uses must not keep it alive.
const LOOK: Duration = Duration::from_secs(20);

/// A stream of what changes for the reader.
#[utoipa::path(get, path = "/api/v1/events", tag = "worklist",
    responses((status = 200, description = "text/event-stream：counts、case、notice", content_type = "text/event-stream", body = String), Reading))]
pub async fn listen(
    State(app): State<App>,
    actor: Actor,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let changes = app.office.storage().changes();
    let counts: Counts = app.office.counts(&actor.seat).await?.into();
    let listener = Listener {
        viewer: app.office.viewer(&actor.seat).await?,
        changes,
        counts,
        ready: VecDeque::from([event("counts", &counts)]),
        actor,
        app,
    };
    let stream = stream::unfold(listener, |mut listener| async {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

struct Listener {
    app: App,
    actor: Actor,
    viewer: Viewer,
    changes: tokio::sync::broadcast::Receiver<Changed>,
    counts: Counts,
    ready: VecDeque<Event>,
}

impl Listener {
    /// The next thing to tell; none when the stream is over.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let mut stopping = self.app.stopping.clone();
            let changed = tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => return None,
                () = tokio::time::sleep(LOOK) => None,
                changed = self.changes.recv() => Some(changed),
            };
            if !self.app.office.signed_in(&self.actor.token).await.unwrap_or(false) {
                return None;
            }
            let Some(changed) = changed else { continue };
            let changed = self.gather(changed).await?;
            if let Err(error) = self.tell(changed).await {
                tracing::warn!(%error, "a page could not be told what changed");
                return None;
            }
        }
    }

    async fn gather(&mut self, first: Result<Changed, RecvError>) -> Option<Changed> {
        let everything = || Changed { everything: true, ..Changed::default() };
        let mut all = match first {
            Ok(changed) => changed,
            Err(RecvError::Lagged(_)) => everything(),
            Err(RecvError::Closed) => return None,
        };
        tokio::time::sleep(GATHER).await;
        loop {
            match self.changes.try_recv() {
                Ok(more) => all.join(more),
                Err(tokio::sync::broadcast::error::TryRecvError::Lagged(_)) => {
                    all.join(everything())
                }
                Err(_) => return Some(all),
            }
        }
    }

    async fn tell(&mut self, changed: Changed) -> Result<(), Error> {
        if changed.directory || changed.everything {
            self.viewer = self.app.office.viewer(&self.actor.seat).await?;
        }
        let mine = |changed: &Changed| {
            changed.everything
                || changed.people.contains(&self.viewer.person)
                || self.viewer.posts.iter().any(|post| changed.posts.contains(post))
                || self.viewer.units.iter().any(|unit| changed.units.contains(unit))
                || changed.notices.iter().any(|(person, _)| *person == self.viewer.person)
        };
        if mine(&changed) || !changed.cases.is_empty() {
            let counts = self.app.office.counts(&self.actor.seat).await?.into();
            if counts != self.counts {
                self.counts = counts;
                self.ready.push_back(event("counts", &counts));
            }
        }
        self.tell_cases(&changed.cases).await?;
        for (_, id) in changed.notices.iter().filter(|(person, _)| *person == self.viewer.person) {
            if let Some(row) = self.app.office.storage().notice(&self.viewer.person, *id).await? {
                self.ready.push_back(event("notice", &Notice::new(row, None)));
            }
        }
        Ok(())
    }

    /// Only cases that the reader may see; of the others not even that something happened.
    async fn tell_cases(&mut self, cases: &BTreeSet<CaseId>) -> Result<(), Error> {
        for case in cases {
            if !self.app.office.storage().may_see(&self.viewer, *case).await?.is_empty() {
                self.ready.push_back(event("case", &json!({ "case": case.to_string() })));
            }
        }
        Ok(())
    }
}

fn event(name: &str, data: &impl serde::Serialize) -> Event {
    // Everything told here is plain data, which always has a JSON form.
    Event::default().event(name).data(serde_json::to_string(data).unwrap_or_default())
}
