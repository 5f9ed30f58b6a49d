//! The log in the schema.

use async_graphql::connection::EmptyFields;
use async_graphql::{Context, Enum, ID, Json, Object, SimpleObject, Subscription};
use futures_util::FutureExt;
use futures_util::stream::{self, BoxStream, StreamExt};
use serde_json::Value;
use stoa_domain::actor::{Permission, Visibility};
use stoa_domain::change::{Logged, Subject};
use stoa_persistence::picked::Column;
use stoa_persistence::{StoreError, Wanted};

use super::accounts::Account;
use super::applications::Application;
use super::applications::queries::filtered;
use super::connection::{MOST, PageArguments, Pages};
use super::enums::{ActivityVerb, Mode};
use super::error::Failure;
use super::following::{Following, Now, Step};
use super::plain::{self, Part, Picking, Plan};
use super::programs::Program;
use super::prompt::{AtHand, Prompt};
use super::scope::Scope;
use crate::graphql::scalars::DateTime;

/// One line of the append-only log: who did what to what, when, and in which mode.
pub struct Activity(pub Logged);

/// The prefix of a line's id.
pub const PREFIX: &str = "act_";

/// The kinds of thing a line can be about.
#[derive(Enum, Copy, Clone, Eq, PartialEq)]
pub enum SubjectKind {
    /// An application.
    Application,
    /// A program.
    Program,
    /// A membership.
    Membership,
    /// An account.
    Account,
}

/// One line of the append-only log: who did what to what, when, and in which mode.
#[Object]
impl Activity {
    /// Global id. Ids grow with the log.
    pub async fn id(&self) -> ID {
        format!("{PREFIX}{}", self.0.sequence).into()
    }

    /// What happened.
    async fn verb(&self) -> ActivityVerb {
        self.0.activity.verb.into()
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.0.activity.at.into()
    }

    /// By hand, by the service, or by another system.
    async fn mode(&self) -> Mode {
        self.0.activity.mode.into()
    }

    /// Who did it; null for the service itself, and where the viewer may not see them.
    async fn account(&self, ctx: &Context<'_>) -> Option<Result<Account, Failure>> {
        let loaded = Scope::of(ctx).load(self.0.activity.account?).await;
        loaded.map(|it| it.map(Account))
    }

    /// Whether an administrator did it in that account's name.
    async fn impersonated(&self) -> bool {
        self.0.activity.impersonator.is_some()
    }

    /// Who really did it, in the account's name; null where nobody did, and where the viewer may not
    /// see them.
    async fn impersonator(&self, ctx: &Context<'_>) -> Option<Result<Account, Failure>> {
        let by = self.0.activity.impersonator?;
        let loaded = Scope::of(ctx).load(by).await;
        loaded.map(|it| it.map(Account))
    }

    /// What kind of thing it is about.
    async fn subject_kind(&self) -> SubjectKind {
        match self.0.activity.subject {
            Subject::Application(_) => SubjectKind::Application,
            Subject::Program(_) => SubjectKind::Program,
            Subject::Membership(_) => SubjectKind::Membership,
            Subject::Account(_) => SubjectKind::Account,
        }
    }

    /// Global id of the thing it is about.
    async fn subject_id(&self) -> ID {
        match self.0.activity.subject {
            Subject::Application(id) => id.to_string(),
            Subject::Program(id) => id.to_string(),
            Subject::Membership(id) => id.to_string(),
            Subject::Account(id) => id.to_string(),
        }
        .into()
    }

    /// The version of the thing that this line explains; 0 where nothing of the thing itself changed.
    async fn version(&self) -> i32 {
        self.0.activity.version
    }

    /// Details, by kind of line; null for applicants.
    async fn details(&self, ctx: &Context<'_>) -> Option<Json<&Value>> {
        (!Scope::of(ctx).actor().is_applicant()).then_some(Json(&self.0.activity.details))
    }

    /// The program it concerns.
    async fn program(&self, ctx: &Context<'_>) -> Option<Result<Program, Failure>> {
        let loaded = Scope::of(ctx).load(self.0.activity.program?).await;
        loaded.map(|it| it.map(Program))
    }

    /// The application it concerns; null where the viewer may not see it.
    async fn application(&self, ctx: &Context<'_>) -> Option<Result<Application, Failure>> {
        let loaded = Scope::of(ctx).load(self.0.activity.application?).await;
        loaded.map(|it| it.map(Application::from))
    }
}

impl AtHand for Activity {
    fn at_hand(&self, field: &str) -> bool {
        !matches!(
            field,
            "account" | "impersonator" | "program" | "application"
        )
    }

    fn part(field: &str, picking: &mut Picking<'_>) -> Option<Part> {
        Some(match field {
            "id" => picking.column(Column::Sequence, plain::line),
            "verb" => picking.column(Column::Verb, plain::name::<ActivityVerb>),
            "at" => picking.column(Column::At, plain::time),
            "mode" => picking.column(Column::Mode, plain::name::<Mode>),
            "version" => picking.column(Column::Version, plain::number),
            _ => return None,
        })
    }
}

/// Queries on the log.
#[derive(Default)]
pub struct ActivityQueries;

#[Object]
impl ActivityQueries {
    /// The log, newest first: of one program, of one application, or all that exists for this viewer.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn activities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only lines that concern this program.")] program_id: Option<ID>,
        #[graphql(desc = "Only lines that concern this application.")] application_id: Option<ID>,
        #[graphql(desc = "Rows from the start: 20 unless asked, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "The same from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<Result<Pages<Activity>, Failure>> {
        let scope = Scope::of(ctx);
        let read = async {
            scope.signed_in()?;
            let (program, application) = (filtered(program_id)?, filtered(application_id)?);
            let page = PageArguments::new(first, after, last, before);
            let page = page.page(MOST, &(application, program))?;
            let view = &scope.view;
            if let Some(plan) = Plan::of_page::<Activity>(ctx) {
                let read =
                    view.picked_activities(application, program, true, &page.page, &plan.picked);
                if let Some(slice) = plan.page(read.await?) {
                    return Ok(page.connection(slice, EmptyFields, |it| it));
                }
            }
            let slice = view
                .activities(application, program, true, &page.page)
                .await?;
            Ok(page.connection(slice, EmptyFields, |it| Prompt::Value(Activity(it))))
        };
        Some(Box::pin(read).await)
    }
}

/// A new line of the log, and its place for those who come back.
#[derive(SimpleObject)]
pub struct ActivityEvent {
    /// Where the event stands. Give the last one seen as `after`, and nothing is missed.
    pub cursor: String,
    /// The line; null in the first event, which only tells where the log stands.
    pub activity: Option<Activity>,
}

/// Subscriptions on the log.
#[derive(Default)]
pub struct ActivitySubscriptions;

#[Subscription]
impl ActivitySubscriptions {
    /// Every line that is added to the log and exists for the viewer, in one order for everybody.
    /// Without `after` an event without a line comes first: what happens after it will be told.
    async fn activity_added(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only lines that concern this program.")] program_id: Option<ID>,
        #[graphql(desc = "Only lines that concern this application.")] application_id: Option<ID>,
        #[graphql(
            desc = "Go on after this event: first what was added since, then what is added."
        )]
        after: Option<String>,
    ) -> Result<BoxStream<'static, ActivityEvent>, Failure> {
        let wanted = Wanted {
            program: filtered(program_id)?,
            application: filtered(application_id)?,
            account: None,
        };
        let following = Following::begin(ctx, after, wanted).await?;
        if following
            .view()
            .actor()
            .visibility(Permission::ReadActivities)
            == Visibility::Nothing
        {
            return Ok(stream::empty().boxed());
        }
        let first = following.begins_now().then(|| ActivityEvent {
            cursor: following.cursor(),
            activity: None,
        });
        Ok(following.stream(first, |now| added(now).boxed()))
    }
}

async fn added(now: Now) -> Result<Step<ActivityEvent>, StoreError> {
    if now.view.actor().visibility(Permission::ReadActivities) == Visibility::Nothing {
        return Ok(Step::End);
    }
    if !now.asked_for {
        return Ok(Step::Skip);
    }
    let seen = now.view.activity(now.logged.sequence).await?;
    Ok(seen.map_or(Step::Skip, |seen| {
        Step::Tell(ActivityEvent {
            cursor: now.cursor,
            activity: Some(Activity(seen)),
        })
    }))
}
