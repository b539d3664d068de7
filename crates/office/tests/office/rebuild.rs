//! The rows that lists read can be made again from the events, the same to the byte; and the record tells what was
//! changed behind its back.

use super::on_both;

on_both! { a_rebuild_writes_what_acts_wrote a_changed_event_is_named }

mod played {
    use crate::notice;
    use anyhow::{Result, ensure};
    use wenshu_core::command::{Chosen, Command};
    use wenshu_document::DeliveryCommand;
    use wenshu_storage::Slice;
    use wenshu_testkit::TestOffice;

    const TABLES: [&str; 7] =
        ["case_file", "document", "task", "task_offer", "access", "copied", "delivery"];
    const SEARCH: &str = "(SELECT \"case\", title, number, kind, kind_title, unit_name, body, at FROM search) AS found";

    pub async fn a_rebuild_writes_what_acts_wrote(office: TestOffice) -> Result<()> {
        let case = notice(&office, "财政局、司法局").await?;
        office
            .play(
                "林晓",
                case,
                "林晓 提交 -> 周明@处室审核
                林晓 催办 请尽快
                周明 同意 -> 财政局@会签, 司法局@会签
                财政局 退回 拟稿 再议 -> 林晓@拟稿, 司法局@会签",
            )
            .await?;
        let to = vec![Chosen {
            person: office.seat("高岚").person.as_ref().unwrap().id.clone(),
            post: None,
        }];
        office.act("林晓", case, Command::Cc { task: None, to, note: "供参考".into() }).await?;
        let sent = notice(&office, "").await?;
        office
            .play(
                "林晓",
                sent,
                "林晓 提交 -> 周明@处室审核
                周明 同意 -> 市政府办公室@办公室核稿
                吴静 认领
                吴静 同意 -> 刘志远@分管领导签发
                刘志远 同意 -> 市政府办公室@复核编号
                郑洁 同意 -> 孙丽@用印
                孙丽 同意 -> 办结",
            )
            .await?;
        let registry = office.seat("蒋波");
        let delivery =
            office.office.incoming(&registry, None, &Slice::default()).await?.items[0].id;
        office.office.deliver(&registry, delivery, DeliveryCommand::SignFor).await?;
        office.office.register(&registry, delivery, "incoming", None).await?;

        let mut before = vec![];
        for table in TABLES.into_iter().chain([SEARCH]) {
            before.push(office.place.dump(table).await?);
        }
        ensure!(before.iter().all(|rows| !rows.is_empty()), "every table has something to compare");
        for table in TABLES {
            office.place.tamper(&format!("DELETE FROM {table}")).await?;
        }
        let rebuilt = office.office.rebuild().await?;
        assert_eq!((rebuilt.cases, rebuilt.deliveries), (3, 3));
        for (table, before) in TABLES.into_iter().chain([SEARCH]).zip(before) {
            assert_eq!(office.place.dump(table).await?, before, "{table}");
        }
        Ok(())
    }

    pub async fn a_changed_event_is_named(office: TestOffice) -> Result<()> {
        let case = notice(&office, "").await?;
        office.play("林晓", case, "林晓 提交 原话 -> 周明@处室审核").await?;
        ensure!(office.office.verify(&office.seat("林晓"), case).await?.ok, "it holds at first");
        let changed = office
            .place
            .tamper("UPDATE event SET payload = replace(payload, '原话', '假话')")
            .await?;
        ensure!(changed > 0, "something was changed");
        let verdict = office.office.verify(&office.seat("林晓"), case).await?;
        ensure!(!verdict.ok && verdict.broken.is_some(), "{verdict:?}");
        Ok(())
    }
}
