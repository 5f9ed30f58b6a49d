//! A page of the queue, what is due first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use stoa_domain::account::Account;
use stoa_domain::application::Application;
use stoa_domain::id::Id;
use stoa_domain::organization::Organization;
use stoa_domain::program::Program;
use tokio_postgres::{Client, Row, Statement};
use uuid::Uuid;

use super::Floor;
use super::answer::{Page, PageInfo, Promise, PublicId, Time, answered, data};
use crate::Result;

/// Rows of a page.
const ROWS: usize = 50;

/// The statement around a condition: the page is found first, and what belongs to it then.
macro_rules! page {
    ($condition:literal) => {
        concat!(
            "SELECT a.id, a.version, a.status, a.submitted_at, a.due_at, a.queue_at, \
             p.key, p.name, o.id, o.name, s.id, s.name \
             FROM (SELECT id, version, status, submitted_at, due_at, queue_at, \
             program_id, organization_id, assignee_id FROM applications \
             WHERE program_id = $1 AND status = 'IN_REVIEW' AND submitted_at IS NOT NULL ",
            $condition,
            " ORDER BY queue_at, id LIMIT 51) a \
             JOIN programs p ON p.id = a.program_id \
             JOIN organizations o ON o.id = a.organization_id \
             LEFT JOIN accounts s ON s.id = a.assignee_id \
             ORDER BY a.queue_at, a.id"
        )
    };
}

/// What is asked.
pub struct Statements {
    first: Statement,
    next: Statement,
}

/// Which page.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    program_id: Id<Program>,
    after: Option<String>,
}

#[derive(Serialize)]
struct Answer<'a> {
    applications: Page<Node<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Node<'a> {
    id: PublicId,
    version: i32,
    status: &'a str,
    submitted_at: Option<Time>,
    promise: Promise,
    program: Keyed<'a>,
    organization: Named<'a>,
    assignee: Option<Named<'a>>,
}

#[derive(Serialize)]
struct Keyed<'a> {
    key: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Named<'a> {
    id: PublicId,
    name: &'a str,
}

impl Statements {
    /// Prepares them.
    pub async fn prepare(client: &Client) -> Result<Self> {
        Ok(Self {
            first: client.prepare(page!("")).await?,
            next: client
                .prepare(page!("AND (queue_at, id) > ($2, $3)"))
                .await?,
        })
    }
}

/// Answers.
pub async fn queue(State(floor): State<Arc<Floor>>, Json(asked): Json<Asked>) -> Response {
    answered(read(&floor, asked).await)
}

async fn read(floor: &Floor, asked: Asked) -> Result<Response> {
    let program = asked.program_id.uuid();
    let after = asked.after.as_deref().map(place).transpose()?;
    let lent = floor.pool.lend().await?;
    let (client, statements) = (&lent.link.client, &lent.queue);
    let rows = match after {
        None => client.query(&statements.first, &[&program]).await?,
        Some((at, id)) => {
            client
                .query(&statements.next, &[&program, &at, &id])
                .await?
        }
    };
    drop(lent);
    let shown = &rows[..rows.len().min(ROWS)];
    Ok(data(Answer {
        applications: Page {
            nodes: shown.iter().map(node).collect(),
            page_info: PageInfo {
                has_next_page: rows.len() > ROWS,
                end_cursor: shown.last().map(cursor),
            },
        },
    }))
}

fn node(row: &Row) -> Node<'_> {
    let assignee: Option<Uuid> = row.get(10);
    Node {
        id: PublicId::of::<Application>(row.get(0)),
        version: row.get(1),
        status: row.get(2),
        submitted_at: row.get::<_, Option<_>>(3).map(Time),
        promise: Promise {
            due_at: row.get::<_, Option<_>>(4).map(Time),
        },
        program: Keyed {
            key: row.get(6),
            name: row.get(7),
        },
        organization: Named {
            id: PublicId::of::<Organization>(row.get(8)),
            name: row.get(9),
        },
        assignee: assignee.map(|id| Named {
            id: PublicId::of::<Account>(id),
            name: row.get(11),
        }),
    }
}

/// The place of a row in the queue.
fn cursor(row: &Row) -> String {
    let (id, at): (Uuid, DateTime<Utc>) = (row.get(0), row.get(5));
    format!("{}:{id}", at.timestamp_micros())
}

fn place(cursor: &str) -> Result<(DateTime<Utc>, Uuid)> {
    let (at, id) = cursor.split_once(':').ok_or("no cursor")?;
    let at = DateTime::from_timestamp_micros(at.parse()?).ok_or("no cursor")?;
    Ok((at, id.parse()?))
}
