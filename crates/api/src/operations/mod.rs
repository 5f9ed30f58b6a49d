//! What more than one caller does: GraphQL, jobs, the importer and the demo.

pub mod applications;
pub mod codes;
pub mod deadlines;
pub mod evaluation;
pub mod import;
pub mod integration_tokens;
pub mod mails;
pub mod oidc;
pub mod programs;
mod rollups;
pub mod sessions;
pub mod sign_in;
pub mod signing_keys;
pub mod simulation;
