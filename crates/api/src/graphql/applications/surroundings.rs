//! What lies around an application: read by its id alone, whether or not the rest of it is read.

use std::sync::{Mutex, PoisonError};

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::{Context, Json, Object};
use serde_json::{Map, Value};
use stoa_domain::id::Id;
use stoa_domain::{application, facts, program};
use stoa_persistence::picked::PickedRow;

use super::Application;
use super::parts::{Message, UnreadAnswer};
use crate::graphql::activities::Activity;
use crate::graphql::connection::{MOST, Opaque, PageArguments, Paged, Pages};
use crate::graphql::error::Failure;
use crate::graphql::loaders::{AnswersOf, MembershipOf};
use crate::graphql::memberships::Membership;
use crate::graphql::plain::Plan;
use crate::graphql::prompt::{Prompt, flat};
use crate::graphql::scope::Scope;

/// What lies around an application.
pub struct Surroundings {
    application: Id<application::Application>,
    /// Lines of the log that were read with it, for the one field that shows them.
    lines: Mutex<Option<Pages<Activity>>>,
}

impl From<Id<application::Application>> for Surroundings {
    fn from(application: Id<application::Application>) -> Self {
        Self {
            application,
            lines: Mutex::default(),
        }
    }
}

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
            let page =
                PageArguments::new(first, after, last, before).page(MOST, &self.application)?;
            let slice = scope.view.messages(self.application, &page.page).await?;
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
        if let Some(lines) = self.taken_lines() {
            return Some(Ok(lines));
        }
        let scope = Scope::of(ctx);
        let read = async {
            let arguments = PageArguments::new(first, after, last, before);
            let page = page_of_lines(self.application, arguments)?;
            let this = Some(self.application);
            if let Some(plan) = Plan::of_page::<Activity>(ctx) {
                let read = scope
                    .view
                    .picked_activities(this, None, true, &page.page, &plan.picked);
                if let Some(slice) = plan.page(read.await?) {
                    return Ok(page.connection(slice, EmptyFields, |it| it));
                }
            }
            let slice = scope.view.activities(this, None, true, &page.page).await?;
            Ok(page.connection(slice, EmptyFields, |it| Prompt::Value(Activity(it))))
        };
        Some(Box::pin(read).await)
    }

    /// The membership it led to; null until it is approved.
    async fn membership(&self, ctx: &Context<'_>) -> Option<Result<Membership, Failure>> {
        let loaded = Scope::of(ctx).load(MembershipOf(self.application)).await;
        loaded.map(|it| it.map(Membership::from))
    }
}

impl Surroundings {
    /// Reads the planned columns of an application, and what lies around it as far as one statement
    /// brings it: a page of its lines in the log costs half as much there as asked for alone.
    pub async fn read(
        ctx: &Context<'_>,
        id: Id<application::Application>,
        plan: &Plan,
    ) -> Result<Option<(PickedRow, Self)>, Failure> {
        let view = &Scope::of(ctx).view;
        let Some((page, of_lines)) = lines_asked_for(ctx, id) else {
            let row = view.picked_application(id, &plan.picked).await?;
            return Ok(row.map(|row| (row, id.into())));
        };
        let (picked, lines) = (&plan.picked, &of_lines.picked);
        let found = view.picked_application_and_lines(id, picked, &page.page, lines);
        let Some((row, lines)) = found.await? else {
            return Ok(None);
        };
        let lines = of_lines
            .page(lines)
            .map(|lines| page.connection(lines, EmptyFields, |it| it));
        let around = Self {
            application: id,
            lines: Mutex::new(lines),
        };
        Ok(Some((row, around)))
    }

    fn taken_lines(&self) -> Option<Pages<Activity>> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.take()
    }

    async fn load_answers(&self, ctx: &Context<'_>) -> Option<Result<facts::Answers, Failure>> {
        Scope::of(ctx).load(AnswersOf(self.application)).await
    }
}

/// The page of lines that an application is asked for, and how they are written; none where there is
/// not just one such field, or not a plain one.
fn lines_asked_for(ctx: &Context<'_>, id: Id<application::Application>) -> Option<(Paged, Plan)> {
    let set = &ctx.item.node.selection_set;
    let fields = flat::<Application>(ctx.query_env, &set.node)?.into_iter();
    let mut fields = fields.filter(|it| it.node.name.node == "activities");
    let (Some(field), None) = (fields.next(), fields.next()) else {
        return None;
    };
    let set = ctx.with_selection_set(set);
    let field = set.with_field(field);
    let text = |name| field.param_value(name, None).map(|(_, it)| it).ok();
    let number = |name| field.param_value(name, None).map(|(_, it)| it).ok();
    let arguments = PageArguments::new(
        number("first")?,
        text("after")?,
        number("last")?,
        text("before")?,
    );
    let page = page_of_lines(id, arguments).ok()?;
    Some((page, Plan::of_page::<Activity>(&field)?))
}

/// A page of lines of an application. Its cursors are those of the whole log, narrowed down to it.
fn page_of_lines(
    id: Id<application::Application>,
    arguments: PageArguments,
) -> Result<Paged, Failure> {
    let program: Option<Id<program::Program>> = None;
    arguments.page(MOST, &(Some(id), program))
}
