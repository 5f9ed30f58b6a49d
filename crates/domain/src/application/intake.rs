//! What applicants do: begin, answer, hand in, reply, take back, ask for another look.

use serde_json::json;

use super::{Act, Action, Application, Entered, Kind, Refusal, State, Status};
use crate::account::Account;
use crate::actor::Permission;
use crate::change::{Change, Verb};
use crate::facts::Answers;
use crate::id::Id;
use crate::organization::Organization;
use crate::program::form::Form;
use crate::text;

/// What a new application starts from.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// Its id.
    pub id: Id<Application>,
    /// Why it is made.
    pub kind: Kind,
    /// Who asks.
    pub organization: Id<Organization>,
    /// The person who applies.
    pub applicant: Id<Account>,
    /// The key another system knows it by.
    pub external_id: Option<String>,
}

impl Application {
    /// Begins a draft under the program's current revision.
    pub fn create(beginning: Beginning, act: &Act<'_>) -> Result<Change<Self>, Refusal> {
        let program = act.revision.program;
        let owner = act.by.is_applicant() && act.by.account() == Some(beginning.applicant);
        if owner && beginning.external_id.is_some() {
            // The key is the importer's: whoever chose one could take up another system's.
            return Err(Refusal::ExternalIdOfImporters);
        }
        if !owner {
            act.by.permitted(Permission::ImportApplications, program)?;
        }
        act.taken_in()?;
        let external_id = beginning
            .external_id
            .as_deref()
            .map(text::line)
            .transpose()
            .map_err(|problem| Refusal::Invalid {
                field: "external id",
                problem,
            })?;
        let mut application = Self {
            id: beginning.id,
            version: 1,
            program,
            revision: act.revision.id,
            kind: beginning.kind,
            organization: beginning.organization,
            applicant: beginning.applicant,
            external_id,
            assignee: None,
            state: State::Draft,
            history: vec![Entered {
                at: act.now,
                status: Status::Draft,
            }],
            assessed: None,
            sent_back: None,
            submitted_at: None,
            due_at: None,
            deadline_at: None,
            warned_at: None,
            wake_at: None,
            alerts: Vec::new(),
            manual_steps: 0,
            resolution: None,
            created_at: act.now,
        };
        application.wait(act.revision.rules.waiting.draft_days, act);
        let told = json!({ "kind": beginning.kind });
        Ok(application.explained(Verb::Created, act, told))
    }

    /// Takes answers: unfinished ones are fine, wrong ones are not.
    pub fn answer(
        mut self,
        answers: &Answers,
        form: &Form,
        act: &Act<'_>,
    ) -> Result<Change<Self>, Refusal> {
        self.allows(Action::Answer, act)?;
        let problems = form.check_partial(&answers.values);
        if !problems.is_empty() {
            return Err(Refusal::Answers(problems));
        }
        let told = json!({ "fields": answers.values.keys().collect::<Vec<_>>() });
        let state = self.state.clone();
        // What the criteria came to was said of other answers.
        self.assessed = None;
        let mut change = self.enter(state, Verb::Answered, act, told);
        // A draft that is worked on starts its time anew.
        if change.after.status() == Status::Draft {
            change
                .after
                .wait(act.revision.rules.waiting.draft_days, act);
        }
        Ok(change)
    }

    /// Hands the draft in, under the revision that is current now.
    ///
    /// What an importer could not read is no mistake of the applicant: such fields count as given,
    /// stay unknown, and leave the application to a person.
    pub fn submit(
        mut self,
        answers: &Answers,
        form: &Form,
        act: &Act<'_>,
    ) -> Result<Change<Self>, Refusal> {
        self.allows(Action::Submit, act)?;
        complete(answers, form, &[])?;
        self.revision = act.revision.id;
        self.submitted_at = Some(act.now);
        Ok(self.enter(State::Submitted, Verb::Submitted, act, json!({})))
    }

    /// Answers the team's question; changed answers count from now on, and wait to be evaluated.
    pub fn reply(
        mut self,
        body: &str,
        answers: &Answers,
        form: &Form,
        act: &Act<'_>,
    ) -> Result<Change<Self>, Refusal> {
        self.allows(Action::Reply, act)?;
        text::body(body).map_err(|problem| Refusal::Invalid {
            field: "message",
            problem,
        })?;
        let asked = match &self.state {
            State::AwaitingApplicant { fields, .. } => fields.as_slice(),
            _ => &[],
        };
        complete(answers, form, asked)?;
        self.assessed = None;
        Ok(self.enter(State::InReview, Verb::Replied, act, json!({})))
    }

    /// Takes the application back.
    pub fn withdraw(self, reason: Option<&str>, act: &Act<'_>) -> Result<Change<Self>, Refusal> {
        self.allows(Action::Withdraw, act)?;
        let reason = reason
            .map(text::body)
            .transpose()
            .map_err(|problem| Refusal::Invalid {
                field: "reason",
                problem,
            })?;
        Ok(self.enter(State::Withdrawn { reason }, Verb::Withdrawn, act, json!({})))
    }

    /// Takes a declined or expired application up again: the applicant's appeal, or the team's second thought.
    /// It is promised an answer anew, and steps are counted anew.
    pub fn reopen(mut self, reason: &str, act: &Act<'_>) -> Result<Change<Self>, Refusal> {
        self.allows(Action::Reopen, act)?;
        text::body(reason).map_err(|problem| Refusal::Invalid {
            field: "reason",
            problem,
        })?;
        self.manual_steps = 0;
        self.assessed = None;
        Ok(self.enter(State::InReview, Verb::Reopened, act, json!({})))
    }
}

/// Refuses answers that the form does not take as a whole, or that leave open what was asked. What an
/// importer could not read counts as given.
fn complete(answers: &Answers, form: &Form, asked: &[String]) -> Result<(), Refusal> {
    let mut problems = form.check(&answers.values);
    problems.extend(form.left_open(&answers.values, asked));
    problems.retain(|problem| {
        let field = problem.field.first();
        !field.is_some_and(|field| answers.unread.contains_key(field))
    });
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Answers(problems))
    }
}
