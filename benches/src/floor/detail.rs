//! One application with all that is around it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use stoa_domain::account::Account;
use stoa_domain::application::Application;
use stoa_domain::id::Id;
use stoa_domain::organization::Organization;
use stoa_domain::program::Program;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};
use uuid::Uuid;

use super::Floor;
use super::answer::{Promise, PublicId, Time, answered, data};
use crate::Result;

const APPLICATION: &str = "\
SELECT a.version, a.status, a.submitted_at, a.due_at, a.manual_steps, a.external_id,
       p.id, p.key, p.name, o.id, o.name, o.domain, u.id, u.name, u.email
FROM applications a
JOIN programs p ON p.id = a.program_id
JOIN organizations o ON o.id = a.organization_id
JOIN accounts u ON u.id = a.applicant_id
WHERE a.id = $1 AND a.submitted_at IS NOT NULL";

const ACTIVITIES: &str = "\
SELECT sequence, verb, at FROM activities WHERE application_id = $1 ORDER BY sequence DESC LIMIT 10";

/// What is asked.
pub struct Statements {
    application: Statement,
    activities: Statement,
}

/// Which application.
#[derive(Deserialize)]
pub struct Asked {
    id: Id<Application>,
}

#[derive(Serialize)]
struct Answer<'a> {
    application: Option<Found<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found<'a> {
    id: PublicId,
    version: i32,
    status: &'a str,
    submitted_at: Option<Time>,
    promise: Option<Promise>,
    manual_steps: i32,
    external_id: Option<&'a str>,
    program: Named<'a>,
    organization: Organized<'a>,
    applicant: Person<'a>,
    activities: Lines<'a>,
}

#[derive(Serialize)]
struct Named<'a> {
    id: PublicId,
    key: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Organized<'a> {
    id: PublicId,
    name: &'a str,
    domain: Option<&'a str>,
}

#[derive(Serialize)]
struct Person<'a> {
    id: PublicId,
    name: &'a str,
    email: &'a str,
}

#[derive(Serialize)]
struct Lines<'a> {
    nodes: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    id: String,
    verb: &'a str,
    at: Time,
}

impl Statements {
    /// Prepares them.
    pub async fn prepare(client: &Client) -> Result<Self> {
        Ok(Self {
            application: client.prepare(APPLICATION).await?,
            activities: client.prepare(ACTIVITIES).await?,
        })
    }
}

/// Answers.
pub async fn detail(State(floor): State<Arc<Floor>>, Json(asked): Json<Asked>) -> Response {
    answered(read(&floor, asked.id.uuid()).await)
}

async fn read(floor: &Floor, id: Uuid) -> Result<Response> {
    let lent = floor.pool.lend().await?;
    let (client, statements) = (&lent.link.client, &lent.detail);
    let which: [&(dyn ToSql + Sync); 1] = [&id];
    // Sent together: one way to the database and back.
    let (row, lines) = tokio::try_join!(
        client.query_opt(&statements.application, &which),
        client.query(&statements.activities, &which),
    )?;
    drop(lent);
    Ok(data(Answer {
        application: row.as_ref().map(|row| found(id, row, &lines)),
    }))
}

fn found<'a>(id: Uuid, row: &'a Row, lines: &'a [Row]) -> Found<'a> {
    let status: &str = row.get(1);
    let is_final = matches!(status, "APPROVED" | "DECLINED" | "WITHDRAWN" | "EXPIRED");
    let due_at = row.get::<_, Option<_>>(3).map(Time);
    Found {
        id: PublicId::of::<Application>(id),
        version: row.get(0),
        status,
        submitted_at: row.get::<_, Option<_>>(2).map(Time),
        promise: (!is_final).then_some(Promise { due_at }),
        manual_steps: row.get(4),
        external_id: row.get(5),
        program: Named {
            id: PublicId::of::<Program>(row.get(6)),
            key: row.get(7),
            name: row.get(8),
        },
        organization: Organized {
            id: PublicId::of::<Organization>(row.get(9)),
            name: row.get(10),
            domain: row.get(11),
        },
        applicant: Person {
            id: PublicId::of::<Account>(row.get(12)),
            name: row.get(13),
            email: row.get(14),
        },
        activities: Lines {
            nodes: lines.iter().map(line).collect(),
        },
    }
}

fn line(row: &Row) -> Line<'_> {
    let sequence: i64 = row.get(0);
    Line {
        id: format!("act_{sequence}"),
        verb: row.get(1),
        at: Time(row.get(2)),
    }
}
