//! What is not one's own is not there; administrators see where it stands and nothing that was written.

use super::on_both;

on_both! { a_stranger_finds_nothing an_administrator_sees_only_where_it_stands who_was_copied_may_look }

mod played {
    use crate::notice;
    use anyhow::{Result, ensure};
    use wenshu_core::command::{Chosen, Command, Outcome};
    use wenshu_office::{Access, Error};
    use wenshu_storage::Slice;
    use wenshu_testkit::{TestOffice, completion};

    pub async fn a_stranger_finds_nothing(office: TestOffice) -> Result<()> {
        let case = notice(&office, "财政局").await?;
        office.play("林晓", case, "林晓 提交 -> 周明@处室审核").await?;
        let (stranger, task) = (office.seat("彭菲"), office.task("周明", case, None).await?.id);
        let it = &office.office;
        let hidden = |what: &str, result: Result<(), Error>| {
            assert!(matches!(result, Err(Error::NotFound)), "{what}: {result:?}");
        };
        hidden("file", it.file(&stranger, case).await.map(drop));
        hidden("forecast", it.forecast(&stranger, case).await.map(drop));
        hidden("changes", it.changes(&stranger, case, 1).await.map(drop));
        hidden("pdf", it.pdf(&stranger, case, true).await.map(drop));
        hidden("sheet", it.handling_sheet(&stranger, case).await.map(drop));
        hidden("deliveries", it.deliveries(&stranger, case).await.map(drop));
        hidden("record", it.record(&stranger, case).await.map(drop));
        hidden("verify", it.verify(&stranger, case).await.map(drop));
        hidden("attachment", it.attachment(&stranger, case, uuid::Uuid::nil()).await.map(drop));
        hidden(
            "working",
            it.save_working(&stranger, case, Default::default(), None, 1).await.map(drop),
        );
        hidden("seen", it.mark_seen(&stranger, case).await);
        let own = office.draft("彭菲", "leave", wenshu_document::Kind::Notice, "彭菲请假").await?;
        hidden("link", it.link(&stranger, own, case, None).await.map(drop));
        for command in [
            Command::Complete(completion(task, Outcome::Approved, "")),
            Command::Claim { task },
            Command::Open { task },
            Command::Urge { text: "快".into() },
            Command::Terminate { task: None, reason: "算了".into() },
            Command::Withdraw { reason: "算了".into() },
        ] {
            hidden("act", it.run(&office.actor("彭菲"), case, command, None).await.map(drop));
        }
        ensure!(
            it.search(&stranger, "汛期", None, &Slice::default()).await?.items.is_empty(),
            "search"
        );
        Ok(())
    }

    pub async fn an_administrator_sees_only_where_it_stands(office: TestOffice) -> Result<()> {
        let case = notice(&office, "财政局").await?;
        office.play("林晓", case, "林晓 提交 内部意见勿外传 -> 周明@处室审核").await?;
        let to = vec![Chosen {
            person: office.seat("高岚").person.as_ref().unwrap().id.clone(),
            post: None,
        }];
        office
            .act(
                "林晓",
                case,
                Command::Circulate { task: None, to, note: "内部意见也勿外传".into() },
            )
            .await?;
        let admin = office.seat("何平");
        let file = office.office.file(&admin, case).await?;
        assert_eq!(file.access, Access::Oversight);
        ensure!(
            file.document.is_none() && file.body.is_none() && file.attachments.is_empty(),
            "no document"
        );
        let shown = format!("{:?}{:?}", file.case, file.timeline);
        ensure!(!shown.contains("内部意见"), "no opinion");
        ensure!(file.case.whereabouts().contains("周明"), "where it stands");
        ensure!(
            matches!(office.office.pdf(&admin, case, true).await, Err(Error::NotFound)),
            "no file"
        );
        ensure!(
            matches!(office.office.record(&admin, case).await, Err(Error::NotFound)),
            "no events"
        );
        ensure!(
            matches!(
                office.office.attachment(&admin, case, uuid::Uuid::nil()).await,
                Err(Error::NotFound)
            ),
            "no attachment"
        );
        let listed = office.office.oversight(&admin, &[], None, &Slice::default()).await?;
        assert_eq!(listed.items.len(), 1);
        ensure!(
            office
                .office
                .oversight(&office.seat("林晓"), &[], None, &Slice::default())
                .await
                .is_err(),
            "not for everybody"
        );
        Ok(())
    }

    pub async fn who_was_copied_may_look(office: TestOffice) -> Result<()> {
        let case = notice(&office, "").await?;
        office.play("林晓", case, "林晓 提交 -> 周明@处室审核").await?;
        let to = vec![Chosen {
            person: office.seat("高岚").person.as_ref().unwrap().id.clone(),
            post: None,
        }];
        office.act("林晓", case, Command::Cc { task: None, to, note: "供参考".into() }).await?;
        let file = office.file("高岚", case).await?;
        assert_eq!(file.access, Access::Cc);
        assert_eq!(office.office.counts(&office.seat("高岚")).await?.cc, 1);
        office.office.see_copy(&office.seat("高岚"), case).await?;
        assert_eq!(office.office.counts(&office.seat("高岚")).await?.cc, 0);
        Ok(())
    }
}
