//! What the applicant is told.

use super::*;
use crate::application::letter::{Names, letter};
use crate::message::{self, Message};

fn names() -> Names {
    Names {
        applicant: "Ada".to_owned(),
        organization: "Agora".to_owned(),
    }
}

fn written(desk: &Desk, change: &Change<Application>, text: Option<&str>) -> Option<Message> {
    letter(change, id(40), text, &names(), &desk.revision)
}

fn body(desk: &Desk, change: &Change<Application>) -> String {
    written(desk, change, None).unwrap().body
}

#[test]
fn each_public_step_has_its_letter_and_what_stays_in_the_team_has_none() {
    use message::Kind;
    let desk = Desk::new();
    for action in Action::ALL {
        let expected = match action {
            Action::Submit => Some(Kind::Received),
            Action::Ask => Some(Kind::Question),
            Action::Reply => Some(Kind::Reply),
            Action::Approve | Action::Publish => Some(Kind::Approved),
            Action::Decline => Some(Kind::Declined),
            Action::Warn => Some(Kind::Expiring),
            Action::Expire => Some(Kind::Expired),
            Action::Reopen => Some(Kind::Appeal),
            _ => None,
        };
        for status in action.allowed_from() {
            let input = match action {
                Action::ApproveDecision => over_a_limit(),
                _ => Input::default(),
            };
            let mut application = desk.in_state(*status, &input);
            let mut now = "01-05T12:00";
            if action == Action::Unassign {
                application.assignee = Some(SPECIALIST);
            }
            if action == Action::Expire {
                application = desk.done(application, Action::Warn, now).after;
                now = "03-02T12:00";
            }
            let change = desk.done(application, action, now);
            let told = written(&desk, &change, Some("Words."));
            assert_eq!(told.as_ref().map(|told| told.kind), expected, "{action:?}");
            if let Some(told) = told {
                assert_eq!((told.application, told.at), (change.after.id, at(now)));
                assert!(!told.body.contains("{{"), "{}", told.body);
                // Whoever reads the letter may also read the line of the log.
                assert!(change.activity.verb.is_public());
            }
        }
    }
}

#[test]
fn beginning_a_draft_is_no_news_to_who_began_it() {
    let desk = Desk::new();
    let by = owner();
    let begun = Application::create(beginning(), &desk.act(&by, at("01-05T08:00"))).unwrap();
    assert_eq!(written(&desk, &begun, Some("Words.")), None);
}

#[test]
fn a_receipt_says_until_when_the_team_answers() {
    let desk = Desk::new();
    let submitted = desk.done(desk.draft(), Action::Submit, "01-05T09:00");
    let letter = written(&desk, &submitted, None).unwrap();
    assert_eq!(
        letter.body,
        "Dear Ada, Agora hears from Open Source by 19 January 2026."
    );
    // The applicant handed it in, and the service wrote this.
    assert_eq!(letter.author, None);
}

#[test]
fn what_is_due_when_a_day_ends_is_due_on_that_day() {
    let week =
        json!([{ "days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "24:00" }]);
    let desk =
        Desk::with(&json!({ "calendar": { "time_zone": "UTC", "edition": [{ "week": week }] } }));
    let submitted = desk.done(desk.draft(), Action::Submit, "01-05T09:00");
    assert_eq!(submitted.after.due_at, Some(at("01-20T00:00")));
    assert!(body(&desk, &submitted).ends_with("by 19 January 2026."));
}

#[test]
fn dates_are_those_of_the_programs_time_zone() {
    let mut desk = Desk::new();
    desk.revision.rules.calendar.time_zone = "Pacific/Auckland".parse().unwrap();
    // Midnight in UTC is one in the afternoon in Auckland: the day after, without more.
    let asked = desk.done(desk.in_review(), Action::Ask, "01-05T12:00");
    assert_eq!(
        body(&desk, &asked),
        "Which licence is it? Answer by 20 January 2026."
    );
}

#[test]
fn a_question_says_until_when_it_waits() {
    let desk = Desk::new();
    let asked = desk.done(desk.in_review(), Action::Ask, "01-05T12:00");
    let letter = written(&desk, &asked, None).unwrap();
    assert_eq!(
        letter.body,
        "Which licence is it? Answer by 19 January 2026."
    );
    assert_eq!(letter.author, Some(SPECIALIST));
}

#[test]
fn a_question_that_comes_after_the_promise_was_due_still_says_until_when_it_waits() {
    let desk = Desk::new();
    let asked = desk.done(desk.in_review(), Action::Ask, "02-02T12:00");
    assert_eq!(asked.after.due_at, Some(at("01-19T17:00")));
    assert_eq!(
        body(&desk, &asked),
        "Which licence is it? Answer by 16 February 2026."
    );
}

#[test]
fn a_decline_always_says_why_and_what_can_be_done() {
    let desk = Desk::new();
    let by = specialist();
    let act = desk.act(&by, at("01-05T12:00"));
    let reasons = vec!["PRIVATE".to_owned(), "LICENCE".to_owned()];
    let message = Some("Come back {{ applicant }}!".to_owned());
    let declined = desk.in_review().decline(reasons, message, &act).unwrap();
    assert_eq!(
        body(&desk, &declined),
        "Sorry.\n- The code is private.\n- The licence is not open.\n\
         Do this:\n- Publish the code.\n- Choose an open licence.\n\
         Come back {{ applicant }}!"
    );
}

#[test]
fn a_decline_by_the_service_says_no_less() {
    let desk = Desk::with(&json!({ "automation": { "approve": "OFF", "decline": "ON" } }));
    let input = against_the_criteria();
    let submitted = desk.in_state(Status::Submitted, &input);
    let act = desk.act(&Actor::System, at("01-05T09:01"));
    let declined = desk.run(submitted, Action::Evaluate, &input, &act).unwrap();
    let letter = written(&desk, &declined, None).unwrap();
    assert_eq!(
        (letter.kind, letter.author),
        (message::Kind::Declined, None)
    );
    assert_eq!(
        letter.body,
        "Sorry.\n- The licence is not open.\nDo this:\n- Choose an open licence.\n"
    );
}

#[test]
fn an_approval_greets_the_organisation() {
    let desk = Desk::new();
    let approved = desk.done(desk.in_review(), Action::Approve, "01-05T12:00");
    assert_eq!(
        body(&desk, &approved),
        "Welcome, Agora! Which licence is it?"
    );
}

#[test]
fn a_warning_names_the_deadline_as_the_warning_moved_it() {
    let desk = Desk::new();
    let asked = desk.in_state(Status::AwaitingApplicant, &Input::default());
    let warned = desk.done(asked, Action::Warn, "01-18T12:00");
    assert_eq!(body(&desk, &warned), "It ends on 21 January 2026.");
}

#[test]
fn what_the_applicant_wrote_is_kept_as_it_was_written() {
    let desk = Desk::new();
    for (status, action, kind) in [
        (
            Status::AwaitingApplicant,
            Action::Reply,
            message::Kind::Reply,
        ),
        (Status::Declined, Action::Reopen, message::Kind::Appeal),
    ] {
        let application = desk.in_state(status, &Input::default());
        let change = desk.done(application, action, "01-05T12:00");
        let told = written(&desk, &change, Some(" Our {{ licence }} is MIT.\n")).unwrap();
        assert_eq!((told.kind, told.author), (kind, Some(OWNER)));
        assert_eq!(told.body, "Our {{ licence }} is MIT.");
        assert_eq!(written(&desk, &change, None), None);
    }
}

#[test]
fn a_revision_without_a_template_sends_no_letter() {
    let desk = Desk::with(&json!({ "messages": {} }));
    let approved = desk.done(desk.in_review(), Action::Approve, "01-05T12:00");
    assert_eq!(written(&desk, &approved, Some("Words.")), None);
}
