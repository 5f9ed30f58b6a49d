//! The rules of community programs: values in, values out.
//!
//! Nothing here reads a clock, a network, a file or a database: time and ids are arguments,
//! so every rule can be tested as a table.
//!
//! | idea | module |
//! |------|--------|
//! | who acts, and what they may do | [`actor`], [`account`] |
//! | how they prove who they are | [`sign_in`], [`credential`], [`identity`], [`mail`] |
//! | what is written: a state and the line that explains it | [`change`] |
//! | a program and its immutable revisions | [`program`] |
//! | what is known about an application, and where from | [`facts`], [`verifiers`] |
//! | statements an applicant must meet | [`criteria`] |
//! | an application's life | [`application`], [`decision`] |
//! | working time and what is promised in it | [`calendar`], [`promise`] |
//! | what an approved organisation holds | [`membership`], [`organization`] |
//! | the indicators | [`kpi`] |
//! | staying signed in: sessions, tokens, the keys that sign them | [`session`], [`token`], [`opaque`], [`signing_key`] |

pub mod account;
pub mod actor;
pub mod application;
pub mod calendar;
pub mod change;
pub mod credential;
pub mod criteria;
pub mod decision;
pub mod facts;
pub mod id;
pub mod idempotency;
pub mod identity;
pub mod kpi;
pub mod mail;
pub mod membership;
pub mod message;
pub mod opaque;
pub mod organization;
pub mod program;
pub mod promise;
pub mod rfc3339;
pub mod session;
pub mod sign_in;
pub mod signing_key;
pub mod text;
pub mod token;
pub mod verifiers;

/// An instant, in UTC, cut to microseconds by the clock that made it.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
