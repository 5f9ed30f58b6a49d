//! Spans for a tracing service, handed over by OTLP: JSON over HTTP, in batches, to a collector nearby.
//!
//! The libraries of OpenTelemetry would bring a dozen crates more, an HTTP client among them. One kind
//! of span to one place is a queue and a request.

use std::time::Duration;

use axum::http::Uri;
use serde_json::{Value, json};
use stoa_domain::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::metrics::Metrics;

/// Spans that wait at most; what comes then is lost, and counted.
const QUEUE: usize = 2_048;
/// Spans handed over at once.
const BATCH: usize = 512;
/// How long spans are gathered.
const PAUSE: Duration = Duration::from_secs(1);
/// How long the collector may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where a request stands in the trace of whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parent {
    trace: u128,
    span: u64,
    sampled: bool,
}

impl Parent {
    /// Reads a `traceparent` of the W3C; one that is wrong is none.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('-').collect();
        let [version, trace, span, flags, ..] = parts[..] else {
            return None;
        };
        let hex = |text: &str, length: usize| {
            let right = |it: u8| it.is_ascii_digit() || (b'a'..=b'f').contains(&it);
            text.len() == length && text.bytes().all(right)
        };
        // Later versions may add parts; the first one has four.
        let known = hex(version, 2) && version != "ff" && (version != "00" || parts.len() == 4);
        if !known || !hex(trace, 32) || !hex(span, 16) || !hex(flags, 2) {
            return None;
        }
        let trace = u128::from_str_radix(trace, 16).ok()?;
        let span = u64::from_str_radix(span, 16).ok()?;
        let sampled = u8::from_str_radix(flags, 16).ok()? & 1 == 1;
        (trace != 0 && span != 0).then_some(Self {
            trace,
            span,
            sampled,
        })
    }
}

/// One operation that was answered.
#[derive(Clone, Debug)]
pub struct Span {
    /// Where it belongs, if whoever asked said so.
    pub parent: Option<Parent>,
    /// Ids for it: a trace of its own and itself.
    pub ids: (u128, u64),
    /// `query`, `mutation` or `subscription`; also its name.
    pub operation: &'static str,
    /// What the operation is called.
    pub name: Option<String>,
    /// The document without what somebody wrote into it.
    pub document: String,
    /// The status of the answer.
    pub status: u16,
    /// The code of the first error.
    pub error: Option<String>,
    /// When it began.
    pub began: Timestamp,
    /// How long it took.
    pub took: Duration,
}

/// Takes spans; never waits.
#[derive(Clone, Debug)]
pub struct Traces {
    sender: mpsc::Sender<Span>,
    metrics: Metrics,
}

impl Traces {
    /// Takes a span, unless whoever asked does not want the trace.
    pub fn take(&self, span: Span) {
        if span.parent.is_some_and(|parent| !parent.sampled) {
            return;
        }
        if self.sender.try_send(span).is_err() {
            self.metrics.spans_lost(1);
        }
    }
}

/// Hands spans over.
#[derive(Debug)]
pub struct Exporter {
    receiver: mpsc::Receiver<Span>,
    endpoint: Uri,
    metrics: Metrics,
}

/// A queue of spans for this collector.
pub fn to(endpoint: Uri, metrics: &Metrics) -> (Traces, Exporter) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    let traces = Traces {
        sender,
        metrics: metrics.clone(),
    };
    let exporter = Exporter {
        receiver,
        endpoint,
        metrics: metrics.clone(),
    };
    (traces, exporter)
}

impl Exporter {
    /// Hands over what comes, until nothing more can come.
    pub async fn run(&mut self) {
        let mut batch = Vec::new();
        while self.receiver.recv_many(&mut batch, BATCH).await > 0 {
            self.hand_over(&mut batch).await;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Hands over what is there.
    pub async fn flush(&mut self) {
        let mut batch = Vec::new();
        while let Ok(span) = self.receiver.try_recv() {
            batch.push(span);
        }
        if !batch.is_empty() {
            self.hand_over(&mut batch).await;
        }
    }

    async fn hand_over(&self, batch: &mut Vec<Span>) {
        let body = written(batch).to_string();
        let sent = tokio::time::timeout(PATIENCE, post(&self.endpoint, &body)).await;
        let problem = match sent {
            Ok(Ok(status)) if status.starts_with('2') => None,
            Ok(Ok(status)) => Some(format!("it answers {status}")),
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("it takes too long".into()),
        };
        if let Some(problem) = problem {
            tracing::warn!(
                problem,
                spans = batch.len(),
                "spans could not be handed over"
            );
            self.metrics.spans_lost(batch.len());
        }
        batch.clear();
    }
}

/// Posts JSON and returns the status. One connection a batch: there is one a second at most.
async fn post(endpoint: &Uri, body: &str) -> std::io::Result<String> {
    let host = endpoint.host().unwrap_or("127.0.0.1");
    let port = endpoint.port_u16().unwrap_or(4318);
    let path = match endpoint.path() {
        "" | "/" => "/v1/traces",
        path => path,
    };
    let mut stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer[9..]).into_owned())
}

/// Spans as OTLP writes them.
fn written(spans: &[Span]) -> Value {
    let text = |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
    let resource = [
        text("service.name", "stoa"),
        text("service.version", env!("CARGO_PKG_VERSION")),
    ];
    let spans: Vec<_> = spans.iter().map(one).collect();
    json!({ "resourceSpans": [{
        "resource": { "attributes": resource },
        "scopeSpans": [{ "scope": { "name": "stoa" }, "spans": spans }],
    }] })
}

fn one(span: &Span) -> Value {
    let text = |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
    let mut attributes = vec![
        text("graphql.operation.type", span.operation),
        text("graphql.document", &span.document),
        json!({ "key": "http.response.status_code", "value": { "intValue": span.status.to_string() } }),
    ];
    attributes.extend(
        span.name
            .as_deref()
            .map(|it| text("graphql.operation.name", it)),
    );
    attributes.extend(span.error.as_deref().map(|it| text("error.type", it)));
    let began = span.began.timestamp_nanos_opt().unwrap_or(0);
    let took = i64::try_from(span.took.as_nanos()).unwrap_or(i64::MAX);
    let ours = span.status >= 500 || span.error.as_deref() == Some("INTERNAL_SERVER_ERROR");
    let mut written = json!({
        "traceId": format!("{:032x}", span.parent.map_or(span.ids.0, |it| it.trace)),
        "spanId": format!("{:016x}", span.ids.1),
        "name": span.operation,
        "kind": 2,
        "startTimeUnixNano": began.to_string(),
        "endTimeUnixNano": began.saturating_add(took).to_string(),
        "attributes": attributes,
        "status": if ours { json!({ "code": 2 }) } else { json!({}) },
    });
    if let Some(parent) = span.parent {
        written["parentSpanId"] = json!(format!("{:016x}", parent.span));
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_is_taken_over_if_it_is_one() {
        let trace = "0af7651916cd43dd8448eb211c80319c";
        let span = "b7ad6b7169203331";
        let parent = |sampled| {
            Some(Parent {
                trace: 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c,
                span: 0xb7ad_6b71_6920_3331,
                sampled,
            })
        };
        for (text, expected) in [
            (format!("00-{trace}-{span}-01"), parent(true)),
            (format!("00-{trace}-{span}-00"), parent(false)),
            (format!("01-{trace}-{span}-03-more"), parent(true)),
            (format!("00-{trace}-{span}-01-more"), None),
            (format!("ff-{trace}-{span}-01"), None),
            (format!("00-{}-{span}-01", trace.to_uppercase()), None),
            (format!("00-{}-{span}-01", "0".repeat(32)), None),
            (format!("00-{trace}-{}-01", "0".repeat(16)), None),
            (format!("00-{trace}-{span}"), None),
            (String::new(), None),
        ] {
            assert_eq!(Parent::parse(&text), expected, "{text}");
        }
    }
}
