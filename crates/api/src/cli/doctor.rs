//! `stoa doctor`: looks at a deployment without changing it, and says everything that is to be
//! mended at once.

mod configuration;
mod database;
mod files;
mod mail;
mod port;

use std::fmt;

use serde_json::json;

use super::Problem;
use crate::config::Settings;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// As it should be.
    Fine,
    /// It works; somebody should know.
    Note,
    /// It does not work, or not safely.
    Mend,
}

/// What was found in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    place: &'static str,
    level: Level,
    found: String,
    /// What to do about it.
    mend: Option<String>,
}

impl Finding {
    fn fine(place: &'static str, found: impl Into<String>) -> Self {
        Self {
            place,
            level: Level::Fine,
            found: found.into(),
            mend: None,
        }
    }

    fn note(place: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            place,
            level: Level::Note,
            found: found.into(),
            mend: Some(mend.into()),
        }
    }

    fn mend(place: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            level: Level::Mend,
            ..Self::note(place, found, mend)
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Fine => "ok",
            Self::Note => "note",
            Self::Mend => "mend",
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:5} {:14} {}", self.level, self.place, self.found)?;
        match &self.mend {
            Some(mend) => write!(f, "\n{:20} → {mend}", ""),
            None => Ok(()),
        }
    }
}

/// Examines everything and prints what was found; fails if there is something to mend.
pub async fn doctor(settings: &Settings, known: &[String], json: bool) -> Result<(), Problem> {
    let findings = examine(settings, known).await;
    let broken = findings.iter().filter(|it| it.level == Level::Mend).count();
    if json {
        let checks = findings.iter().map(|it| {
            json!({ "check": it.place, "level": it.level.to_string(), "found": it.found, "mend": it.mend })
        });
        let report = json!({ "healthy": broken == 0, "checks": checks.collect::<Vec<_>>() });
        println!("{report:#}");
    } else {
        for finding in &findings {
            println!("{finding}");
        }
    }
    match broken {
        0 => Ok(()),
        1 => Err(Problem("1 thing to mend.".into())),
        _ => Err(Problem(format!("{broken} things to mend."))),
    }
}

async fn examine(settings: &Settings, known: &[String]) -> Vec<Finding> {
    let mut findings = configuration::examine(settings, known);
    findings.extend(files::key(settings));
    let url = settings.database_url.as_deref();
    let url = url.unwrap_or("sqlite://stoa.db?mode=rwc");
    match files::embedded(url) {
        Some(path) => {
            findings.extend(files::database(&path));
            if path.is_file() {
                findings.extend(database::examine(settings, url).await);
            }
        }
        None if url.starts_with("postgres") || url.contains(":memory:") => {
            findings.extend(database::examine(settings, url).await);
        }
        // The configuration's check has said what is wrong with it.
        None => {}
    }
    findings.extend(port::examine(settings).await);
    findings.extend(mail::examine(settings).await);
    findings.push(build());
    findings
}

fn build() -> Finding {
    let version = env!("CARGO_PKG_VERSION");
    if cfg!(debug_assertions) {
        let found = format!("version {version}, built for development");
        return Finding::note("build", found, "Build it with: cargo build --release");
    }
    Finding::fine("build", format!("version {version}, built for release"))
}
