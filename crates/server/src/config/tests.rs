//! Where settings come from, and what is said of wrong ones.

use super::*;

fn gather(
    flags: &[(&'static str, &str)],
    variables: &[(&str, &str)],
    file: Option<&str>,
) -> (Sources, tempfile::TempDir) {
    let place = tempfile::tempdir().expect("a directory");
    let path = place.path().join("w.yaml");
    if let Some(text) = file {
        std::fs::write(&path, text).expect("a file");
    }
    let given = Given::of(flags, file.map(|_| path));
    let variable = |name: &str| {
        let known = variables.iter().find(|(known, _)| *known == name);
        known.map(|(_, value)| (*value).to_owned())
    };
    (Sources::gather(&given, &variable), place)
}

#[test]
fn flag_before_variable_before_file_before_default() {
    let file = "listen: 127.0.0.1:3\nsession:\n  idle: 3m\n  lasts: 3h\nfonts: f\n";
    let (sources, place) = gather(
        &[("listen", "127.0.0.1:1")],
        &[("WENSHU_LISTEN", "127.0.0.1:2"), ("WENSHU_SESSION_IDLE", "2m")],
        Some(file),
    );
    let whence = |key: &str| {
        let held = sources.held.iter().find(|held| held.setting.key == key).expect("a setting");
        (held.masked(), held.whence())
    };
    assert_eq!(whence("listen"), ("127.0.0.1:1".into(), "命令行 --listen".into()));
    assert_eq!(whence("session.idle"), ("2m".into(), "环境变量 WENSHU_SESSION_IDLE".into()));
    assert_eq!(whence("session.lasts"), ("3h".into(), "配置文件第4行".into()));
    assert_eq!(whence("lockout.failures"), ("5".into(), "默认".into()));
    let config = sources.config().expect("good settings");
    assert_eq!((config.listen.port(), config.session_idle.as_secs()), (1, 120));
    // A path in the file counts from where the file lies.
    assert_eq!(config.fonts, place.path().join("f"));
    assert_eq!(config.database, "./data/wenshu.db");
}

#[test]
fn everything_wrong_is_told_at_once_and_where() {
    let (sources, _place) = gather(
        &[("listen", "nowhere")],
        &[("WENSHU_SESSION_IDLE", "soon")],
        Some("listne: 1\nlockout:\n  failures: 0\nchannels: [in_app, mial]\n"),
    );
    let told = sources.config().expect_err("problems").to_string();
    for words in [
        "配置有 5 处错误",
        "--listen 的值不对：“nowhere”不是地址",
        "环境变量 WENSHU_SESSION_IDLE 的值不对：“soon”不是时长",
        "第1行第1列：配置文件中没有“listne”这个键",
        "是否想写“listen”？",
        "第3行第13列：“lockout.failures”的值不对：“0”不是正整数",
        "第4行第20列：“channels”的值不对：不能是“mial”",
    ] {
        assert!(told.contains(words), "{words} is missing:\n{told}");
    }
}

#[test]
fn secrets_are_not_shown() {
    let (sources, _place) = gather(
        &[("database", "postgres://u:secret@h/db?password=secret&x=1")],
        &[("WENSHU_MAIL_PASSWORD", "secret")],
        None,
    );
    let shown: Vec<String> = sources.held.iter().map(Held::masked).collect();
    assert!(
        shown.contains(&"postgres://u:******@h/db?password=******&x=1".to_owned()),
        "{shown:?}"
    );
    assert!(shown.contains(&"******".to_owned()), "{shown:?}");
    assert!(!shown.iter().any(|text| text.contains("secret")), "{shown:?}");
}

#[test]
fn mail_needs_a_server_and_a_sender_and_may_have_its_password_in_a_file() {
    let (sources, _place) = gather(&[], &[], Some("channels: [mail]\n"));
    let told = sources.config().expect_err("a problem").to_string();
    assert!(told.contains("没有写 mail.host"), "{told}");
    let file = "channels: [mail]\nmail: { host: h, from: a@b.cn, password_file: pw, tls: tls }\n";
    let (_, place) = gather(&[], &[], Some(file));
    std::fs::write(place.path().join("pw"), "geheim\n").expect("a file");
    let given = Given::of(&[], Some(place.path().join("w.yaml")));
    let mail = Sources::gather(&given, &|_| None).config().expect("good").mail.expect("mail");
    assert_eq!((mail.password.as_deref(), mail.port), (Some("geheim"), 465));
    assert!(!format!("{mail:?}").contains("geheim"));
}

#[test]
fn a_file_in_the_data_directory_is_found_and_may_not_move_it() {
    let place = tempfile::tempdir().expect("a directory");
    std::fs::write(place.path().join("wenshu.yaml"), "data: elsewhere\n").expect("a file");
    let data = place.path().display().to_string();
    let given = Given::of(&[("data", &data)], None);
    let told = Sources::gather(&given, &|_| None).config().expect_err("a problem").to_string();
    assert!(told.contains("第1行第7列") && told.contains("不能改数据目录"), "{told}");
}

#[test]
fn the_example_is_a_good_file_when_every_line_is_taken_in() {
    let text = example();
    assert!(text.lines().all(|line| line.is_empty() || line.starts_with("# ")), "{text}");
    let live: String = text
        .lines()
        .skip(2)
        .filter_map(|line| line.strip_prefix("# "))
        .map(|line| format!("{line}\n"))
        .collect();
    let found = settings_file::read(&live, &known()).expect("a good file");
    assert!(found.len() >= SETTINGS.len() - 2, "{found:?}");
}
