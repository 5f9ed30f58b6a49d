//! Questions, holds, deadlines, and what is taken up again.

use chrono::Days;

use super::*;

/// Deadline, wake-up and warning, as they stand.
fn deadlines(application: &Application) -> [Option<Timestamp>; 3] {
    [
        application.deadline_at,
        application.wake_at,
        application.warned_at,
    ]
}

#[test]
fn a_consultation_names_its_end_and_another_hold_may() {
    let desk = Desk::new();
    let by = specialist();
    let act = desk.act(&by, at("01-05T12:00"));
    let hold = |cause, until| desk.in_review().hold(cause, "To legal.", until, &act);
    assert_eq!(
        hold(HoldCause::Consult, None).unwrap_err(),
        Refusal::HoldWithoutEnd
    );
    let until = at("01-07T12:00");
    let consulting = hold(HoldCause::Consult, Some(until)).unwrap().after;
    assert_eq!(deadlines(&consulting), [Some(until), Some(until), None]);
    // When nobody objects until then, the service ends it.
    let act = desk.act(&Actor::System, until);
    let released = consulting.release(&act).unwrap().after;
    assert_eq!(released.status(), Status::InReview);
    assert_eq!(deadlines(&released), [None; 3]);
    for cause in [HoldCause::Compliance, HoldCause::ThirdParty] {
        assert_eq!(deadlines(&hold(cause, None).unwrap().after), [None; 3]);
    }
}

#[test]
fn a_hold_ends_in_the_future_and_within_a_year() {
    let desk = Desk::new();
    let by = specialist();
    let now = at("01-05T12:00");
    let act = desk.act(&by, now);
    let latest = now + Days::new(365);
    let second = TimeDelta::seconds(1);
    for (until, taken) in [
        (now - second, false),
        (now, false),
        (now + second, true),
        (latest, true),
        (latest + second, false),
    ] {
        for cause in [HoldCause::Consult, HoldCause::Compliance] {
            let held = desk.in_review().hold(cause, "To legal.", Some(until), &act);
            let refusal = Refusal::TimeOutOfRange {
                field: "end of the hold",
                until: latest,
            };
            let expected = if taken { None } else { Some(refusal) };
            assert_eq!(held.err(), expected, "{until}");
        }
    }
}

#[test]
fn a_question_waits_for_its_days_and_warns_before_they_end() {
    let desk = Desk::new();
    let asked = desk.done(desk.in_review(), Action::Ask, "01-05T12:00");
    let until = at("01-19T12:00");
    assert_eq!(asked.activity.details["until"], json!(until));
    let wake = at("01-16T12:00");
    assert_eq!(deadlines(&asked.after), [Some(until), Some(wake), None]);
    // Answering while asked is no reply, and wins no time.
    let answered = desk.done(asked.after, Action::Answer, "01-06T12:00").after;
    assert_eq!(deadlines(&answered), [Some(until), Some(wake), None]);
    let replied = desk.done(answered, Action::Reply, "01-06T13:00").after;
    // The service looks at once at what was replied.
    let wake = at("01-06T13:00");
    assert_eq!(deadlines(&replied), [None, Some(wake), None]);
    let evaluated = desk.done(replied, Action::Evaluate, "01-06T13:00").after;
    assert_eq!(deadlines(&evaluated), [None; 3]);
}

#[test]
fn a_draft_is_kept_for_its_days_and_anew_when_it_is_worked_on() {
    let desk = Desk::new();
    let draft = desk.draft();
    assert_eq!(
        deadlines(&draft),
        [Some(at("02-04T08:00")), Some(at("02-01T08:00")), None]
    );
    let warned = desk.done(draft, Action::Warn, "02-01T08:00").after;
    assert_eq!(warned.warned_at, Some(at("02-01T08:00")));
    let answered = desk.done(warned, Action::Answer, "02-03T08:00").after;
    assert_eq!(
        deadlines(&answered),
        [Some(at("03-05T08:00")), Some(at("03-02T08:00")), None]
    );
    let submitted = desk.done(answered, Action::Submit, "02-04T08:00").after;
    assert_eq!(deadlines(&submitted), [None; 3]);
}

#[test]
fn a_warning_that_comes_late_moves_the_deadline_back() {
    let desk = Desk::new();
    for (warned, deadline) in [
        ("01-10T11:00", "01-19T11:00"),
        ("01-16T11:00", "01-19T11:00"),
        ("01-16T11:01", "01-19T11:01"),
        ("01-19T10:59", "01-22T10:59"),
        ("02-28T11:00", "03-03T11:00"),
    ] {
        // Asked at eleven on 5 January.
        let asked = desk.in_state(Status::AwaitingApplicant, &Input::default());
        let change = desk.done(asked, Action::Warn, warned);
        let (warned, deadline) = (Some(at(warned)), Some(at(deadline)));
        assert_eq!(change.activity.details["deadline"], json!(deadline));
        assert_eq!(deadlines(&change.after), [deadline, deadline, warned]);
    }
}

#[test]
fn nothing_expires_before_its_deadline_or_without_a_warning() {
    let desk = Desk::new();
    let second = TimeDelta::seconds(1);
    for (action, status, from) in [
        (Action::Answer, Status::Draft, "02-04T08:00"),
        (Action::Ask, Status::AwaitingApplicant, "01-19T11:00"),
    ] {
        let from = at(from);
        let waiting = desk.in_state(status, &Input::default());
        let expire = |application: &Application, now| {
            let act = desk.act(&Actor::System, now);
            application.clone().expire(&act)
        };
        assert_eq!(
            expire(&waiting, from).unwrap_err(),
            Refusal::NotWarned,
            "{action:?}"
        );
        let warn = desk.act(&Actor::System, from - Days::new(3));
        let warned = waiting.warn(&warn).unwrap().after;
        let early = expire(&warned, from - second).unwrap_err();
        assert_eq!(early, Refusal::TooEarly { from });
        let expired = expire(&warned, from).unwrap().after;
        assert_eq!(expired.status(), Status::Expired);
        assert_eq!(expired.wake_at, None);
    }
}

#[test]
fn an_appeal_is_promised_an_answer_of_its_own_and_its_steps_count_anew() {
    let desk = Desk::new();
    let application = desk.after(
        &[
            Action::Submit,
            Action::Evaluate,
            Action::Ask,
            Action::Reply,
            Action::Decline,
        ],
        &Input::default(),
    );
    let first = application.resolution.clone().unwrap();
    assert_eq!((application.due_at, first.manual_steps), (None, 2));

    let reopened = desk.done(application, Action::Reopen, "03-02T12:00").after;
    assert_eq!(reopened.status(), Status::InReview);
    assert_eq!(reopened.resolution, None);
    assert_eq!(reopened.manual_steps, 0);
    // Ten business days after the appeal, not after the first submission.
    assert_eq!(reopened.due_at, Some(at("03-16T17:00")));
    assert_eq!(reopened.submitted_at, Some(at("01-05T09:00")));

    // Nobody is accepted by what the criteria said of other answers.
    let by = specialist();
    let early = reopened
        .clone()
        .approve(None, &desk.act(&by, at("03-02T12:00")));
    assert_eq!(early.err(), Some(Refusal::NotEvaluated));
    let evaluated = desk.done(reopened, Action::Evaluate, "03-02T12:00").after;
    let approved = desk.done(evaluated, Action::Approve, "03-16T17:00").after;
    let second = approved.resolution.unwrap();
    assert_eq!(
        (second.within_promise, second.manual_steps),
        (Some(true), 1)
    );
}

#[test]
fn the_team_takes_up_again_what_it_declined_or_what_expired_and_that_is_a_step() {
    let desk = Desk::new();
    for status in [Status::Declined, Status::Expired] {
        let ended = desk.in_state(status, &Input::default());
        let by = specialist();
        let act = desk.act(&by, at("03-02T12:00"));
        let reopened = ended.reopen("We were wrong.", &act).unwrap().after;
        assert_eq!(reopened.status(), Status::InReview);
        assert_eq!(reopened.manual_steps, 1);
        assert_eq!(reopened.due_at, Some(at("03-16T17:00")));
    }
}

#[test]
fn a_draft_that_expired_is_not_taken_up_again() {
    let desk = Desk::new();
    let expired = desk.after(&[Action::Warn, Action::Expire], &Input::default());
    assert_eq!(expired.status(), Status::Expired);
    for by in [owner(), specialist()] {
        let act = desk.act(&by, at("03-02T12:00"));
        let refused = expired.clone().reopen("I was ill.", &act);
        assert_eq!(refused.unwrap_err(), Refusal::NeverSubmitted);
    }
}

#[test]
fn the_promise_stands_still_while_the_applicant_or_a_place_is_waited_for() {
    let desk = Desk::new();
    let calendar = &desk.revision.rules.calendar;
    let promise = |application: &Application, now| {
        let promise = application.promise(calendar, at(now));
        promise.map(|promise| {
            let paused = promise.paused.map(|entered| entered.status);
            (promise.due_at, promise.business_days_left, paused)
        })
    };
    let due = Some(at("01-19T17:00"));
    assert_eq!(promise(&desk.draft(), "01-05T12:00"), None);
    let application = desk.in_review();
    assert_eq!(application.due_at, due);
    assert_eq!(
        promise(&application, "01-05T12:00"),
        Some((due, Some(10), None))
    );
    assert_eq!(
        promise(&application, "01-19T12:00"),
        Some((due, Some(0), None))
    );
    assert_eq!(
        promise(&application, "01-20T12:00"),
        Some((due, Some(-1), None))
    );

    let held = desk.in_state(Status::OnHold, &Input::default());
    assert_eq!(promise(&held, "01-05T12:00"), Some((due, Some(10), None)));

    // From eleven until three: four hours of business time later.
    let later = Some(at("01-20T13:00"));
    for (status, end) in [
        (Status::AwaitingApplicant, Action::Reply),
        (Status::Waitlisted, Action::Offer),
    ] {
        let waiting = desk.in_state(status, &Input::default());
        assert_eq!(
            promise(&waiting, "01-30T12:00"),
            Some((None, None, Some(status)))
        );
        let resumed = desk.done(waiting, end, "01-05T15:00").after;
        assert_eq!(
            promise(&resumed, "01-19T16:00"),
            Some((later, Some(1), None))
        );
    }
    let approved = desk.in_state(Status::Approved, &Input::default());
    assert_eq!(promise(&approved, "01-05T12:00"), None);
}
