//! What a newcomer may find wrong at the start: one Chinese paragraph that says what to do, and exit code 1.

#[expect(dead_code, reason = "each test program uses a part of it")]
mod common;

use anyhow::{Context, Result};
use common::{Ended, free_address, run};
use std::net::TcpListener;
use wenshu_testkit::{Backend, Place};

/// One paragraph, in Chinese, and nothing that only programmers understand.
fn told(ended: &Ended, words: &[&str]) {
    assert_eq!(ended.code, Some(1), "{ended:?}");
    for word in words {
        assert!(ended.err.contains(word), "{word} is missing: {ended:?}");
    }
    let text = ended.err.trim();
    assert_eq!(text.lines().count(), 1, "{ended:?}");
    assert!(text.ends_with('。'), "{ended:?}");
    for bad in ["panicked", "backtrace", "Error", "thread '"] {
        assert!(!ended.err.contains(bad), "{ended:?}");
    }
    assert!(!ended.out.contains("已启动"), "{ended:?}");
}

fn serve(data: &str, more: &[&str]) -> Result<Ended> {
    let listen = free_address()?.to_string();
    let mut args = vec!["serve", "--listen", &listen, "--data", data];
    args.extend(more);
    run(&args)
}

#[test]
fn a_port_in_use() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let data = directory.path().join("data");
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let listen = taken.local_addr()?.to_string();
    let ended = run(&["serve", "--listen", &listen, "--data", data.to_str().context("a path")?])?;
    told(&ended, &[&listen, "已被其他程序占用", "--listen"]);
    assert!(!data.exists(), "nothing was made yet");
    Ok(())
}

#[test]
fn an_address_of_another_machine() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let data = directory.path().to_str().context("a path")?;
    told(
        &run(&["serve", "--listen", "192.0.2.1:8080", "--data", data])?,
        &["不能在 192.0.2.1:8080 上监听"],
    );
    Ok(())
}

#[test]
fn an_unreachable_database() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let data = directory.path().to_str().context("a path")?;
    let nobody = "postgres://nobody:secret@127.0.0.1:1/none";
    for command in ["serve", "migrate", "seed", "rebuild"] {
        let ended = run(&[command, "--data", data, "--database", nobody]);
        let ended = if command == "serve" { serve(data, &["--database", nobody]) } else { ended }?;
        told(&ended, &["连不上数据库 postgres://…@127.0.0.1:1/none", "没有数据库在应答"]);
        assert!(!ended.err.contains("secret"), "{ended:?}");
    }
    Ok(())
}

#[test]
fn a_database_that_cannot_be_meant() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let data = directory.path().to_str().context("a path")?;
    for bad in ["mysql://root:secret@localhost/oa", "postgres://", "postgres://h:port/db"] {
        let ended = serve(data, &["--database", bad])?;
        told(&ended, &["--database", "postgres://用户:密码@主机/库名"]);
        assert!(!ended.err.contains("secret"), "{ended:?}");
    }
    Ok(())
}

#[test]
fn a_data_directory_that_cannot_be_written() -> Result<()> {
    let directory = tempfile::tempdir()?;
    // Root may write everywhere, but not below a file.
    let file = directory.path().join("file");
    std::fs::write(&file, b"")?;
    let below = file.join("data");
    told(&serve(below.to_str().context("a path")?, &[])?, &["数据目录", "不能写入", "--data"]);
    Ok(())
}

#[test]
fn a_file_that_is_no_database() -> Result<()> {
    let directory = tempfile::tempdir()?;
    std::fs::write(directory.path().join("wenshu.db"), "这是一份说明，不是数据库。".repeat(200))?;
    let ended = serve(directory.path().to_str().context("a path")?, &[])?;
    told(&ended, &["wenshu.db", "是不是文枢的数据库"]);
    Ok(())
}

#[tokio::test]
async fn a_database_newer_than_the_program() -> Result<()> {
    for backend in Backend::all() {
        let place = Place::new(backend).await?;
        let data = place.directory.path().join("data");
        let data = data.to_str().context("a path")?;
        let migrated = run(&["migrate", "--data", data, "--database", &place.url])?;
        assert!(migrated.code == Some(0) && migrated.out.contains("数据库已升级"), "{migrated:?}");
        let again = run(&["migrate", "--data", data, "--database", &place.url])?;
        assert_eq!(again.out, "数据库已经是最新的。\n");
        place
            .tamper(
                "INSERT INTO seaql_migrations(version, applied_at) VALUES ('m29991231_later', 1)",
            )
            .await?;
        told(&serve(data, &["--database", &place.url])?, &["更新版本的文枢", "m29991231_later"]);
    }
    Ok(())
}

#[tokio::test]
async fn half_a_city_is_refused() -> Result<()> {
    for backend in Backend::all() {
        let place = Place::new(backend).await?;
        let data = place.directory.path().join("data");
        let data = data.to_str().context("a path")?;
        assert_eq!(run(&["migrate", "--data", data, "--database", &place.url])?.code, Some(0));
        place.tamper(r#"INSERT INTO setting(name, body) VALUES ('demo', '"begun"')"#).await?;
        for more in [&["--demo"][..], &[]] {
            let args = [&["--database", place.url.as_str()], more].concat();
            told(&serve(data, &args)?, &["上次装入演示城市时中断", data]);
        }
    }
    Ok(())
}

#[tokio::test]
async fn work_on_a_database_that_is_behind_says_what_to_run() -> Result<()> {
    let place = Place::new(Backend::Sqlite).await?;
    let data = place.directory.path().join("data");
    let data = data.to_str().context("a path")?;
    for command in [&["rebuild"][..], &["audit", "verify"]] {
        let args = [command, &["--data", data, "--database", &place.url]].concat();
        told(&run(&args)?, &["wenshu migrate"]);
    }
    Ok(())
}

#[test]
fn a_wrong_file_of_settings_is_told_line_by_line() -> Result<()> {
    let place = tempfile::tempdir()?;
    std::fs::write(place.path().join("wenshu.yaml"), "listne: x\nsession:\n  idle: soon\n")?;
    let data = place.path().to_str().context("a path")?;
    for args in [&["serve", "--data", data][..], &["config", "check", "--data", data]] {
        let words = ["wenshu.yaml：第1行第1列", "是否想写“listen”？", "第3行第9列", "不是时长"];
        let ended = run(args)?;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(words.iter().all(|word| ended.err.contains(word)), "{}", ended.err);
    }
    std::fs::write(place.path().join("wenshu.yaml"), "database: postgres://u:geheim@h/x\n")?;
    let shown = run(&["config", "show", "--data", data])?;
    assert!(shown.code == Some(0) && shown.out.contains("postgres://u:******@h/x"), "{shown:?}");
    assert!(
        shown.out.contains("配置文件第1行") && shown.out.contains("命令行 --data"),
        "{shown:?}"
    );
    let example = run(&["config", "example"])?;
    let kept = std::fs::read_to_string(common::root().join("deploy/wenshu.example.yaml"))?;
    assert_eq!(example.out, kept, "run `cargo xtask gen` and commit the result");
    Ok(())
}

#[test]
fn the_units_of_systemd_are_well_formed() -> Result<()> {
    let place = tempfile::tempdir()?;
    if std::process::Command::new("systemd-analyze").arg("--version").output().is_err() {
        eprintln!("left out: there is no systemd-analyze here");
        return Ok(());
    }
    let mut files = vec![];
    for name in ["wenshu.service", "wenshu-backup.service", "wenshu-backup.timer"] {
        let text = std::fs::read_to_string(common::root().join("deploy").join(name))?;
        // It looks for the program, which is not installed here.
        let text = text.replace("/usr/local/bin/wenshu", env!("CARGO_BIN_EXE_wenshu"));
        let file = place.path().join(name);
        std::fs::write(&file, text)?;
        files.push(file);
    }
    let done = std::process::Command::new("systemd-analyze").arg("verify").args(&files).output()?;
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    // Other units of the machine, and manuals that are not installed, are none of ours.
    let ours: Vec<&str> =
        said.lines().filter(|line| line.contains("wenshu") && !line.contains("man:")).collect();
    assert!(ours.is_empty(), "{said}");
    Ok(())
}
