//! Everything, one after another: a database, both servers, whether they agree, and rounds of
//! measurements in turn, so that whatever else the machine does meets both.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use crate::catalogue::{self, Catalogue};
use crate::claims::Claims;
use crate::database::{Database, is_sqlite};
use crate::measure::{Manner, Sample};
use crate::postgres::{Cluster, Link};
use crate::report::{Footprint, Line, Ratio, Report};
use crate::requests::{Asker, Kind, Side};
use crate::same::difference;
use crate::scratch::Scratch;
use crate::service::{self, Setup};
use crate::target::Target;
use crate::{Result, data, process};

/// How many answers of each kind are compared.
const COMPARED: usize = 20;

/// How long the service may take to count the periods that are closed.
const ROLLED_UP: Duration = Duration::from_mins(10);

/// What to compare, and how.
#[derive(Args)]
pub struct Options {
    /// What is measured.
    #[command(flatten)]
    pub setup: Setup,
    /// A database to use; without it a private cluster is started. It is filled if it holds no applications.
    #[arg(long)]
    pub database_url: Option<String>,
    /// Measure the service alone, over `SQLite`.
    #[arg(long, conflicts_with = "database_url")]
    pub sqlite: bool,
    /// How many applications the database is to hold.
    #[arg(long, default_value_t = 200_000)]
    pub applications: u64,
    /// How often everything is measured.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub rounds: u32,
    /// Seconds for each kind of request, server and round.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    pub seconds: u64,
    /// How many connections ask at once.
    #[arg(long, default_value_t = 16, value_parser = some)]
    pub connections: usize,
    /// Only these kinds of request.
    #[arg(long, value_delimiter = ',', value_enum)]
    pub only: Vec<Kind>,
    /// Fail if the service takes more than so many times the floor's processor time, servers and database
    /// together: a coarse guard where times mean nothing.
    #[arg(long)]
    pub at_most: Option<f64>,
    /// Write the figures here as JSON.
    #[arg(long)]
    pub json: Option<PathBuf>,
    /// Write addresses, processes and the token here, as JSON, once both servers are ready.
    #[arg(long)]
    pub ready_file: Option<PathBuf>,
}

fn some(text: &str) -> std::result::Result<usize, String> {
    let number = text.parse::<usize>().ok();
    number
        .filter(|number| (1..=1000).contains(number))
        .ok_or_else(|| "give a number from 1 to 1000".into())
}

/// Compares the service with the floor.
pub async fn compare(options: &Options) -> Result<()> {
    let scratch = Scratch::new("run")?;
    let private = !options.sqlite && options.database_url.is_none();
    let cluster = private.then(Cluster::start).transpose()?;
    let url = match (&options.database_url, &cluster) {
        (Some(url), _) => url.clone(),
        (None, Some(cluster)) => cluster.url(),
        (None, None) => {
            let file = scratch.path().join("stoa.db");
            format!("sqlite://{}?mode=rwc", file.display())
        }
    };
    let stoa = options.setup.over(&url)?;
    data::load(&url, options.applications).await?;

    let database = Database::open(&url).await?;
    let catalogue = Catalogue::read(&database).await?;
    let asker = Asker {
        account: catalogue::account(&database, service::EMAIL).await?,
        token: stoa.token()?,
    };
    let postgres = !is_sqlite(&url);
    let manner = Manner {
        connections: options.connections,
        time: Duration::from_secs(options.seconds),
        postmaster: if postgres {
            Link::open(&url).await?.postmaster().await?
        } else {
            None
        },
    };
    let mut targets = vec![Target::service(&stoa).await?];
    if postgres {
        targets.push(Target::floor(&url).await?);
    }
    let kinds = options.kinds();
    let rolled_up = database.rolled_up();
    tokio::time::timeout(ROLLED_UP, rolled_up)
        .await
        .map_err(|_| "the service has not rolled up its indicators")??;
    for target in &mut targets {
        target.learn(&kinds, &catalogue, &asker).await?;
    }
    if let Some(path) = &options.ready_file {
        std::fs::write(path, ready(&targets, &asker))?;
    }
    let claims = Claims::before(&database, postgres).await?;
    for kind in &kinds {
        agree(*kind, &targets, &claims).await?;
    }
    let samples = rounds(options.rounds, &kinds, &targets, &claims, manner).await?;
    let report = report(samples, &kinds, &targets, stoa.size()?);
    println!("{}", report.markdown()?);
    if let Some(path) = &options.json {
        std::fs::write(path, serde_json::to_string_pretty(&report)?)?;
    }
    if let Some(fault) = report.fault() {
        return Err(format!("not everything was answered: {fault}").into());
    }
    match options.at_most.and_then(|most| report.dearer(most)) {
        None => Ok(()),
        Some(dearer) => Err(format!("too dear: {dearer}").into()),
    }
}

impl Options {
    /// The kinds that are measured, each once.
    fn kinds(&self) -> Vec<Kind> {
        let wanted = |kind: &Kind| self.only.is_empty() || self.only.contains(kind);
        Kind::ALL.into_iter().filter(wanted).collect()
    }
}

fn ready(targets: &[Target], asker: &Asker) -> String {
    let servers: serde_json::Map<_, _> = targets
        .iter()
        .map(|target| {
            let server = &target.server;
            let told = json!({ "address": server.address, "pid": server.pid() });
            (target.side.name().to_owned(), told)
        })
        .collect();
    json!({ "servers": servers, "token": asker.token }).to_string()
}

/// Fails where both servers do not answer the same.
async fn agree(kind: Kind, targets: &[Target], claims: &Claims<'_>) -> Result<()> {
    let mut answers = Vec::new();
    for target in targets {
        answers.push(target.answers(kind, COMPARED).await?);
        if kind == Kind::Claim {
            claims.undo().await?;
        }
    }
    let [service, floor] = answers.as_slice() else {
        return Ok(());
    };
    let name = kind.name();
    if service.len() != floor.len() {
        return Err(format!("{name}: lists of the two servers are not as long").into());
    }
    for (place, (service, floor)) in service.iter().zip(floor).enumerate() {
        if let Some(difference) = difference(service, floor) {
            return Err(format!("{name}, answer {place}: {difference}").into());
        }
    }
    Ok(())
}

/// Measures every kind on every server, round after round.
async fn rounds(
    count: u32,
    kinds: &[Kind],
    targets: &[Target],
    claims: &Claims<'_>,
    manner: Manner,
) -> Result<HashMap<(Kind, Side), Vec<Sample>>> {
    let mut samples: HashMap<_, Vec<_>> = HashMap::new();
    for round in 1..=count {
        for kind in kinds {
            for target in targets {
                let (name, side) = (kind.name(), target.side.name());
                eprintln!("round {round} of {count}: {name} of the {side}");
                let sample = target.measure(*kind, manner).await?;
                samples
                    .entry((*kind, target.side))
                    .or_default()
                    .push(sample);
                if *kind == Kind::Claim {
                    claims.undo().await?;
                }
            }
        }
    }
    Ok(samples)
}

fn report(
    mut samples: HashMap<(Kind, Side), Vec<Sample>>,
    kinds: &[Kind],
    targets: &[Target],
    binary_bytes: u64,
) -> Report {
    let mut lines = Vec::new();
    for kind in kinds {
        for target in targets {
            let of = samples.remove(&(*kind, target.side)).unwrap_or_default();
            lines.push(Line::of(*kind, target.side, of));
        }
    }
    let servers = targets.iter().map(|target| Footprint {
        side: target.side,
        ready_after: target.server.ready_after.as_secs_f64() * 1e3,
        peak_memory: process::peak_memory(target.server.pid()),
    });
    Report {
        ratios: Ratio::all(&lines),
        servers: servers.collect(),
        lines,
        binary_bytes,
    }
}
