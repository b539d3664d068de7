//! The workshop of the flow administrator: versions with their record, retiring, what stands still and the ways out.

use super::on_both;

on_both! {
    versions_are_recorded_and_who_comes_second_is_told_who_was_first
    of_two_who_deploy_on_one_base_at_once_one_is_told
    the_order_of_versions_follows_the_record_and_not_the_clock
    a_retired_flow_starts_nothing_until_it_is_taken_up_again
    what_comes_with_the_system_is_restored_by_a_deployment_like_any_other
    a_flow_for_what_comes_in_is_not_begun_by_hand
    warnings_are_accepted_by_whoever_deploys_and_as_they_are
    a_source_changed_behind_the_record_is_found_and_named
    what_stands_still_is_searched_and_paged_where_it_lies
    versions_of_an_older_database_still_read
    a_stalled_step_is_listed_with_what_is_missing_and_somebody_is_named_for_it
    tasks_with_nobody_in_office_are_found_and_given_on
    trying_a_flow_out_leaves_nothing_behind
}

mod played {
    use anyhow::{Context, Result, bail, ensure};
    use chrono::TimeDelta;
    use std::collections::BTreeMap;
    use wenshu_core::{
        command::{Actor, Chosen, Command},
        directory::Directory,
        event::Cause,
        id::{CaseId, PersonId},
        offer::Act,
        trial::{TRIED, Trial, TrialAct},
        vacancy::Lack,
        value::{Facts, Value},
    };
    use wenshu_office::{
        Deployed, Deploying, Error, FlowEvent, FlowWrong, JournalQuestion, Line, NewCase, Purpose,
        RequestKey, Sought, Standstills, Still, StillKind, flows_against_record, survey_hash,
    };
    use wenshu_storage::{Act as Commit, Json, Slice, StreamId, WorkflowRow, Writes};
    use wenshu_testkit::{TestOffice, shipped_flows};

    const VACANT: &str = "workflow: checked
title: 技术审查
form:
  what: { title: 事项, type: text, required: true }
steps:
  - { id: write, title: 填写, by: initiator, edit: [what] }
  - { id: tech, title: 技术审查, by: { post: 总工程师, of: { unit: zhujian } } }
  - { id: head, title: 科长审核, by: { head_of: initiator.unit } }
";

    fn leave(change: &str) -> String {
        format!("{}\n# {change}\n", shipped_flows()[3])
    }

    fn key(name: &str) -> RequestKey {
        RequestKey { key: name.to_owned(), request: name.to_owned() }
    }

    async fn newest(office: &TestOffice, name: &str) -> Result<String> {
        Ok(office.office.workflow(name).await?.hash.clone())
    }

    async fn deploy(
        office: &TestOffice,
        who: &str,
        source: String,
        base: Option<String>,
        key: &RequestKey,
    ) -> Result<Deployed, Error> {
        let accepted = accepted(office, who, &source).await;
        let deploying = Deploying { source, reason: "按新规定调整".into(), base, accepted };
        office.office.deploy_version(&office.seat(who), &deploying, key).await
    }

    /// What somebody accepts who has read all warnings.
    async fn accepted(office: &TestOffice, who: &str, source: &str) -> Option<String> {
        let checked = office.office.check_flow(&office.seat(who), source.to_owned()).await;
        let (_, warnings) = checked.ok()?.ok()?;
        survey_hash(&warnings)
    }

    fn filled(what: &str) -> Facts {
        Facts::from([("what".to_owned(), Value::Text(what.into()))])
    }

    /// A case of [`VACANT`] that 林晓 handed in.
    async fn stalled(office: &TestOffice) -> Result<CaseId> {
        office.deploy(VACANT).await?;
        let case =
            office.draft("林晓", "checked", wenshu_document::Kind::Notice, "桥梁检测").await?;
        office.office.save_working(&office.seat("林晓"), case, filled("桥梁检测"), None, 0).await?;
        office.approve("林晓", case, "").await?;
        Ok(case)
    }

    async fn put(office: &TestOffice, change: impl FnOnce(&mut Directory)) -> Result<()> {
        let mut directory = (*office.office.directory().await?).clone();
        change(&mut directory);
        office.office.put_directory(&Actor::System, directory, &[], "人事变动").await?;
        Ok(())
    }

    fn person(id: &str) -> Chosen {
        Chosen { person: PersonId::from(id), post: None }
    }

    pub async fn versions_are_recorded_and_who_comes_second_is_told_who_was_first(
        office: TestOffice,
    ) -> Result<()> {
        let first = newest(&office, "leave").await?;
        let case = office.draft("林晓", "leave", wenshu_document::Kind::Notice, "年假").await?;
        let one = deploy(&office, "何平", leave("一"), Some(first.clone()), &key("a")).await?;
        ensure!(one.changed && one.hash != first, "a new version");
        // The same request again is the same deployment; another one under its key is none.
        let again = deploy(&office, "何平", leave("一"), Some(first.clone()), &key("a")).await?;
        assert_eq!(again, one);
        let other = RequestKey { request: "other".into(), ..key("a") };
        let reused = deploy(&office, "何平", leave("二"), Some(one.hash.clone()), &other).await;
        ensure!(matches!(reused, Err(Error::KeyReused)), "{reused:?}");
        match deploy(&office, "何平", leave("二"), Some(first.clone()), &key("b")).await {
            Err(Error::FlowMoved { hash, by: Some(by), .. }) => {
                assert_eq!(hash.as_deref(), Some(&*one.hash));
                assert_eq!(by.label(), "何平（综合科 流程管理员）");
            }
            other => bail!("{other:?}"),
        }
        let same = deploy(&office, "何平", leave("一"), Some(first.clone()), &key("c")).await?;
        ensure!(!same.changed, "the newest version again changes nothing");
        let clerk = deploy(&office, "林晓", leave("二"), Some(one.hash.clone()), &key("d")).await;
        ensure!(matches!(clerk, Err(Error::Rejected(_))), "{clerk:?}");
        let broken = deploy(&office, "何平", "workflow: leave".into(), None, &key("e")).await;
        ensure!(matches!(broken, Err(Error::Problems(_))), "{broken:?}");

        let (flow, deeds) = office.office.flow(&office.seat("何平"), "leave").await?;
        // What was warned of is another story.
        let plain = |event: &FlowEvent| match event.clone() {
            FlowEvent::Deployed { hash, reason, .. } => {
                FlowEvent::Deployed { hash, reason, accepted: vec![] }
            }
            other => other,
        };
        let told: Vec<_> = deeds
            .iter()
            .map(|deed| (deed.by.as_ref().map(|by| by.label()), plain(&deed.event)))
            .collect();
        let deployed = |hash: &str, reason: &str| FlowEvent::Deployed {
            hash: hash.to_owned(),
            reason: reason.to_owned(),
            accepted: vec![],
        };
        assert_eq!(
            told,
            [
                (Some("何平（综合科 流程管理员）".to_owned()), deployed(&one.hash, "按新规定调整")),
                (None, deployed(&first, "测试")),
            ]
        );
        // The case that was under way keeps its own.
        let versions: Vec<_> = flow
            .versions
            .iter()
            .map(|version| (version.hash.as_str(), version.in_flight))
            .collect();
        assert_eq!(versions, [(one.hash.as_str(), 0), (first.as_str(), 1)]);
        assert_eq!(office.file("林晓", case).await?.workflow.hash, first);
        let stream = StreamId::workflow("leave");
        let verified = office.storage().verify(&stream).await?;
        ensure!(verified.is_ok_and(|head| head.version == 2), "the record is chained");
        ensure!(
            office.office.flows(&office.seat("林晓")).await.is_err(),
            "not everybody's business"
        );
        Ok(())
    }

    pub async fn of_two_who_deploy_on_one_base_at_once_one_is_told(
        office: TestOffice,
    ) -> Result<()> {
        let other = office.another_node().await?;
        let mut base = newest(&office, "leave").await?;
        for round in 0..8 {
            let (here, there) = (format!("甲{round}"), format!("乙{round}"));
            let (key_here, key_there) = (key(&here), key(&there));
            let (one, two) = tokio::join!(
                deploy(&office, "何平", leave(&here), Some(base.clone()), &key_here),
                deploy(&other, "何平", leave(&there), Some(base.clone()), &key_there),
            );
            let (won, lost) = match (one, two) {
                (Ok(won), lost) | (lost, Ok(won)) => (won, lost),
                (one, two) => bail!("{round}: {one:?} {two:?}"),
            };
            let told = matches!(&lost, Err(Error::FlowMoved { hash: Some(hash), .. }) if *hash == won.hash);
            ensure!(told, "{round}: {lost:?}");
            base = newest(&office, "leave").await?;
            ensure!(base == won.hash, "{round}: who won stands");
        }
        Ok(())
    }

    pub async fn the_order_of_versions_follows_the_record_and_not_the_clock(
        office: TestOffice,
    ) -> Result<()> {
        let first = newest(&office, "leave").await?;
        let one = deploy(&office, "何平", leave("一"), Some(first), &key("a")).await?;
        office.hand.forward(TimeDelta::hours(-1));
        let two = deploy(&office, "何平", leave("二"), Some(one.hash), &key("b")).await?;
        assert_eq!(newest(&office, "leave").await?, two.hash);
        let flows = office.office.flows(&office.seat("何平")).await?;
        let flow = flows.iter().find(|flow| flow.name == "leave").context("the flow")?;
        assert_eq!(flow.versions[0].hash, two.hash);
        Ok(())
    }

    pub async fn a_retired_flow_starts_nothing_until_it_is_taken_up_again(
        office: TestOffice,
    ) -> Result<()> {
        let names = async || -> Result<Vec<String>> {
            let flows = office.office.workflows(Purpose::Draft).await?;
            Ok(flows.iter().map(|flow| flow.name.clone()).collect())
        };
        // What comes in is registered; nobody drafts it.
        assert_eq!(names().await?, ["leave", "outgoing", "request"]);
        let registered = office.office.workflows(Purpose::Registration).await?;
        let registered: Vec<_> = registered.iter().map(|flow| flow.name.as_str()).collect();
        assert_eq!(registered, ["incoming", "outgoing", "request"]);
        let admin = office.seat("何平");
        let under_way = office.draft("林晓", "leave", wenshu_document::Kind::Notice, "").await?;
        office.office.retire_flow(&admin, "leave", "改用新系统", &key("a")).await?;
        office.office.retire_flow(&admin, "leave", "改用新系统", &key("a2")).await?;
        assert_eq!(names().await?, ["outgoing", "request"]);
        let refused = office.draft("林晓", "leave", wenshu_document::Kind::Notice, "").await;
        ensure!(refused.is_err_and(|error| error.to_string().contains("已停用")), "no new case");
        office.file("林晓", under_way).await?;
        office.office.resume_flow(&admin, "leave", "恢复使用", &key("b")).await?;
        assert_eq!(names().await?, ["leave", "outgoing", "request"]);
        let (_, deeds) = office.office.flow(&admin, "leave").await?;
        let events: Vec<_> = deeds.into_iter().map(|deed| deed.event).collect();
        assert_eq!(
            events[..2],
            [
                FlowEvent::Resumed { reason: "恢复使用".into() },
                FlowEvent::Retired { reason: "改用新系统".into() },
            ]
        );
        assert_eq!(events.len(), 3, "retired twice is retired once");
        let gone = office.office.retire_flow(&admin, "nothing", "没有", &key("c")).await;
        ensure!(matches!(gone, Err(Error::NotFound)), "{gone:?}");
        let clerk = office.office.retire_flow(&office.seat("林晓"), "leave", "试", &key("d")).await;
        ensure!(clerk.is_err(), "not a clerk's to do");
        Ok(())
    }

    pub async fn what_comes_with_the_system_is_restored_by_a_deployment_like_any_other(
        office: TestOffice,
    ) -> Result<()> {
        let admin = office.seat("何平");
        let shipped = newest(&office, "leave").await?;
        let changed =
            deploy(&office, "何平", leave("改"), Some(shipped.clone()), &key("a")).await?;
        let looked_at = Some(shipped.as_str());
        let stale =
            office.office.restore_flow(&admin, "leave", "恢复", looked_at, None, &key("b")).await;
        ensure!(matches!(stale, Err(Error::FlowMoved { .. })), "{stale:?}");
        let base = Some(changed.hash.as_str());
        let unread =
            office.office.restore_flow(&admin, "leave", "恢复", base, None, &key("c")).await;
        let Err(Error::WarningsUnread { survey, .. }) = unread else { bail!("{unread:?}") };
        let read = Some(survey.as_str());
        let done =
            office.office.restore_flow(&admin, "leave", "恢复", base, read, &key("c")).await?;
        ensure!(done.changed && done.hash == shipped, "what came with the system");
        assert_eq!(newest(&office, "leave").await?, shipped);
        let flows = office.office.shipped().await?;
        assert_eq!(flows.len(), 4);
        ensure!(flows.iter().all(|flow| flow.current.as_ref() == Some(&flow.hash)), "{flows:?}");
        let none =
            office.office.restore_flow(&admin, "checked", "恢复", None, None, &key("d")).await;
        ensure!(matches!(none, Err(Error::NotFound)), "it did not come with the system");
        Ok(())
    }

    pub async fn a_flow_for_what_comes_in_is_not_begun_by_hand(office: TestOffice) -> Result<()> {
        // Nor by those who register, whatever door they come through.
        for who in ["林晓", "吴静", "何平"] {
            let begun = NewCase { workflow: "incoming".into(), kind: None, title: "来文".into() };
            match office.office.create(&office.seat(who), begun, None).await {
                Err(Error::Rejected(refused)) => {
                    assert_eq!(refused.code(), "only_by_registration");
                    ensure!(refused.detail().contains("“收文”"), "{}", refused.detail());
                }
                other => bail!("{who}: {other:?}"),
            }
        }
        let none = office.office.flow(&office.seat("何平"), "incoming").await?.0;
        assert_eq!(none.versions[0].in_flight, 0);
        Ok(())
    }

    pub async fn warnings_are_accepted_by_whoever_deploys_and_as_they_are(
        office: TestOffice,
    ) -> Result<()> {
        let admin = office.seat("何平");
        let deploying = |accepted: Option<String>| Deploying {
            source: VACANT.into(),
            reason: "新设".into(),
            base: None,
            accepted,
        };
        let unread = async |accepted: Option<String>, name: &str| match office
            .office
            .deploy_version(&admin, &deploying(accepted), &key(name))
            .await
        {
            Err(Error::WarningsUnread { warnings, survey }) => Ok((warnings, survey)),
            other => bail!("{other:?}"),
        };
        let (warnings, survey) = unread(None, "a").await?;
        let told: Vec<_> = warnings.iter().map(|one| one.problem.message.as_str()).collect();
        assert!(told[0].contains("住建局没有“总工程师”岗位"), "{told:?}");
        unread(Some("0000".into()), "b").await?;
        // What was read is not what is so now.
        put(&office, |directory| {
            directory.units.get_mut("zhujian").unwrap().short = "住房局".into();
        })
        .await?;
        let (_, now) = unread(Some(survey.clone()), "c").await?;
        ensure!(now != survey, "another survey");
        let done = office.office.deploy_version(&admin, &deploying(Some(now)), &key("d")).await?;
        ensure!(done.changed, "it is deployed");
        let (_, deeds) = office.office.flow(&admin, "checked").await?;
        let FlowEvent::Deployed { accepted, .. } = &deeds[0].event else { bail!("{deeds:?}") };
        ensure!(accepted[0].contains("住房局没有“总工程师”岗位"), "on record: {accepted:?}");
        let (auditor, question) = (office.seat("钟鉴"), JournalQuestion::default());
        let journal = office.office.journal(&auditor, &question, &Slice::first(200)).await?;
        let told = |line: &Line| line.text.starts_with("部署流程：新设（知悉");
        ensure!(journal.items.iter().any(told), "{:?}", journal.items);
        let verified = office.office.verify_journal(&auditor).await?;
        ensure!(verified.ok, "{verified:?}");
        Ok(())
    }

    pub async fn a_source_changed_behind_the_record_is_found_and_named(
        office: TestOffice,
    ) -> Result<()> {
        let storage = office.storage();
        let first = newest(&office, "leave").await?;
        let two = deploy(&office, "何平", leave("二"), Some(first.clone()), &key("a")).await?;
        ensure!(flows_against_record(storage).await?.is_empty(), "as it was deployed");
        let row = |hash: &str| {
            let hash = hash.to_owned();
            async move { anyhow::Ok(storage.workflow("leave", &hash).await?.context("a row")?) }
        };
        let put_row = async |row: WorkflowRow| {
            let mut writes = Writes::default();
            writes.put(&row);
            let done = storage.commit::<Error>(Commit::Ready(writes)).await;
            done.map(|_| ()).map_err(|refused| anyhow::anyhow!("{refused:?}"))
        };
        let found = async || -> Result<Vec<(String, FlowWrong)>> {
            let found = flows_against_record(storage).await?;
            Ok(found.into_iter().map(|one| (one.hash, one.wrong)).collect())
        };
        let good = row(&two.hash).await?;
        // A text changed by hand: named, and told to the auditor on the page.
        let source = good.source.replace("科室审批", "科室备案");
        put_row(WorkflowRow { source, ..good.clone() }).await?;
        assert_eq!(found().await?, [(two.hash.clone(), FlowWrong::Source)]);
        let verified = office.office.verify_journal(&office.seat("钟鉴")).await?;
        ensure!(!verified.ok, "{verified:?}");
        assert_eq!(verified.stream.as_deref(), Some("workflow:leave"));
        ensure!(verified.trouble.is_some_and(|text| text.contains("文本被改动")), "in words");
        put_row(good.clone()).await?;
        ensure!(found().await?.is_empty(), "put right");
        // An older version brought to the front, and one that nobody deployed.
        put_row(WorkflowRow { seq: 9, ..row(&first).await? }).await?;
        assert_eq!(found().await?, [(first.clone(), FlowWrong::Order)]);
        put_row(WorkflowRow { seq: 1, ..row(&first).await? }).await?;
        let source = leave("三");
        let hash = wenshu_core::compile::hash(&source);
        put_row(WorkflowRow { source, hash: hash.clone(), seq: 3, ..good }).await?;
        assert_eq!(found().await?, [(hash, FlowWrong::NotDeployed)]);
        Ok(())
    }

    pub async fn what_stands_still_is_searched_and_paged_where_it_lies(
        office: TestOffice,
    ) -> Result<()> {
        let admin = office.seat("何平");
        office.deploy(VACANT).await?;
        for n in 1..=5 {
            let title = format!("第{n}座桥");
            let case =
                office.draft("林晓", "checked", wenshu_document::Kind::Notice, &title).await?;
            let given = filled(&title);
            office.office.save_working(&office.seat("林晓"), case, given, None, 0).await?;
            office.approve("林晓", case, "").await?;
        }
        for _ in 0..3 {
            let case = crate::notice(&office, "").await?;
            office.play("林晓", case, "林晓 提交 -> 周明@处室审核").await?;
        }
        put(&office, |directory| {
            directory.people.get_mut("zhou-ming").unwrap().disabled = true;
        })
        .await?;
        let list = async |sought: &Sought, limit: u32, after: Option<String>| {
            let slice = Slice { limit, after };
            anyhow::Ok(office.office.standstills(&admin, sought, &slice).await?)
        };
        // Page by page everything once, the tasks first.
        let mut after = None;
        let mut seen = vec![];
        loop {
            let page: Standstills = list(&Sought::default(), 2, after).await?;
            assert_eq!((page.stalled, page.unheld), (5, 3));
            ensure!(page.items.len() <= 2, "no longer than asked for");
            seen.extend(page.items.iter().map(|item| {
                let task = match &item.still {
                    Still::Unheld { task, .. } => Some(*task),
                    Still::Stalled { .. } => None,
                };
                (task.is_none(), item.case.id, task)
            }));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), 8);
        ensure!(seen.is_sorted_by_key(|one| one.0), "tasks first: {seen:?}");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 8);
        // By what is written in the case, by the reason and by the kind.
        let words = |words: &str| Sought { words: Some(words.into()), kind: None };
        let many = async |sought: Sought| anyhow::Ok(list(&sought, 0, None).await?.items.len());
        assert_eq!(many(words("总工程师 住建局")).await?, 5);
        assert_eq!(many(words("周明 停用")).await?, 3);
        assert_eq!(many(words("文秘科")).await?, 8);
        assert_eq!(many(words("没有这样的词")).await?, 0);
        let kind = |kind| Sought { kind: Some(kind), words: None };
        assert_eq!(many(kind(StillKind::Unheld)).await?, 3);
        assert_eq!(many(kind(StillKind::Nobody)).await?, 5);
        assert_eq!(many(kind(StillKind::Effect)).await?, 0);
        let odd = list(&Sought::default(), 2, Some("x.y".into())).await;
        ensure!(odd.is_err(), "no such cursor");
        Ok(())
    }

    pub async fn versions_of_an_older_database_still_read(office: TestOffice) -> Result<()> {
        // As they were written before their number in the stream was kept.
        let mut writes = Writes::default();
        for (source, at) in [(leave("旧一"), 1), (leave("旧二"), 2)] {
            let source = source.replace("workflow: leave", "workflow: old");
            let workflow = wenshu_core::compile(&source, office.office.vocabulary());
            writes.put(&WorkflowRow {
                name: "old".into(),
                hash: workflow.map_err(|_| anyhow::anyhow!("it compiles"))?.hash,
                title: "旧流程".into(),
                source,
                deployed_at: office.now() + TimeDelta::days(at),
                deployed_by: Json::default(),
                reason: "旧库".into(),
                seq: 0,
            });
        }
        office
            .storage()
            .commit::<Error>(Commit::Ready(writes))
            .await
            .map_err(|refused| anyhow::anyhow!("{refused:?}"))?;
        let (flow, deeds) = office.office.flow(&office.seat("何平"), "old").await?;
        assert_eq!((flow.versions.len(), deeds.len()), (2, 0));
        let newest = newest(&office, "old").await?;
        assert_eq!(flow.versions[0].hash, newest);
        let source = leave("新").replace("workflow: leave", "workflow: old");
        let done = deploy(&office, "何平", source, Some(newest), &key("a")).await?;
        let (flow, deeds) = office.office.flow(&office.seat("何平"), "old").await?;
        assert_eq!((flow.versions[0].hash.as_str(), deeds.len()), (done.hash.as_str(), 1));
        Ok(())
    }

    pub async fn a_stalled_step_is_listed_with_what_is_missing_and_somebody_is_named_for_it(
        office: TestOffice,
    ) -> Result<()> {
        let case = stalled(&office).await?;
        let admin = office.seat("何平");
        let page = office.office.standstills(&admin, &Sought::default(), &Slice::default()).await?;
        let [item] = &page.items[..] else { bail!("{:?}", page.items) };
        assert_eq!((page.stalled, page.unheld), (1, 0));
        assert_eq!((item.case.id, item.step.as_str()), (case, "tech"));
        let Still::Stalled { visit: Some(visit), cause: Some(Cause::Nobody { missing }) } =
            &item.still
        else {
            bail!("{:?}", item.still)
        };
        assert_eq!((missing.len(), missing[0].what), (1, Lack::Post));
        let ways: Vec<_> = item.ways.iter().map(|way| way.act).collect();
        assert_eq!(ways, [Act::Terminate, Act::Retry, Act::Appoint]);
        ensure!(
            office
                .office
                .standstills(&office.seat("林晓"), &Sought::default(), &Slice::default())
                .await
                .is_err(),
            "not everybody's business"
        );
        let sees = async |who: &str| office.office.may_see(&office.seat(who), case).await;
        ensure!(!sees("唐瑞").await? && !sees("何平").await?, "not theirs to read");
        let reason = "总工程师尚未到任".to_owned();
        let appoint = Command::Appoint { visit: *visit, to: person("tang-rui"), reason };
        office.act("何平", case, appoint).await?;
        ensure!(sees("唐瑞").await?, "whoever has to handle it may read it");
        ensure!(!sees("何平").await?, "whoever named them may not");
        // The auditor reads of it, and not what was written in the case.
        let (auditor, question) = (office.seat("钟鉴"), JournalQuestion::default());
        let journal = office.office.journal(&auditor, &question, &Slice::first(200)).await?;
        let line = journal.items.iter().find(|line| line.what == "appointed");
        let line = line.context("it is in the journal")?;
        assert_eq!(line.subject, "checked");
        assert_eq!(
            line.text,
            format!("指定办理人“技术审查”由唐瑞办理（办件{case}）：总工程师尚未到任")
        );
        ensure!(line.name.contains("何平") && !line.text.contains("桥梁检测"), "{line:?}");
        let verified = office.office.verify_journal(&auditor).await?;
        ensure!(verified.ok, "{verified:?}");
        ensure!(
            office
                .office
                .standstills(&admin, &Sought::default(), &Slice::default())
                .await?
                .items
                .is_empty(),
            "it goes on"
        );
        office.settle().await?;
        let told = office.letters.messages();
        ensure!(
            told.iter().any(|letter| letter.letter.text.contains("现指定唐瑞")),
            "the initiator hears of it"
        );
        office.approve("唐瑞", case, "可行").await?;
        assert_eq!(office.open("林晓", case).await?, ["周明@科长审核"]);
        Ok(())
    }

    pub async fn tasks_with_nobody_in_office_are_found_and_given_on(
        office: TestOffice,
    ) -> Result<()> {
        let admin = office.seat("何平");
        let list =
            async || office.office.standstills(&admin, &Sought::default(), &Slice::default()).await;
        // One with a person, one with a post.
        let person_has = crate::notice(&office, "").await?;
        office.play("林晓", person_has, "林晓 提交 -> 周明@处室审核").await?;
        let post_has = crate::notice(&office, "").await?;
        office.play("林晓", post_has, "林晓 提交\n周明 同意 -> 市政府办公室@办公室核稿").await?;
        ensure!(list().await?.items.is_empty(), "everybody is there");
        put(&office, |directory| {
            // 周明 goes to another post, the registry's people leave.
            let post = |directory: &mut Directory, id: &str| {
                directory
                    .posts
                    .get_mut(&wenshu_core::id::PostId::from(id))
                    .unwrap()
                    .holders
                    .clear();
            };
            post(directory, "wenmi-kezhang");
            let zhou = PersonId::from("zhou-ming");
            let other = wenshu_core::id::PostId::from("zonghe-kezhang");
            directory.posts.get_mut(&other).unwrap().holders.push(zhou.clone());
            directory.people.get_mut(&zhou).unwrap().main_post = Some(other);
            for id in ["wu-jing", "zheng-jie"] {
                directory.people.get_mut(&PersonId::from(id)).unwrap().disabled = true;
            }
        })
        .await?;
        let page = list().await?;
        assert_eq!((page.items.len(), page.stalled, page.unheld), (2, 0, 2));
        let texts: BTreeMap<_, _> =
            page.items.iter().map(|item| (item.case.id, item.text.as_str())).collect();
        assert_eq!(texts[&person_has], "周明（文秘科 科长）已不担任该岗位");
        assert_eq!(texts[&post_has], "市政府办公室 收发岗没有在岗人员");
        for item in &page.items {
            let acts: Vec<_> = item.ways.iter().map(|way| way.act).collect();
            assert_eq!(acts, [Act::Terminate, Act::Reassign]);
            let task = item.ways[1].task.context("which task")?;
            let reason = "人员调整".to_owned();
            let to = person("xu-nuo");
            office.act("何平", item.case.id, Command::Reassign { task, to, reason }).await?;
        }
        ensure!(list().await?.items.is_empty(), "somebody has them");
        assert_eq!(office.open("林晓", person_has).await?, ["许诺@处室审核"]);
        assert_eq!(office.open("林晓", post_has).await?, ["许诺@办公室核稿"]);
        ensure!(
            office.office.may_see(&office.seat("许诺"), person_has).await?,
            "who has it may read it"
        );
        let zhou = office.office.directory().await?.main_seat(&PersonId::from("zhou-ming"));
        ensure!(
            office.office.may_see(&zhou.context("in his new post")?, person_has).await?,
            "what he had before him he may look at still"
        );
        Ok(())
    }

    pub async fn trying_a_flow_out_leaves_nothing_behind(office: TestOffice) -> Result<()> {
        let before = office.office.flows(&office.seat("何平")).await?.len();
        let at = office.now() + TimeDelta::days(40);
        let act = |who: &str, task: u32, after: i64| TrialAct {
            by: person(who),
            at: at + TimeDelta::hours(after),
            command: Command::Complete(wenshu_testkit::completion(
                wenshu_core::id::TaskId(task),
                wenshu_core::command::Outcome::Approved,
                "",
            )),
        };
        let trial = Trial {
            by: person("lin-xiao"),
            at,
            fields: filled("桥梁检测"),
            acts: vec![act("lin-xiao", 1, 1), act("zhou-ming", 2, 2)],
        };
        let try_it = async |who: &str, source: &str, trial: &Trial| {
            office.office.try_flow(&office.seat(who), source.to_owned(), trial.clone(), None).await
        };
        let outlook = try_it("何平", VACANT, &trial).await?;
        let (index, refused) = outlook.refused.context("the second act is refused")?;
        assert_eq!((index, refused.code()), (Some(1), "no_such_task"));
        assert_eq!(outlook.file.case.stalls.len(), 1);
        let admin = outlook.offers.iter().find(|(seat, _)| seat.label().starts_with("何平"));
        let (_, offers) = admin.context("an administrator could help")?;
        ensure!(offers.iter().any(|offer| offer.act == Act::Appoint), "{offers:?}");
        ensure!(try_it("林晓", VACANT, &trial).await.is_err(), "not a clerk's to do");

        // Numbers and files are named as tried; the document's rules are not asked.
        let text = |text: &str| Value::Text(text.into());
        let outgoing = Trial {
            fields: Facts::from([
                ("title".into(), text("关于防汛的通知")),
                ("organ".into(), text("shi")),
                ("body".into(), text("正文")),
                ("recipients".into(), Value::List(vec!["jiaoyu".into()])),
            ]),
            acts: vec![
                act("lin-xiao", 1, 1),
                act("zhou-ming", 2, 2),
                act("wu-jing", 3, 3),
                act("liu-zhiyuan", 4, 4),
                act("zheng-jie", 5, 5),
            ],
            ..trial.clone()
        };
        let outlook = try_it("何平", shipped_flows()[0], &outgoing).await?;
        ensure!(outlook.refused.is_none(), "{:?}", outlook.refused);
        assert_eq!(outlook.file.case.effects.get("number").map(String::as_str), Some(TRIED));
        let task = outlook.file.case.open_tasks().next().context("用印")?;
        assert_eq!(task.opened_at, at + TimeDelta::hours(5));
        assert_eq!(office.office.flows(&office.seat("何平")).await?.len(), before);
        assert_eq!(office.office.in_flight_of("outgoing").await?, [], "no case was made");
        Ok(())
    }
}
