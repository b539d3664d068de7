//! Anchors 锚: once a day the heads of all streams that moved are listed, the list is kept under its hash, and an event
//! of the one stream `anchor` names it. What is gone or rewritten since is found by holding every list against the
//! streams. Only what moved is listed, so all lists together are no longer than the record itself.

use crate::{
    Storage,
    chain::SM3,
    commit::statement,
    error::{Cause, Doing, Error},
    objects::ObjectKey,
    rows::AnchoredRow,
    stream::{Append, NewEvent, StoredEvent, StreamId, StreamKind},
    writes::{Act, Refused, Writes},
};
use chrono::{DateTime, FixedOffset, Utc};
use sea_orm::{ConnectionTrait, DbBackend};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, convert::Infallible};

/// How many heads one event names at most.
const PART: usize = 10_000;
/// How many heads are looked up at once.
const CHUNK: usize = 500;

/// What an event of the stream says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Anchored {
    Anchored {
        /// In Asia/Shanghai, by the clock of the database.
        day: String,
        /// How many heads the list holds.
        heads: u64,
        /// The hash, and name in the object store, of the list.
        list: String,
        /// With this event every stream that had moved is named.
        complete: bool,
    },
}

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    seq: u64,
    at: DateTime<Utc>,
    actor: Option<()>,
    directory: u64,
    calendar: u64,
    event: Anchored,
}

/// A stream and where it stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnchoredHead {
    pub id: StreamId,
    pub version: u64,
    pub head: String,
}

/// Where the stream of anchors stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latest {
    pub format: String,
    pub seq: u64,
    pub hash: String,
    pub day: String,
}

/// What is no longer as an anchor has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The stream is gone with all its events.
    Stream { id: StreamId, version: u64 },
    /// Its last events are gone: it had `version`, and has less.
    Events { id: StreamId, version: u64, left: u64 },
    /// Another event stands where the anchored one stood.
    Rewritten { id: StreamId, version: u64 },
    /// The list of an anchor is gone, or is not what its name says.
    List { seq: u64 },
    /// The stream of anchors is not the one that the file was taken from.
    Anchor { seq: u64 },
}

/// What was held against anchors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    pub anchors: u64,
    pub heads: u64,
    /// The day of the last anchor.
    pub last: Option<String>,
    /// The first thing lost of each stream.
    pub lost: Vec<Lost>,
}

impl Storage {
    /// Anchors the streams that moved, unless that was done on this day already. Gives how many anchors were written;
    /// when several nodes try at once, one of them writes.
    ///
    /// # Errors
    /// When the database or the disk refuses.
    pub async fn anchor_daily(&self) -> Result<u64, Error> {
        self.anchor(true).await
    }

    /// Anchors the streams that moved since the last anchor, whatever the day.
    ///
    /// # Errors
    /// When the database or the disk refuses.
    pub async fn anchor_now(&self) -> Result<u64, Error> {
        self.anchor(false).await
    }

    async fn anchor(&self, daily: bool) -> Result<u64, Error> {
        let stream = StreamId::anchor();
        let (mut written, mut after) = (0, String::new());
        loop {
            let now = self.database_time().await?;
            let today = day(now);
            let head = self.head(&stream).await?.unwrap_or_default();
            let last = match head.version {
                0 => None,
                version => self.load_after(&stream, version - 1).await?.first().and_then(read),
            };
            let done = last
                .as_ref()
                .is_some_and(|Anchored::Anchored { day, complete, .. }| *complete && *day == today);
            if daily && done {
                return Ok(written);
            }
            let moved = self.moved(&after).await?;
            let complete = moved.len() < PART;
            if moved.is_empty() && written > 0 {
                return Ok(written);
            }
            if let Some(last) = moved.last() {
                after.clone_from(&last.id.0);
            }
            let list = self.objects().put(lines(&moved)?).await?;
            let event = Anchored::Anchored {
                day: today,
                heads: moved.len() as u64,
                list: list.key.to_string(),
                complete,
            };
            let payload = Payload {
                seq: head.version + 1,
                at: now,
                actor: None,
                directory: 0,
                calendar: 0,
                event,
            };
            let payload = serde_json::to_string(&payload).map_err(unwritten)?;
            let mut writes = Writes::default();
            let event = NewEvent { at: now, payload };
            writes.appends.push(Append::new(stream.clone(), StreamKind::Anchor, head, vec![event]));
            for AnchoredHead { id, version, head } in moved {
                writes.put(&AnchoredRow { stream: id, version, head });
            }
            match self.commit::<Infallible>(Act::Ready(writes)).await {
                Ok(_) => written += 1,
                // Another node anchors: what it does not name is named tomorrow, or by the next part.
                Err(Refused::Moved) if daily => return Ok(written),
                Err(Refused::Moved) => after.clear(),
                Err(Refused::Failed(error)) => return Err(error),
                Err(Refused::Rejected(never)) => match never {},
                Err(refused @ (Refused::KnownKey(_) | Refused::NumberTaken { .. })) => {
                    return Err(Error::Group { told: format!("{refused:?}"), cause: Cause::Fault });
                }
            }
            if complete {
                return Ok(written);
            }
        }
    }

    /// Streams after `after` that do not stand where they were anchored.
    async fn moved(&self, after: &str) -> Result<Vec<AnchoredHead>, Error> {
        let sql = "SELECT s.id, s.version, s.head FROM stream s LEFT JOIN anchored a ON a.stream = s.id
            WHERE s.id > $1 AND s.kind <> 'anchor' AND (a.stream IS NULL OR a.version <> s.version OR a.head <> s.head)
            ORDER BY s.id LIMIT $2";
        let values = vec![after.into(), i64::try_from(PART).unwrap_or(i64::MAX).into()];
        self.heads_of(sql, values).await
    }

    async fn heads_of(
        &self,
        sql: &str,
        values: Vec<sea_orm::Value>,
    ) -> Result<Vec<AnchoredHead>, Error> {
        let doing = "listing heads of streams";
        let rows = self.reading().query_all_raw(statement(self.backend(), sql, values)).await;
        let head = |row: &sea_orm::QueryResult| {
            Ok(AnchoredHead {
                id: StreamId(row.try_get("", "id")?),
                version: row.try_get::<i64>("", "version")?.try_into().unwrap_or_default(),
                head: row.try_get("", "head")?,
            })
        };
        rows.doing(doing)?.iter().map(head).collect::<Result<_, sea_orm::DbErr>>().doing(doing)
    }

    /// Where the stream of anchors stands; none before the first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn last_anchor(&self) -> Result<Option<Latest>, Error> {
        let events = self.load(&StreamId::anchor()).await?;
        let latest = events.last().and_then(|event| {
            let Anchored::Anchored { day, .. } = read(event)?;
            let format = "wenshu-anchor 1".to_owned();
            Some(Latest { format, seq: event.seq, hash: event.hash.clone(), day })
        });
        Ok(latest)
    }

    /// Every head that was ever anchored last, after the stream `after`: what an exported anchor holds.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn anchored_heads(&self, after: &str) -> Result<Vec<AnchoredHead>, Error> {
        let sql = "SELECT stream AS id, version, head FROM anchored WHERE stream > $1 ORDER BY stream LIMIT 1000";
        self.heads_of(sql, vec![after.into()]).await
    }

    /// Holds all anchors against the streams that they name.
    ///
    /// # Errors
    /// When the database refuses; damage is no error of ours.
    pub async fn hold_against_anchors(&self) -> Result<Held, Error> {
        let mut held = Held::default();
        let mut lost: BTreeMap<StreamId, Lost> = BTreeMap::new();
        let mut lists = vec![];
        for event in self.load(&StreamId::anchor()).await? {
            held.anchors += 1;
            // The chain of the stream itself says when an event of it was changed.
            let Some(Anchored::Anchored { day, list, .. }) = read(&event) else { continue };
            held.last = Some(day);
            let heads = match ObjectKey::try_from(list) {
                Ok(key) => self.objects().bytes(&key).await.ok(),
                Err(_) => None,
            };
            let heads = heads.and_then(|bytes| parse(&bytes));
            let Some(heads) = heads else {
                lists.push(Lost::List { seq: event.seq });
                continue;
            };
            held.heads += heads.len() as u64;
            self.hold(&heads, &mut lost).await?;
        }
        held.lost = lists.into_iter().chain(lost.into_values()).collect();
        Ok(held)
    }

    /// Holds an anchor that was kept elsewhere against the record.
    ///
    /// # Errors
    /// When the database refuses; damage is no error of ours.
    pub async fn hold_against(
        &self,
        latest: &Latest,
        heads: &[AnchoredHead],
    ) -> Result<Held, Error> {
        let mut lost: BTreeMap<StreamId, Lost> = BTreeMap::new();
        let mut held = Held { anchors: 1, heads: heads.len() as u64, ..Held::default() };
        held.last = Some(latest.day.clone());
        let events = self.load_after(&StreamId::anchor(), latest.seq.saturating_sub(1)).await?;
        let same = events.first().is_some_and(|event| {
            event.seq == latest.seq && event.hash == latest.hash && event.alg == SM3
        });
        if !same {
            held.lost.push(Lost::Anchor { seq: latest.seq });
        }
        self.hold(heads, &mut lost).await?;
        held.lost.extend(lost.into_values());
        Ok(held)
    }

    async fn hold(
        &self,
        heads: &[AnchoredHead],
        lost: &mut BTreeMap<StreamId, Lost>,
    ) -> Result<(), Error> {
        let doing = "holding streams against an anchor";
        let wanted = match self.backend() {
            DbBackend::Postgres => {
                "json_to_recordset($1::json) AS w(id text, version bigint, head text)"
            }
            _ => {
                "(SELECT value->>'id' AS id, value->>'version' AS version, value->>'head' AS head FROM json_each($1)) w"
            }
        };
        let sql = format!(
            "SELECT w.id AS id, w.version AS version, s.version AS stands FROM {wanted}
                LEFT JOIN stream s ON s.id = w.id LEFT JOIN event e ON e.stream = w.id AND e.seq = w.version
                WHERE s.id IS NULL OR e.hash IS NULL OR e.hash <> w.head ORDER BY w.id"
        );
        for chunk in heads.chunks(CHUNK) {
            let given = serde_json::to_string(chunk).map_err(unwritten)?;
            let rows = self
                .reading()
                .query_all_raw(statement(self.backend(), &sql, vec![given.into()]))
                .await
                .doing(doing)?;
            for row in rows {
                let id = StreamId(row.try_get("", "id").doing(doing)?);
                let version: i64 = row.try_get("", "version").doing(doing)?;
                let stands: Option<i64> = row.try_get("", "stands").doing(doing)?;
                let version = version.try_into().unwrap_or_default();
                let stands = stands.map(|stands| u64::try_from(stands).unwrap_or_default());
                let found = match stands {
                    None => Lost::Stream { id: id.clone(), version },
                    Some(left) if left < version => Lost::Events { id: id.clone(), version, left },
                    Some(_) => Lost::Rewritten { id: id.clone(), version },
                };
                // The newest list names the most.
                lost.insert(id, found);
            }
        }
        Ok(())
    }
}

fn day(now: DateTime<Utc>) -> String {
    let shanghai =
        FixedOffset::east_opt(8 * 3600).map(|zone| now.with_timezone(&zone).date_naive());
    shanghai.unwrap_or_else(|| now.date_naive()).to_string()
}

fn read(event: &StoredEvent) -> Option<Anchored> {
    serde_json::from_str::<Payload>(&event.payload).ok().map(|payload| payload.event)
}

/// One head a line.
fn lines(heads: &[AnchoredHead]) -> Result<String, Error> {
    let mut text = String::new();
    for head in heads {
        text.push_str(&serde_json::to_string(head).map_err(unwritten)?);
        text.push('\n');
    }
    Ok(text)
}

fn parse(bytes: &[u8]) -> Option<Vec<AnchoredHead>> {
    let text = std::str::from_utf8(bytes).ok()?;
    text.lines().map(|line| serde_json::from_str(line).ok()).collect()
}

fn unwritten(error: serde_json::Error) -> Error {
    Error::Row { table: "anchored", column: "head", why: error.to_string() }
}
