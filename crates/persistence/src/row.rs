//! Texts in columns: enums by their serialised names, documents as JSON.

use serde::Serialize;
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde_json::Value;

use crate::StoreError;

/// The stored name of an enum without data.
pub(crate) fn name<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(name)) => name,
        other => format!("{other:?}"),
    }
}

/// The enum with this stored name.
pub(crate) fn named<T: DeserializeOwned>(
    table: &'static str,
    id: impl ToString,
    text: &str,
) -> Result<T, StoreError> {
    let read: Result<T, serde::de::value::Error> = T::deserialize(text.into_deserializer());
    read.map_err(|error| corrupt(table, id, &error))
}

/// A document as it is stored.
pub(crate) fn json<T: Serialize>(table: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| corrupt(table, "new", &error))
}

/// A stored document.
pub(crate) fn read<T: DeserializeOwned>(
    table: &'static str,
    id: impl ToString,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| corrupt(table, id, &error))
}

pub(crate) fn corrupt(
    table: &'static str,
    id: impl ToString,
    problem: &dyn std::fmt::Display,
) -> StoreError {
    StoreError::Corrupt {
        table,
        id: id.to_string(),
        problem: problem.to_string(),
    }
}
