#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Mistake, Rules, Source, read};
use crate::facts::{Answers, Facts, Lookups};
use crate::verifiers;

/// A ready program, with its files as they are in the repository.
macro_rules! ready {
    ($name:literal) => {
        source([
            ("program.toml", include_str!(concat!("../../../../../programs/", $name, "/program.toml"))),
        ])
    };
}
