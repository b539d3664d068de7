//! The settings of this installation: flag before variable before file before default, each checked, and where it comes
//! from remembered. Whatever is wrong is told at once.

mod example;
mod given;
mod kind;
mod table;

pub(crate) use example::example;
pub(crate) use given::{Common, Every, Given};
pub(crate) use kind::{ChannelName, LogFormat, Net, Protection};

use crate::trouble::Trouble;
use kind::{Count, DatabaseUrl, Kind, Size};
use std::{
    collections::BTreeMap,
    io::ErrorKind,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};
use table::{Nature, SETTINGS, Setting};
use wenshu_core::settings_file::{self, Known};

/// What holds.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub data: PathBuf,
    /// As storage opens it.
    pub database: String,
    pub fonts: PathBuf,
    pub listen: SocketAddr,
    pub secure_cookies: bool,
    pub trusted_proxies: Vec<Net>,
    pub public_url: Option<String>,
    pub session_idle: Duration,
    pub session_lasts: Duration,
    pub per_person: u32,
    pub failures: u32,
    pub lockout: Duration,
    pub password_days: u32,
    pub password_history: u32,
    pub attachment_limit: u64,
    pub channels: Vec<ChannelName>,
    pub mail: Option<Mail>,
    pub backup_dir: Option<PathBuf>,
    pub metrics_listen: Option<SocketAddr>,
    pub metrics_allow: Vec<Net>,
}

/// The mail server.
#[derive(Clone)]
pub(crate) struct Mail {
    pub host: String,
    pub port: u16,
    pub tls: Protection,
    pub user: Option<String>,
    pub password: Option<String>,
    pub from: String,
    /// Certificates of the office's own authority, PEM.
    pub trusted: Option<Vec<u8>>,
    pub titles: bool,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail").field("host", &self.host).finish_non_exhaustive()
    }
}

/// Where a setting comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Flag,
    Variable,
    File { line: usize },
    Default,
}

/// A setting as it holds: its text and where that is from.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub setting: &'static Setting,
    pub text: Option<String>,
    pub origin: Origin,
}

/// Everything that was given, before it is taken together.
#[derive(Debug)]
pub(crate) struct Sources {
    pub held: Vec<Held>,
    /// The file that was read.
    pub file: Option<PathBuf>,
    problems: Vec<String>,
}

impl Sources {
    /// Gathers flags, variables, file and defaults.
    pub(crate) fn gather(given: &Given, variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let mut problems = vec![];
        let (path, asked) = file_of(given, variable);
        let source = match std::fs::read_to_string(&path) {
            Ok(source) => Some(source),
            Err(error)
                if !asked
                    && matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                None
            }
            Err(source) => {
                problems.push(Trouble::Unreadable { path: path.clone(), source }.to_string());
                None
            }
        };
        let found = match source.as_deref().map(|source| settings_file::read(source, &known())) {
            None => BTreeMap::new(),
            Some(Ok(found)) => found,
            Some(Err(wrong)) => {
                problems
                    .extend(wrong.iter().map(|problem| format!("{}：{problem}", path.display())));
                BTreeMap::new()
            }
        };
        if let Some(data) = found.get("data").filter(|_| !asked) {
            problems.push(format!(
                "{}：第{}行第{}列：放在数据目录里的配置文件不能改数据目录。请用 --data 或环境变量 WENSHU_DATA，或用 --config 指定别处的配置文件。",
                path.display(), data.place.0, data.place.1
            ));
        }
        let mut held = vec![];
        for setting in SETTINGS {
            let (name, flag) = (setting.variable(), given.flag(setting));
            let said = variable(&name).filter(|text| !text.is_empty());
            let (text, origin) = if let Some(text) = flag {
                checked(setting, text, &format!("--{}", setting.flag()), &mut problems);
                (Some(text.to_owned()), Origin::Flag)
            } else if let Some(text) = said {
                checked(setting, &text, &format!("环境变量 {name}"), &mut problems);
                (Some(text), Origin::Variable)
            } else if let Some(found) = found.get(setting.key) {
                let origin = Origin::File { line: found.place.0 };
                (Some(beside(&path, setting, &found.values)), origin)
            } else {
                (setting.default.map(str::to_owned), Origin::Default)
            };
            held.push(Held { setting, text, origin });
        }
        Self { held, file: source.map(|_| path), problems }
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.held.iter().find(|held| held.setting.key == key)?.text.as_deref()
    }

    fn one<T: Kind>(&self, key: &str) -> Option<T> {
        T::read(self.text(key)?).ok()
    }

    fn all<T: Kind>(&self, key: &str) -> Vec<T> {
        items(self.text(key).unwrap_or_default()).filter_map(|item| T::read(item).ok()).collect()
    }

    /// What the log is to look like, even where another setting is wrong.
    pub(crate) fn log_format(&self) -> LogFormat {
        self.one("log.format").unwrap_or(LogFormat::Text)
    }

    /// All of it, or everything that is wrong.
    pub(crate) fn config(mut self) -> Result<Config, Trouble> {
        let mail = self.mail();
        let channels: Vec<ChannelName> = self.all("channels");
        if channels.contains(&ChannelName::Mail) && mail.is_none() {
            self.problems.push("通知渠道中有 mail，但没有写 mail.host 和 mail.from。".to_owned());
        }
        // A setting without a default is none of these; a wrong value is among the problems already.
        let missing = || Trouble::Settings(vec!["配置不完整。".to_owned()]);
        if !self.problems.is_empty() {
            return Err(Trouble::Settings(self.problems));
        }
        let data: PathBuf = self.one("data").ok_or_else(missing)?;
        let database = self.one::<DatabaseUrl>("database").map(|url| url.0);
        Ok(Config {
            database: database.unwrap_or_else(|| data.join("wenshu.db").display().to_string()),
            data,
            fonts: self.one("fonts").ok_or_else(missing)?,
            listen: self.one("listen").ok_or_else(missing)?,
            secure_cookies: self.one("secure_cookies").ok_or_else(missing)?,
            trusted_proxies: self.all("trusted_proxies"),
            public_url: self.one("public_url"),
            session_idle: self.one("session.idle").ok_or_else(missing)?,
            session_lasts: self.one("session.lasts").ok_or_else(missing)?,
            per_person: self.one("limits.person").ok_or_else(missing)?,
            failures: self.one("lockout.failures").ok_or_else(missing)?,
            lockout: self.one("lockout.lasts").ok_or_else(missing)?,
            password_days: self.one::<Count>("password.max_age_days").ok_or_else(missing)?.0,
            password_history: self.one::<Count>("password.history").ok_or_else(missing)?.0,
            attachment_limit: self.one::<Size>("attachments.limit").ok_or_else(missing)?.0,
            channels,
            mail,
            backup_dir: self.one("backup.dir"),
            metrics_listen: self.one("metrics.listen"),
            metrics_allow: self.all("metrics.allow"),
        })
    }

    fn mail(&mut self) -> Option<Mail> {
        let (host, from) = (self.one("mail.host")?, self.one("mail.from")?);
        let tls = self.one("mail.tls").unwrap_or(Protection::StartTls);
        let usual = match tls {
            Protection::Nothing => 25,
            Protection::StartTls => 587,
            Protection::Tls => 465,
        };
        let password = match (self.one("mail.password"), self.one::<PathBuf>("mail.password_file"))
        {
            (Some(password), _) => Some(password),
            (None, Some(path)) => match std::fs::read_to_string(&path) {
                Ok(text) => Some(text.trim_end_matches(['\r', '\n']).to_owned()),
                Err(source) => {
                    self.problems.push(Trouble::Unreadable { path, source }.to_string());
                    None
                }
            },
            (None, None) => None,
        };
        let trusted =
            match self.one::<PathBuf>("mail.ca_file").map(|path| (std::fs::read(&path), path)) {
                None => None,
                Some((Ok(pem), _)) => Some(pem),
                Some((Err(source), path)) => {
                    self.problems.push(Trouble::Unreadable { path, source }.to_string());
                    None
                }
            };
        let port = self.one("mail.port").unwrap_or(usual);
        let titles = self.one("mail.titles").unwrap_or(false);
        let user = self.one("mail.user");
        Some(Mail { host, port, tls, user, password, from, trusted, titles })
    }
}

impl Config {
    /// What holds for this command line.
    pub(crate) fn load(given: &Given) -> Result<Self, Trouble> {
        Sources::gather(given, &environment).config()
    }
}

/// A variable of this process.
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The file to read, and whether somebody asked for it.
fn file_of(given: &Given, variable: &dyn Fn(&str) -> Option<String>) -> (PathBuf, bool) {
    let asked = given.file().or_else(|| variable("WENSHU_CONFIG").map(PathBuf::from));
    if let Some(path) = asked.filter(|path| !path.as_os_str().is_empty()) {
        return (path, true);
    }
    let data = SETTINGS.iter().find(|setting| setting.key == "data");
    let data = data.and_then(|setting| {
        let said = given.flag(setting).map(str::to_owned);
        let said = said.or_else(|| variable(&setting.variable()).filter(|text| !text.is_empty()));
        said.or_else(|| setting.default.map(str::to_owned))
    });
    (Path::new(&data.unwrap_or_default()).join("wenshu.yaml"), false)
}

fn known() -> Vec<Known> {
    let known = |setting: &Setting| Known {
        key: setting.key,
        list: setting.nature == Nature::List,
        check: setting.check,
    };
    SETTINGS.iter().map(known).collect()
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

fn checked(setting: &Setting, text: &str, whence: &str, problems: &mut Vec<String>) {
    let values: Vec<&str> =
        if setting.nature == Nature::List { items(text).collect() } else { vec![text] };
    for value in values {
        if let Err(why) = (setting.check)(value) {
            problems.push(format!("{whence} 的值不对：{why}。"));
        }
    }
}

/// The text of a setting in the file; paths count from where the file lies.
fn beside(file: &Path, setting: &Setting, values: &[String]) -> String {
    let text = values.join(", ");
    let path = match setting.nature {
        Nature::Path => true,
        Nature::Database => !text.contains("://") && !text.starts_with("sqlite:"),
        Nature::Plain | Nature::Switch | Nature::List | Nature::Secret => false,
    };
    match file.parent().filter(|_| path) {
        Some(directory) => directory.join(&text).display().to_string(),
        None => text,
    }
}

#[cfg(test)]
mod tests;
