//! Memberships in the schema.

use async_graphql::connection::EmptyFields;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use stoa_domain::membership;
use stoa_persistence::Near;
use stoa_persistence::picked::{Column, Of};

use super::applications::Application;
use super::applications::queries::filtered;
use super::connection::{MOST_IN_BULK, PageArguments, Pages};
use super::enums::BenefitKind;
use super::error::Failure;
use super::organizations::Organization;
use super::plain::{self, Part, Picking, Plan};
use super::programs::Program;
use super::prompt::{AtHand, Prompt, beside};
use super::scope::{Scope, bounded, parse};
use crate::graphql::scalars::{Date, DateTime};

/// An organisation's place in a program.
pub struct Membership(pub membership::Membership, pub Near);

impl From<membership::Membership> for Membership {
    fn from(it: membership::Membership) -> Self {
        Self(it, Near::default())
    }
}

impl AtHand for Membership {
    fn at_hand(&self, field: &str) -> bool {
        match field {
            "program" => self.1.program.is_some(),
            "organization" => self.1.organization.is_some(),
            "application" => false,
            _ => true,
        }
    }

    fn part(field: &str, picking: &mut Picking<'_>) -> Option<Part> {
        Some(match field {
            "id" => picking.column(Column::Id, plain::id::<membership::Membership>),
            "version" => picking.column(Column::Version, plain::number),
            "startedAt" => picking.column(Column::StartedAt, plain::time),
            "endsBefore" => picking.column(Column::EndsOn, plain::day),
            "program" => picking.beside::<Program>(Of::Program)?,
            "organization" => picking.beside::<Organization>(Of::Organization)?,
            _ => return None,
        })
    }
}

/// The time for which benefits are granted: half-open, in days of the program's time zone.
#[derive(SimpleObject)]
#[graphql(name = "MembershipTerm")]
pub struct Term {
    /// First day.
    starts_on: Date,
    /// First day after it.
    ends_before: Date,
    /// What is granted.
    grants: Vec<Grant>,
}

/// One benefit, given in a term.
#[derive(SimpleObject)]
pub struct Grant {
    /// The benefit's key in the revision.
    benefit: String,
    /// Its name.
    name: String,
    /// What kind of thing it is.
    kind: BenefitKind,
    /// How many; null means without a limit.
    quantity: Option<u32>,
}

impl From<membership::Term> for Term {
    fn from(term: membership::Term) -> Self {
        let grants = term.grants.into_iter();
        Self {
            starts_on: term.starts_on.into(),
            ends_before: term.ends_on.into(),
            grants: grants
                .map(|grant| Grant {
                    benefit: grant.benefit,
                    name: grant.name,
                    kind: grant.kind.into(),
                    quantity: grant.quantity,
                })
                .collect(),
        }
    }
}

/// An organisation's place in a program.
#[Object]
impl Membership {
    /// Global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Counts every change, from 1.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When it began.
    async fn started_at(&self) -> DateTime {
        self.0.started_at.into()
    }

    /// The first day after its last term.
    async fn ends_before(&self) -> Option<Date> {
        self.0.ends_on().map(Into::into)
    }

    /// Its terms, oldest first.
    async fn terms(&self) -> Vec<Term> {
        self.0.terms.iter().cloned().map(Into::into).collect()
    }

    /// The program.
    async fn program(&self, ctx: &Context<'_>) -> Option<Result<Prompt<Program>, Failure>> {
        let near = self.1.program.clone();
        let found = Scope::of(ctx).near(self.0.program, near).await;
        found.map(|it| it.map(|it| Prompt::Value(Program(it))))
    }

    /// The member.
    async fn organization(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<Prompt<Organization>, Failure>> {
        let near = self.1.organization.clone();
        let found = Scope::of(ctx).near(self.0.organization, near).await;
        found.map(|it| it.map(|it| Prompt::Value(Organization(it))))
    }

    /// The application it came from; null for those who may not read applications.
    async fn application(&self, ctx: &Context<'_>) -> Option<Result<Application, Failure>> {
        let loaded = Scope::of(ctx).load(self.0.application).await;
        loaded.map(|it| it.map(Application::from))
    }
}

/// Which memberships. Several conditions must all hold.
#[derive(InputObject, Default)]
pub struct MembershipFilter {
    /// Of this program.
    program_id: Option<ID>,
    /// Of this organisation.
    organization_id: Option<ID>,
    /// Whose last term has not ended on this day.
    active_on: Option<Date>,
}

/// Queries on memberships.
#[derive(Default)]
pub struct MembershipQueries;

#[Object]
impl MembershipQueries {
    /// The membership with this id; null when there is none, or none for this viewer.
    async fn membership(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The membership's global id.")] id: ID,
    ) -> Option<Result<Membership, Failure>> {
        let scope = Scope::of(ctx);
        if let Err(failure) = scope.signed_in() {
            return Some(Err(failure));
        }
        let id = parse(&id)?;
        let loaded = scope.view.memberships_by_id(&[id]).await;
        match loaded {
            Ok(mut found) => found.pop().map(|it| Ok(it.into())),
            Err(error) => Some(Err(error.into())),
        }
    }

    /// Memberships of the viewer's programs, or of an applicant's own organisations. Oldest first;
    /// at most 500 a page, so that an integration can read them all.
    async fn memberships(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; without it all that exist for the viewer.")] filter: Option<
            MembershipFilter,
        >,
        #[graphql(desc = "Rows from the start: 20 unless asked, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "The same from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<Result<Pages<Membership>, Failure>> {
        let scope = Scope::of(ctx);
        let read = async {
            scope.signed_in()?;
            let filter = filter.unwrap_or_default();
            let active_on = filter.active_on.map(|day| day.0);
            active_on.into_iter().try_for_each(bounded)?;
            let program = filtered(filter.program_id)?;
            let organization = filtered(filter.organization_id)?;
            let page = PageArguments::new(first, after, last, before);
            let page = page.page(MOST_IN_BULK, &(program, organization, active_on))?;
            let view = &scope.view;
            if let Some(plan) = Plan::of_page::<Membership>(ctx) {
                let (page, picked) = (&page, &plan.picked);
                let read =
                    view.picked_memberships(program, organization, active_on, &page.page, picked);
                if let Some(slice) = plan.page(read.await?) {
                    return Ok(page.connection(slice, EmptyFields, |it| it));
                }
            }
            let slice = view
                .memberships(program, organization, active_on, &page.page, beside(ctx))
                .await?;
            Ok(page.connection(slice, EmptyFields, |(it, near)| {
                Prompt::Value(Membership(it, near))
            }))
        };
        Some(Box::pin(read).await)
    }
}
