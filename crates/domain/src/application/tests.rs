//! The life of an application as tables: here is what they act under, each file asks one question.

#![expect(clippy::unwrap_used, reason = "tests")]

mod asking;
mod automation;
mod decisions;
mod intake;
mod letters;
mod people;
mod permissions;
mod promises;
mod properties;
mod resolution;
mod table;
mod waiting;

use chrono::TimeDelta;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::intake::Beginning;
use super::{
    Act, Action, Alert, AlertLevel, Application, Duty, HoldCause, Kind, PromiseKind, Refusal,
    Standing, State, Status,
};
use crate::Timestamp;
use crate::account::{self, Account};
use crate::actor::{Actor, Means, Role};
use crate::change::Change;
use crate::criteria::{Evaluation, Recommendation};
use crate::decision::{Decision, Draft, Outcome};
use crate::facts::Answers;
use crate::id::Id;
use crate::program::Revision;
use crate::program::form::Form;
use people::*;

/// What a test acts under: a revision, and its form.
struct Desk {
    revision: Revision,
    form: Form,
}

/// What commands take besides the application; by default what every one of them accepts.
#[derive(Clone, Debug)]
struct Input {
    answers: Answers,
    text: String,
    recommendation: Recommendation,
    limits: Vec<String>,
    fields: Vec<String>,
    unanswered: Vec<String>,
    outcome: Outcome,
    reasons: Vec<String>,
    cause: HoldCause,
    until: Option<Timestamp>,
    to: Account,
}

impl Default for Input {
    fn default() -> Self {
        Self {
            answers: answers(&json!({ "name": "Agora", "seats": 12 })),
            text: "Which licence is it?".to_owned(),
            recommendation: Recommendation::Review,
            limits: Vec::new(),
            fields: Vec::new(),
            unanswered: Vec::new(),
            outcome: Outcome::Approve,
            reasons: vec!["LICENCE".to_owned()],
            cause: HoldCause::Compliance,
            until: None,
            to: account(COLLEAGUE, Role::Specialist, PROGRAM),
        }
    }
}

/// What leads to decisions that need a second person.
fn over_a_limit() -> Input {
    Input {
        recommendation: Recommendation::Approve,
        limits: vec!["many-seats".to_owned()],
        ..Input::default()
    }
}

/// What leads to an approval that the criteria speak against.
fn against_the_criteria() -> Input {
    Input {
        recommendation: Recommendation::Decline,
        ..Input::default()
    }
}

impl Desk {
    fn new() -> Self {
        Self::with(&json!({}))
    }

    /// With these parts of the rules instead of the usual ones.
    fn with(parts: &Value) -> Self {
        let mut rules = json!({
            "key": "open-source",
            "name": "Open Source",
            "summary": "For open-source projects.",
            "promise": { "aim_days": 5, "limit_days": 10 },
            "automation": { "approve": "OFF", "decline": "OFF" },
            "waiting": { "draft_days": 30, "question_days": 14, "warn_days": 3 },
            "capacity": 1000,
            "verify": { "organization": "name" },
            "benefits": [],
            "renewal": { "term_months": 12, "window_days": 60, "grace_days": 30 },
            "criteria": [],
            "approvals": [{ "key": "many-seats", "when": "seats > 100", "statement": "Many seats are asked for." }],
            "decline_reasons": [
                { "code": "LICENCE", "message": "The licence is not open.", "fix": "Choose an open licence." },
                { "code": "PRIVATE", "message": "The code is private.", "fix": "Publish the code." }
            ],
            "calendar": {
                "time_zone": "UTC",
                "edition": [{
                    "week": [{ "days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "17:00" }]
                }]
            },
            "form": {
                "type": "object",
                "required": ["name", "seats"],
                "properties": {
                    "name": { "title": "Name", "type": "string", "minLength": 1 },
                    "seats": { "title": "Seats", "type": "integer", "minimum": 1 }
                }
            },
            "messages": {
                "received": "Dear {{ applicant }}, {{ organization }} hears from {{ program }} by {{ due }}.",
                "question": "{{ question }} Answer by {{ due }}.",
                "approved": "Welcome, {{ organization }}! {{ message }}",
                "declined": "Sorry.\n{{ reasons }}\nDo this:\n{{ fix }}\n{{ message }}",
                "expiring": "It ends on {{ due }}.",
                "expired": "It ended."
            }
        });
        for (key, part) in parts.as_object().unwrap() {
            rules[key] = part.clone();
        }
        let form = Form::compile(&rules["form"]).unwrap();
        let revision = Revision {
            id: id(1000),
            program: PROGRAM,
            number: 1,
            published_at: at("01-01T00:00"),
            rules: serde_json::from_value(rules).unwrap(),
        };
        Self { revision, form }
    }

    fn act<'a>(&'a self, by: &'a Actor, now: Timestamp) -> Act<'a> {
        Act {
            by,
            revision: &self.revision,
            now,
            seen: None,
        }
    }

    /// A draft of the owner, begun at eight on Monday 5 January 2026, an hour before the team opens.
    fn draft(&self) -> Application {
        let act = self.act(
            &Actor::Applicant {
                account: OWNER,
                means: Means::Account,
            },
            at("01-05T08:00"),
        );
        let mut draft = Application::create(beginning(), &act).unwrap().after;
        // As if another system had brought it in, which may then finish it as well.
        draft.external_id = Some("4711".to_owned());
        draft
    }

    /// Calls the method that an action stands for.
    fn run(
        &self,
        application: Application,
        action: Action,
        input: &Input,
        act: &Act<'_>,
    ) -> Result<Change<Application>, Refusal> {
        let text = input.text.as_str();
        let message = Some(input.text.clone());
        match action {
            Action::Answer => application.answer(&input.answers, &self.form, act),
            Action::Submit => application.submit(&input.answers, &self.form, act),
            Action::Evaluate => application.evaluate(&evaluation(input, act), act),
            Action::Claim => application.claim(act),
            Action::Assign => application.assign(&input.to, act),
            Action::Unassign => application.unassign(act),
            Action::Ask => application.ask(text, input.fields.clone(), &self.form, act),
            Action::Reply => application.reply(text, &input.answers, &self.form, act),
            Action::Hold => application.hold(input.cause, text, input.until, act),
            Action::Release => application.release(act),
            Action::Propose => {
                let draft = Draft {
                    outcome: input.outcome,
                    reasons: input.reasons.clone(),
                    message,
                };
                application.propose(&draft, act)
            }
            Action::ApproveDecision => application.approve_decision(act),
            Action::SendBack => application.send_back(text, act),
            Action::Publish => application.publish(act),
            Action::Approve => application.approve(message, act),
            Action::Decline => application.decline(input.reasons.clone(), message, act),
            Action::Withdraw => application.withdraw(Some(text), act),
            Action::Warn => application.warn(act),
            Action::Expire => application.expire(act),
            Action::Reopen => application.reopen(text, act),
            Action::Waitlist => application.waitlist(act),
            Action::Offer => application.offer(act),
            Action::Alert => {
                let alert = Alert {
                    promise: PromiseKind::Decision,
                    level: AlertLevel::AtRisk,
                    due_at: act.now,
                };
                application.alert(alert, act)
            }
        }
    }

    /// The change that somebody who may makes of an application, with what every command accepts.
    fn done(&self, application: Application, action: Action, now: &str) -> Change<Application> {
        let by = somebody_who_may(action);
        let act = self.act(&by, at(now));
        self.run(application, action, &Input::default(), &act)
            .unwrap()
    }

    /// The application after actions, one an hour, or at the deadline where they wait for it.
    fn after(&self, actions: &[Action], input: &Input) -> Application {
        let mut now = at("01-05T08:00");
        let mut application = self.draft();
        for action in actions {
            now += TimeDelta::hours(1);
            if *action == Action::Expire {
                now = now.max(application.deadline_at.unwrap());
            }
            let by = somebody_who_may(*action);
            let act = self.act(&by, now);
            let change = self.run(application, *action, input, &act);
            application = change.unwrap().after;
        }
        application
    }

    /// An application in this state, by noon of its first day, unless it expired.
    fn in_state(&self, status: Status, input: &Input) -> Application {
        use Action as A;
        let last: &[A] = match status {
            Status::Draft => return self.draft(),
            Status::Submitted => return self.after(&[A::Submit], input),
            Status::InReview => &[],
            Status::AwaitingApplicant => &[A::Ask],
            Status::OnHold => &[A::Hold],
            Status::AwaitingApproval => &[A::Propose],
            Status::Waitlisted => &[A::Waitlist],
            Status::Approved => &[A::Approve],
            Status::Declined => &[A::Decline],
            Status::Withdrawn => &[A::Withdraw],
            Status::Expired => &[A::Ask, A::Warn, A::Expire],
        };
        let application = self.after(&[&[A::Submit, A::Evaluate], last].concat(), input);
        assert_eq!(application.status(), status);
        application
    }

    fn in_review(&self) -> Application {
        self.in_state(Status::InReview, &Input::default())
    }
}

fn beginning() -> Beginning {
    Beginning {
        id: id(10),
        kind: Kind::New,
        organization: id(20),
        applicant: OWNER,
        external_id: None,
    }
}

/// A run of the criteria that came to what the input says; those that decline always say why.
fn evaluation(input: &Input, act: &Act<'_>) -> Evaluation {
    let reasons = match input.recommendation {
        Recommendation::Decline => vec!["LICENCE".to_owned()],
        _ => Vec::new(),
    };
    Evaluation {
        id: id(30),
        application: id(10),
        revision: act.revision.id,
        at: act.now,
        findings: Vec::new(),
        recommendation: input.recommendation,
        reasons,
        limits: input.limits.clone(),
        unanswered: input.unanswered.clone(),
    }
}

fn answers(values: &Value) -> Answers {
    Answers {
        values: values.as_object().unwrap().clone(),
        ..Answers::default()
    }
}

fn decision(application: &Application) -> Option<&Decision> {
    application.decision_for(&Actor::System)
}

fn id<T>(number: u128) -> Id<T> {
    Id::new(Uuid::from_u128(number))
}

/// An instant in 2026, e.g. `01-05T09:00`.
fn at(text: &str) -> Timestamp {
    format!("2026-{text}:00Z").parse().unwrap()
}

/// The name of an action, a status and the like, as it is written outside.
fn name(value: impl Serialize) -> String {
    json!(value).as_str().unwrap().to_owned()
}
