//! Deadlines: warn, then expire; end consultations that nobody objected to; tell the team of promises
//! that break. Each application is one commit, so the work can stop at any point and go on later.

use stoa_domain::actor::Actor;
use stoa_domain::application::{Act, Application, Duty};
use stoa_domain::change::Activity;
use stoa_domain::id::Id;
use stoa_persistence::StoreError;

use crate::service::{Failed, Service};

/// How many applications one run looks at.
const BATCH: u64 = 200;

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Applicants warned.
    pub warned: usize,
    /// Applications expired.
    pub expired: usize,
    /// Holds that ended.
    pub released: usize,
    /// Promises that the team was told of.
    pub alerted: usize,
}

impl Service {
    /// Does what has come due.
    pub async fn keep_deadlines(&self) -> Result<Done, Failed> {
        let system = self.store.view(&Actor::System);
        let mut done = Done::default();
        for id in system.awake(self.clock.now(), BATCH).await? {
            match self.keep_deadline(id, &mut done).await {
                Ok(()) | Err(Failed::Store(StoreError::Conflict) | Failed::Refused(_)) => {}
                // One broken row must not keep the others waiting.
                Err(error) => tracing::error!(%error, "a deadline could not be kept"),
            }
        }
        Ok(done)
    }

    async fn keep_deadline(&self, id: Id<Application>, done: &mut Done) -> Result<(), Failed> {
        let system = self.store.view(&Actor::System);
        let Some(application) = system.application(id).await? else {
            return Ok(());
        };
        let compiled = self.rules_of(&application).await?;
        let act = Act {
            by: &Actor::System,
            revision: &compiled.revision,
            now: self.clock.now(),
            seen: None,
        };
        let duty = application.duty(&compiled.revision.rules);
        let Some((_, duty)) = duty.filter(|(at, _)| *at <= act.now) else {
            return Ok(());
        };
        let (change, count) = match duty {
            // Changed answers that a process died over before they were evaluated.
            Duty::Evaluate => {
                Box::pin(self.evaluate(application, &Actor::System, None)).await?;
                return Ok(());
            }
            Duty::Release => (application.release(&act)?, &mut done.released),
            Duty::Warn => (application.warn(&act)?, &mut done.warned),
            Duty::Expire => (application.expire(&act)?, &mut done.expired),
            Duty::Alert(alert) => (application.alert(alert, &act)?, &mut done.alerted),
        };
        self.commit(change, None, None, &compiled, None::<Activity>)
            .await?;
        *count += 1;
        Ok(())
    }
}
