//! Importing two files, one after another, into an empty database of each kind: rows a second, and
//! what the process took. A second file as fast as the first says that nothing grows with the program.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;

use crate::data::dice::{Dice, Purpose};
use crate::postgres::Cluster;
use crate::scratch::Scratch;
use crate::service::Setup;
use crate::{Result, process};

/// Files for each database.
const FILES: u64 = 2;
/// How often the memory of the import is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// What to import.
#[derive(Args)]
pub struct Options {
    /// What is measured.
    #[command(flatten)]
    pub setup: Setup,
    /// Rows of each of the two files.
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub rows: u64,
}

/// One file into one database.
struct Imported {
    database: &'static str,
    rows: u64,
    took: Duration,
    peak_memory: u64,
}

/// Imports, and prints a table.
pub fn import(options: &Options) -> Result<()> {
    let scratch = Scratch::new("import")?;
    let files: Vec<PathBuf> = (0..FILES)
        .map(|file| write(scratch.path(), file, options.rows))
        .collect::<Result<_>>()?;
    let mut done = Vec::new();
    let sqlite = scratch.path().join("stoa.db");
    let url = format!("sqlite://{}?mode=rwc", sqlite.display());
    take(options, "SQLite", &url, &files, &mut done)?;
    let cluster = Cluster::start()?;
    take(options, "PostgreSQL", &cluster.url(), &files, &mut done)?;
    println!("{}", markdown(&done)?);
    Ok(())
}

fn take(
    options: &Options,
    database: &'static str,
    url: &str,
    files: &[PathBuf],
    done: &mut Vec<Imported>,
) -> Result<()> {
    let stoa = options.setup.over(url)?;
    for file in files {
        eprintln!("{database}: {} rows", options.rows);
        let rejects = file.with_extension("rejects.csv");
        let begun = Instant::now();
        let mut process = stoa.import("open-source", file, &rejects).spawn()?;
        let mut peak_memory = 0;
        let status = loop {
            peak_memory =
                process::peak_memory(process.id()).map_or(peak_memory, |it| it.max(peak_memory));
            if let Some(status) = process.try_wait()? {
                break status;
            }
            std::thread::sleep(LOOK);
        };
        let took = begun.elapsed();
        if !status.success() {
            return Err(format!("the import into {database} failed").into());
        }
        // A heading, and nothing below it.
        if std::fs::read_to_string(&rejects)?.lines().count() > 1 {
            return Err(format!("{database} refused rows: see what `stoa import` says").into());
        }
        done.push(Imported {
            database,
            rows: options.rows,
            took,
            peak_memory,
        });
    }
    Ok(())
}

/// A file of projects of which most are approved at once.
fn write(folder: &Path, file: u64, rows: u64) -> Result<PathBuf> {
    let path = folder.join(format!("applications-{file}.jsonl"));
    let mut lines = BufWriter::new(File::create(&path)?);
    for number in file * rows..(file + 1) * rows {
        let mut dice = Dice::of(Purpose::Application, number);
        // Some come back: the same person with the same project.
        let project = if dice.below(10) == 0 {
            dice.below(number + 1)
        } else {
            number
        };
        let licences = [
            "MIT",
            "Apache-2.0",
            "GPL-3.0-only",
            "MPL-2.0",
            "BSD-3-Clause",
            "SSPL-1.0",
        ];
        let countries = ["DE", "NL", "US", "IN", "BR"];
        let row = json!({
            "external_id": format!("p{number}"),
            "first_name": "Maintainer",
            "last_name": format!("of {project}"),
            "email": format!("maintainer@p{project}.example"),
            "country": countries[place(&mut dice, countries.len())],
            "organization": format!("Project {project}"),
            "description": "A library that does something useful.",
            "licence": licences[place(&mut dice, licences.len())],
            "repository": format!("https://github.com/example/p{project}"),
            "not_for_profit": dice.below(20) > 0,
            "hosting": "SAAS",
            "seats": dice.below(40) + 1,
            "private_projects": "0",
            "federal_entity": "no",
            "agreement": "yes",
        });
        writeln!(lines, "{row}")?;
    }
    lines.flush()?;
    Ok(path)
}

fn place(dice: &mut Dice, of: usize) -> usize {
    let bound = u64::try_from(of).unwrap_or(1);
    usize::try_from(dice.below(bound)).unwrap_or_default()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of rows and KiB are small"
)]
fn markdown(done: &[Imported]) -> Result<String> {
    let mut table = String::from(
        "| database | rows | rows/s | peak memory MiB |\n| --- | ---: | ---: | ---: |\n",
    );
    for it in done {
        let per_second = it.rows as f64 / it.took.as_secs_f64();
        let (database, rows, memory) = (it.database, it.rows, it.peak_memory as f64 / 1024.0);
        writeln!(
            table,
            "| {database} | {rows} | {per_second:.0} | {memory:.0} |"
        )?;
    }
    Ok(table)
}
