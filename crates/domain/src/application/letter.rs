//! What the applicant is told when something happens: one letter for each public step.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::{Application, State};
use crate::change::{Change, Verb};
use crate::id::Id;
use crate::message::{Kind, Message, render};
use crate::program::Revision;

/// Names that letters use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The applicant's name.
    pub applicant: String,
    /// The organisation's name.
    pub organization: String,
}

/// The kind of message that a step calls for; most stay with the team and call for none.
pub const fn called_for(verb: Verb) -> Option<Kind> {
    Some(match verb {
        Verb::Submitted => Kind::Received,
        Verb::Asked => Kind::Question,
        Verb::Replied => Kind::Reply,
        Verb::Approved => Kind::Approved,
        Verb::Declined => Kind::Declined,
        Verb::Warned => Kind::Expiring,
        Verb::Expired => Kind::Expired,
        Verb::Reopened => Kind::Appeal,
        _ => return None,
    })
}

/// The message that a change calls for, if it does: what the applicant wrote (`written`), or what the
/// revision's template says.
pub fn letter(
    change: &Change<Application>,
    id: Id<Message>,
    written: Option<&str>,
    names: &Names,
    revision: &Revision,
) -> Option<Message> {
    let kind = called_for(change.activity.verb)?;
    let body = match kind.template() {
        None => written?.trim().to_owned(),
        Some(template) => render(
            revision.rules.messages.get(template)?,
            &values(&change.after, names, revision),
        ),
    };
    Some(Message {
        id,
        application: change.after.id,
        kind,
        author: match kind {
            // The service writes them, whoever gave it the occasion.
            Kind::Received | Kind::Expiring | Kind::Expired => None,
            _ => change.activity.account,
        },
        body,
        at: change.activity.at,
    })
}

fn values<'a>(
    application: &Application,
    names: &Names,
    revision: &Revision,
) -> BTreeMap<&'a str, String> {
    let rules = &revision.rules;
    // What is due at 24:00 is due on the day that ends then.
    let local = |at: crate::Timestamp| {
        let last_moment = at.checked_sub_signed(TimeDelta::nanoseconds(1));
        last_moment
            .unwrap_or(at)
            .with_timezone(&rules.calendar.time_zone)
            .format("%-d %B %Y")
            .to_string()
    };
    let mut values = BTreeMap::from([
        ("applicant", names.applicant.clone()),
        ("organization", names.organization.clone()),
        ("program", rules.name.clone()),
    ]);
    let due = application.deadline_at.or(application.due_at);
    values.insert("due", due.map(local).unwrap_or_default());
    match &application.state {
        State::AwaitingApplicant { question, .. } => {
            values.insert("question", question.clone());
        }
        State::Approved { decision } | State::Declined { decision } => {
            let reasons: Vec<_> = decision
                .reasons
                .iter()
                .filter_map(|code| rules.reason(code))
                .collect();
            let lines = |text: fn(&crate::program::rules::DeclineReason) -> &str| {
                reasons
                    .iter()
                    .map(|reason| format!("- {}", text(reason)))
                    .collect::<Vec<_>>()
                    .join("\n")
            };
            values.insert("reasons", lines(|reason| &reason.message));
            values.insert("fix", lines(|reason| &reason.fix));
            values.insert("message", decision.message.clone().unwrap_or_default());
        }
        _ => {}
    }
    values
}
