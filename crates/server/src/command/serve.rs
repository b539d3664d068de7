//! `wenshu serve`: from an address and a database to a running office, and back to rest without losing anything.

use crate::{
    complain,
    config::{ChannelName, Config, Every, Given},
    demo, first,
    open::{dispatcher, office},
    say,
    trouble::Trouble,
    watch::Watch,
};
use anyhow::{Context, Result};
use clap::Args;
use std::{
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch::Receiver,
    task::JoinSet,
    time::timeout,
};
use wenshu_http::{App, Bounds, Rate, Settings};
use wenshu_layout::Typesetter;
use wenshu_notify::MAIL;
use wenshu_office::{Clock, Office};
use wenshu_storage::Storage;

/// How long requests and jobs in hand have when the server stops.
const GRACE: Duration = Duration::from_secs(20);
/// How often what is over is thrown away, and how long answers to keys are kept.
const SWEEP: Duration = Duration::from_secs(3600);
/// How often a node looks whether the day has its anchor.
const REMIND: Duration = Duration::from_secs(900);
const ANCHOR: Duration = Duration::from_secs(600);
const KEEP: Duration = Duration::from_secs(7 * 24 * 3600);

#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[arg(long, help = "数据库为空时装入演示城市")]
    demo: bool,
    #[arg(long, conflicts_with = "demo", help = "数据库为空时只建立三员账号；不写也是这样")]
    empty: bool,
    #[command(flatten)]
    given: Every,
}

impl Serve {
    pub(crate) async fn run(self) -> Result<ExitCode> {
        let config = Config::load(&self.given.0)?;
        // The address first: whoever finds it taken has not waited, and two starts do not fill one database.
        let listener = listen(config.listen).await?;
        let storage = config.storage().await?;
        // Of several nodes that start together, one makes and fills the tables.
        let alone = storage.alone().await?;
        let changes = storage.pending().await?;
        if !changes.is_empty() {
            storage.migrate().await?;
            tracing::info!(changes = changes.len(), "the database was brought up to date");
        }
        let press = config.press();
        if first::empty(&storage, &config.data).await? {
            if self.demo && !self.empty {
                first::demo_city(&config, &storage, &press).await?;
            } else {
                let office = office(&config, &storage, &press, Clock::system(), false).await?;
                first::administrators(&office).await?;
            }
        }
        let is_demo = !storage.demo_accounts().await?.is_empty();
        let office = office(&config, &storage, &press, Clock::system(), is_demo).await?;
        first::deploy_missing(&office).await?;
        alone.end().await?;
        let watch = Watch::begin(&config, &office)?;
        let own_address = match config.metrics_listen {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        let settings = Settings {
            demo: demo::offered(&office).await?,
            secure_cookies: config.secure_cookies,
            proxies: config.trusted_proxies.clone(),
            person: Rate::lasting(config.per_person),
            ..Settings::default()
        };
        self.announce(listener.local_addr()?, &settings);
        look_for_fonts(&press, &watch);
        run(&config, (listener, own_address), (office, watch), settings).await?;
        storage.close().await?;
        say("已停止。");
        Ok(ExitCode::SUCCESS)
    }

    pub(crate) fn given(&self) -> &Given {
        &self.given.0
    }

    fn announce(&self, address: SocketAddr, settings: &Settings) {
        if !settings.demo.is_empty() {
            say(demo::announcement(&settings.demo));
        }
        if !wenshu_web::built() {
            say("这个程序里没有网页界面，只有接口；网页界面由 cargo xtask up 构建。");
        }
        say(format!("文枢已启动：{}（按 Ctrl-C 停止）", url(address)));
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Trouble> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => Trouble::PortInUse(address),
        _ => Trouble::NoListening { address, source },
    })
}

/// An address that a browser on this machine can open.
fn url(address: SocketAddr) -> String {
    let host =
        if address.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { address.ip() };
    format!("http://{}/", SocketAddr::new(host, address.port()))
}

/// Fonts take a moment to find, and nobody needs to wait: only sheets do.
fn look_for_fonts(press: &Arc<Typesetter>, watch: &Watch) {
    let (press, watch) = (Arc::clone(press), watch.clone());
    tokio::task::spawn_blocking(move || {
        if let Some(news) = about_fonts(&press) {
            watch.note(news.clone());
            complain(news);
        }
    });
}

/// What an operator should know of the fonts that there are.
fn about_fonts(press: &Typesetter) -> Option<String> {
    match press.prepare() {
        Ok(substitutions) if substitutions.is_empty() => None,
        Ok(substitutions) => Some(format!(
            "字体：{}。单位已获授权的字体放进 --fonts 指定的目录即可使用。",
            substitutions.join("；")
        )),
        Err(_) => Some(
            "没有可用的中文字体：其他功能都能用，但公文排不成 PDF。Debian 上请安装 fonts-noto-cjk 和 fonts-lxgw-wenkai，\
             或把单位已获授权的字体放进 --fonts 指定的目录，再重新启动。"
                .to_owned(),
        ),
    }
}

/// Serves until somebody says stop. What is in hand then is finished: requests are answered, a job is done to its
/// end, a message is carried; what merely waits lies in the database and goes on at the next start.
async fn run(
    config: &Config,
    (listener, own_address): (TcpListener, Option<TcpListener>),
    (office, watch): (Office, Watch),
    settings: Settings,
) -> Result<()> {
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (app, stop) = App::new(office.clone(), settings);
    let mut workers = JoinSet::new();
    let (jobs, post, sweeper) = (office.clone(), dispatcher(config, &office)?, office);
    let (first, second, third) = (stop.subscribe(), stop.subscribe(), stop.subscribe());
    workers.spawn(async move { jobs.work(until(first)).await });
    workers.spawn(async move { post.run(until(second)).await });
    workers.spawn(async move { sweep(&sweeper, until(third)).await });

    let pages = wenshu_web::router().merge(watch.routes(own_address.is_none()));
    if let Some(listener) = own_address {
        let (watch, stop) = (watch.clone(), stop.subscribe());
        workers.spawn(async move { watch.serve(listener, stop).await });
    }
    if config.channels.contains(&ChannelName::Mail) {
        let (office, stop) = (watch.office().clone(), stop.subscribe());
        workers.spawn(async move { remind(&office, until(stop)).await });
    }
    let anchoring = (watch.office().clone(), stop.subscribe());
    workers.spawn(async move { anchor(anchoring.0.storage(), until(anchoring.1)).await });

    let bounds = Bounds { proxies: app.settings.proxies.clone(), ..Bounds::default() };
    let router = wenshu_http::router(app, pages);
    let serving = wenshu_http::serve(listener, router, bounds, stop.subscribe());
    let mut serving = tokio::spawn(serving);
    tokio::select! {
        ended = &mut serving => return ended.context("网页服务")?.context("网页服务"),
        () = told(&mut terminate, &mut interrupt) => {}
    }
    say("正在停止，先办完手上的事……");
    stop.send_replace(true);
    let rest = async {
        let served = serving.await;
        while workers.join_next().await.is_some() {}
        served.context("网页服务")?.context("网页服务")
    };
    tokio::select! {
        rested = timeout(GRACE, rest) => match rested {
            Ok(served) => served,
            Err(_) => {
                tracing::warn!("some requests or jobs were not over in time; jobs go on at the next start");
                Ok(())
            }
        },
        // Who says it twice means at once; what was acknowledged is safe all the same.
        () = told(&mut terminate, &mut interrupt) => Ok(()),
    }
}

async fn told(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

async fn until(mut stopping: Receiver<bool>) {
    // The sender gone means stop, too.
    let _stopped = stopping.wait_for(|stop| *stop).await;
}

/// Anchors the streams once a day. Which node does it is settled by the commit.
async fn anchor(storage: &Storage, stop: impl Future<Output = ()>) {
    let mut stop = std::pin::pin!(stop);
    loop {
        match storage.anchor_daily().await {
            Ok(0) => {}
            Ok(anchors) => tracing::info!(anchors, "the heads of the streams were anchored"),
            Err(error) => tracing::error!(%error, "the heads of the streams could not be anchored"),
        }
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(ANCHOR) => {}
        }
    }
}

/// Sees to it that everybody with something overdue has a mail of it every working day.
async fn remind(office: &Office, stop: impl Future<Output = ()>) {
    let mut stop = std::pin::pin!(stop);
    loop {
        if let Err(error) = office.digest(MAIL).await {
            tracing::error!(%error, "the overdue could not be reminded");
        }
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(REMIND) => {}
        }
    }
}

async fn sweep(office: &Office, stop: impl Future<Output = ()>) {
    let mut stop = std::pin::pin!(stop);
    loop {
        match office.storage().sweep(office.clock().now(), KEEP).await {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(rows, "what is over was thrown away"),
            Err(error) => tracing::error!(%error, "what is over could not be thrown away"),
        }
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(SWEEP) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_fonts_the_operator_is_told_what_to_install() {
        let nowhere = Typesetter::with_only(vec![]);
        let news = about_fonts(&nowhere).expect("there is something to tell");
        assert!(news.contains("没有可用的中文字体") && news.contains("fonts-noto-cjk"), "{news}");
    }

    #[test]
    fn a_browser_can_open_the_address_that_is_printed() {
        let shown = |address: &str| url(address.parse().expect("an address"));
        assert_eq!(shown("0.0.0.0:9000"), "http://127.0.0.1:9000/");
        assert_eq!(shown("192.0.2.7:80"), "http://192.0.2.7:80/");
        assert_eq!(shown("[::1]:8080"), "http://[::1]:8080/");
        assert_eq!(shown("[::]:8080"), "http://127.0.0.1:8080/");
    }
}
