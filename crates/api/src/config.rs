//! Configuration: the only reader of the environment. Flags and `STOA_*` variables say the same;
//! a flag wins. Everything that is wrong is reported at once.

mod budget;
mod entrance;
mod keys;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::http::Uri;
use clap::Args;
use tracing_subscriber::filter::Targets;

use crate::Bounds;
use crate::entrance::Entrance;
use crate::http::Streams;
use crate::http::explorer::{Explorer, Graphiql};
use crate::http::limits::Limits;
use crate::keys::Keys;
use crate::secret::Secret;

/// What `serve`, `demo` and the other commands take.
#[derive(Args, Clone, Debug, Default)]
pub struct Settings {
    /// Where to keep everything: `sqlite://stoa.db?mode=rwc` or `postgres://user:password@host/name`.
    #[arg(long, env = "STOA_DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,
    /// Address and port to serve on.
    #[arg(long, env = "STOA_LISTEN", global = true)]
    pub listen: Option<String>,
    /// HTTP connections at most, 1 to 100000; whoever comes then waits.
    #[arg(long, env = "STOA_CONNECTIONS", global = true)]
    pub connections: Option<String>,
    /// Database connections at most, 1 to 200.
    #[arg(long, env = "STOA_DATABASE_CONNECTIONS", global = true)]
    pub database_connections: Option<String>,
    /// Secret from which all keys of the service are made, at least 32 characters.
    #[arg(long, env = "STOA_TOKEN_KEY", hide_env_values = true, global = true)]
    pub token_key: Option<String>,
    /// File with that secret; made if it is missing and the database is an embedded one.
    #[arg(long, env = "STOA_TOKEN_KEY_FILE", global = true)]
    pub token_key_file: Option<PathBuf>,
    /// Origins whose pages may open sockets besides the service's own, e.g.
    /// `https://desk.example.org,https://apply.example.org`.
    #[arg(long, env = "STOA_ALLOWED_ORIGINS", global = true)]
    pub allowed_origins: Option<String>,
    /// Who access tokens say made them; `stoa` if left out.
    #[arg(long, env = "STOA_ISSUER", global = true)]
    pub issuer: Option<String>,
    /// For whom access tokens say they are; `stoa-api` if left out.
    #[arg(long, env = "STOA_AUDIENCE", global = true)]
    pub audience: Option<String>,
    /// Minutes that an access token lasts, 1 to 60; 15 if left out.
    #[arg(long, env = "STOA_ACCESS_MINUTES", global = true)]
    pub access_minutes: Option<String>,
    /// Days that a key signs before another one does, 2 to 365; 30 if left out.
    #[arg(long, env = "STOA_KEY_DAYS", global = true)]
    pub key_days: Option<String>,
    /// Mail server for sign-in codes: `smtp://host`, `starttls://user:password@host`, `smtps://…`.
    #[arg(long, env = "STOA_SMTP_URL", hide_env_values = true, global = true)]
    pub smtp_url: Option<String>,
    /// Who mails are from, e.g. `Stoa <stoa@example.org>`.
    #[arg(long, env = "STOA_MAIL_FROM", global = true)]
    pub mail_from: Option<String>,
    /// Whether people of the team sign in by mailed codes too: `true` or `false`.
    #[arg(long, env = "STOA_STAFF_CODES", global = true)]
    pub staff_codes: Option<String>,
    /// An `OpenID` provider that people sign in at, by its address.
    #[arg(long, env = "STOA_OIDC_ISSUER", global = true)]
    pub oidc_issuer: Option<String>,
    /// What the provider calls this service.
    #[arg(long, env = "STOA_OIDC_CLIENT_ID", global = true)]
    pub oidc_client_id: Option<String>,
    /// How this service proves to the provider who it is; none for a public client.
    #[arg(
        long,
        env = "STOA_OIDC_CLIENT_SECRET",
        hide_env_values = true,
        global = true
    )]
    pub oidc_client_secret: Option<String>,
    /// TOML file that maps a claim of the provider to roles.
    #[arg(long, env = "STOA_OIDC_ROLES", global = true)]
    pub oidc_roles: Option<PathBuf>,
    /// Under which address browsers reach this service, e.g. `https://stoa.example.org`.
    #[arg(long, env = "STOA_PUBLIC_URL", global = true)]
    pub public_url: Option<String>,
    /// Addresses of the frontends that people are sent back to, with commas in between.
    #[arg(long, env = "STOA_FRONTENDS", global = true)]
    pub frontends: Option<String>,
    /// Whether `/graphiql` serves a page to write queries in: `on` or `off`; the demo's is on.
    #[arg(long, env = "STOA_GRAPHIQL", global = true)]
    pub graphiql: Option<String>,
    /// Folder where npm installed GraphiQL; `/graphiql` is a smaller page of our own without.
    #[arg(long, env = "STOA_GRAPHIQL_FILES", global = true)]
    pub graphiql_files: Option<PathBuf>,
    /// Address and port to serve `/metrics` on; none are served if left out.
    #[arg(long, env = "STOA_METRICS_LISTEN", global = true)]
    pub metrics_listen: Option<String>,
    /// Collector that takes traces by OTLP, e.g. `http://127.0.0.1:4318`; none are made if left out.
    #[arg(long, env = "STOA_OTLP_ENDPOINT", global = true)]
    pub otlp_endpoint: Option<String>,
    /// Directory with ready programs.
    #[arg(long, env = "STOA_PROGRAMS", global = true)]
    pub programs: Option<PathBuf>,
    /// What one operation may cost, 100 to 1,000,000.
    #[arg(long, env = "STOA_COST", global = true)]
    pub cost: Option<String>,
    /// Cost that an account may cause: `second:burst`, e.g. `10000:100000`.
    #[arg(long, env = "STOA_ACCOUNT_RATE", global = true)]
    pub account_rate: Option<String>,
    /// Cost that all who are not signed in may cause behind one address: `second:burst`.
    #[arg(long, env = "STOA_ADDRESS_RATE", global = true)]
    pub address_rate: Option<String>,
    /// Proxies in front of the service whose `X-Forwarded-For` is believed, 0 to 9.
    #[arg(long, env = "STOA_TRUSTED_PROXIES", global = true)]
    pub trusted_proxies: Option<String>,
    /// Folder, manifest or document: only these documents run.
    #[arg(long, env = "STOA_PERSISTED_DOCUMENTS", global = true)]
    pub persisted_documents: Option<PathBuf>,
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
    /// What bounds requests.
    pub bounds: Bounds,
    /// Signs and checks tokens.
    pub keys: Keys,
    /// The ways to sign in.
    pub entrance: Arc<Entrance>,
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
        if let Some(log) = &settings.log
            && (log.contains('[') || log.parse::<Targets>().is_err())
        {
            wrong.push(format!(
                "STOA_LOG must be levels and targets such as warn,stoa=debug, not {log:?}"
            ));
        }
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
        let bounds = bounds(settings, demo, &mut wrong);
        let issuing = keys::issuing(settings, &mut wrong);
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
        let secret = keys::secret(settings, embedded, demo).unwrap_or_else(|problem| {
            wrong.push(problem);
            Vec::new()
        });
        let entrance = entrance::read(settings, &secret, demo, &mut wrong);
        if !wrong.is_empty() {
            return Err(Invalid(wrong));
        }
        Ok(Self {
            database_url,
            connections,
            listen,
            bounds,
            keys: Keys::new(Secret::new(secret), issuing),
            entrance: Arc::new(entrance),
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

/// What bounds requests; what is wrong with it is added to what is wrong.
fn bounds(settings: &Settings, demo: bool, wrong: &mut Vec<String>) -> Bounds {
    let mut limits = Limits::default();
    match number(settings.connections.as_deref(), 1024, 1..=100_000) {
        Ok(most) => limits.connections = most as usize,
        Err(problem) => wrong.push(format!("STOA_CONNECTIONS {problem}")),
    }
    let budget = budget::read(settings, wrong);
    let origins = origins(settings.allowed_origins.as_deref().unwrap_or_default()).unwrap_or_else(
        |problem| {
            wrong.push(problem);
            Vec::new()
        },
    );
    let explorer = explorer(settings, demo, wrong);
    Bounds {
        http: limits,
        budget,
        streams: Streams {
            origins,
            ..Streams::default()
        },
        explorer,
    }
}

/// The page to write queries in, where it is wanted.
fn explorer(settings: &Settings, demo: bool, wrong: &mut Vec<String>) -> Option<Explorer> {
    let wanted = switch(settings.graphiql.as_deref(), demo).unwrap_or_else(|problem| {
        wrong.push(format!("STOA_GRAPHIQL {problem}"));
        false
    });
    let files = settings.graphiql_files.as_deref().filter(|_| wanted);
    match files.map(Graphiql::read) {
        Some(Ok(files)) => Some(Explorer::Graphiql(files)),
        Some(Err(problem)) => {
            wrong.push(format!("STOA_GRAPHIQL_FILES {problem}"));
            None
        }
        None => wanted.then_some(Explorer::Own),
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

/// Origins as browsers send them: scheme and host, and a port if it is not the scheme's own.
fn origins(text: &str) -> Result<Vec<String>, String> {
    let named = text.split(',').map(str::trim).filter(|it| !it.is_empty());
    named
        .map(|origin| {
            let place = origin
                .strip_prefix("https://")
                .or_else(|| origin.strip_prefix("http://"));
            match place {
                Some(place) if !place.is_empty() && !place.contains(['/', '*', '@', ' ']) => {
                    Ok(origin.to_owned())
                }
                _ => Err(format!(
                    "STOA_ALLOWED_ORIGINS must be origins such as https://desk.example.org with commas between them, not {origin:?}"
                )),
            }
        })
        .collect()
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
            connections: Some("none".into()),
            log_format: Some("xml".into()),
            cost: Some("free".into()),
            account_rate: Some("10:5".into()),
            address_rate: Some("0:5".into()),
            trusted_proxies: Some("10".into()),
            persisted_documents: Some("/nowhere".into()),
            allowed_origins: Some("https://desk.example.org, *".into()),
            issuer: Some(String::new()),
            access_minutes: Some("61".into()),
            key_days: Some("1".into()),
            smtp_url: Some("http://mail.example.org".into()),
            mail_from: Some("stoa@example.org".into()),
            staff_codes: Some("perhaps".into()),
            oidc_issuer: Some("http://login.example.org".into()),
            oidc_client_id: Some("stoa".into()),
            public_url: Some("https://stoa.example.org".into()),
            frontends: Some("https://desk.example.org".into()),
            graphiql: Some("true".into()),
            metrics_listen: Some("everybody".into()),
            otlp_endpoint: Some("https://collector.example.org".into()),
            ..Settings::default()
        };
        let wrong = Config::read(&settings, false).map_or_else(|wrong| wrong.0, |_| Vec::new());
        assert_eq!(wrong.len(), 21, "{wrong:#?}");
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
                config.is_ok_and(|config| config.bounds.explorer.is_some() == served),
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
