//! A small mail server with moods: down, busy, refusing, gone after the text; in the open, behind STARTTLS, or behind TLS
//! from its first byte, with or without a login. What it takes it keeps.

use anyhow::{Context, Result, ensure};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{
    path::Path,
    process::Command,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// How the server is today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Fine,
    /// Hangs up at once.
    Down,
    /// 451 to every recipient.
    Busy,
    /// 550 to every recipient.
    Refusing,
    /// Takes the text, and is gone before it says so.
    GoneAfterData,
}

/// How the line is protected, and what a client has to say to be let in.
#[derive(Clone, Debug)]
pub struct Guarded {
    pub certificate: Certified,
    /// TLS from the first byte; otherwise after STARTTLS.
    pub wrapped: bool,
    /// `\0name\0password` in base64, as AUTH PLAIN says it.
    pub login: &'static str,
}

/// A certificate for a name, its key, and the authority that signed it.
#[derive(Clone, Debug)]
pub struct Certified {
    config: Arc<ServerConfig>,
    /// All as PEM.
    pub authority: Vec<u8>,
    pub chain: Vec<u8>,
    pub key: Vec<u8>,
}

impl Certified {
    /// Makes an authority and a certificate for `name`, e.g. `IP:127.0.0.1`, with the machine's openssl.
    ///
    /// # Errors
    /// When it is not installed.
    pub fn new(name: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let run = |args: &[&str]| -> Result<()> {
            let done = Command::new("openssl").args(args).current_dir(folder.path()).output();
            let done = done.context("openssl is not installed")?;
            ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            Ok(())
        };
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
        let made =
            |more: &[&str]| run(&[&["req", "-x509", "-days", "30"], &key[..], more].concat());
        made(&["-subj", "/CN=Test CA", "-keyout", "ca.key", "-out", "ca.pem"])?;
        let named = format!("subjectAltName={name}");
        made(&[
            "-subj",
            "/CN=Test",
            "-keyout",
            "own.key",
            "-out",
            "own.pem",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-addext",
            &named,
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ])?;
        let read = |name: &str| std::fs::read(Path::new(folder.path()).join(name));
        let (own, own_key) = (read("own.pem")?, read("own.key")?);
        let chain = CertificateDer::pem_slice_iter(&own).collect::<Result<Vec<_>, _>>()?;
        let key = PrivateKeyDer::from_pem_slice(&own_key)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        let authority = read("ca.pem")?;
        Ok(Self { config: Arc::new(config), authority, chain: own, key: own_key })
    }
}

/// A small mail server.
#[derive(Clone, Debug)]
pub struct Post {
    pub port: u16,
    mood: Arc<Mutex<Mood>>,
    /// Whole mails, in the order in which they came.
    taken: Arc<Mutex<Vec<String>>>,
    /// What was said before the line was protected.
    overheard: Arc<Mutex<String>>,
    guarded: Option<Guarded>,
}

impl Post {
    /// Opens one on a port of its own.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn open(guarded: Option<Guarded>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let post = Self {
            port: listener.local_addr()?.port(),
            mood: Arc::new(Mutex::new(Mood::Fine)),
            taken: Arc::default(),
            overheard: Arc::default(),
            guarded,
        };
        let serving = post.clone();
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                let post = serving.clone();
                tokio::spawn(async move {
                    if let Err(error) = post.answer(line).await {
                        eprintln!("a talk broke off: {error}");
                    }
                });
            }
        });
        Ok(post)
    }

    pub fn be(&self, mood: Mood) {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    fn mood(&self) -> Mood {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whole mails, in the order in which they came.
    #[must_use]
    pub fn mails(&self) -> Vec<String> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What anybody on the line could hear.
    #[must_use]
    pub fn overheard(&self) -> String {
        self.overheard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Recipient and Message-ID of every mail that was taken.
    ///
    /// # Errors
    /// When a mail has none.
    pub fn taken(&self) -> Result<Vec<(String, String)>> {
        let header = |mail: &str, name: &str| {
            let found = mail.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned));
            found.with_context(|| format!("{name} is missing:\n{mail}"))
        };
        let mails = self.mails();
        mails
            .iter()
            .map(|mail| Ok((header(mail, "To: ")?, header(mail, "Message-ID: ")?)))
            .collect()
    }

    async fn answer(&self, line: TcpStream) -> Result<()> {
        if self.mood() == Mood::Down {
            return Ok(());
        }
        let Some(guarded) = &self.guarded else {
            self.talk(line, true, true).await?;
            return Ok(());
        };
        let acceptor = TlsAcceptor::from(Arc::clone(&guarded.certificate.config));
        if guarded.wrapped {
            self.talk(acceptor.accept(line).await?, true, true).await?;
            return Ok(());
        }
        if let Some(line) = self.talk(line, true, false).await? {
            self.talk(acceptor.accept(line).await?, false, true).await?;
        }
        Ok(())
    }

    /// Talks until the other side ends it, or wants the line protected: then the line is given back.
    async fn talk<L>(&self, line: L, greets: bool, safe: bool) -> Result<Option<L>>
    where
        L: AsyncRead + AsyncWrite + Unpin,
    {
        let (mood, mut line) = (self.mood(), BufReader::new(line));
        let login = self.guarded.as_ref().map(|guarded| guarded.login);
        let mut known = login.is_none();
        if greets {
            line.write_all(b"220 test\r\n").await?;
        }
        let mut said = String::new();
        while line.read_line(&mut said).await? > 0 {
            if !safe {
                self.overheard.lock().unwrap_or_else(PoisonError::into_inner).push_str(&said);
            }
            let answer: &[u8] = match said.get(..4).unwrap_or_default() {
                "EHLO" if !safe => b"250-test\r\n250 STARTTLS\r\n",
                // Also in the open: whoever is taken in by it says a password that anybody hears.
                "EHLO" => b"250-test\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n",
                "STAR" if !safe => {
                    line.write_all(b"220 go on\r\n").await?;
                    return Ok(Some(line.into_inner()));
                }
                "QUIT" => {
                    line.write_all(b"221 bye\r\n").await?;
                    return Ok(None);
                }
                _ if !safe => b"530 not in the open\r\n",
                "AUTH" => {
                    known = login.is_none() || said.trim_end().strip_prefix("AUTH PLAIN ") == login;
                    if known { b"235 well\r\n" } else { b"535 no\r\n" }
                }
                _ if !known => b"530 who is it\r\n",
                "RCPT" if mood == Mood::Busy => b"451 later\r\n",
                "RCPT" if mood == Mood::Refusing => b"550 nobody here\r\n",
                "DATA" => {
                    line.write_all(b"354 go on\r\n").await?;
                    let mut mail = String::new();
                    loop {
                        said.clear();
                        if line.read_line(&mut said).await? == 0 || said == ".\r\n" {
                            break;
                        }
                        mail.push_str(&said.replace("\r\n", "\n"));
                    }
                    self.taken.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
                    if mood == Mood::GoneAfterData {
                        return Ok(None);
                    }
                    b"250 taken\r\n"
                }
                _ => b"250 well\r\n",
            };
            line.write_all(answer).await?;
            said.clear();
        }
        Ok(None)
    }
}
