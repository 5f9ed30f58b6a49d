//! Fields that are asked for in review, and what a reply must answer.

use super::*;

/// A form that asks for a proof in review, without which nobody is approved, and for a wish that may stay open.
fn desk() -> Desk {
    let property =
        |title: &str| json!({ "title": title, "type": "string", "x-asked": "IN_REVIEW" });
    Desk::with(&json!({ "form": {
        "type": "object",
        "required": ["name", "seats", "proof"],
        "properties": {
            "name": { "title": "Name", "type": "string", "minLength": 1 },
            "seats": { "title": "Seats", "type": "integer", "minimum": 1 },
            "proof": property("Proof"),
            "wish": property("Wish")
        }
    } }))
}

/// In review, with the fields that an approval still needs.
fn in_review(desk: &Desk, unanswered: &[&str]) -> Application {
    let unanswered = unanswered.iter().map(ToString::to_string).collect();
    let input = Input {
        recommendation: Recommendation::Approve,
        unanswered,
        ..Input::default()
    };
    desk.in_state(Status::InReview, &input)
}

fn asked(desk: &Desk, fields: &[&str]) -> Application {
    let by = specialist();
    let act = desk.act(&by, at("01-05T12:00"));
    let fields = fields.iter().map(ToString::to_string).collect();
    let asked = in_review(desk, &["proof"]).ask("Please.", fields, &desk.form, &act);
    asked.unwrap().after
}

#[test]
fn what_is_asked_for_in_review_is_not_asked_for_at_submission() {
    let desk = desk();
    let review = in_review(&desk, &["proof"]);
    assert_eq!(review.status(), Status::InReview);
    let given = |values: Value| desk.form.unanswered(&answers(&values).values);
    assert_eq!(given(json!({ "name": "Agora", "seats": 12 })), ["proof"]);
    assert_eq!(given(json!({ "proof": null })), ["proof"]);
    assert!(given(json!({ "proof": "It is attached." })).is_empty());
}

#[test]
fn nobody_is_approved_before_the_answers_that_an_approval_needs() {
    let desk = desk();
    let by = specialist();
    let act = desk.act(&by, at("01-05T12:00"));
    let refusal = Refusal::Unanswered {
        fields: vec!["proof".to_owned()],
    };
    let draft = |outcome| Draft {
        outcome,
        reasons: vec!["LICENCE".to_owned()],
        message: None,
    };
    let review = in_review(&desk, &["proof"]);
    let shown = review.available_actions(&act);
    let approve = shown.iter().find(|it| it.action == Action::Approve);
    assert_eq!(approve.unwrap().refusal, Some(refusal.clone()));
    assert_eq!(review.clone().approve(None, &act).unwrap_err(), refusal);
    let proposed = review.clone().propose(&draft(Outcome::Approve), &act);
    assert_eq!(proposed.unwrap_err(), refusal);
    // A decline needs nothing more of the applicant.
    let declined = review.propose(&draft(Outcome::Decline), &act);
    assert_eq!(declined.unwrap().after.status(), Status::AwaitingApproval);
    let approved = in_review(&desk, &[]).approve(None, &act);
    assert_eq!(approved.unwrap().after.status(), Status::Approved);
}

#[test]
fn the_service_does_not_approve_by_itself_what_it_has_not_asked_for() {
    let mut desk = desk();
    desk.revision.rules.automation.approve = crate::program::rules::Switch::On;
    assert_eq!(in_review(&desk, &["proof"]).status(), Status::InReview);
    let input = Input {
        recommendation: Recommendation::Approve,
        ..Input::default()
    };
    let decided = desk.after(&[Action::Submit, Action::Evaluate], &input);
    assert_eq!(decided.status(), Status::Approved);
}

#[test]
fn a_reply_answers_every_field_it_is_asked_for() {
    let desk = desk();
    let by = owner();
    let act = desk.act(&by, at("01-06T12:00"));
    let reply = |fields: &[&str], values: Value| {
        let replied = asked(&desk, fields).reply("Here.", &answers(&values), &desk.form, &act);
        match replied {
            Ok(change) => format!("{:?}", change.after.status()),
            Err(Refusal::Answers(problems)) => problems
                .iter()
                .map(|problem| format!("{} {}", problem.field.join("."), problem.message))
                .collect::<Vec<_>>()
                .join("; "),
            Err(refusal) => format!("{refusal:?}"),
        }
    };
    let plain = json!({ "name": "Agora", "seats": 12 });
    let proven = json!({ "name": "Agora", "seats": 12, "proof": "Attached." });
    assert_eq!(reply(&[], plain.clone()), "InReview");
    assert_eq!(reply(&["proof"], plain.clone()), "proof is asked for");
    assert_eq!(
        reply(&["wish", "proof"], plain),
        "wish is asked for; proof is asked for"
    );
    assert_eq!(reply(&["proof"], proven.clone()), "InReview");
    assert_eq!(reply(&["proof", "seats"], proven), "InReview");
    let wrong = json!({ "name": "Agora", "seats": 12, "proof": 7 });
    assert_eq!(reply(&["proof"], wrong), "proof must be a text");
}

#[test]
fn only_fields_of_the_form_are_asked_for() {
    let desk = desk();
    let by = specialist();
    let act = desk.act(&by, at("01-05T12:00"));
    let fields = vec!["proof".to_owned(), "prof".to_owned()];
    let refused = in_review(&desk, &[]).ask("Please.", fields, &desk.form, &act);
    assert_eq!(
        refused.unwrap_err(),
        Refusal::UnknownField("prof".to_owned())
    );
}
