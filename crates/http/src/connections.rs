//! Connections: taken in up to a number, and given up when the other side is too slow to ask or to listen.

use crate::net::Net;
use axum::{Router, extract::ConnectInfo, extract::Request};
use futures_util::FutureExt;
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{Sleep, sleep},
};
use tower::ServiceExt;

/// How many connections there may be, and how slow.
#[derive(Clone, Debug)]
pub struct Bounds {
    pub connections: usize,
    /// Of one address, unless it is one of the `proxies`.
    pub per_address: usize,
    pub proxies: Vec<Net>,
    /// The whole head of a request must be there within this time.
    pub head: Duration,
    /// What is sent must be taken in within this time, a piece after the other.
    pub stall: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 4096.min(open_files().saturating_sub(200).max(100)),
            per_address: 256,
            proxies: vec![],
            head: Duration::from_secs(30),
            stall: Duration::from_secs(60),
        }
    }
}

/// How many files this process may hold open; connections are among them.
fn open_files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next());
    soft.and_then(|soft| soft.parse().ok()).unwrap_or(1024)
}

/// Serves until `stop` turns true; then what was asked is answered, and connections end.
///
/// # Errors
/// When the listener is broken.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let room = Arc::new(Semaphore::new(bounds.connections));
    let guests = Arc::new(Guests { most: bounds.per_address, there: Mutex::default() });
    let mut open = JoinSet::new();
    loop {
        let seat = tokio::select! {
            seat = Arc::clone(&room).acquire_owned() => seat.map_err(io::Error::other)?,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if gone_already(&error) => continue,
            Err(error) => {
                // No more files, mostly: it passes when others hang up.
                tracing::error!(%error, "no connection can be taken in");
                sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        let address = peer.ip().to_canonical();
        let known = bounds.proxies.iter().any(|net| net.holds(address));
        let guest = if known { None } else { Some(Guests::enter(&guests, address)) };
        let Some(guest) = guest.map_or(Some(None), |guest| guest.map(Some)) else { continue };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "answers may come a little late");
        }
        let (router, bounds, stop) = (router.clone(), bounds.clone(), stop.clone());
        open.spawn(async move {
            talk(stream, peer, router, &bounds, stop).await;
            drop((seat, guest));
        });
        while open.try_join_next().is_some() {}
    }
    drop(listener);
    while open.join_next().await.is_some() {}
    Ok(())
}

fn gone_already(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn talk(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    bounds: &Bounds,
    mut stop: watch::Receiver<bool>,
) {
    let service = router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(axum::body::Body::new)
    });
    let io = TokioIo::new(Patient { stream, stall: bounds.stall, stalled: None });
    let mut connection = http1::Builder::new();
    connection.timer(TokioTimer::new()).header_read_timeout(bounds.head);
    let talk = connection.serve_connection(io, TowerToHyperService::new(service));
    let mut talk = std::pin::pin!(talk);
    let mut told = std::pin::pin!(stop.wait_for(|stop| *stop).map(|_| ()).fuse());
    loop {
        tokio::select! {
            ended = talk.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                }
                return;
            }
            () = told.as_mut() => talk.as_mut().graceful_shutdown(),
        }
    }
}

/// How many connections each address has.
#[derive(Debug)]
struct Guests {
    most: usize,
    there: Mutex<HashMap<IpAddr, usize>>,
}

/// One of them.
#[derive(Debug)]
struct Guest {
    guests: Arc<Guests>,
    address: IpAddr,
}

impl Guests {
    fn enter(guests: &Arc<Self>, address: IpAddr) -> Option<Guest> {
        let mut there = guests.there.lock().unwrap_or_else(PoisonError::into_inner);
        let count = there.entry(address).or_default();
        if *count >= guests.most {
            return None;
        }
        *count += 1;
        Some(Guest { guests: Arc::clone(guests), address })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut there = self.guests.there.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = there.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                there.remove(&self.address);
            }
        }
    }
}

/// A stream that does not wait for ever for its other side to take something in.
#[derive(Debug)]
struct Patient {
    stream: TcpStream,
    stall: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Patient {
    fn waited<T>(
        &mut self,
        written: Poll<io::Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let stall = self.stall;
        ready!(self.stalled.get_or_insert_with(|| Box::pin(sleep(stall))).as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.waited(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.waited(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
