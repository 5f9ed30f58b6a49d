//! Taking an application on: the row over the version that was seen, and the line that explains it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use stoa_domain::account::Account;
use stoa_domain::application::Application;
use stoa_domain::id::Id;
use tokio_postgres::{Client, Statement};
use uuid::Uuid;

use super::Floor;
use super::answer::{PublicId, answered, data};
use crate::Result;

const CLAIM: &str = r#"
WITH claimed AS (
    UPDATE applications SET version = version + 1, assignee_id = $3::uuid
    WHERE id = $1 AND version = $2 AND status = 'IN_REVIEW'
      AND (assignee_id IS NULL OR assignee_id = $3::uuid)
    RETURNING id, version, status, program_id, revision_id
), logged AS (
    INSERT INTO activities (verb, subject_kind, subject_id, version, account_id, mode, at,
        program_id, application_id, revision_id, public, details, transaction_id)
    SELECT 'CLAIMED', 'APPLICATION', id, version, $3::uuid, 'MANUAL', clock_timestamp(),
        program_id, id, revision_id, false, '{"from":"IN_REVIEW","to":"IN_REVIEW"}',
        pg_current_xact_id()::text::bigint
    FROM claimed
)
SELECT version, status FROM claimed"#;

/// What is asked.
pub struct Statements(Statement);

/// Which application, as it was seen, and who takes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    id: Id<Application>,
    version: i32,
    assignee_id: Id<Account>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    claim_application: Payload<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    application: Option<Claimed<'a>>,
    user_errors: &'a [UserError],
}

#[derive(Serialize)]
struct Claimed<'a> {
    id: PublicId,
    version: i32,
    status: &'a str,
    assignee: Person,
}

#[derive(Serialize)]
struct Person {
    id: PublicId,
}

#[derive(Serialize)]
struct UserError {
    code: &'static str,
    message: &'static str,
}

/// What stands against a claim that changed nothing.
const STALE: [UserError; 1] = [UserError {
    code: "STALE_VERSION",
    message: "The application changed since you read it, or somebody else works on it.",
}];

impl Statements {
    /// Prepares it.
    pub async fn prepare(client: &Client) -> Result<Self> {
        Ok(Self(client.prepare(CLAIM).await?))
    }
}

/// Answers.
pub async fn claim(State(floor): State<Arc<Floor>>, Json(asked): Json<Asked>) -> Response {
    answered(write(&floor, &asked).await)
}

async fn write(floor: &Floor, asked: &Asked) -> Result<Response> {
    let (id, by): (Uuid, Uuid) = (asked.id.uuid(), asked.assignee_id.uuid());
    let lent = floor.pool.lend().await?;
    let row = lent
        .link
        .client
        .query_opt(&lent.claim.0, &[&id, &asked.version, &by])
        .await?;
    drop(lent);
    let claimed = row.as_ref().map(|row| Claimed {
        id: PublicId::of::<Application>(id),
        version: row.get(0),
        status: row.get(1),
        assignee: Person {
            id: PublicId::of::<Account>(by),
        },
    });
    let user_errors: &[UserError] = if claimed.is_some() { &[] } else { &STALE };
    Ok(data(Answer {
        claim_application: Payload {
            application: claimed,
            user_errors,
        },
    }))
}
