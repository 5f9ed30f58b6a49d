//! Values of the domain as rows: the columns that the service reads, in one place for both engines.
//!
//! The service's own conversion is private to it. What differs here is found out at once: the
//! service reads every row that is asked for, and its answers are compared.

use chrono::{DateTime, Utc};
use serde::Serialize;
use stoa_domain::account::Account;
use stoa_domain::application::{Alert, Application, Assessed, Entered, Resolution, State};
use stoa_domain::change::Activity;
use stoa_domain::criteria::{Evaluation, Finding};
use stoa_domain::facts::Answers;
use stoa_domain::id::Id;
use stoa_domain::membership::Membership;
use stoa_domain::organization::Organization;

use super::cell::{Cell, Cells, Row, Table, json, name};
use crate::Result;

/// Where the queue puts what is not due: 9999-01-01.
const NEVER: DateTime<Utc> = match DateTime::from_timestamp(253_370_764_800, 0) {
    Some(time) => time,
    None => DateTime::<Utc>::MAX_UTC,
};

/// The answers of an application.
pub struct Answered<'a>(pub Id<Application>, pub &'a Answers);

/// The end of an application.
pub struct Ended<'a>(pub &'a Application, pub &'a Resolution);

/// A line of the log and its place.
pub struct Logged(pub i64, pub Activity);

/// The part of an application that no list filters or orders by.
#[derive(Serialize)]
struct Detail<'a> {
    state: &'a State,
    history: &'a [Entered],
    #[serde(skip_serializing_if = "Option::is_none")]
    assessed: Option<&'a Assessed>,
    #[serde(skip_serializing_if = "<[Alert]>::is_empty")]
    alerts: &'a [Alert],
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<&'a Resolution>,
}

/// What an evaluation keeps besides its columns.
#[derive(Serialize)]
struct Body<'a> {
    findings: &'a [Finding],
    reasons: &'a [String],
    limits: &'a [String],
}

impl Row for Account {
    const TABLE: Table = Table {
        name: "accounts",
        columns: "id, version, kind, name, email, grants, created_at, disabled_at",
    };

    fn cells(&self) -> Result<Cells> {
        Ok(vec![
            self.id.into(),
            self.version.into(),
            name(&self.kind)?,
            self.name.as_str().into(),
            self.email.as_str().into(),
            json(&self.grants)?,
            self.created_at.into(),
            self.disabled_at.into(),
        ])
    }
}

impl Row for Organization {
    const TABLE: Table = Table {
        name: "organizations",
        columns: "id, name, comparable_name, domain, repository, owner_id, created_at",
    };

    fn cells(&self) -> Result<Cells> {
        Ok(vec![
            self.id.into(),
            self.name.as_str().into(),
            self.comparable_name().into(),
            self.domain.as_deref().into(),
            self.repository.as_deref().into(),
            self.owner.into(),
            self.created_at.into(),
        ])
    }
}

impl Row for Application {
    const TABLE: Table = Table {
        name: "applications",
        columns: "id, version, program_id, revision_id, kind, organization_id, applicant_id, \
                  external_id, assignee_id, status, submitted_at, due_at, queue_at, \
                  deadline_at, warned_at, wake_at, manual_steps, created_at, detail",
    };

    fn cells(&self) -> Result<Cells> {
        let detail = Detail {
            state: &self.state,
            history: &self.history,
            assessed: self.assessed.as_ref(),
            alerts: &self.alerts,
            resolution: self.resolution.as_ref(),
        };
        Ok(vec![
            self.id.into(),
            self.version.into(),
            self.program.into(),
            self.revision.into(),
            name(&self.kind)?,
            self.organization.into(),
            self.applicant.into(),
            self.external_id.as_deref().into(),
            self.assignee.into(),
            name(&self.status())?,
            self.submitted_at.into(),
            self.due_at.into(),
            self.due_at.unwrap_or(NEVER).into(),
            self.deadline_at.into(),
            self.warned_at.into(),
            self.wake_at.into(),
            self.manual_steps.into(),
            self.created_at.into(),
            json(&detail)?,
        ])
    }
}

impl Row for Answered<'_> {
    const TABLE: Table = Table {
        name: "answers",
        columns: "application_id, body",
    };

    fn cells(&self) -> Result<Cells> {
        Ok(vec![self.0.into(), json(self.1)?])
    }
}

impl Row for Evaluation {
    const TABLE: Table = Table {
        name: "evaluations",
        columns: "id, application_id, revision_id, at, recommendation, body",
    };

    fn cells(&self) -> Result<Cells> {
        let body = Body {
            findings: &self.findings,
            reasons: &self.reasons,
            limits: &self.limits,
        };
        Ok(vec![
            self.id.into(),
            self.application.into(),
            self.revision.into(),
            self.at.into(),
            name(&self.recommendation)?,
            json(&body)?,
        ])
    }
}

impl Row for Ended<'_> {
    const TABLE: Table = Table {
        name: "resolutions",
        columns: "application_id, version, program_id, kind, outcome, mode, person_id, at, \
                  elapsed, promise, team, within_promise, manual_steps, eligibility_automated",
    };

    fn cells(&self) -> Result<Cells> {
        let Self(application, end) = self;
        Ok(vec![
            application.id.into(),
            application.version.into(),
            application.program.into(),
            name(&application.kind)?,
            name(&end.outcome)?,
            name(&end.mode)?,
            end.person.into(),
            end.at.into(),
            end.elapsed.into(),
            end.promise.into(),
            end.team.into(),
            end.within_promise.into(),
            end.manual_steps.into(),
            end.eligibility_automated.into(),
        ])
    }
}

impl Row for Membership {
    const TABLE: Table = Table {
        name: "memberships",
        columns: "id, version, program_id, organization_id, application_id, started_at, \
                  ends_on, terms",
    };

    fn cells(&self) -> Result<Cells> {
        let ends_on = self.ends_on();
        Ok(vec![
            self.id.into(),
            self.version.into(),
            self.program.into(),
            self.organization.into(),
            self.application.into(),
            self.started_at.into(),
            ends_on.ok_or("a membership without a term")?.into(),
            json(&self.terms)?,
        ])
    }
}

impl Row for Logged {
    const TABLE: Table = Table {
        name: "activities",
        columns: "sequence, verb, subject_kind, subject_id, version, account_id, mode, at, \
                  program_id, application_id, revision_id, public, details",
    };

    /// Without the transaction, lines keep its default 0: settled before all that is to come.
    fn cells(&self) -> Result<Cells> {
        let Self(sequence, line) = self;
        Ok(vec![
            (*sequence).into(),
            name(&line.verb)?,
            line.subject.kind().into(),
            Cell::Uuid(line.subject.uuid()),
            line.version.into(),
            line.account.into(),
            name(&line.mode)?,
            line.at.into(),
            line.program.into(),
            line.application.into(),
            line.revision.into(),
            line.verb.is_public().into(),
            json(&line.details)?,
        ])
    }
}
