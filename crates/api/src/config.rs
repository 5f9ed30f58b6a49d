//! Configuration: the only reader of the environment. Flags and `STOA_*` variables say the same;
//! a flag wins. Everything that is wrong is reported at once.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use axum::http::Uri;
use clap::Args;

use crate::auth::Keys;
use crate::clock::Clock;

/// What `serve`, `demo` and the other commands take.
#[derive(Args, Clone, Debug, Default)]
pub struct Settings {
    /// Where to keep everything: `sqlite://stoa.db?mode=rwc` or `postgres://user:password@host/name`.
    #[arg(long, env = "STOA_DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,
    /// Address and port to serve on.
    #[arg(long, env = "STOA_LISTEN", global = true)]
    pub listen: Option<String>,
    /// Database connections at most, 1 to 200.
    #[arg(long, env = "STOA_DATABASE_CONNECTIONS", global = true)]
    pub database_connections: Option<String>,
    /// Secret that signs tokens, at least 32 characters.
    #[arg(long, env = "STOA_TOKEN_KEY", hide_env_values = true, global = true)]
    pub token_key: Option<String>,
    /// File with that secret; made if it is missing and the database is an embedded one.
    #[arg(long, env = "STOA_TOKEN_KEY_FILE", global = true)]
    pub token_key_file: Option<PathBuf>,
    /// Whether `/graphiql` serves a page to write queries in: `on` or `off`; the demo's is on.
    #[arg(long, env = "STOA_GRAPHIQL", global = true)]
    pub graphiql: Option<String>,
    /// Address and port to serve `/metrics` on; none are served if left out.
    #[arg(long, env = "STOA_METRICS_LISTEN", global = true)]
    pub metrics_listen: Option<String>,
    /// Collector that takes traces by OTLP, e.g. `http://127.0.0.1:4318`; none are made if left out.
    #[arg(long, env = "STOA_OTLP_ENDPOINT", global = true)]
    pub otlp_endpoint: Option<String>,
    /// Directory with ready programs.
    #[arg(long, env = "STOA_PROGRAMS", global = true)]
    pub programs: Option<PathBuf>,
    /// What to log, e.g. `info` or `stoa=debug`.
    #[arg(long, env = "STOA_LOG", global = true)]
    pub log: Option<String>,
    /// How to log: `text` or `json`.
    #[arg(long, env = "STOA_LOG_FORMAT", global = true)]
    pub log_format: Option<String>,
}

/// Checked configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to keep everything.
    pub database_url: String,
    /// Database connections at most.
    pub connections: u32,
    /// Address and port to serve on.
    pub listen: SocketAddr,
    /// Signs and checks tokens.
    pub keys: Keys,
    /// Serve a page to write queries in.
    pub graphiql: bool,
    /// Where to serve metrics.
    pub metrics: Option<SocketAddr>,
    /// Who takes traces.
    pub otlp: Option<Uri>,
    /// Directory with ready programs.
    pub programs: PathBuf,
    /// What to log.
    pub log: String,
    /// Log lines as JSON.
    pub log_json: bool,
}

/// Everything that is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
#[error("The configuration cannot be used:\n{}", .0.iter().map(|line| format!("  - {line}")).collect::<Vec<_>>().join("\n"))]
pub struct Invalid(pub Vec<String>);

/// The shortest secret taken, in bytes: as long as the signature it makes.
const SHORTEST_KEY: usize = 32;

impl Config {
    /// Checks the settings. `demo` has its own database and makes a key for this run only.
    pub fn read(settings: &Settings, demo: bool) -> Result<Self, Invalid> {
        let mut wrong = Vec::new();
        let default_url = if demo {
            "sqlite://stoa-demo.db?mode=rwc"
        } else {
            "sqlite://stoa.db?mode=rwc"
        };
        let database_url = settings
            .database_url
            .clone()
            .unwrap_or_else(|| default_url.into());
        let embedded = database_url.starts_with("sqlite:");
        if !embedded
            && !database_url.starts_with("postgres://")
            && !database_url.starts_with("postgresql://")
        {
            wrong.push(
                "STOA_DATABASE_URL must begin with sqlite: or postgres://, e.g. sqlite://stoa.db?mode=rwc".into(),
            );
        }
        let connections = number(settings.database_connections.as_deref(), 8, 1..=200)
            .unwrap_or_else(|problem| {
                wrong.push(format!("STOA_DATABASE_CONNECTIONS {problem}"));
                8
            });
        let listen = settings.listen.as_deref().unwrap_or("127.0.0.1:8000");
        let listen = listen.parse().unwrap_or_else(|_| {
            wrong.push(format!(
                "STOA_LISTEN must be an address and a port such as 127.0.0.1:8000, not {listen:?}"
            ));
            SocketAddr::from(([127, 0, 0, 1], 8000))
        });
        let log_json = match settings.log_format.as_deref() {
            None | Some("text") => false,
            Some("json") => true,
            Some(other) => {
                wrong.push(format!(
                    "STOA_LOG_FORMAT must be text or json, not {other:?}"
                ));
                false
            }
        };
        let graphiql = switch(settings.graphiql.as_deref(), demo).unwrap_or_else(|problem| {
            wrong.push(format!("STOA_GRAPHIQL {problem}"));
            false
        });
        let metrics = settings.metrics_listen.as_deref().and_then(|text| {
            let address = text.parse().ok();
            if address.is_none() {
                wrong.push(format!(
                    "STOA_METRICS_LISTEN must be an address and a port such as 127.0.0.1:9100, not {text:?}"
                ));
            }
            address
        });
        let otlp = settings.otlp_endpoint.as_deref().and_then(|text| {
            let collector = collector(text);
            if collector.is_none() {
                // It may carry a secret, so it is not repeated.
                wrong.push("STOA_OTLP_ENDPOINT must be an address such as http://127.0.0.1:4318; a collector nearby can hand on by https".into());
            }
            collector
        });
        let secret = secret(settings, embedded, demo).unwrap_or_else(|problem| {
            wrong.push(problem);
            Vec::new()
        });
        if !wrong.is_empty() {
            return Err(Invalid(wrong));
        }
        Ok(Self {
            database_url,
            connections,
            listen,
            keys: Keys::new(&secret),
            graphiql,
            metrics,
            otlp,
            programs: settings
                .programs
                .clone()
                .unwrap_or_else(|| "programs".into()),
            log: settings.log.clone().unwrap_or_else(|| {
                if demo {
                    "warn"
                } else {
                    "info,sea_orm_migration=warn"
                }
                .into()
            }),
            log_json,
        })
    }
}

/// Names of the `STOA_…` variables that are set, known or not.
#[expect(
    clippy::disallowed_methods,
    reason = "this file is the only reader of the environment"
)]
pub fn variables() -> Vec<String> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter(|name| name.starts_with("STOA_")).collect()
}

fn number(
    text: Option<&str>,
    default: u32,
    range: std::ops::RangeInclusive<u32>,
) -> Result<u32, String> {
    let Some(text) = text else {
        return Ok(default);
    };
    text.parse()
        .ok()
        .filter(|number| range.contains(number))
        .ok_or_else(|| {
            format!(
                "must be a number from {} to {}, not {text:?}",
                range.start(),
                range.end()
            )
        })
}

fn collector(text: &str) -> Option<Uri> {
    let address: Uri = text.parse().ok()?;
    let plain = address.scheme_str() == Some("http") && address.host().is_some();
    plain.then_some(address)
}

fn switch(text: Option<&str>, default: bool) -> Result<bool, String> {
    match text {
        None => Ok(default),
        Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(other) => Err(format!("must be on or off, not {other:?}")),
    }
}

fn secret(settings: &Settings, embedded: bool, demo: bool) -> Result<Vec<u8>, String> {
    if let Some(key) = &settings.token_key {
        return long_enough(key.clone().into_bytes(), "STOA_TOKEN_KEY");
    }
    if demo && settings.token_key_file.is_none() {
        return Ok(Clock::secret());
    }
    let path = settings
        .token_key_file
        .clone()
        .unwrap_or_else(|| "stoa.key".into());
    match std::fs::read_to_string(&path) {
        Ok(text) => long_enough(text.trim().as_bytes().to_vec(), "The token key file"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && embedded => make(&path),
        Err(_) if settings.token_key_file.is_none() => Err(
            "STOA_TOKEN_KEY (or STOA_TOKEN_KEY_FILE) is needed: a secret of at least 32 characters that every process shares, e.g. from `openssl rand -base64 48`".into(),
        ),
        Err(error) => Err(format!(
            "STOA_TOKEN_KEY_FILE {} cannot be read: {error}",
            path.display()
        )),
    }
}

fn long_enough(key: Vec<u8>, name: &str) -> Result<Vec<u8>, String> {
    if key.len() < SHORTEST_KEY {
        return Err(format!(
            "{name} must have at least {SHORTEST_KEY} characters"
        ));
    }
    Ok(key)
}

/// Makes the key of an embedded installation, readable by its owner only.
fn make(path: &Path) -> Result<Vec<u8>, String> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let key: String = Clock::secret()
        .iter()
        .fold(String::new(), |mut text, byte| {
            use std::fmt::Write;
            let _ = write!(text, "{byte:02x}");
            text
        });
    options
        .open(path)
        .and_then(|mut file| file.write_all(key.as_bytes()))
        .map_err(|error| format!("the token key {} cannot be made: {error}", path.display()))?;
    Ok(key.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_wrong_is_reported_at_once() {
        let settings = Settings {
            database_url: Some("mysql://localhost".into()),
            listen: Some("everywhere".into()),
            database_connections: Some("0".into()),
            token_key: Some("short".into()),
            log_format: Some("xml".into()),
            graphiql: Some("true".into()),
            metrics_listen: Some("everybody".into()),
            otlp_endpoint: Some("https://collector.example.org".into()),
            ..Settings::default()
        };
        let wrong = Config::read(&settings, false).map_or_else(|wrong| wrong.0, |_| Vec::new());
        assert_eq!(wrong.len(), 8, "{wrong:#?}");
    }

    #[test]
    fn the_page_to_write_queries_in_is_the_demos_unless_it_is_asked_for() {
        for (asked, demo, served) in [
            (None, false, false),
            (None, true, true),
            (Some("on"), false, true),
            (Some("off"), true, false),
        ] {
            let settings = Settings {
                graphiql: asked.map(Into::into),
                token_key: Some("0123456789abcdef0123456789abcdef".into()),
                ..Settings::default()
            };
            let config = Config::read(&settings, demo);
            assert!(
                config.is_ok_and(|config| config.graphiql == served),
                "{asked:?}"
            );
        }
    }

    #[test]
    fn a_secret_never_prints() {
        let settings = Settings {
            token_key: Some("0123456789abcdef0123456789abcdef".into()),
            ..Settings::default()
        };
        let config = Config::read(&settings, true).map(|config| format!("{config:?}"));
        assert!(!config.unwrap_or_default().contains("0123456789abcdef"));
    }
}
