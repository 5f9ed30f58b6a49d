//! `from_row(to_row(x)) == x`, for everything that is kept, through the two doors of the store.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::json;
use stoa::operations::programs::{directories, read_directory};
use stoa_domain::account::{Account, Kind};
use stoa_domain::actor::{Actor, Grant, Role};
use stoa_domain::application::{Application, HoldCause, Status};
use stoa_domain::change::{Activity, Change};
use stoa_domain::decision::{Draft, Outcome};
use stoa_domain::facts::Answers;
use stoa_domain::id::Id;
use stoa_domain::kpi::Key;
use stoa_domain::kpi::period::{Granularity, periods};
use stoa_domain::message;
use stoa_domain::organization::Organization;
use stoa_domain::program::{Program, Publication};
use stoa_domain::promise::Clocks;
use stoa_domain::verifiers::academic::AcademicDomain;
use stoa_persistence::KpiFilter;
use stoa_persistence::page::Page;

use crate::support::rows::Rows;
use crate::support::{at, garden};

/// To the microsecond: what every engine keeps.
const NOW: &str = "2026-11-23T10:00:00.123456Z";

async fn latest(rows: &Rows, application: Option<Id<Application>>) -> Activity {
    let page = Page::first(1);
    let view = rows.view();
    let mut lines = view
        .activities(application, None, true, &page)
        .await
        .unwrap()
        .items;
    lines.pop().unwrap().1.activity
}

/// Writes a change and reads it back, the state and the line.
async fn kept(
    rows: &Rows,
    seen: &mut BTreeSet<Status>,
    change: Change<Application>,
) -> Application {
    let Change { after, activity } = change.clone();
    rows.store().commit(change).await.unwrap();
    let found = rows.view().application(after.id).await.unwrap();
    assert_eq!(found, Some(after.clone()), "{:?}", activity.verb);
    assert_eq!(latest(rows, Some(after.id)).await, activity);
    seen.insert(after.status());
    after
}

#[tokio::test]
async fn every_state_of_an_application_reads_back_as_it_was_written() {
    let rows = Rows::new().await;
    let mut seen = BTreeSet::new();
    let now = at(NOW);
    let applicant = rows.act(&rows.applicant, now);
    let specialist = rows.act(&rows.specialist, now);
    let manager = rows.act(&rows.manager, now);
    let system = rows.act(&Actor::System, now);
    let organization = rows.organization("Riverside Garden");
    rows.store().commit(organization.clone()).await.unwrap();

    // Proposed, sent back, proposed again, approved by a second person, published.
    let draft = rows.draft(&organization, Some("crm-1"), now);
    let it = kept(&rows, &mut seen, draft).await;
    let (form, answers) = (&rows.compiled.form, Rows::answers());
    let it = kept(
        &rows,
        &mut seen,
        it.answer(&answers, form, &applicant).unwrap(),
    )
    .await;
    let it = kept(
        &rows,
        &mut seen,
        it.submit(&answers, form, &applicant).unwrap(),
    )
    .await;
    let mut evaluation = rows.evaluation(&it, now);
    evaluation.limits = vec!["many-seats".into()];
    rows.store().commit(evaluation.clone()).await.unwrap();
    let it = kept(&rows, &mut seen, it.evaluate(&evaluation, &system).unwrap()).await;
    let it = kept(&rows, &mut seen, it.claim(&specialist).unwrap()).await;
    let it = kept(
        &rows,
        &mut seen,
        it.ask(
            "Which licence?",
            vec!["seats".to_owned()],
            form,
            &specialist,
        )
        .unwrap(),
    )
    .await;
    let it = kept(&rows, &mut seen, it.warn(&system).unwrap()).await;
    let it = kept(
        &rows,
        &mut seen,
        it.reply("MIT.", &answers, form, &applicant).unwrap(),
    )
    .await;
    let until = Some(at("2026-11-25T10:00:00.000001Z"));
    let hold = it.hold(HoldCause::Consult, "Ask the owner.", until, &specialist);
    let it = kept(&rows, &mut seen, hold.unwrap()).await;
    let it = kept(&rows, &mut seen, it.release(&system).unwrap()).await;
    let approve = Draft {
        outcome: Outcome::Approve,
        reasons: Vec::new(),
        message: Some("Welcome — 欢迎!".into()),
    };
    // Once more: the reply may have changed what the criteria say.
    let mut again = rows.evaluation(&it, now);
    again.limits = vec!["many-seats".into()];
    rows.store().commit(again.clone()).await.unwrap();
    let it = kept(&rows, &mut seen, it.evaluate(&again, &system).unwrap()).await;
    let it = kept(&rows, &mut seen, it.propose(&approve, &specialist).unwrap()).await;
    let it = kept(
        &rows,
        &mut seen,
        it.send_back("Ask again.", &manager).unwrap(),
    )
    .await;
    // Once more: the reply may have changed what the criteria say.
    let mut again = rows.evaluation(&it, now);
    again.limits = vec!["many-seats".into()];
    rows.store().commit(again.clone()).await.unwrap();
    let it = kept(&rows, &mut seen, it.evaluate(&again, &system).unwrap()).await;
    let it = kept(&rows, &mut seen, it.propose(&approve, &specialist).unwrap()).await;
    let it = kept(&rows, &mut seen, it.unassign(&manager).unwrap()).await;
    let it = kept(&rows, &mut seen, it.approve_decision(&manager).unwrap()).await;
    let it = kept(&rows, &mut seen, it.publish(&specialist).unwrap()).await;
    assert!(it.resolution.is_some());

    // Waitlisted, offered a place, declined, reopened, taken back.
    let it = rows.in_review("Hilltop Garden", now).await;
    let it = kept(&rows, &mut seen, it.waitlist(&specialist).unwrap()).await;
    let it = kept(&rows, &mut seen, it.offer(&specialist).unwrap()).await;
    let decline = it.decline(vec!["COUNTRY".into()], None, &specialist);
    let it = kept(&rows, &mut seen, decline.unwrap()).await;
    let it = kept(
        &rows,
        &mut seen,
        it.reopen("We moved.", &applicant).unwrap(),
    )
    .await;
    let it = kept(
        &rows,
        &mut seen,
        it.withdraw(Some("We'll wait."), &applicant).unwrap(),
    )
    .await;
    assert!(it.resolution.is_some());

    // Warned, then ended by silence.
    let it = kept(&rows, &mut seen, rows.draft(&organization, None, now)).await;
    let it = kept(&rows, &mut seen, it.warn(&system).unwrap()).await;
    let late = rows.act(&Actor::System, at("2027-11-23T10:00:00Z"));
    kept(&rows, &mut seen, it.expire(&late).unwrap()).await;

    assert_eq!(seen, BTreeSet::from(Status::ALL));
}

#[tokio::test]
async fn the_end_of_an_application_is_the_row_that_indicators_count() {
    let rows = Rows::new().await;
    let now = at(NOW);
    let it = rows
        .in_review("Riverside Garden", at("2026-11-23T09:00:00Z"))
        .await;
    let change = it.decline(
        vec!["COUNTRY".into()],
        None,
        &rows.act(&rows.specialist, now),
    );
    let declined = change.clone().unwrap().after;
    rows.store().commit(change.unwrap()).await.unwrap();
    let days = (now.date_naive(), now.date_naive());
    let zone = rows.compiled.revision.rules.calendar.time_zone;
    let months = periods(Granularity::Month, days.0, days.1, 1, zone).unwrap();
    let program = rows.compiled.revision.program;
    let filter = KpiFilter {
        program: None,
        ..KpiFilter::whole(Key::ApplicationsSolved, program, months)
    };
    let found = rows
        .view()
        .kpi_rows(&filter, &Page::first(10))
        .await
        .unwrap()
        .items;
    let [(_, row)] = found.as_slice() else {
        panic!("{found:?}")
    };
    let end = declined.resolution.unwrap();
    assert_eq!(row.application, declined.id);
    assert_eq!(
        (row.outcome, row.mode, row.person, row.at),
        (end.outcome, end.mode, end.person, end.at)
    );
    let clocks = Clocks {
        elapsed: end.elapsed,
        promise: end.promise,
        team: end.team,
    };
    assert_eq!(
        (row.clocks, row.within_promise),
        (clocks, end.within_promise)
    );
    assert_eq!(row.manual_steps, end.manual_steps);
}

#[tokio::test]
async fn answers_evaluations_and_messages_read_back_as_they_were_written() {
    let rows = Rows::new().await;
    let now = at(NOW);
    let it = rows.in_review("Riverside Garden", now).await;
    let mut answers = Rows::answers();
    for (number, value) in [
        0.1 + 0.2,
        1e-7,
        -2.5e300,
        f64::MIN_POSITIVE,
        9_007_199_254_740_992.0,
    ]
    .into_iter()
    .enumerate()
    {
        answers
            .values
            .insert(format!("number {number}"), json!(value));
    }
    answers
        .values
        .insert("whole".into(), json!([i64::MIN, u64::MAX, 0]));
    answers
        .values
        .insert("text".into(), json!("a\u{0}b \"c\" \\ ' 🌱 \u{202e}"));
    answers.unread = BTreeMap::from([("seats".into(), "fourty".into())]);
    rows.store().commit((it.id, answers.clone())).await.unwrap();
    assert_eq!(rows.view().answers(it.id).await.unwrap(), answers);
    rows.store()
        .commit((it.id, Answers::default()))
        .await
        .unwrap();
    assert_eq!(
        rows.view().answers(it.id).await.unwrap(),
        Answers::default()
    );

    let evaluation = rows.evaluation(&it, now);
    rows.store().commit(evaluation.clone()).await.unwrap();
    let found = rows
        .view()
        .evaluations_by_id(&[evaluation.id])
        .await
        .unwrap();
    assert_eq!(found, vec![evaluation]);

    let mut messages = Vec::new();
    for kind in [
        message::Kind::Received,
        message::Kind::Question,
        message::Kind::Reply,
        message::Kind::Approved,
        message::Kind::Declined,
        message::Kind::Expiring,
        message::Kind::Expired,
        message::Kind::Appeal,
    ] {
        messages.push(message::Message {
            id: rows.id(),
            application: it.id,
            kind,
            author: kind.template().map_or(rows.applicant.account(), |_| None),
            body: "Zwei\nZeilen — \"quoted\" \\ 🌱".into(),
            at: now,
        });
    }
    rows.store().commit(messages.clone()).await.unwrap();
    let found = rows
        .view()
        .messages(it.id, &Page::first(100))
        .await
        .unwrap()
        .items;
    let found: Vec<_> = found.into_iter().map(|(_, message)| message).collect();
    assert_eq!(found, messages);
}

#[tokio::test]
async fn accounts_of_every_kind_read_back_with_their_roles() {
    let rows = Rows::new().await;
    let (now, system) = (at(NOW), &Actor::System);
    let program = rows.compiled.revision.program;
    for kind in [Kind::Staff, Kind::Applicant, Kind::Integration] {
        let mail = format!("{kind:?}-1@example.org");
        let mut account = Account::create(rows.id(), kind, "Ada Ünal", &mail, system, now).unwrap();
        let mut steps = Vec::new();
        for role in Role::ALL {
            for program in [None, Some(program)] {
                let (version, grant) = (account.after.version, Grant { role, program });
                let granted = account.after.clone().grant(grant, version, system, now);
                if let Ok(granted) = granted {
                    steps.push(std::mem::replace(&mut account, granted));
                }
            }
        }
        let (held, version) = (account.after.grants.clone(), account.after.version);
        if let Some(first) = held.first() {
            let revoked = account
                .after
                .clone()
                .revoke(*first, version, system, now)
                .unwrap();
            steps.push(std::mem::replace(&mut account, revoked));
        }
        let version = account.after.version;
        let closed = account.after.clone().disable(version, system, now).unwrap();
        steps.push(std::mem::replace(&mut account, closed));
        steps.push(account);
        assert_eq!(
            steps.len(),
            if kind == Kind::Applicant {
                2
            } else {
                held.len() + 3
            }
        );
        for step in steps {
            rows.store().commit(step.clone()).await.unwrap();
            let found = rows.view().account(step.after.id).await.unwrap();
            assert_eq!(found, Some(step.after));
            assert_eq!(latest(&rows, None).await, step.activity);
        }
        let found = rows
            .view()
            .account_by_email(&mail.to_uppercase())
            .await
            .unwrap();
        assert_eq!(found.map(|account| account.kind), Some(kind));
    }
}

#[tokio::test]
async fn programs_and_revisions_read_back_the_ready_ones_too() {
    let rows = Rows::new().await;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../programs");
    let folders = directories(&root).unwrap();
    assert!(folders.len() >= 3, "{folders:?}");
    let mut all: Vec<_> = folders
        .iter()
        .map(|it| read_directory(it).unwrap())
        .collect();
    all.push(garden());
    all.last_mut().unwrap().key = "other-garden".into();
    for rules in all {
        let (now, system) = (at(NOW), &Actor::System);
        let made = Program::create(rules.clone(), rows.id(), rows.id(), system, now).unwrap();
        rows.store().commit(made.clone()).await.unwrap();
        let (Change { after, activity }, first) = made;
        assert_eq!(
            rows.view().program(after.id).await.unwrap(),
            Some(after.clone())
        );
        assert_eq!(latest(&rows, None).await, activity);

        let mut next = rules.clone();
        next.name = "Another name".into();
        let published = after.publish(next, &rules, rows.id(), system, now).unwrap();
        let Publication::Published(change, second) = published else {
            panic!("nothing was published")
        };
        rows.store()
            .commit(((*change).clone(), (*second).clone()))
            .await
            .unwrap();
        let id = change.after.id;
        assert_eq!(rows.view().program(id).await.unwrap(), Some(change.after));
        let found = rows.view().revisions(id).await.unwrap();
        let found: Vec<_> = found.iter().map(|it| (**it).clone()).collect();
        assert_eq!(found, vec![*second, first]);
    }
}

#[tokio::test]
async fn organisations_memberships_and_registries_read_back_as_they_were_written() {
    let rows = Rows::new().await;
    let now = at(NOW);
    let mut organization = Organization {
        domain: Some("example.org".into()),
        repository: Some("code.example.org/plans".into()),
        ..rows.organization("L'Église d'Été 花园")
    };
    rows.store().commit(organization.clone()).await.unwrap();
    let found = rows.view().organization(organization.id).await.unwrap();
    assert_eq!(found, Some(organization.clone()));
    organization.repository = None;
    rows.store().commit(organization.clone()).await.unwrap();
    let found = rows.view().organization(organization.id).await.unwrap();
    assert_eq!(found, Some(organization.clone()));

    let it = rows.in_review_of(organization, now).await;
    let (approved, mut started) = rows.approval(&it, None, now);
    let mut membership = started.changes[0].after.clone();
    let mut second = membership.terms[0].clone();
    (second.starts_on, second.ends_on) = (second.ends_on, second.ends_on + chrono::Days::new(365));
    second.grants[0].quantity = None;
    membership.terms.push(second);
    started.changes[0].after = membership.clone();
    let activity = started.changes[0].activity.clone();
    rows.store().commit((approved, started)).await.unwrap();
    let found = rows
        .view()
        .memberships_by_id(&[membership.id])
        .await
        .unwrap();
    assert_eq!(found, vec![membership.clone()]);
    assert_eq!(latest(&rows, None).await, activity);
    membership.version = 2;
    membership.terms.pop();
    let line = Activity {
        version: 2,
        ..activity
    };
    let change = Change {
        after: membership.clone(),
        activity: line,
    };
    rows.store().commit(change).await.unwrap();
    let found = rows
        .view()
        .memberships_by_id(&[membership.id])
        .await
        .unwrap();
    assert_eq!(found, vec![membership]);

    for institution in [Some("École".to_owned()), None] {
        let entry = AcademicDomain {
            domain: "ecole.example".into(),
            excluded: institution.is_none(),
            institution,
        };
        rows.store().commit(entry.clone()).await.unwrap();
        let asked = ["ecole.example".to_owned()];
        assert_eq!(
            rows.view().academic_domains(&asked).await.unwrap(),
            vec![entry]
        );
    }
    assert_eq!(rows.view().academic_domain_count().await.unwrap(), 1);
}
