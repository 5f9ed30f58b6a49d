//! What the team and the service do on the way to a decision.

use chrono::Days;
use serde_json::json;

use super::{Act, Action, Application, Assessed, HoldCause, Refusal, State, Status, days_from};
use crate::Timestamp;
use crate::account::Account;
use crate::actor::{Actor, Permission};
use crate::change::{Change, Mode, Verb};
use crate::criteria::{Evaluation, Recommendation};
use crate::decision::{Decision, Outcome};
use crate::program::form::Form;
use crate::program::rules::Switch;
use crate::text;

/// The longest a hold or a question may wait, in days.
const LONGEST_WAIT: u64 = 365;

impl Application {
    /// Takes in what the criteria came to. From SUBMITTED it goes on to review, or, where the
    /// revision's automation is on and nothing is left to judge, straight to the decision.
    pub fn evaluate(
        mut self,
        evaluation: &Evaluation,
        act: &Act<'_>,
    ) -> Result<Change<Self>, Refusal> {
        self.allows(Action::Evaluate, act)?;
        self.assessed = Some(Assessed {
            evaluation: evaluation.id,
            recommendation: evaluation.recommendation,
            reasons: evaluation.reasons.clone(),
            limits: evaluation.limits.clone(),
            unanswered: evaluation.unanswered.clone(),
        });
        let automation = act.revision.rules.automation;
        let switch = match evaluation.recommendation {
            Recommendation::Approve
                if evaluation.limits.is_empty() && evaluation.unanswered.is_empty() =>
            {
                automation.approve
            }
            // A decline without a reason to give is no decline.
            Recommendation::Decline if !evaluation.reasons.is_empty() => automation.decline,
            _ => Switch::Off,
        };
        let told = json!({
            "recommendation": evaluation.recommendation,
            "reasons": evaluation.reasons,
            "limits": evaluation.limits,
            "shadow": (switch == Switch::Shadow).then_some(evaluation.recommendation),
        });
        let first = self.status() == Status::Submitted;
        if !(first && switch == Switch::On && *act.by == Actor::System) {
            return Ok(self.enter(State::InReview, Verb::Evaluated, act, told));
        }
        let outcome = match evaluation.recommendation {
            Recommendation::Approve => Outcome::Approve,
            _ => Outcome::Decline,
        };
        let decision = Decision {
            outcome,
            reasons: match outcome {
                Outcome::Approve => Vec::new(),
                Outcome::Decline => evaluation.reasons.clone(),
            },
            message: None,
            mode: Mode::Automated,
            drafted_by: None,
            drafted_at: act.now,
            limits: Vec::new(),
            approved_by: None,
            approved_at: None,
            published_at: Some(act.now),
        };
        Ok(self.decided(decision, act, told))
    }

    /// Takes the application on.
    pub fn claim(mut self, act: &Act<'_>) -> Result<Change<Self>, Refusal> {
        self.allows(Action::Claim, act)?;
        self.assignee = act.by.account();
        let state = self.state.clone();
        Ok(self.enter(state, Verb::Claimed, act, json!({})))
    }

    /// Gives the application to somebody who can review it.
    pub fn assign(mut self, to: &Account, act: &Act<'_>) -> Result<Change<Self>, Refusal> {
        self.allows(Action::Assign, act)?;
        to.actor()
            .permitted(Permission::Review, self.program)
            .map_err(|_| Refusal::CannotReview(to.id))?;
        self.assignee = Some(to.id);
        let told = json!({ "to": to.id });
        let state = self.state.clone();
        Ok(self.enter(state, Verb::Assigned, act, told))
    }

    /// Gives the application back, so that anybody can take it on.
    pub fn unassign(mut self, act: &Act<'_>) -> Result<Change<Self>, Refusal> {
        self.allows(Action::Unassign, act)?;
        let from = self.assignee.take();
        let told = json!({ "from_account": from });
        let state = self.state.clone();
        Ok(self.enter(state, Verb::Unassigned, act, told))
    }

    /// Asks the applicant, perhaps for answers to form fields; the promise pauses until they reply.
    pub fn ask(
        self,
        question: &str,
        fields: Vec<String>,
        form: &Form,
        act: &Act<'_>,
    ) -> Result<Change<Self>, Refusal> {
        self.allows(Action::Ask, act)?;
        let known = |field: &str| form.properties().iter().any(|it| it.name == field);
        if let Some(unknown) = fields.iter().find(|field| !known(field)) {
            return Err(Refusal::UnknownField(unknown.clone()));
        }
        let question = text::body(question).map_err(|problem| Refusal::Invalid {
            field: "question",
            problem,
        })?;
        let days = act.revision.rules.waiting.question_days;
        let until = days_from(act.now, days);
        let mut change = self.enter(
            State::AwaitingApplicant { question, fields },
            Verb::Asked,
            act,
            json!({ "until": until }),
        );
        change.after.wait(days, act);
        Ok(change)
    }

    /// Puts it on hold. A consultation names its end: silence until then means consent
    /// (`community-programs.md` §2.4, "2-day silent consent").
    pub fn hold(
        self,
        cause: HoldCause,
        note: &str,
        until: Option<Timestamp>,
        act: &Act<'_>,
    ) -> Result<Change<Self>, Refusal> {
        self.allows(Action::Hold, act)?;
        let note = text::body(note).map_err(|problem| Refusal::Invalid {
            field: "note",
            problem,
        })?;
        if cause == HoldCause::Consult && until.is_none() {
            return Err(Refusal::HoldWithoutEnd);
        }
        let latest = act
            .now
            .checked_add_days(Days::new(LONGEST_WAIT))
            .unwrap_or(act.now);
        if until.is_some_and(|until| until <= act.now || until > latest) {
            return Err(Refusal::TimeOutOfRange {
                field: "end of the hold",
                until: latest,
            });
        }
        let told = json!({ "cause": cause, "until": until });
        let mut change = self.enter(State::OnHold { cause, note }, Verb::Held, act, told);
        change.after.deadline_at = until;
        change.after.schedule(act);
        Ok(change)
    }

    /// Ends the hold.
    pub fn release(self, act: &Act<'_>) -> Result<Change<Self>, Refusal> {
        self.allows(Action::Release, act)?;
        Ok(self.enter(State::InReview, Verb::Released, act, json!({})))
    }

    /// Puts it on the waiting list because every place is taken.
    pub fn waitlist(self, act: &Act<'_>) -> Result<Change<Self>, Refusal> {
        self.allows(Action::Waitlist, act)?;
        Ok(self.enter(State::Waitlisted, Verb::Waitlisted, act, json!({})))
    }

    /// Offers it a place that became free.
    pub fn offer(self, act: &Act<'_>) -> Result<Change<Self>, Refusal> {
        self.allows(Action::Offer, act)?;
        Ok(self.enter(State::InReview, Verb::Offered, act, json!({})))
    }

    /// Warns the applicant that the deadline comes near. A deadline that is nearer than the warning
    /// time moves back, so that nobody has less time than they were promised.
    pub fn warn(self, act: &Act<'_>) -> Result<Change<Self>, Refusal> {
        self.allows(Action::Warn, act)?;
        let state = self.state.clone();
        let notice = days_from(act.now, act.revision.rules.waiting.warn_days);
        let deadline = self.deadline_at.max(notice);
        let told = json!({ "deadline": deadline });
        let mut change = self.enter(state, Verb::Warned, act, told);
        change.after.deadline_at = deadline;
        change.after.warned_at = Some(act.now);
        change.after.schedule(act);
        Ok(change)
    }

    /// Ends it by silence, after a warning.
    pub fn expire(self, act: &Act<'_>) -> Result<Change<Self>, Refusal> {
        self.allows(Action::Expire, act)?;
        Ok(self.enter(State::Expired, Verb::Expired, act, json!({})))
    }
}
