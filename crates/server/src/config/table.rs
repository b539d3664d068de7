//! The table of settings: each once, with its key in the file, its flag, its variable, its default and what it is for.
//! Flags, variables, the example file and `config show` all come from here.

use super::kind::{ChannelName, Count, DatabaseUrl, Kind, LogFormat, Net, Protection, Size, check};
use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, sync::LazyLock, time::Duration};

/// One setting.
#[derive(Debug)]
pub(crate) struct Setting {
    /// With its section, e.g. `mail.host`.
    pub key: &'static str,
    pub default: Option<&'static str>,
    /// What the example file shows where there is no default.
    pub example: &'static str,
    pub help: &'static str,
    pub check: fn(&str) -> Result<(), String>,
    pub nature: Nature,
}

/// What else is to be known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nature {
    Plain,
    /// True when its flag is given without a value.
    Switch,
    List,
    /// A path; in the file it counts from where the file lies.
    Path,
    /// May be a path, and may hold a password.
    Database,
    /// Never shown.
    Secret,
}

impl Setting {
    /// `mail.host` is `--mail-host`.
    pub(crate) fn flag(&self) -> &'static str {
        FLAGS.get(self.key).map_or(self.key, String::as_str)
    }

    /// `mail.host` is `WENSHU_MAIL_HOST`.
    pub(crate) fn variable(&self) -> String {
        format!("WENSHU_{}", self.key.replace('.', "_").to_uppercase())
    }

    /// Settings that every subcommand with data takes; the others are the server's.
    pub(crate) fn common(&self) -> bool {
        matches!(self.key, "data" | "database" | "fonts")
    }
}

const fn setting(
    key: &'static str,
    default: Option<&'static str>,
    example: &'static str,
    check: fn(&str) -> Result<(), String>,
    nature: Nature,
    help: &'static str,
) -> Setting {
    Setting { key, default, example, help, check, nature }
}

/// The door takes no larger ones.
fn attachment(text: &str) -> Result<(), String> {
    match Size::read(text)? {
        Size(size) if size <= 100 * 1024 * 1024 => Ok(()),
        Size(_) => Err(format!("“{text}”超过了 100MB")),
    }
}

static FLAGS: LazyLock<BTreeMap<&str, String>> = LazyLock::new(|| {
    let flag = |setting: &Setting| (setting.key, setting.key.replace(['.', '_'], "-"));
    SETTINGS.iter().map(flag).collect()
});

/// All settings, in the order in which they are shown.
pub(crate) static SETTINGS: &[Setting] = &[
    setting(
        "data",
        Some("./data"),
        "",
        check::<PathBuf>,
        Nature::Path,
        "数据目录：附件、正文、PDF，以及内置数据库",
    ),
    setting(
        "database",
        None,
        "postgres://wenshu@localhost/wenshu",
        check::<DatabaseUrl>,
        Nature::Database,
        "数据库：postgres://用户:密码@主机/库名，或 SQLite 文件；默认用数据目录下的 wenshu.db",
    ),
    setting("fonts", Some("./fonts"), "", check::<PathBuf>, Nature::Path, "字体目录，先于系统字体"),
    setting("listen", Some("127.0.0.1:8080"), "", check::<SocketAddr>, Nature::Plain, "监听地址"),
    setting(
        "secure_cookies",
        Some("false"),
        "",
        check::<bool>,
        Nature::Switch,
        "会话 Cookie 只经 TLS 传送；前面有提供 TLS 的代理时使用",
    ),
    setting(
        "trusted_proxies",
        Some("127.0.0.1, ::1"),
        "",
        check::<Net>,
        Nature::List,
        "可信的反向代理（地址或网段）；只有它们说的客户端地址才算数",
    ),
    setting(
        "public_url",
        None,
        "https://oa.example.gov.cn",
        check::<String>,
        Nature::Plain,
        "同事在浏览器中使用的网址；写进邮件中的链接",
    ),
    setting(
        "session.idle",
        Some("30m"),
        "",
        check::<Duration>,
        Nature::Plain,
        "多久没有操作就要重新登录",
    ),
    setting("session.lasts", Some("12h"), "", check::<Duration>, Nature::Plain, "登录一次最长多久"),
    setting(
        "lockout.failures",
        Some("5"),
        "",
        check::<u32>,
        Nature::Plain,
        "密码连续错几次就锁定账号",
    ),
    setting("lockout.lasts", Some("15m"), "", check::<Duration>, Nature::Plain, "锁定多久"),
    setting(
        "limits.person",
        Some("50"),
        "",
        check::<u32>,
        Nature::Plain,
        "登录后的一个人每秒最多多少次请求；短时间内可以用到一分钟的量",
    ),
    setting(
        "password.max_age_days",
        Some("90"),
        "",
        check::<Count>,
        Nature::Plain,
        "密码用满多少天必须更换；0 为不限",
    ),
    setting(
        "password.history",
        Some("5"),
        "",
        check::<Count>,
        Nature::Plain,
        "新密码不能与最近几次用过的相同；0 为不限",
    ),
    setting(
        "attachments.limit",
        Some("100MB"),
        "",
        attachment,
        Nature::Plain,
        "一个附件最大多少，不超过 100MB",
    ),
    setting(
        "log.format",
        Some("text"),
        "",
        check::<LogFormat>,
        Nature::Plain,
        "日志格式：text 或 json（每行一条）",
    ),
    setting(
        "channels",
        Some("in_app, log"),
        "",
        check::<ChannelName>,
        Nature::List,
        "通知的渠道：in_app 系统内、log 日志、mail 邮件",
    ),
    setting("mail.host", None, "mail.example.gov.cn", check::<String>, Nature::Plain, "邮件服务器"),
    setting(
        "mail.port",
        None,
        "587",
        check::<u16>,
        Nature::Plain,
        "邮件服务器端口；默认按 mail.tls 为 25、587 或 465",
    ),
    setting(
        "mail.tls",
        Some("starttls"),
        "",
        check::<Protection>,
        Nature::Plain,
        "到邮件服务器的加密：none、starttls 或 tls",
    ),
    setting("mail.user", None, "wenshu", check::<String>, Nature::Plain, "邮件服务器的用户名"),
    setting(
        "mail.password",
        None,
        "",
        check::<String>,
        Nature::Secret,
        "邮件服务器的密码；最好写在 mail.password_file 指的文件或环境变量里",
    ),
    setting(
        "mail.password_file",
        None,
        "/etc/wenshu/mail-password",
        check::<PathBuf>,
        Nature::Path,
        "存放邮件密码的文件",
    ),
    setting(
        "mail.from",
        None,
        "文枢 <wenshu@example.gov.cn>",
        check::<String>,
        Nature::Plain,
        "发件人",
    ),
    setting(
        "mail.ca_file",
        None,
        "/etc/wenshu/ca.pem",
        check::<PathBuf>,
        Nature::Path,
        "除系统信任的以外，还信任哪些证书（PEM）；单位自建证书时使用",
    ),
    setting(
        "mail.titles",
        Some("false"),
        "",
        check::<bool>,
        Nature::Plain,
        "邮件里写不写公文标题；邮件会离开本系统，默认只说“您有一件待办，请登录查看”",
    ),
    setting(
        "backup.dir",
        None,
        "/var/backups/wenshu",
        check::<PathBuf>,
        Nature::Path,
        "wenshu backup 不给文件名时，备份放在哪个目录",
    ),
    setting(
        "metrics.listen",
        None,
        "127.0.0.1:9464",
        check::<SocketAddr>,
        Nature::Plain,
        "另开一个地址提供 /metrics；不写则在 listen 的地址上提供",
    ),
    setting(
        "metrics.allow",
        Some("127.0.0.1, ::1"),
        "",
        check::<Net>,
        Nature::List,
        "谁可以读 /metrics（地址或网段）",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_and_examples_are_good_values() {
        for setting in SETTINGS {
            let shown = setting.default.unwrap_or(setting.example).trim_matches(['[', ']']);
            for value in shown.split(',').map(str::trim).filter(|value| !value.is_empty()) {
                assert_eq!((setting.check)(value), Ok(()), "{}: {value}", setting.key);
            }
        }
    }

    #[test]
    fn each_has_its_own_flag_and_variable() {
        let flags: std::collections::BTreeSet<&str> = SETTINGS.iter().map(Setting::flag).collect();
        assert_eq!(flags.len(), SETTINGS.len());
        let port = SETTINGS.iter().find(|setting| setting.key == "mail.port").expect("a setting");
        assert_eq!((port.flag(), port.variable()), ("mail-port", "WENSHU_MAIL_PORT".into()));
    }
}
