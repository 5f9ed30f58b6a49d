//! Decisions: alone within the limits, by two people over them.

use super::*;
use crate::actor::Permission;
use crate::application::AGAINST_CRITERIA;
use crate::change::{Mode, Verb};
use crate::text;

fn limits(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn an_approval_over_a_limit_or_against_the_criteria_is_not_one_persons() {
    let desk = Desk::new();
    let both = Input {
        limits: limits(&["many-seats"]),
        ..against_the_criteria()
    };
    for (input, over) in [
        (over_a_limit(), vec!["many-seats"]),
        (against_the_criteria(), vec![AGAINST_CRITERIA]),
        (both, vec!["many-seats", AGAINST_CRITERIA]),
    ] {
        let limits = limits(&over);
        let application = desk.in_state(Status::InReview, &input);
        // Not even somebody's who approves the decisions of others.
        for by in [specialist(), manager(), Actor::System] {
            let act = desk.act(&by, at("01-05T12:00"));
            let refusal = application.clone().approve(None, &act).unwrap_err();
            let limits = limits.clone();
            assert_eq!(refusal, Refusal::OverLimit { limits });
            assert!(
                refusal.message().contains(&over.join(", ")),
                "{}",
                refusal.message()
            );
        }
        let proposed = desk
            .done(application.clone(), Action::Propose, "01-05T12:00")
            .after;
        assert_eq!(decision(&proposed).unwrap().limits, limits);
        // Declining is never over a limit.
        let declined = desk.done(application, Action::Decline, "01-05T12:00").after;
        assert_eq!(decision(&declined).unwrap().limits, [] as [String; 0]);
    }
}

#[test]
fn what_the_latest_evaluation_says_about_limits_holds() {
    let desk = Desk::new();
    let application = desk.in_state(Status::InReview, &over_a_limit());
    let mended = desk
        .done(application, Action::Evaluate, "01-05T12:00")
        .after;
    assert_eq!(mended.limits(), [] as [String; 0]);
    let approved = desk.done(mended, Action::Approve, "01-05T12:00").after;
    assert_eq!(approved.status(), Status::Approved);
}

#[test]
fn a_decision_over_a_limit_is_published_after_a_second_person_approved_it() {
    let desk = Desk::new();
    let proposed = desk.in_state(Status::AwaitingApproval, &over_a_limit());
    let now = at("01-05T12:00");
    let by = specialist();
    let early = proposed.clone().publish(&desk.act(&by, now));
    let limits = limits(&["many-seats"]);
    assert_eq!(early.unwrap_err(), Refusal::NotYetApproved { limits });

    let by = manager();
    let change = proposed.approve_decision(&desk.act(&by, now)).unwrap();
    assert_eq!(change.activity.verb, Verb::DecisionApproved);
    let approved = change.after;
    let second = decision(&approved).unwrap();
    assert_eq!(
        (second.approved_by, second.approved_at),
        (Some(MANAGER), Some(now))
    );
    let by = second_manager();
    let again = approved.clone().approve_decision(&desk.act(&by, now));
    assert_eq!(again.unwrap_err(), Refusal::NothingToApprove);

    let published = desk.done(approved, Action::Publish, "01-05T13:00").after;
    let published = decision(&published).unwrap();
    assert_eq!(published.drafted_by, Some(SPECIALIST));
    assert_eq!(published.approved_by, Some(MANAGER));
    assert_eq!(published.published_at, Some(at("01-05T13:00")));
    assert_eq!(published.mode, Mode::Manual);
}

#[test]
fn the_service_is_nobodys_second_person() {
    let desk = Desk::new();
    let proposed = desk.in_state(Status::AwaitingApproval, &over_a_limit());
    let act = desk.act(&Actor::System, at("01-05T12:00"));
    let refused = proposed.approve_decision(&act);
    let refusal = Refusal::NotPermitted(Permission::ApproveDecisions);
    assert_eq!(refused.unwrap_err(), refusal);
}

#[test]
fn nobody_is_their_own_second_person() {
    let desk = Desk::new();
    let application = desk.in_state(Status::InReview, &over_a_limit());
    let now = at("01-05T12:00");
    let draft = Draft {
        outcome: Outcome::Approve,
        reasons: Vec::new(),
        message: None,
    };
    let by = manager();
    let proposed = application
        .propose(&draft, &desk.act(&by, now))
        .unwrap()
        .after;
    let own = proposed.clone().approve_decision(&desk.act(&by, now));
    assert_eq!(own.unwrap_err(), Refusal::OwnDecision);
    let by = second_manager();
    let approved = proposed.approve_decision(&desk.act(&by, now)).unwrap();
    assert_eq!(
        decision(&approved.after).unwrap().approved_by,
        Some(SECOND_MANAGER)
    );
}

#[test]
fn a_decision_within_the_limits_has_nothing_to_approve() {
    let desk = Desk::new();
    let decline = Input {
        outcome: Outcome::Decline,
        ..over_a_limit()
    };
    for input in [Input::default(), decline] {
        let proposed = desk.in_state(Status::AwaitingApproval, &input);
        let by = manager();
        let act = desk.act(&by, at("01-05T12:00"));
        let refused = proposed.approve_decision(&act);
        assert_eq!(refused.unwrap_err(), Refusal::NothingToApprove);
    }
}

#[test]
fn a_decision_that_was_sent_back_is_forgotten() {
    let desk = Desk::new();
    let proposed = desk.in_state(Status::AwaitingApproval, &over_a_limit());
    let approved = desk
        .done(proposed, Action::ApproveDecision, "01-05T12:00")
        .after;
    let back = desk.done(approved, Action::SendBack, "01-05T13:00");
    assert_eq!(
        back.after.sent_back.as_deref(),
        Some("Which licence is it?")
    );
    assert_eq!(back.after.state, State::InReview);
    // What was approved then says nothing about what is drafted now.
    let again = desk.done(back.after, Action::Propose, "01-05T14:00").after;
    assert!(decision(&again).unwrap().needs_approval());
}

#[test]
fn a_decline_gives_known_reasons_each_once_and_in_order() {
    let desk = Desk::new();
    let by = specialist();
    let act = desk.act(&by, at("01-05T12:00"));
    let declined = |codes: &[&str]| desk.in_review().decline(limits(codes), None, &act);
    assert_eq!(declined(&[]).unwrap_err(), Refusal::NoReason);
    for codes in [
        &["WEATHER"] as &[_],
        &["LICENCE", "WEATHER"],
        &["licence", "WEATHER"],
    ] {
        let unknown = codes.iter().find(|code| **code != "LICENCE");
        let refusal = declined(codes).unwrap_err();
        assert_eq!(
            refusal,
            Refusal::UnknownReason {
                code: (*unknown.unwrap()).to_owned(),
                known: limits(&["LICENCE", "PRIVATE"]),
            }
        );
        assert!(refusal.message().ends_with("Known are: LICENCE, PRIVATE."));
    }
    let change = declined(&["PRIVATE", "LICENCE", "PRIVATE"]).unwrap();
    assert_eq!(
        decision(&change.after).unwrap().reasons,
        ["PRIVATE", "LICENCE"]
    );
    assert_eq!(
        change.activity.details["reasons"],
        json!(["PRIVATE", "LICENCE"])
    );
}

#[test]
fn a_drafted_decline_needs_reasons_too_and_an_approval_has_none() {
    let desk = Desk::new();
    let by = specialist();
    let act = desk.act(&by, at("01-05T12:00"));
    let propose = |outcome, reasons: &[&str]| {
        let draft = Draft {
            outcome,
            reasons: limits(reasons),
            message: None,
        };
        desk.in_review().propose(&draft, &act)
    };
    assert_eq!(
        propose(Outcome::Decline, &[]).unwrap_err(),
        Refusal::NoReason
    );
    let approve = propose(Outcome::Approve, &["LICENCE"]).unwrap().after;
    assert_eq!(decision(&approve).unwrap().reasons, [] as [String; 0]);
}

#[test]
fn what_people_write_is_trimmed_and_never_blank_or_endless() {
    let desk = Desk::new();
    let cases = [
        (Status::InReview, Action::Ask, "question"),
        (Status::InReview, Action::Hold, "note"),
        (Status::InReview, Action::Propose, "message"),
        (Status::InReview, Action::Approve, "message"),
        (Status::InReview, Action::Decline, "message"),
        (Status::AwaitingApplicant, Action::Reply, "message"),
        (Status::AwaitingApproval, Action::SendBack, "note"),
        (Status::Submitted, Action::Withdraw, "reason"),
        (Status::Declined, Action::Reopen, "reason"),
    ];
    let long = "x".repeat(text::BODY + 1);
    for (status, action, field) in cases {
        for (text, problem) in [
            (" \n\t ", text::Invalid::Empty),
            (long.as_str(), text::Invalid::TooLong(text::BODY)),
            ("a\u{0}b", text::Invalid::Control),
        ] {
            let input = Input {
                text: text.to_owned(),
                ..Input::default()
            };
            let application = desk.in_state(status, &Input::default());
            let by = somebody_who_may(action);
            let act = desk.act(&by, at("01-05T12:00"));
            let refused = desk.run(application, action, &input, &act);
            assert_eq!(
                refused.unwrap_err(),
                Refusal::Invalid { field, problem },
                "{action:?}"
            );
        }
    }
    let by = specialist();
    let act = desk.act(&by, at("01-05T12:00"));
    let (fields, form) = (Vec::new(), &desk.form);
    let asked = desk
        .in_review()
        .ask("  Why?\n ", fields.clone(), form, &act);
    let question = "Why?".to_owned();
    assert_eq!(
        asked.unwrap().after.state,
        State::AwaitingApplicant { question, fields }
    );
}
