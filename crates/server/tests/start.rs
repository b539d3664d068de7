//! First and later starts on both databases: the demo city, or three administrators; and the way back to rest.

mod common;

use anyhow::{Context, Result, ensure};
use common::{Server, run};
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::{Duration, Instant},
};
use wenshu_testkit::{Backend, Place};

/// The first demo start may take so long where everything is built for debugging and the machine is busy.
const FIRST: Duration = Duration::from_secs(240);
const LATER: Duration = Duration::from_secs(30);

#[tokio::test]
async fn the_demo_city_is_made_once() -> Result<()> {
    for backend in Backend::all() {
        let place = Place::new(backend).await?;
        let first = Server::start(place.directory.path(), &place.url, &["--demo"], FIRST)?;
        let out = first.out()?;
        eprintln!("{backend:?}: first start {:?}", first.took);
        for words in
            ["正在装入演示城市", "30/30", "70 个机关", "500 人", "linxiaotang", "wenshu-demo"]
        {
            assert!(out.contains(words), "{words} is missing: {out}");
        }
        assert!(out.contains(&format!("http://{}/", first.address)), "{out}");
        let signed = first.sign_in("linxiaotang", "wenshu-demo", "")?;
        assert!(signed.starts_with("HTTP/1.1 200") && signed.contains("林晓棠"), "{signed}");
        assert!(first.ask("GET", "/api/v1/demo/accounts", "", "")?.contains("linxiaotang"));
        // What a proxy passes on comes from elsewhere.
        let far = "X-Forwarded-For: 192.0.2.9\r\n";
        let refused = first.sign_in("linxiaotang", "wenshu-demo", far)?;
        assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
        assert!(first.ask("GET", "/api/v1/demo/accounts", far, "")?.starts_with("HTTP/1.1 404"));
        let ended = first.stop("-TERM")?;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(ended.out.ends_with("已停止。\n"), "{ended:?}");

        let second = Server::start(place.directory.path(), &place.url, &["--demo"], LATER)?;
        eprintln!("{backend:?}: second start {:?}", second.took);
        let out = second.out()?;
        assert!(!out.contains("装入") && out.contains("linxiaotang"), "{out}");
        assert!(second.sign_in("linxiaotang", "wenshu-demo", "")?.starts_with("HTTP/1.1 200"));
        assert_eq!(second.stop("-INT")?.code, Some(0));

        let data = place.directory.path().join("data");
        let place_args = ["--data", data.to_str().context("a path")?, "--database", &place.url];
        let verified = run(&[&["audit", "verify"], &place_args[..]].concat())?;
        assert!(verified.code == Some(0) && verified.out.contains("校验链完整"), "{verified:?}");
        let rebuilt = run(&[&["rebuild"], &place_args[..]].concat())?;
        assert!(rebuilt.code == Some(0) && rebuilt.out.contains("个办件"), "{rebuilt:?}");
        let seeded = run(&[&["seed"], &place_args[..]].concat())?;
        assert!(seeded.code == Some(1) && seeded.err.contains("数据库不是空的"), "{seeded:?}");

        // Somebody with the database's password rewrites what was said.
        let changed = place
            .tamper("UPDATE event SET payload = replace(payload, '同意', '不同意') WHERE seq > 5")
            .await?;
        ensure!(changed > 0, "nothing was changed");
        let found = run(&[&["audit", "verify"], &place_args[..]].concat())?;
        assert!(found.code == Some(1) && found.err.contains("内容被改动"), "{found:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_empty_office_has_three_administrators_with_passwords_of_their_own() -> Result<()> {
    for backend in Backend::all() {
        let place = Place::new(backend).await?;
        let server = Server::start(place.directory.path(), &place.url, &["--log-json"], LATER)?;
        let out = server.out()?;
        let mut passwords = vec![];
        for (title, login) in
            [("系统管理员", "sysadmin"), ("安全保密管理员", "secadmin"), ("安全审计员", "auditor")]
        {
            let line = out.lines().find(|line| line.contains(login)).context(login)?;
            let words: Vec<&str> = line.split_whitespace().collect();
            let [said, _, password] = words[..] else { panic!("{line}") };
            assert_eq!(said, title);
            let signed = server.sign_in(login, password, "")?;
            assert!(signed.starts_with("HTTP/1.1 200") && signed.contains(title), "{signed}");
            assert!(server.sign_in(login, "wenshu-demo", "")?.starts_with("HTTP/1.1 401"));
            // Theirs are no demo accounts: they count from elsewhere, too.
            let far = server.sign_in(login, password, "X-Forwarded-For: 192.0.2.9\r\n")?;
            assert!(far.starts_with("HTTP/1.1 200"), "{far}");
            passwords.push(password.to_owned());
        }
        passwords.dedup();
        assert_eq!(passwords.len(), 3);
        assert!(server.ask("GET", "/api/v1/demo/accounts", "", "")?.starts_with("HTTP/1.1 404"));
        let ended = server.stop("-TERM")?;
        for line in ended.err.lines().filter(|line| line.starts_with('{')) {
            serde_json::from_str::<serde_json::Value>(line).with_context(|| line.to_owned())?;
        }
        assert!(passwords.iter().all(|password| !ended.err.contains(password)), "not in the log");
        assert_eq!(place.dump("workflow").await?.len(), 4, "the shipped flows are deployed");

        // A flow that was never deployed comes with the next start; the passwords do not.
        place.tamper("DELETE FROM workflow WHERE name = 'leave'").await?;
        let again = Server::start(place.directory.path(), &place.url, &["--demo"], LATER)?;
        let out = again.out()?;
        assert!(!out.contains("密码") && !out.contains("装入"), "{out}");
        assert!(again.sign_in("sysadmin", &passwords[0], "")?.starts_with("HTTP/1.1 200"));
        assert_eq!(again.stop("-TERM")?.code, Some(0));
        assert_eq!(place.dump("workflow").await?.len(), 4);
    }
    Ok(())
}

#[tokio::test]
async fn a_stop_ends_pages_that_listen_and_does_not_wait_for_long() -> Result<()> {
    let place = Place::new(Backend::Sqlite).await?;
    let server = Server::start(place.directory.path(), &place.url, &[], LATER)?;
    let out = server.out()?;
    let line = out.lines().find(|line| line.contains("sysadmin")).context("sysadmin")?;
    let password = line.split_whitespace().last().context("a password")?;
    let signed = server.sign_in("sysadmin", password, "")?;
    let cookie = |answer: &str| {
        let found =
            answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
        found.map(str::to_owned).context("a cookie")
    };
    // Whoever has a password that serves once changes it before anything else.
    let (_, json) = signed.split_once("\r\n\r\n").context("a body")?;
    let session: serde_json::Value = serde_json::from_str(json)?;
    let csrf = session["csrf"].as_str().context("a token")?;
    let more = format!("Cookie: {}\r\nX-CSRF-Token: {csrf}\r\n", cookie(&signed)?);
    let body = format!(r#"{{"old":"{password}","new":"wei-ming-hu-2026-xue"}}"#);
    let changed = server.ask("PUT", "/api/v1/session/password", &more, &body)?;
    ensure!(changed.starts_with("HTTP/1.1 200"), "{changed}");
    let cookie = cookie(&changed)?;
    let mut page = TcpStream::connect(server.address)?;
    page.set_read_timeout(Some(Duration::from_secs(20)))?;
    write!(page, "GET /api/v1/events HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n")?;
    let mut page = BufReader::new(page);
    let mut heard = String::new();
    while !heard.contains("event: counts") {
        ensure!(page.read_line(&mut heard)? > 0, "{heard}");
    }
    let began = Instant::now();
    let ended = server.stop("-TERM")?;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    Ok(())
}

#[tokio::test]
async fn whoever_has_the_machine_lets_people_in_again() -> Result<()> {
    for backend in Backend::all() {
        let place = Place::new(backend).await?;
        let server = Server::start(place.directory.path(), &place.url, &[], LATER)?;
        let data = place.directory.path().join("data");
        let args = ["--data", data.to_str().context("a path")?, "--database", &place.url];
        let account = |words: &[&str]| run(&[&["account"], &args[..], words].concat());
        let listed = account(&["list"])?;
        assert!(listed.code == Some(0) && listed.out.contains("安全审计员"), "{listed:?}");
        assert_eq!(account(&["disable", "sysadmin"])?.code, Some(0));
        let again = account(&["administrators"])?;
        let line = again.out.lines().find(|line| line.contains("sysadmin")).context("sysadmin")?;
        let password = line.split_whitespace().last().context("a password")?;
        let signed = server.sign_in("sysadmin", password, "")?;
        assert!(signed.starts_with("HTTP/1.1 200"), "{signed}");
        assert_eq!(account(&["disable", "sysadmin"])?.code, Some(0));
        assert!(server.sign_in("sysadmin", password, "")?.starts_with("HTTP/1.1 401"));
        assert_eq!(account(&["enable", "sysadmin"])?.code, Some(0));
        assert!(server.sign_in("sysadmin", password, "")?.starts_with("HTTP/1.1 200"));
        for _ in 0..5 {
            server.sign_in("sysadmin", "wrong", "")?;
        }
        assert!(server.sign_in("sysadmin", password, "")?.starts_with("HTTP/1.1 429"));
        assert_eq!(account(&["unlock", "sysadmin"])?.code, Some(0));
        assert!(server.sign_in("sysadmin", password, "")?.starts_with("HTTP/1.1 200"));
        let nobody = account(&["reset", "nobody"])?;
        assert!(nobody.code == Some(1) && nobody.err.contains("没有登录名为"), "{nobody:?}");
        assert!(account(&["add", "x", "nobody"])?.code == Some(1));
    }
    Ok(())
}
