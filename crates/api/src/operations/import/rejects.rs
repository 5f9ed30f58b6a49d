//! The file of refused rows: what a person mends and imports again.
//!
//! It is made anew by every run, and written to after every batch in whole lines, so that it holds what was
//! refused up to where a run was killed. The run after it refuses the same rows again.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Map, Value};
use stoa_domain::program::reading::candidate::Refused;

/// A refused row.
pub(super) struct Reject {
    /// The line it begins on, from 1.
    pub line: u64,
    /// What it is about.
    pub field: String,
    /// Why.
    pub reason: String,
    /// The row as it came.
    pub raw: Value,
}

impl Reject {
    /// A row that is refused for all of these reasons.
    pub(super) fn new(line: u64, refused: &[Refused], raw: &Map<String, Value>) -> Self {
        let mut fields: Vec<_> = refused.iter().map(|one| one.field.as_str()).collect();
        fields.dedup();
        let reasons: Vec<_> = refused
            .iter()
            .map(|one| format!("{} {}", one.field, one.reason).trim().to_owned())
            .collect();
        Self {
            line,
            field: fields.join(", "),
            reason: reasons.join("; "),
            raw: Value::Object(raw.clone()),
        }
    }
}

/// An open file of refused rows.
pub(super) struct Rejects(File);

impl Rejects {
    /// Makes the file anew, with its line of column names.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let mut rejects = Self(File::create(path)?);
        rejects.write(&["line", "field", "reason", "row"].map(String::from))?;
        Ok(rejects)
    }

    /// Adds rows, all at once.
    pub(super) fn add(&mut self, rejects: &[Reject]) -> io::Result<()> {
        let cells = rejects.iter().flat_map(|reject| {
            let line = reject.line.to_string();
            [
                line,
                reject.field.clone(),
                reject.reason.clone(),
                reject.raw.to_string(),
            ]
        });
        self.write(&cells.collect::<Vec<_>>())
    }

    fn write(&mut self, cells: &[String]) -> io::Result<()> {
        let mut lines = csv::Writer::from_writer(Vec::new());
        for row in cells.chunks(4) {
            lines.write_record(row)?;
        }
        let lines = lines
            .into_inner()
            .map_err(|error| io::Error::other(error.to_string()))?;
        self.0.write_all(&lines)
    }
}
