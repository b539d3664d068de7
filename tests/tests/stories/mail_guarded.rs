//! The mail channel over protected lines, with a login, to a server that is not what it says it is, and what a mail tells
//! of a document once it has left the system.

use crate::on_both;

on_both! { mails_go_over_tls_with_a_login a_wrong_password_keeps_the_mails_and_says_so mails_name_documents_only_where_that_is_wanted }

mod played {
    use anyhow::{Result, ensure};
    use std::{convert::Infallible, sync::Arc};
    use wenshu_notify::{Channel, Dispatcher, Letter, Line, MAIL, Mail, Patience, Server};
    use wenshu_storage::{Act, Json, MailAddressRow, OutboxRow, StreamId, WorkState, Writes};
    use wenshu_testkit::{Backend, TestOffice};
    use wenshu_tests::{Certified, Guarded, Post, Program};

    const PASSWORD: &str = "geheim-3";
    /// `wenshu` with this password, as AUTH PLAIN says it.
    const LOGIN: &str = "AHdlbnNodQBnZWhlaW0tMw==";
    const TITLE: &str = "关于人员调整的通知";

    fn server(post: &Post, line: Line, password: &str, trusted: Option<Vec<u8>>) -> Server {
        Server {
            host: "127.0.0.1".into(),
            port: post.port,
            line,
            login: Some(("wenshu".into(), password.into())),
            from: "文枢 <wenshu@example.org>".into(),
            public_url: Some("https://oa.example.org/".into()),
            trusted,
            titles: false,
        }
    }

    fn dispatcher(office: &TestOffice, server: &Server) -> Result<Dispatcher> {
        let mail: Arc<dyn Channel> = Arc::new(Mail::new(office.storage().clone(), server)?);
        let clock = office.clock.clone();
        let now = Arc::new(move || clock.now());
        Ok(Dispatcher::new(office.storage().clone(), vec![mail], now, Patience::default()))
    }

    async fn write(office: &TestOffice, stream: &str, kind: &str, title: &str) -> Result<()> {
        let person = wenshu_core::id::PersonId::from("lin-xiao");
        let text = format!("请办理《{TITLE}》");
        let letter =
            Letter { kind: kind.into(), text, case: None, title: title.into(), task: None };
        let mut writes = Writes::default();
        let address = "lin@example.org".to_owned();
        writes.put(&MailAddressRow { person: person.clone(), address });
        let (stream, now) = (StreamId(stream.to_owned()), office.clock.now());
        writes.put(&OutboxRow::new(stream, 1, person, MAIL, Json::of(&letter)?, now));
        let done = office.storage().commit::<Infallible>(Act::Ready(writes)).await;
        ensure!(done.is_ok(), "{done:?}");
        Ok(())
    }

    /// The mail was not carried, for this reason; it waits.
    async fn waits(office: &TestOffice, why: &str) -> Result<()> {
        let waiting = office.storage().tried_in_vain(10).await?;
        let told = waiting.first().and_then(|row| row.last_error.clone()).unwrap_or_default();
        ensure!(waiting.len() == 1 && told.contains(why), "{why}: {waiting:?}");
        ensure!(waiting[0].state == WorkState::Ready, "it is tried again: {waiting:?}");
        office.place.tamper("UPDATE outbox SET run_after = 0 WHERE state = 'ready'").await?;
        Ok(())
    }

    pub async fn mails_go_over_tls_with_a_login(backend: Backend) -> Result<()> {
        let office = TestOffice::new(backend).await?;
        for (wrapped, line) in [(false, Line::StartTls), (true, Line::Tls)] {
            let certificate = Certified::new("IP:127.0.0.1")?;
            let authority = Some(certificate.authority.clone());
            let post = Post::open(Some(Guarded { certificate, wrapped, login: LOGIN })).await?;
            write(&office, &format!("{line:?}"), "task", TITLE).await?;
            // Of an authority that nobody named, of somebody else, and of nobody: nothing is told to any of them.
            for trusted in [None, Some(Certified::new("IP:127.0.0.1")?.authority)] {
                dispatcher(&office, &server(&post, line, PASSWORD, trusted))?.once().await?;
                waits(&office, "加密连接没有建立").await?;
            }
            let stranger = Certified::new("DNS:mail.example.org")?;
            let named = Some(stranger.authority.clone());
            let other = Guarded { certificate: stranger, wrapped, login: LOGIN };
            let other = Post::open(Some(other)).await?;
            dispatcher(&office, &server(&other, line, PASSWORD, named))?.once().await?;
            waits(&office, "加密连接没有建立").await?;
            let open = Post::open(None).await?;
            dispatcher(&office, &server(&open, line, PASSWORD, authority.clone()))?.once().await?;
            ensure!(open.mails().is_empty() && other.mails().is_empty(), "told in the open");
            office.place.tamper("UPDATE outbox SET run_after = 0 WHERE state = 'ready'").await?;

            dispatcher(&office, &server(&post, line, PASSWORD, authority))?.once().await?;
            ensure!(post.mails().len() == 1, "{:?}", office.storage().tried_in_vain(10).await?);
            let overheard = post.overheard() + &open.overheard();
            for secret in ["AUTH", "MAIL", LOGIN] {
                ensure!(!overheard.contains(secret), "{secret} went in the open: {overheard}");
            }
        }
        Ok(())
    }

    pub async fn a_wrong_password_keeps_the_mails_and_says_so(backend: Backend) -> Result<()> {
        let office = TestOffice::new(backend).await?;
        let certificate = Certified::new("IP:127.0.0.1")?;
        let authority = Some(certificate.authority.clone());
        let post = Post::open(Some(Guarded { certificate, wrapped: true, login: LOGIN })).await?;
        write(&office, "a", "task", TITLE).await?;
        let wrong = server(&post, Line::Tls, "geheim-4", authority.clone());
        for _ in 0..3 {
            dispatcher(&office, &wrong)?.once().await?;
            waits(&office, "535").await?;
        }
        let told = Program::run(&office.place, &["mail", "waiting"])?;
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        ensure!(told.contains("lin-xiao") && told.contains("试过 3 次"), "{told}");
        ensure!(told.contains("535") && !told.contains("geheim"), "{told}");
        let right = server(&post, Line::Tls, PASSWORD, authority);
        dispatcher(&office, &right)?.once().await?;
        ensure!(post.mails().len() == 1, "it goes out once the password is right");
        let told = Program::run(&office.place, &["mail", "waiting"])?;
        ensure!(String::from_utf8_lossy(&told.stdout).contains("没有等着重试的通知"), "{told:?}");

        // Whom the directory does not know has no address.
        let address =
            |who: &str| Program::run(&office.place, &["mail", "address", who, "a@example.org"]);
        let refused = address("nobody-here")?;
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        ensure!(
            !refused.status.success() && said.contains("没有标识为“nobody-here”的人员"),
            "{said}"
        );
        ensure!(!office.place.dump("mail_address").await?.iter().any(|row| row.contains("nobody")));
        ensure!(address("wu-jing")?.status.success());
        Ok(())
    }

    /// The text of a mail, its transfer encoding undone.
    fn readable(mail: &str) -> Result<String> {
        let (head, body) = mail.split_once("\n\n").unwrap_or((mail, ""));
        let mut told = head.to_owned();
        for line in [encoded_words(head), vec![body.replace('\n', "")]].concat() {
            told.push('\n');
            told.push_str(&String::from_utf8_lossy(&unbased(&line)));
        }
        ensure!(head.contains("base64"), "another encoding: {head}");
        Ok(told)
    }

    fn encoded_words(head: &str) -> Vec<String> {
        let mut words = String::new();
        for part in head.split("=?utf-8?b?").skip(1) {
            words.push_str(part.split("?=").next().unwrap_or_default());
            words.push('\n');
        }
        words.lines().map(str::to_owned).collect()
    }

    fn unbased(text: &str) -> Vec<u8> {
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let (mut bytes, mut bits, mut count) = (vec![], 0_usize, 0);
        for digit in text.bytes().filter_map(|byte| DIGITS.iter().position(|digit| *digit == byte))
        {
            bits = bits << 6 | digit;
            count += 6;
            if count >= 8 {
                count -= 8;
                bytes.push(u8::try_from(bits >> count & 0xff).unwrap_or_default());
            }
        }
        bytes
    }

    pub async fn mails_name_documents_only_where_that_is_wanted(backend: Backend) -> Result<()> {
        let office = TestOffice::new(backend).await?;
        let post = Post::open(None).await?;
        let plain = Server { login: None, ..server(&post, Line::Plain, PASSWORD, None) };
        let kinds = [("task", TITLE), ("overdue", "您有 2 件事项超期"), ("closed", TITLE)];
        for (kind, title) in kinds {
            write(&office, kind, kind, title).await?;
        }
        dispatcher(&office, &plain)?.once().await?;
        let mails = post.mails();
        ensure!(mails.len() == 3, "{mails:?}");
        let mut all = String::new();
        for mail in &mails {
            all.push_str(&readable(mail)?);
        }
        ensure!(!all.contains("人员调整"), "a title left the system: {all}");
        for said in [
            "您有一件待办，请登录查看。",
            "您有一条新的通知",
            "2 件事项超期",
            "https://oa.example.org",
        ] {
            ensure!(all.contains(said), "{said} is missing: {all}");
        }
        // Where the office wants them.
        write(&office, "more", "task", TITLE).await?;
        dispatcher(&office, &Server { titles: true, ..plain })?.once().await?;
        let told = readable(post.mails().last().map(String::as_str).unwrap_or_default())?;
        ensure!(told.contains("人员调整"), "{told}");
        Ok(())
    }
}
