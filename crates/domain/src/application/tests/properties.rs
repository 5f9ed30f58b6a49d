//! What holds whatever people do, in whatever order.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;
use crate::application::Entered;
use crate::change::{Activity, Verb};

static DESK: LazyLock<Desk> =
    LazyLock::new(|| Desk::with(&json!({ "automation": { "approve": "ON", "decline": "ON" } })));

/// Something that somebody tries, some time after what was tried before.
#[derive(Clone, Debug)]
struct Attempt {
    by: Actor,
    action: Action,
    /// Instead, something that is allowed to somebody, so that lives are long.
    allowed: Option<(Index, Index)>,
    minutes: i64,
    seen: Option<i32>,
    input: Input,
}

fn attempts() -> impl Strategy<Value = Vec<Attempt>> {
    let by = select(everybody().map(|(_, by)| by).to_vec());
    let minutes = prop_oneof![3 => 0..300_i64, 2 => 0..6_000_i64, 1 => 6_000..60_000_i64];
    let allowed = prop::option::weighted(0.8, any::<(Index, Index)>());
    let seen = prop::option::weighted(0.1, 0..9);
    let attempt = (
        by,
        select(Action::ALL.to_vec()),
        allowed,
        minutes,
        seen,
        input(),
    )
        .prop_map(|(by, action, allowed, minutes, seen, input)| Attempt {
            by,
            action,
            allowed,
            minutes,
            seen,
            input,
        });
    prop::collection::vec(attempt, 0..60)
}

fn input() -> impl Strategy<Value = Input> {
    let given = prop_oneof![
        4 => Just(json!({ "name": "Agora", "seats": 12 })),
        1 => Just(json!({ "name": "Agora" })),
        1 => Just(json!({ "name": 7, "seats": "many", "other": null })),
    ];
    let recommendation = select(vec![
        Recommendation::Approve,
        Recommendation::Decline,
        Recommendation::Ask,
        Recommendation::Hold,
        Recommendation::Review,
    ]);
    let limits = select(vec![vec![], vec!["many-seats".to_owned()]]);
    let reasons = prop::collection::vec(
        select(vec!["LICENCE", "PRIVATE", "LICENCE", "WEATHER"]),
        0..3,
    );
    let until = prop::option::of(
        (-1_000..700_000_i64).prop_map(|minutes| at("01-05T08:00") + TimeDelta::minutes(minutes)),
    );
    let to = select(vec![
        account(COLLEAGUE, Role::Specialist, PROGRAM),
        account(STRANGER, Role::Observer, PROGRAM),
    ]);
    (
        (
            given,
            select(vec!["Words.", "Words.", "Words.", " "]),
            recommendation,
            limits,
        ),
        select(vec![Outcome::Approve, Outcome::Decline]),
        reasons,
        select(vec![
            HoldCause::Compliance,
            HoldCause::ThirdParty,
            HoldCause::Consult,
        ]),
        (until, to),
    )
        .prop_map(
            |((given, text, recommendation, limits), outcome, reasons, cause, (until, to))| Input {
                fields: Vec::new(),
                unanswered: Vec::new(),
                answers: answers(&given),
                text: text.to_owned(),
                recommendation,
                limits,
                outcome,
                reasons: reasons.into_iter().map(str::to_owned).collect(),
                cause,
                until,
                to,
            },
        )
}

/// Something that somebody may do now: any action that is possible, by anybody who may.
fn allowed_now(
    application: &Application,
    now: Timestamp,
    (which, who): &(Index, Index),
) -> Option<(Actor, Action)> {
    let may = |by: &Actor, action| application.allows(action, &DESK.act(by, now)).is_ok();
    let everybody = everybody().map(|(_, by)| by);
    let mut possible = Action::ALL.to_vec();
    possible.retain(|action| everybody.iter().any(|by| may(by, *action)));
    // Taking it back is always possible, and would end most lives early.
    let likely = possible
        .iter()
        .filter(|action| **action != Action::Withdraw);
    let possible: Vec<_> = possible
        .iter()
        .chain(likely.clone())
        .chain(likely)
        .collect();
    if possible.is_empty() {
        return None;
    }
    let action = **which.get(&possible);
    let mut people = everybody.to_vec();
    people.retain(|by| may(by, action));
    Some((who.get(&people).clone(), action))
}

/// What became of the attempts: every state of the application after the draft, with the line that explains it.
fn life(attempts: &[Attempt]) -> Vec<Change<Application>> {
    let mut now = at("01-05T08:00");
    let by = owner();
    let mut changes = vec![Application::create(beginning(), &DESK.act(&by, now)).unwrap()];
    for attempt in attempts {
        now += TimeDelta::minutes(attempt.minutes);
        let application = changes[changes.len() - 1].after.clone();
        let allowed = attempt.allowed.as_ref();
        let (by, action) = allowed
            .and_then(|indices| allowed_now(&application, now, indices))
            .unwrap_or_else(|| (attempt.by.clone(), attempt.action));
        let act = Act {
            seen: attempt.seen,
            ..DESK.act(&by, now)
        };
        let done = DESK.run(application, action, &attempt.input, &act);
        match done {
            Ok(change) => changes.push(change),
            Err(refusal) => assert!(!refusal.message().is_empty()),
        }
    }
    changes
}

/// The states that the lines of the log tell of.
fn told(lines: &[&Activity]) -> Vec<Entered> {
    let draft = Entered {
        at: lines[0].at,
        status: Status::Draft,
    };
    let mut entered = vec![draft];
    for line in &lines[1..] {
        let status =
            |key: &str| serde_json::from_value::<Status>(line.details[key].clone()).unwrap();
        assert_eq!(status("from"), entered[entered.len() - 1].status);
        if status("from") != status("to") {
            entered.push(Entered {
                at: line.at,
                status: status("to"),
            });
        }
    }
    entered
}

fn check(before: &Application, change: &Change<Application>) {
    let Change { after, activity } = change;
    assert_eq!(after.version, before.version + 1);
    assert_eq!(activity.version, after.version);
    assert_eq!(activity.application, Some(after.id));
    // Who asks, for what and of whom is never changed.
    assert_eq!(
        (
            after.id,
            after.program,
            after.applicant,
            after.organization,
            after.created_at
        ),
        (
            before.id,
            before.program,
            before.applicant,
            before.organization,
            before.created_at
        )
    );
    let (from, to) = (before.status(), after.status());
    assert_eq!(
        after.history.len() - before.history.len(),
        usize::from(from != to)
    );
    assert!(
        after
            .history
            .windows(2)
            .all(|pair| pair[0].status != pair[1].status)
    );
    assert_eq!(after.history[after.history.len() - 1].status, to);

    assert_eq!(
        after.resolution.is_some(),
        to.is_final() && after.submitted_at.is_some()
    );
    if to.is_final() {
        assert_eq!(
            (after.due_at, after.deadline_at, after.wake_at),
            (None, None, None)
        );
    }
    assert_ne!(from, Status::Approved, "nothing follows an approval");
    assert_eq!(to == Status::Approved, activity.verb == Verb::Approved);
    assert_eq!(to == Status::Declined, activity.verb == Verb::Declined);
    assert_eq!(to.is_decided(), after.decision_for(&owner()).is_some());
    // Whoever is waited for knows until when, and nobody else is warned.
    let waits = matches!(to, Status::Draft | Status::AwaitingApplicant);
    assert!(!waits || after.deadline_at.is_some());
    assert!(waits || after.warned_at.is_none());
    assert!(to != Status::Expired || before.warned_at.is_some());
}

fn check_decision(application: &Application) {
    let Some(decision) = application.decision_for(&owner()) else {
        return;
    };
    assert!(decision.published_at.is_some());
    assert!(!decision.needs_approval());
    if !decision.limits.is_empty() {
        assert_ne!(decision.approved_by, decision.drafted_by);
    }
    let known = |code: &String| DESK.revision.rules.reason(code).is_some();
    match decision.outcome {
        Outcome::Approve => assert!(decision.reasons.is_empty()),
        Outcome::Decline => {
            assert!(!decision.reasons.is_empty() && decision.reasons.iter().all(known));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_life_is_explained_line_by_line(attempts in attempts()) {
        let changes = life(&attempts);
        for pair in changes.windows(2) {
            check(&pair[0].after, &pair[1]);
            check_decision(&pair[1].after);
        }
        let lines: Vec<_> = changes.iter().map(|change| &change.activity).collect();
        let last = &changes[changes.len() - 1].after;
        prop_assert_eq!(told(&lines), last.history.clone());
        prop_assert_eq!(usize::try_from(last.version).unwrap(), changes.len());
    }

    #[test]
    fn the_clocks_of_every_life_only_go_forward(attempts in attempts()) {
        let calendar = &DESK.revision.rules.calendar;
        let changes = life(&attempts);
        let last = &changes[changes.len() - 1];
        let mut before = last.after.clocks(calendar, at("01-05T08:00"));
        for change in &changes {
            let clocks = last.after.clocks(calendar, change.activity.at);
            prop_assert!(before.elapsed <= clocks.elapsed);
            prop_assert!(before.promise <= clocks.promise);
            prop_assert!(before.team <= clocks.team);
            prop_assert!(clocks.team <= clocks.promise && clocks.promise <= clocks.elapsed);
            // What an end says of the clocks is what the log says of them.
            if let Some(end) = &change.after.resolution {
                prop_assert_eq!(
                    [end.elapsed, end.promise, end.team],
                    [clocks.elapsed, clocks.promise, clocks.team]
                );
            }
            before = clocks;
        }
    }
}

#[test]
fn random_lives_reach_every_state() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut reached = std::collections::BTreeSet::new();
    for _ in 0..256 {
        let attempts = attempts().new_tree(&mut runner).unwrap().current();
        reached.extend(life(&attempts).iter().map(|change| change.after.status()));
    }
    assert_eq!(reached.into_iter().collect::<Vec<_>>(), Status::ALL);
}
