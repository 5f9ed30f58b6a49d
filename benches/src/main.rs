//! The load scenario of Stoa: what its answers cost, beside a floor that is written by hand.
//!
//! | idea | module |
//! |------|--------|
//! | a database as two years of work leave it | [`data`] |
//! | the same answers without GraphQL, rights and budgets | [`floor`] |
//! | what is asked of both | [`requests`], [`catalogue`] |
//! | asking, over and over | [`http`], [`load`] |
//! | whether both answer the same | [`same`] |
//! | what it cost | [`measure`], [`process`], [`report`] |
//! | all of it, one after another | [`compare`] |
//! | importing files | [`import`] |
//! | building the service | [`builds`] |
//!
//! Times differ from machine to machine; ratios to the floor should not.

mod builds;
mod catalogue;
mod claims;
mod compare;
mod data;
mod database;
mod floor;
mod http;
mod import;
mod load;
mod measure;
mod postgres;
mod process;
mod report;
mod requests;
mod same;
mod scratch;
mod server;
mod service;
mod target;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The service has this allocator, and the floor may not be slower by another one.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Whatever went wrong, in words for whoever runs the scenario.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What a step came to.
pub type Result<T> = std::result::Result<T, Failure>;

/// Measures the service against a floor written by hand.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Fill a database that has the schema and published programs.
    Data(data::Options),
    /// Serve the floor.
    Floor(floor::Options),
    /// Prepare everything, compare the answers, measure, and print a table.
    Compare(compare::Options),
    /// Import two files into an empty database of each kind, and print rows a second.
    Import(import::Options),
    /// Build the service into an empty folder, profile by profile, and print what that takes.
    Builds(builds::Options),
}

#[tokio::main]
async fn main() -> ExitCode {
    let work = Box::pin(run(Cli::parse().command));
    let done = tokio::select! {
        done = work => done,
        // Dropping the work ends the servers that it started and removes its files.
        _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("stoa-bench: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<()> {
    match command {
        Command::Data(options) => data::load(&options.database_url, options.applications).await,
        Command::Floor(options) => floor::serve(&options).await,
        Command::Compare(options) => compare::compare(&options).await,
        Command::Import(options) => import::import(&options),
        Command::Builds(options) => builds::builds(&options),
    }
}
