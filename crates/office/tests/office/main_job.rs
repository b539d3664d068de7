//! The main job: drafted, reviewed, countersigned with one send-back, signed, numbered, sealed, dispatched, received,
//! archived, found and verified.

use super::on_both;

on_both! { a_notice_goes_all_the_way a_form_needs_no_document a_withdrawn_draft_comes_back }

mod played {
    use crate::notice;
    use anyhow::{Result, ensure};
    use wenshu_core::command::{Command, Picked};
    use wenshu_document::{DeliveryCommand, Kind};
    use wenshu_storage::{Slice, Worklist};
    use wenshu_testkit::TestOffice;

    pub async fn a_notice_goes_all_the_way(office: TestOffice) -> Result<()> {
        let case = notice(&office, "财政局、司法局").await?;
        office
            .play(
                "林晓",
                case,
                "林晓 提交 请审 -> 周明@处室审核
                周明 同意 -> 财政局@会签, 司法局@会签
                财政局 退回 拟稿 请写明经费来源 -> 林晓@拟稿, 司法局@会签
                司法局 同意 无意见 -> 林晓@拟稿",
            )
            .await?;
        let text = "一、提高认识\n各部门要落实汛期值守责任，排查积水点，经费由各部门预算列支。\n二、加强值守\n实行领导带班制度。";
        office.write("林晓", case, &[], Some(text)).await?;
        office
            .play(
                "林晓",
                case,
                "林晓 提交 已补充 -> 周明@处室审核
                周明 同意 -> 财政局@会签
                财政局 同意 -> 市政府办公室@办公室核稿
                吴静 同意 -> 刘志远@分管领导签发
                刘志远 同意 同意印发 -> 市政府办公室@复核编号
                郑洁 同意 -> 孙丽@用印
                孙丽 同意 -> 办结",
            )
            .await?;

        let file = office.file("林晓", case).await?;
        let document = file.document.clone().unwrap();
        assert_eq!(
            document.metadata.number.as_ref().map(ToString::to_string).as_deref(),
            Some("云政发〔2026〕1号")
        );
        assert_eq!(document.metadata.signer.as_deref(), Some("刘志远"));
        assert_eq!(
            document.metadata.written_on.map(|day| day.to_string()).as_deref(),
            Some("2026-03-02")
        );
        assert_eq!(document.finalised, Some(document.version));
        assert_eq!(
            document.sealed.first().map(|seal| seal.seal_name.as_str()),
            Some("云州市人民政府印")
        );
        assert_eq!(
            document.sealed.first().and_then(|seal| seal.keeper.person.as_ref()).unwrap().name,
            "孙丽"
        );
        ensure!(document.archived.is_some(), "it was archived");
        let pdf = office.office.pdf(&office.seat("林晓"), case, false).await?;
        ensure!(pdf.starts_with(b"%PDF"), "the sealed file");
        assert_eq!(wenshu_document::hash::sm3_hex(&pdf), document.sealed[0].pdf);
        let said: Vec<_> = file.timeline.iter().map(|entry| entry.said.as_str()).collect();
        ensure!(said.iter().any(|said| said.starts_with("退回至拟稿")), "{said:?}");

        // Sent to two and copied to one, each in its registry.
        let sent = office.office.deliveries(&office.seat("林晓"), case).await?;
        assert_eq!(sent.len(), 3);
        let registry = office.seat("蒋波");
        let queue = office.office.incoming(&registry, None, &Slice::default()).await?;
        let delivery = queue.items.first().unwrap().id;
        ensure!(
            office.office.file(&registry, case).await.is_err(),
            "the sender's case stays the sender's"
        );
        ensure!(
            office.office.delivered_pdf(&registry, delivery).await?.starts_with(b"%PDF"),
            "what was sent"
        );
        office.office.deliver(&registry, delivery, DeliveryCommand::SignFor).await?;
        let own = office
            .office
            .register_as(&registry, delivery, "incoming", Some("教收〔2026〕15号"), None)
            .await?
            .case;
        let received = office.file("蒋波", own).await?;
        assert_eq!(received.case.title, file.case.title);
        let copy = received.document.unwrap();
        assert_eq!(copy.received.as_ref().map(|from| from.from_name.as_str()), Some("市政府"));
        assert_eq!(
            copy.received.as_ref().and_then(|from| from.number.as_deref()),
            Some("教收〔2026〕15号")
        );
        assert_eq!(copy.body_hash, document.body_hash);
        office.play("蒋波", own, "蒋波 提交 -> 曹敏@拟办").await?;
        let task = office.task("曹敏", own, None).await?.id;
        let mut propose =
            wenshu_testkit::completion(task, wenshu_core::command::Outcome::Approved, "请办理");
        let unit = || wenshu_core::id::UnitId(office.unit("教育局"));
        let handlers = Picked { units: vec![unit()], lead: Some(unit()), people: vec![] };
        propose.picks.insert("handlers".into(), handlers);
        office.act("曹敏", own, Command::Complete(propose)).await?;
        let state = office.office.deliveries(&office.seat("林晓"), case).await?;
        let row = state.iter().find(|row| row.id == delivery).unwrap();
        assert_eq!(
            (row.state, row.registered_case),
            (wenshu_storage::DeliveryState::Registered, Some(own))
        );

        // Found by a word of its body, by those who may, and its record holds.
        let hits =
            office.office.search(&office.seat("林晓"), "积水点", None, &Slice::default()).await?;
        assert_eq!(hits.items.first().map(|hit| hit.case), Some(case));
        let hits =
            office.office.search(&office.seat("彭菲"), "积水点", None, &Slice::default()).await?;
        ensure!(hits.items.is_empty(), "a stranger finds nothing");
        let verdict = office.office.verify(&office.seat("林晓"), case).await?;
        ensure!(verdict.ok && verdict.streams == 5, "{verdict:?}");
        let changes = office.office.changes(&office.seat("林晓"), case, 2).await?;
        ensure!(
            changes
                .body
                .iter()
                .flat_map(|change| &change.pieces)
                .any(|piece| piece.text.contains("经费由各部门")),
            "{changes:?}"
        );
        ensure!(!office.letters.messages().is_empty(), "people were told");
        let counts = office.office.counts(&office.seat("郑洁")).await?;
        assert_eq!(counts.todo, 0);
        let done = office
            .office
            .worklist(&office.seat("郑洁"), Worklist::Done, &Default::default(), &Slice::default())
            .await?;
        assert_eq!(done.items.len(), 1);
        Ok(())
    }

    pub async fn a_form_needs_no_document(office: TestOffice) -> Result<()> {
        let case = office.draft("林晓", "leave", Kind::Notice, "林晓请假").await?;
        office
            .write("林晓", case, &[("kind", "年假"), ("from", "2026-03-09"), ("days", "2")], None)
            .await?;
        office
            .play(
                "林晓",
                case,
                "林晓 提交 -> 周明@科室审批\n周明 同意 -> 吴静@考勤备案, 郑洁@考勤备案, 办结",
            )
            .await?;
        ensure!(office.file("林晓", case).await?.document.is_none(), "a form is no document");
        let hits =
            office.office.search(&office.seat("林晓"), "请假", None, &Slice::default()).await?;
        assert_eq!(hits.items.len(), 1);
        Ok(())
    }

    pub async fn a_withdrawn_draft_comes_back(office: TestOffice) -> Result<()> {
        let case = notice(&office, "").await?;
        let drafts = office.office.counts(&office.seat("林晓")).await?;
        assert_eq!((drafts.drafts, drafts.todo), (1, 0));
        office
            .play("林晓", case, "林晓 提交 -> 周明@处室审核\n林晓 撤回 附件漏了 -> 林晓@拟稿")
            .await?;
        let after = office.office.counts(&office.seat("林晓")).await?;
        assert_eq!((after.drafts, after.todo), (0, 1));
        Ok(())
    }
}
