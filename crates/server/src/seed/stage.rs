//! Plays all scripts side by side on a stage: the office itself, or in tests a rehearsal of the core alone.
//! Every act goes through the same door as a person's; nothing is written past it.

use super::{
    agenda::Agenda,
    director::{Cue, Director},
    script::{Act, Line, Script, unit},
};
use anyhow::{Context, Result, anyhow, bail};
use chrono::{DateTime, Utc};
use std::{collections::BTreeMap, sync::Arc};
use wenshu_core::{
    Case, Vocabulary, Workflow,
    calendar::Calendar,
    command::{Actor, Command},
    directory::{Directory, Seat},
    id::{CaseId, UnitId},
    value::Facts,
};
use wenshu_document::Body;

/// How many steps one line may take.
const PATIENCE: u32 = 60;

/// What a draft is begun with.
pub(super) struct Draft<'a> {
    pub flow: &'a str,
    pub title: &'a str,
    pub fields: Facts,
    pub body: Body,
}

/// What a registry, or the sender, does with a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Post<'a> {
    Sign,
    Return(&'a str),
    Urge,
}

/// Where scripts are played.
pub(super) trait Stage {
    /// It is `at` now.
    fn clock(&mut self, at: DateTime<Utc>);
    async fn begin(&mut self, by: &Seat, draft: Draft<'_>) -> Result<CaseId>;
    async fn look(&mut self, case: CaseId) -> Result<(Arc<Case>, Arc<Workflow>)>;
    /// Carries out a command; the working copy goes with it if `hand_over`.
    async fn act(
        &mut self,
        by: &Actor,
        case: CaseId,
        command: Command,
        hand_over: bool,
    ) -> Result<()>;
    /// Changes words in the working copy.
    async fn rewrite(&mut self, by: &Seat, case: CaseId, old: &str, new: &str) -> Result<()>;
    async fn post(&mut self, by: &Seat, case: CaseId, to: &UnitId, what: Post<'_>) -> Result<()>;
    /// The registry opens the unit's own case.
    async fn register(&mut self, by: &Seat, case: CaseId, to: &UnitId) -> Result<CaseId>;
    /// Says that a case answers another.
    async fn link(&mut self, by: &Seat, case: CaseId, other: CaseId) -> Result<()>;
}

/// What all scripts look at.
pub(super) struct House<'a> {
    pub directory: &'a Directory,
    pub calendar: &'a Calendar,
    pub vocabulary: &'a Vocabulary,
    pub now: DateTime<Utc>,
}

/// One script on its way.
struct Track<'a> {
    script: &'a Script,
    lines: Vec<Line>,
    cursor: usize,
    steps: u32,
    agenda: Agenda<'a>,
    case: Option<CaseId>,
    /// A draft or a change that goes along with the next hand-over.
    handing: bool,
    form: Facts,
    chosen: Vec<UnitId>,
    received: BTreeMap<UnitId, CaseId>,
}

/// Plays the scripts; says how many acts that took.
pub(super) async fn play(
    stage: &mut impl Stage,
    house: &House<'_>,
    scripts: &[Script],
) -> Result<Played> {
    let mut tracks = vec![];
    for (at, script) in scripts.iter().enumerate() {
        let agenda = Agenda::new(house.calendar, house.now, script.ago, at as u64 + 1);
        let lines = script.lines().map_err(|why| anyhow!(why))?;
        tracks.push(Track {
            script,
            lines,
            cursor: 0,
            steps: 0,
            agenda,
            case: None,
            handing: false,
            form: Facts::new(),
            chosen: vec![],
            received: BTreeMap::new(),
        });
    }
    let mut played = Played::default();
    // The track whose clock stands earliest goes on: so the office's time never runs backwards.
    while let Some(track) =
        tracks.iter_mut().filter(|track| !track.over()).min_by_key(|track| track.agenda.at)
    {
        stage.clock(track.agenda.at);
        let line = track.cursor;
        let step = track.step(stage, house, &mut played).await;
        step.with_context(|| format!("演示公文 {} 第 {} 步", track.script.id, line + 1))?;
    }
    Ok(played)
}

/// What was played.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Played {
    pub cases: BTreeMap<String, CaseId>,
    /// The own cases of those who registered, by script and organ.
    pub received: BTreeMap<(String, UnitId), CaseId>,
    pub acts: usize,
}

impl Track<'_> {
    fn over(&self) -> bool {
        self.case.is_some() && self.cursor >= self.lines.len()
    }

    async fn step(
        &mut self,
        stage: &mut impl Stage,
        house: &House<'_>,
        played: &mut Played,
    ) -> Result<()> {
        let Some(case) = self.case else {
            let case = self.begin(stage, house).await?;
            self.case = Some(case);
            played.cases.insert(self.script.id.clone(), case);
            self.agenda.next();
            return Ok(());
        };
        self.steps += 1;
        if self.steps > PATIENCE {
            bail!("{PATIENCE} 步还没有演完这一行");
        }
        let Some(line) = self.lines.get(self.cursor).cloned() else { return Ok(()) };
        played.acts += 1;
        if self.line(stage, house, played, case, &line).await? {
            self.cursor += 1;
            self.steps = 0;
        }
        Ok(())
    }

    async fn begin(&mut self, stage: &mut impl Stage, house: &House<'_>) -> Result<CaseId> {
        let script = self.script;
        let seat = script.seat(house.directory).map_err(|why| anyhow!(why))?;
        let fields = script.facts(house.directory, house.vocabulary).map_err(|why| anyhow!(why))?;
        self.form = script.filled(|days| self.agenda.day_after(days));
        self.handing = !fields.is_empty();
        let year = house.now.format("%Y").to_string().parse().context("年份")?;
        let name = seat.person.as_ref().map_or("", |person| person.name.as_str());
        let title = fields
            .get("title")
            .map_or_else(|| format!("{name}的请假申请"), |title| title.ids().concat());
        let draft = Draft { flow: &script.flow, title: &title, body: script.text(year), fields };
        stage.begin(&seat, draft).await
    }

    /// Plays a line, or one step of it; whether it is over.
    async fn line(
        &mut self,
        stage: &mut impl Stage,
        house: &House<'_>,
        played: &mut Played,
        case: CaseId,
        line: &Line,
    ) -> Result<bool> {
        let directory = house.directory;
        match &line.act {
            Act::Wait(days) => self.agenda.wait(*days),
            Act::Pick(units) => {
                let units: Result<Vec<_>, _> =
                    units.iter().map(|short| unit(directory, short)).collect();
                self.chosen = units.map_err(|why| anyhow!(why))?;
            }
            Act::Change(old, new) => {
                let seat = self.script.seat(directory).map_err(|why| anyhow!(why))?;
                stage.rewrite(&seat, case, old, new).await?;
                self.handing = true;
            }
            Act::Sign(short) => {
                let (unit, seat) = registry(directory, short)?;
                stage.post(&seat, case, &unit, Post::Sign).await?;
                self.agenda.soon();
            }
            Act::Return(short, reason) => {
                let (unit, seat) = registry(directory, short)?;
                stage.post(&seat, case, &unit, Post::Return(reason)).await?;
                self.agenda.soon();
            }
            Act::UrgeReceipt(short) => {
                let (unit, _) = registry(directory, short)?;
                let seat = self.script.seat(directory).map_err(|why| anyhow!(why))?;
                stage.post(&seat, case, &unit, Post::Urge).await?;
                self.agenda.soon();
            }
            Act::Register(short) => {
                let (unit, seat) = registry(directory, short)?;
                let own = stage.register(&seat, case, &unit).await?;
                self.received.insert(unit.clone(), own);
                played.received.insert((self.script.id.clone(), unit), own);
                self.agenda.soon();
            }
            Act::Link(script) => {
                let (stands, workflow) = stage.look(case).await?;
                let director = Director {
                    directory,
                    workflow: &workflow,
                    case: &stands,
                    chosen: &self.chosen,
                };
                let seat = director
                    .turn(None)
                    .and_then(|task| director.sits(task))
                    .map_err(|why| anyhow!(why))?;
                // What came in is answered where it came in; its sender answers nothing, and links the case itself.
                let organ =
                    directory.organ_of(&seat.unit).map(|organ| (script.clone(), organ.id.clone()));
                let other = organ.and_then(|organ| played.received.get(&organ).copied());
                let other = other.map_or_else(|| known(played, script), Ok)?;
                stage.link(&seat, case, other).await?;
                self.agenda.soon();
            }
            Act::Received(short, inner) => {
                let unit = unit(directory, short).map_err(|why| anyhow!(why))?;
                let own = self
                    .received
                    .get(&unit)
                    .copied()
                    .with_context(|| format!("{short}还没有登记收文"))?;
                return Box::pin(self.line(stage, house, played, own, inner)).await;
            }
            Act::Elsewhere(script, inner) => {
                let other = known(played, script)?;
                return Box::pin(self.line(stage, house, played, other, inner)).await;
            }
            Act::Approve(_)
            | Act::Refuse(_)
            | Act::SendBack(_)
            | Act::Withdraw(_)
            | Act::Urge(_)
            | Act::Transfer(..)
            | Act::Until(_)
            | Act::Finish => return self.act(stage, house, case, line).await,
        }
        Ok(true)
    }

    async fn act(
        &mut self,
        stage: &mut impl Stage,
        house: &House<'_>,
        case: CaseId,
        line: &Line,
    ) -> Result<bool> {
        let (stands, workflow) = stage.look(case).await?;
        let director = Director {
            directory: house.directory,
            workflow: &workflow,
            case: &stands,
            chosen: &self.chosen,
        };
        let Some(Cue { seat, mut command }) =
            director.cue(line.who.as_deref(), &line.act).map_err(|why| anyhow!(why))?
        else {
            return Ok(true);
        };
        let mut hand_over = false;
        if let Command::Complete(completion) = &mut command {
            if !completion.picks.is_empty() {
                self.chosen.clear();
            }
            // Draft and form are the drafter's; nobody else's act takes them along.
            if Some(case) == self.case && Some(&seat) == stands.initiator.as_ref() {
                completion.changes = std::mem::take(&mut self.form);
                hand_over = std::mem::take(&mut self.handing);
            }
        }
        stage.act(&Actor::Person(seat), case, command, hand_over).await?;
        self.agenda.next();
        Ok(!matches!(line.act, Act::Until(_) | Act::Finish))
    }
}

fn known(played: &Played, script: &str) -> Result<CaseId> {
    played.cases.get(script).copied().with_context(|| format!("公文 {script} 还没有开始"))
}

fn registry(directory: &Directory, short: &str) -> Result<(UnitId, Seat)> {
    let unit = unit(directory, short).map_err(|why| anyhow!(why))?;
    let post = directory.units.get(&unit).and_then(|unit| unit.registry.as_ref());
    let seat = post.and_then(|post| directory.seats_of(post).into_iter().next());
    Ok((unit, seat.with_context(|| format!("{short}没有收发员"))?))
}
