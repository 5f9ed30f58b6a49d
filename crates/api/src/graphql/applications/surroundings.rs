//! What lies around an application: read by its id alone, whether or not the rest of it is read.

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::{Context, Json, Object};
use serde_json::{Map, Value};
use stoa_domain::id::Id;
use stoa_domain::{application, facts, program};

use super::parts::{Message, UnreadAnswer};
use crate::graphql::activities::Activity;
use crate::graphql::connection::{MOST, Opaque, PageArguments, Pages};
use crate::graphql::error::Failure;
use crate::graphql::loaders::{AnswersOf, MembershipOf};
use crate::graphql::memberships::Membership;
use crate::graphql::plain::Plan;
use crate::graphql::prompt::{Prompt, Written};
use crate::graphql::scope::Scope;

/// What lies around an application.
pub struct Surroundings(pub Id<application::Application>);

/// What lies around an application: its fields are the application's.
#[Object(name = "ApplicationSurroundings")]
impl Surroundings {
    /// Answers by form field.
    async fn answers(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<Json<Map<String, Value>>, Failure>> {
        self.load_answers(ctx)
            .await
            .map(|it| it.map(|answers| Json(answers.values)))
    }

    /// Imported answers that could not be read as the form asks. They are unknown, not guessed;
    /// here is what was written.
    async fn unread_answers(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<Vec<UnreadAnswer>, Failure>> {
        self.load_answers(ctx).await.map(|it| {
            it.map(|answers| {
                let unread = answers.unread.into_iter();
                unread
                    .map(|(field, raw)| UnreadAnswer { field, raw })
                    .collect()
            })
        })
    }

    /// Messages between the team and the applicant, oldest first.
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the start: 20 unless asked, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "The same from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<Opaque, Message, EmptyFields>, Failure>> {
        let scope = Scope::of(ctx);
        let read = async {
            let page = PageArguments::new(first, after, last, before).page(MOST, &self.0)?;
            let slice = scope.view.messages(self.0, &page.page).await?;
            Ok(page.connection(slice, EmptyFields, Message))
        };
        Some(Box::pin(read).await)
    }

    /// What happened to it, newest first. Applicants read the public lines.
    async fn activities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the start: 20 unless asked, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "The same from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<Result<Pages<Activity>, Failure>> {
        let scope = Scope::of(ctx);
        let read = async {
            let program: Option<Id<program::Program>> = None;
            let page = PageArguments::new(first, after, last, before)
                .page(MOST, &(Some(self.0), program))?;
            let this = Some(self.0);
            if let Some(plan) = Plan::of_page::<Activity>(ctx) {
                let read =
                    scope
                        .view
                        .picked_activities(this, program, true, &page.page, &plan.picked);
                if let Some(slice) = plan.page(read.await?) {
                    return Ok(
                        page.connection(slice, EmptyFields, |it| Prompt::Written(Written::new(it)))
                    );
                }
            }
            let slice = scope
                .view
                .activities(this, program, true, &page.page)
                .await?;
            Ok(page.connection(slice, EmptyFields, |it| Prompt::Value(Activity(it))))
        };
        Some(Box::pin(read).await)
    }

    /// The membership it led to; null until it is approved.
    async fn membership(&self, ctx: &Context<'_>) -> Option<Result<Membership, Failure>> {
        let loaded = Scope::of(ctx).load(MembershipOf(self.0)).await;
        loaded.map(|it| it.map(Membership::from))
    }
}

impl Surroundings {
    async fn load_answers(&self, ctx: &Context<'_>) -> Option<Result<facts::Answers, Failure>> {
        Scope::of(ctx).load(AnswersOf(self.0)).await
    }
}
