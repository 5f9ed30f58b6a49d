//! Inputs of the commands on applications.

use async_graphql::{ID, InputObject, Json};
use serde_json::{Map, Value};

use crate::graphql::enums::{DecisionOutcome, HoldCause};
use crate::graphql::scalars::DateTime;

/// An application and the version the caller saw.
#[derive(InputObject)]
pub struct ApplicationCommandInput {
    /// The application.
    pub(super) application_id: ID,
    /// Its `version` when you read it. If it changed since, nothing is done and the current version is told.
    pub(super) expected_version: i32,
}

/// What a new application starts from.
#[derive(InputObject)]
pub struct CreateApplicationInput {
    /// The program asked.
    pub(super) program_id: ID,
    /// The name of the organisation or project, at most 200 characters.
    pub(super) organization_name: String,
    /// The key another system knows it by; unique within the program.
    pub(super) external_id: Option<String>,
    /// The applicant's account, for an integration that brings applications in; an applicant leaves it out.
    pub(super) applicant_id: Option<ID>,
}

/// Answers to be laid over those given before.
#[derive(InputObject)]
pub struct AnswerApplicationInput {
    /// The application.
    pub(super) application_id: ID,
    /// Its `version` when you read it.
    pub(super) expected_version: i32,
    /// Answers by form field; fields that are left out stay as they are, null takes one back.
    pub(super) answers: Json<Map<String, Value>>,
}

/// Who is to work on an application.
#[derive(InputObject)]
pub struct AssignApplicationInput {
    /// The application.
    pub(super) application_id: ID,
    /// Its `version` when you read it.
    pub(super) expected_version: i32,
    /// The account of somebody who may review.
    pub(super) assignee_id: ID,
}

/// A question to the applicant.
#[derive(InputObject)]
pub struct AskApplicantInput {
    /// The application.
    pub(super) application_id: ID,
    /// Its `version` when you read it.
    pub(super) expected_version: i32,
    /// What is needed and why, at most 10,000 characters.
    pub(super) question: String,
    /// Form fields that the reply must answer: fields that are asked for in review, or answers to be mended.
    #[graphql(default)]
    pub(super) fields: Vec<String>,
}

/// The applicant's reply.
#[derive(InputObject)]
pub struct ReplyToQuestionInput {
    /// The application.
    pub(super) application_id: ID,
    /// Its `version` when you read it.
    pub(super) expected_version: i32,
    /// The reply, at most 10,000 characters.
    pub(super) message: String,
    /// Answers that change with it.
    pub(super) answers: Option<Json<Map<String, Value>>>,
}

/// A hold.
#[derive(InputObject)]
pub struct HoldApplicationInput {
    /// The application.
    pub(super) application_id: ID,
    /// Its `version` when you read it.
    pub(super) expected_version: i32,
    /// What it waits for.
    pub(super) cause: HoldCause,
    /// For the team only, at most 10,000 characters.
    pub(super) note: String,
    /// When the hold ends by itself, at most a year ahead; needed for `CONSULT`.
    pub(super) until: Option<DateTime>,
}

/// A decision to be drafted.
#[derive(InputObject)]
pub struct ProposeDecisionInput {
    /// The application.
    pub(super) application_id: ID,
    /// Its `version` when you read it.
    pub(super) expected_version: i32,
    /// Accepted or declined.
    pub(super) outcome: DecisionOutcome,
    /// Codes of the revision's decline reasons; at least one for a decline.
    #[graphql(default)]
    pub(super) reasons: Vec<String>,
    /// What the applicant is told besides.
    pub(super) message: Option<String>,
}

/// Why a drafted decision goes back.
#[derive(InputObject)]
pub struct SendBackDecisionInput {
    /// The application.
    pub(super) application_id: ID,
    /// Its `version` when you read it.
    pub(super) expected_version: i32,
    /// What is to be looked at again.
    pub(super) note: String,
}

/// An approval.
#[derive(InputObject)]
pub struct ApproveApplicationInput {
    /// The application.
    pub(super) application_id: ID,
    /// Its `version` when you read it.
    pub(super) expected_version: i32,
    /// What the applicant is told besides.
    pub(super) message: Option<String>,
}

/// A decline.
#[derive(InputObject)]
pub struct DeclineApplicationInput {
    /// The application.
    pub(super) application_id: ID,
    /// Its `version` when you read it.
    pub(super) expected_version: i32,
    /// Codes of the revision's decline reasons, at least one.
    pub(super) reasons: Vec<String>,
    /// What the applicant is told besides.
    pub(super) message: Option<String>,
}

/// A withdrawal.
#[derive(InputObject)]
pub struct WithdrawApplicationInput {
    /// The application.
    pub(super) application_id: ID,
    /// Its `version` when you read it.
    pub(super) expected_version: i32,
    /// Why, if the applicant wants to say so.
    pub(super) reason: Option<String>,
}

/// An appeal, or the team's second thought.
#[derive(InputObject)]
pub struct ReopenApplicationInput {
    /// The application.
    pub(super) application_id: ID,
    /// Its `version` when you read it.
    pub(super) expected_version: i32,
    /// Why it should be looked at again; the applicant and the team read it.
    pub(super) reason: String,
}
