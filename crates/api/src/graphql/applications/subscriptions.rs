//! Following applications as they change.

use async_graphql::{Context, ID, SimpleObject, Subscription};
use futures_util::FutureExt;
use futures_util::stream::{self, BoxStream, StreamExt};
use stoa_domain::application;
use stoa_domain::id::Id;
use stoa_persistence::{ApplicationFilter as Filter, StoreError, Wanted};

use super::Application;
use super::queries::ApplicationFilter;
use crate::graphql::activities::Activity;
use crate::graphql::error::{Code, Failure};
use crate::graphql::following::{Following, Now, Step};
use crate::graphql::scope::parse;

/// A change of an application, and its place for those who come back.
#[derive(SimpleObject)]
pub struct ApplicationEvent {
    /// Where the event stands. Give the last one seen as `after`, and nothing is missed.
    pub cursor: String,
    /// The application as it is when the event is told, which can be later than the change. Null only in the
    /// first event of `applicationsChanged`, which tells where the log stands.
    pub application: Option<Application>,
    /// The line of the log that explains the change; null in the first event, and where the viewer may not read it.
    pub activity: Option<Activity>,
    /// Whether the filter lets the application through now. One that it let through before belongs
    /// to the list no longer.
    pub matches: bool,
}

/// Subscriptions on applications.
#[derive(Default)]
pub struct ApplicationSubscriptions;

#[Subscription]
impl ApplicationSubscriptions {
    /// The application as it is now, and again for every line of the log that concerns it, as long
    /// as the viewer may see it. With `after` only what happened since, and what happens.
    async fn application_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The application to follow.")] application_id: ID,
        #[graphql(desc = "Go on after this event: first what happened since, then what happens.")]
        after: Option<String>,
    ) -> Result<BoxStream<'static, ApplicationEvent>, Failure> {
        let id = parse(&application_id);
        let wanted = Wanted {
            application: id,
            ..Wanted::default()
        };
        let following = Following::begin(ctx, after, wanted).await?;
        let id = id.ok_or(Failure::new(Code::BadUserInput(
            "`applicationId` is not the id of an application.",
        )))?;
        // Whoever may not see it learns nothing more: neither that it exists nor when it changes.
        let Some(found) = following.view().application(id).await? else {
            return Ok(stream::empty().boxed());
        };
        let first = following.begins_now().then(|| ApplicationEvent {
            cursor: following.cursor(),
            application: Some(found.into()),
            activity: None,
            matches: true,
        });
        Ok(following.stream(first, move |now| one(now, id).boxed()))
    }

    /// Every change of an application that exists for the viewer. Without `after` an event without
    /// an application comes first: what happens after it will be told, so read the list then.
    ///
    /// Of the filter only `programId` keeps events away; whether the rest lets the application through
    /// is told by `matches`, because a list must also hear of what leaves it.
    async fn applications_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The list that is shown; without it all that exist for the viewer.")]
        filter: Option<ApplicationFilter>,
        #[graphql(desc = "Go on after this event: first what happened since, then what happens.")]
        after: Option<String>,
    ) -> Result<BoxStream<'static, ApplicationEvent>, Failure> {
        let filter = filter.map(ApplicationFilter::read).transpose()?;
        let wanted = Wanted {
            program: filter.as_ref().and_then(|filter| filter.program),
            ..Wanted::default()
        };
        let following = Following::begin(ctx, after, wanted).await?;
        if !following.view().actor().meets_applications() {
            return Ok(stream::empty().boxed());
        }
        let first = following.begins_now().then(|| ApplicationEvent {
            cursor: following.cursor(),
            application: None,
            activity: None,
            matches: false,
        });
        Ok(following.stream(first, move |now| any(now, filter.clone()).boxed()))
    }
}

/// A line, told to somebody who follows one application.
async fn one(
    now: Now,
    id: Id<application::Application>,
) -> Result<Step<ApplicationEvent>, StoreError> {
    let Some(found) = now.view.application(id).await? else {
        return Ok(Step::End);
    };
    if !now.asked_for {
        return Ok(Step::Skip);
    }
    told(now, found, true).await
}

/// A line, told to somebody who follows all they may see.
async fn any(now: Now, filter: Option<Filter>) -> Result<Step<ApplicationEvent>, StoreError> {
    if !now.view.actor().meets_applications() {
        return Ok(Step::End);
    }
    let Some(id) = now.logged.activity.application.filter(|_| now.asked_for) else {
        return Ok(Step::Skip);
    };
    let Some(found) = now.view.application(id).await? else {
        return Ok(Step::Skip);
    };
    let matches = match &filter {
        Some(filter) => now.view.application_fits(id, filter).await?,
        None => true,
    };
    told(now, found, matches).await
}

async fn told(
    now: Now,
    found: application::Application,
    matches: bool,
) -> Result<Step<ApplicationEvent>, StoreError> {
    let line = now.view.activity(now.logged.sequence).await?;
    Ok(Step::Tell(ApplicationEvent {
        cursor: now.cursor,
        application: Some(found.into()),
        activity: line.map(Activity),
        matches,
    }))
}
