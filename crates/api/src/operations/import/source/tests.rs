#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::PathBuf;

use super::*;

/// A file that is gone after the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, content: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("stoa-source-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Each row as its line and its values, or why there are none; at the end, why reading stopped.
fn read(name: &str, format: Format, content: &[u8]) -> Vec<String> {
    let scratch = Scratch::new(name, content);
    let mut source = Source::open(&scratch.0, format).unwrap();
    let mut rows = Vec::new();
    loop {
        match source.next() {
            Ok(Some(Row { line, values })) => rows.push(match values {
                Ok(values) => format!("{line} {}", Value::Object(values)),
                Err(malformed) => format!("{line} {}", malformed.reason),
            }),
            Ok(None) => break,
            Err(error) => {
                rows.push(error.to_string());
                break;
            }
        }
    }
    let all = u64::try_from(content.len()).unwrap();
    assert!(source.position() <= all, "{name}");
    rows
}

#[test]
fn rows_of_csv_are_named_by_their_line() {
    assert_eq!(
        read(
            "plain.csv",
            Format::Csv,
            b"\xef\xbb\xbfid, name ,\na,\"x,\ny\",1\n\nb,z,\n"
        ),
        [
            r#"2 {"(column 3)":"1","id":"a","name":"x,\ny"}"#,
            r#"4 {"(column 3)":"","id":"b","name":"z"}"#,
        ]
    );
}

#[test]
fn semicolons_and_tabs_part_columns_too() {
    for (name, by) in [("semicolon.csv", ";"), ("tab.csv", "\t")] {
        let content = "id;name, first;seats\na;x, y;1\n".replace(';', by);
        assert_eq!(
            read(name, Format::Csv, content.as_bytes()),
            [r#"2 {"id":"a","name, first":"x, y","seats":"1"}"#]
        );
    }
}

#[test]
fn a_row_of_csv_that_is_broken_is_told_and_the_next_is_read() {
    assert_eq!(
        read(
            "broken.csv",
            Format::Csv,
            b"id,name\na\nb,x,y\nc,\xff\nd,z\n"
        ),
        [
            "2 has 1 values for 2 columns",
            "3 has 3 values for 2 columns",
            "4 is not UTF-8 in \"name\"",
            r#"5 {"id":"d","name":"z"}"#,
        ]
    );
    assert_eq!(
        read("quote.csv", Format::Csv, b"id,name\n\"a,x\nb,y\nc,z\n"),
        ["2 has 1 values for 2 columns; it goes on to line 4: is a quote never closed?"]
    );
}

#[test]
fn a_quote_that_is_never_closed_does_not_fill_the_memory() {
    let mut content = b"id,name\na,x\n\"".to_vec();
    content.resize(3 * 1024 * 1024, b'y');
    assert_eq!(
        read("endless.csv", Format::Csv, &content),
        [
            r#"2 {"id":"a","name":"x"}"#,
            "the row that begins on line 3: a row is longer than 1024 kB; is a quote never closed?",
        ]
    );
}

#[test]
fn a_line_of_json_is_an_object_or_refused() {
    let mut content = b"\xef\xbb\xbf{\"id\":1}\r\n\n[1]\n{\"id\":\n{\"id\":\"\xff\"}\n".to_vec();
    content.extend(std::iter::repeat_n(b'x', 2 * 1024 * 1024));
    content.extend(b"\n{\"id\":2}");
    let rows = read("lines.jsonl", Format::Jsonl, &content);
    assert_eq!(rows[0], r#"1 {"id":1}"#);
    assert_eq!(rows[1], "3 is no JSON object");
    assert!(rows[2].starts_with("4 is no JSON: EOF"), "{}", rows[2]);
    assert!(
        rows[3].starts_with("5 is no JSON: invalid unicode"),
        "{}",
        rows[3]
    );
    assert_eq!(rows[4], "6 is longer than 1024 kB");
    assert_eq!(rows[5], r#"7 {"id":2}"#);
    assert_eq!(rows.len(), 6);
}
