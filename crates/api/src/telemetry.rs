//! Logs, metrics and traces. Personal data, answers, tokens and secrets never go into them.

pub mod document;
pub mod metrics;
pub mod traces;
pub mod watch;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::config::Config;

/// Begins logging to standard error; called once.
pub fn start(config: &Config) {
    let filter = EnvFilter::try_new(&config.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if config.log_json {
        lines.json().init();
    } else {
        lines.with_target(false).init();
    }
}
