//! Work that nobody asks for: what a died process left over, and deadlines. Each run can stop at any
//! point; the next one goes on. Several processes may run it: a change that another made first is left alone.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;

use crate::service::{Failed, Service};

/// How long a run waits after the one before.
const PAUSE: Duration = Duration::from_secs(30);

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

/// One run of everything.
pub async fn once(service: &Service) -> Result<(), Failed> {
    // One that fails does not keep the other from its work.
    let evaluated = service.evaluate_submitted().await;
    let kept = service.keep_deadlines().await;
    evaluated.and(kept.map(|_| 0)).map(|_| ())
}
