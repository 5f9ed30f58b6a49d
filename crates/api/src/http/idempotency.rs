//! Requests that are sent again: a client that got no answer repeats its mutation with the same
//! `Idempotency-Key`, and what was asked for is done once.
//!
//! The key is taken before the mutation runs, marked in the transaction that changes something, and
//! given its answer afterwards. Whoever dies in between leaves a key that says what was done: the next
//! request with it does not do it again. Answers are sealed, because they hold people's data and tokens.

use std::time::Duration;

use async_graphql::parser::types::{OperationType, Selection};
use async_graphql::{Name, Request, Response as Answer, Value};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;
use sha2::{Digest, Sha256};
use stoa_domain::account::Account;
use stoa_domain::actor::Actor;
use stoa_domain::change::Subject;
use stoa_domain::id::Id;
use stoa_domain::idempotency::{Keyed, Meeting};
use stoa_persistence::{Answer as Answered, Mark, Release, StoreError, TakeOver};

use super::refused::Refused;
use super::{answer, operation};
use crate::budget::rate::retry_after;
use crate::clock::Clock;
use crate::secret::hex;
use crate::service::Service;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says of an answer that it was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A request with a key, before it is known what the key stands for.
pub struct Named {
    key: String,
    digest: String,
}

/// What a key makes of a request.
pub enum Turn {
    /// It runs, by this service, and its answer is kept.
    Run(Box<Kept>),
    /// It was answered before, in these bytes.
    Answered(Vec<u8>),
}

/// A request that runs under a key.
pub struct Kept {
    /// The service that marks what it changes.
    pub service: Service,
    mark: Mark,
}

/// The key of a request, if it has one; what was asked for is remembered as a digest.
pub fn named(headers: &HeaderMap, request: &Request) -> Result<Option<Named>, Refused> {
    let Some(key) = headers.get(KEY) else {
        return Ok(None);
    };
    let Ok(key) = key.to_str() else {
        return Err(Refused::malformed(
            "An idempotency key has 1 to 255 visible ASCII characters.",
        ));
    };
    let asked = json!([
        request.query,
        request.operation_name,
        request.variables,
        request.extensions.0,
    ]);
    Ok(Some(Named {
        key: key.to_owned(),
        digest: hex(&Sha256::digest(asked.to_string().as_bytes())),
    }))
}

/// The one mutation that the document asks for, so that a key stands for one thing done.
pub fn single(request: &mut Request) -> Option<String> {
    let name = request.operation_name.clone();
    let document = request.parsed_query().ok()?;
    let operation = operation::chosen(document, name.as_deref()).ok()?;
    match operation.node.selection_set.node.items.as_slice() {
        [item] if operation.node.ty == OperationType::Mutation => match &item.node {
            Selection::Field(field) => Some(field.node.name.node.to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a mutation that did this can be answered from how things are now. What was only shown once,
/// such as a token, cannot.
fn can_be_told_again(field: &str, effect: Subject) -> bool {
    match effect {
        Subject::Application(_) => true,
        Subject::Account(_) => matches!(
            field,
            "createAccount" | "grantRole" | "revokeRole" | "disableAccount"
        ),
        Subject::Program(_) => field == "publishRevision",
        Subject::Membership(_) => false,
    }
}

/// Takes the key, or says what became of the request that took it.
pub async fn take(
    service: &Service,
    by: &Actor,
    named: Named,
    field: &str,
) -> Result<Turn, Refused> {
    let Some(account) = by.account() else {
        return Err(Refused::malformed(
            "Idempotency keys are kept for each account: leave the key out until you are signed in.",
        ));
    };
    let now = service.clock.now();
    let Named { key, digest } = named;
    let keyed = Keyed::begin(account, &key, digest, now).map_err(Refused::malformed)?;
    let mark = Mark { account, key };
    let taken = service.store.commit(keyed.clone()).await;
    let known = match taken {
        Ok(()) => return Ok(run(service, mark, None)),
        Err(StoreError::Taken("idempotency key")) => {
            let system = service.store.view(&Actor::System);
            system.keyed(&mark).await.map_err(broken)?
        }
        Err(error) => return Err(broken(error)),
    };
    let Some(known) = known else {
        return Err(running(Duration::from_secs(1)));
    };
    let effect = match known.meet(&keyed.digest, now) {
        Meeting::OtherRequest => {
            return Err(Refused::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "IDEMPOTENCY_KEY_REUSED",
                "This idempotency key stands for another request. Make a new key for each thing to be done.",
            ));
        }
        Meeting::Running { until } => {
            return Err(running((until - now).to_std().unwrap_or_default()));
        }
        Meeting::Answered(sealed) => {
            let answer = opened(service, &mark, &sealed);
            return answer.map(Turn::Answered).ok_or_else(lost);
        }
        Meeting::Over => None,
        Meeting::Died(Some(effect)) if !can_be_told_again(field, effect) => return Err(lost()),
        Meeting::Died(effect) => effect,
    };
    let takes_over = TakeOver {
        now: Keyed { effect, ..keyed },
        began: known.started_at,
    };
    match service.store.commit(takes_over).await {
        Ok(()) => Ok(run(service, mark, effect)),
        Err(StoreError::Conflict) => Err(running(Duration::from_secs(1))),
        Err(error) => Err(broken(error)),
    }
}

impl Kept {
    /// Keeps the answer, or gives the key back where nothing was done: because the document was wrong, or
    /// by a fault of ours.
    pub async fn answered(&self, answer: &mut Answer) -> Result<(), StoreError> {
        let internal = answer.errors.iter().any(|error| {
            let code = error.extensions.as_ref().and_then(|it| it.get("code"));
            code == Some(&Value::from("INTERNAL_SERVER_ERROR"))
        });
        let mark = self.mark.clone();
        if internal || !answer::was_executed(answer) {
            return self.service.store.commit(Release(mark)).await;
        }
        // What is kept says already that it is told again, so that it can be told as it is.
        answer
            .extensions
            .insert("idempotency".into(), told(&mark, true));
        let body = answer::json(answer).unwrap_or_default();
        answer
            .extensions
            .insert("idempotency".into(), told(&mark, false));
        let sealed = self
            .service
            .keys
            .secret()
            .seal(&body, &about(&mark), Clock::random());
        let body = sealed.unwrap_or_default();
        self.service.store.commit(Answered { mark, body }).await
    }
}

/// The header that says of an answer that it was given before.
pub fn replayed() -> (HeaderName, HeaderValue) {
    (REPLAYED, HeaderValue::from_static("true"))
}

fn run(service: &Service, mark: Mark, done: Option<Subject>) -> Turn {
    let mut service = service.clone();
    service.store = service.store.under(mark.clone());
    service.done = done;
    Turn::Run(Box::new(Kept { service, mark }))
}

fn opened(service: &Service, mark: &Mark, sealed: &str) -> Option<Vec<u8>> {
    service.keys.secret().open(sealed, &about(mark))
}

fn told(mark: &Mark, replayed: bool) -> Value {
    let told = [
        ("key", Value::from(mark.key.as_str())),
        ("replayed", Value::from(replayed)),
    ];
    let told = told.map(|(name, value)| (Name::new(name), value));
    Value::Object(told.into_iter().collect())
}

/// A sealed answer opens for its account and key only.
fn about(mark: &Mark) -> String {
    let account: Id<Account> = mark.account;
    format!("answer {account} {}", mark.key)
}

fn running(wait: Duration) -> Refused {
    let mut refused = Refused::new(
        StatusCode::CONFLICT,
        "IDEMPOTENCY_IN_PROGRESS",
        "The request with this idempotency key still runs. Send it again later.",
    );
    let wait = (header::RETRY_AFTER, retry_after(wait).into());
    refused.headers.push(wait);
    refused
}

fn lost() -> Refused {
    Refused::new(
        StatusCode::CONFLICT,
        "IDEMPOTENCY_ANSWER_LOST",
        "What this idempotency key stands for was done, and its answer is lost. Read what it did before you ask anew.",
    )
}

fn broken(error: StoreError) -> Refused {
    tracing::error!(%error, "an idempotency key could not be kept");
    Refused::internal()
}
