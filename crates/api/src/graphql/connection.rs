//! Connections: arguments checked once, cursors opaque, pages bounded.

use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash, Hasher};

use async_graphql::connection::{Connection, CursorType, Edge, EmptyFields};
use async_graphql::{ObjectType, OutputType};
use serde::{Deserialize, Serialize};
use stoa_persistence::StoreError;
use stoa_persistence::page::{Cursor, Page, Slice};

use super::error::{Code, Failure};
use super::prompt::Prompt;
use super::scope::bounded;

/// Rows of a page when none are asked for.
pub const USUAL: u64 = 20;
/// Rows of a page at most.
pub const MOST: u64 = 100;
/// Rows of a page at most where another system reads everything.
pub const MOST_IN_BULK: u64 = 500;

/// A cursor as clients see it: opaque. It is bound to its order and its filter, and refused elsewhere.
#[derive(Serialize, Deserialize)]
pub struct Opaque {
    #[serde(flatten)]
    cursor: Cursor,
    /// What the list was filtered by, as a number.
    filter: u64,
}

impl Opaque {
    /// A place that is bound to no filter, such as one in the feed.
    pub const fn unbound(cursor: Cursor) -> Self {
        Self { cursor, filter: 0 }
    }

    /// The place.
    pub const fn cursor(&self) -> &Cursor {
        &self.cursor
    }
}

impl CursorType for Opaque {
    type Error = &'static str;

    fn decode_cursor(text: &str) -> Result<Self, Self::Error> {
        let refused = "This is no cursor. Send a cursor exactly as it was received.";
        let bytes: Option<Vec<u8>> =
            (text.len() <= 512 && text.is_ascii() && text.len().is_multiple_of(2))
                .then(|| {
                    (0..text.len())
                        .step_by(2)
                        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
                        .collect()
                })
                .flatten();
        let bytes = bytes.ok_or(refused)?;
        serde_json::from_slice(&bytes).map_err(|_| refused)
    }

    fn encode_cursor(&self) -> String {
        use std::fmt::Write;
        let json = serde_json::to_vec(self).unwrap_or_default();
        json.iter()
            .fold(String::with_capacity(json.len() * 2), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            })
    }
}

/// Pages as the schema has them: rows that are answered as far as they are at hand.
pub type Pages<T, F = EmptyFields> = Connection<Opaque, Prompt<T>, F>;

/// A page of a filtered list.
#[derive(Debug)]
pub struct Paged {
    /// Which rows.
    pub page: Page,
    filter: u64,
}

/// The four arguments of every connection.
#[derive(Debug, Default)]
pub struct PageArguments {
    /// Rows from the start, or after `after`.
    pub first: Option<i32>,
    /// Only rows after this cursor.
    pub after: Option<String>,
    /// Rows from the end, or before `before`.
    pub last: Option<i32>,
    /// Only rows before this cursor.
    pub before: Option<String>,
}

impl PageArguments {
    /// The arguments as they came.
    pub const fn new(
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Self {
        Self {
            first,
            after,
            last,
            before,
        }
    }

    /// The page they ask for, of at most `most` rows of the list that a filter leaves.
    pub fn page(self, most: u64, filter: &impl Debug) -> Result<Paged, Failure> {
        let filter = fingerprint(filter);
        let bad = |text| Failure::new(Code::BadUserInput(text));
        let (asked, from_end) = match (self.first, self.last) {
            (Some(_), Some(_)) => return Err(bad("Give `first` or `last`, not both.")),
            (first, None) => (first, false),
            (None, last) => (last, true),
        };
        let limit = match asked.map(u64::try_from) {
            None => USUAL,
            Some(Ok(limit)) if limit <= most => limit,
            Some(Ok(_)) if most == MOST => return Err(bad("A page has at most 100 rows.")),
            Some(Ok(_)) => return Err(bad("A page has at most 500 rows.")),
            Some(Err(_)) => return Err(bad("`first` and `last` must not be negative.")),
        };
        let cursor = |text: Option<String>| {
            text.map(|text| match Opaque::decode_cursor(&text) {
                Ok(opaque) if opaque.filter != filter => Err(StoreError::Cursor.into()),
                Ok(opaque) => {
                    opaque.cursor.at.into_iter().try_for_each(bounded)?;
                    Ok(opaque.cursor)
                }
                Err(refused) => Err(bad(refused)),
            })
            .transpose()
        };
        let page = Page {
            limit,
            after: cursor(self.after)?,
            before: cursor(self.before)?,
            from_end,
        };
        Ok(Paged { page, filter })
    }
}

impl Paged {
    /// A slice of values as a connection of objects.
    pub fn connection<V, N, F>(
        &self,
        slice: Slice<V>,
        fields: F,
        node: impl Fn(V) -> N,
    ) -> Connection<Opaque, N, F>
    where
        N: OutputType,
        F: ObjectType,
    {
        let mut connection =
            Connection::with_additional_fields(slice.has_previous, slice.has_next, fields);
        let filter = self.filter;
        connection.edges = slice
            .items
            .into_iter()
            .map(|(cursor, value)| Edge::new(Opaque { cursor, filter }, node(value)))
            .collect();
        connection
    }
}

/// A number that differs where filters do. An upgrade may change it: then a client pages from the start.
fn fingerprint(filter: &impl Debug) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{filter:?}").hash(&mut hasher);
    hasher.finish()
}
