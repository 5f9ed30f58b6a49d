//! Who may do what, and what they are shown.

use super::*;
use crate::actor::Permission;

/// The names of actions, in their order; those that are refused in brackets.
fn shown(desk: &Desk, application: &Application, by: &Actor, now: &str) -> String {
    let words = application
        .available_actions(&desk.act(by, at(now)))
        .into_iter()
        .map(|available| match available.refusal {
            None => name(available.action),
            Some(_) => format!("({})", name(available.action)),
        });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn everybody_is_shown_the_actions_of_their_role_and_no_other() {
    let desk = Desk::new();
    let input = Input::default();
    let reviewing =
        "EVALUATE CLAIM ASK HOLD RELEASE PROPOSE PUBLISH APPROVE DECLINE REOPEN WAITLIST OFFER";
    let managing = "EVALUATE CLAIM ASSIGN UNASSIGN ASK HOLD RELEASE PROPOSE APPROVE_DECISION SEND_BACK \
                    PUBLISH APPROVE DECLINE REOPEN WAITLIST OFFER";
    let serving = "ANSWER SUBMIT EVALUATE ASSIGN UNASSIGN ASK HOLD RELEASE PROPOSE SEND_BACK PUBLISH APPROVE DECLINE WARN EXPIRE REOPEN WAITLIST OFFER ALERT";
    for (who, by) in everybody() {
        let expected = match who {
            "owner" => "ANSWER SUBMIT REPLY WITHDRAW REOPEN",
            "specialist" | "colleague" => reviewing,
            "manager" | "second manager" | "operations manager" => managing,
            "importer" => "ANSWER SUBMIT",
            "service" => serving,
            _ => "",
        };
        // Whose draft it is matters to one more action, where there is a draft.
        for status in Status::ALL {
            let application = desk.in_state(status, &input);
            if status != Status::AwaitingApproval {
                let shown = shown(&desk, &application, &by, "01-05T12:00");
                assert_eq!(shown.replace(['(', ')'], ""), expected, "{who}, {status:?}");
            }
        }
    }
}

#[test]
fn a_drafted_decision_is_handled_by_its_author_and_by_those_who_approve_decisions() {
    let desk = Desk::new();
    let over = desk.in_state(Status::AwaitingApproval, &over_a_limit());
    let within = desk.in_state(Status::AwaitingApproval, &Input::default());
    let allowed = |application: &Application, by: &Actor| {
        let shown = shown(&desk, application, by, "01-05T12:00");
        let allowed = shown.split(' ').filter(|word| !word.starts_with('('));
        allowed.collect::<Vec<_>>().join(" ")
    };
    for (by, over_expected, within_expected) in [
        (specialist(), "SEND_BACK", "SEND_BACK PUBLISH"),
        (colleague(), "", "PUBLISH"),
        (
            manager(),
            "ASSIGN APPROVE_DECISION SEND_BACK",
            "ASSIGN SEND_BACK PUBLISH",
        ),
        (owner(), "WITHDRAW", "WITHDRAW"),
        (other_applicant(), "", ""),
    ] {
        assert_eq!(allowed(&over, &by), over_expected, "{by:?}");
        assert_eq!(allowed(&within, &by), within_expected, "{by:?}");
    }
}

#[test]
fn what_is_shown_to_be_allowed_is_what_the_command_does() {
    let desk = Desk::new();
    let mut applications: Vec<_> = Status::ALL
        .into_iter()
        .flat_map(|status| {
            let inputs = match status {
                Status::InReview | Status::AwaitingApproval => {
                    vec![Input::default(), over_a_limit(), against_the_criteria()]
                }
                _ => vec![Input::default()],
            };
            inputs.into_iter().map(move |input| (status, input))
        })
        .map(|(status, input)| desk.in_state(status, &input))
        .collect();
    applications.push(
        desk.done(desk.in_review(), Action::Claim, "01-05T12:00")
            .after,
    );
    applications.push(desk.done(desk.draft(), Action::Warn, "02-02T08:00").after);
    applications.push(desk.after(&[Action::Warn, Action::Expire], &Input::default()));
    for application in applications {
        for (who, by) in everybody() {
            for (now, seen) in [
                ("01-05T12:00", None),
                ("03-02T12:00", Some(application.version)),
                ("03-02T12:00", Some(application.version - 1)),
            ] {
                let act = Act {
                    seen,
                    ..desk.act(&by, at(now))
                };
                for action in Action::ALL {
                    let shown = application.allows(action, &act);
                    let done = desk.run(application.clone(), action, &Input::default(), &act);
                    let status = application.status();
                    assert_eq!(done.err(), shown.err(), "{who}, {status:?}, {action:?}");
                }
            }
        }
    }
}

#[test]
fn who_may_not_act_is_told_so_before_anything_else() {
    let desk = Desk::new();
    let application = desk.in_review();
    let elsewhere = staff(STRANGER, Role::Specialist, Some(OTHER_PROGRAM));
    for (by, action, refusal) in [
        (other_applicant(), Action::Answer, Refusal::NotApplicant),
        (other_applicant(), Action::Reply, Refusal::NotApplicant),
        (other_applicant(), Action::Withdraw, Refusal::NotApplicant),
        (
            other_applicant(),
            Action::Reopen,
            Refusal::NotPermitted(Permission::Review),
        ),
        (
            owner(),
            Action::Approve,
            Refusal::NotPermitted(Permission::Decide),
        ),
        (
            owner(),
            Action::Expire,
            Refusal::NotPermitted(Permission::Decide),
        ),
        (
            elsewhere.clone(),
            Action::Claim,
            Refusal::NotPermitted(Permission::Review),
        ),
        (
            elsewhere,
            Action::Decline,
            Refusal::NotPermitted(Permission::Decide),
        ),
        (
            specialist(),
            Action::Assign,
            Refusal::NotPermitted(Permission::Assign),
        ),
        (specialist(), Action::Withdraw, Refusal::NotApplicant),
        (
            specialist(),
            Action::ApproveDecision,
            Refusal::NotPermitted(Permission::ApproveDecisions),
        ),
        (
            manager(),
            Action::Expire,
            Refusal::NotPermitted(Permission::Decide),
        ),
        (importer(PROGRAM), Action::Reply, Refusal::NotApplicant),
        (
            importer(OTHER_PROGRAM),
            Action::Submit,
            Refusal::NotApplicant,
        ),
        (Actor::System, Action::Withdraw, Refusal::NotApplicant),
    ] {
        // Neither the version nor the state is told to them.
        let act = Act {
            seen: Some(1),
            ..desk.act(&by, at("01-05T12:00"))
        };
        assert_eq!(
            application.allows(action, &act),
            Err(refusal),
            "{by:?}, {action:?}"
        );
    }
}

#[test]
fn a_stale_command_is_refused_with_the_version_that_stands_now() {
    let desk = Desk::new();
    let application = desk.in_review();
    let by = specialist();
    let now = at("01-05T12:00");
    for seen in [application.version - 1, application.version + 1] {
        let act = Act {
            seen: Some(seen),
            ..desk.act(&by, now)
        };
        let refusal = application.clone().approve(None, &act).unwrap_err();
        let current = application.version;
        assert_eq!(refusal, Refusal::Stale { current });
        assert!(refusal.message().contains(&format!("is now {current}.")));
    }
    let act = Act {
        seen: Some(application.version),
        ..desk.act(&by, now)
    };
    assert_eq!(application.allows(Action::Approve, &act), Ok(()));
}

#[test]
fn an_applicant_cannot_tell_a_hold_or_a_drafted_decision_from_a_review() {
    let desk = Desk::new();
    let by = owner();
    let act = desk.act(&by, at("01-05T12:00"));
    let answers_to = |application: &Application| {
        let told = Action::ALL.map(|action| {
            let done = desk.run(application.clone(), action, &Input::default(), &act);
            done.err().map(|refusal| (refusal.message(), refusal))
        });
        (
            application.status_for(&by),
            application.decision_for(&by).cloned(),
            application.available_actions(&act),
            told,
        )
    };
    let in_review = answers_to(&desk.in_review());
    assert_eq!(in_review.0, Status::InReview);
    for status in [Status::OnHold, Status::AwaitingApproval] {
        for input in [Input::default(), over_a_limit(), against_the_criteria()] {
            let hidden = desk.in_state(status, &input);
            assert_eq!(answers_to(&hidden), in_review, "{status:?}");
        }
    }
}

#[test]
fn every_other_status_is_told_to_everybody_as_it_is() {
    let desk = Desk::new();
    for status in Status::ALL {
        let application = desk.in_state(status, &Input::default());
        assert_eq!(application.status_for(&specialist()), status);
        if !matches!(status, Status::OnHold | Status::AwaitingApproval) {
            assert_eq!(application.status_for(&owner()), status);
        }
    }
}

#[test]
fn a_decision_is_seen_by_the_team_when_drafted_and_by_the_applicant_when_published() {
    let desk = Desk::new();
    let drafted = desk.in_state(Status::AwaitingApproval, &Input::default());
    let elsewhere = staff(STRANGER, Role::Specialist, Some(OTHER_PROGRAM));
    assert!(drafted.decision_for(&specialist()).is_some());
    for by in [owner(), other_applicant(), elsewhere, Actor::Anonymous] {
        assert_eq!(drafted.decision_for(&by), None, "{by:?}");
    }
    let published = desk.done(drafted, Action::Publish, "01-05T12:00").after;
    let seen = published.decision_for(&owner()).unwrap();
    assert_eq!(seen.published_at, Some(at("01-05T12:00")));
}

#[test]
fn only_one_person_works_on_an_application_until_a_manager_gives_it_to_another() {
    let desk = Desk::new();
    let now = at("01-05T12:00");
    let claimed = desk
        .done(desk.in_review(), Action::Claim, "01-05T12:00")
        .after;
    assert_eq!(claimed.assignee, Some(SPECIALIST));
    let by = colleague();
    let refused = claimed.clone().claim(&desk.act(&by, now));
    assert_eq!(refused.unwrap_err(), Refusal::AssignedTo(SPECIALIST));
    let again = desk
        .done(claimed.clone(), Action::Claim, "01-05T12:00")
        .after;
    assert_eq!(again.assignee, Some(SPECIALIST));
    // It is no lock: a colleague can still act.
    assert_eq!(claimed.allows(Action::Approve, &desk.act(&by, now)), Ok(()));

    let given = desk.done(claimed, Action::Assign, "01-05T12:00").after;
    assert_eq!(given.assignee, Some(COLLEAGUE));
    // Whoever has it may give it back, a manager too, and nobody else.
    let by = specialist();
    let refused = given.clone().unassign(&desk.act(&by, now));
    assert_eq!(
        refused.unwrap_err(),
        Refusal::NotPermitted(Permission::Assign)
    );
    for by in [colleague(), manager()] {
        let free = given.clone().unassign(&desk.act(&by, now)).unwrap().after;
        assert_eq!((free.assignee, free.manual_steps), (None, 0));
        let again = free.unassign(&desk.act(&manager(), now));
        assert_eq!(again.unwrap_err(), Refusal::NotAssigned);
    }
    let by = manager();
    let free = given.unassign(&desk.act(&by, now)).unwrap().after;
    let by = colleague();
    let taken = free.claim(&desk.act(&by, now)).unwrap().after;
    assert_eq!(taken.assignee, Some(COLLEAGUE));
}

#[test]
fn an_application_is_only_given_to_somebody_who_can_review_it() {
    let desk = Desk::new();
    let by = manager();
    let act = desk.act(&by, at("01-05T12:00"));
    let elsewhere = account(COLLEAGUE, Role::Specialist, OTHER_PROGRAM);
    let observer = account(COLLEAGUE, Role::Observer, PROGRAM);
    let mut closed = account(COLLEAGUE, Role::Specialist, PROGRAM);
    closed.disabled_at = Some(at("01-04T12:00"));
    let mut applicant = account(COLLEAGUE, Role::Specialist, PROGRAM);
    applicant.kind = account::Kind::Applicant;
    for to in [elsewhere, observer, closed, applicant] {
        let refused = desk.in_review().assign(&to, &act);
        assert_eq!(
            refused.unwrap_err(),
            Refusal::CannotReview(COLLEAGUE),
            "{to:?}"
        );
    }
}
