//! A large page of members, oldest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use stoa_domain::id::Id;
use stoa_domain::membership::Membership;
use stoa_domain::organization::Organization;
use stoa_domain::program::Program;
use tokio_postgres::{Client, Row, Statement};
use uuid::Uuid;

use super::Floor;
use super::answer::{Page, PageInfo, PublicId, Time, answered, data};
use crate::Result;

/// Rows of a page.
const ROWS: usize = 500;

/// The statement around a condition: the page is found first, and what belongs to it then.
macro_rules! page {
    ($condition:literal) => {
        concat!(
            "SELECT m.id, m.version, m.started_at, m.ends_on, p.id, p.key, o.id, o.name, o.domain \
             FROM (SELECT id, version, started_at, ends_on, program_id, organization_id \
             FROM memberships WHERE program_id = $1 ",
            $condition,
            " ORDER BY id LIMIT 501) m \
             JOIN programs p ON p.id = m.program_id \
             JOIN organizations o ON o.id = m.organization_id \
             ORDER BY m.id"
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
    after: Option<Uuid>,
}

#[derive(Serialize)]
struct Answer<'a> {
    memberships: Page<Node<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Node<'a> {
    id: PublicId,
    version: i32,
    started_at: Time,
    ends_before: NaiveDate,
    program: Keyed<'a>,
    organization: Named<'a>,
}

#[derive(Serialize)]
struct Keyed<'a> {
    id: PublicId,
    key: &'a str,
}

#[derive(Serialize)]
struct Named<'a> {
    id: PublicId,
    name: &'a str,
    domain: Option<&'a str>,
}

impl Statements {
    /// Prepares them.
    pub async fn prepare(client: &Client) -> Result<Self> {
        Ok(Self {
            first: client.prepare(page!("")).await?,
            next: client.prepare(page!("AND id > $2")).await?,
        })
    }
}

/// Answers.
pub async fn members(State(floor): State<Arc<Floor>>, Json(asked): Json<Asked>) -> Response {
    answered(read(&floor, asked).await)
}

async fn read(floor: &Floor, asked: Asked) -> Result<Response> {
    let program = asked.program_id.uuid();
    let lent = floor.pool.lend().await?;
    let (client, statements) = (&lent.link.client, &lent.members);
    let rows = match asked.after {
        None => client.query(&statements.first, &[&program]).await?,
        Some(id) => client.query(&statements.next, &[&program, &id]).await?,
    };
    drop(lent);
    let shown = &rows[..rows.len().min(ROWS)];
    let last = shown.last().map(|row| row.get::<_, Uuid>(0));
    Ok(data(Answer {
        memberships: Page {
            nodes: shown.iter().map(node).collect(),
            page_info: PageInfo {
                has_next_page: rows.len() > ROWS,
                end_cursor: last.map(|id| id.to_string()),
            },
        },
    }))
}

fn node(row: &Row) -> Node<'_> {
    Node {
        id: PublicId::of::<Membership>(row.get(0)),
        version: row.get(1),
        started_at: Time(row.get(2)),
        ends_before: row.get(3),
        program: Keyed {
            id: PublicId::of::<Program>(row.get(4)),
            key: row.get(5),
        },
        organization: Named {
            id: PublicId::of::<Organization>(row.get(6)),
            name: row.get(7),
            domain: row.get(8),
        },
    }
}
