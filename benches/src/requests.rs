//! The five kinds of request, and how each server is asked them.

use clap::ValueEnum;
use serde::Serialize;
use serde_json::{Value, json};

use crate::http;

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One application with all that is around it.
    Detail,
    /// A page of the queue.
    Queue,
    /// A large page of members.
    Members,
    /// A year of an indicator, by month.
    Kpi,
    /// Taking an application on.
    Claim,
}

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Stoa.
    Service,
    /// The same written by hand.
    Floor,
}

const DETAIL: &str = "\
query Detail($id: ID!) {
  application(id: $id) {
    id version status submittedAt promise { dueAt } manualSteps externalId
    program { id key name }
    organization { id name domain }
    applicant { id name email }
    activities(first: 10) { nodes { id verb at } }
  }
}";

const QUEUE: &str = "\
query Queue($programId: ID!, $after: String) {
  applications(
    filter: { programId: $programId, statuses: [IN_REVIEW] }
    order: DUE_FIRST
    first: 50
    after: $after
  ) {
    nodes {
      id version status submittedAt promise { dueAt }
      program { key name }
      organization { id name }
      assignee { id name }
    }
    pageInfo { hasNextPage endCursor }
  }
}";

const MEMBERS: &str = "\
query Members($programId: ID!, $after: String) {
  memberships(filter: { programId: $programId }, first: 500, after: $after) {
    nodes {
      id version startedAt endsBefore
      program { id key }
      organization { id name domain }
    }
    pageInfo { hasNextPage endCursor }
  }
}";

const KPI: &str = "\
query Kpi($programId: ID!, $from: Date!, $to: Date!) {
  kpi(
    input: {
      key: TIME_TO_APPROVE
      programId: $programId
      granularity: MONTH
      from: $from
      to: $to
    }
  ) {
    values {
      period { label startsOn endsBefore }
      value
      clocks {
        elapsed { median p90 mean count }
        promise { median p90 mean count }
        team { median p90 mean count }
      }
    }
  }
}";

const CLAIM: &str = "\
mutation Claim($id: ID!, $version: Int!) {
  claimApplication(input: { applicationId: $id, expectedVersion: $version }) {
    application { id version status assignee { id } }
    userErrors { code message }
  }
}";

impl Kind {
    /// Every kind, in the order in which they are measured.
    pub const ALL: [Self; 5] = [
        Self::Detail,
        Self::Queue,
        Self::Members,
        Self::Kpi,
        Self::Claim,
    ];

    /// Its name, which is also the floor's path.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Detail => "detail",
            Self::Queue => "queue",
            Self::Members => "members",
            Self::Kpi => "kpi",
            Self::Claim => "claim",
        }
    }

    /// The connection that is read page by page, if the answer is one.
    pub const fn connection(self) -> Option<&'static str> {
        match self {
            Self::Queue => Some("applications"),
            Self::Members => Some("memberships"),
            Self::Detail | Self::Kpi | Self::Claim => None,
        }
    }

    const fn document(self) -> &'static str {
        match self {
            Self::Detail => DETAIL,
            Self::Queue => QUEUE,
            Self::Members => MEMBERS,
            Self::Kpi => KPI,
            Self::Claim => CLAIM,
        }
    }
}

impl Side {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Floor => "floor",
        }
    }

    /// The bytes of a request with these variables. The floor takes them as they are; it knows no
    /// tokens, and whoever asks says who they are.
    pub fn request(self, kind: Kind, variables: &Value, asker: &Asker) -> Vec<u8> {
        match self {
            Self::Service => {
                let body = json!({ "query": kind.document(), "variables": variables });
                http::post("/graphql", Some(&asker.token), body.to_string().as_bytes())
            }
            Self::Floor => {
                let mut body = variables.clone();
                if kind == Kind::Claim {
                    body["assigneeId"] = json!(asker.account);
                }
                let path = format!("/{}", kind.name());
                http::post(&path, None, body.to_string().as_bytes())
            }
        }
    }
}

/// Who asks.
pub struct Asker {
    /// Their account.
    pub account: String,
    /// What shows it.
    pub token: String,
}
