//! The mail channel. A message bears the same Message-ID however often it is sent, so that a server or reader that has
//! it knows; what a server refuses for good is given up in the open, everything else is tried again.

use crate::{
    channel::{Channel, Undelivered},
    letter::{Letter, Message},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use minijinja::{Environment, context};
use std::{fmt, time::Duration};
use uuid::Uuid;
use wenshu_storage::{Storage, Writes};

/// Name of the channel to people's mail.
pub const MAIL: &str = "mail";

/// A server that does not answer must not hold up the rest: well under the lease of a message.
const PATIENCE: Duration = Duration::from_secs(10);
/// A talk of many steps, each within its patience, must end before the lease does, too.
const TALK: Duration = Duration::from_secs(25);
/// With the longest pause between two tries this is about three days.
const TRIES: u32 = 450;
const TEMPLATES: &str = include_str!("templates/zh-CN.txt");

/// How the line to the server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    Plain,
    StartTls,
    Tls,
}

/// The mail server.
#[derive(Clone)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub line: Line,
    /// Name and password.
    pub login: Option<(String, String)>,
    /// Who mails are from, e.g. `文枢 <wenshu@example.org>`.
    pub from: String,
    /// Where people open the office, for links.
    pub public_url: Option<String>,
    /// Certificates (PEM) that are trusted beside those of the system, e.g. of the office's own authority.
    pub trusted: Option<Vec<u8>>,
    /// Whether mails name documents. They leave the system, and lie in mailboxes for years.
    pub titles: bool,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("host", &self.host).finish_non_exhaustive()
    }
}

/// What is wrong with the settings of the server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("发件人“{0}”不是邮件地址")]
    From(String),
    #[error("邮件服务器“{0}”的加密设置不能使用")]
    Tls(String),
    #[error("mail.ca_file 中没有可用的证书（PEM 格式）")]
    Authority,
    #[error("邮件模板有错误：{0}")]
    Template(String),
}

/// Carries messages by mail to those who have an address.
pub struct Mail {
    storage: Storage,
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    public_url: Option<String>,
    titles: bool,
    words: Environment<'static>,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").finish_non_exhaustive()
    }
}

impl Mail {
    /// The channel over this server; nothing is sent yet.
    ///
    /// # Errors
    /// When the settings cannot be used.
    pub fn new(storage: Storage, server: &Server) -> Result<Self, Unusable> {
        let from: Mailbox = server.from.parse().map_err(|_| Unusable::From(server.from.clone()))?;
        let tls = || {
            let mut tls = TlsParameters::builder(server.host.clone());
            if let Some(pem) = &server.trusted {
                tls = tls.add_root_certificate(
                    Certificate::from_pem(pem).map_err(|_| Unusable::Authority)?,
                );
            }
            tls.build().map_err(|_| Unusable::Tls(server.host.clone()))
        };
        let tls = match server.line {
            Line::Plain => Tls::None,
            Line::StartTls => Tls::Required(tls()?),
            Line::Tls => Tls::Wrapper(tls()?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
            .port(server.port)
            .tls(tls)
            .timeout(Some(PATIENCE));
        if let Some((user, password)) = &server.login {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        let (transport, public_url) = (builder.build(), server.public_url.clone());
        let (titles, words) = (server.titles, templates()?);
        Ok(Self { storage, transport, from, public_url, titles, words })
    }

    fn write(
        &self,
        message: &Message,
        to: Mailbox,
        at: DateTime<Utc>,
    ) -> Result<lettre::Message, Undelivered> {
        let letter = &message.letter;
        let case = letter.case.map(|case| format!("/cases/{case}")).unwrap_or_default();
        let link =
            self.public_url.as_ref().map(|url| format!("{}{case}", url.trim_end_matches('/')));
        let kind = if letter.kind == "overdue" { "overdue" } else { "notice" };
        let never = Undelivered::ForGood;
        let filled = |part: &str| self.fill(&format!("{kind}_{part}"), letter, link.as_deref());
        let (subject, body) = (filled("subject")?, filled("body")?);
        let name = Uuid::new_v5(&Uuid::NAMESPACE_OID, message.key().as_bytes());
        lettre::Message::builder()
            .from(self.from.clone())
            .to(to)
            .message_id(Some(format!("<{name}@{}>", self.from.email.domain())))
            .date(at.into())
            .subject(subject.split_whitespace().collect::<Vec<_>>().join(" "))
            .header(ContentType::TEXT_PLAIN)
            .body(body)
            .map_err(|error| never(error.to_string()))
    }

    fn fill(&self, name: &str, letter: &Letter, link: Option<&str>) -> Result<String, Undelivered> {
        let words = context! { title => &letter.title, text => &letter.text, link,
        titles => self.titles, brief => brief(&letter.kind) };
        let filled = self.words.get_template(name).and_then(|template| template.render(words));
        filled.map_err(|error| Undelivered::ForGood(error.to_string()))
    }
}

#[async_trait]
impl Channel for Mail {
    fn name(&self) -> &'static str {
        MAIL
    }

    fn tries(&self) -> Option<u32> {
        Some(TRIES)
    }

    async fn carry(&self, message: &Message, at: DateTime<Utc>) -> Result<Writes, Undelivered> {
        let address = self.storage.mail_address(&message.person).await;
        let address = address.map_err(|error| Undelivered::Again(error.to_string()))?;
        // Who has no address hears of it in the application.
        let Some(address) = address else { return Ok(Writes::default()) };
        let to: Mailbox = address
            .parse()
            .map_err(|_| Undelivered::ForGood("这个人登记的邮件地址不能使用".to_owned()))?;
        let mail = self.write(message, to, at)?;
        match tokio::time::timeout(TALK, self.transport.send(mail)).await {
            Ok(Ok(_)) => Ok(Writes::default()),
            Ok(Err(error)) => Err(judged(&error)),
            Err(_) => Err(Undelivered::Again("邮件服务器应答太慢".to_owned())),
        }
    }
}

/// What a letter of this kind is about, without saying which document.
fn brief(kind: &str) -> &'static str {
    match kind {
        "task" => "您有一件待办",
        "urged" => "您有一件事项被催办",
        "delivery" => "您有一件来文",
        _ => "您有一条新的通知",
    }
}

/// Whether mail can be sent there, as far as one can see.
#[must_use]
pub fn is_address(text: &str) -> bool {
    text.parse::<Mailbox>().is_ok()
}

/// A refusal of this mail for good, or anything that may pass: the line, the server, its password.
fn judged(error: &lettre::transport::smtp::Error) -> Undelivered {
    let code = error.status().map(u16::from);
    let why = match code {
        // What servers say may hold addresses; the number is enough.
        Some(code) => format!("邮件服务器答复 {code}"),
        None if error.is_timeout() => "邮件服务器没有应答".to_owned(),
        None if error.is_tls() || is_handshake(error) => {
            "与邮件服务器的加密连接没有建立，请核对 mail.tls、端口和服务器的证书".to_owned()
        }
        None => "邮件服务器连不上，或中途断开".to_owned(),
    };
    match code {
        Some(500..530 | 540..=599) if code != Some(521) => Undelivered::ForGood(why),
        Some(_) | None => Undelivered::Again(why),
    }
}

/// Whether TLS came to no agreement, mostly about the certificate: it is told as data that makes no sense.
fn is_handshake(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut at = Some(error);
    while let Some(error) = at {
        let io = error.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::InvalidData) {
            return true;
        }
        at = error.source();
    }
    false
}

/// The templates of the one file, by name.
fn templates() -> Result<Environment<'static>, Unusable> {
    let mut words = Environment::new();
    for part in TEMPLATES.split("=== ").filter(|part| !part.is_empty()) {
        let Some((name, text)) = part.split_once(" ===\n") else {
            return Err(Unusable::Template(part.to_owned()));
        };
        words
            .add_template(name, text.trim_end_matches('\n'))
            .map_err(|error| Unusable::Template(error.to_string()))?;
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_say_what_there_is_to_say() {
        let words = templates().expect("good templates");
        let filled = |name: &str, link: Option<&str>| {
            let template = words.get_template(name).expect("a template");
            template
                .render(context! { title => "关于某事", text => "请办理", link, titles => true })
                .expect("filled")
        };
        assert_eq!(filled("notice_subject", None), "【文枢】关于某事");
        let body = filled("notice_body", Some("https://oa.example/cases/1"));
        assert!(
            body.contains("请办理") && body.contains("办理：https://oa.example/cases/1"),
            "{body}"
        );
        assert!(!filled("notice_body", None).contains("办理："), "no link, no line");
        assert!(filled("overdue_body", None).contains("超过办理时限"));
    }

    #[test]
    fn only_whole_addresses_are_addresses() {
        assert!(is_address("a.b@example.org") && is_address("林 <a@example.org>"));
        for bad in ["", "a", "a@", "@b", "a b@c", "a@b\r\nBcc: c@d"] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
