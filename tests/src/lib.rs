//! The suite of Stoa lives in `tests/it.rs`; this library is empty.
