//! Between units: what a registry may do with what came, and what the sender may.

use super::on_both;

on_both! { the_sender_sees_what_became_of_it a_return_is_told_and_final the_same_key_acts_once_on_a_delivery withdrawn_before_signing_only registering_twice_is_refused registering_under_one_key_is_done_once a_failed_commit_returns_the_number }

mod played {
    use crate::notice;
    use anyhow::{Result, ensure};
    use wenshu_core::id::CaseId;
    use wenshu_document::{DeliveryCommand, DeliveryRejection};
    use wenshu_office::{Error, RequestKey};
    use wenshu_storage::{DeliveryRow, DeliveryState, Slice};
    use wenshu_testkit::TestOffice;

    const TO_THE_END: &str = "林晓 提交 -> 周明@处室审核
        周明 同意 -> 市政府办公室@办公室核稿
        吴静 同意 -> 刘志远@分管领导签发
        刘志远 同意 -> 市政府办公室@复核编号
        郑洁 同意 -> 孙丽@用印
        孙丽 同意 -> 办结";

    async fn sent(office: &TestOffice) -> Result<(CaseId, DeliveryRow)> {
        let case = notice(office, "").await?;
        office.play("林晓", case, TO_THE_END).await?;
        let queue = office.office.incoming(&office.seat("蒋波"), None, &Slice::default()).await?;
        Ok((case, queue.items[0].clone()))
    }

    pub async fn the_sender_sees_what_became_of_it(office: TestOffice) -> Result<()> {
        let (case, row) = sent(&office).await?;
        office.office.deliver(&office.seat("蒋波"), row.id, DeliveryCommand::SignFor).await?;
        let out = async |who: &str, state| {
            let page = office.office.outgoing(&office.seat(who), state, &Slice::default()).await;
            anyhow::Ok(page?.items.into_iter().map(|row| (row.case, row.id)).collect::<Vec<_>>())
        };
        let all = out("林晓", None).await?;
        assert_eq!(all.len(), 3);
        ensure!(all.iter().all(|(of, _)| *of == case), "{all:?}");
        assert_eq!(out("周明", None).await?, all);
        assert_eq!(out("林晓", Some(DeliveryState::Signed)).await?, [(case, row.id)]);
        for stranger in ["彭菲", "蒋波"] {
            ensure!(out(stranger, None).await?.is_empty(), "{stranger} did not send it");
        }
        let first = office.office.outgoing(&office.seat("林晓"), None, &Slice::first(2)).await?;
        let rest = Slice { limit: 2, after: first.next };
        let rest = office.office.outgoing(&office.seat("林晓"), None, &rest).await?;
        assert_eq!((first.items.len(), rest.items.len(), rest.next), (2, 1, None));
        Ok(())
    }

    pub async fn the_same_key_acts_once_on_a_delivery(office: TestOffice) -> Result<()> {
        let (_, row) = sent(&office).await?;
        let registry = office.seat("蒋波");
        let key = |request: &str| Some(RequestKey { key: "once".into(), request: request.into() });
        let sign =
            || office.office.deliver_once(&registry, row.id, DeliveryCommand::SignFor, key("a"));
        for answer in futures_util::future::join_all((0..6).map(|_| sign())).await {
            assert_eq!(answer?.state, DeliveryState::Signed);
        }
        let other = DeliveryCommand::Return { reason: "有误".into() };
        let other = office.office.deliver_once(&registry, row.id, other, key("b")).await;
        ensure!(matches!(other, Err(Error::KeyReused)), "{other:?}");
        Ok(())
    }

    pub async fn a_return_is_told_and_final(office: TestOffice) -> Result<()> {
        let (_, row) = sent(&office).await?;
        let registry = office.seat("蒋波");
        let foreign =
            office.office.deliver(&office.seat("钱浩"), row.id, DeliveryCommand::SignFor).await;
        ensure!(matches!(foreign, Err(Error::NotFound)), "{foreign:?}");
        let silent = office
            .office
            .deliver(&registry, row.id, DeliveryCommand::Return { reason: " ".into() })
            .await;
        ensure!(matches!(silent, Err(Error::Delivery(DeliveryRejection::NoReason))), "{silent:?}");
        let back = DeliveryCommand::Return { reason: "主送有误".into() };
        assert_eq!(
            office.office.deliver(&registry, row.id, back).await?.state,
            DeliveryState::Returned
        );
        let late = office.office.deliver(&registry, row.id, DeliveryCommand::SignFor).await;
        ensure!(matches!(late, Err(Error::Delivery(DeliveryRejection::Returned))), "{late:?}");
        let kept = office.office.delivered_pdf(&registry, row.id).await;
        ensure!(matches!(kept, Err(Error::NotFound)), "what was given back is theirs no longer");
        ensure!(
            office.office.delivered_pdf(&office.seat("林晓"), row.id).await.is_ok(),
            "the sender still has it"
        );
        office.settle().await?;
        let told = office.letters.messages();
        ensure!(
            told.iter().any(|message| message.letter.text.contains("主送有误")),
            "the sender is told"
        );
        Ok(())
    }

    pub async fn registering_under_one_key_is_done_once(office: TestOffice) -> Result<()> {
        let (_, row) = sent(&office).await?;
        let registry = office.seat("蒋波");
        office.office.deliver(&registry, row.id, DeliveryCommand::SignFor).await?;
        let key = |request: &str| Some(RequestKey { key: "one".into(), request: request.into() });
        let (first, second) = tokio::join!(
            office.office.register(&registry, row.id, "incoming", key("register")),
            office.office.register(&registry, row.id, "incoming", key("register"))
        );
        let (first, second) = (first?, second?);
        assert_eq!(first.case, second.case);
        ensure!(first.again != second.again, "one of them was done before");
        let third = office.office.register(&registry, row.id, "incoming", key("register")).await?;
        ensure!(third.again && third.case == first.case, "{third:?}");
        let other = office.office.register(&registry, row.id, "incoming", key("other")).await;
        ensure!(matches!(other, Err(Error::KeyReused)), "{other:?}");
        Ok(())
    }

    pub async fn withdrawn_before_signing_only(office: TestOffice) -> Result<()> {
        let (case, row) = sent(&office).await?;
        let sender = office.seat("林晓");
        let urged = office
            .office
            .deliver(&sender, row.id, DeliveryCommand::Urge { text: "请签收".into() })
            .await?;
        ensure!(urged.urged_at.is_some(), "urged");
        office.office.deliver(&office.seat("蒋波"), row.id, DeliveryCommand::SignFor).await?;
        let late = office
            .office
            .deliver(&sender, row.id, DeliveryCommand::Withdraw { reason: "有误".into() })
            .await;
        ensure!(
            matches!(late, Err(Error::Delivery(DeliveryRejection::AlreadySignedFor { .. }))),
            "{late:?}"
        );
        let other = office
            .office
            .deliveries(&sender, case)
            .await?
            .into_iter()
            .find(|r| r.to_unit_name == "住建局")
            .unwrap();
        let withdrawn = office
            .office
            .deliver(&sender, other.id, DeliveryCommand::Withdraw { reason: "有误".into() })
            .await?;
        assert_eq!(withdrawn.state, DeliveryState::Withdrawn);
        ensure!(
            office.office.delivered_pdf(&office.seat("叶帆"), other.id).await.is_err(),
            "what was withdrawn is not read"
        );
        Ok(())
    }

    pub async fn registering_twice_is_refused(office: TestOffice) -> Result<()> {
        let (_, row) = sent(&office).await?;
        let registry = office.seat("蒋波");
        let early = office.office.register(&registry, row.id, "incoming", None).await;
        ensure!(
            matches!(early, Err(Error::Delivery(DeliveryRejection::NotSignedFor { .. }))),
            "{early:?}"
        );
        office.office.deliver(&registry, row.id, DeliveryCommand::SignFor).await?;
        let both = tokio::join!(
            office.office.register(&registry, row.id, "incoming", None),
            office.office.register(&registry, row.id, "incoming", None)
        );
        let oks = [&both.0, &both.1].into_iter().filter(|one| one.is_ok()).count();
        assert_eq!(oks, 1, "{both:?}");
        let lists = office.office.counts(&registry).await?;
        assert_eq!((lists.drafts, lists.todo), (0, 1), "what came from outside is work, no draft");
        assert_eq!(office.office.counts(&registry).await?.incoming, 0);
        Ok(())
    }

    pub async fn a_failed_commit_returns_the_number(office: TestOffice) -> Result<()> {
        let case = notice(&office, "").await?;
        office
            .play(
                "林晓",
                case,
                "林晓 提交\n周明 同意\n吴静 同意\n刘志远 同意 -> 市政府办公室@复核编号",
            )
            .await?;
        let before = office.office.next_number("shi-fa", 2026).await?;
        let head = office.place.dump("stream").await?.len();
        // The document's stream moved behind the office's back: the act is overtaken inside its commit, every time.
        let document = office.file("林晓", case).await?.document.unwrap().id;
        office
            .place
            .tamper(&format!("UPDATE stream SET version = version + 1 WHERE id = '{document}'"))
            .await?;
        let refused = office.approve("郑洁", case, "").await;
        ensure!(refused.is_err(), "it cannot be committed");
        assert_eq!(
            office.office.next_number("shi-fa", 2026).await?,
            before,
            "the number went back"
        );
        assert_eq!(office.place.dump("stream").await?.len(), head);
        office
            .place
            .tamper(&format!("UPDATE stream SET version = version - 1 WHERE id = '{document}'"))
            .await?;
        office.play("林晓", case, "郑洁 同意 -> 孙丽@用印").await?;
        let number = office.file("林晓", case).await?.document.unwrap().metadata.number.unwrap();
        assert_eq!(number, before);
        Ok(())
    }
}
