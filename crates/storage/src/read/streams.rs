//! Streams as they lie there: load, and hold against their chain.

use crate::{
    Storage,
    chain::{Broken, Walk, Wrong},
    error::{Doing, Error},
    rows::{
        SnapshotRow,
        office::snapshot,
        record::{EventRow, StreamRow, event, stream},
    },
    stream::{Head, StoredEvent, StreamId, StreamKind},
    table::Cell,
};
use futures_util::TryStreamExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use std::collections::BTreeMap;

/// How often a stream is looked at again that moved while it was looked at.
const TRIES: u32 = 100;

/// What a verification went through and found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    pub streams: u64,
    pub events: u64,
    /// The first thing wrong in each damaged stream.
    pub broken: Vec<Broken>,
}

impl Storage {
    /// Where a stream stands; none if it was never begun.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn head(&self, id: &StreamId) -> Result<Option<Head>, Error> {
        let row: Option<StreamRow> =
            self.one(stream::Entity::find_by_id(id.raw()), "looking a stream up").await?;
        Ok(row.map(|row| Head { version: row.version, hash: row.head }))
    }

    /// All events of a stream, in order.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn load(&self, id: &StreamId) -> Result<Vec<StoredEvent>, Error> {
        self.load_after(id, 0).await
    }

    /// The events of a stream after number `seq`, in order.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn load_after(&self, id: &StreamId, seq: u64) -> Result<Vec<StoredEvent>, Error> {
        let select = event::Entity::find()
            .filter(event::Column::Stream.eq(id.raw()))
            .filter(event::Column::Seq.gt(seq.raw()));
        let rows: Vec<EventRow> =
            self.all(select.order_by_asc(event::Column::Seq), "loading a stream").await?;
        Ok(rows.into_iter().map(StoredEvent::from).collect())
    }

    /// The state kept of a stream, if any.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn snapshot(&self, id: &StreamId) -> Result<Option<SnapshotRow>, Error> {
        self.one(snapshot::Entity::find_by_id(id.raw()), "looking a snapshot up").await
    }

    /// Names of streams of a kind, in order, after `after`; at most `limit`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn streams(
        &self,
        kind: StreamKind,
        after: Option<&StreamId>,
        limit: u64,
    ) -> Result<Vec<StreamId>, Error> {
        let after = after.map(Cell::raw).unwrap_or_default();
        let select = stream::Entity::find()
            .filter(stream::Column::Kind.eq(kind.raw()))
            .filter(stream::Column::Id.gt(after));
        let rows: Vec<StreamRow> = self
            .all(select.order_by_asc(stream::Column::Id).limit(limit), "listing streams")
            .await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// Holds one stream against its chain. `Ok(Err(…))` names what is wrong first.
    ///
    /// # Errors
    /// When the database refuses; damage is no error of ours.
    pub async fn verify(&self, id: &StreamId) -> Result<Result<Head, Broken>, Error> {
        let mut said = self.head(id).await?;
        for _ in 1..TRIES {
            let found = self.hold_to(id, said.as_ref()).await?;
            let now = self.head(id).await?;
            if found.is_ok() || now == said {
                return Ok(found);
            }
            // It moved meanwhile: people are at work.
            said = now;
        }
        self.hold_to(id, said.as_ref()).await
    }

    /// Holds a stream against its chain, and its end against what it said of itself.
    async fn hold_to(
        &self,
        id: &StreamId,
        said: Option<&Head>,
    ) -> Result<Result<Head, Broken>, Error> {
        let doing = "verifying a stream";
        let select = event::Entity::find()
            .filter(event::Column::Stream.eq(id.raw()))
            .order_by_asc(event::Column::Seq);
        let mut events = select.stream(self.reading()).await.doing(doing)?;
        let mut walk = Walk::new(id.clone());
        while let Some(model) = events.try_next().await.doing(doing)? {
            let seq = u64::try_from(model.seq).unwrap_or_default();
            if said.is_none() {
                return Ok(Err(Broken { stream: id.clone(), seq, wrong: Wrong::Orphan }));
            }
            if let Err(broken) = step(&mut walk, id, model) {
                return Ok(Err(broken));
            }
        }
        Ok(walk.end(&said.cloned().unwrap_or_default()))
    }

    /// Holds all streams against their chains, and looks for events without a stream.
    ///
    /// # Errors
    /// When the database refuses; damage is no error of ours.
    pub async fn verify_all(&self) -> Result<Verified, Error> {
        let mut verified = Verified::default();
        let mut after = String::new();
        loop {
            let select = stream::Entity::find()
                .filter(stream::Column::Id.gt(after.clone()))
                .order_by_asc(stream::Column::Id)
                .limit(500);
            let models = select.all(self.reading()).await.doing("listing streams")?;
            let Some(last) = models.last() else { break };
            // The events of all of them in one walk: asked for stream by stream they take many times as long.
            let select = event::Entity::find()
                .filter(event::Column::Stream.gt(after.clone()))
                .filter(event::Column::Stream.lte(last.id.clone()))
                .order_by_asc(event::Column::Stream)
                .order_by_asc(event::Column::Seq);
            after.clone_from(&last.id);
            let begin = |model: &stream::Model| {
                let id = StreamId(model.id.clone());
                (model.id.clone(), Ok(Walk::new(id)))
            };
            let mut walks: BTreeMap<String, Result<Walk, Broken>> =
                models.iter().map(begin).collect();
            let doing = "verifying streams";
            let mut events = select.stream(self.reading()).await.doing(doing)?;
            while let Some(model) = events.try_next().await.doing(doing)? {
                // Events of no stream are looked for below.
                let Some(state) = walks.get_mut(&model.stream) else { continue };
                let id = StreamId(model.stream.clone());
                if let Ok(walk) = state
                    && let Err(broken) = step(walk, &id, model)
                {
                    *state = Err(broken);
                }
            }
            drop(events);
            for model in models {
                verified.streams += 1;
                let version = u64::try_from(model.version).unwrap_or_default();
                let head = Head { version, hash: model.head };
                let walked = walks.remove(&model.id);
                match walked.map(|walked| walked.and_then(|walk| walk.end(&head))) {
                    Some(Ok(head)) => verified.events += head.version,
                    // It may only have moved while the others were looked at.
                    Some(Err(broken)) => match self.verify(&broken.stream).await? {
                        Ok(head) => verified.events += head.version,
                        Err(broken) => verified.broken.push(broken),
                    },
                    None => {}
                }
            }
        }
        let known = sea_orm::sea_query::Query::select()
            .column(stream::Column::Id)
            .from(stream::Entity)
            .to_owned();
        let orphans = event::Entity::find()
            .filter(event::Column::Stream.not_in_subquery(known))
            .order_by_asc(event::Column::Stream)
            .limit(100);
        for model in orphans.all(self.reading()).await.doing("looking for lost events")? {
            let seq = u64::try_from(model.seq).unwrap_or_default();
            verified.broken.push(Broken {
                stream: StreamId(model.stream),
                seq,
                wrong: Wrong::Orphan,
            });
        }
        Ok(verified)
    }
}

/// One more event of a stream.
fn step(walk: &mut Walk, id: &StreamId, model: event::Model) -> Result<(), Broken> {
    let seq = u64::try_from(model.seq).unwrap_or_default();
    // A row that cannot even be read was tampered with, too.
    let Ok(row) = EventRow::try_from(model) else {
        return Err(Broken { stream: id.clone(), seq, wrong: Wrong::Content });
    };
    walk.step(&row.into())
}
