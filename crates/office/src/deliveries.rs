//! Between units: signing for what came, returning it, registering it as a case of one's own; urging and withdrawing
//! what was sent. Each is a compare-and-set on the delivery alone; no case of the other side is touched.

use crate::{
    act::{Acted, Begin, Order, RequestKey, counted, holders, tell},
    consequences::delivery_id,
    envelope::{self, Circumstances},
    error::Error,
    load::unexpected,
    log::DeliveryLog,
    office::Office,
    project,
    sight::{organs_above, registries},
};
use bytes::Bytes;
use uuid::Uuid;
use wenshu_core::{
    Rejection,
    command::{Actor, Command},
    directory::Directory,
    directory::Seat,
    id::{CaseId, DeliveryId, DocumentId, UnitId},
    workflow::Carrier,
};
use wenshu_document::{
    DeliveryCommand, DeliveryEvent, DeliveryState as Stage, Document, DocumentEvent,
    decide_delivery,
    event::{BodyRef, Received},
    number::{official_date, year_of},
};
use wenshu_notify::Letter;
use wenshu_storage::{
    Act, AttachmentRow, DeliveryRow, DeliveryState, LinkRow, Page, Refused, Slice, StreamId,
    StreamKind, Viewer, Writes,
};

const TRIES: u32 = 100;
/// So many entries of a book are looked at for the next number.
const LOOKED_BACK: u64 = 200;

/// What the operator counts an act on a delivery as.
fn kind(command: &DeliveryCommand) -> &'static str {
    match command {
        DeliveryCommand::SignFor => "delivery_sign_for",
        DeliveryCommand::Return { .. } => "delivery_return",
        DeliveryCommand::Register { .. } => "delivery_register",
        DeliveryCommand::Withdraw { .. } => "delivery_withdraw",
        DeliveryCommand::Urge { .. } => "delivery_urge",
    }
}

/// How a case answers another: 批复 and 请示.
pub const ANSWERS: &str = "answers";

impl Office {
    /// What lies in the registries of the reader, in one state or in all.
    pub async fn incoming(
        &self,
        seat: &Seat,
        state: Option<DeliveryState>,
        slice: &Slice,
    ) -> Result<Page<DeliveryRow>, Error> {
        let viewer = self.viewer(seat).await?;
        Ok(self.inner.storage.incoming(&viewer, state, slice).await?)
    }

    /// What the reader's organ dispatched, and those above it for which they may draft: all of it for the registry
    /// of such an organ, for others what they may see.
    pub async fn outgoing(
        &self,
        seat: &Seat,
        state: Option<DeliveryState>,
        slice: &Slice,
    ) -> Result<Page<DeliveryRow>, Error> {
        let viewer = self.viewer(seat).await?;
        let directory = self.directory().await?;
        let organs = organs_above(&directory, &seat.unit);
        let theirs = registries(&directory, seat);
        let receives = |organ: &&UnitId| {
            let registry = directory.units.get(*organ).and_then(|unit| unit.registry.as_ref());
            registry.is_some_and(|post| theirs.contains(post))
        };
        let whole: Vec<UnitId> = organs.iter().filter(receives).cloned().collect();
        Ok(self.inner.storage.outgoing(&viewer, &organs, &whole, state, slice).await?)
    }

    /// What became of a case's deliveries, for whoever may see the case.
    pub async fn deliveries(&self, seat: &Seat, case: CaseId) -> Result<Vec<DeliveryRow>, Error> {
        self.require_sight(seat, case).await?;
        Ok(self.inner.storage.deliveries(case).await?)
    }

    /// The file that was sent, for the registry that received it.
    pub async fn delivered_pdf(&self, seat: &Seat, id: DeliveryId) -> Result<Bytes, Error> {
        let log = self.known_delivery(seat, id).await?;
        let theirs = match log.delivery.state {
            Stage::Sent | Stage::SignedFor | Stage::Registered => true,
            // What they gave back, or what was taken back from them, is the sender's alone.
            Stage::Returned => self.may_see(seat, log.delivery.case).await?,
            Stage::Withdrawn => false,
        };
        if !theirs {
            return Err(Error::NotFound);
        }
        let sent = self.load_document(log.delivery.document).await?;
        let pdf = sent.document.pdf().ok_or(Error::NotFound)?;
        Ok(self.inner.storage.objects().bytes(&crate::cache::object_key(pdf)?).await?)
    }

    /// The delivery, if the reader is of its registry or may see the case that sent it.
    async fn known_delivery(&self, seat: &Seat, id: DeliveryId) -> Result<DeliveryLog, Error> {
        let log = self.load_delivery(id).await?;
        let directory = self.directory().await?;
        let registry =
            directory.units.get(&log.delivery.to).and_then(|unit| unit.registry.as_ref());
        let receives = registry.is_some_and(|post| registries(&directory, seat).contains(post));
        if receives || self.may_see(seat, log.delivery.case).await? {
            Ok(log)
        } else {
            Err(Error::NotFound)
        }
    }

    /// 签收, 退文, 撤回 or 催办. Registration starts a case: see [`Office::register`].
    pub async fn deliver(
        &self,
        seat: &Seat,
        id: DeliveryId,
        command: DeliveryCommand,
    ) -> Result<DeliveryRow, Error> {
        self.deliver_once(seat, id, command, None).await
    }

    /// The same under an idempotency key.
    pub async fn deliver_once(
        &self,
        seat: &Seat,
        id: DeliveryId,
        command: DeliveryCommand,
        key: Option<RequestKey>,
    ) -> Result<DeliveryRow, Error> {
        self.known_delivery(seat, id).await?;
        let actor = Actor::Person(seat.clone());
        for _ in 0..TRIES {
            let directory = self.directory().await?;
            Self::admit(&directory, &actor)?;
            if let Some(answer) = self.answered_to(&actor, key.as_ref()).await? {
                return Ok(answer);
            }
            let log = self.load_delivery(id).await?;
            let sent = self.load_document(log.delivery.document).await?;
            let step = self.step(seat, log, command.clone(), &sent.document, &directory);
            let (mut writes, row) = match step {
                Ok(step) => step,
                // The same request may have done it meanwhile; then this is its answer.
                Err(error) => {
                    return self.answered_to(&actor, key.as_ref()).await?.ok_or(error);
                }
            };
            writes.key = self.answer_under(&actor, key.as_ref(), &row)?;
            match self.inner.storage.commit::<Error>(Act::Ready(writes)).await {
                Ok(_) => {
                    counted(kind(&command), false);
                    return Ok(row);
                }
                // The key is looked up again.
                Err(Refused::Moved | Refused::KnownKey(_)) => {}
                Err(refused) => return Err(unexpected(refused)),
            }
        }
        Err(Error::Busy(TRIES))
    }

    /// What one command makes of a delivery, as writes.
    fn step(
        &self,
        seat: &Seat,
        mut log: DeliveryLog,
        command: DeliveryCommand,
        document: &Document,
        directory: &Directory,
    ) -> Result<(Writes, DeliveryRow), Error> {
        let now = self.inner.clock.now();
        let events = decide_delivery(&log.delivery, command, seat, directory, now)?;
        let actor = Actor::Person(seat.clone());
        let circumstances =
            Circumstances::new(now, &actor, directory.version, self.inner.calendar.version);
        let envelopes = circumstances.wrap(log.head.version, &events);
        let append =
            envelope::append(log.delivery.id, StreamKind::Delivery, log.head.clone(), &envelopes)?;
        for event in &events {
            log.apply(event);
        }
        log.head = append.to.clone();
        let row = project::delivery_row(&log, document, directory);
        let mut writes = Writes::default();
        writes.put(&row);
        writes.appends.push(append);
        for event in &events {
            self.tell_of(&mut writes, &log, event, &row, directory);
        }
        Ok((writes, row))
    }

    /// Urging and taking back are told to the registry, a return to the senders.
    fn tell_of(
        &self,
        writes: &mut Writes,
        log: &DeliveryLog,
        event: &DeliveryEvent,
        row: &DeliveryRow,
        directory: &Directory,
    ) {
        let (people, kind, text) = match event {
            DeliveryEvent::Urged { text, .. } => {
                let people =
                    row.to_post.as_ref().map(|post| holders(directory, post)).unwrap_or_default();
                (
                    people,
                    "urged",
                    format!("{}催办《{}》的签收登记：{text}", row.from_unit_name, row.title),
                )
            }
            DeliveryEvent::Returned { reason, .. } => {
                let senders = log.delivery.senders.iter().filter_map(|seat| seat.person.as_ref());
                let people = senders.map(|person| person.id.clone()).collect();
                (people, "returned", format!("{}退回《{}》：{reason}", row.to_unit_name, row.title))
            }
            DeliveryEvent::Withdrawn { reason, .. } => {
                let people =
                    row.to_post.as_ref().map(|post| holders(directory, post)).unwrap_or_default();
                let text = format!("{}撤回了发来的《{}》：{reason}", row.from_unit_name, row.title);
                (people, "withdrawn", text)
            }
            DeliveryEvent::Sent { .. }
            | DeliveryEvent::SignedFor { .. }
            | DeliveryEvent::Registered { .. } => return,
        };
        let case = (kind == "returned").then_some(row.case);
        let letter = Letter { kind: kind.into(), text, case, title: row.title.clone(), task: None };
        let stream = StreamId::from(log.delivery.id);
        tell(
            writes,
            &stream,
            log.head.version,
            people,
            &letter,
            &self.inner.settings.channels,
            self.inner.clock.now(),
        );
    }

    /// 登记: the receiving unit's own case begins with a copy of the document, in the commit that registers it.
    pub async fn register(
        &self,
        seat: &Seat,
        id: DeliveryId,
        workflow: &str,
        key: Option<RequestKey>,
    ) -> Result<Acted, Error> {
        self.register_as(seat, id, workflow, None, key).await
    }

    /// The same under a number of the unit's own 收文编号.
    pub async fn register_as(
        &self,
        seat: &Seat,
        id: DeliveryId,
        workflow: &str,
        number: Option<&str>,
        key: Option<RequestKey>,
    ) -> Result<Acted, Error> {
        let number = number.map(str::trim).filter(|number| !number.is_empty()).map(str::to_owned);
        if number.as_ref().is_some_and(|number| {
            number.chars().count() > 60 || number.chars().any(char::is_control)
        }) {
            return Err(Error::Invalid {
                field: "series_number".into(),
                text: "收文编号不能超过60字".into(),
            });
        }
        self.known_delivery(seat, id).await?;
        let workflow = self.startable(workflow).await?;
        if workflow.carries != Carrier::Document {
            let title = workflow.title.clone();
            return Err(Rejection::NotForRegistration { title }.into());
        }
        let actor = Actor::Person(seat.clone());
        // A delivery is registered once, so it names the case.
        let case = CaseId(Uuid::new_v5(&id.0, b"case"));
        let document = DocumentId(Uuid::new_v5(&id.0, b"document"));
        for _ in 0..TRIES {
            let directory = self.directory().await?;
            let log = self.load_delivery(id).await?;
            let sent = self.load_document(log.delivery.document).await?.document;
            let (delivery, from, from_name) =
                (log.delivery.id, log.delivery.from.clone(), log.delivery.from_name.clone());
            let start = Command::Start { title: sent.metadata.title.clone() };
            let order = Order { key: key.clone(), ..Order::new(&actor, case, start) };
            let command = DeliveryCommand::Register { case, number: number.clone() };
            let (mut also, _) = match self.step(seat, log, command, &sent, &directory) {
                Ok(step) => step,
                // The same request may have registered it; then this is its answer.
                Err(error) => return self.answered(&order).await?.ok_or(error),
            };
            let body = self.body(&sent.body_hash).await?;
            for (index, file) in sent.metadata.attachments.iter().enumerate() {
                also.put(&AttachmentRow {
                    case,
                    id: Uuid::new_v5(&case.0, format!("attachment/{index}").as_bytes()),
                    name: file.name.clone(),
                    media: file.media_type.clone(),
                    size: file.size,
                    sha: file.hash.clone(),
                    added_by: project::json(&sent.drafted_by),
                    at: self.inner.clock.now(),
                    only_for: None,
                });
            }
            let received = Received {
                delivery,
                document: sent.id,
                from,
                from_name,
                pdf: sent.pdf().map(str::to_owned),
                number: number.clone(),
            };
            let drafted = DocumentEvent::Drafted {
                case,
                metadata: Box::new(sent.metadata.clone()),
                body: BodyRef::from(&*body),
                by: seat.clone(),
                at: self.inner.clock.now(),
                received: Some(received),
            };
            let begin = Begin {
                workflow: std::sync::Arc::clone(&workflow),
                document: Some((document, drafted, body)),
                also,
            };
            match Box::pin(self.begin(order, begin)).await {
                Err(Error::Busy(_)) => {}
                done => return done,
            }
        }
        Err(Error::Busy(TRIES))
    }

    /// The number that would come next in the unit's own book 收文登记簿, by what its registry wrote there last. It is
    /// a proposal: the book is the registry's.
    pub async fn proposed_number(&self, seat: &Seat, id: DeliveryId) -> Result<String, Error> {
        let log = self.known_delivery(seat, id).await?;
        let directory = self.directory().await?;
        let unit = directory.units.get(&log.delivery.to);
        let registry = unit.and_then(|unit| unit.registry.as_ref());
        // The book is no business of the sender's.
        if !registry.is_some_and(|post| registries(&directory, seat).contains(post)) {
            return Err(Error::NotFound);
        }
        let known = self.inner.storage.own_numbers(&log.delivery.to, LOOKED_BACK).await?;
        let year = year_of(official_date(self.inner.clock.now()));
        Ok(following(&known, year))
    }

    /// Says that a case answers another, e.g. 批复 a 请示. Whoever links must see both, and have this one in hand.
    pub async fn link(
        &self,
        seat: &Seat,
        case: CaseId,
        other: CaseId,
        key: Option<RequestKey>,
    ) -> Result<Acted, Error> {
        self.require_sight(seat, case).await?;
        self.require_sight(seat, other).await?;
        if case == other {
            return Err(Error::Invalid {
                field: "other".into(),
                text: "办件不能与自己关联".into(),
            });
        }
        let actor = Actor::Person(seat.clone());
        self.run(&actor, case, Command::Link { other }, key).await
    }

    /// The links of a case to those that the reader may see.
    pub(crate) async fn linked(
        &self,
        viewer: &Viewer,
        case: CaseId,
    ) -> Result<Vec<LinkRow>, Error> {
        let mut linked = vec![];
        for row in self.inner.storage.links(case).await? {
            let other = if row.case == case { row.other } else { row.case };
            if !self.inner.storage.may_see(viewer, other).await?.is_empty() {
                linked.push(row);
            }
        }
        Ok(linked)
    }

    /// The delivery of a case to a unit, if there is one.
    #[must_use]
    pub fn delivery_of(case: CaseId, unit: &UnitId) -> DeliveryId {
        delivery_id(case, unit)
    }
}

/// The number behind those of a book, the latest first: of the form that was used last, `收文〔2026〕15号`, counted anew
/// each year; where nothing of that form is known, the first of a plain one.
fn following(known: &[String], year: i32) -> String {
    let read: Vec<(&str, i32, u64, &str)> = known.iter().filter_map(|one| parts(one)).collect();
    let (front, _, _, back) = read.first().copied().unwrap_or(("收文", year, 0, "号"));
    let of_year = read.iter().filter(|one| one.0 == front && one.1 == year && one.3 == back);
    let last = of_year.map(|one| one.2).max().unwrap_or(0);
    format!("{front}〔{year}〕{}{back}", last + 1)
}

fn parts(number: &str) -> Option<(&str, i32, u64, &str)> {
    let (front, rest) = number.split_once('〔')?;
    let (year, rest) = rest.split_once('〕')?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (seq, back) = rest.split_at(end);
    Some((front, year.trim().parse().ok()?, seq.parse().ok().filter(|seq| *seq < 1_000_000)?, back))
}

#[cfg(test)]
mod tests {
    use super::following;

    fn next(known: &[&str]) -> String {
        following(&known.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>(), 2026)
    }

    #[test]
    fn the_next_number_follows_the_form_that_was_used_last() {
        assert_eq!(next(&[]), "收文〔2026〕1号");
        assert_eq!(
            next(&["教收〔2026〕9号", "教收〔2026〕15号", "密收〔2026〕90号"]),
            "教收〔2026〕16号"
        );
        assert_eq!(next(&["教收〔2025〕315号"]), "教收〔2026〕1号");
        assert_eq!(next(&["随便写的", "教收〔2026〕007"]), "教收〔2026〕8");
        assert_eq!(next(&["〔甲〕", "收〔2026〕99999999999999999999号"]), "收文〔2026〕1号");
    }
}
