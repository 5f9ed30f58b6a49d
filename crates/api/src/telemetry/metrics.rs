//! Numbers for operators, in the text format that Prometheus reads.
//!
//! Every label has a few fixed values: nothing that a client sends becomes one, so nobody can fill
//! the store behind it, and no person can be told from them.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use stoa_domain::actor::Actor;
use tokio::net::TcpListener;

use crate::service::Service;

/// Bounds of the histogram, in seconds.
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

type Labels<const N: usize> = [(&'static str, &'static str); N];

/// What is counted in this process. Clones count together.
#[derive(Clone)]
pub struct Metrics(Arc<Counted>);

struct Counted {
    registry: Registry,
    requests: Family<Labels<2>, Counter>,
    durations: Family<Labels<1>, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    subscriptions: Gauge,
    jobs: Family<Labels<1>, Counter>,
    waiting: Gauge,
    lag: Gauge<f64, AtomicU64>,
    connections: Family<Labels<1>, Gauge>,
    spans_lost: Counter,
    memory: Gauge,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics(…)")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let histogram: fn() -> Histogram = || Histogram::new(BUCKETS);
        let mut counted = Counted {
            registry: Registry::with_prefix("stoa"),
            requests: Family::default(),
            durations: Family::new_with_constructor(histogram),
            in_flight: Gauge::default(),
            subscriptions: Gauge::default(),
            jobs: Family::default(),
            waiting: Gauge::default(),
            lag: Gauge::default(),
            connections: Family::default(),
            spans_lost: Counter::default(),
            memory: Gauge::default(),
        };
        counted.register();
        Self(Arc::new(counted))
    }
}

impl Counted {
    fn register(&mut self) {
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        let registry = &mut self.registry;
        registry.register("build", "What runs", build);
        let help = "Requests answered, by the operation's type and the status' class";
        registry.register("http_requests", help, self.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time until an answer began, by the operation's type",
            Unit::Seconds,
            self.durations.clone(),
        );
        let help = "Requests that are being answered";
        registry.register("http_requests_in_flight", help, self.in_flight.clone());
        let help = "Subscriptions that somebody follows";
        registry.register("subscriptions_open", help, self.subscriptions.clone());
        let help = "Runs of the jobs, by how they ended";
        registry.register("job_runs", help, self.jobs.clone());
        let help = "Applications that the jobs have yet to look at";
        registry.register("jobs_waiting", help, self.waiting.clone());
        registry.register_with_unit(
            "jobs_lag",
            "How long the first of them has waited",
            Unit::Seconds,
            self.lag.clone(),
        );
        let help = "Connections to the database, by what they do; most is how many there may be";
        registry.register("database_connections", help, self.connections.clone());
        let help = "Spans that could not be handed over";
        registry.register("spans_lost", help, self.spans_lost.clone());
        registry.register_with_unit(
            "process_resident_memory",
            "Memory that the process holds",
            Unit::Bytes,
            self.memory.clone(),
        );
    }
}

/// Something that goes on, and is counted until this is dropped.
#[derive(Debug)]
pub struct Ongoing(Gauge);

impl Ongoing {
    fn begin(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Ongoing {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// A request is being answered.
    pub fn in_flight(&self) -> Ongoing {
        Ongoing::begin(&self.0.in_flight)
    }

    /// Somebody follows a subscription.
    pub fn followed(&self) -> Ongoing {
        Ongoing::begin(&self.0.subscriptions)
    }

    /// A request was answered.
    pub fn answered(&self, operation: &'static str, status: u16, took: Duration) {
        let class = match status {
            100..=199 => "1xx",
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => "5xx",
        };
        let labels = [("operation", operation), ("status", class)];
        self.0.requests.get_or_create(&labels).inc();
        let durations = self.0.durations.get_or_create(&[("operation", operation)]);
        durations.observe(took.as_secs_f64());
    }

    /// The jobs ran.
    pub fn jobs_ran(&self, well: bool) {
        let outcome = if well { "ok" } else { "failed" };
        self.0.jobs.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// Spans could not be handed over.
    pub fn spans_lost(&self, count: usize) {
        self.0.spans_lost.inc_by(count as u64);
    }
}

/// Serves `/metrics` and nothing else.
pub async fn serve(listener: TcpListener, service: Service) -> std::io::Result<()> {
    let text = move || {
        let service = service.clone();
        async move {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], read(&service).await)
        }
    };
    axum::serve(listener, Router::new().route("/metrics", get(text))).await
}

/// Every number as it is now.
pub async fn read(service: &Service) -> String {
    let counted = &service.metrics.0;
    let pool = service.store.pool();
    let used = pool.open.saturating_sub(pool.idle);
    for (state, count) in [("idle", pool.idle), ("used", used), ("most", pool.most)] {
        let gauge = counted.connections.get_or_create(&[("state", state)]);
        gauge.set(i64::from(count));
    }
    let now = service.clock.now();
    let view = service.store.view(&Actor::System);
    // Without the database the numbers of the process are still worth reading.
    if let Ok((waiting, since)) = view.overdue(now).await {
        counted
            .waiting
            .set(i64::try_from(waiting).unwrap_or(i64::MAX));
        let lag = since.and_then(|since| (now - since).to_std().ok());
        counted.lag.set(lag.unwrap_or_default().as_secs_f64());
    }
    counted.memory.set(resident());
    let mut text = String::new();
    // Writing into a text cannot fail.
    let _ = encode(&mut text, &counted.registry);
    text
}

/// Bytes of memory that the process holds; 0 where the system does not say.
fn resident() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<i64>().ok());
    kibibytes.unwrap_or(0) * 1024
}
