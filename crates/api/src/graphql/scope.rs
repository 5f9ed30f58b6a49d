//! What a resolver needs: the service, who asks, and what exists for them.

use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use async_graphql::dataloader::{DataLoader, HashMapCache, Loader};
use async_graphql::runtime::{TokioSpawner, TokioTimer};
use async_graphql::{Context, ID};
use chrono::Datelike;
use stoa_domain::Timestamp;
use stoa_domain::account::Account;
use stoa_domain::actor::Actor;
use stoa_domain::id::{Id, Noun};
use stoa_domain::program::{Program, Revision};
use stoa_domain::{application, organization};
use stoa_persistence::View;

use super::error::{Code, Failure};
use super::loaders::{AnswersOf, Loaders, MembershipOf};
use crate::service::{Compiled, Service};

/// The scope of one request.
pub struct Scope {
    /// Operations, the store and the clock.
    pub service: Service,
    /// Reads, as the one who asks.
    pub view: View,
    /// Reads by id, once there is one.
    loaders: OnceLock<DataLoader<Loaders, HashMapCache>>,
    /// Whether what was read by id is kept for the rest of the request.
    keeps: bool,
    /// The scope that takes this one's place when a stream outlives the roles it was begun with.
    pub(super) later: Arc<OnceLock<Self>>,
    /// From where they ask, if that is known.
    pub address: Option<IpAddr>,
}

impl Scope {
    /// The scope of a request by this actor.
    pub fn new(service: Service, actor: &Actor) -> Self {
        let view = service.store.view(actor);
        Self {
            service,
            view,
            loaders: OnceLock::new(),
            keeps: true,
            later: Arc::default(),
            address: None,
        }
    }

    /// The same, asked from this address.
    #[must_use]
    pub const fn from(mut self, address: Option<IpAddr>) -> Self {
        self.address = address;
        self
    }

    /// The scope of a stream: each event tells the state of its own time, so nothing is remembered.
    pub fn following(service: Service, actor: &Actor) -> Self {
        Self {
            keeps: false,
            ..Self::new(service, actor)
        }
    }

    /// The scope of the request being answered, with the roles held now.
    pub fn of<'a>(ctx: &Context<'a>) -> &'a Self {
        let mut scope: &Self = ctx.data_unchecked();
        while let Some(later) = scope.later.get() {
            scope = later;
        }
        scope
    }

    /// Who asks, strangers included.
    pub const fn actor(&self) -> &Actor {
        self.view.actor()
    }

    /// Who asks, if they are signed in.
    pub fn signed_in(&self) -> Result<&Actor, Failure> {
        match self.actor() {
            Actor::Anonymous => Err(Failure::new(Code::Unauthenticated)),
            actor => Ok(actor),
        }
    }

    /// Reads by id, gathered into one statement a kind.
    pub fn loaders(&self) -> &DataLoader<Loaders, HashMapCache> {
        self.loaders.get_or_init(|| {
            let loaders = Loaders {
                view: self.view.clone(),
            };
            let loaders = DataLoader::with_cache(
                loaders,
                TokioSpawner::current(),
                TokioTimer::default(),
                HashMapCache::default(),
            );
            loaders.enable_all_cache(self.keeps);
            // Waiting for more keys only helps across tasks; the fields of one request ask together anyway.
            loaders.delay(std::time::Duration::ZERO)
        })
    }

    /// Forgets what a command may have changed, if anything was read.
    pub fn forget(&self) {
        let Some(loaders) = self.loaders.get() else {
            return;
        };
        loaders.clear::<AnswersOf>();
        loaders.clear::<MembershipOf>();
        loaders.clear::<Id<application::Application>>();
        loaders.clear::<Id<organization::Organization>>();
        loaders.clear::<Id<Account>>();
        loaders.clear::<Id<Program>>();
    }

    /// What a row points at: as it was read with the row, or by its id.
    pub async fn near<T: Noun>(
        &self,
        id: Id<T>,
        near: Option<Arc<T>>,
    ) -> Option<Result<Arc<T>, Failure>>
    where
        Id<T>: Send + Sync + Hash + Eq + 'static,
        Loaders: Loader<Id<T>, Value = Arc<T>, Error = Failure>,
    {
        match near {
            Some(near) => Some(Ok(near)),
            None => self.load(id).await,
        }
    }

    /// What a key stands for, if it exists for this viewer; read with the others of its kind that are
    /// asked for at once.
    pub async fn load<K>(&self, key: K) -> Option<Result<<Loaders as Loader<K>>::Value, Failure>>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Loaders: Loader<K, Error = Failure>,
    {
        // Apart: a field whose value is at hand would else hold room for a read.
        Box::pin(self.loaders().load_one(key)).await.transpose()
    }

    /// The revision, ready to run. Revisions are few and never change: the process keeps them.
    pub async fn compiled(&self, id: Id<Revision>) -> Result<Arc<Compiled>, Failure> {
        Ok(self.service.compiled(id).await?)
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.service.clock.now()
    }
}

/// Refuses times that the databases cannot keep or compare: years before 0 and after 9999.
pub fn bounded(date: impl Datelike) -> Result<(), Failure> {
    if (0..=9999).contains(&date.year()) {
        return Ok(());
    }
    Err(Failure::new(Code::BadUserInput(
        "A date in the arguments is too far away: years go from 0000 to 9999.",
    )))
}

/// The id of this noun in a global id; another noun's, or nonsense, is none.
pub fn parse<T: Noun>(id: &ID) -> Option<Id<T>> {
    id.parse().ok()
}
