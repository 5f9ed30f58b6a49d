//! Rows into `PostgreSQL`, by `COPY`.

use std::fmt::Write;
use std::io::Cursor;
use std::pin::pin;

use chrono::SecondsFormat;
use futures_util::SinkExt;

use super::cell::{Cell, Cells, Table};
use crate::Result;
use crate::postgres::Link;

/// Rows sent at once.
const ROWS: usize = 1_000;

/// Writes rows.
pub struct Writer(Link);

impl Writer {
    /// Connects.
    pub async fn open(url: &str) -> Result<Self> {
        Link::open(url).await.map(Self)
    }

    /// Writes rows of one table.
    pub async fn write(&self, table: Table, rows: &[Cells]) -> Result<()> {
        let Table { name, columns } = table;
        let copy = format!("COPY {name} ({columns}) FROM STDIN");
        let sink = self.0.client.copy_in::<str, Cursor<Vec<u8>>>(&copy).await?;
        let mut sink = pin!(sink);
        for rows in rows.chunks(ROWS) {
            let mut lines = String::new();
            for cells in rows {
                line(&mut lines, cells)?;
            }
            sink.send(Cursor::new(lines.into_bytes())).await?;
        }
        sink.as_mut().finish().await?;
        Ok(())
    }

    /// Lets the log go on after the rows, and tells the planner what there is.
    pub async fn finish(self) -> Result<()> {
        let go_on = "SELECT setval(pg_get_serial_sequence('activities', 'sequence'), \
                     (SELECT max(sequence) FROM activities))";
        self.0.client.batch_execute(go_on).await?;
        self.0.client.batch_execute("VACUUM ANALYZE").await?;
        Ok(())
    }
}

/// A row in the text format of `COPY`.
fn line(lines: &mut String, cells: &[Cell]) -> Result<()> {
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            lines.push('\t');
        }
        match cell {
            Cell::Null => lines.push_str("\\N"),
            Cell::Uuid(id) => write!(lines, "{id}")?,
            Cell::Text(text) => escaped(lines, text),
            Cell::Int(number) => write!(lines, "{number}")?,
            Cell::Big(number) => write!(lines, "{number}")?,
            Cell::Bool(truth) => lines.push(if *truth { 't' } else { 'f' }),
            Cell::Time(time) => {
                lines.push_str(&time.to_rfc3339_opts(SecondsFormat::Micros, true));
            }
            Cell::Date(day) => write!(lines, "{day}")?,
        }
    }
    lines.push('\n');
    Ok(())
}

fn escaped(lines: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '\\' => lines.push_str("\\\\"),
            '\t' => lines.push_str("\\t"),
            '\n' => lines.push_str("\\n"),
            '\r' => lines.push_str("\\r"),
            letter => lines.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_cells_and_lines_is_escaped() {
        let cells = [
            Cell::Text("a\tb\\c\nd".into()),
            Cell::Null,
            Cell::Bool(true),
        ];
        let mut text = String::new();
        assert!(line(&mut text, &cells).is_ok());
        assert_eq!(text, "a\\tb\\\\c\\nd\t\\N\tt\n");
    }
}
