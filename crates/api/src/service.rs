//! What every caller needs: the store, the clock, and revisions made ready to run.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use stoa_domain::actor::Actor;
use stoa_domain::application::{self, Application};
use stoa_domain::change::Subject;
use stoa_domain::criteria::Ruleset;
use stoa_domain::id::Id;
use stoa_domain::program::form::Form;
use stoa_domain::program::{Revision, Rules};
use stoa_persistence::{Store, StoreError};

use crate::clock::Clock;
use crate::entrance::Entrance;
use crate::keys::Keys;
use crate::telemetry::metrics::Metrics;

/// The service without its API: what GraphQL, jobs, the importer and the demo call. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Service {
    /// Everything kept.
    pub store: Store,
    /// Time and ids.
    pub clock: Clock,
    /// What a request did that is sent again because its answer was lost: it is not done a second time.
    pub done: Option<Subject>,
    /// What signs and checks tokens.
    pub keys: Keys,
    /// What signing in needs.
    pub entrance: Arc<Entrance>,
    /// What is counted.
    pub metrics: Metrics,
    compiled: Arc<RwLock<HashMap<Id<Revision>, Arc<Compiled>>>>,
}

/// A revision with its form and criteria made ready to run, once per process.
#[derive(Debug)]
pub struct Compiled {
    /// The revision.
    pub revision: Arc<Revision>,
    /// Its form.
    pub form: Form,
    /// Its criteria and approval limits.
    pub ruleset: Ruleset,
}

/// Why an operation on an application came to nothing.
#[derive(Debug)]
pub enum Failed {
    /// A rule stands against it.
    Refused(application::Refusal),
    /// There is no such thing for this actor.
    Missing(&'static str),
    /// The store failed, or holds what it should not.
    Store(StoreError),
}

/// For logs: what failed, without the values that a database's error can carry.
impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(_) => f.write_str("a rule stands against it"),
            Self::Missing(what) => write!(f, "there is no such {what}"),
            Self::Store(error) => write!(f, "{error}"),
        }
    }
}

impl From<application::Refusal> for Failed {
    fn from(refusal: application::Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Service {
    /// A service over this store, clock and keys, with these ways in.
    pub fn new(store: Store, clock: Clock, keys: Keys, entrance: Arc<Entrance>) -> Self {
        Self {
            store,
            clock,
            done: None,
            keys,
            entrance,
            metrics: Metrics::default(),
            compiled: Arc::default(),
        }
    }

    /// The revision, ready to run. Revisions never change, so each is prepared once.
    pub async fn compiled(&self, id: Id<Revision>) -> Result<Arc<Compiled>, StoreError> {
        let known = {
            let cache = self.compiled.read().unwrap_or_else(PoisonError::into_inner);
            cache.get(&id).cloned()
        };
        match known {
            Some(compiled) => Ok(compiled),
            // Apart, as it hardly ever happens: every resolver that asks would else hold room for it.
            None => Box::pin(self.compile(id)).await,
        }
    }

    async fn compile(&self, id: Id<Revision>) -> Result<Arc<Compiled>, StoreError> {
        let view = self.store.view(&Actor::System);
        let revision = view
            .revision(id)
            .await?
            .ok_or_else(|| broken(id, "missing"))?;
        let compiled = Arc::new(prepare(revision)?);
        let mut cache = self
            .compiled
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        cache.insert(id, Arc::clone(&compiled));
        Ok(compiled)
    }

    /// The revision that an application is pinned to, ready to run.
    pub async fn rules_of(&self, application: &Application) -> Result<Arc<Compiled>, StoreError> {
        self.compiled(application.revision).await
    }
}

/// Form and criteria of rules, ready to run. What was published was checked; a failure is a broken row.
pub fn prepare(revision: Arc<Revision>) -> Result<Compiled, StoreError> {
    let (form, ruleset) =
        parts(&revision.rules).map_err(|problem| broken(revision.id, &problem))?;
    Ok(Compiled {
        revision,
        form,
        ruleset,
    })
}

fn parts(rules: &Rules) -> Result<(Form, Ruleset), String> {
    let form = Form::compile(&rules.form)?;
    let ruleset = Ruleset::compile(rules).map_err(|mistakes| format!("{mistakes:?}"))?;
    Ok((form, ruleset))
}

fn broken(id: Id<Revision>, problem: &str) -> StoreError {
    StoreError::Corrupt {
        table: "revisions",
        id: id.to_string(),
        problem: problem.to_owned(),
    }
}
