//! Which applications a list shows.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, QueryTrait, Select};
use stoa_domain::account::Account;
use stoa_domain::application::{Kind, Status};
use stoa_domain::id::Id;
use stoa_domain::organization::Organization;
use stoa_domain::program::Program;
use stoa_domain::{Timestamp, text};

use crate::entity::applications::{Column, Entity};
use crate::entity::organizations;
use crate::row::name;
use crate::{View, visibility};

/// Which applications.
#[derive(Clone, Debug, Default)]
pub struct ApplicationFilter {
    /// Of this program.
    pub program: Option<Id<Program>>,
    /// In one of these states.
    pub statuses: Option<Vec<Status>>,
    /// Of one of these kinds.
    pub kinds: Option<Vec<Kind>>,
    /// Worked on by this person.
    pub assignee: Option<Id<Account>>,
    /// Worked on by nobody, or by somebody.
    pub unassigned: Option<bool>,
    /// Of this organisation.
    pub organization: Option<Id<Organization>>,
    /// With this external id.
    pub external_id: Option<String>,
    /// Handed in at or after.
    pub submitted_from: Option<Timestamp>,
    /// Handed in before.
    pub submitted_before: Option<Timestamp>,
    /// Whose promise is due at or after.
    pub due_from: Option<Timestamp>,
    /// Whose promise is due before.
    pub due_before: Option<Timestamp>,
    /// Whose organisation's name contains this.
    pub search: Option<String>,
}

impl View {
    /// Those that the filter lets through.
    pub(super) fn filtered(&self, filter: &ApplicationFilter) -> Select<Entity> {
        let mut select = visibility::applications(&self.actor);
        if let Some(program) = filter.program {
            select = select.filter(Column::ProgramId.eq(program.uuid()));
        }
        if let Some(statuses) = &filter.statuses {
            let mut stored: Vec<Status> = statuses.clone();
            // An applicant is told IN_REVIEW of what waits inside the team: the filter must say the same.
            if self.actor.is_applicant() && statuses.contains(&Status::InReview) {
                stored.extend([Status::OnHold, Status::AwaitingApproval]);
            } else if self.actor.is_applicant() {
                stored.retain(|s| !matches!(s, Status::OnHold | Status::AwaitingApproval));
            }
            select = select.filter(Column::Status.is_in(stored.iter().map(name)));
        }
        if let Some(kinds) = &filter.kinds {
            select = select.filter(Column::Kind.is_in(kinds.iter().map(name)));
        }
        // Who works on an application is not for applicants, so they cannot ask by it either.
        if self.actor.is_applicant() && (filter.assignee.is_some() || filter.unassigned.is_some()) {
            select = select.filter(Expr::value(false));
        }
        if let Some(assignee) = filter.assignee {
            select = select.filter(Column::AssigneeId.eq(assignee.uuid()));
        }
        if let Some(unassigned) = filter.unassigned {
            select = select.filter(if unassigned {
                Column::AssigneeId.is_null()
            } else {
                Column::AssigneeId.is_not_null()
            });
        }
        if let Some(organization) = filter.organization {
            select = select.filter(Column::OrganizationId.eq(organization.uuid()));
        }
        if let Some(external_id) = &filter.external_id {
            select = select.filter(Column::ExternalId.eq(external_id.as_str()));
        }
        if let Some(from) = filter.submitted_from {
            select = select.filter(Column::SubmittedAt.gte(from));
        }
        if let Some(before) = filter.submitted_before {
            select = select.filter(Column::SubmittedAt.lt(before));
        }
        if let Some(from) = filter.due_from {
            select = select.filter(Column::DueAt.gte(from));
        }
        if let Some(before) = filter.due_before {
            select = select.filter(Column::DueAt.lt(before));
        }
        if let Some(search) = &filter.search {
            let named = visibility::organizations(&self.actor)
                .select_only()
                .column(organizations::Column::Id)
                .filter(organizations::Column::ComparableName.contains(text::comparable(search)))
                .into_query();
            select = select.filter(Column::OrganizationId.in_subquery(named));
        }
        select
    }
}
