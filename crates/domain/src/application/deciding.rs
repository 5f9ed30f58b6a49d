//! Decisions on an application: drafted, approved by a second person where the limits say so, published.

use serde_json::{Value, json};

use super::{Act, Action, Application, Refusal, State};
use crate::change::{Change, Mode, Verb};
use crate::decision::{Decision, Draft, Outcome};
use crate::text;

impl Application {
    /// Drafts a decision for a second person, or to be published later.
    pub fn propose(mut self, draft: &Draft, act: &Act<'_>) -> Result<Change<Self>, Refusal> {
        self.allows(Action::Propose, act)?;
        let decision = self.drafted(draft, act)?;
        self.sent_back = None;
        let told = json!({ "outcome": decision.outcome, "limits": decision.limits });
        let state = State::AwaitingApproval { decision };
        Ok(self.enter(state, Verb::DecisionProposed, act, told))
    }

    /// Approves the drafted decision as a second person.
    pub fn approve_decision(mut self, act: &Act<'_>) -> Result<Change<Self>, Refusal> {
        self.allows(Action::ApproveDecision, act)?;
        if let State::AwaitingApproval { decision } = &mut self.state {
            decision.approved_by = act.by.account();
            decision.approved_at = Some(act.now);
        }
        let state = self.state.clone();
        Ok(self.enter(state, Verb::DecisionApproved, act, json!({})))
    }

    /// Sends the drafted decision back to review, with what is to be looked at again.
    pub fn send_back(mut self, note: &str, act: &Act<'_>) -> Result<Change<Self>, Refusal> {
        self.allows(Action::SendBack, act)?;
        let note = text::body(note).map_err(|problem| Refusal::Invalid {
            field: "note",
            problem,
        })?;
        self.sent_back = Some(note);
        Ok(self.enter(State::InReview, Verb::DecisionSentBack, act, json!({})))
    }

    /// Publishes the drafted decision: from now on the applicant sees it.
    pub fn publish(self, act: &Act<'_>) -> Result<Change<Self>, Refusal> {
        self.allows(Action::Publish, act)?;
        let State::AwaitingApproval { decision } = &self.state else {
            return Err(Refusal::WrongState {
                action: Action::Publish,
                status: self.status_for(act.by),
            });
        };
        let mut decision = decision.clone();
        decision.published_at = Some(act.now);
        Ok(self.decided(decision, act, json!({})))
    }

    /// Accepts the organisation at once, within the limits.
    pub fn approve(self, message: Option<String>, act: &Act<'_>) -> Result<Change<Self>, Refusal> {
        self.allows(Action::Approve, act)?;
        let draft = Draft {
            outcome: Outcome::Approve,
            reasons: Vec::new(),
            message,
        };
        self.decide(&draft, act)
    }

    /// Declines at once, with reasons.
    pub fn decline(
        self,
        reasons: Vec<String>,
        message: Option<String>,
        act: &Act<'_>,
    ) -> Result<Change<Self>, Refusal> {
        self.allows(Action::Decline, act)?;
        let draft = Draft {
            outcome: Outcome::Decline,
            reasons,
            message,
        };
        self.decide(&draft, act)
    }

    fn decide(self, draft: &Draft, act: &Act<'_>) -> Result<Change<Self>, Refusal> {
        let mut decision = self.drafted(draft, act)?;
        decision.published_at = Some(act.now);
        Ok(self.decided(decision, act, json!({})))
    }

    fn drafted(&self, draft: &Draft, act: &Act<'_>) -> Result<Decision, Refusal> {
        let rules = &act.revision.rules;
        if draft.outcome == Outcome::Approve {
            self.evaluated()?;
        }
        let mut reasons: Vec<String> = Vec::new();
        if draft.outcome == Outcome::Decline {
            for code in &draft.reasons {
                if rules.reason(code).is_none() {
                    return Err(Refusal::UnknownReason {
                        code: code.clone(),
                        known: rules
                            .decline_reasons
                            .iter()
                            .map(|r| r.code.clone())
                            .collect(),
                    });
                }
                if !reasons.contains(code) {
                    reasons.push(code.clone());
                }
            }
            if reasons.is_empty() {
                return Err(Refusal::NoReason);
            }
        }
        let message = draft
            .message
            .as_deref()
            .map(text::body)
            .transpose()
            .map_err(|problem| Refusal::Invalid {
                field: "message",
                problem,
            })?;
        Ok(Decision {
            outcome: draft.outcome,
            reasons,
            message,
            mode: Mode::of(act.by),
            drafted_by: act.by.account(),
            drafted_at: act.now,
            limits: match draft.outcome {
                Outcome::Approve => self.limits(),
                Outcome::Decline => Vec::new(),
            },
            approved_by: None,
            approved_at: None,
            published_at: None,
        })
    }

    /// Enters the final state that a published decision stands for.
    pub(super) fn decided(
        self,
        decision: Decision,
        act: &Act<'_>,
        mut told: Value,
    ) -> Change<Self> {
        if let Some(told) = told.as_object_mut() {
            told.insert("reasons".into(), json!(decision.reasons));
            told.insert("mode".into(), json!(decision.mode));
        }
        match decision.outcome {
            Outcome::Approve => self.enter(State::Approved { decision }, Verb::Approved, act, told),
            Outcome::Decline => self.enter(State::Declined { decision }, Verb::Declined, act, told),
        }
    }
}
