//! The database: whether it answers, fits, and holds what is needed.

use stoa_domain::actor::Actor;
use stoa_persistence::page::Page;
use stoa_persistence::{Inspection, Options, Store, StoreError};

use super::Finding;
use crate::clock::Clock;
use crate::config::Settings;

const PLACE: &str = "database";
/// The oldest `PostgreSQL` that the suite's statements run on.
const OLDEST: i32 = 13;
/// How far two clocks may be apart, in milliseconds, before tokens and deadlines show it.
const APART: i64 = 2_000;

pub(super) async fn examine(settings: &Settings, url: &str) -> Vec<Finding> {
    let asked = settings.database_connections.as_deref();
    let connections = asked.and_then(|text| text.parse().ok()).unwrap_or(8);
    let options = Options {
        url: url.to_owned(),
        connections: 1,
    };
    let store = match Store::connect(&options).await {
        Ok(store) => store,
        Err(error) => return vec![unreachable(&error)],
    };
    let findings = look(&store, connections).await;
    store.close().await;
    findings.unwrap_or_else(|error| vec![unreachable(&error)])
}

fn unreachable(error: &StoreError) -> Finding {
    let mend = "Start it, and check host, port, name, user and password in STOA_DATABASE_URL.";
    Finding::mend(PLACE, format!("it does not answer: {error}"), mend)
}

async fn look(store: &Store, connections: u32) -> Result<Vec<Finding>, StoreError> {
    let clock = Clock::real();
    let before = clock.now();
    let inspection = store.inspect().await?;
    let after = clock.now();
    let mut findings = judge(&inspection, connections);
    if let Inspection::Postgres { now, .. } = inspection {
        // It read its clock at some time between our two readings.
        let ahead = (now - after).num_milliseconds().max(0);
        let behind = (before - now).num_milliseconds().max(0);
        findings.extend(skew(ahead.max(behind)));
    }
    match store.pending_migrations().await {
        Ok(0) => {
            findings.push(Finding::fine("schema", "up to date"));
            findings.extend(contents(store).await?);
        }
        Ok(steps) => {
            let may = !matches!(
                inspection,
                Inspection::Postgres {
                    may_create: false,
                    ..
                }
            );
            let found = format!("{steps} steps are missing");
            let mend = if may {
                "Run `stoa migrate`."
            } else {
                "Let the database's user create tables (GRANT CREATE ON SCHEMA public), then run `stoa migrate`."
            };
            findings.push(Finding::mend("schema", found, mend));
        }
        Err(error) => {
            let found = format!("it is not one that this version knows: {error}");
            let mend = "Run the version that wrote it, or a newer one.";
            findings.push(Finding::mend("schema", found, mend));
        }
    }
    Ok(findings)
}

/// What there is to say of a database that answers.
fn judge(inspection: &Inspection, connections: u32) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (name, written) = match inspection {
        Inspection::Sqlite { version, encoding } => (format!("SQLite {version}"), encoding),
        Inspection::Postgres {
            version, encoding, ..
        } => (format!("PostgreSQL {version}"), encoding),
    };
    if !matches!(written.as_str(), "UTF8" | "UTF-8") {
        let found = format!("its texts are in {written}");
        let mend = "Make a database with ENCODING 'UTF8' and move the data there.";
        findings.push(Finding::mend(PLACE, found, mend));
    }
    if let Inspection::Postgres {
        number,
        collation,
        connections: most,
        ..
    } = inspection
    {
        if *number < OLDEST * 10_000 {
            let found = format!("{name} is older than {OLDEST}");
            findings.push(Finding::mend(PLACE, found, "Move to a newer PostgreSQL."));
        }
        if !matches!(collation.as_str(), "C" | "POSIX" | "C.UTF-8" | "C.utf8") {
            let found = format!("its texts are ordered as in {collation}, not by bytes");
            let mend =
                "Orders and pages differ from SQLite's. Make new databases with LOCALE 'C.UTF-8'.";
            findings.push(Finding::note(PLACE, found, mend));
        }
        let most = u32::try_from(*most).unwrap_or(0);
        let (level, rest) = (most < connections, most / connections.max(1));
        let found = format!("it takes {most} connections; each process opens up to {connections}");
        let mend = format!(
            "Lower STOA_DATABASE_CONNECTIONS or raise max_connections. Now {rest} processes fit."
        );
        if level {
            findings.push(Finding::mend(PLACE, found, mend));
        } else if rest < 2 {
            findings.push(Finding::note(PLACE, found, mend));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::fine(PLACE, format!("{name} answers")));
    }
    findings
}

fn skew(apart: i64) -> Option<Finding> {
    (apart > APART).then(|| {
        let found = format!("its clock and ours are {apart} ms apart");
        let mend = "Let NTP set both: tokens, deadlines and the log go by them.";
        Finding::mend("clock", found, mend)
    })
}

async fn contents(store: &Store) -> Result<Vec<Finding>, StoreError> {
    let view = store.view(&Actor::System);
    let programs = view.programs().await?.len();
    let nobody = view.accounts(&Page::first(1)).await?.items.is_empty();
    let mut findings = vec![if programs == 0 {
        let mend = "Run `stoa programs apply programs`, or publish your own.";
        Finding::note("programs", "none is published", mend)
    } else {
        Finding::fine("programs", format!("{programs} published"))
    }];
    if nobody {
        let mend =
            "Run `stoa accounts add --name 'First Admin' --email admin@example.org --role ADMIN`.";
        findings.push(Finding::note("accounts", "there is none", mend));
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::super::Level;
    use super::*;

    fn postgres(number: i32, encoding: &str, collation: &str, connections: i32) -> Inspection {
        Inspection::Postgres {
            version: format!("{}.{}", number / 10_000, number % 10_000),
            number,
            now: DateTime::UNIX_EPOCH,
            encoding: encoding.into(),
            collation: collation.into(),
            connections,
            may_create: true,
        }
    }

    #[test]
    fn what_does_not_fit_is_told_and_what_fits_is_not() {
        let sqlite = |encoding: &str| Inspection::Sqlite {
            version: "3.50.2".into(),
            encoding: encoding.into(),
        };
        for (inspection, level, told) in [
            (
                postgres(150_018, "UTF8", "C.UTF-8", 97),
                Level::Fine,
                "PostgreSQL 15.18",
            ),
            (
                postgres(130_000, "UTF8", "C", 97),
                Level::Fine,
                "PostgreSQL 13.0",
            ),
            (
                postgres(120_022, "UTF8", "C", 97),
                Level::Mend,
                "older than 13",
            ),
            (postgres(150_018, "LATIN1", "C", 97), Level::Mend, "LATIN1"),
            (
                postgres(150_018, "UTF8", "en_US.UTF-8", 97),
                Level::Note,
                "en_US.UTF-8",
            ),
            (
                postgres(150_018, "UTF8", "C", 7),
                Level::Mend,
                "takes 7 connections",
            ),
            (
                postgres(150_018, "UTF8", "C", 12),
                Level::Note,
                "takes 12 connections",
            ),
            (sqlite("UTF-8"), Level::Fine, "SQLite 3.50.2"),
            (sqlite("UTF-16le"), Level::Mend, "UTF-16le"),
        ] {
            let findings = judge(&inspection, 8);
            assert_eq!(findings.len(), 1, "{inspection:?}");
            assert_eq!(findings[0].level, level, "{inspection:?}");
            assert!(findings[0].found.contains(told), "{:?}", findings[0]);
        }
    }

    #[test]
    fn clocks_may_be_a_little_apart() {
        assert_eq!(skew(APART), None);
        assert!(skew(APART + 1).is_some_and(|it| it.level == Level::Mend));
    }
}
