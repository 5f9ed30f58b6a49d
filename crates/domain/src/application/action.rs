//! Actions: what can be done to an application, in which states, by whom.

use super::{Act, Application, Refusal, State, Status};
use crate::actor::{Actor, Permission};
use serde::{Deserialize, Serialize};

/// A command on an existing application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Action {
    /// Give or change answers.
    Answer,
    /// Hand it in.
    Submit,
    /// Run the criteria (again).
    Evaluate,
    /// Take it on.
    Claim,
    /// Give it to somebody.
    Assign,
    /// Give it back, so that nobody works on it.
    Unassign,
    /// Ask the applicant.
    Ask,
    /// Answer the question.
    Reply,
    /// Put it on hold.
    Hold,
    /// End the hold.
    Release,
    /// Draft a decision for a second person, or for later.
    Propose,
    /// Approve the drafted decision as a second person.
    ApproveDecision,
    /// Send the drafted decision back.
    SendBack,
    /// Publish the drafted decision.
    Publish,
    /// Accept it, within the limits.
    Approve,
    /// Decline it.
    Decline,
    /// Take it back.
    Withdraw,
    /// Warn the applicant of the deadline.
    Warn,
    /// End it by silence.
    Expire,
    /// Take it up again.
    Reopen,
    /// Put it on the waiting list.
    Waitlist,
    /// Offer it a place that became free.
    Offer,
    /// Tell the team of a promise that breaks.
    Alert,
}

/// Whether a viewer may act now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Available {
    /// What.
    pub action: Action,
    /// Why not; none when it is allowed.
    pub refusal: Option<Refusal>,
}

impl Action {
    /// Every action, in the order of a life.
    pub const ALL: [Self; 23] = [
        Self::Answer,
        Self::Submit,
        Self::Evaluate,
        Self::Claim,
        Self::Assign,
        Self::Unassign,
        Self::Ask,
        Self::Reply,
        Self::Hold,
        Self::Release,
        Self::Propose,
        Self::ApproveDecision,
        Self::SendBack,
        Self::Publish,
        Self::Approve,
        Self::Decline,
        Self::Withdraw,
        Self::Warn,
        Self::Expire,
        Self::Reopen,
        Self::Waitlist,
        Self::Offer,
        Self::Alert,
    ];

    /// The states in which it exists.
    pub const fn allowed_from(self) -> &'static [Status] {
        use Status as S;
        match self {
            Self::Answer | Self::Warn | Self::Expire => &[S::Draft, S::AwaitingApplicant],
            Self::Submit => &[S::Draft],
            Self::Evaluate => &[S::Submitted, S::InReview],
            Self::Claim
            | Self::Ask
            | Self::Hold
            | Self::Propose
            | Self::Approve
            | Self::Decline
            | Self::Waitlist => &[S::InReview],
            Self::Assign | Self::Unassign => &[
                S::InReview,
                S::AwaitingApplicant,
                S::OnHold,
                S::AwaitingApproval,
                S::Waitlisted,
            ],
            Self::Reply => &[S::AwaitingApplicant],
            Self::Release => &[S::OnHold],
            Self::ApproveDecision | Self::SendBack | Self::Publish => &[S::AwaitingApproval],
            Self::Withdraw => &[
                S::Draft,
                S::Submitted,
                S::InReview,
                S::AwaitingApplicant,
                S::OnHold,
                S::AwaitingApproval,
                S::Waitlisted,
            ],
            Self::Reopen => &[S::Declined, S::Expired],
            Self::Offer => &[S::Waitlisted],
            Self::Alert => &[S::InReview, S::OnHold, S::AwaitingApproval],
        }
    }

    /// Its name at the start of a sentence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answer => "Answering",
            Self::Submit => "Submitting",
            Self::Evaluate => "Evaluating",
            Self::Claim => "Claiming",
            Self::Assign => "Assigning",
            Self::Unassign => "Giving back",
            Self::Ask => "Asking",
            Self::Reply => "Replying",
            Self::Hold => "Holding",
            Self::Release => "Releasing",
            Self::Propose => "Proposing",
            Self::ApproveDecision => "Approving the decision",
            Self::SendBack => "Sending back",
            Self::Publish => "Publishing",
            Self::Approve => "Approving",
            Self::Decline => "Declining",
            Self::Withdraw => "Withdrawing",
            Self::Warn => "Warning",
            Self::Expire => "Expiring",
            Self::Reopen => "Reopening",
            Self::Waitlist => "Waitlisting",
            Self::Offer => "Offering a place",
            Self::Alert => "Alerting the team",
        }
    }
}

impl Application {
    /// Refuses what this actor may not do to this application now. Every command starts here, and
    /// so does what a frontend shows, so the two cannot differ.
    pub fn allows(&self, action: Action, act: &Act<'_>) -> Result<(), Refusal> {
        self.permits(action, act.by)?;
        if act.seen.is_some_and(|seen| seen != self.version) {
            return Err(Refusal::Stale {
                current: self.version,
            });
        }
        if !action.allowed_from().contains(&self.status()) {
            return Err(Refusal::WrongState {
                action,
                status: self.status_for(act.by),
            });
        }
        match action {
            Action::Submit => act.taken_in()?,
            Action::Approve => {
                self.evaluated()?;
                let limits = self.limits();
                if !limits.is_empty() {
                    return Err(Refusal::OverLimit { limits });
                }
            }
            Action::Claim => {
                if let Some(other) = self.assignee.filter(|to| Some(*to) != act.by.account()) {
                    return Err(Refusal::AssignedTo(other));
                }
            }
            Action::Unassign if self.assignee.is_none() => return Err(Refusal::NotAssigned),
            Action::ApproveDecision => {
                let decision = self.decision_for(act.by);
                if decision.is_none_or(|decision| !decision.needs_approval()) {
                    return Err(Refusal::NothingToApprove);
                }
                if decision.is_some_and(|decision| decision.drafted_by == act.by.account()) {
                    return Err(Refusal::OwnDecision);
                }
            }
            Action::Publish => {
                if let Some(decision) = self.decision_for(act.by).filter(|d| d.needs_approval()) {
                    return Err(Refusal::NotYetApproved {
                        limits: decision.limits.clone(),
                    });
                }
            }
            Action::Waitlist if act.revision.rules.capacity.is_none() => {
                return Err(Refusal::NoCap);
            }
            Action::Expire => {
                let from = self.deadline_at.unwrap_or(act.now);
                if act.now < from {
                    return Err(Refusal::TooEarly { from });
                }
                if self.warned_at.is_none() {
                    return Err(Refusal::NotWarned);
                }
            }
            Action::Reopen if self.submitted_at.is_none() => return Err(Refusal::NeverSubmitted),
            _ => {}
        }
        Ok(())
    }

    /// Refuses to accept somebody whose present answers no criterion has seen, or who was not yet asked
    /// what an approval needs.
    pub(super) fn evaluated(&self) -> Result<(), Refusal> {
        match &self.assessed {
            Some(assessed) if assessed.unanswered.is_empty() => Ok(()),
            Some(assessed) => Err(Refusal::Unanswered {
                fields: assessed.unanswered.clone(),
            }),
            None => Err(Refusal::NotEvaluated),
        }
    }

    fn permits(&self, action: Action, by: &Actor) -> Result<(), Refusal> {
        let owner = by.is_applicant() && by.account() == Some(self.applicant);
        let team = |permission| {
            by.permitted(permission, self.program)
                .map_err(Refusal::from)
        };
        match action {
            Action::Answer | Action::Submit => {
                // What another system brought in, it may finish; nobody else writes for an applicant.
                let brought_in =
                    self.external_id.is_some() && team(Permission::ImportApplications).is_ok();
                if owner || brought_in {
                    Ok(())
                } else {
                    Err(Refusal::NotApplicant)
                }
            }
            Action::Reply | Action::Withdraw => {
                if owner {
                    Ok(())
                } else {
                    Err(Refusal::NotApplicant)
                }
            }
            Action::Reopen if owner => Ok(()),
            // Whoever works on it, and whoever approves as a second person, is a person.
            Action::Claim if *by == Actor::System => Err(Refusal::NotPermitted(Permission::Review)),
            Action::ApproveDecision if *by == Actor::System => {
                Err(Refusal::NotPermitted(Permission::ApproveDecisions))
            }
            Action::Evaluate
            | Action::Claim
            | Action::Ask
            | Action::Hold
            | Action::Release
            | Action::Propose
            | Action::Reopen => team(Permission::Review),
            Action::Approve
            | Action::Decline
            | Action::Publish
            | Action::Waitlist
            | Action::Offer => team(Permission::Decide),
            // Whoever took it on may give it back.
            Action::Unassign if self.assignee.is_some() && self.assignee == by.account() => {
                team(Permission::Review)
            }
            Action::Assign | Action::Unassign => team(Permission::Assign),
            Action::ApproveDecision => team(Permission::ApproveDecisions),
            Action::SendBack => {
                let own = match &self.state {
                    State::AwaitingApproval { decision } if self.is_reader(by) => {
                        decision.drafted_by
                    }
                    _ => None,
                };
                if own.is_some() && own == by.account() {
                    return Ok(());
                }
                team(Permission::ApproveDecisions)
            }
            Action::Warn | Action::Expire | Action::Alert => {
                if *by == Actor::System {
                    Ok(())
                } else {
                    Err(Refusal::NotPermitted(Permission::Decide))
                }
            }
        }
    }

    /// Each action that exists for this viewer, with what stands against it now.
    pub fn available_actions(&self, act: &Act<'_>) -> Vec<Available> {
        Action::ALL
            .into_iter()
            .filter(|action| self.permits(*action, act.by).is_ok())
            .map(|action| Available {
                action,
                refusal: self.allows(action, act).err(),
            })
            .collect()
    }
}
