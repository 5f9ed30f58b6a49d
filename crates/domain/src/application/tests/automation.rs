//! What the service decides by itself.

use super::*;
use crate::change::{Mode, Verb};

/// Both switches: the first is that of the recommended outcome, the second that of the other one.
fn desk(recommendation: Recommendation, own: &str, other: &str) -> Desk {
    let (approve, decline) = if recommendation == Recommendation::Decline {
        (other, own)
    } else {
        (own, other)
    };
    Desk::with(&json!({ "automation": { "approve": approve, "decline": decline } }))
}

fn evaluated(
    desk: &Desk,
    recommendation: Recommendation,
    over: bool,
    by: &Actor,
) -> Change<Application> {
    let input = Input {
        recommendation,
        limits: if over {
            over_a_limit().limits
        } else {
            Vec::new()
        },
        ..Input::default()
    };
    let submitted = desk.in_state(Status::Submitted, &input);
    let act = desk.act(by, at("01-05T09:01"));
    desk.run(submitted, Action::Evaluate, &input, &act).unwrap()
}

#[test]
fn only_a_clear_recommendation_is_decided_and_only_where_its_own_switch_is_on() {
    use Recommendation as R;
    use Status::{Approved, Declined, InReview};
    let rows = [
        // recommendation, over a limit, with the switch OFF, SHADOW, ON
        (R::Approve, false, [InReview, InReview, Approved]),
        (R::Approve, true, [InReview, InReview, InReview]),
        (R::Decline, false, [InReview, InReview, Declined]),
        (R::Decline, true, [InReview, InReview, Declined]),
        (R::Review, false, [InReview; 3]),
        (R::Review, true, [InReview; 3]),
        (R::Ask, false, [InReview; 3]),
        (R::Ask, true, [InReview; 3]),
        (R::Hold, false, [InReview; 3]),
        (R::Hold, true, [InReview; 3]),
    ];
    for (recommendation, over, expected) in rows {
        for (switch, status) in ["OFF", "SHADOW", "ON"].into_iter().zip(expected) {
            for other in ["OFF", "SHADOW", "ON"] {
                let desk = desk(recommendation, switch, other);
                let change = evaluated(&desk, recommendation, over, &Actor::System);
                let case = format!("{recommendation:?}, {over}, {switch}, {other}");
                let after = &change.after;
                // Of what is neither, neither switch decides.
                assert_eq!(after.status(), status, "{case}");
                assert_eq!(
                    (change.activity.mode, after.manual_steps),
                    (Mode::Automated, 0),
                    "{case}"
                );
                let told = &change.activity.details;
                assert_eq!(told["recommendation"], json!(recommendation), "{case}");
                // A shadow is cast by what would have been decided.
                let decides =
                    matches!(recommendation, R::Approve if !over) || recommendation == R::Decline;
                let shadow = (switch == "SHADOW" && decides).then_some(recommendation);
                assert_eq!(told["shadow"], json!(shadow), "{case}");
            }
        }
    }
}

#[test]
fn an_automated_decision_is_signed_by_the_service_and_published_at_once() {
    for (recommendation, outcome, verb, reasons) in [
        (
            Recommendation::Approve,
            Outcome::Approve,
            Verb::Approved,
            vec![],
        ),
        (
            Recommendation::Decline,
            Outcome::Decline,
            Verb::Declined,
            vec!["LICENCE".to_owned()],
        ),
    ] {
        let desk = desk(recommendation, "ON", "OFF");
        let change = evaluated(&desk, recommendation, false, &Actor::System);
        let now = at("01-05T09:01");
        let expected = Decision {
            outcome,
            reasons,
            message: None,
            mode: Mode::Automated,
            drafted_by: None,
            drafted_at: now,
            limits: Vec::new(),
            approved_by: None,
            approved_at: None,
            published_at: Some(now),
        };
        assert_eq!(change.after.decision_for(&owner()), Some(&expected));
        assert_eq!(
            (change.activity.verb, change.activity.account),
            (verb, None)
        );
        let end = change.after.resolution.unwrap();
        assert_eq!((end.mode, end.person), (Mode::Automated, None));
        assert_eq!((end.elapsed, end.promise, end.team), (1, 1, 1));
        assert_eq!((end.within_promise, end.manual_steps), (Some(true), 0));
        assert!(end.eligibility_automated);
    }
}

#[test]
fn people_who_run_the_criteria_leave_the_decision_to_people() {
    for recommendation in [Recommendation::Approve, Recommendation::Decline] {
        let desk = desk(recommendation, "ON", "ON");
        let change = evaluated(&desk, recommendation, false, &specialist());
        assert_eq!(change.after.status(), Status::InReview);
        assert_eq!(change.after.manual_steps, 1);
    }
}

#[test]
fn what_people_have_begun_to_review_is_not_taken_from_them() {
    for recommendation in [Recommendation::Approve, Recommendation::Decline] {
        let desk = desk(recommendation, "ON", "ON");
        let input = Input {
            recommendation,
            ..Input::default()
        };
        let act = desk.act(&Actor::System, at("01-05T12:00"));
        let change = desk
            .run(desk.in_review(), Action::Evaluate, &input, &act)
            .unwrap();
        assert_eq!(change.after.status(), Status::InReview);
        assert_eq!(change.activity.verb, Verb::Evaluated);
        let assessed = change.after.assessed.unwrap();
        assert_eq!(assessed.recommendation, recommendation);
    }
}

#[test]
fn eligibility_was_automated_where_the_latest_evaluation_left_no_doubt() {
    let desk = Desk::new();
    for (recommendation, automated) in [
        (Recommendation::Approve, true),
        (Recommendation::Decline, true),
        (Recommendation::Review, false),
        (Recommendation::Ask, false),
        (Recommendation::Hold, false),
    ] {
        let input = Input {
            recommendation,
            ..Input::default()
        };
        let ended = desk.in_state(Status::Declined, &input);
        let end = ended.resolution.unwrap();
        assert_eq!(end.eligibility_automated, automated, "{recommendation:?}");
    }
    let withdrawn = desk
        .done(
            desk.in_state(Status::Submitted, &Input::default()),
            Action::Withdraw,
            "01-05T12:00",
        )
        .after;
    assert!(!withdrawn.resolution.unwrap().eligibility_automated);
}
