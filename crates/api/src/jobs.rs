//! Work that nobody asks for: what a died process left over, and deadlines. Each run can stop at any
//! point; the next one goes on. Several processes may run it: a change that another made first is left alone.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::FutureExt;
use stoa_domain::idempotency::KEPT_HOURS;
use stoa_persistence::{Forget, ForgetSessions};

use crate::service::{Failed, Service};

/// How long a run waits after the one before.
const PAUSE: Duration = Duration::from_secs(30);

/// How long mails wait that nobody of this process wrote.
const ROUND: Duration = Duration::from_secs(5);

/// Runs forever.
pub async fn run(service: Service) {
    loop {
        // Not even a panic over one application may end the service.
        match AssertUnwindSafe(once(&service)).catch_unwind().await {
            Ok(Ok(())) => service.metrics.jobs_ran(true),
            Ok(Err(error)) => {
                service.metrics.jobs_ran(false);
                tracing::error!(%error, "the jobs failed; the next run tries again");
            }
            Err(_) => {
                service.metrics.jobs_ran(false);
                tracing::error!("the jobs panicked; the next run tries again");
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Sends mails forever: as they are written by this process, and what others left over.
pub async fn deliver(service: Service) {
    loop {
        match AssertUnwindSafe(service.send_mails()).catch_unwind().await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "mails could not be read"),
            Err(_) => tracing::error!("sending a mail panicked; the next round goes on"),
        }
        let round = tokio::time::sleep(ROUND);
        tokio::select! {
            () = service.entrance.written.notified() => {}
            () = round => {}
        }
    }
}

/// One run of everything.
pub async fn once(service: &Service) -> Result<(), Failed> {
    // One that fails does not keep the other from its work.
    let evaluated = service.evaluate_submitted().await;
    let kept = service.keep_deadlines().await;
    let counted = service.roll_up().await;
    let keys = service.keep_signing_keys().await;
    let now = service.clock.now();
    let attempts = service.forget_attempts().await;
    let before = service.clock.now() - TimeDelta::hours(KEPT_HOURS);
    let answers = service.store.commit(Forget { before }).await;
    let forgotten = service.store.commit(ForgetSessions { now }).await;
    evaluated.and(kept.map(|_| 0))?;
    Ok(keys
        .and(counted)
        .and(forgotten)
        .and(attempts)
        .and(answers)?)
}
