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
        let said = self.head(id).await?;
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
            // A row that cannot even be read was tampered with, too.
            let Ok(row) = EventRow::try_from(model) else {
                return Ok(Err(Broken { stream: id.clone(), seq, wrong: Wrong::Content }));
            };
            if let Err(broken) = walk.step(&row.into()) {
                return Ok(Err(broken));
            }
        }
        Ok(walk.end(&said.unwrap_or_default()))
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
            after.clone_from(&last.id);
            for model in models {
                verified.streams += 1;
                match self.verify(&StreamId(model.id)).await? {
                    Ok(head) => verified.events += head.version,
                    Err(broken) => verified.broken.push(broken),
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
