//! Units, posts and people from tables, and back into them. A dry run tells every row's fate; the same file, confirmed
//! for the same directory, does exactly that in one commit.

use crate::{
    accounts::{SecurityEvent, aside},
    desk::person,
    envelope::{self, Circumstances},
    error::Error,
    office::Office,
    sheet::{self, LARGEST, Table, Unreadable},
    sight::{AUDIT_ADMIN, SYSTEM_ADMIN},
    staff::Decided,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wenshu_core::{
    command::Actor,
    directory::{
        Cause, Change, Charge, Directory, DirectoryEvent, DirectoryRejection, PersonCard, Record,
        Seat, Unit, UnitCard, decide,
    },
    id::{PersonId, PostId, UnitId},
};
use wenshu_document::hash::sm3_hex;
use wenshu_storage::{StreamId, StreamKind};

/// Leaders in charge by topic: `财政=fushizhang-jingji；教育=fushizhang-shehui`.
const TOPICS: &str = "分管专题";

const ELSEWHERE: &str = "也可以先导入岗位再填这几列，或把三张表放在一个 XLSX 里。";

/// What a table is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Form {
    Units,
    Posts,
    People,
}

/// What becomes of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    New,
    /// What is changed, in Chinese.
    Changed(Vec<String>),
    Unchanged,
    /// Why it is not taken, each reason by itself.
    Refused(Vec<String>),
}

/// A row of the file with its fate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowFate {
    pub form: Form,
    /// As the program shows it: the heading is row 1.
    pub row: usize,
    pub id: String,
    pub name: String,
    pub fate: Fate,
}

/// What an import does, or would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// SM3 of the file.
    pub sm3: String,
    /// The directory that it was held against; after it was done, the new one.
    pub version: u64,
    pub done: bool,
    pub rows: Vec<RowFate>,
}

impl Form {
    pub const ALL: [Form; 3] = [Form::Units, Form::Posts, Form::People];

    /// The name of its sheet.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Form::Units => "单位",
            Form::Posts => "岗位",
            Form::People => "人员",
        }
    }

    /// The headings; the first two must be there.
    #[must_use]
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Form::Units => &[
                "单位编号",
                "全称",
                "规范化简称",
                "上级单位编号",
                "机关",
                "分组",
                "机关代字",
                "排序",
                "负责人岗位",
                "分管领导岗位",
                "收发岗位",
                TOPICS,
            ],
            Form::Posts => &["岗位编号", "职务", "单位编号"],
            Form::People => &["人员编号", "姓名", "主岗位编号", "兼任岗位编号"],
        }
    }
}

/// One row with its cells by heading.
struct Row {
    form: Form,
    at: usize,
    cells: BTreeMap<&'static str, String>,
}

impl Row {
    fn cell(&self, column: &str) -> Option<&str> {
        self.cells.get(column).map(String::as_str)
    }

    fn id(&self) -> &str {
        self.form.columns().first().and_then(|column| self.cell(column)).unwrap_or_default()
    }

    fn name(&self) -> &str {
        self.form.columns().get(1).and_then(|column| self.cell(column)).unwrap_or_default()
    }
}

/// The rows of a file by its kind: XLSX when it starts as an archive does, else CSV.
fn rows(bytes: &[u8]) -> Result<Vec<Row>, Unreadable> {
    let tables = if bytes.starts_with(b"PK") {
        sheet::read_xlsx(bytes)?
    } else {
        vec![Table { name: String::new(), rows: sheet::read_csv(bytes)? }]
    };
    let mut found = vec![];
    for table in tables {
        let mut lines = table.rows.into_iter();
        let heading: Vec<String> =
            lines.next().unwrap_or_default().iter().map(|cell| sheet::bare(cell)).collect();
        let form = Form::ALL.into_iter().find(|form| {
            form.columns().iter().take(2).all(|column| heading.iter().any(|cell| cell == column))
        });
        let Some(form) = form else {
            if heading.iter().all(String::is_empty) {
                continue;
            }
            let text = "表头不认得：单位表须有“单位编号、全称”，岗位表须有“岗位编号、职务”，人员表须有“人员编号、姓名”";
            return Err(Unreadable(text.into()));
        };
        if let Some(strange) =
            heading.iter().find(|cell| !cell.is_empty() && !form.columns().contains(&cell.as_str()))
        {
            let known = form.columns().join("、");
            return Err(Unreadable(format!("没有“{strange}”这一列，可用的列：{known}")));
        }
        for (line, at) in lines.zip(2..) {
            if line.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            let column = |name: &'static str| {
                let place = heading.iter().position(|cell| cell == name)?;
                Some((name, line.get(place).map(|cell| sheet::bare(cell)).unwrap_or_default()))
            };
            let cells = form.columns().iter().filter_map(|name| column(name)).collect();
            found.push(Row { form, at, cells });
        }
    }
    // Units before the posts in them, posts before the people in those.
    found.sort_by_key(|row| (row.form, row.at));
    Ok(found)
}

/// The import under way: the directory as the rows before have made it.
struct Work<'a> {
    actor: &'a Actor,
    directory: Directory,
    events: Vec<DirectoryEvent>,
}

impl Work<'_> {
    /// Does all of these, or none.
    fn all(&mut self, changes: Vec<Change>) -> Result<Vec<String>, String> {
        let start = self.events.len();
        let cause = Cause { actor: self.actor, uses: &[] };
        for change in &changes {
            match decide(&cause, &self.directory, change) {
                Ok(events) => {
                    for event in events {
                        self.directory.apply(&event);
                        self.events.push(event);
                    }
                }
                Err(refused) => {
                    while self.events.len() > start {
                        if let Some(event) = self.events.pop() {
                            undo(&mut self.directory, event);
                        }
                    }
                    return Err(refused.detail());
                }
            }
        }
        let said = self.events.iter().skip(start).filter_map(|event| match event {
            DirectoryEvent::Changed { text, .. } => Some(text.clone()),
            DirectoryEvent::Put { .. } => None,
        });
        Ok(said.collect())
    }

    fn unit(&self, row: &Row) -> Result<Change, String> {
        let id = UnitId::from(row.id());
        let was = self.directory.units.get(&id);
        let text = |column: &str, was: Option<&str>| {
            row.cell(column).or(was).unwrap_or_default().to_owned()
        };
        let parent = match row.cell("上级单位编号") {
            Some("") => None,
            Some(parent) => Some(UnitId::from(parent)),
            None => was.and_then(|was| was.parent.clone()),
        };
        let organ = match row.cell("机关") {
            Some("是") => true,
            Some("否" | "") => false,
            Some(other) => return Err(format!("“机关”一列只能填是或否，不能填“{other}”")),
            None => was.is_some_and(|was| was.organ),
        };
        let order = match row.cell("排序") {
            None | Some("") => was.map_or(0, |was| was.order),
            Some(order) => {
                order.parse().map_err(|_| format!("“排序”须是不小于0的整数，不能填“{order}”"))?
            }
        };
        let code = match row.cell("机关代字") {
            Some("") => None,
            Some(code) => Some(code.to_owned()),
            None => was.and_then(|was| was.code.clone()),
        };
        let name = row.name().to_owned();
        let short = match row.cell("规范化简称") {
            Some("") | None => was.map_or_else(|| name.clone(), |was| was.short.clone()),
            Some(short) => short.to_owned(),
        };
        let group = text("分组", was.map(|was| was.group.as_str()));
        let known = was.is_some();
        let card = UnitCard { id, name, short, parent, organ, group, code, order };
        Ok(if known { Change::EditUnit(card) } else { Change::AddUnit(card) })
    }

    /// Who leads a unit: asked once all posts of the file are there. Of the topics each that cannot be is told.
    fn charge(&self, row: &Row) -> Result<Option<Change>, Vec<String>> {
        let unit = UnitId::from(row.id());
        let Some(was) = self.directory.units.get(&unit) else { return Ok(None) };
        let topics = match row.cell(TOPICS) {
            Some(cell) => self.topics(was, cell)?,
            None => was.topics.clone(),
        };
        let post = |column: &str, was: &Option<PostId>| match row.cell(column) {
            Some("") => None,
            Some(post) => Some(PostId::from(post)),
            None => was.clone(),
        };
        let charge = Charge {
            head: post("负责人岗位", &was.head),
            in_charge: post("分管领导岗位", &was.in_charge),
            registry: post("收发岗位", &was.registry),
            topics,
        };
        Ok(Some(Change::SetCharge { unit, charge }))
    }

    /// The topics of a cell, each held against the directory by itself.
    fn topics(&self, was: &Unit, cell: &str) -> Result<BTreeMap<String, PostId>, Vec<String>> {
        let (mut topics, mut wrong) = (BTreeMap::new(), vec![]);
        for entry in parted(cell) {
            let Some((topic, post)) = entry.rsplit_once(['=', '＝', ':', '：']) else {
                wrong.push(format!("{TOPICS}“{entry}”没有写岗位，应写成“专题=岗位编号”"));
                continue;
            };
            let (topic, post) = (topic.trim().to_owned(), PostId::from(post.trim()));
            let Unit { head, in_charge, registry, topics: kept, .. } = was.clone();
            let mut charge = Charge { head, in_charge, registry, topics: kept };
            charge.topics.insert(topic.clone(), post.clone());
            let change = Change::SetCharge { unit: was.id.clone(), charge };
            let cause = Cause { actor: self.actor, uses: &[] };
            if let Err(refused) = decide(&cause, &self.directory, &change) {
                wrong.push(format!("{TOPICS}“{entry}”不能采用：{}", refused.detail()));
            } else if topics.insert(topic, post).is_some() {
                wrong.push(format!("{TOPICS}“{entry}”与前面的专题重复"));
            }
        }
        if wrong.is_empty() { Ok(topics) } else { Err(wrong) }
    }

    fn post(&self, row: &Row) -> Result<Vec<Change>, String> {
        let (post, title) = (PostId::from(row.id()), row.name().to_owned());
        match self.directory.posts.get(&post) {
            Some(was) => match row.cell("单位编号").filter(|unit| *unit != was.unit.as_str()) {
                Some(_) => Err(format!(
                    "岗位“{}”属于“{}”，不能移到别的单位。请在那里新设岗位。",
                    was.title,
                    self.directory.unit_name(&was.unit)
                )),
                None if was.title == title => Ok(vec![]),
                None => Ok(vec![Change::EditPost { post, title }]),
            },
            None => {
                let unit = UnitId::from(row.cell("单位编号").unwrap_or_default());
                Ok(vec![Change::AddPost { post, unit, title }])
            }
        }
    }

    fn person(&self, row: &Row) -> Vec<Change> {
        let (id, name) = (PersonId::from(row.id()), row.name().to_owned());
        let main = row.cell("主岗位编号").filter(|post| !post.is_empty()).map(PostId::from);
        let mut posts: Vec<PostId> = main.iter().cloned().collect();
        let also = row.cell("兼任岗位编号");
        let names = also.unwrap_or_default().split(['、', ',', '，', ';', '；', ' ']);
        for post in names.filter(|post| !post.is_empty()).map(PostId::from) {
            if !posts.contains(&post) {
                posts.push(post);
            }
        }
        let mut changes = vec![];
        let blank = PersonCard { id: id.clone(), name: name.clone(), main_post: None };
        if !self.directory.people.contains_key(&id) {
            changes.push(Change::AddPerson(blank));
        }
        let holders =
            |post: &PostId| self.directory.posts.get(post).map(|post| post.holders.clone());
        for post in &posts {
            let mut held = holders(post).unwrap_or_default();
            if !held.contains(&id) {
                held.push(id.clone());
                changes.push(Change::SetHolders { post: post.clone(), holders: held });
            }
        }
        // With both columns the row says all posts of the person.
        if also.is_some() && row.cell("主岗位编号").is_some() {
            for gone in self.directory.posts_of(&id).filter(|post| !posts.contains(&post.id)) {
                let mut held = gone.holders.clone();
                held.retain(|holder| *holder != id);
                changes.push(Change::SetHolders { post: gone.id.clone(), holders: held });
            }
        }
        changes.push(Change::EditPerson(PersonCard { id, name, main_post: main }));
        changes
    }
}

/// The entries of a cell: a line each where there are lines, else apart by semicolons.
fn parted(cell: &str) -> impl Iterator<Item = &str> {
    let between: &[char] = if cell.contains('\n') { &['\n'] } else { &['；', ';'] };
    cell.split(between).map(str::trim).filter(|entry| !entry.is_empty())
}

/// The topics as one cell, so that `parted` finds them again.
fn joined(topics: &BTreeMap<String, PostId>) -> String {
    let entries: Vec<_> = topics.iter().map(|(topic, post)| format!("{topic}={post}")).collect();
    if topics.keys().any(|topic| topic.contains(['；', ';'])) {
        return entries.iter().map(|entry| format!("{entry}\n")).collect();
    }
    entries.join("；")
}

/// Takes an event back.
fn undo(directory: &mut Directory, event: DirectoryEvent) {
    let DirectoryEvent::Changed { what, text, record } = event else { return };
    let record = match record {
        Record::Unit { was, now } => Record::Unit { was: now, now: was },
        Record::Post { was, now } => Record::Post { was: now, now: was },
        Record::Person { was, now } => Record::Person { was: now, now: was },
        Record::Seal { was, now } => Record::Seal { was: now, now: was },
    };
    directory.apply(&DirectoryEvent::Changed { what, text, record });
    // Neither it nor its taking back has happened.
    directory.version = directory.version.saturating_sub(2);
}

/// Works the rows into the directory, telling the fate of each.
fn work(actor: &Actor, directory: &Directory, rows: &[Row]) -> (Decided, Vec<RowFate>) {
    let mut work = Work { actor, directory: directory.clone(), events: vec![] };
    let known = |row: &Row| match row.form {
        Form::Units => directory.units.contains_key(row.id()),
        Form::Posts => directory.posts.contains_key(row.id()),
        Form::People => directory.people.contains_key(row.id()),
    };
    let mut outcomes: Vec<Option<Result<Vec<String>, Vec<String>>>> =
        rows.iter().map(|_| None).collect();
    let one = |why: String| vec![why];
    let mut first: BTreeMap<(Form, &str), usize> = BTreeMap::new();
    for (row, outcome) in rows.iter().zip(&mut outcomes) {
        let at = *first.entry((row.form, row.id())).or_insert(row.at);
        if at != row.at {
            *outcome = Some(Err(vec![format!("与第{at}行的编号重复，以那一行为准")]));
        } else if row.id().is_empty() || row.name().is_empty() {
            let columns = row.form.columns().get(..2).unwrap_or_default().join("和");
            *outcome = Some(Err(vec![format!("{columns}都要填写")]));
        }
    }
    // A unit may stand before the one above it: what was refused is tried again as long as others come through.
    loop {
        let mut moved = false;
        for (row, outcome) in rows.iter().zip(&mut outcomes) {
            if row.form != Form::Units || matches!(outcome, Some(Ok(_))) {
                continue;
            }
            if first.get(&(row.form, row.id())) != Some(&row.at) || row.name().is_empty() {
                continue;
            }
            let done = work.unit(row).and_then(|change| work.all(vec![change]));
            moved |= done.is_ok();
            *outcome = Some(done.map_err(one));
        }
        if !moved {
            break;
        }
    }
    for (row, outcome) in rows.iter().zip(&mut outcomes).filter(|(_, outcome)| outcome.is_none()) {
        *outcome = match row.form {
            Form::Units => None,
            Form::Posts => Some(work.post(row).and_then(|changes| work.all(changes)).map_err(one)),
            Form::People => {
                let changes = work.person(row);
                Some(work.all(changes).map_err(one))
            }
        };
    }
    let units = rows.iter().zip(&mut outcomes).filter(|(row, _)| row.form == Form::Units);
    for (row, outcome) in units {
        let Some(Ok(said)) = outcome.as_mut() else { continue };
        let done = match work.charge(row) {
            Ok(None) => continue,
            Ok(Some(change)) => work
                .all(vec![change])
                .map_err(|why| vec![format!("负责、分管或收发岗位不能采用：{why}{ELSEWHERE}")]),
            Err(mut wrong) => {
                wrong.push(ELSEWHERE.to_owned());
                Err(wrong)
            }
        };
        match done {
            Ok(more) => said.extend(more),
            Err(why) => *outcome = Some(Err(why)),
        }
    }
    let fates = rows.iter().zip(outcomes).map(|(row, outcome)| RowFate {
        form: row.form,
        row: row.at,
        id: row.id().to_owned(),
        name: row.name().to_owned(),
        fate: match outcome {
            Some(Err(why)) => Fate::Refused(why),
            Some(Ok(_)) if !known(row) => Fate::New,
            Some(Ok(said)) if !said.is_empty() => Fate::Changed(said),
            Some(Ok(_)) | None => Fate::Unchanged,
        },
    });
    let fates = fates.collect();
    (Decided { after: work.directory, events: work.events }, fates)
}

impl Office {
    /// Says what a file would do (`confirm`: none), or does it if file and directory are those that were shown.
    pub async fn import(
        &self,
        seat: &Seat,
        name: &str,
        bytes: Vec<u8>,
        confirm: Option<(&str, u64)>,
    ) -> Result<Imported, Error> {
        self.require_one(seat, &[SYSTEM_ADMIN]).await?;
        if bytes.len() > LARGEST {
            return Err(Error::TooLarge { limit: LARGEST as u64 });
        }
        let actor = Actor::Person(seat.clone());
        if let Some(known) = self.told_before(&actor).await? {
            return Ok(known);
        }
        let sm3 = sm3_hex(&bytes);
        if confirm.is_some_and(|(shown, _)| shown != sm3) {
            let text = "文件与预览时的不是同一个，没有导入，请重新预览".to_owned();
            return Err(Error::Invalid { field: "file".into(), text });
        }
        let directory = self.directory_seen(&actor, confirm.map(|(_, version)| version)).await?;
        let version = directory.version;
        let by = actor.clone();
        let worked = aside(move || {
            let rows = rows(&bytes)?;
            Ok::<_, Unreadable>(work(&by, &directory, &rows))
        });
        let (decided, rows) = worked
            .await?
            .map_err(|Unreadable(text)| Error::Invalid { field: "file".into(), text })?;
        let mut imported = Imported { sm3, version, done: false, rows };
        if confirm.is_none() {
            return Ok(imported);
        }
        let refused = imported.rows.iter().filter(|row| matches!(row.fate, Fate::Refused(_)));
        let refused = refused.count();
        if refused > 0 {
            return Err(DirectoryRejection::RowsRefused { rows: refused }.into());
        }
        let unchanged = imported.rows.iter().filter(|row| row.fate == Fate::Unchanged).count();
        let done = (imported.rows.len() - unchanged) as u64;
        let file: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
        let sm3 = imported.sm3.clone();
        let event = SecurityEvent::Imported { file, sm3, done, refused: 0 };
        let stream = StreamId::security(person(seat)?);
        let head = self.inner.storage.head(&stream).await?.unwrap_or_default();
        let now = self.inner.clock.now();
        let circumstances = Circumstances::new(now, &actor, version, self.inner.calendar.version);
        let circumstances = circumstances.keyed(self.key());
        let envelopes = circumstances.wrap(head.version, std::slice::from_ref(&event));
        let append = envelope::append(stream, StreamKind::Security, head, &envelopes)?;
        let put = self.put_decided(&actor, decided, |writes, directed| {
            (imported.version, imported.done) = (directed.version, true);
            writes.appends.push(append);
            writes.key = self.answer(&actor, &imported)?;
            Ok(())
        });
        if put.await?.is_some() {
            return Ok(imported);
        }
        // What was shown is what is done: whoever was overtaken looks again.
        self.told_before(&actor).await?.ok_or(Error::Busy(1))
    }

    /// One table as CSV, or all three as XLSX. It is on record who took them out.
    pub async fn export_directory(
        &self,
        seat: &Seat,
        form: Option<Form>,
    ) -> Result<Vec<u8>, Error> {
        self.require_one(seat, &[SYSTEM_ADMIN, AUDIT_ADMIN]).await?;
        let what = form.map_or_else(|| "组织机构".to_owned(), |form| format!("{}表", form.title()));
        self.note_security(seat, &SecurityEvent::Exported { what }).await?;
        let directory = self.directory().await?;
        match form {
            Some(form) => Ok(sheet::csv(&table(&directory, form).rows)),
            None => {
                let tables = Form::ALL.map(|form| table(&directory, form));
                let packed = sheet::write_xlsx(&tables);
                packed.map_err(|error| Error::Thread(error.to_string()))
            }
        }
    }
}

fn table(directory: &Directory, form: Form) -> Table {
    let heading = form.columns().iter().map(|column| (*column).to_owned()).collect();
    let post = |post: &Option<PostId>| post.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut rows: Vec<Vec<String>> = vec![heading];
    match form {
        Form::Units => {
            let mut units: Vec<_> = directory.units.values().collect();
            units.sort_by_key(|unit| (unit.order, &unit.id));
            rows.extend(units.into_iter().map(|unit| {
                vec![
                    unit.id.to_string(),
                    unit.name.clone(),
                    unit.short.clone(),
                    unit.parent.as_ref().map(ToString::to_string).unwrap_or_default(),
                    if unit.organ { "是" } else { "否" }.to_owned(),
                    unit.group.clone(),
                    unit.code.clone().unwrap_or_default(),
                    unit.order.to_string(),
                    post(&unit.head),
                    post(&unit.in_charge),
                    post(&unit.registry),
                    joined(&unit.topics),
                ]
            }));
        }
        Form::Posts => rows.extend(
            directory
                .posts
                .values()
                .map(|post| vec![post.id.to_string(), post.title.clone(), post.unit.to_string()]),
        ),
        Form::People => {
            // Who left is not staff any more.
            let staff = directory.people.values().filter(|person| !person.disabled);
            rows.extend(staff.map(|person| {
                let main = person.main_post.as_ref();
                let also: Vec<String> = directory
                    .posts_of(&person.id)
                    .filter(|post| Some(&post.id) != main)
                    .map(|post| post.id.to_string())
                    .collect();
                vec![
                    person.id.to_string(),
                    person.name.clone(),
                    post(&person.main_post),
                    also.join("、"),
                ]
            }));
        }
    }
    Table { name: form.title().to_owned(), rows }
}
