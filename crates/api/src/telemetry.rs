//! Logs, metrics and traces. Personal data, answers, tokens and secrets never go into them.

pub mod document;
pub mod metrics;
pub mod traces;
pub mod watch;

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::Config;

/// Begins logging to standard error; called once.
pub fn start(config: &Config) {
    let wanted = config.log.parse();
    let wanted = wanted.unwrap_or_else(|_| Targets::new().with_default(Level::INFO));
    let log = tracing_subscriber::registry().with(wanted);
    let lines = fmt::layer().with_writer(std::io::stderr);
    if config.log_json {
        log.with(lines.json()).init();
    } else {
        log.with(lines.with_target(false)).init();
    }
}
