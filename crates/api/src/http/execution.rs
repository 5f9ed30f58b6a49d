//! The one way to execution, whatever a request came by.

use std::net::IpAddr;
use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response as Answer};
use futures_util::stream::{self, Stream, StreamExt};
use stoa_domain::actor::Actor;
use tracing::{Instrument, Span};

use super::refused::{Refused, fields};
use super::request_id::RequestId;
use super::{Shared, answer, idempotency, operation};
use crate::budget::Bill;
use crate::budget::rate::{Caller, Standing};
use crate::graphql::following::Resume;
use crate::graphql::scope::Scope;
use crate::service::Service;
use crate::telemetry::watch::Asked;

/// A request that may run.
pub struct Admitted {
    request: Request,
    /// The document's text, for whoever watches.
    document: String,
    /// What its operation is called.
    name: Option<String>,
    /// What its operation is.
    pub kind: OperationType,
    /// What it costs.
    bill: Bill,
    /// What the caller has left.
    pub standing: Standing,
}

impl Admitted {
    /// What is asked, for whoever watches.
    pub fn asked(&self) -> Asked {
        Asked::new(self.kind, self.name.as_deref(), self.document.clone())
    }

    /// The one mutation it asks for; none if it asks for more.
    pub fn single(&mut self) -> Option<String> {
        idempotency::single(&mut self.request)
    }

    /// The same, carried out by this service.
    #[must_use]
    pub fn by(mut self, service: Service, actor: &Actor, address: Option<IpAddr>) -> Self {
        let scope = Scope::new(service, actor).from(address);
        self.request = self.request.data(scope);
        self
    }

    /// The same, which goes on from where its client left off.
    #[must_use]
    pub fn resuming(mut self, resume: Arc<Resume>) -> Self {
        self.request = self.request.data(resume);
        self
    }
}

/// Lets a request in, or says why not. Every transport asks here, and nothing runs without.
pub fn admit(
    shared: &Shared,
    request: Request,
    actor: &Actor,
    address: Option<IpAddr>,
) -> Result<Admitted, Refused> {
    let caller = Caller {
        account: actor.account(),
        address,
    };
    let admitted = shared.gate.admit(request, &caller)?;
    let (bill, standing) = (admitted.bill(), admitted.standing);
    let mut request = admitted.request;
    let name = request.operation_name.clone();
    let variables = std::mem::take(&mut request.variables);
    let parsed = request.parsed_query();
    let parsed = parsed.map_err(|_| Refused::internal())?;
    let kind = operation::check(parsed, name.as_deref(), &variables).map_err(|mut refused| {
        refused.headers.extend(fields(&standing));
        refused
    })?;
    let mut operations = parsed.operations.iter();
    let name = name.or_else(|| Some(operations.next()?.0?.to_string()));
    request.variables = variables;
    let document = std::mem::take(&mut request.query);
    let service = shared.service.clone();
    let scope = if kind == OperationType::Subscription {
        Scope::following(service, actor)
    } else {
        Scope::new(service, actor)
    }
    .from(address);
    Ok(Admitted {
        request: request.data(scope),
        document,
        name,
        kind,
        bill,
        standing,
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
    answer::complete(&mut answer, id);
    Ok(admitted.bill.on(answer))
}

/// Runs anything; answers come as they are there.
pub fn follow(
    shared: &Shared,
    admitted: Admitted,
    id: RequestId,
) -> impl Stream<Item = Answer> + Send + 'static {
    // What a subscription costs was taken once; its events do not repeat it.
    let bill = (admitted.kind != OperationType::Subscription).then_some(admitted.bill);
    let answers = shared.schema.execute_stream(admitted.request);
    // It is read after the request's own span has ended.
    let span = Span::current();
    stream::unfold(answers, move |mut answers| {
        let next = async move { Some((answers.next().await?, answers)) };
        next.instrument(span.clone())
    })
    .map(move |mut answer| {
        answer::complete(&mut answer, &id);
        match bill {
            Some(bill) => bill.on(answer),
            None => answer,
        }
    })
}
