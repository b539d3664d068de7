//! Transcripts over a real office, in the words of the flows' own tests: `周明 同意 -> 财政局@会签, 司法局@会签`.
//! Left is done, right is held against what is open then; jobs are done in between.

use crate::office::TestOffice;
use anyhow::{Context, Result, bail, ensure};
use wenshu_core::{command::Command, id::CaseId, workflow::Resume};

impl TestOffice {
    /// Plays the lines of a transcript on a case; `seer` looks at what is open. Understood are 提交 同意 不同意 退回 直退
    /// 阅 查看 认领 催办 撤回.
    pub async fn play(&self, seer: &str, case: CaseId, transcript: &str) -> Result<()> {
        for line in transcript.lines().map(str::trim).filter(|line| !line.is_empty()) {
            self.line(seer, case, line).await.with_context(|| format!("“{line}”"))?;
        }
        Ok(())
    }

    async fn line(&self, seer: &str, case: CaseId, line: &str) -> Result<()> {
        let (said, wanted) =
            line.split_once("->").map_or((line, None), |(said, wanted)| (said, Some(wanted)));
        let mut words = said.split_whitespace();
        let who = words.next().context("who?")?;
        let verb = words.next().context("does what?")?;
        let rest: Vec<&str> = words.collect();
        let who = self.whom(seer, case, who).await?;
        self.verb(&who, case, verb, &rest).await?;
        self.settle().await?;
        if let Some(wanted) = wanted {
            let mut wanted: Vec<String> =
                wanted.split(',').map(|one| one.trim().to_owned()).collect();
            wanted.sort();
            let open = self.open(seer, case).await?;
            ensure!(open == wanted, "wanted {wanted:?}, open are {open:?}");
        }
        Ok(())
    }

    /// A person by name, or for a unit's short name whoever holds its open task or its registry.
    async fn whom(&self, seer: &str, case: CaseId, who: &str) -> Result<String> {
        if self.directory.people.values().any(|person| person.name == who) {
            return Ok(who.to_owned());
        }
        let unit = self
            .directory
            .units
            .values()
            .find(|unit| unit.short == who)
            .context("nobody is called so")?;
        let file = self.file(seer, case).await?;
        let mut seats =
            file.case.open_tasks().flat_map(|task| task.holder.iter().chain(&task.offered));
        let post = seats.find(|seat| seat.unit == unit.id).map(|seat| seat.post.clone());
        let post = post.or_else(|| unit.registry.clone()).context("nobody there")?;
        let seat =
            self.directory.seats_of(&post).into_iter().next().context("nobody holds the post")?;
        Ok(seat.person.as_ref().map(|person| person.name.clone()).unwrap_or_default())
    }

    async fn verb(&self, who: &str, case: CaseId, verb: &str, rest: &[&str]) -> Result<()> {
        let text = rest.join(" ");
        let back = |resume| {
            (
                rest.first().copied().unwrap_or_default(),
                resume,
                rest.get(1..).unwrap_or_default().join(" "),
            )
        };
        match verb {
            "提交" | "同意" => {
                self.approve(who, case, &text).await?;
            }
            "不同意" => {
                let task = self.task(who, case, None).await?.id;
                let refused =
                    crate::office::completion(task, wenshu_core::command::Outcome::Refused, &text);
                self.act(who, case, Command::Complete(refused)).await?;
            }
            "退回" | "直退" => {
                let way = if verb == "直退" { Resume::Direct } else { Resume::Stepwise };
                let (to, resume, why) = back(Some(way));
                self.send_back(who, case, to, resume, &why).await?;
            }
            "阅" => {
                let task = self.task(who, case, None).await?.id;
                self.act(who, case, Command::Read { task, opinion: text }).await?;
            }
            "查看" => {
                let task = self.task(who, case, None).await?.id;
                self.act(who, case, Command::Open { task }).await?;
            }
            "认领" => {
                let task = self.task(who, case, None).await?.id;
                self.act(who, case, Command::Claim { task }).await?;
            }
            "催办" => {
                self.act(who, case, Command::Urge { text }).await?;
            }
            "撤回" => {
                self.act(who, case, Command::Withdraw { reason: text }).await?;
            }
            other => bail!("{other} is not understood"),
        }
        Ok(())
    }
}
