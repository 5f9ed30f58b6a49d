//! Commits: all or nothing, over the version that was read, and never lost under many writers.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
};
use serde_json::json;
use stoa_domain::Timestamp;
use stoa_domain::actor::Actor;
use stoa_domain::application::{Application, HoldCause, Status};
use stoa_domain::change::Change;
use stoa_domain::id::Id;
use stoa_domain::message::{Kind, Message};
use stoa_domain::program::Program;
use stoa_persistence::page::Page;
use stoa_persistence::{ApplicationFilter, ApplicationOrder, Beside, Record, Store, StoreError};
use tokio::task::JoinSet;

use super::{counts, texts};
use crate::support::rows::{Rows, opened};
use crate::support::{MONDAY, at, database, input};

const WRITERS: usize = 8;
const COMMANDS: usize = 25;

fn message(rows: &Rows, application: &Application) -> Message {
    Message {
        id: rows.id(),
        application: application.id,
        kind: Kind::Reply,
        author: rows.applicant.account(),
        body: "Never seen.".into(),
        at: at(MONDAY),
    }
}

/// Commits what must fail, and shows that it left nothing behind and told nobody.
async fn leaves_nothing(rows: &Rows, db: &DatabaseConnection, record: impl Record) -> StoreError {
    let before = counts(db).await;
    let error = rows.store().commit(record).await.unwrap_err();
    // The log is among them: nobody is told.
    assert_eq!(counts(db).await, before);
    error
}

#[tokio::test]
async fn a_stale_version_conflicts_and_writes_nothing() {
    let db = opened().await;
    let store = Store::over(db.clone());
    store.migrate().await.unwrap();
    let rows = Rows::over(store).await;
    let now = at(MONDAY);
    let read = rows.in_review("Riverside Garden", now).await;
    let (specialist, manager) = (
        rows.act(&rows.specialist, now),
        rows.act(&rows.manager, now),
    );
    let claimed = read.clone().claim(&specialist).unwrap();
    rows.store().commit(claimed.clone()).await.unwrap();

    let declined = || {
        read.clone()
            .decline(vec!["COUNTRY".into()], None, &manager)
            .unwrap()
    };
    let note = message(&rows, &read);
    let evaluation = rows.evaluation(&read, now);
    let together = (note, (evaluation, (declined(), message(&rows, &read))));
    let error = leaves_nothing(&rows, &db, together).await;
    assert!(matches!(error, StoreError::Conflict), "{error:?}");
    let error = leaves_nothing(&rows, &db, vec![declined(), declined()]).await;
    assert!(matches!(error, StoreError::Conflict), "{error:?}");
    let mut ahead = declined();
    ahead.after.version += 7;
    let error = leaves_nothing(&rows, &db, ahead).await;
    assert!(matches!(error, StoreError::Conflict), "{error:?}");
    let found = rows.view().application(read.id).await.unwrap();
    assert_eq!(found, Some(claimed.after));
}

#[tokio::test]
async fn records_that_are_committed_together_appear_together_or_not_at_all() {
    let db = opened().await;
    let store = Store::over(db.clone());
    store.migrate().await.unwrap();
    let rows = Rows::over(store).await;
    let now = at(MONDAY);
    let taken = rows.organization("Riverside Garden");
    let first = rows.draft(&taken, Some("crm-1"), now);
    rows.store().commit((taken, first)).await.unwrap();

    let organization = rows.organization("Hilltop Garden");
    let fine = rows.draft(&organization, Some("crm-2"), now);
    let answers = (fine.after.id, Rows::answers());
    let note = message(&rows, &fine.after);
    let duplicate = rows.draft(&organization, Some("crm-1"), now);
    let parts = (organization, (fine, (answers, (note, duplicate))));
    let error = Box::pin(leaves_nothing(&rows, &db, parts)).await;
    assert!(
        matches!(error, StoreError::Taken("external id")),
        "{error:?}"
    );

    let nobody = rows.organization("Never written");
    let orphan = rows.draft(&nobody, None, now);
    let error = leaves_nothing(&rows, &db, orphan).await;
    assert!(matches!(error, StoreError::Database(_)), "{error:?}");
}

#[tokio::test]
async fn an_external_id_is_unique_in_its_program_and_not_across_programs() {
    let rows = Rows::new().await;
    let now = at(MONDAY);
    let organization = rows.organization("Riverside Garden");
    rows.store().commit(organization.clone()).await.unwrap();
    for key in [Some("crm-1"), Some("CRM-1"), None, None] {
        rows.store()
            .commit(rows.draft(&organization, key, now))
            .await
            .unwrap();
    }
    let again = rows
        .store()
        .commit(rows.draft(&organization, Some("crm-1"), now))
        .await;
    assert!(
        matches!(again, Err(StoreError::Taken("external id"))),
        "{again:?}"
    );

    let orchard = rows
        .view()
        .program_by_key("orchard")
        .await
        .unwrap()
        .unwrap();
    let mut elsewhere = rows.draft(&organization, Some("crm-1"), now);
    elsewhere.after.program = orchard.id;
    elsewhere.after.revision = orchard.current;
    rows.store().commit(elsewhere.clone()).await.unwrap();
    let found = async |program: Id<Program>| {
        let filter = ApplicationFilter {
            program: Some(program),
            external_id: Some("crm-1".to_owned()),
            ..ApplicationFilter::default()
        };
        let (order, page) = (ApplicationOrder::OldestFirst, Page::first(2));
        let view = rows.view();
        let found = view.applications(&filter, order, &page).await;
        let mut found = found.unwrap().items;
        assert_eq!(found.len(), 1);
        found.remove(0).1
    };
    assert_eq!(found(orchard.id).await, elsewhere.after);
    let here = found(rows.compiled.revision.program).await;
    assert_ne!(here.id, elsewhere.after.id);
}

#[tokio::test]
async fn an_organisation_is_a_member_of_a_program_once() {
    let db = opened().await;
    let store = Store::over(db.clone());
    store.migrate().await.unwrap();
    let rows = Rows::over(store).await;
    let now = at(MONDAY);
    let organization = rows.organization("Riverside Garden");
    let first = rows.in_review_of(organization.clone(), now).await;
    let second = rows.in_review_of(organization.clone(), now).await;
    rows.store()
        .commit(rows.approval(&first, Some(3), now))
        .await
        .unwrap();
    let again = rows.approval(&second, Some(3), now);
    let error = leaves_nothing(&rows, &db, again).await;
    assert!(
        matches!(error, StoreError::Taken("membership")),
        "{error:?}"
    );
    let found = rows.view().application(second.id).await.unwrap().unwrap();
    assert_eq!(found.status(), Status::InReview);
    // The place that the second one had taken for a moment is free again.
    let places = "SELECT CAST(places_taken AS TEXT) FROM programs ORDER BY key";
    assert_eq!(texts(&db, places).await, ["1", "0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_approvals_at_once_only_one_takes_the_last_place() {
    let rows = Rows::over(database::shared().await).await;
    let now = at(MONDAY);
    let mut approvals = Vec::new();
    for name in ["Riverside Garden", "Hilltop Garden"] {
        let it = rows.in_review(name, now).await;
        approvals.push((it.id, rows.approval(&it, Some(1), now)));
    }
    let (ids, approvals): (Vec<_>, Vec<_>) = approvals.into_iter().unzip();
    let done = join_all(approvals.into_iter().map(|it| rows.store().commit(it))).await;
    let full = done
        .iter()
        .filter(|it| matches!(it, Err(StoreError::Full)))
        .count();
    assert_eq!(
        (done.iter().filter(|it| it.is_ok()).count(), full),
        (1, 1),
        "{done:?}"
    );
    let members = rows
        .view()
        .memberships(None, None, None, &Page::first(10), Beside::default())
        .await
        .unwrap();
    assert_eq!(members.items.len(), 1);
    for (id, done) in ids.into_iter().zip(done) {
        let found = rows.view().application(id).await.unwrap().unwrap();
        let expected = if done.is_ok() {
            Status::Approved
        } else {
            Status::InReview
        };
        assert_eq!(found.status(), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn through_the_api_eight_approvals_at_once_fill_three_places() {
    let rows = Rows::over(database::shared().await).await;
    let mut waiting = Vec::new();
    for number in 0..8 {
        let it = rows
            .in_review(&format!("Garden {number}"), at(MONDAY))
            .await;
        waiting.push(json!({ "id": it.id, "version": it.version }));
    }
    let commands = waiting.iter().map(|it| {
        let input = input(it, json!({}));
        rows.world
            .command("specialist", "approveApplication", input)
    });
    let mut codes: Vec<_> = join_all(commands)
        .await
        .iter()
        .map(|payload| {
            payload["userErrors"][0]["code"]
                .as_str()
                .unwrap_or("APPROVED")
                .to_owned()
        })
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, [&["APPROVED"; 3][..], &["FULL"; 5]].concat());
}

/// Holds an application, or ends the hold: there is always a next command.
fn step(rows: &Rows, application: Application, now: Timestamp) -> Change<Application> {
    let act = rows.act(&rows.specialist, now);
    match application.status() {
        Status::OnHold => application.release(&act).unwrap(),
        _ => application
            .hold(HoldCause::Compliance, "A name was flagged.", None, &act)
            .unwrap(),
    }
}

/// Commits one step over what is read now; whoever was overtaken reads again.
async fn insist(rows: &Rows, id: Id<Application>) -> usize {
    let mut overtaken = 0;
    loop {
        let application = rows.view().application(id).await.unwrap().unwrap();
        match rows
            .store()
            .commit(step(rows, application, at(MONDAY)))
            .await
        {
            Ok(()) => return overtaken,
            Err(StoreError::Conflict) => overtaken += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// Eight writers, each with its own tasks, on these applications in turn.
async fn many_writers(rows: &Arc<Rows>, ids: &[Id<Application>]) -> usize {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (rows, id) = (Arc::clone(rows), ids[writer % ids.len()]);
        writers.spawn(async move {
            let mut overtaken = 0;
            for _ in 0..COMMANDS {
                overtaken += insist(&rows, id).await;
            }
            overtaken
        });
    }
    writers.join_all().await.into_iter().sum()
}

/// The versions that the log explains, in its order.
async fn explained(rows: &Rows, id: Id<Application>) -> Vec<i32> {
    let page = Page::first(1_000);
    let lines = rows
        .view()
        .activities(Some(id), None, false, &page)
        .await
        .unwrap();
    lines
        .items
        .into_iter()
        .map(|(_, line)| line.activity.version)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_writers_at_once_lose_nothing() {
    let rows = Arc::new(Rows::over(database::shared().await).await);
    let mut ids = Vec::new();
    for writer in 0..WRITERS {
        let it = rows
            .in_review(&format!("Garden {writer}"), at(MONDAY))
            .await;
        assert_eq!(it.version, 3);
        ids.push(it.id);
    }
    assert_eq!(many_writers(&rows, &ids).await, 0);
    let mut lines = 0;
    for id in ids {
        let versions = explained(&rows, id).await;
        assert_eq!(versions, (1..=28).collect::<Vec<_>>());
        lines += versions.len() - 3;
    }
    assert_eq!(lines, WRITERS * COMMANDS);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_writers_on_one_row_write_one_after_the_other() {
    let rows = Arc::new(Rows::over(database::shared().await).await);
    let it = rows.in_review("Riverside Garden", at(MONDAY)).await;
    let overtaken = many_writers(&rows, &[it.id]).await;
    let last = i32::try_from(3 + WRITERS * COMMANDS).unwrap();
    let found = rows.view().application(it.id).await.unwrap().unwrap();
    assert_eq!(found.version, last, "{overtaken} were overtaken");
    assert_eq!(
        explained(&rows, it.id).await,
        (1..=last).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn times_keep_their_microseconds_and_sort_by_them() {
    let rows = Rows::new().await;
    let written = [
        "2026-11-23T09:59:59.999999Z",
        "2026-11-23T10:00:00Z",
        "2026-11-23T10:00:00.000001Z",
        "2026-11-23T10:00:00.001Z",
        "2026-11-23T10:00:00.001001Z",
        "2026-11-23T10:00:00.010Z",
        "2026-11-23T10:00:00.100Z",
        "2026-11-23T10:00:00.100001Z",
        "2026-11-23T10:00:00.999Z",
        "2026-11-23T10:00:00.999999Z",
        "2026-11-23T10:00:01Z",
        "2026-12-31T23:59:59.999999Z",
        "2027-01-01T00:00:00Z",
    ];
    let organization = rows.organization("Riverside Garden");
    rows.store().commit(organization.clone()).await.unwrap();
    let mut changes = Vec::new();
    for number in 0..written.len() {
        // Not in the order of time: 5 and 13 have no common divisor.
        let due = at(written[number * 5 % written.len()]);
        let mut change = rows.draft(&organization, None, due);
        change.after.due_at = Some(due);
        change.after.submitted_at = Some(due);
        changes.push(change);
    }
    rows.store().commit(changes).await.unwrap();
    let sorted: Vec<_> = written.iter().map(|text| Some(at(text))).collect();
    let (all, page) = (ApplicationFilter::default(), Page::first(100));
    let found = rows
        .view()
        .applications(&all, ApplicationOrder::DueFirst, &page)
        .await
        .unwrap();
    let found = found.items.into_iter().map(|(_, it)| it.due_at);
    assert_eq!(found.collect::<Vec<_>>(), sorted);
    for (earlier, time) in sorted.iter().enumerate() {
        let due = ApplicationFilter {
            due_before: *time,
            ..ApplicationFilter::default()
        };
        let before = ApplicationFilter {
            submitted_before: *time,
            ..ApplicationFilter::default()
        };
        let from = ApplicationFilter {
            submitted_from: *time,
            ..ApplicationFilter::default()
        };
        for (filter, expected) in [
            (due, earlier),
            (before, earlier),
            (from, sorted.len() - earlier),
        ] {
            let count = rows
                .store()
                .view(&Actor::System)
                .application_count(&filter)
                .await
                .unwrap();
            assert_eq!(
                usize::try_from(count).unwrap(),
                expected,
                "{time:?} {filter:?}"
            );
        }
    }
}

/// Returns once no other connection to this database has a statement or a transaction under way.
async fn nothing_runs(holder: &DatabaseConnection) {
    let sql = "SELECT count(*) FROM pg_stat_activity \
               WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()";
    let look = async {
        loop {
            let statement = Statement::from_string(DbBackend::Postgres, sql);
            let row = holder.query_one_raw(statement).await.unwrap();
            if row.unwrap().try_get_by_index::<i64>(0).unwrap() == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), look)
        .await
        .expect("what nobody waits for ends");
}

#[tokio::test]
async fn a_change_that_nobody_waits_for_any_more_is_there_as_a_whole_or_not_at_all() {
    let url = database::shared_url().await;
    let store = database::connect(url.clone()).await;
    store.migrate().await.unwrap();
    let rows = Rows::over(store).await;
    let now = at(MONDAY);
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let holder = Database::connect(options).await.unwrap();
    let lock: &[&str] = if database::on_postgres() {
        &["BEGIN", "LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE"]
    } else {
        &["BEGIN IMMEDIATE"]
    };
    // One is one statement on PostgreSQL; two, each of which needs what is before it, are a transaction.
    for (round, count) in [1, 2, 1, 2].into_iter().enumerate() {
        for sql in lock {
            holder.execute_unprepared(sql).await.unwrap();
        }
        let changes: Vec<_> = (0..count)
            .map(|number| {
                let organization = rows.organization(&format!("Left {round}.{number}"));
                let draft = rows.draft(&organization, None, now);
                (organization, draft)
            })
            .collect();
        let ids: Vec<_> = changes.iter().map(|(_, draft)| draft.after.id).collect();
        let owner = changes[0].0.id;
        let commit = rows.store().commit(changes);
        let waited = tokio::time::timeout(Duration::from_millis(100), commit).await;
        assert!(waited.is_err(), "somebody else holds what it needs");
        holder.execute_unprepared("ROLLBACK").await.unwrap();

        // Whoever comes next meets nothing of it on the connection.
        let after = rows.organization(&format!("After {round}"));
        rows.store().commit(after.clone()).await.unwrap();
        if database::on_postgres() {
            nothing_runs(&holder).await;
        }
        let view = rows.view();
        assert!(view.organization(after.id).await.unwrap().is_some());
        let there = view.organization(owner).await.unwrap().is_some();
        let drafts = view.applications_by_id(&ids).await.unwrap().len();
        assert_eq!(drafts, if there { count } else { 0 });
        assert!(count == 1 || !there, "a transaction is rolled back");
    }
}
