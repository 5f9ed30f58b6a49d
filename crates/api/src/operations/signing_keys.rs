//! Keeping the keys that sign access tokens: made when they are needed, known a day before they sign,
//! deleted when the last token that they signed is over. Every process does this; the number of a key
//! is unique, so one of them makes it. Each step is one commit, so any of them may die in between.

use stoa_domain::actor::Actor;
use stoa_persistence::{OverKey, StoreError};

use crate::clock::Clock;
use crate::service::Service;

impl Service {
    /// Makes the next key and deletes those that are over, if it is time, and knows the others.
    pub async fn keep_signing_keys(&self) -> Result<(), StoreError> {
        let (system, now) = (self.store.view(&Actor::System), self.clock.now());
        let schedule = self.keys.schedule();
        let stored = system.signing_keys().await?;
        let last = stored.iter().map(|key| key.number).max().unwrap_or(0);
        let all = stored.len();
        let ring = self.keys.open(stored);
        if ring.keys().len() < all {
            tracing::warn!(
                "there are signing keys that STOA_TOKEN_KEY does not open; their tokens have ended"
            );
        }
        if let Some((_, signs_from)) = schedule.next(ring.keys(), now) {
            let random = [Clock::random(), Clock::random()];
            let made = self
                .keys
                .make(self.clock.id(), last + 1, signs_from, random, now);
            match self.store.commit(made).await {
                // Another process was faster.
                Ok(()) | Err(StoreError::Taken(_)) => {}
                Err(error) => return Err(error),
            }
            return self.know_signing_keys().await;
        }
        let over = schedule.over(ring.keys(), now);
        if over.is_empty() {
            self.keys.know(ring);
            return Ok(());
        }
        let over: Vec<_> = over.into_iter().map(OverKey).collect();
        self.store.commit(over).await?;
        self.know_signing_keys().await
    }

    /// Reads the keys anew.
    pub async fn know_signing_keys(&self) -> Result<(), StoreError> {
        let stored = self.store.view(&Actor::System).signing_keys().await?;
        self.keys.know(self.keys.open(stored));
        Ok(())
    }
}
