//! Reading applications.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use stoa_domain::id::{Id, Noun};
use stoa_persistence::{ApplicationFilter as Filter, ApplicationOrder as Order};

use super::Application;
use super::surroundings::Surroundings;
use crate::graphql::connection::{MOST, PageArguments, Pages};
use crate::graphql::enums::{ApplicationKind, ApplicationStatus};
use crate::graphql::error::{Code, Failure};
use crate::graphql::plain::Plan;
use crate::graphql::prompt::{Prompt, Written, beside};
use crate::graphql::scalars::DateTime;
use crate::graphql::scope::{Scope, bounded, parse};

/// Which applications. Several conditions must all hold.
#[derive(InputObject, Default)]
pub struct ApplicationFilter {
    /// Of this program.
    program_id: Option<ID>,
    /// In one of these states.
    statuses: Option<Vec<ApplicationStatus>>,
    /// Of one of these kinds.
    kinds: Option<Vec<ApplicationKind>>,
    /// Worked on by this person.
    assignee_id: Option<ID>,
    /// Worked on by nobody.
    unassigned: Option<bool>,
    /// Of this organisation.
    organization_id: Option<ID>,
    /// With this external id.
    external_id: Option<String>,
    /// Handed in at or after this time.
    submitted_from: Option<DateTime>,
    /// Handed in before this time.
    submitted_before: Option<DateTime>,
    /// Whose promise is due at or after this time.
    due_from: Option<DateTime>,
    /// Whose promise is due before this time: with the present time, those that are late.
    due_before: Option<DateTime>,
    /// Whose organisation's name contains this text, whatever its case.
    search: Option<String>,
}

/// The order of applications.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Default)]
pub enum ApplicationOrder {
    /// The promise that is due first; paused and ended ones last.
    DueFirst,
    /// The newest first.
    #[default]
    NewestFirst,
    /// The oldest first.
    OldestFirst,
}

impl From<ApplicationOrder> for Order {
    fn from(order: ApplicationOrder) -> Self {
        match order {
            ApplicationOrder::DueFirst => Self::DueFirst,
            ApplicationOrder::NewestFirst => Self::NewestFirst,
            ApplicationOrder::OldestFirst => Self::OldestFirst,
        }
    }
}

/// An id in a filter: one of another kind is a developer's mistake and not an empty list.
pub fn filtered<T: Noun>(id: Option<ID>) -> Result<Option<Id<T>>, Failure> {
    id.map(|id| {
        parse(&id).ok_or(Failure::new(Code::BadUserInput(
            "An id in the arguments is not one of the kind the argument takes.",
        )))
    })
    .transpose()
}

impl ApplicationFilter {
    pub(super) fn read(self) -> Result<Filter, Failure> {
        let lists = [
            self.statuses.as_ref().map(Vec::len),
            self.kinds.as_ref().map(Vec::len),
        ];
        if lists.into_iter().flatten().any(|length| length > 50) {
            return Err(Failure::new(Code::BadUserInput(
                "A list in the filter takes at most 50 entries.",
            )));
        }
        if self
            .search
            .as_ref()
            .is_some_and(|text| text.chars().count() > 200)
        {
            return Err(Failure::new(Code::BadUserInput(
                "`search` takes at most 200 characters.",
            )));
        }
        let times = [
            self.submitted_from,
            self.submitted_before,
            self.due_from,
            self.due_before,
        ];
        let mut times = times.into_iter().flatten();
        times.try_for_each(|time| bounded(time.0))?;
        Ok(Filter {
            program: filtered(self.program_id)?,
            statuses: self
                .statuses
                .map(|list| list.into_iter().map(Into::into).collect()),
            kinds: self
                .kinds
                .map(|list| list.into_iter().map(Into::into).collect()),
            assignee: filtered(self.assignee_id)?,
            unassigned: self.unassigned,
            organization: filtered(self.organization_id)?,
            external_id: self.external_id,
            submitted_from: self.submitted_from.map(Into::into),
            submitted_before: self.submitted_before.map(Into::into),
            due_from: self.due_from.map(Into::into),
            due_before: self.due_before.map(Into::into),
            search: self.search.filter(|text| !text.trim().is_empty()),
        })
    }
}

/// Counted only when it is asked for.
pub struct ApplicationCount(Filter);

/// Counted only when it is asked for.
#[Object]
impl ApplicationCount {
    /// How many applications the filter lets through, on all pages.
    async fn total_count(&self, ctx: &Context<'_>) -> Option<Result<u64, Failure>> {
        let counted = Scope::of(ctx).view.application_count(&self.0).await;
        Some(counted.map_err(Into::into))
    }
}

/// Queries on applications.
#[derive(Default)]
pub struct ApplicationQueries;

#[Object]
impl ApplicationQueries {
    /// The application with this id; null when there is none, or none for this viewer.
    async fn application(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The application's global id.")] id: ID,
    ) -> Option<Result<Prompt<Application>, Failure>> {
        let scope = Scope::of(ctx);
        if let Err(failure) = scope.signed_in() {
            return Some(Err(failure));
        }
        let read = async {
            let id = parse(&id)?;
            if let Some(plan) = Plan::of_one::<Application>(ctx) {
                let (row, around) = match Surroundings::read(ctx, id, &plan).await {
                    Ok(found) => found?,
                    Err(failure) => return Some(Err(failure)),
                };
                if let Some(value) = plan.write(&row) {
                    let later = plan.later().cloned().collect();
                    let written = Written::within(value, around, later);
                    return Some(Ok(Prompt::Written(written)));
                }
            }
            let loaded = scope.view.application_with(id, beside(ctx)).await;
            let loaded = loaded.map_err(Failure::from).transpose();
            loaded.map(|it| it.map(|(it, near)| Prompt::Value(Application(it, near))))
        };
        Box::pin(read).await
    }

    /// Applications that exist for this viewer: an applicant's own, or those handed in to the
    /// programs a member of the team works for.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn applications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; without it all that exist for the viewer.")] filter: Option<
            ApplicationFilter,
        >,
        #[graphql(default, desc = "In which order; cursors belong to one.")]
        order: ApplicationOrder,
        #[graphql(desc = "Rows from the start: 20 unless asked, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "The same from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<Result<Pages<Application, ApplicationCount>, Failure>> {
        let scope = Scope::of(ctx);
        let read = async {
            scope.signed_in()?;
            let filter = filter.unwrap_or_default().read()?;
            let page = PageArguments::new(first, after, last, before).page(MOST, &filter)?;
            if let Some(plan) = Plan::of_page::<Application>(ctx) {
                let (view, order, picked) = (&scope.view, order.into(), &plan.picked);
                let read = view.picked_applications(&filter, order, &page.page, picked);
                if let Some(slice) = plan.page(read.await?) {
                    let count = ApplicationCount(filter);
                    return Ok(page.connection(slice, count, |it| it));
                }
            }
            let slice = scope
                .view
                .applications_with(&filter, order.into(), &page.page, beside(ctx))
                .await?;
            Ok(
                page.connection(slice, ApplicationCount(filter), |(it, near)| {
                    Prompt::Value(Application(it, near))
                }),
            )
        };
        Some(Box::pin(read).await)
    }
}
