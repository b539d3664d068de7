//! Acts at the same moment: the last signatures, twelve signers at once, two nodes, and the same request twice.

use super::on_both;

on_both! { the_last_two_signatures_count_once twelve_signers_never_conflict the_same_request_is_done_once what_another_node_did_is_not_refused_from_memory }

/// Two people sign side by side.
const BOTH: &str = "
workflow: both
title: 两人会签
form:
  what: { title: 事项, type: text }
steps:
  - id: ask
    title: 提出
    by: initiator
    edit: [what]
  - id: sign
    title: 会签
    by: [{ user: zhao-lixin }, { user: feng-qi }]
    vote: VOTE
  - id: after
    title: 汇总
    by: initiator
";

mod played {
    use super::BOTH;
    use crate::notice;
    use anyhow::{Context, Result, ensure};
    use wenshu_core::{
        Rejection,
        command::{Command, Outcome},
        event::TaskState,
    };
    use wenshu_document::Kind;
    use wenshu_office::Error;
    use wenshu_storage::Worklist;
    use wenshu_testkit::{TestOffice, completion};

    pub async fn the_last_two_signatures_count_once(office: TestOffice) -> Result<()> {
        let other = office.another_node().await?;
        for vote in ["all", "any"] {
            office.deploy(&BOTH.replace("VOTE", vote)).await?;
            for round in 0..100 {
                let case =
                    office.draft("林晓", "both", Kind::Notice, &format!("{vote} {round}")).await?;
                office.approve("林晓", case, "").await?;
                let tasks = [
                    office.task("赵立新", case, None).await?.id,
                    office.task("冯琪", case, None).await?.id,
                ];
                let sign = async |node: &TestOffice, who: &str, task| {
                    let command = Command::Complete(completion(task, Outcome::Approved, "同意"));
                    node.office.run(&node.actor(who), case, command, None).await
                };
                // The second signer comes through another node every other time.
                let second = if round % 2 == 0 { &office } else { &other };
                let (one, two) =
                    tokio::join!(sign(&office, "赵立新", tasks[0]), sign(second, "冯琪", tasks[1]));
                let case = office.file("林晓", case).await?.case;
                let given =
                    case.opinions.iter().filter(|(_, opinion)| opinion.text == "同意").count();
                let again = case.open_tasks().filter(|task| task.title == "汇总").count();
                assert_eq!(again, 1, "{vote} {round}: forward once");
                if vote == "all" {
                    ensure!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
                    assert_eq!(given, 2);
                } else {
                    assert_eq!(given, 1, "{vote} {round}");
                    let lost = [one, two].into_iter().filter_map(Result::err).collect::<Vec<_>>();
                    ensure!(
                        matches!(lost.as_slice(), [Error::Rejected(Rejection::TaskClosed { .. })]),
                        "{vote} {round}: {lost:?}"
                    );
                    assert_eq!(
                        case.tasks.values().filter(|task| task.state == TaskState::Closed).count(),
                        1
                    );
                }
            }
        }
        Ok(())
    }

    pub async fn twelve_signers_never_conflict(office: TestOffice) -> Result<()> {
        let other = office.another_node().await?;
        let people: Vec<String> = office
            .directory
            .people
            .values()
            .filter(|p| p.name != "林晓")
            .take(12)
            .map(|p| p.name.clone())
            .collect();
        let ids = office.directory.people.values().filter(|p| p.name != "林晓").take(12);
        let by =
            ids.map(|person| format!("{{ user: {} }}", person.id)).collect::<Vec<_>>().join(", ");
        let flow = BOTH
            .replace("VOTE", "all")
            .replace("{ user: zhao-lixin }, { user: feng-qi }", &by)
            .replace("workflow: both", "workflow: twelve");
        office.deploy(&flow).await?;
        let case = office.draft("林晓", "twelve", Kind::Notice, "十二人会签").await?;
        office.approve("林晓", case, "").await?;
        let mut tasks = vec![];
        for (at, who) in people.iter().enumerate() {
            let task = office.task(who, case, None).await?.id;
            let node = if at % 2 == 0 { office.office.clone() } else { other.office.clone() };
            let actor = office.actor(who);
            tasks.push(tokio::spawn(async move {
                node.run(
                    &actor,
                    case,
                    Command::Complete(completion(task, Outcome::Approved, "同意")),
                    None,
                )
                .await
            }));
        }
        for task in tasks {
            task.await?.context("a signer saw another's act")?;
        }
        assert_eq!(office.open("林晓", case).await?, ["林晓@汇总"]);
        Ok(())
    }

    pub async fn what_another_node_did_is_not_refused_from_memory(
        office: TestOffice,
    ) -> Result<()> {
        let other = office.another_node().await?;
        let case = notice(&office, "").await?;
        // This node remembers the case as it was after the first act, the other one moves it on twice.
        office.approve("林晓", case, "").await?;
        other.approve("周明", case, "同意").await?;
        office.approve("吴静", case, "同意").await?;
        other.approve("刘志远", case, "同意").await?;
        assert_eq!(office.open("林晓", case).await?, ["市政府办公室@复核编号"]);
        assert_eq!(office.office.counts(&office.seat("郑洁")).await?.todo, 1);
        Ok(())
    }

    pub async fn the_same_request_is_done_once(office: TestOffice) -> Result<()> {
        let case = notice(&office, "").await?;
        let task = office.task("林晓", case, None).await?.id;
        let urge = |text: &str| Command::Urge { text: text.into() };
        let submit = completion(task, Outcome::Approved, "");
        office
            .office
            .hand_over(&office.actor("林晓"), case, Command::Complete(submit), None)
            .await?;
        let first = office.act_once("林晓", case, urge("请阅"), "k1").await?;
        let again = office.act_once("林晓", case, urge("请阅"), "k1").await?;
        assert_eq!(
            (first.version, first.again, again.version, again.again),
            (first.version, false, first.version, true)
        );
        let other = office.act_once("林晓", case, urge("别的"), "k1").await;
        ensure!(matches!(other, Err(Error::KeyReused)), "{other:?}");
        let twice = tokio::join!(
            office.act_once("林晓", case, urge("再催"), "k2"),
            office.act_once("林晓", case, urge("再催"), "k2")
        );
        assert_eq!(twice.0?.version, twice.1?.version);
        // A task completed once more under its key is no closed task: the answer is the first one.
        let task = office.task("周明", case, None).await?.id;
        let agree = || Command::Complete(completion(task, Outcome::Approved, "同意"));
        let first = office.act_once("周明", case, agree(), "k3").await?;
        let again = office.act_once("周明", case, agree(), "k3").await?;
        assert_eq!((again.version, again.again), (first.version, true));
        let new = || wenshu_office::NewCase {
            workflow: "leave".into(),
            kind: None,
            title: "请假".into(),
        };
        let key = || Some(wenshu_office::RequestKey { key: "k4".into(), request: "r".into() });
        let one = office.office.create(&office.seat("林晓"), new(), key()).await?;
        let two = office.office.create(&office.seat("林晓"), new(), key()).await?;
        assert_eq!(one.case, two.case);
        let list = office
            .office
            .worklist(
                &office.seat("吴静"),
                Worklist::Todo,
                &Default::default(),
                &Default::default(),
            )
            .await?;
        assert_eq!(list.items.len(), 1);
        Ok(())
    }
}
