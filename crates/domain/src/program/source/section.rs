//! One table of `program.toml`, read key by key.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::notes::{Notes, suggestion};

/// The most entries a list may have: two hundred criteria are nobody's, ten years of holidays may be.
const ITEMS: usize = 200;

/// A table that is being read. What is missing or wrong is noted, and a stand-in is read in its place,
/// so that one mistake does not hide the next.
pub(super) struct Section<'a> {
    /// None if the table itself is missing or wrong, which was noted already.
    table: Option<&'a Map<String, Value>>,
    path: String,
    known: Vec<&'static str>,
    notes: &'a Notes,
}

impl<'a> Section<'a> {
    /// The whole file.
    pub(super) fn root(table: &'a Map<String, Value>, notes: &'a Notes) -> Self {
        Self {
            table: Some(table),
            path: String::new(),
            known: Vec::new(),
            notes,
        }
    }

    /// The path of a key of this table.
    pub(super) fn path(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// Notes what is wrong with a key; nothing more is said about a table that is missing.
    pub(super) fn wrong(&self, key: &str, message: impl Into<String>) {
        if self.table.is_some() {
            self.notes.wrong(&self.path(key), message);
        }
    }

    /// Whether something was found wrong with a key, so that a stand-in was read for it.
    pub(super) fn is_wrong(&self, key: &str) -> bool {
        self.notes.is_wrong(&self.path(key))
    }

    /// Ends the reading: keys that nobody asked for are mistakes.
    pub(super) fn done(self) {
        let table = self.table.into_iter().flatten();
        for (key, _) in table.filter(|(key, _)| !self.known.contains(&key.as_str())) {
            let suggestion = suggestion(key, &self.known);
            let message = format!("\"{key}\" is not a key that is known here: {suggestion}");
            self.wrong(key, message);
        }
    }

    /// A text that must be there.
    pub(super) fn text(&mut self, key: &'static str) -> String {
        self.required(key);
        self.optional_text(key).unwrap_or_default()
    }

    /// A text that may be left out, but not be empty.
    pub(super) fn optional_text(&mut self, key: &'static str) -> Option<String> {
        let value = self.get(key)?;
        let text = value.as_str().map(str::trim);
        let text = text.filter(|text| !text.is_empty());
        if text.is_none() {
            self.wrong(key, format!("\"{key}\" must be a text that is not empty"));
        }
        text.map(str::to_owned)
    }

    /// A key of something: `[a-z][a-z0-9-]*`.
    pub(super) fn key(&mut self, key: &'static str) -> String {
        let text = self.text(key);
        let mut letters = text.chars();
        let kebab = letters
            .next()
            .is_some_and(|first| first.is_ascii_lowercase())
            && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !kebab {
            self.wrong(
                key,
                format!("\"{text}\" must begin with a small letter and have only a-z, 0-9 and -, such as \"many-seats\""),
            );
        }
        text
    }

    /// A whole number in a range that must be there.
    pub(super) fn count(&mut self, key: &'static str, range: RangeInclusive<u32>) -> u32 {
        self.required(key);
        let least = *range.start();
        self.optional_count(key, range).unwrap_or(least)
    }

    /// A whole number in a range that may be left out.
    pub(super) fn optional_count(
        &mut self,
        key: &'static str,
        range: RangeInclusive<u32>,
    ) -> Option<u32> {
        let value = self.get(key)?;
        let count = in_range(value, &range);
        if count.is_none() {
            self.wrong(key, format!("\"{key}\" {}", whole_number(&range)));
        }
        count
    }

    /// Whole numbers in a range; none if the key is left out.
    pub(super) fn counts(&mut self, key: &'static str, range: &RangeInclusive<u32>) -> Vec<u32> {
        let items = self.array(key).into_iter().flatten().enumerate();
        items
            .filter_map(|(index, value)| {
                let count = in_range(value, range);
                if count.is_none() {
                    self.wrong(&format!("{key}[{index}]"), whole_number(range));
                }
                count
            })
            .collect()
    }

    /// Texts; none if the key is left out.
    pub(super) fn texts(&mut self, key: &'static str) -> Vec<String> {
        let items = self.array(key).into_iter().flatten().enumerate();
        items
            .map(|(index, value)| {
                if !value.is_string() {
                    self.wrong(&format!("{key}[{index}]"), "must be a text");
                }
                value.as_str().unwrap_or_default().to_owned()
            })
            .collect()
    }

    /// A date that may be left out.
    pub(super) fn date(&mut self, key: &'static str) -> Option<NaiveDate> {
        let value = self.get(key)?;
        let date = value.as_str().and_then(|text| text.parse().ok());
        if date.is_none() {
            self.wrong(key, format!("\"{key}\" must be a date such as 2026-11-23"));
        }
        date
    }

    /// A date that must be there.
    pub(super) fn required_date(&mut self, key: &'static str) -> Option<NaiveDate> {
        self.required(key);
        self.date(key)
    }

    /// A value that says itself what it takes, such as a word of a fixed list; it must be there.
    pub(super) fn value<T: DeserializeOwned>(&mut self, key: &'static str) -> Option<T> {
        self.required(key);
        self.optional_value(key)
    }

    /// The same, and it may be left out.
    pub(super) fn optional_value<T: DeserializeOwned>(&mut self, key: &'static str) -> Option<T> {
        let value = self.get(key)?;
        let parsed = T::deserialize(value);
        parsed
            .inspect_err(|error| self.wrong(key, format!("\"{key}\": {error}")))
            .ok()
    }

    /// A table that must be there.
    pub(super) fn section(&mut self, key: &'static str) -> Section<'a> {
        if self.is_missing(key) {
            self.wrong(key, format!("write the section [{}]", self.path(key)));
        }
        let table = self.get(key).and_then(|value| {
            if !value.is_object() {
                self.wrong(key, format!("\"{key}\" must be a section, [{key}]"));
            }
            value.as_object()
        });
        Section {
            table,
            path: self.path(key),
            known: Vec::new(),
            notes: self.notes,
        }
    }

    /// Tables in their order; none if the key is left out.
    pub(super) fn sections(&mut self, key: &'static str) -> Vec<Section<'a>> {
        let items = self.array(key).into_iter().flatten().enumerate();
        items
            .map(|(index, value)| {
                let path = format!("{key}[{index}]");
                if !value.is_object() {
                    self.wrong(&path, format!("must be a section, [[{key}]]"));
                }
                Section {
                    table: value.as_object(),
                    path: self.path(&path),
                    known: Vec::new(),
                    notes: self.notes,
                }
            })
            .collect()
    }

    /// Tables in their order, of which there must be one.
    pub(super) fn some_sections(&mut self, key: &'static str) -> Vec<Section<'a>> {
        let sections = self.sections(key);
        if sections.is_empty() {
            self.wrong(key, format!("write at least one [[{}]]", self.path(key)));
        }
        sections
    }

    fn array(&mut self, key: &'static str) -> Option<&'a [Value]> {
        let value = self.get(key)?;
        let items = value.as_array();
        if items.is_none() {
            self.wrong(key, format!("\"{key}\" must be a list"));
        }
        let items = items?.as_slice();
        if items.len() > ITEMS {
            self.wrong(key, format!("\"{key}\" has more than {ITEMS} entries"));
        }
        Some(&items[..items.len().min(ITEMS)])
    }

    fn required(&self, key: &str) {
        if self.is_missing(key) {
            self.wrong(key, format!("\"{key}\" is missing"));
        }
    }

    fn is_missing(&self, key: &str) -> bool {
        self.table.is_some_and(|table| !table.contains_key(key))
    }

    fn get(&mut self, key: &'static str) -> Option<&'a Value> {
        self.known.push(key);
        self.table?.get(key)
    }
}

fn in_range(value: &Value, range: &RangeInclusive<u32>) -> Option<u32> {
    let number = value.as_u64().and_then(|number| number.try_into().ok());
    number.filter(|number| range.contains(number))
}

fn whole_number(range: &RangeInclusive<u32>) -> String {
    let (least, most) = (range.start(), range.end());
    if *most == u32::MAX {
        format!("must be a whole number, at least {least}")
    } else {
        format!("must be a whole number from {least} to {most}")
    }
}
