//! The record: the events of a case with their hashes, and whether the chain holds.

use crate::{error::Error, office::Office};
use serde::Serialize;
use wenshu_core::{directory::Seat, id::CaseId};
use wenshu_storage::{StoredEvent, StreamId, chain::Broken};

/// What a verification of one case came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    pub ok: bool,
    pub streams: usize,
    pub events: u64,
    /// The last hash of the case's own stream.
    pub head: String,
    /// In Chinese, the first thing that is wrong.
    pub trouble: Option<String>,
    pub broken: Option<Broken>,
}

impl Office {
    /// The events of a case, of its document and of its deliveries, as they were stored.
    pub async fn record(&self, seat: &Seat, case: CaseId) -> Result<Vec<StoredEvent>, Error> {
        self.require_sight(seat, case).await?;
        let mut all = vec![];
        for stream in self.streams_of(case).await? {
            all.extend(self.inner.storage.load(&stream).await?);
        }
        Ok(all)
    }

    /// Holds the streams of a case against their hash chains. Whoever oversees may do it too: nothing is shown.
    pub async fn verify(&self, seat: &Seat, case: CaseId) -> Result<Verdict, Error> {
        self.require_standing(seat, case).await?;
        let streams = self.streams_of(case).await?;
        let mut verdict = Verdict {
            ok: true,
            streams: streams.len(),
            events: 0,
            head: String::new(),
            trouble: None,
            broken: None,
        };
        for stream in streams {
            match self.inner.storage.verify(&stream).await? {
                Ok(head) => {
                    verdict.events += head.version;
                    if stream == StreamId::from(case) {
                        verdict.head = head.hash;
                    }
                }
                Err(broken) => {
                    verdict.ok = false;
                    verdict.trouble =
                        Some(format!("记录流{}的第{}条与校验链不符", broken.stream, broken.seq));
                    verdict.broken = Some(broken);
                    break;
                }
            }
        }
        Ok(verdict)
    }

    /// The case's stream, its document's, and those of its deliveries. What the rows name is enough: a chain that is
    /// broken must not keep its case from being looked at.
    async fn streams_of(&self, case: CaseId) -> Result<Vec<StreamId>, Error> {
        let row = self.inner.storage.case(case).await?.ok_or(Error::NotFound)?;
        let mut streams = vec![StreamId::from(case)];
        streams.extend(row.document.map(StreamId::from));
        streams.extend(
            self.inner
                .storage
                .deliveries(case)
                .await?
                .into_iter()
                .map(|row| StreamId::from(row.id)),
        );
        Ok(streams)
    }
}
