//! Columns of the tables, nothing else: what they mean is said where rows become values.

pub(crate) mod academic_domains;
pub(crate) mod accounts;
pub(crate) mod activities;
pub(crate) mod answers;
pub(crate) mod applications;
pub(crate) mod credentials;
pub(crate) mod evaluations;
pub(crate) mod idempotency_keys;
pub(crate) mod identities;
pub(crate) mod integration_tokens;
pub(crate) mod kpi_ledgers;
pub(crate) mod kpi_rollups;
pub(crate) mod mails;
pub(crate) mod memberships;
pub(crate) mod messages;
pub(crate) mod organizations;
pub(crate) mod programs;
pub(crate) mod refresh_tokens;
pub(crate) mod resolutions;
pub(crate) mod revisions;
pub(crate) mod sessions;
pub(crate) mod sign_in_attempts;
pub(crate) mod sign_in_codes;
pub(crate) mod sign_in_exchanges;
pub(crate) mod signing_keys;
