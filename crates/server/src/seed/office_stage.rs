//! The office as a stage: every line of a script becomes an act of a person, through the same door as the web's.
//! Jobs are done as they come, so that a case never waits for the system while the story goes on.

use super::{
    City,
    agenda::Agenda,
    city,
    script::scripts,
    stage::{Draft, House, Played, Post, Stage, play},
};
use anyhow::{Context, Result, anyhow, ensure};
use chrono::{DateTime, Utc};
use std::{collections::BTreeMap, sync::Arc};
use wenshu_core::{
    Case, Workflow,
    command::{Actor, Command},
    directory::Seat,
    id::{CaseId, DeliveryId, UnitId},
};
use wenshu_document::{DeliveryCommand, Kind};
use wenshu_office::{Hand, NewAccount, NewCase, Office, SHIPPED};

/// What seeding made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub people: usize,
    pub organs: usize,
    pub units: usize,
    /// Documents and forms that scripts began.
    pub documents: usize,
    /// Cases that registries opened for what they received.
    pub received: usize,
    /// Lines played.
    pub acts: usize,
}

/// Fills an empty office with the demo city and plays its documents up to `now`. The office must run on the clock
/// whose hand is given; afterwards it stands at `now`. How it goes is told in short Chinese lines.
pub async fn seed(
    office: &Office,
    hand: &Hand,
    now: DateTime<Utc>,
    tell: &(dyn Fn(&str) + Send + Sync),
) -> Result<Report> {
    let City { directory, series, accounts } = city().map_err(|why| anyhow!(why))?;
    let scripts = scripts().map_err(|why| anyhow!(why))?;
    let longest = scripts.iter().map(|script| script.ago).max().unwrap_or_default();
    let calendar = office.calendar().clone();
    hand.set(Agenda::new(&calendar, now, longest + 1, 0).at);
    tell(&format!("建立组织机构：{} 个单位，{} 人", directory.units.len(), directory.people.len()));
    office
        .put_directory(&Actor::System, directory, &series, "建立演示市")
        .await
        .context("写入组织机构")?;
    tell("部署流程，建立账号");
    for flow in SHIPPED {
        office.deploy(None, flow, "随系统提供").await.context("部署流程")?;
    }
    let accounts = accounts.into_iter().map(|account| NewAccount {
        login: account.login,
        person: account.person,
        password: account.password,
        demo: true,
        one_time: false,
    });
    office.add_accounts(accounts.collect()).await.context("建立账号")?;
    let directory = office.directory().await?;
    let mut stage =
        OfficeStage { office, hand, readers: BTreeMap::new(), tell, begun: 0, all: scripts.len() };
    let house =
        House { directory: &directory, calendar: &calendar, vocabulary: office.vocabulary(), now };
    let played: Played = play(&mut stage, &house, &scripts).await?;
    hand.set(now);
    Ok(Report {
        people: directory.people.len(),
        organs: directory.units.values().filter(|unit| unit.organ).count(),
        units: directory.units.len(),
        documents: played.cases.len(),
        received: played.received.len(),
        acts: played.acts,
    })
}

struct OfficeStage<'a> {
    office: &'a Office,
    hand: &'a Hand,
    /// Who began each case: they may look at it.
    readers: BTreeMap<CaseId, Seat>,
    tell: &'a (dyn Fn(&str) + Send + Sync),
    /// Of all scripts, how many have begun.
    begun: usize,
    all: usize,
}

impl OfficeStage<'_> {
    fn reader(&self, case: CaseId) -> Result<&Seat> {
        self.readers.get(&case).context("没有这个办件")
    }

    async fn delivery(&self, case: CaseId, to: &UnitId) -> Result<DeliveryId> {
        let all = self.office.deliveries(self.reader(case)?, case).await?;
        let found = all.into_iter().find(|delivery| delivery.to_unit == *to);
        Ok(found.with_context(|| format!("没有发给 {to}"))?.id)
    }
}

impl Stage for OfficeStage<'_> {
    fn clock(&mut self, at: DateTime<Utc>) {
        self.hand.set(at);
    }

    async fn begin(&mut self, by: &Seat, draft: Draft<'_>) -> Result<CaseId> {
        self.begun += 1;
        (self.tell)(&format!("{}/{} {}", self.begun, self.all, draft.title));
        let kind = draft.fields.get("kind").and_then(|kind| Kind::from_title(&kind.ids().concat()));
        let new = NewCase { workflow: draft.flow.to_owned(), kind, title: draft.title.to_owned() };
        let case = self.office.create(by, new, None).await?.case;
        self.readers.insert(case, by.clone());
        if kind.is_some() {
            let base = self.office.file(by, case).await?.case.document_version;
            self.office
                .save_working(by, case, draft.fields, Some(draft.body.to_tiptap()), base)
                .await?;
        }
        Ok(case)
    }

    async fn look(&mut self, case: CaseId) -> Result<(Arc<Case>, Arc<Workflow>)> {
        let file = self.office.file(self.reader(case)?, case).await?;
        Ok((Arc::new(file.case), file.workflow))
    }

    async fn act(
        &mut self,
        by: &Actor,
        case: CaseId,
        command: Command,
        hand_over: bool,
    ) -> Result<()> {
        match hand_over {
            true => self.office.hand_over(by, case, command, None).await?,
            false => self.office.run(by, case, command, None).await?,
        };
        self.office.work_off().await?;
        let file = self.office.file(self.reader(case)?, case).await?;
        ensure!(file.case.stalls.is_empty(), "停滞：{:?}", file.case.stalls);
        ensure!(file.case.asks.is_empty(), "系统还没有做完：{:?}", file.case.asks);
        Ok(())
    }

    async fn rewrite(&mut self, by: &Seat, case: CaseId, old: &str, new: &str) -> Result<()> {
        let file = self.office.file(by, case).await?;
        let body = file.body.context("没有正文")?.to_tiptap().to_string();
        ensure!(body.contains(old), "正文里没有“{old}”");
        let body = serde_json::from_str(&body.replace(old, new))?;
        self.office
            .save_working(by, case, BTreeMap::new(), Some(body), file.case.document_version)
            .await?;
        Ok(())
    }

    async fn post(&mut self, by: &Seat, case: CaseId, to: &UnitId, what: Post<'_>) -> Result<()> {
        let id = self.delivery(case, to).await?;
        let command = match what {
            Post::Sign => DeliveryCommand::SignFor,
            Post::Return(reason) => DeliveryCommand::Return { reason: reason.to_owned() },
            Post::Urge => DeliveryCommand::Urge { text: "请尽快签收。".to_owned() },
        };
        self.office.deliver(by, id, command).await?;
        Ok(())
    }

    async fn register(&mut self, by: &Seat, case: CaseId, to: &UnitId) -> Result<CaseId> {
        let id = self.delivery(case, to).await?;
        let own = self.office.register(by, id, "incoming", None).await?.case;
        self.readers.insert(own, by.clone());
        Ok(own)
    }

    async fn link(&mut self, by: &Seat, case: CaseId, other: CaseId) -> Result<()> {
        self.office.link(by, case, other, None).await?;
        Ok(())
    }
}
