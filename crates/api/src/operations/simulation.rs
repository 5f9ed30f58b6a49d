//! Trying rules out: what a draft revision would have recommended for applications that were decided.

use std::sync::Arc;

use stoa_domain::actor::{Actor, Permission};
use stoa_domain::application::{Application, Status};
use stoa_domain::criteria::{Evaluation, Recommendation};
use stoa_domain::program::{self, Program, Revision, Rules};
use stoa_persistence::page::Page;
use stoa_persistence::{ApplicationFilter, ApplicationOrder};

use super::programs::NotPublished;
use crate::service::{Service, prepare};

/// The most applications one simulation replays, newest first.
pub const MOST: u64 = 5_000;

/// What a simulation found.
#[derive(Clone, Debug, Default)]
pub struct Simulation {
    /// Decided applications that were replayed.
    pub replayed: usize,
    /// Whether there were more than one simulation replays.
    pub truncated: bool,
    /// Those the draft would approve.
    pub approve: usize,
    /// Those the draft would decline.
    pub decline: usize,
    /// Those the draft would leave to people.
    pub people: usize,
    /// Those whose decision the draft contradicts, or that it takes out of people's hands or puts into them.
    pub differing: Vec<Difference>,
}

/// An application whose outcome would differ.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The application.
    pub application: Application,
    /// What the draft's criteria say, one by one.
    pub evaluation: Evaluation,
}

impl Service {
    /// Replays decided applications against draft rules. Answers are those given then; what verifiers
    /// know is what they know today.
    pub async fn simulate(
        &self,
        program: &Program,
        rules: Rules,
        by: &Actor,
        limit: u64,
    ) -> Result<Simulation, NotPublished> {
        by.permitted(Permission::PublishRevisions, program.id)
            .map_err(program::Refusal::from)?;
        if rules.key != program.key {
            let expected = program.key.clone();
            return Err(program::Refusal::OtherProgram { expected }.into());
        }
        let draft = Revision {
            id: self.clock.id(),
            program: program.id,
            number: program.revision_number + 1,
            published_at: self.clock.now(),
            rules,
        };
        let draft = prepare(Arc::new(draft))?;
        let view = self.store.view(by);
        let filter = ApplicationFilter {
            program: Some(program.id),
            statuses: Some(vec![Status::Approved, Status::Declined]),
            ..ApplicationFilter::default()
        };
        let mut found = Simulation::default();
        let mut page = Page::first(limit.min(100));
        loop {
            let slice = view
                .applications(&filter, ApplicationOrder::NewestFirst, &page)
                .await?;
            let ids: Vec<_> = slice
                .items
                .iter()
                .map(|(_, application)| application.id)
                .collect();
            let mut answers: std::collections::HashMap<_, _> = view
                .answers_by_application(&ids)
                .await?
                .into_iter()
                .collect();
            for (cursor, application) in slice.items {
                if u64::try_from(found.replayed).is_ok_and(|replayed| replayed >= limit) {
                    found.truncated = true;
                    return Ok(found);
                }
                page.after = Some(cursor);
                let answers = answers.remove(&application.id).unwrap_or_default();
                // Rules with dates are asked about the day on which it was handed in.
                let at = application
                    .submitted_at
                    .unwrap_or(draft.revision.published_at);
                let evaluation = self.evaluation(&application, &answers, &draft, at).await?;
                found.count(application, evaluation);
            }
            let replayed = u64::try_from(found.replayed).unwrap_or(u64::MAX);
            if !slice.has_next {
                break;
            }
            if replayed >= limit.min(MOST) {
                found.truncated = true;
                break;
            }
        }
        Ok(found)
    }
}

impl Simulation {
    fn count(&mut self, application: Application, evaluation: Evaluation) {
        self.replayed += 1;
        let would = match evaluation.recommendation {
            Recommendation::Approve => {
                self.approve += 1;
                Some(Status::Approved)
            }
            Recommendation::Decline => {
                self.decline += 1;
                Some(Status::Declined)
            }
            _ => {
                self.people += 1;
                None
            }
        };
        // An application that people decided and people would decide again does not differ.
        let settled = application
            .resolution
            .as_ref()
            .is_some_and(|end| end.eligibility_automated);
        let differs = match would {
            Some(status) => status != application.status(),
            None => settled,
        };
        if differs {
            self.differing.push(Difference {
                application,
                evaluation,
            });
        }
    }
}
