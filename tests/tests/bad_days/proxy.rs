//! Behind nginx, with the very settings that we hand out: only addresses, ports and certificates are put in.

use crate::waiting::{draft, prepare};
use anyhow::{Context, Result, ensure};
use std::{
    fs,
    io::Read,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use wenshu_testkit::{Backend, TestOffice};
use wenshu_tests::{Body, Certified, Program};

const SETTINGS: &str = include_str!("../../../deploy/nginx.conf");
const HOST: &str = "oa.example.gov.cn";

/// nginx in a folder of its own. It is stopped when it is dropped.
struct Nginx {
    child: Child,
    home: TempDir,
    secure: u16,
    open: u16,
}

impl Nginx {
    fn start(installed: &Path, program: &Program, certified: &Certified) -> Result<Self> {
        let home = tempfile::tempdir()?;
        let port = || -> Result<u16> { Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port()) };
        let (secure, open) = (port()?, port()?);
        let at = |name: &str| home.path().join(name).display().to_string();
        fs::write(at("oa.crt"), &certified.chain)?;
        fs::write(at("oa.key"), &certified.key)?;
        let mut site = String::new();
        for line in SETTINGS.lines().filter(|line| !line.contains("listen [::]")) {
            site.push_str(line);
            site.push('\n');
        }
        for (theirs, here) in [
            ("listen 443 ssl", format!("listen 127.0.0.1:{secure} ssl")),
            ("listen 80;", format!("listen 127.0.0.1:{open};")),
            ("/etc/nginx/tls/oa.crt", at("oa.crt")),
            ("/etc/nginx/tls/oa.key", at("oa.key")),
            ("http://127.0.0.1:8080", program.url.clone()),
        ] {
            ensure!(site.contains(theirs), "{theirs} is not in deploy/nginx.conf");
            site = site.replace(theirs, &here);
        }
        let user = if wenshu_tests::root()? { "user root;" } else { "" };
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .map(|kind| format!("{kind}_temp_path {};\n", at(kind)))
            .collect();
        let whole = format!(
            "{user}\ndaemon off;\npid {};\nerror_log {};\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}{site}}}\n",
            at("pid"),
            at("error.log")
        );
        fs::write(at("nginx.conf"), whole)?;
        let run = || {
            let mut nginx = Command::new(installed);
            nginx.args(["-e", &at("error.log"), "-c", &at("nginx.conf")]).stdin(Stdio::null());
            nginx
        };
        let tested = run().arg("-t").output()?;
        ensure!(tested.status.success(), "{}", String::from_utf8_lossy(&tested.stderr));
        let child = run().stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        Ok(Self { child, secure, open, home })
    }

    fn url(&self) -> String {
        format!("https://{HOST}:{}", self.secure)
    }

    fn said(&self) -> String {
        fs::read_to_string(self.home.path().join("error.log")).unwrap_or_default()
    }

    /// A browser that trusts the certificate, at an address of its own.
    fn browser(&self, certified: &Certified, from: IpAddr) -> Result<reqwest::Client> {
        let authority = reqwest::Certificate::from_pem(&certified.authority)?;
        let here: SocketAddr = (Ipv4Addr::LOCALHOST, self.secure).into();
        let client = reqwest::Client::builder()
            .tls_certs_merge([authority])
            .resolve(HOST, here)
            .local_address(from)
            .redirect(reqwest::redirect::Policy::none());
        Ok(client.build()?)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // QUIT would wait for the streams of events.
        let _told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ended = self.child.wait();
    }
}

/// Debian puts it where only root looks.
fn nginx() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    folders.map(|folder| folder.join("nginx")).find(|program| program.is_file())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behind_nginx_as_we_hand_it_out_everything_works() -> Result<()> {
    let Some(installed) = nginx() else {
        eprintln!("nginx is not installed: nothing was tried behind it");
        return Ok(());
    };
    let office = TestOffice::new(Backend::Sqlite).await?;
    prepare(&office).await?;
    let secure = [("WENSHU_SECURE_COOKIES", "true".to_owned())];
    let program = Program::start_under(&office.place, &secure).await?;
    let certified = Certified::new(&format!("DNS:{HOST}"))?;
    // The desk installs what TLS is done with.
    let clerk = program.desk("lin-xiao");
    let nginx = Nginx::start(&installed, &program, &certified)?;
    let browser = nginx.browser(&certified, Ipv4Addr::LOCALHOST.into())?;
    let clerk = clerk.at(&nginx.url()).through(browser.clone());
    let begun = Instant::now();
    while let Err(error) = clerk.sign_in().await {
        ensure!(begun.elapsed() < Duration::from_secs(20), "{error:?}\n{}", nginx.said());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    ensure!(clerk.cookie().starts_with("__Host-wenshu="), "{}", clerk.cookie());

    let page = browser.get(format!("{}/healthz", nginx.url())).send().await?;
    let promises = page.headers().get_all("strict-transport-security").iter().count();
    ensure!(page.status() == 200 && promises == 1, "{} {:?}", page.status(), page.headers());
    for inner in ["/metrics", "/readyz"] {
        let answer = browser.get(format!("{}{inner}", nginx.url())).send().await?;
        ensure!(answer.status() == 404, "{inner}: {}", answer.status());
    }
    let plain = format!("http://127.0.0.1:{}/x", nginx.open);
    let plain = browser.get(plain).header("host", HOST).send().await?;
    let to = plain.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or_default();
    ensure!(plain.status() == 301 && to == format!("https://{HOST}/x"), "{} {to}", plain.status());

    // Live counts come at once, not when a buffer is full.
    let events = format!("{}/api/v1/events", nginx.url());
    let mut live = browser.get(events).header("cookie", clerk.cookie()).send().await?;
    ensure!(live.status() == 200, "{}", live.status());
    let mut heard = String::new();
    hear(&mut live, &mut heard, "event: counts").await?;
    let case = draft(&clerk, "关于代理的通知").await?;
    hear(&mut live, &mut heard, &case).await?;

    // An attachment of the whole size, and one that is too large.
    let path = format!("/cases/{case}/attachments");
    let whole = Body::File("整.bin".into(), noise(100 << 20)?);
    let kept = clerk.ask(reqwest::Method::POST, &path, whole, None).await?.json()?;
    ensure!(kept["size"] == 100 << 20, "{kept}");
    let larger = Body::File("大.bin".into(), vec![1; 120 << 20]);
    // nginx may end the line as soon as it knows.
    if let Ok(refused) = clerk.ask(reqwest::Method::POST, &path, larger, None).await {
        ensure!(refused.status == 413, "{}", refused.status);
    }
    forged(&nginx, &certified).await?;
    drop(live);
    Ok(())
}

/// Whoever says they are somebody else is who they are: one address is counted as one, whatever it says.
async fn forged(nginx: &Nginx, certified: &Certified) -> Result<()> {
    let (stranger, other) = (Ipv4Addr::new(127, 0, 0, 2), Ipv4Addr::new(127, 0, 0, 3));
    let (stranger, other) =
        (nginx.browser(certified, stranger.into())?, nginx.browser(certified, other.into())?);
    let url = format!("{}/api/v1/counts", nginx.url());
    let mut refused = false;
    for n in 0..900 {
        let said = format!("203.0.113.{}", n % 250);
        let request = stranger.get(&url).header("x-forwarded-for", said);
        refused |= request.send().await?.status() == 429;
        if refused {
            break;
        }
    }
    ensure!(refused, "a new address each time was believed");
    let beside = other.get(&url).send().await?.status();
    ensure!(beside == 401, "another address behind the same proxy: {beside}");
    Ok(())
}

async fn hear(live: &mut reqwest::Response, heard: &mut String, wanted: &str) -> Result<()> {
    let begun = Instant::now();
    while !heard.contains(wanted) {
        let left = Duration::from_secs(5).checked_sub(begun.elapsed());
        let left = left.with_context(|| format!("{wanted} did not come: {heard}"))?;
        if let Ok(chunk) = tokio::time::timeout(left, live.chunk()).await {
            heard.push_str(&String::from_utf8_lossy(&chunk?.context("the stream goes on")?));
        }
    }
    Ok(())
}

fn noise(size: u64) -> Result<Vec<u8>> {
    let mut bytes = vec![];
    fs::File::open("/dev/urandom")?.take(size).read_to_end(&mut bytes)?;
    Ok(bytes)
}
