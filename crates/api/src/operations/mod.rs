//! What more than one caller does: GraphQL, jobs, the importer and the demo.

pub mod applications;
pub mod deadlines;
pub mod evaluation;
pub mod import;
pub mod integration_tokens;
pub mod programs;
pub mod sessions;
pub mod signing_keys;
pub mod simulation;
