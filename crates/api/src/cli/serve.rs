//! Serving, and asking whether somebody serves.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::Problem;
use crate::config::{Config, Settings};
use crate::http::server;
use crate::service::Service;
use crate::telemetry::traces::{self, Exporter};
use crate::telemetry::{metrics, watch as watching};
use crate::{Bounds, build_with, feed, jobs};

/// How long sockets have to say that the service stops.
const FAREWELL: Duration = Duration::from_millis(300);
/// How long a health check waits.
const PATIENCE: Duration = Duration::from_secs(3);

/// Serves until it is told to stop.
pub async fn serve(config: &Config, service: Service) -> Result<(), Problem> {
    let stop = told_to_stop();
    let listener = listen(config).await?;
    tracing::info!(
        address = %listener.local_addr()?,
        database = service.store.engine(),
        "serving"
    );
    answer(listener, config, service, stop).await
}

pub(super) async fn listen(config: &Config) -> Result<TcpListener, Problem> {
    bind(config.listen, "STOA_LISTEN").await
}

async fn bind(address: SocketAddr, setting: &str) -> Result<TcpListener, Problem> {
    TcpListener::bind(address).await.map_err(|error| {
        Problem(format!(
            "Cannot serve on {address}: {error}. Set {setting} to another address or port."
        ))
    })
}

/// Answers requests and does the jobs, until SIGINT or SIGTERM. Requests under way are finished;
/// streams end at once, and their clients connect to another process.
pub(super) async fn answer(
    listener: TcpListener,
    config: &Config,
    service: Service,
    told: impl Future<Output = ()>,
) -> Result<(), Problem> {
    // Before the first request, so that nothing is committed between it and the first subscription.
    let tail = service.store.tail().await?;
    let (stop, stopping) = watch::channel(());
    let mut bounds: Bounds = config.bounds.clone();
    bounds.streams.stop = Some(stopping);
    let router = build_with(service.clone(), bounds);
    let router = router.map_err(Problem)?;
    let (traces, mut exporter) = config
        .otlp
        .clone()
        .map(|collector| traces::to(collector, &service.metrics))
        .unzip();
    let router = watching::around(router, &service, traces);
    let measured = match config.metrics {
        Some(address) => Some(bind(address, "STOA_METRICS_LISTEN").await?),
        None => None,
    };
    let stopped = async move {
        told.await;
        let _ = stop.send(());
        // Sockets are no requests: nothing else waits for their last words.
        tokio::time::sleep(FAREWELL).await;
    };
    let ended = tokio::select! {
        () = server::serve(listener, router, config.bounds.http, stopped) => Ok(()),
        () = Box::pin(feed::run(service.store.clone(), tail)) => Ok(()),
        read = measure(measured, service.clone()) => read,
        () = hand_over(exporter.as_mut()) => Ok(()),
        () = jobs::run(service.clone()) => Ok(()),
        () = Box::pin(jobs::deliver(service)) => Ok(()),
    };
    if let Some(exporter) = &mut exporter {
        exporter.flush().await;
    }
    Ok(ended?)
}

/// Serves metrics, where they are wanted.
async fn measure(listener: Option<TcpListener>, service: Service) -> std::io::Result<()> {
    match listener {
        Some(listener) => metrics::serve(listener, service).await,
        None => std::future::pending().await,
    }
}

/// Hands traces over, where somebody takes them.
async fn hand_over(exporter: Option<&mut Exporter>) {
    if let Some(exporter) = exporter {
        exporter.run().await;
    }
    std::future::pending::<()>().await;
}

/// Ends when the process is told to stop. It listens from the call on, so that nothing is missed
/// while the service prepares itself.
pub(super) fn told_to_stop() -> impl Future<Output = ()> + Send {
    #[cfg(unix)]
    let terminate = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate()).ok()
    };
    async move {
        #[cfg(unix)]
        if let Some(mut terminate) = terminate {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Asks the service on the configured port whether it is ready.
pub async fn healthcheck(settings: &Settings) -> Result<(), Problem> {
    let listen = settings.listen.as_deref().unwrap_or("127.0.0.1:8000");
    let mut address: SocketAddr = listen
        .parse()
        .map_err(|_| Problem(format!("STOA_LISTEN is no address: {listen:?}")))?;
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let asked = tokio::time::timeout(PATIENCE, async {
        let mut stream = TcpStream::connect(address).await?;
        let request =
            format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    });
    match asked.await {
        Ok(Ok(answer)) if answer.starts_with("HTTP/1.1 200") => Ok(()),
        _ => Err(Problem(format!("The service on {address} is not ready."))),
    }
}
