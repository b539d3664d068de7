//! A client as small as can be, so that its own work does not stand in the measured time: HTTP/1.1 on one connection.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// Who is signed in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Session {
    cookie: String,
    csrf: String,
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    pub session: Session,
}

impl Client {
    pub async fn connect(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), session: Session::default() })
    }

    pub async fn sign_in(&mut self, login: &str, password: &str) -> Result<()> {
        self.session = Session::default();
        let answer = self
            .ask(
                "POST",
                "/api/v1/session",
                Some(&json!({ "person": login, "password": password })),
                None,
            )
            .await?;
        self.session.csrf = answer["csrf"].as_str().context("a token")?.to_owned();
        Ok(())
    }

    pub async fn get(&mut self, path: &str) -> Result<Value> {
        self.ask("GET", path, None, None).await
    }

    /// One request; whatever is not a success is trouble.
    pub async fn ask(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> Result<Value> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: {}\r\n",
            self.session.cookie
        );
        if method != "GET" {
            let (length, csrf) = (body.len(), &self.session.csrf);
            head += &format!(
                "content-type: application/json\r\ncontent-length: {length}\r\nx-csrf-token: {csrf}\r\n"
            );
        }
        if let Some(key) = key {
            head += &format!("idempotency-key: {key}\r\n");
        }
        self.stream.get_mut().write_all(format!("{head}\r\n{body}").as_bytes()).await?;
        let (status, bytes) = self.answer().await?;
        if !(200..300).contains(&status) {
            bail!("{method} {path}: {status} {}", String::from_utf8_lossy(&bytes));
        }
        if bytes.is_empty() {
            Ok(Value::Null)
        } else {
            Ok(serde_json::from_slice(&bytes).unwrap_or(Value::Null))
        }
    }

    async fn answer(&mut self) -> Result<(u16, Vec<u8>)> {
        let status = self.line().await?;
        let status: u16 = status.split(' ').nth(1).context("a status")?.parse()?;
        let (mut length, mut chunked) = (0, false);
        loop {
            let line = self.line().await?;
            let Some((name, value)) = line.split_once(':') else { break };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse()?,
                "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
                "set-cookie" => {
                    self.session.cookie = value.split(';').next().unwrap_or_default().to_owned();
                }
                _ => {}
            }
        }
        let mut bytes = vec![];
        if chunked {
            loop {
                let size = usize::from_str_radix(&self.line().await?, 16)?;
                let start = bytes.len();
                bytes.resize(start + size, 0);
                self.stream.read_exact(&mut bytes[start..]).await?;
                self.line().await?;
                if size == 0 {
                    break;
                }
            }
        } else {
            bytes.resize(length, 0);
            self.stream.read_exact(&mut bytes).await?;
        }
        Ok((status, bytes))
    }

    async fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        ensure!(self.stream.read_line(&mut line).await? > 0, "the server hung up");
        Ok(line.trim_end().to_owned())
    }
}
