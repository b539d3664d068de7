//! Rebuilding: every list row again from the events. What acts wrote and what this writes is the same to the byte.

use crate::{
    act::job,
    cache::Held,
    error::Error,
    office::Office,
    project::{self, Copies, Subject},
};
use serde::Serialize;
use uuid::Uuid;
use wenshu_core::id::{CaseId, DeliveryId};
use wenshu_core::value::EffectKind;
use wenshu_document::vocabulary;
use wenshu_storage::{
    AccessRow, CaseRow, DeliveryRow, DocumentRow, OfferRow, Projection, StreamId, StreamKind,
    TaskRow, Writes,
};

/// What was made again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rebuilt {
    pub cases: u64,
    pub deliveries: u64,
}

impl Office {
    /// Writes the rows of every case and delivery again. Meant for a quiet hour: acts meanwhile are done by their guard.
    pub async fn rebuild(&self) -> Result<Rebuilt, Error> {
        self.inner.cases.forget_all();
        // Copies stay: who has seen theirs is no event.
        self.inner
            .storage
            .empty(&[
                Projection::of::<CaseRow>(),
                Projection::of::<DocumentRow>(),
                Projection::of::<TaskRow>(),
                Projection::of::<OfferRow>(),
                Projection::of::<AccessRow>(),
                Projection::of::<DeliveryRow>(),
            ])
            .await?;
        let mut rebuilt = Rebuilt::default();
        for id in self.all_streams(StreamKind::Case).await? {
            let Some(case) = uuid(&id).map(CaseId) else { continue };
            let _turn = self.inner.turns.take(case).await;
            let mut tries = 0;
            loop {
                let mut held = self.load(case).await?;
                held.log.touch_all();
                match self.rebuild_case(&held).await {
                    // Another node was quicker: what it wrote is part of the case now.
                    Err(Error::Busy(_)) if tries < 20 => tries += 1,
                    done => break done?,
                }
            }
            rebuilt.cases += 1;
        }
        let directory = self.directory().await?;
        for id in self.all_streams(StreamKind::Delivery).await? {
            let Some(delivery) = uuid(&id).map(DeliveryId) else { continue };
            let log = self.load_delivery(delivery).await?;
            let document = self.load_document(log.delivery.document).await?;
            self.put_row(&project::delivery_row(&log, &document.document, &directory)).await?;
            rebuilt.deliveries += 1;
        }
        self.remake_journal().await?;
        Ok(rebuilt)
    }

    async fn rebuild_case(&self, held: &Held) -> Result<(), Error> {
        let body = match &held.document {
            Some(log) => Some(self.body(&log.document.body_hash).await?),
            None => None,
        };
        let subject =
            Subject { workflow: &held.workflow, log: &held.log, document: held.document.as_ref() };
        let mut writes = Writes::default();
        // Only a case that has not moved meanwhile is written.
        writes.expects.push((StreamId::from(held.log.case.id), held.log.head.version));
        project::put(&mut writes, &subject, Copies::Keep);
        writes.search.push(project::search_text(&subject, body.as_deref()));
        for (ask, open) in &held.log.case.asks {
            let later = vocabulary()
                .effect(&open.effect)
                .is_some_and(|effect| effect.kind == EffectKind::Later);
            if later {
                writes.put_if_absent(&job(
                    held.log.case.id,
                    *ask,
                    &open.effect,
                    self.inner.clock.now(),
                ));
            }
        }
        self.write(writes).await
    }
}

fn uuid(stream: &StreamId) -> Option<Uuid> {
    stream.as_str().parse().ok()
}
