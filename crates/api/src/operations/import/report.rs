//! What an import was asked, and what it came to.

use std::fmt;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use stoa_domain::actor::NotPermitted;
use stoa_domain::application::Status;
use stoa_persistence::StoreError;

use crate::progress::rate;
use crate::service::Failed;

/// What to import, and how.
#[derive(Clone, Copy, Debug)]
pub struct Import<'a> {
    /// The file.
    pub file: &'a Path,
    /// How it is written; by default what its name ends with.
    pub format: Option<Format>,
    /// Do everything but write to the database.
    pub dry_run: bool,
    /// A TOML file that says which column is which field, where names differ.
    pub mapping: Option<&'a Path>,
    /// Where refused rows go; by default beside the file, as `FILE.rejects.csv`.
    pub rejects: Option<&'a Path>,
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Comma-separated values under a line of column names; semicolons and tabs are recognised.
    Csv,
    /// A JSON object a line.
    Jsonl,
}

/// What an import came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Whether nothing was written.
    pub dry_run: bool,
    /// Rows of the file; each was imported, existed, or was refused.
    pub read: u64,
    /// Rows that became applications.
    pub imported: u64,
    /// Rows whose external id the program knows already; they were left as they are.
    pub existing: u64,
    /// Rows that were not taken, for the reasons in the file of refused rows.
    pub refused: u64,
    /// Values that could not be read and stay unknown.
    pub unread_values: u64,
    /// Imported applications that were approved at once.
    pub approved: u64,
    /// Imported applications that were declined at once.
    pub declined: u64,
    /// Imported applications that wait for a person.
    pub left_for_people: u64,
    /// Applications of an earlier run, which ended before they were evaluated, that were evaluated now.
    pub resumed: u64,
    /// Columns that are no field of the form, and were not imported.
    pub unused_columns: Vec<String>,
    /// The file of refused rows.
    pub rejects: PathBuf,
    /// How long it took.
    pub taken: TimeDelta,
}

/// Why an import ended before the end of the file. What was committed until then stays; importing the file
/// again goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The actor may not.
    #[error(
        "You may not import applications to this program. Ask an operations manager for the role IMPORTER."
    )]
    NotPermitted(NotPermitted),
    /// The name of the file does not say how it is written.
    #[error("{0} ends neither with .csv nor with .jsonl: say --format csv or --format jsonl")]
    Format(PathBuf),
    /// A file cannot be read.
    #[error("{0} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// The file of refused rows cannot be written.
    #[error("{0} cannot be written: {1}")]
    Unwritable(PathBuf, std::io::Error),
    /// The file of refused rows would overwrite what is read.
    #[error("refused rows cannot go to {0}: that is the file to import, or its mapping")]
    Overwriting(PathBuf),
    /// The mapping is wrong.
    #[error("the mapping {0} cannot be used: {1}")]
    Mapping(PathBuf, String),
    /// The file has not the columns that it must have.
    #[error("{0} cannot be imported: {1}")]
    Columns(PathBuf, String),
    /// The database failed.
    #[error("the database failed: {0}")]
    Store(#[from] StoreError),
    /// A row could not be evaluated.
    #[error("{0}")]
    Failed(String),
}

impl Format {
    /// The format that a file's name tells.
    pub fn of(path: &Path) -> Option<Self> {
        let kind = path.extension()?.to_str()?.to_lowercase();
        match kind.as_str() {
            "csv" | "tsv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            _ => None,
        }
    }
}

impl From<Failed> for ImportError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Store(error) => Self::Store(error),
            Failed::Missing(what) => Self::Failed(format!("There is no {what} any more.")),
            Failed::Refused(refusal) => Self::Failed(refusal.message()),
        }
    }
}

impl Report {
    pub(super) fn imported(&mut self, unread: usize) {
        self.imported += 1;
        self.unread_values += u64::try_from(unread).unwrap_or_default();
    }

    pub(super) fn count(&mut self, status: Status) {
        match status {
            Status::Approved => self.approved += 1,
            Status::Declined => self.declined += 1,
            _ => self.left_for_people += 1,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.dry_run {
            writeln!(
                f,
                "Dry run: nothing was written to the database. An import would come to this:"
            )?;
        }
        if self.resumed > 0 {
            writeln!(f, "{} of an earlier run were evaluated first", self.resumed)?;
        }
        let taken = u64::try_from(self.taken.num_milliseconds()).unwrap_or_default();
        writeln!(
            f,
            "{} rows read in {}.{} s ({} rows/s)",
            self.read,
            taken / 1000,
            taken % 1000 / 100,
            rate(self.read, taken)
        )?;
        writeln!(
            f,
            "  {} imported: {} approved, {} declined, {} left for people",
            self.imported, self.approved, self.declined, self.left_for_people
        )?;
        writeln!(
            f,
            "  {} exist already and were left as they are",
            self.existing
        )?;
        writeln!(
            f,
            "  {} refused; see {}",
            self.refused,
            self.rejects.display()
        )?;
        write!(
            f,
            "  {} values could not be read and stay unknown",
            self.unread_values
        )?;
        if !self.unused_columns.is_empty() {
            let columns = self.unused_columns.join(", ");
            write!(f, "\n  columns that were not imported: {columns}")?;
        }
        Ok(())
    }
}
