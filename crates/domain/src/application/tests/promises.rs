//! What applicants may count on, and what the team is told of it.

use super::*;

/// First replies in two business days, later ones in one, warnings two days ahead.
fn desk() -> Desk {
    Desk::with(&json!({ "promise": {
        "aim_days": 5,
        "limit_days": 10,
        "first_reply_days": 2,
        "next_reply_days": 1,
        "warn_days": 2
    } }))
}

/// Each promise with when it is due and how it stands.
fn told(desk: &Desk, application: &Application, now: &str) -> String {
    let promises = application.promises(&desk.revision.rules);
    let lines = promises.iter().map(|promised| {
        let due = promised.due_at.map(|due| due.format("%m-%dT%H:%M"));
        let due = due.map_or_else(|| "·".to_owned(), |due| due.to_string());
        format!("{:?} {due} {:?}", promised.kind, promised.standing(at(now)))
    });
    lines.collect::<Vec<_>>().join("; ")
}

/// When the service acts next, and what it does.
fn next(desk: &Desk, application: &Application) -> Option<(Timestamp, Duty)> {
    let next = application.duty(&desk.revision.rules);
    assert_eq!(application.wake_at, next.map(|(at, _)| at));
    next
}

fn alert(promise: PromiseKind, level: AlertLevel, due: &str) -> Duty {
    let due_at = at(due);
    Duty::Alert(Alert {
        promise,
        level,
        due_at,
    })
}

/// The application after the service did what it does next, which it does in its time.
fn served(desk: &Desk, application: Application) -> Application {
    let (now, duty) = next(desk, &application).unwrap();
    let act = desk.act(&Actor::System, now);
    let Duty::Alert(alert) = duty else {
        panic!("{duty:?}")
    };
    application.alert(alert, &act).unwrap().after
}

#[test]
fn every_promise_stands_as_the_history_says() {
    let desk = desk();
    assert_eq!(told(&desk, &desk.draft(), "01-05T08:00"), "");
    // Handed in on Monday at nine, in review at ten.
    let review = desk.in_review();
    for (now, expected) in [
        (
            "01-05T10:00",
            "FirstReply 01-07T17:00 Running; Decision 01-19T17:00 Running",
        ),
        (
            "01-06T08:59",
            "FirstReply 01-07T17:00 Running; Decision 01-19T17:00 Running",
        ),
        (
            "01-06T09:00",
            "FirstReply 01-07T17:00 AtRisk; Decision 01-19T17:00 Running",
        ),
        (
            "01-07T17:00",
            "FirstReply 01-07T17:00 AtRisk; Decision 01-19T17:00 Running",
        ),
        (
            "01-07T17:01",
            "FirstReply 01-07T17:00 Broken; Decision 01-19T17:00 Running",
        ),
        (
            "01-15T09:00",
            "FirstReply 01-07T17:00 Broken; Decision 01-19T17:00 AtRisk",
        ),
        (
            "01-19T17:01",
            "FirstReply 01-07T17:00 Broken; Decision 01-19T17:00 Broken",
        ),
    ] {
        assert_eq!(told(&desk, &review, now), expected, "{now}");
    }
    let asked = desk.done(review.clone(), Action::Ask, "01-07T17:00").after;
    assert_eq!(
        told(&desk, &asked, "01-30T12:00"),
        "FirstReply 01-07T17:00 Kept; Decision · Paused"
    );
    let replied = desk.done(asked, Action::Reply, "01-09T10:00").after;
    assert_eq!(
        told(&desk, &replied, "01-09T10:00"),
        "FirstReply 01-07T17:00 Kept; NextReply 01-12T17:00 Running; Decision 01-21T10:00 Running"
    );
    let replied = desk.done(replied, Action::Evaluate, "01-09T10:00").after;
    let declined = desk.done(replied, Action::Decline, "01-13T09:00").after;
    assert_eq!(
        told(&desk, &declined, "01-30T12:00"),
        "FirstReply 01-07T17:00 Kept; NextReply 01-12T17:00 KeptLate; Decision 01-21T10:00 Kept"
    );
    // An appeal is promised an answer anew.
    let reopened = desk.done(declined, Action::Reopen, "01-14T12:00").after;
    assert_eq!(
        told(&desk, &reopened, "01-14T12:00"),
        "FirstReply 01-16T17:00 Running; Decision 01-28T17:00 Running"
    );
    let withdrawn = desk.done(reopened, Action::Withdraw, "01-14T13:00").after;
    assert_eq!(told(&desk, &withdrawn, "01-14T13:00"), "");
}

#[test]
fn the_team_is_told_of_each_promise_once_before_it_breaks_and_once_after() {
    use AlertLevel::{AtRisk, Broken};
    use PromiseKind::{Decision, FirstReply};
    let desk = desk();
    let mut application = desk.in_review();
    for (now, duty) in [
        ("01-06T09:00", alert(FirstReply, AtRisk, "01-07T17:00")),
        // The due time is the closing time: the next morning is the first at which somebody is there.
        ("01-08T09:00", alert(FirstReply, Broken, "01-07T17:00")),
        ("01-15T09:00", alert(Decision, AtRisk, "01-19T17:00")),
        ("01-20T09:00", alert(Decision, Broken, "01-19T17:00")),
    ] {
        assert_eq!(next(&desk, &application), Some((at(now), duty)));
        application = served(&desk, application);
        assert_eq!(application.status(), Status::InReview);
        assert_eq!(application.manual_steps, 0, "nobody took a step");
    }
    assert_eq!(next(&desk, &application), None);
    assert_eq!(application.alerts.len(), 4);
}

#[test]
fn the_team_is_told_only_when_it_works_and_only_of_what_it_can_still_keep() {
    use AlertLevel::{AtRisk, Broken};
    use PromiseKind::{Decision, NextReply};
    let desk = desk();
    let asked = desk
        .done(desk.in_review(), Action::Ask, "01-05T12:00")
        .after;
    // While the applicant is waited for, they are warned and nobody else.
    assert_eq!(next(&desk, &asked), Some((at("01-16T12:00"), Duty::Warn)));
    // They reply on Saturday; the answer is due on Tuesday at closing time.
    let replied = desk.done(asked, Action::Reply, "01-10T22:00").after;
    let (now, duty) = next(&desk, &replied).unwrap();
    assert_eq!((now, duty), (at("01-10T22:00"), Duty::Evaluate));
    let review = desk.done(replied, Action::Evaluate, "01-10T22:00").after;
    let risk = alert(NextReply, AtRisk, "01-13T17:00");
    assert_eq!(next(&desk, &review), Some((at("01-13T09:00"), risk)));
    // On hold the promises run on. What was held until the due time passed is told as broken only.
    let held = desk.done(review.clone(), Action::Hold, "01-12T10:00").after;
    assert_eq!(next(&desk, &held), Some((at("01-13T09:00"), risk)));
    let held = desk.done(review, Action::Hold, "01-26T18:00").after;
    let released = desk.done(held, Action::Release, "01-31T12:00").after;
    let broken = alert(NextReply, Broken, "01-13T17:00");
    assert_eq!(next(&desk, &released), Some((at("02-02T09:00"), broken)));
    let released = served(&desk, released);
    let broken = alert(Decision, Broken, "01-26T14:00");
    assert_eq!(next(&desk, &released), Some((at("02-02T09:00"), broken)));
}

#[test]
fn a_moved_due_time_is_warned_of_again() {
    use AlertLevel::AtRisk;
    use PromiseKind::Decision;
    let desk = Desk::with(&json!({
        "promise": { "aim_days": 5, "limit_days": 10, "warn_days": 2 }
    }));
    let review = desk.in_review();
    let risk = alert(Decision, AtRisk, "01-19T17:00");
    assert_eq!(next(&desk, &review), Some((at("01-15T09:00"), risk)));
    let warned = served(&desk, review);
    let asked = desk.done(warned, Action::Ask, "01-16T09:00").after;
    let replied = desk.done(asked, Action::Reply, "01-20T09:00").after;
    let review = desk.done(replied, Action::Evaluate, "01-20T09:00").after;
    let risk = alert(Decision, AtRisk, "01-21T17:00");
    assert_eq!(next(&desk, &review), Some((at("01-20T09:00"), risk)));
    // A program that does not say when to warn never does.
    let silent = Desk::new();
    assert_eq!(silent.in_review().wake_at, None);
    assert_eq!(
        told(&silent, &silent.in_review(), "01-19T17:01"),
        "Decision 01-19T17:00 Broken"
    );
}

#[test]
fn the_promise_for_the_decision_is_the_one_that_the_applicant_reads() {
    let desk = desk();
    for status in Status::ALL {
        let application = desk.in_state(status, &Input::default());
        let promises = application.promises(&desk.revision.rules);
        let decision = promises.iter().find(|it| it.kind == PromiseKind::Decision);
        let now = at("01-05T18:00");
        let read = application.promise(&desk.revision.rules.calendar, now);
        if let Some(read) = read {
            let decision = decision.unwrap();
            assert_eq!(decision.due_at, read.due_at, "{status:?}");
            let paused = decision.standing(now) == Standing::Paused;
            assert_eq!(paused, read.paused.is_some(), "{status:?}");
        } else {
            assert!(decision.is_none_or(|it| it.kept_at.is_some()), "{status:?}");
        }
    }
}
