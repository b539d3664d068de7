//! Registers 文号 and 印章: series of numbers with what became of each number, and the images of seals. Numbers are
//! kept for later, given to a document, made void; each with its reason in the series' own stream.

use crate::{
    desk::person,
    envelope::{self, Circumstances},
    error::Error,
    load::unexpected,
    number::{self, RULE, series_row},
    office::Office,
    project,
    sight::{AUDIT_ADMIN, SECURITY_ADMIN, SYSTEM_ADMIN, has_role},
    staff::Directed,
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use wenshu_core::{
    Rejection,
    command::Actor,
    directory::{Change, DirectoryRejection, SealImage, Seat},
    id::{CaseId, DocumentId, SealId, UnitId},
};
use wenshu_document::{
    Number, Series,
    hash::sm3_hex,
    number::{official_date, year_of},
};
use wenshu_storage::{
    Act, Allot, CaseState, Fate, Head, NumberFateRow, NumberRow, RESERVED, Refused, SeriesRow,
    StreamId, StreamKind, VOID, Writes,
};

/// The largest number of a series that is believed, whatever the counter says.
const LARGEST: u32 = 99_999;
const TRIES: u32 = 50;
/// The largest image of a seal.
const SEAL_LIMIT: usize = 1024 * 1024;
const LONGEST_REASON: usize = 200;

/// What happened to a series or to one of its numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum RegisterEvent {
    SeriesAdded { text: String },
    SeriesChanged { text: String },
    NumberReserved { year: i32, number: u32, text: String },
    NumberChosen { year: i32, number: u32, document: DocumentId, text: String },
    NumberReleased { year: i32, number: u32, text: String },
    NumberVoided { year: i32, number: u32, text: String },
}

/// A series as its keepers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesView {
    pub series: Series,
    pub organ_name: String,
    /// The next number of this year.
    pub next: Number,
    /// Years in which it was used, the latest first.
    pub years: Vec<i32>,
    /// 代字 and organ can still be changed: no number was given.
    pub unused: bool,
}

/// What became of one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    Used {
        case: Option<CaseId>,
    },
    Reserved {
        reason: String,
        by: String,
    },
    Chosen {
        reason: String,
        case: Option<CaseId>,
    },
    Void {
        reason: String,
        by: String,
    },
    /// It was passed over, or is gone from the register. What else is known of it: the document that says it bears
    /// it, what was said when it was kept or made void, or how the series came to pass over it.
    Missing {
        case: Option<CaseId>,
        reason: Option<String>,
        by: Option<String>,
    },
}

/// A line of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberLine {
    pub number: u32,
    /// As it reads: 云政发〔2026〕3号.
    pub text: String,
    pub given: Given,
}

impl Office {
    /// Every series that the reader keeps: all for administrators, those of their registries for registrars.
    pub async fn kept_series(&self, seat: &Seat) -> Result<Vec<SeriesView>, Error> {
        let directory = self.directory().await?;
        let year = self.this_year();
        let mut views = vec![];
        for row in self.inner.storage.all_series().await? {
            if self.keeps(seat, &row.organ, true).await.is_err() {
                continue;
            }
            let next = self.next_number(&row.id, year).await?;
            let years = self.inner.storage.years_of(&row.id).await?;
            let unused = self.inner.storage.numbers_ever(&row.id).await? == 0;
            let organ_name = directory.unit_name(&row.organ);
            views.push(SeriesView { series: number::series(row), organ_name, next, years, unused });
        }
        Ok(views)
    }

    /// A new series of an organ.
    pub async fn add_series(&self, seat: &Seat, series: Series) -> Result<(), Error> {
        self.require_one(seat, &[SYSTEM_ADMIN]).await?;
        if self.repeated(seat).await? {
            return Ok(());
        }
        self.check_series(&series).await?;
        if self.inner.storage.series(&series.id).await?.is_some() {
            let (what, id) = ("文号系列".into(), series.id.clone());
            return Err(DirectoryRejection::AlreadyThere { what, id }.into());
        }
        let organ = self.directory().await?.unit_name(&series.organ);
        let text = format!("为“{organ}”设立文号系列“{}”，代字{}", series.title, series.code);
        self.enter(seat, &series.id.clone(), || {
            let event = RegisterEvent::SeriesAdded { text: text.clone() };
            let row = series_row(&series);
            (event, Box::new(move |writes: &mut Writes| writes.add(&row)) as Rows)
        })
        .await
    }

    /// Renames a series. Once it has given a number, its 代字 and organ stay what they were.
    pub async fn edit_series(&self, seat: &Seat, series: Series) -> Result<(), Error> {
        self.require_one(seat, &[SYSTEM_ADMIN]).await?;
        if self.repeated(seat).await? {
            return Ok(());
        }
        let was = self.inner.storage.series(&series.id).await?.ok_or(Error::NotFound)?;
        self.check_series(&series).await?;
        let moved = was.code != series.code || was.organ != series.organ;
        if moved && self.inner.storage.numbers_ever(&series.id).await? > 0 {
            return Err(rule(
                "series-in-use",
                format!("系列“{}”已经编过号，代字和机关不能再改。", was.title),
                "请另设一个新的系列，旧系列保留备查。",
            ));
        }
        let text = format!(
            "文号系列“{}”（{}）改为“{}”（{}）",
            was.title, was.code, series.title, series.code
        );
        self.enter(seat, &series.id.clone(), || {
            let event = RegisterEvent::SeriesChanged { text: text.clone() };
            let row = series_row(&series);
            (event, Box::new(move |writes: &mut Writes| writes.put(&row)) as Rows)
        })
        .await
    }

    /// What became of every number of a series in a year.
    pub async fn number_register(
        &self,
        seat: &Seat,
        id: &str,
        year: i32,
    ) -> Result<Vec<NumberLine>, Error> {
        let row = self.inner.storage.series(id).await?.ok_or(Error::NotFound)?;
        self.keeps(seat, &row.organ, true).await?;
        let next = self.inner.storage.next_number(id, year).await?;
        let given: BTreeMap<u32, NumberRow> = self
            .inner
            .storage
            .numbers_in(id, year)
            .await?
            .into_iter()
            .map(|row| (row.number, row))
            .collect();
        let fates: BTreeMap<u32, NumberFateRow> = self
            .inner
            .storage
            .fates_in(id, year)
            .await?
            .into_iter()
            .map(|row| (row.number, row))
            .collect();
        let borne = self.inner.storage.documents_numbered(&row.code, year).await?;
        let mut borne_by: BTreeMap<u32, CaseId> = BTreeMap::new();
        for (seq, case) in borne {
            borne_by.entry(seq).or_insert(case);
        }
        let mut lines = vec![];
        for seq in self.told_of(year, next, &given, &fates, &borne_by) {
            let was = match given.get(&seq) {
                Some(given) => self.fate_of(given, fates.get(&seq)).await?,
                None => missing(fates.get(&seq), borne_by.get(&seq), seq >= next),
            };
            let text = Number { code: row.code.clone(), year, seq }.to_string();
            lines.push(NumberLine { number: seq, text, given: was });
        }
        Ok(lines)
    }

    /// The numbers that the register of a year speaks of. The counter still comes to what lies beyond it, so that
    /// only what is known of there is told, until the year is over: then everything up to the last number in use.
    fn told_of(
        &self,
        year: i32,
        next: u32,
        given: &BTreeMap<u32, NumberRow>,
        fates: &BTreeMap<u32, NumberFateRow>,
        borne_by: &BTreeMap<u32, CaseId>,
    ) -> BTreeSet<u32> {
        let in_use = given.values().filter(|row| row.rule == RULE).map(|row| row.number).max();
        let over = year < self.this_year();
        let last = in_use.filter(|_| over).unwrap_or_default().max(next.saturating_sub(1));
        let known = given.keys().chain(fates.keys()).chain(borne_by.keys()).copied();
        (1..=last.min(LARGEST)).chain(known).collect()
    }

    async fn fate_of(
        &self,
        number: &NumberRow,
        fate: Option<&NumberFateRow>,
    ) -> Result<Given, Error> {
        let of = |document: DocumentId| async move {
            let document = self.inner.storage.document(document).await?;
            Ok::<_, Error>(document.map(|document| document.case))
        };
        Ok(match fate {
            Some(fate) if fate.fate == Fate::Void => {
                Given::Void { reason: fate.reason.clone(), by: said_by(fate) }
            }
            _ if number.rule == RULE => Given::Used { case: of(number.document).await? },
            Some(fate) => match (fate.fate, fate.document) {
                (Fate::Chosen, Some(document)) => {
                    Given::Chosen { reason: fate.reason.clone(), case: of(document).await? }
                }
                (Fate::Chosen | Fate::Reserved | Fate::Void, _) => {
                    Given::Reserved { reason: fate.reason.clone(), by: said_by(fate) }
                }
            },
            None => Given::Used { case: of(number.document).await? },
        })
    }

    /// Keeps a number for a document to come: the one wanted, or the next.
    pub async fn reserve_number(
        &self,
        seat: &Seat,
        id: &str,
        year: i32,
        wanted: Option<u32>,
        reason: &str,
    ) -> Result<u32, Error> {
        let (row, reason) = self.keeping(seat, id, year, reason).await?;
        if let Some(known) = self.told_before(&Actor::Person(seat.clone())).await? {
            return Ok(known);
        }
        let document = DocumentId(Uuid::now_v7());
        let allot = Allot {
            series: row.id.clone(),
            year,
            document,
            rule: RESERVED.to_owned(),
            wanted: wanted.map(checked).transpose()?,
        };
        let (by, at) = (project::json(seat), self.inner.clock.now());
        let series = row.id.clone();
        self.allotted(seat, &row, allot, move |number, text| {
            let event = RegisterEvent::NumberReserved {
                year,
                number,
                text: format!("预留{text}：{reason}"),
            };
            let fate = NumberFateRow {
                series: series.clone(),
                year: i64::from(year),
                number,
                fate: Fate::Reserved,
                reason: reason.clone(),
                given_by: by.clone(),
                at,
                document: None,
            };
            (event, fate)
        })
        .await
    }

    /// Makes a number void: it never comes again. One that a document bears can be made void once its case came to
    /// nothing.
    pub async fn void_number(
        &self,
        seat: &Seat,
        id: &str,
        year: i32,
        number: u32,
        reason: &str,
    ) -> Result<(), Error> {
        let (row, reason) = self.keeping(seat, id, year, reason).await?;
        if self.repeated(seat).await? {
            return Ok(());
        }
        let number = checked(number)?;
        let text = Number { code: row.code.clone(), year, seq: number }.to_string();
        let (by, at) = (project::json(seat), self.inner.clock.now());
        let fate = NumberFateRow {
            series: row.id.clone(),
            year: i64::from(year),
            number,
            fate: Fate::Void,
            reason: reason.clone(),
            given_by: by,
            at,
            document: None,
        };
        let event =
            RegisterEvent::NumberVoided { year, number, text: format!("作废{text}：{reason}") };
        let Some(given) = self.inner.storage.number(id, year, number).await? else {
            let borne = self.inner.storage.documents_numbered(&row.code, year).await?;
            if borne.iter().any(|(seq, _)| *seq == number) {
                return Err(rule(
                    "number-in-use",
                    format!("登记簿中没有{text}，而有公文载有此号，不能作废。"),
                    "请审计管理员核验记录，查明登记簿为何缺少此号。",
                ));
            }
            let document = DocumentId(Uuid::now_v7());
            let rule = VOID.to_owned();
            let allot =
                Allot { series: row.id.clone(), year, document, rule, wanted: Some(number) };
            self.allotted(seat, &row, allot, move |_, _| (event.clone(), fate.clone())).await?;
            return Ok(());
        };
        let fates = self.inner.storage.fates_in(id, year).await?;
        let known = fates.into_iter().find(|row| row.number == number);
        match known.map(|row| row.fate) {
            Some(Fate::Void) => return Ok(()),
            Some(Fate::Chosen) if given.rule == RESERVED => {
                return Err(rule(
                    "number-chosen",
                    format!("{text}已选给一件公文。"),
                    "请先在该公文处取消选用，再作废。",
                ));
            }
            Some(Fate::Reserved | Fate::Chosen) | None => {}
        }
        let used = given.rule == RULE;
        if used && !self.came_to_nothing(given.document).await? {
            return Err(rule(
                "number-in-use",
                format!("{text}已用于一件有效的公文，不能作废。"),
                "需要时请先终止或撤销该公文。",
            ));
        }
        self.enter(seat, id, || {
            let (fate, given) = (fate.clone(), given.clone());
            let rows = move |writes: &mut Writes| {
                writes.put(&fate);
                if !used {
                    writes.put(&NumberRow { rule: VOID.to_owned(), ..given });
                }
            };
            (event.clone(), Box::new(rows) as Rows)
        })
        .await
    }

    async fn came_to_nothing(&self, document: DocumentId) -> Result<bool, Error> {
        let Some(document) = self.inner.storage.document(document).await? else { return Ok(true) };
        let case = self.inner.storage.case(document.case).await?;
        Ok(case.is_none_or(|case| match case.state {
            CaseState::Terminated | CaseState::Refused => true,
            CaseState::Running | CaseState::Stalled | CaseState::Finished => false,
        }))
    }

    /// Chooses a number that was kept for the document of a case, which gets it at 编号; none: lets it go again.
    pub async fn choose_number(
        &self,
        seat: &Seat,
        case: CaseId,
        chosen: Option<(String, i32, u32)>,
    ) -> Result<(), Error> {
        self.require_sight(seat, case).await?;
        let held = self.look(case).await?;
        let log = held.document.as_ref().ok_or(Error::NotFound)?;
        let document = log.document.id;
        let organ = self.directory().await?;
        let organ = organ.organ_of(&log.document.metadata.organ).map(|unit| unit.id.clone());
        let organ = organ.unwrap_or_else(|| log.document.metadata.organ.clone());
        self.keeps(seat, &organ, false).await?;
        if self.repeated(seat).await? {
            return Ok(());
        }
        if self.inner.storage.numbers_of(document).await?.iter().any(|row| row.rule == RULE) {
            return Err(rule("numbered", "本件已经编号。".into(), "编号后不能另选。"));
        }
        for _ in 0..TRIES {
            let Some(writes) = self.choice(seat, &organ, document, chosen.as_ref()).await? else {
                return Ok(());
            };
            match self.inner.storage.commit::<Error>(Act::Ready(writes)).await {
                Ok(_) => return Ok(()),
                Err(Refused::KnownKey(known)) => return self.found(&known),
                Err(Refused::Moved) => {}
                Err(refused) => return Err(unexpected(refused)),
            }
        }
        Err(Error::Busy(TRIES))
    }

    /// Lets go the number that was chosen and takes the other, in one commit; none: it is so already.
    async fn choice(
        &self,
        seat: &Seat,
        organ: &UnitId,
        document: DocumentId,
        chosen: Option<&(String, i32, u32)>,
    ) -> Result<Option<Writes>, Error> {
        let mut entries: BTreeMap<String, (Head, Vec<RegisterEvent>)> = BTreeMap::new();
        let mut writes = Writes::default();
        let before = self.inner.storage.chosen_for(document).await?;
        if let Some(before) = &before
            && let Some((id, year, number)) = chosen
            && (id, i64::from(*year), *number) == (&before.series, before.year, before.number)
        {
            return Ok(None);
        }
        let head = async |series: &str| {
            let head = self.inner.storage.head(&StreamId::register(series)).await?;
            Ok::<_, Error>(head.unwrap_or_default())
        };
        if let Some(before) = before {
            let year = i32::try_from(before.year).unwrap_or_default();
            let text = format!("取消选用{year}年第{}号", before.number);
            let event = RegisterEvent::NumberReleased { year, number: before.number, text };
            entries.insert(before.series.clone(), (head(&before.series).await?, vec![event]));
            writes.put(&NumberFateRow { fate: Fate::Reserved, document: None, ..before });
        }
        if let Some((series, year, number)) = chosen {
            let (year, number) = (*year, *number);
            let row = self.inner.storage.series(series).await?.ok_or(Error::NotFound)?;
            if row.organ != *organ {
                return Err(Error::NotFound);
            }
            // The head is read before the row: what was chosen in between is found by the guard.
            if !entries.contains_key(series) {
                entries.insert(series.clone(), (head(series).await?, vec![]));
            }
            let fates = self.inner.storage.fates_in(series, year).await?;
            let fate = fates.into_iter().find(|row| row.number == number);
            let Some(fate) = fate.filter(|fate| fate.fate == Fate::Reserved) else {
                return Err(rule(
                    "number-not-reserved",
                    format!("{year}年第{number}号没有预留，或已选给别的公文。"),
                    "请从预留的文号中选择。",
                ));
            };
            let text = Number { code: row.code.clone(), year, seq: number }.to_string();
            let text = format!("选用预留的{text}");
            let event = RegisterEvent::NumberChosen { year, number, document, text };
            if let Some((_, events)) = entries.get_mut(series) {
                events.push(event);
            }
            writes.put(&NumberFateRow { fate: Fate::Chosen, document: Some(document), ..fate });
        }
        if entries.is_empty() {
            return Ok(None);
        }
        for (series, (head, events)) in entries {
            let entry = self.registered(seat, StreamId::register(&series), head, &events)?;
            writes.appends.extend(entry.appends);
        }
        writes.key = self.answer(&Actor::Person(seat.clone()), &())?;
        Ok(Some(writes))
    }

    /// Records how a seal looks. The image is kept whole, and its SM3 with the seal.
    pub async fn set_seal_image(
        &self,
        seat: &Seat,
        seal: &SealId,
        image: Bytes,
    ) -> Result<Directed, Error> {
        self.require_one(seat, &[SECURITY_ADMIN]).await?;
        if image.len() > SEAL_LIMIT {
            return Err(Error::TooLarge { limit: SEAL_LIMIT as u64 });
        }
        let media = sniffed(&image)
            .map_err(|text| Error::Invalid { field: "file".into(), text: text.to_owned() })?;
        let (sm3, size) = (sm3_hex(&image), image.len() as u64);
        let stored = self.inner.storage.objects().put(image).await?;
        let image =
            SealImage { object: stored.key.to_string(), sm3, media: media.to_owned(), size };
        let change = Change::SetSealImage { seal: seal.clone(), image };
        self.direct(&Actor::Person(seat.clone()), &[change], None).await
    }

    /// The image of a seal, for those who keep the register.
    pub async fn seal_image(&self, seat: &Seat, seal: &SealId) -> Result<(String, Bytes), Error> {
        let directory = self.directory().await?;
        let seal = directory.seals.get(seal).ok_or(Error::NotFound)?;
        let keeps = seat
            .person
            .as_ref()
            .is_some_and(|person| directory.seat(&person.id, &seal.keeper).is_some());
        if !keeps {
            self.require_one(seat, &[SECURITY_ADMIN, AUDIT_ADMIN]).await?;
        }
        let image = seal.image.as_ref().ok_or(Error::NotFound)?;
        let key = crate::cache::object_key(&image.object)?;
        Ok((image.media.clone(), self.inner.storage.objects().bytes(&key).await?))
    }

    /// Whether this very request was carried out before; what was answered is of no use then.
    async fn repeated(&self, seat: &Seat) -> Result<bool, Error> {
        let actor = Actor::Person(seat.clone());
        Ok(self.told_before::<serde::de::IgnoredAny>(&actor).await?.is_some())
    }

    fn this_year(&self) -> i32 {
        year_of(official_date(self.inner.clock.now()))
    }

    async fn check_series(&self, series: &Series) -> Result<(), Error> {
        let directory = self.directory().await?;
        let organ = directory.units.get(&series.organ);
        if organ.is_none_or(|organ| !organ.organ || organ.disabled) {
            return Err(Rejection::NoSuchUnit { unit: series.organ.to_string() }.into());
        }
        let invalid =
            |field: &str, text: &str| Error::Invalid { field: field.into(), text: text.into() };
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if series.id.is_empty() || series.id.len() > 64 || !series.id.chars().all(plain) {
            return Err(DirectoryRejection::BadId { id: series.id.clone() }.into());
        }
        if series.title.trim().is_empty() || series.title.chars().count() > 50 {
            return Err(invalid("title", "系列名称须为1到50个字"));
        }
        let good = |c: char| c.is_alphanumeric();
        if !(1..=20).contains(&series.code.chars().count()) || !series.code.chars().all(good) {
            return Err(invalid("code", "机关代字须为1到20个字，不含空格和标点"));
        }
        for other in self.inner.storage.all_series().await? {
            if other.id != series.id && other.code == series.code {
                let by = other.title;
                return Err(DirectoryRejection::CodeTaken { taken: other.code, by }.into());
            }
        }
        Ok(())
    }

    /// Refuses whoever does not keep the numbers of an organ: its registry, the system administrator; to look at them,
    /// the auditor, too.
    async fn keeps(&self, seat: &Seat, organ: &UnitId, look: bool) -> Result<(), Error> {
        let directory = self.directory().await?;
        let person = person(seat)?;
        let registry = directory.units.get(organ).and_then(|unit| unit.registry.as_ref());
        let registrar = registry.is_some_and(|post| directory.seat(person, post).is_some());
        let may = registrar
            || has_role(&directory, seat, SYSTEM_ADMIN)
            || (look && has_role(&directory, seat, AUDIT_ADMIN));
        if may {
            return Ok(());
        }
        let whose = format!("{}收发岗或系统管理员", directory.unit_name(organ));
        Err(DirectoryRejection::NotYourRight { whose }.into())
    }

    async fn keeping(
        &self,
        seat: &Seat,
        id: &str,
        year: i32,
        reason: &str,
    ) -> Result<(SeriesRow, String), Error> {
        let row = self.inner.storage.series(id).await?.ok_or(Error::NotFound)?;
        self.keeps(seat, &row.organ, false).await?;
        if !(1950..=2200).contains(&year) {
            let text = format!("“{year}”不是年份");
            return Err(Error::Invalid { field: "year".into(), text });
        }
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(Rejection::ReasonRequired.into());
        }
        if reason.chars().count() > LONGEST_REASON {
            let (field, limit) = ("理由".into(), LONGEST_REASON);
            return Err(Rejection::TextTooLong { field, limit }.into());
        }
        Ok((row, reason.to_owned()))
    }

    /// Takes a number out of the series and records it in the same commit.
    async fn allotted(
        &self,
        seat: &Seat,
        row: &SeriesRow,
        allot: Allot,
        record: impl Fn(u32, &str) -> (RegisterEvent, NumberFateRow) + Clone + Send + 'static,
    ) -> Result<u32, Error> {
        for _ in 0..TRIES {
            let stream = StreamId::register(&row.id);
            let head = self.inner.storage.head(&stream).await?.unwrap_or_default();
            let (record, office, seat) = (record.clone(), self.clone(), seat.clone());
            let (code, year) = (row.code.clone(), allot.year);
            let act = Act::Needs {
                allot: vec![allot.clone()],
                then: Box::new(move |allotted| {
                    let number = allotted.first().map(|given| given.number).unwrap_or_default();
                    let text = Number { code, year, seq: number }.to_string();
                    let (event, fate) = record(number, &text);
                    let mut writes =
                        office.registered(&seat, stream, head, std::slice::from_ref(&event))?;
                    writes.put(&fate);
                    writes.key = office.answer(&Actor::Person(seat), &number)?;
                    Ok(writes)
                }),
            };
            match self.inner.storage.commit::<Error>(act).await {
                Ok(committed) => {
                    let given = committed.allotted.first().map(|given| given.number);
                    return Ok(given.unwrap_or_default());
                }
                Err(Refused::KnownKey(known)) => return self.found(&known),
                Err(Refused::Moved) => {}
                Err(Refused::NumberTaken { year, number, .. }) => {
                    let taken = Number { code: row.code.clone(), year, seq: number };
                    return Err(rule(
                        "number-taken",
                        format!("{taken}已经用过、预留或作废。"),
                        "请查看文号登记，另选一个。",
                    ));
                }
                Err(refused) => return Err(unexpected(refused)),
            }
        }
        Err(Error::Busy(TRIES))
    }

    async fn enter(
        &self,
        seat: &Seat,
        series: &str,
        record: impl Fn() -> (RegisterEvent, Rows),
    ) -> Result<(), Error> {
        for _ in 0..TRIES {
            let stream = StreamId::register(series);
            let head = self.inner.storage.head(&stream).await?.unwrap_or_default();
            let (event, rows) = record();
            let mut writes = self.registered(seat, stream, head, std::slice::from_ref(&event))?;
            rows(&mut writes);
            writes.key = self.answer(&Actor::Person(seat.clone()), &())?;
            match self.inner.storage.commit::<Error>(Act::Ready(writes)).await {
                Ok(_) => return Ok(()),
                Err(Refused::KnownKey(known)) => return self.found(&known),
                Err(Refused::Moved) => {}
                Err(refused) => return Err(unexpected(refused)),
            }
        }
        Err(Error::Busy(TRIES))
    }

    fn registered(
        &self,
        seat: &Seat,
        stream: StreamId,
        head: Head,
        events: &[RegisterEvent],
    ) -> Result<Writes, Error> {
        let actor = Actor::Person(seat.clone());
        let (now, known) = (self.inner.clock.now(), self.known_directory().version);
        let circumstances = Circumstances::new(now, &actor, known, self.inner.calendar.version);
        let circumstances = circumstances.keyed(self.key());
        let envelopes = circumstances.wrap(head.version, events);
        let mut writes = Writes::default();
        writes.appends.push(envelope::append(stream, StreamKind::Register, head, &envelopes)?);
        Ok(writes)
    }
}

/// The rows that go with an event.
type Rows = Box<dyn FnOnce(&mut Writes) + Send>;

fn checked(number: u32) -> Result<u32, Error> {
    if (1..=LARGEST).contains(&number) {
        return Ok(number);
    }
    Err(Error::Invalid { field: "number".into(), text: format!("文号须在1到{LARGEST}之间") })
}

fn said_by(fate: &NumberFateRow) -> String {
    fate.given_by.read::<Seat>().map(|seat| seat.label()).unwrap_or_default()
}

/// What is known of a number that the register does not hold.
fn missing(fate: Option<&NumberFateRow>, bearer: Option<&CaseId>, beyond: bool) -> Given {
    let case = bearer.copied();
    let (reason, by) = match (fate, bearer) {
        (Some(fate), _) => {
            let said = match fate.fate {
                Fate::Reserved | Fate::Chosen => "预留",
                Fate::Void => "作废",
            };
            (format!("登记簿中已无此号；曾{said}：{}", fate.reason), Some(said_by(fate)))
        }
        (None, Some(_)) => ("登记簿中已无此号，而这件公文载有此号".to_owned(), None),
        (None, None) if beyond => ("年度内未编到此号，其后的预留号已使用".to_owned(), None),
        (None, None) => ("顺序号已编过此号，登记簿和公文中都没有".to_owned(), None),
    };
    Given::Missing { case, reason: Some(reason), by }
}

fn rule(rule: &str, text: String, next: &str) -> Error {
    Rejection::Rule { rule: rule.into(), text, next: next.into() }.into()
}

/// What the content is, whatever its name says: PNG, or SVG without anything that runs or is fetched.
fn sniffed(image: &[u8]) -> Result<&'static str, &'static str> {
    const OTHER: &str = "印模须是 PNG 或 SVG 图像";
    if image.starts_with(b"\x89PNG\r\n\x1a\n") {
        let size = |at: usize| {
            image.get(at..at + 4).and_then(|four| four.try_into().ok()).map(u32::from_be_bytes)
        };
        let fine = |size: Option<u32>| size.is_some_and(|size| (1..=4_000).contains(&size));
        let good = image.get(12..16) == Some(b"IHDR") && fine(size(16)) && fine(size(20));
        return if good {
            Ok("image/png")
        } else {
            Err("PNG 图像损坏，或边长超过4000像素")
        };
    }
    let text = std::str::from_utf8(image).map_err(|_| OTHER)?.trim_start_matches('\u{feff}');
    let root = text.trim_start();
    if !(root.starts_with("<svg") || root.starts_with("<?xml") && root.contains("<svg")) {
        return Err(OTHER);
    }
    let small = text.to_ascii_lowercase();
    let runs = [
        "<script",
        "<foreignobject",
        "<!entity",
        "<!doctype",
        "javascript:",
        "<image",
        "<use",
        "@import",
        "url(http",
        "<iframe",
        "<a ",
    ];
    let handler =
        small.split_ascii_whitespace().any(|word| word.starts_with("on") && word.contains('='));
    if runs.iter().any(|word| small.contains(word)) || handler {
        return Err("SVG 图像含有脚本或外部引用，不能作印模");
    }
    Ok("image/svg+xml")
}

#[cfg(test)]
mod tests {
    use super::sniffed;

    #[test]
    fn images_are_what_they_are_and_run_nothing() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\x01\0".to_vec();
        assert_eq!(sniffed(&png), Ok("image/png"));
        png[16] = 9;
        assert!(sniffed(&png).is_err(), "too wide");
        assert_eq!(
            sniffed("<svg xmlns='http://www.w3.org/2000/svg'/>".as_bytes()),
            Ok("image/svg+xml")
        );
        for bad in [
            "<svg><script>alert(1)</script></svg>",
            "<svg onload=x></svg>",
            "<html/>",
            "GIF89a",
            "<svg><image href='http://x'/></svg>",
        ] {
            assert!(sniffed(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
