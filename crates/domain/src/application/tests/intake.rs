//! Beginning, answering and handing in.

use std::collections::BTreeMap;

use super::*;
use crate::actor::{Means, Permission};
use crate::application::Entered;
use crate::change::{Mode, Subject, Verb};
use crate::text;

#[test]
fn a_draft_is_begun_by_its_applicant_or_by_whoever_brings_applications_in() {
    let desk = Desk::new();
    for (who, by) in everybody() {
        let begun = Application::create(beginning(), &desk.act(&by, at("01-05T08:00")));
        match who {
            "owner" | "importer" | "service" => {
                assert!(begun.is_ok(), "{who}");
            }
            _ => {
                let refusal = Refusal::NotPermitted(Permission::ImportApplications);
                assert_eq!(begun.err(), Some(refusal), "{who}");
            }
        }
    }
    let by = importer(OTHER_PROGRAM);
    let act = desk.act(&by, at("01-05T08:00"));
    assert!(Application::create(beginning(), &act).is_err());
}

#[test]
fn an_applicant_takes_no_key_of_another_system() {
    let desk = Desk::new();
    let by = Actor::Applicant {
        account: OWNER,
        means: Means::Account,
    };
    let beginning = Beginning {
        external_id: Some("4711".to_owned()),
        ..beginning()
    };
    let begun = Application::create(beginning, &desk.act(&by, at("01-05T08:00")));
    assert_eq!(begun.err(), Some(Refusal::ExternalIdOfImporters));
}

#[test]
fn beginning_is_a_change_like_any_other() {
    let desk = Desk::new();
    let by = importer(PROGRAM);
    let beginning = Beginning {
        external_id: Some(" 4711 ".to_owned()),
        ..beginning()
    };
    let act = desk.act(&by, at("01-05T08:00"));
    let change = Application::create(beginning, &act).unwrap();
    let draft = &change.after;
    assert_eq!((draft.version, draft.status()), (1, Status::Draft));
    assert_eq!(draft.external_id.as_deref(), Some("4711"));
    assert_eq!(
        draft.history,
        [Entered {
            at: at("01-05T08:00"),
            status: Status::Draft
        }]
    );
    let line = &change.activity;
    assert_eq!((line.verb, line.version), (Verb::Created, 1));
    assert_eq!(line.subject, Subject::Application(draft.id));
    assert_eq!(
        (line.account, line.mode),
        (Some(STRANGER), Mode::Integration)
    );
    assert_eq!(
        (line.program, line.application, line.revision),
        (Some(PROGRAM), Some(draft.id), Some(desk.revision.id))
    );
    assert_eq!(line.details, json!({ "kind": "NEW" }));
}

#[test]
fn an_external_id_is_one_line() {
    let desk = Desk::new();
    let by = importer(PROGRAM);
    let act = desk.act(&by, at("01-05T08:00"));
    for (given, problem) in [
        ("  ", text::Invalid::Empty),
        ("a\nb", text::Invalid::Control),
    ] {
        let beginning = Beginning {
            external_id: Some(given.to_owned()),
            ..beginning()
        };
        let field = "external id";
        let refused = Application::create(beginning, &act);
        assert_eq!(refused.unwrap_err(), Refusal::Invalid { field, problem });
    }
}

/// The fields that a refusal names.
fn fields(refusal: Option<Refusal>) -> Vec<String> {
    match refusal {
        Some(Refusal::Answers(problems)) => problems
            .into_iter()
            .map(|problem| problem.field.join("."))
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_draft_takes_unfinished_answers_but_no_wrong_ones() {
    let desk = Desk::new();
    let by = owner();
    let act = desk.act(&by, at("01-05T08:30"));
    let answer = |values: &Value| desk.draft().answer(&answers(values), &desk.form, &act);
    let change = answer(&json!({ "name": "Agora" })).unwrap();
    assert_eq!(change.after.status(), Status::Draft);
    assert_eq!(change.activity.details["fields"], json!(["name"]));
    let wrong = answer(&json!({ "name": "Agora", "seats": "many" })).err();
    assert_eq!(fields(wrong), ["seats"]);
}

#[test]
fn what_is_handed_in_is_complete() {
    let desk = Desk::new();
    let by = owner();
    let act = desk.act(&by, at("01-05T09:00"));
    let given = answers(&json!({ "name": "Agora" }));
    let incomplete = desk.draft().submit(&given, &desk.form, &act).err();
    assert_eq!(fields(incomplete.clone()), ["seats"]);
    let message = incomplete.unwrap().message();
    assert!(
        message.starts_with("1 of the answers must be mended: seats "),
        "{message}"
    );
    let submitted = desk.done(desk.draft(), Action::Submit, "01-05T09:00").after;
    assert_eq!(submitted.submitted_at, Some(at("01-05T09:00")));
    assert_eq!(submitted.due_at, Some(at("01-19T17:00")));
}

#[test]
fn what_an_importer_could_not_read_counts_as_given() {
    let desk = Desk::new();
    let by = importer(PROGRAM);
    let act = desk.act(&by, at("01-05T09:00"));
    let mut given = answers(&json!({ "name": "Agora" }));
    given.unread = BTreeMap::from([("seats".to_owned(), "a dozen".to_owned())]);
    let submitted = desk.draft().submit(&given, &desk.form, &act).unwrap();
    assert_eq!(submitted.after.status(), Status::Submitted);
    assert_eq!(submitted.activity.mode, Mode::Integration);
    // Only that field: what is missing besides still is.
    given.values.clear();
    let incomplete = desk.draft().submit(&given, &desk.form, &act).err();
    assert_eq!(fields(incomplete), ["name"]);
}

#[test]
fn an_application_keeps_the_revision_under_which_it_was_handed_in() {
    let mut desk = Desk::new();
    let draft = desk.draft();
    desk.revision.id = id(2000);
    let submitted = desk.done(draft, Action::Submit, "01-05T09:00");
    assert_eq!(submitted.after.revision, id(2000));
    assert_eq!(submitted.activity.revision, Some(id(2000)));
    desk.revision.id = id(3000);
    let evaluated = desk.done(submitted.after, Action::Evaluate, "01-05T10:00");
    assert_eq!(evaluated.after.revision, id(2000));
}

#[test]
fn a_reply_may_change_answers_but_not_to_wrong_ones() {
    let desk = Desk::new();
    let by = owner();
    let act = desk.act(&by, at("01-05T12:00"));
    let asked = desk.in_state(Status::AwaitingApplicant, &Input::default());
    let wrong = answers(&json!({ "name": "Agora", "seats": 0 }));
    let refused = asked.clone().reply("It is MIT.", &wrong, &desk.form, &act);
    assert_eq!(fields(refused.err()), ["seats"]);
    let right = answers(&json!({ "name": "Agora", "seats": 3 }));
    let replied = asked.reply("It is MIT.", &right, &desk.form, &act).unwrap();
    assert_eq!(replied.after.status(), Status::InReview);
}

#[test]
fn an_application_is_taken_back_with_or_without_a_reason() {
    let desk = Desk::new();
    let by = owner();
    let act = desk.act(&by, at("01-05T12:00"));
    for (given, kept) in [(None, None), (Some(" Too early. "), Some("Too early."))] {
        let withdrawn = desk.in_review().withdraw(given, &act).unwrap();
        let reason = kept.map(str::to_owned);
        assert_eq!(withdrawn.after.state, State::Withdrawn { reason });
        // What people wrote is no part of the log.
        assert!(!withdrawn.activity.details.to_string().contains("early"));
    }
}
