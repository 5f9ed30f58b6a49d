//! The one way to execution, whatever a request came by.

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response as Answer};
use futures_util::stream::{self, Stream, StreamExt};
use stoa_domain::actor::Actor;
use tracing::{Instrument, Span};

use super::refused::{Refused, error};
use super::request::is_persisted;
use super::request_id::RequestId;
use super::{Shared, answer, operation};
use crate::graphql::scope::Scope;

/// A request that may run.
pub struct Admitted {
    request: Request,
    /// The document's text, for errors that have to be told apart.
    document: String,
    /// What its operation is.
    pub kind: OperationType,
}

/// Lets a request in, or says why not. Every transport asks here, and nothing runs without.
pub fn admit(shared: &Shared, mut request: Request, actor: &Actor) -> Result<Admitted, Refused> {
    if request.query.is_empty() && is_persisted(&request.extensions) {
        // Apollo's clients send the text once they read this.
        let text = "PersistedQueryNotSupported";
        let error = error("PERSISTED_QUERY_NOT_SUPPORTED", text, Vec::new());
        return Err(Refused::document(error));
    }
    let kind = operation::find(&mut request)?;
    let document = std::mem::take(&mut request.query);
    let scope = Scope::new(shared.service.clone(), actor);
    if kind == OperationType::Subscription {
        // Each event tells the state of its own time.
        scope.loaders.enable_all_cache(false);
    }
    Ok(Admitted {
        request: request.data(scope),
        document,
        kind,
    })
}

/// Runs a query or a mutation, for as long as one may run.
pub async fn execute(
    shared: &Shared,
    admitted: Admitted,
    id: &RequestId,
) -> Result<Answer, Refused> {
    let running = Box::pin(shared.schema.execute(admitted.request));
    let answer = tokio::time::timeout(shared.limits.execution, running).await;
    let mut answer = answer.map_err(|_| Refused::took_too_long())?;
    answer::complete(&mut answer, &admitted.document, id);
    Ok(answer)
}

/// Runs anything; answers come as they are there.
pub fn follow(
    shared: &Shared,
    admitted: Admitted,
    id: RequestId,
) -> impl Stream<Item = Answer> + Send + 'static {
    let document = admitted.document;
    let answers = shared.schema.execute_stream(admitted.request);
    // It is read after the request's own span has ended.
    let span = Span::current();
    stream::unfold(answers, move |mut answers| {
        let next = async move { Some((answers.next().await?, answers)) };
        next.instrument(span.clone())
    })
    .map(move |mut answer| {
        answer::complete(&mut answer, &document, &id);
        answer
    })
}
