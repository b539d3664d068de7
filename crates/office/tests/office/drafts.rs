//! The drafter's desk: working copies, attachments, versions, rules at hand-over.

use super::on_both;

on_both! { a_working_copy_is_ones_own_until_handed_over what_is_being_written_is_checked_and_foreseen attachments_go_with_the_version a_file_handed_over_cannot_be_taken_off_at_the_same_moment what_another_node_takes_off_meanwhile_is_the_documents_by_then an_upload_is_its_uploaders_until_handed_over a_rule_refuses_before_anything_is_stored text_stays_text }

mod played {
    use crate::notice;
    use anyhow::{Result, ensure};
    use bytes::Bytes;
    use wenshu_core::{
        Rejection,
        command::{Command, Completion, Outcome},
        value::Value,
    };
    use wenshu_document::Kind;
    use wenshu_office::Error;
    use wenshu_storage::{Filter, Slice, Worklist};
    use wenshu_testkit::{TestOffice, completion};

    pub async fn a_working_copy_is_ones_own_until_handed_over(office: TestOffice) -> Result<()> {
        let case = notice(&office, "财政局").await?;
        let before = office.file("林晓", case).await?;
        ensure!(
            before.working.is_some() && before.body.unwrap().is_blank(),
            "nothing was handed over yet"
        );
        office.play("林晓", case, "林晓 提交 -> 周明@处室审核").await?;
        let after = office.file("周明", case).await?;
        assert_eq!(after.document.as_ref().unwrap().version, 2);
        assert_eq!(after.case.document_version, 2);
        ensure!(
            after.body.unwrap().plain_text().contains("排查积水点"),
            "the text was handed over"
        );
        ensure!(office.file("林晓", case).await?.working.is_none(), "the copy is used up");
        // The drafter holds no task now: nothing to save.
        let lost = office
            .office
            .save_working(&office.seat("林晓"), case, Default::default(), None, 2)
            .await;
        ensure!(matches!(lost, Err(Error::NotFound)), "{lost:?}");
        let stale = office
            .office
            .save_working(&office.seat("周明"), case, office.facts(&[("title", "改")]), None, 1)
            .await;
        ensure!(matches!(stale, Err(Error::Stale { base: 1, now: 2 })), "{stale:?}");
        let not_mine = office
            .office
            .save_working(&office.seat("周明"), case, office.facts(&[("note", "改")]), None, 2)
            .await;
        ensure!(matches!(not_mine, Err(Error::Invalid { .. })), "{not_mine:?}");
        Ok(())
    }

    pub async fn what_is_being_written_is_checked_and_foreseen(office: TestOffice) -> Result<()> {
        let case = office.draft("林晓", "outgoing", Kind::Notice, "关于防汛值班的通知").await?;
        let wanting = |file: &wenshu_office::CaseFile, field: &str| {
            file.findings.iter().any(|finding| finding.field == field)
        };
        let seat = office.seat("林晓");
        let blank = office.file("林晓", case).await?;
        ensure!(wanting(&blank, "body") && wanting(&blank, "recipients"), "{:?}", blank.findings);
        let ahead = office.office.forecast(&seat, case).await?;
        ensure!(ahead.iter().all(|step| step.branch.is_none()), "nobody countersigns yet");
        let title = "关于加强防汛值班的通知";
        let fields = [("title", title), ("recipients", "财政局"), ("countersign_units", "司法局")];
        office.write("林晓", case, &fields, Some("请各单位落实值班。")).await?;
        let drafts = office
            .office
            .worklist(&seat, Worklist::Drafts, &Filter::default(), &Slice::default())
            .await?;
        assert_eq!(drafts.items[0].case.title, title, "a draft is called what its writer calls it");
        let written = office.file("林晓", case).await?;
        ensure!(!wanting(&written, "body"), "{:?}", written.findings);
        ensure!(!wanting(&written, "recipients"), "{:?}", written.findings);
        ensure!(written.body.is_some_and(|body| body.is_blank()), "nothing was handed over");
        let ahead = office.office.forecast(&seat, case).await?;
        let branches: Vec<_> = ahead.iter().filter_map(|step| step.branch.as_deref()).collect();
        assert_eq!(branches, ["司法局"]);
        Ok(())
    }

    pub async fn attachments_go_with_the_version(office: TestOffice) -> Result<()> {
        let case = notice(&office, "").await?;
        let seat = office.seat("林晓");
        let file = |bytes: &'static [u8]| {
            futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(bytes))])
        };
        let row = office
            .office
            .attach(&seat, case, "../../检查表.pdf", None, file(b"%PDF-1.7 table"))
            .await?;
        assert_eq!((row.name.as_str(), row.media.as_str()), ("检查表.pdf", "application/pdf"));
        let gone = office.office.attach(&seat, case, "草稿.txt", None, file(b"draft")).await?;
        office.office.detach(&seat, case, gone.id).await?;
        office.play("林晓", case, "林晓 提交 -> 周明@处室审核").await?;
        let seen = office.file("周明", case).await?;
        assert_eq!(seen.document.unwrap().metadata.attachments_note(), ["检查表"]);
        let (_, bytes) = office.office.attachment(&office.seat("周明"), case, row.id).await?;
        assert_eq!(&bytes[..], b"%PDF-1.7 table");
        let late = office.office.attach(&seat, case, "迟到.txt", None, file(b"late")).await;
        ensure!(matches!(late, Err(Error::Invalid { .. })), "{late:?}");
        Ok(())
    }

    pub async fn a_file_handed_over_cannot_be_taken_off_at_the_same_moment(
        office: TestOffice,
    ) -> Result<()> {
        let seat = office.seat("林晓");
        for _ in 0..20 {
            let case = notice(&office, "").await?;
            let file = futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(
                b"%PDF-1.7 table",
            ))]);
            let row = office.office.attach(&seat, case, "检查表.pdf", None, file).await?;
            let (_, handed) = tokio::join!(
                office.office.detach(&seat, case, row.id),
                office.approve("林晓", case, "")
            );
            handed?;
            let listed = office.file("周明", case).await?.document.unwrap().metadata.attachments;
            for file in listed {
                let reader = office.seat("周明").person.as_ref().unwrap().id.clone();
                let rows = office.office.storage().attachments(case, &reader).await?;
                ensure!(rows.iter().any(|row| row.sha == file.hash), "{} is gone", file.name);
            }
        }
        Ok(())
    }

    pub async fn what_another_node_takes_off_meanwhile_is_the_documents_by_then(
        office: TestOffice,
    ) -> Result<()> {
        let (seat, other) = (office.seat("林晓"), office.another_node().await?);
        for _ in 0..8 {
            let case = notice(&office, "").await?;
            let file = futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(
                b"%PDF-1.7 table",
            ))]);
            let row = office.office.attach(&seat, case, "检查表.pdf", None, file).await?;
            let (_, handed) = tokio::join!(
                other.office.detach(&seat, case, row.id),
                office.approve("林晓", case, "")
            );
            match handed {
                Ok(_) => {}
                // It was gone between the look and the act: refused, and handed over without it the next time.
                Err(error) => {
                    let error = error.downcast::<Error>()?;
                    let about_files =
                        matches!(&error, Error::Invalid { field, .. } if field == "attachments");
                    ensure!(about_files, "{error}");
                    office.approve("林晓", case, "").await?;
                }
            }
            for file in office.file("周明", case).await?.document.unwrap().metadata.attachments {
                let rows = office.file("周明", case).await?.attachments;
                ensure!(rows.iter().any(|row| row.sha == file.hash), "{} is gone", file.name);
            }
        }
        Ok(())
    }

    pub async fn an_upload_is_its_uploaders_until_handed_over(office: TestOffice) -> Result<()> {
        let (clerk, head) = (office.seat("林晓"), office.seat("周明"));
        let file = || {
            futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"%PDF-1.7 t"))])
        };
        let case = notice(&office, "").await?;
        office.approve("林晓", case, "").await?;
        let first = office.office.attach(&head, case, "批注.pdf", None, file()).await;
        ensure!(
            matches!(first, Err(Error::Invalid { .. })),
            "the head may not add files: {first:?}"
        );
        let back = Command::SendBack {
            task: office.task("周明", case, None).await?.id,
            to: "draft".into(),
            resume: None,
            opinion: "请附检查表".into(),
        };
        office.act("周明", case, back).await?;
        let row = office.office.attach(&clerk, case, "检查表.pdf", None, file()).await?;
        // The head sees the case, but not yet what the clerk gathers for it.
        ensure!(office.file("林晓", case).await?.attachments.len() == 1, "one's own");
        ensure!(office.file("周明", case).await?.attachments.is_empty(), "not handed over");
        let peeked = office.office.attachment(&head, case, row.id).await;
        ensure!(matches!(peeked, Err(Error::NotFound)), "{peeked:?}");
        let named = Completion {
            changes: [("attachments".to_owned(), Value::List(vec![row.sha.clone()]))].into(),
            ..completion(office.task("林晓", case, None).await?.id, Outcome::Approved, "")
        };
        office.act("林晓", case, Command::Complete(named)).await?;
        ensure!(office.file("周明", case).await?.attachments.len() == 1, "handed over");
        let (_, bytes) = office.office.attachment(&head, case, row.id).await?;
        assert_eq!(&bytes[..], b"%PDF-1.7 t");
        Ok(())
    }

    pub async fn a_rule_refuses_before_anything_is_stored(office: TestOffice) -> Result<()> {
        let case =
            office.draft("林晓", "outgoing", Kind::Notice, "云州市人民政府关于保密的通知").await?;
        office
            .write(
                "林晓",
                case,
                &[("organ", "市政府"), ("recipients", "教育局")],
                Some("本件为机密★10年，请妥善保管。"),
            )
            .await?;
        let before = office.place.dump("event").await?;
        let refused = office.approve("林晓", case, "").await.unwrap_err();
        let error = refused.downcast::<Error>()?;
        ensure!(matches!(&error, Error::Rejected(Rejection::Rule { .. })), "{error:?}");
        assert_eq!(office.place.dump("event").await?, before);
        ensure!(
            office.file("林晓", case).await?.working.is_some(),
            "what was written is still there"
        );
        Ok(())
    }

    pub async fn text_stays_text(office: TestOffice) -> Result<()> {
        let case = notice(&office, "").await?;
        let title = "云州市人民政府关于<script>alert(1)</script>的通知";
        office.write("林晓", case, &[("title", title)], None).await?;
        office.play("林晓", case, "林晓 提交 <b>请审</b> -> 周明@处室审核").await?;
        let file = office.file("周明", case).await?;
        assert_eq!(file.case.title, title);
        assert_eq!(
            file.timeline.iter().find(|entry| entry.said == "提交").unwrap().text,
            "<b>请审</b>"
        );
        Ok(())
    }
}
