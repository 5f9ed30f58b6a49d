//! Organisations in the schema.

use std::sync::Arc;

use async_graphql::connection::EmptyFields;
use async_graphql::{Context, ID, Object};
use stoa_domain::organization;
use stoa_persistence::picked::Column;

use super::accounts::Account;
use super::connection::{MOST_IN_BULK, PageArguments, Pages};
use super::error::{Code, Failure};
use super::plain::{self, Part, Picking};
use super::prompt::{AtHand, Prompt};
use super::scope::{Scope, parse};
use crate::graphql::scalars::DateTime;

/// A project, school, company or charity.
pub struct Organization(pub Arc<organization::Organization>);

impl From<organization::Organization> for Organization {
    fn from(it: organization::Organization) -> Self {
        Self(Arc::new(it))
    }
}

/// A project, school, company or charity.
#[Object]
impl Organization {
    /// Global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Its name, as it was written first.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Registrable domain of its website or mail, if one is known.
    async fn domain(&self) -> Option<&str> {
        self.0.domain.as_deref()
    }

    /// Address of its source code, if one is known.
    async fn repository(&self) -> Option<&str> {
        self.0.repository.as_deref()
    }

    /// When it first applied.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// Who speaks for it; null where the viewer may not read personal data.
    async fn owner(&self, ctx: &Context<'_>) -> Option<Result<Prompt<Account>, Failure>> {
        let loaded = Scope::of(ctx).load(self.0.owner).await;
        loaded.map(|it| it.map(|it| Prompt::Value(Account(it))))
    }
}

impl AtHand for Organization {
    fn at_hand(&self, field: &str) -> bool {
        field != "owner"
    }

    fn part(field: &str, picking: &mut Picking<'_>) -> Option<Part> {
        Some(match field {
            "id" => picking.column(Column::Id, plain::id::<organization::Organization>),
            "name" => picking.column(Column::Name, plain::text),
            "domain" => picking.column(Column::Domain, plain::text),
            "repository" => picking.column(Column::Repository, plain::text),
            "createdAt" => picking.column(Column::CreatedAt, plain::time),
            _ => return None,
        })
    }
}

/// Queries on organisations.
#[derive(Default)]
pub struct OrganizationQueries;

#[Object]
impl OrganizationQueries {
    /// The organisation with this id; null when there is none, or none for this viewer.
    async fn organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organisation's global id.")] id: ID,
    ) -> Option<Result<Prompt<Organization>, Failure>> {
        let scope = Scope::of(ctx);
        if let Err(failure) = scope.signed_in() {
            return Some(Err(failure));
        }
        let loaded = scope.view.organization(parse(&id)?).await;
        loaded
            .map_err(Failure::from)
            .transpose()
            .map(|it| it.map(|it| Prompt::Value(it.into())))
    }

    /// Organisations that applied to, or are members of, the viewer's programs; an applicant's own. Oldest first.
    async fn organizations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Part of the name, whatever its case.")] search: Option<String>,
        #[graphql(desc = "Rows from the start: 20 unless asked, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "The same from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<Result<Pages<Organization>, Failure>> {
        let scope = Scope::of(ctx);
        let read = async {
            scope.signed_in()?;
            if search
                .as_ref()
                .is_some_and(|text| text.chars().count() > 200)
            {
                return Err(Failure::new(Code::BadUserInput(
                    "`search` takes at most 200 characters.",
                )));
            }
            let search = search.filter(|text| !text.trim().is_empty());
            let page = PageArguments::new(first, after, last, before);
            let page = page.page(MOST_IN_BULK, &search)?;
            let slice = scope
                .view
                .organizations(search.as_deref(), &page.page)
                .await?;
            Ok(page.connection(slice, EmptyFields, |it| Prompt::Value(it.into())))
        };
        Some(Box::pin(read).await)
    }
}
