//! How the API writes ids, times and pages.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::ser::Error;
use serde::{Serialize, Serializer};
use stoa_domain::id::Noun;
use uuid::Uuid;

use crate::Result;

/// The letters of ids, five bits each.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// How many of them an id has.
const LETTERS: usize = 26;

/// What every answer is in.
#[derive(Serialize)]
pub struct Data<T> {
    /// The answer.
    pub data: T,
}

/// An id, written without memory of its own: a page of members has a thousand.
pub struct PublicId {
    prefix: &'static str,
    uuid: Uuid,
}

/// An instant.
pub struct Time(pub DateTime<Utc>);

/// A page of a list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// Its rows.
    pub nodes: Vec<T>,
    /// What follows.
    pub page_info: PageInfo,
}

/// What follows a page.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageInfo {
    /// Whether anything does.
    pub has_next_page: bool,
    /// Where it begins.
    pub end_cursor: Option<String>,
}

/// When an answer was promised.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Promise {
    /// Unknown while it pauses.
    pub due_at: Option<Time>,
}

impl PublicId {
    /// The id of a noun.
    pub const fn of<T: Noun>(uuid: Uuid) -> Self {
        Self {
            prefix: T::PREFIX,
            uuid,
        }
    }
}

impl Serialize for PublicId {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let start = self.prefix.len() + 1;
        let mut text = [b'_'; LETTERS + 8];
        text[..start - 1].copy_from_slice(self.prefix.as_bytes());
        let mut value = self.uuid.as_u128();
        for letter in text[start..start + LETTERS].iter_mut().rev() {
            *letter = ALPHABET[usize::try_from(value & 31).unwrap_or_default()];
            value >>= 5;
        }
        let text = std::str::from_utf8(&text[..start + LETTERS]);
        serializer.serialize_str(text.map_err(S::Error::custom)?)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

/// An answer, or what went wrong.
pub fn answered(answer: Result<Response>) -> Response {
    answer.unwrap_or_else(|failure| {
        (StatusCode::INTERNAL_SERVER_ERROR, failure.to_string()).into_response()
    })
}

/// The answer that holds this.
pub fn data<T: Serialize>(data: T) -> Response {
    Json(Data { data }).into_response()
}

#[cfg(test)]
mod tests {
    use stoa_domain::application::Application;
    use stoa_domain::id::Id;

    use super::*;

    #[test]
    fn ids_are_written_as_the_domain_writes_them() {
        for value in [0, 1, u128::MAX, 0x0192_ABCD_EF01_7000_8000_0000_0000_002A] {
            let uuid = Uuid::from_u128(value);
            let written = serde_json::to_value(PublicId::of::<Application>(uuid));
            let id: Id<Application> = Id::new(uuid);
            assert_eq!(written.ok(), serde_json::to_value(id).ok());
        }
    }
}
