//! Work that a case waits for, and messages that wait: what fails is seen, mended and tried again.

use super::on_both;

on_both! { a_message_is_tried_again_and_told_once a_reply_is_linked_to_its_request }

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_press_without_fonts_stalls_the_case_until_an_administrator_retries() -> anyhow::Result<()>
{
    for backend in wenshu_testkit::Backend::all() {
        super::named(backend, played::a_broken_press(backend).await)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sheet_that_takes_longer_than_its_lease_is_set_once() -> anyhow::Result<()> {
    for backend in wenshu_testkit::Backend::all() {
        super::named(backend, played::a_slow_press(backend).await)?;
    }
    Ok(())
}

mod played {
    use crate::notice;
    use anyhow::{Result, ensure};
    use std::{
        sync::{
            Arc,
            atomic::{AtomicBool, AtomicUsize, Ordering},
        },
        time::Duration,
    };
    use wenshu_core::{command::Command, event::TaskKind};
    use wenshu_document::{DeliveryCommand, Kind, Press, PressError, Printed, Sheet};
    use wenshu_storage::{CaseState, Slice};
    use wenshu_testkit::{Backend, PaperPress, TestOffice};

    /// Has no fonts until somebody installs them.
    #[derive(Debug, Default)]
    struct Fontless(AtomicBool);

    impl Press for Fontless {
        fn set(&self, sheet: &Sheet) -> Result<Printed, PressError> {
            if self.0.load(Ordering::SeqCst) {
                PaperPress.set(sheet)
            } else {
                Err(PressError::NoFonts { searched: "/usr/share/fonts".into() })
            }
        }
    }

    /// Takes its time, and counts.
    #[derive(Debug, Default)]
    struct Slow {
        begun: AtomicUsize,
        takes: Duration,
    }

    impl Press for Slow {
        fn set(&self, sheet: &Sheet) -> Result<Printed, PressError> {
            self.begun.fetch_add(1, Ordering::SeqCst);
            std::thread::sleep(self.takes);
            PaperPress.set(sheet)
        }
    }

    pub async fn a_slow_press(backend: Backend) -> Result<()> {
        let office = TestOffice::new(backend).await?;
        let case = notice(&office, "").await?;
        office
            .play(
                "林晓",
                case,
                "林晓 提交
                周明 同意
                吴静 同意
                刘志远 同意 -> 市政府办公室@复核编号",
            )
            .await?;
        // Now the sheet is asked for; nobody has claimed it yet.
        office.approve("郑洁", case, "同意").await?;
        let lease = Duration::from_millis(400);
        let slow = Arc::new(Slow { takes: Duration::from_secs(2), ..Slow::default() });
        let one = office.another_node_with(Arc::clone(&slow) as Arc<dyn Press>, lease).await?;
        let two = office.another_node_with(Arc::clone(&slow) as Arc<dyn Press>, lease).await?;
        let working = tokio::spawn({
            let one = one.office.clone();
            async move { one.work_once().await }
        });
        while slow.begun.load(Ordering::SeqCst) == 0 {
            ensure!(!working.is_finished(), "the sheet is a job");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        while !working.is_finished() {
            ensure!(two.office.work_once().await? == 0, "another took what is in hand");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        ensure!(working.await?? == 1);
        ensure!(slow.begun.load(Ordering::SeqCst) == 1, "it was set {slow:?}");
        assert_eq!(office.open("林晓", case).await?, ["孙丽@用印"]);
        Ok(())
    }

    pub async fn a_broken_press(backend: Backend) -> Result<()> {
        let press = Arc::new(Fontless::default());
        let office = TestOffice::with_press(backend, Arc::clone(&press) as Arc<dyn Press>).await?;
        let case = notice(&office, "").await?;
        office
            .play(
                "林晓",
                case,
                "林晓 提交
                周明 同意
                吴静 同意
                刘志远 同意 -> 市政府办公室@复核编号
                郑洁 同意 -> 停滞",
            )
            .await?;
        let admin = office.seat("何平");
        let stalled =
            office.office.oversight(&admin, &[CaseState::Stalled], None, &Slice::default()).await?;
        assert_eq!(stalled.items.len(), 1);
        ensure!(
            stalled.items[0].whereabouts.contains("没有找到可用的中文字体"),
            "{}",
            stalled.items[0].whereabouts
        );
        let told = office.letters.messages();
        ensure!(
            told.iter().any(|message| message.letter.kind == "stalled"),
            "the administrator is told"
        );
        press.0.store(true, Ordering::SeqCst);
        ensure!(
            office
                .act("林晓", case, Command::Retry { reason: "印章图已补录".into() })
                .await
                .is_err(),
            "not the drafter's to mend"
        );
        office.act("何平", case, Command::Retry { reason: "印章图已补录".into() }).await?;
        office.settle().await?;
        assert_eq!(office.open("林晓", case).await?, ["孙丽@用印"]);
        let number = office.file("林晓", case).await?.document.unwrap().metadata.number.unwrap();
        assert_eq!(number.seq, 1, "trying again takes no other number");
        Ok(())
    }

    pub async fn a_message_is_tried_again_and_told_once(office: TestOffice) -> Result<()> {
        let case = notice(&office, "").await?;
        office.letters.fail(1);
        office.play("林晓", case, "林晓 提交 -> 周明@处室审核").await?;
        ensure!(office.letters.messages().is_empty(), "the channel failed");
        tokio::time::sleep(Duration::from_millis(2300)).await;
        office.settle().await?;
        let carried = office.letters.messages();
        assert_eq!(carried.len(), 1, "{carried:?}");
        ensure!(carried[0].letter.text.contains("请审核"), "{carried:?}");
        let notices = office.office.notices(&office.seat("周明"), &Slice::default()).await?;
        assert_eq!(notices.items.len(), 1);
        assert_eq!(office.office.counts(&office.seat("周明")).await?.notices, 1);
        office.office.read_notices(&office.seat("周明")).await?;
        assert_eq!(office.office.counts(&office.seat("周明")).await?.notices, 0);
        Ok(())
    }

    pub async fn a_reply_is_linked_to_its_request(office: TestOffice) -> Result<()> {
        let title = "云州市财政局关于追加防汛经费的请示";
        let asked = office.draft("丁雪", "request", Kind::Request, title).await?;
        let fields = [("recipients", "市政府"), ("contact", "丁雪，0000-1234567")];
        office
            .write("丁雪", asked, &fields, Some("因汛情严重，拟追加防汛经费。\n妥否，请批示。"))
            .await?;
        // Whoever holds a task agrees, until it is done.
        for _ in 0..12 {
            let file = office.file("丁雪", asked).await?;
            let mut handled = file.case.open_tasks().filter(|task| task.kind == TaskKind::Handle);
            let Some(task) = handled.next().cloned() else { break };
            let seat = task
                .holder
                .clone()
                .or_else(|| office.directory.seats_of(&task.offered[0].post).into_iter().next());
            office.approve(&seat.unwrap().person.as_ref().unwrap().name, asked, "同意").await?;
            office.settle().await?;
        }
        ensure!(office.open("丁雪", asked).await?.contains(&"办结".to_owned()), "it is done");
        let registry = office.seat("吴静");
        let delivery =
            office.office.incoming(&registry, None, &Slice::default()).await?.items[0].clone();
        assert_eq!(delivery.kind_title, "请示");
        office.office.deliver(&registry, delivery.id, DeliveryCommand::SignFor).await?;
        let received = office.office.register(&registry, delivery.id, "incoming", None).await?.case;
        let reply = office
            .draft("吴静", "outgoing", Kind::Reply, "云州市人民政府关于追加防汛经费的批复")
            .await?;
        office.office.link(&registry, reply, received, None).await?;
        let links = office.file("吴静", received).await?.links;
        assert_eq!(
            links.iter().map(|link| (link.case, link.other)).collect::<Vec<_>>(),
            [(reply, received)]
        );
        ensure!(
            office.office.link(&registry, reply, asked, None).await.is_err(),
            "not to a case that one may not see"
        );
        Ok(())
    }
}
