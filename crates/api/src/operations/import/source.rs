//! Rows of a file, one after the other. The file is never in memory as a whole, and neither is a row without
//! an end.

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder};
use serde_json::{Map, Value};

use super::Format;

/// The longest row taken, in bytes.
pub(super) const LONGEST: u64 = 1024 * 1024;
/// The most of a row that cannot be read that is shown, in characters.
const SHOWN: usize = 2_000;
/// Enough to see how the columns of a file are parted.
const HEAD: u64 = 64 * 1024;

/// A row of the file.
pub(super) struct Row {
    /// The line it begins on, from 1.
    pub line: u64,
    /// Its values by column, or why it has none.
    pub values: Result<Map<String, Value>, Malformed>,
}

/// A row that cannot be taken apart.
pub(super) struct Malformed {
    /// Why.
    pub reason: String,
    /// What it looks like.
    pub raw: Value,
}

/// A file that is read row by row.
pub(super) enum Source {
    /// Comma-separated values under a line of column names.
    Csv(Box<Table>),
    /// A JSON object a line.
    Lines(Lines),
}

/// A reader of CSV and where it stands.
pub(super) struct Table {
    reader: csv::Reader<Capped<Chain<Cursor<Vec<u8>>, File>>>,
    columns: Vec<String>,
    record: ByteRecord,
}

/// A reader of lines and where it stands.
pub(super) struct Lines {
    reader: BufReader<File>,
    line: u64,
    position: u64,
}

/// A reader that stops a row which does not end, such as one with a quote that is never closed.
struct Capped<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::other(format!(
                "a row is longer than {} kB; is a quote never closed?",
                LONGEST / 1024
            )));
        }
        let most = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let read = self.inner.read(&mut buffer[..most])?;
        self.left -= u64::try_from(read).unwrap_or(u64::MAX).min(self.left);
        Ok(read)
    }
}

impl Source {
    /// Opens a file; of CSV the first line is read.
    pub(super) fn open(path: &Path, format: Format) -> io::Result<Self> {
        let file = File::open(path)?;
        Ok(match format {
            Format::Csv => Self::Csv(Box::new(Table::open(file)?)),
            Format::Jsonl => Self::Lines(Lines {
                reader: BufReader::new(file),
                line: 0,
                position: 0,
            }),
        })
    }

    /// The columns of all rows, where the file says them once.
    pub(super) fn columns(&self) -> Option<&[String]> {
        match self {
            Self::Csv(table) => Some(&table.columns),
            Self::Lines(_) => None,
        }
    }

    /// How many bytes were read.
    pub(super) fn position(&self) -> u64 {
        match self {
            Self::Csv(table) => table.reader.position().byte(),
            Self::Lines(lines) => lines.position,
        }
    }

    /// The next row, if there is one.
    pub(super) fn next(&mut self) -> io::Result<Option<Row>> {
        match self {
            Self::Csv(table) => table.next(),
            Self::Lines(lines) => lines.next(),
        }
    }
}

impl Table {
    fn open(mut file: File) -> io::Result<Self> {
        let mut head = Vec::new();
        (&mut file).take(HEAD).read_to_end(&mut head)?;
        let by = separator(&head);
        let source = Capped {
            inner: Cursor::new(head).chain(file),
            left: LONGEST,
        };
        let mut reader = ReaderBuilder::new()
            .delimiter(by)
            .flexible(true)
            .from_reader(source);
        let names = reader.byte_headers()?.clone();
        let mut columns: Vec<String> = Vec::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            let name = std::str::from_utf8(name).map_err(|_| {
                io::Error::other("the line of column names is not UTF-8; save the file as UTF-8")
            })?;
            let name = name.trim();
            // Columns without a name of their own still show in what is refused.
            columns.push(
                if name.is_empty() || columns.iter().any(|known| known == name) {
                    format!("{name} (column {})", index + 1).trim().to_owned()
                } else {
                    name.to_owned()
                },
            );
        }
        Ok(Self {
            reader,
            columns,
            record: ByteRecord::new(),
        })
    }

    fn next(&mut self) -> io::Result<Option<Row>> {
        self.reader.get_mut().left = LONGEST;
        let before = self.reader.position().line();
        let more = self
            .reader
            .read_byte_record(&mut self.record)
            .map_err(|error| {
                io::Error::other(format!("the row that begins on line {before}: {error}"))
            })?;
        if !more {
            return Ok(None);
        }
        let line = self.record.position().map_or(before, csv::Position::line);
        let values = self.values(line).map_err(|reason| Malformed {
            reason,
            raw: self.record.iter().map(String::from_utf8_lossy).collect(),
        });
        Ok(Some(Row { line, values }))
    }

    fn values(&self, line: u64) -> Result<Map<String, Value>, String> {
        let (found, expected) = (self.record.len(), self.columns.len());
        if found != expected {
            let end = self.reader.position().line();
            let hint = if end > line + 1 {
                format!("; it goes on to line {}: is a quote never closed?", end - 1)
            } else {
                String::new()
            };
            return Err(format!("has {found} values for {expected} columns{hint}"));
        }
        let mut values = Map::with_capacity(expected);
        for (column, value) in self.columns.iter().zip(&self.record) {
            let value =
                std::str::from_utf8(value).map_err(|_| format!("is not UTF-8 in \"{column}\""))?;
            values.insert(column.clone(), Value::from(value));
        }
        Ok(values)
    }
}

/// How the columns are parted: spreadsheets of half the world write semicolons.
fn separator(head: &[u8]) -> u8 {
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |mark: u8| first.split(|byte| *byte == mark).count();
    let others = [b';', b'\t'].into_iter().max_by_key(|mark| count(*mark));
    others
        .filter(|mark| count(*mark) > count(b','))
        .unwrap_or(b',')
}

impl Lines {
    fn next(&mut self) -> io::Result<Option<Row>> {
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let mut some = (&mut self.reader).take(LONGEST + 1);
            let read = some.read_until(b'\n', &mut bytes)?;
            if read == 0 {
                return Ok(None);
            }
            self.line += 1;
            self.position += u64::try_from(read).unwrap_or_default();
            let is_whole = bytes.ends_with(b"\n")
                || bytes.len() <= usize::try_from(LONGEST).unwrap_or(usize::MAX);
            if !is_whole {
                let rest = self.reader.skip_until(b'\n')?;
                self.position += u64::try_from(rest).unwrap_or_default();
            }
            let line = bytes
                .strip_prefix("\u{feff}".as_bytes())
                .filter(|_| self.line == 1);
            let line = line.unwrap_or(&bytes).trim_ascii();
            if line.is_empty() {
                continue;
            }
            let values = if is_whole {
                object(line)
            } else {
                Err(format!("is longer than {} kB", LONGEST / 1024))
            };
            let values = values.map_err(|reason| Malformed {
                reason,
                raw: shown(line),
            });
            let line = self.line;
            return Ok(Some(Row { line, values }));
        }
    }
}

fn object(line: &[u8]) -> Result<Map<String, Value>, String> {
    match serde_json::from_slice(line) {
        Ok(Value::Object(values)) => Ok(values),
        Ok(_) => Err("is no JSON object".to_owned()),
        // The line of the error is always the first one: the row is all it saw.
        Err(error) => Err(format!(
            "is no JSON: {}",
            error.to_string().replace(" at line 1 column", " at column")
        )),
    }
}

/// The beginning of a row that cannot be read.
fn shown(line: &[u8]) -> Value {
    let text = String::from_utf8_lossy(line);
    let mut start: String = text.chars().take(SHOWN).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    Value::from(start)
}
