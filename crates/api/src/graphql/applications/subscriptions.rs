//! Following an application as it changes.

use async_graphql::{Context, ID, Subscription};
use futures_util::stream::{self, BoxStream, StreamExt};
use stoa_domain::actor::Actor;
use stoa_domain::application;
use stoa_domain::id::Id;
use tokio::sync::broadcast::error::RecvError;

use super::Application;
use crate::graphql::error::{Code, Failure};
use crate::graphql::scope::{Scope, parse};
use crate::service::Service;

/// Subscriptions on applications.
#[derive(Default)]
pub struct ApplicationSubscriptions;

#[Subscription]
impl ApplicationSubscriptions {
    /// The application as it is now, and again after every change, as long as the viewer may see it.
    async fn application_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The application to follow.")] application_id: ID,
    ) -> Result<BoxStream<'static, Application>, Failure> {
        let scope = Scope::of(ctx);
        scope.signed_in()?;
        let id = parse(&application_id).ok_or(Failure::new(Code::BadUserInput(
            "`applicationId` is not the id of an application.",
        )))?;
        let service = scope.service.clone();
        let actor = scope.actor().clone();
        // Listening begins before the first read, so that no change falls between the two.
        let changes = service.store.changes();
        let first = seen(&service, &actor, id).await?;
        // Whoever may not see it learns nothing more: neither that it exists nor when it changes.
        let Some(first) = first else {
            return Ok(stream::empty().boxed());
        };
        let begin = stream::iter([first]);
        let follow = stream::unfold(
            (service, actor, changes),
            move |(service, actor, mut changes)| async move {
                loop {
                    match changes.recv().await {
                        Ok(changed) if changed != id => {}
                        // Whoever lagged behind reads the present state: nothing is missed but steps in between.
                        Ok(_) | Err(RecvError::Lagged(_)) => {
                            let now = seen(&service, &actor, id).await.ok()??;
                            return Some((now, (service, actor, changes)));
                        }
                        Err(RecvError::Closed) => return None,
                    }
                }
            },
        );
        Ok(begin.chain(follow).boxed())
    }
}

/// The application, if it still exists for this account with the roles it holds now.
async fn seen(
    service: &Service,
    actor: &Actor,
    id: Id<application::Application>,
) -> Result<Option<Application>, Failure> {
    let Some(actor) = service.renewed(actor).await? else {
        return Ok(None);
    };
    let found = service.store.view(&actor).application(id).await?;
    Ok(found.map(Application))
}
