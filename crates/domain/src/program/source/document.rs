//! `program.toml` as values with their lines.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Mistake;
use super::notes::{Lines, Notes};

/// The tables of a TOML text and the notes to take on them, or every mistake of its syntax.
///
/// A text with such mistakes is not read further: what could be recovered lacks keys that are written.
pub(super) fn parse(
    file: &str,
    text: Option<&String>,
) -> Result<(Map<String, Value>, Notes), Vec<Mistake>> {
    let Some(text) = text else {
        return Err(vec![Mistake {
            file: file.to_owned(),
            line: 1,
            message: format!("write the rules, {file}"),
        }]);
    };
    let ends = Lines::of(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let mut lines = BTreeMap::new();
        let values = table_values(table.get_ref(), "", &ends, &mut lines);
        return Ok((values, Notes::new(file, lines)));
    }
    let mut mistakes: Vec<_> = errors
        .iter()
        .map(|error| Mistake {
            file: file.to_owned(),
            line: ends.at(error.span().map_or(0, |span| span.start)),
            message: format!("this is not TOML: {}", error.message()),
        })
        .collect();
    mistakes.sort_by_key(|mistake| mistake.line);
    mistakes.dedup();
    Err(mistakes)
}

fn table_values(
    table: &DeTable<'_>,
    path: &str,
    ends: &Lines,
    lines: &mut BTreeMap<String, usize>,
) -> Map<String, Value> {
    let mut values = Map::new();
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        let path = if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        };
        lines.insert(path.clone(), ends.at(key.span().start));
        values.insert(name.to_owned(), json(value, &path, ends, lines));
    }
    values
}

/// Dates become texts, as everywhere in JSON; numbers that do not fit become null, which nothing accepts.
fn json(
    value: &Spanned<DeValue<'_>>,
    path: &str,
    ends: &Lines,
    lines: &mut BTreeMap<String, usize>,
) -> Value {
    match value.get_ref() {
        DeValue::String(text) => Value::String(text.clone().into_owned()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Value::Null, |number| Value::Number(number.into())),
        DeValue::Float(number) => {
            let number = number.as_str().parse().ok().and_then(Number::from_f64);
            number.map_or(Value::Null, Value::Number)
        }
        DeValue::Boolean(answer) => Value::Bool(*answer),
        DeValue::Datetime(date) => Value::String(date.to_string()),
        DeValue::Array(items) => Value::Array(
            items
                .iter()
                .enumerate()
                .map(|(index, item)| {
                    let path = format!("{path}[{index}]");
                    lines.insert(path.clone(), ends.at(item.span().start));
                    json(item, &path, ends, lines)
                })
                .collect(),
        ),
        DeValue::Table(table) => Value::Object(table_values(table, path, ends, lines)),
    }
}
