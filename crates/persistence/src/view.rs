//! The reading door: a store, seen by one actor. Reads of a noun are in the noun's file.

use stoa_domain::actor::Actor;

use crate::Store;
use crate::connections::Connections;

/// What exists for one actor.
#[derive(Clone, Debug)]
pub struct View {
    pub(crate) store: Store,
    pub(crate) actor: Actor,
}

impl View {
    pub(crate) const fn new(store: Store, actor: Actor) -> Self {
        Self { store, actor }
    }

    /// Who looks.
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    pub(crate) const fn db(&self) -> &Connections {
        &self.store.db
    }
}
