//! The numbers of an end.

use super::*;
use crate::application::Resolution;
use crate::change::Mode;

#[test]
fn three_clocks_count_what_each_of_them_should() {
    let desk = Desk::new();
    let mut application = desk.draft();
    for (action, now) in [
        (Action::Submit, "01-05T09:00"),   // the team, 60 minutes
        (Action::Evaluate, "01-05T09:30"), //
        (Action::Claim, "01-05T09:40"),    //
        (Action::Ask, "01-05T10:00"),      // the applicant, 120
        (Action::Reply, "01-05T12:00"),    // the team, 30
        (Action::Evaluate, "01-05T12:00"), //
        (Action::Hold, "01-05T12:30"),     // another team, 270 until five and 60 from nine
        (Action::Release, "01-06T10:00"),  // the team, 20
        (Action::Waitlist, "01-06T10:20"), // a place, 100
        (Action::Offer, "01-06T12:00"),    // the team, 15
        (Action::Propose, "01-06T12:15"),  // the team, 45
        (Action::Publish, "01-06T13:00"),
    ] {
        application = desk.done(application, action, now).after;
    }
    let expected = Resolution {
        outcome: Status::Approved,
        mode: Mode::Manual,
        person: Some(SPECIALIST),
        at: at("01-06T13:00"),
        elapsed: 60 + 120 + 30 + 330 + 20 + 100 + 15 + 45,
        promise: 60 + 30 + 330 + 20 + 15 + 45,
        team: 60 + 30 + 20 + 15 + 45,
        within_promise: Some(true),
        // Ask, hold, release, waitlist, offer, propose, publish: taking it on is none.
        manual_steps: 7,
        eligibility_automated: false,
    };
    let later = at("02-06T13:00");
    let clocks = application.clocks(&desk.revision.rules.calendar, later);
    assert_eq!(
        [clocks.elapsed, clocks.promise, clocks.team],
        [expected.elapsed, expected.promise, expected.team]
    );
    assert_eq!(application.resolution, Some(expected));
}

#[test]
fn a_promise_is_kept_until_the_instant_at_which_it_is_due() {
    let desk = Desk::new();
    // Paused from eleven to three, four hours of business time, where the applicant was asked.
    let asked = &[Action::Submit, Action::Evaluate, Action::Ask];
    for (actions, due) in [(&asked[..2], "01-19T17:00"), (asked, "01-20T13:00")] {
        let mut application = desk.after(actions, &Input::default());
        if application.status() == Status::AwaitingApplicant {
            application = desk.done(application, Action::Reply, "01-05T15:00").after;
            application = desk
                .done(application, Action::Evaluate, "01-05T15:00")
                .after;
        }
        let due = at(due);
        assert_eq!(application.due_at, Some(due));
        let by = specialist();
        for (seconds, kept) in [(-1, true), (0, true), (1, false), (86_400, false)] {
            let act = desk.act(&by, due + TimeDelta::seconds(seconds));
            for action in [Action::Approve, Action::Decline] {
                let change = desk.run(application.clone(), action, &Input::default(), &act);
                let end = change.unwrap().after.resolution.unwrap();
                assert_eq!(end.within_promise, Some(kept), "{action:?}, {seconds}");
            }
        }
    }
}

#[test]
fn where_nothing_was_decided_no_promise_was_kept_or_broken() {
    let desk = Desk::new();
    let withdrawn = desk
        .done(desk.in_review(), Action::Withdraw, "03-02T12:00")
        .after;
    let expired = desk.in_state(Status::Expired, &Input::default());
    let never_submitted = desk
        .done(desk.draft(), Action::Withdraw, "01-05T12:00")
        .after;
    assert_eq!(never_submitted.resolution, None);
    for (application, outcome, mode, person, elapsed) in [
        (
            &withdrawn,
            Status::Withdrawn,
            Mode::Manual,
            Some(OWNER),
            40 * 480 + 180,
        ),
        // Submitted at nine on 5 January, expired at eleven on the 19th.
        (
            &expired,
            Status::Expired,
            Mode::Automated,
            None,
            10 * 480 + 120,
        ),
    ] {
        let end = application.resolution.as_ref().unwrap();
        assert_eq!(end.within_promise, None);
        assert_eq!((end.outcome, end.mode, end.person), (outcome, mode, person));
        assert_eq!(end.elapsed, elapsed, "{outcome:?}");
    }
}

#[test]
fn the_person_of_an_end_is_who_published_it() {
    let desk = Desk::new();
    let proposed = desk.in_state(Status::AwaitingApproval, &over_a_limit());
    let approved = desk
        .done(proposed, Action::ApproveDecision, "01-05T12:00")
        .after;
    let by = colleague();
    let published = approved
        .publish(&desk.act(&by, at("01-05T13:00")))
        .unwrap()
        .after;
    let end = published.resolution.unwrap();
    assert_eq!((end.person, end.mode), (Some(COLLEAGUE), Mode::Manual));
    // Propose, approve the decision, publish.
    assert_eq!(end.manual_steps, 3);
}

#[test]
fn time_between_a_decision_and_its_appeal_counts_on_no_clock() {
    let desk = Desk::new();
    let declined = desk.in_state(Status::Declined, &Input::default());
    let first = declined.resolution.clone().unwrap();
    assert_eq!(first.elapsed, 120);
    let reopened = desk.done(declined, Action::Reopen, "03-02T12:00").after;
    let reopened = desk.done(reopened, Action::Evaluate, "03-02T12:00").after;
    let approved = desk.done(reopened, Action::Approve, "03-02T12:30").after;
    let second = approved.resolution.unwrap();
    assert_eq!([second.elapsed, second.promise, second.team], [150; 3]);
}

#[test]
fn what_the_applicant_the_importer_and_the_service_do_is_no_step_of_the_team() {
    let desk = Desk::new();
    let draft = desk.draft();
    let act = at("01-05T08:30");
    let by = importer(PROGRAM);
    let input = Input::default();
    let answered = desk
        .run(draft, Action::Answer, &input, &desk.act(&by, act))
        .unwrap()
        .after;
    let submitted = desk
        .run(answered, Action::Submit, &input, &desk.act(&by, act))
        .unwrap()
        .after;
    let evaluated = desk.done(submitted, Action::Evaluate, "01-05T09:00").after;
    let claimed = desk.done(evaluated, Action::Claim, "01-05T10:00").after;
    let assigned = desk.done(claimed, Action::Assign, "01-05T11:00").after;
    assert_eq!(assigned.manual_steps, 0);
    let asked = desk.done(assigned, Action::Ask, "01-05T12:00").after;
    assert_eq!(asked.manual_steps, 1);
    let replied = desk.done(asked, Action::Reply, "01-05T13:00").after;
    assert_eq!(replied.manual_steps, 1);
}
