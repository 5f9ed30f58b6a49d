//! The feed of the log: in one order, without a gap, from one process to the next.

mod processes;

use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
};
use stoa_domain::actor::Actor;
use stoa_domain::application::Application;
use stoa_domain::change::Change;
use stoa_domain::id::Id;
use stoa_domain::organization::Organization;
use stoa_domain::verifiers::academic::AcademicDomain;
use stoa_persistence::page::Page;
use stoa_persistence::{Followed, Store, Wanted};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::support::rows::Rows;
use crate::support::{MONDAY, at, database, feeding};

/// How long what must come may take.
const SOON: Duration = Duration::from_mins(1);

/// What a transaction holds: whoever needs it waits, with all that was written before.
struct Gate {
    holder: DatabaseConnection,
}

/// Where those wait who are to write a row that somebody else writes.
const ROW: &str = "old.example.org";

impl Gate {
    /// A gate on the way to the lines of the log, which a change writes last.
    async fn before_lines(url: &str) -> Self {
        let insert = format!("INSERT INTO academic_domains VALUES ('{ROW}', NULL, false)");
        Self::closed(url, &["BEGIN", &insert]).await
    }

    /// A gate between the lines of this application, which have their numbers, and their commit.
    async fn before_commit(url: &str, application: Id<Application>) -> Self {
        let function = "CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS \
                        $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$";
        let trigger = format!(
            "CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON activities DEFERRABLE INITIALLY DEFERRED \
             FOR EACH ROW WHEN (NEW.application_id = '{}') EXECUTE FUNCTION gate()",
            application.uuid()
        );
        let hold = "SELECT pg_advisory_xact_lock(1)";
        Self::closed(url, &[function, &trigger, "BEGIN", hold]).await
    }

    async fn closed(url: &str, statements: &[&str]) -> Self {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        let holder = Database::connect(options).await.unwrap();
        for sql in statements {
            holder.execute_unprepared(sql).await.unwrap();
        }
        Self { holder }
    }

    /// Returns once so many transactions wait, at this gate or another.
    async fn are_waiting(&self, count: i64) {
        let sql = "SELECT count(*) FROM pg_stat_activity \
                   WHERE wait_event_type = 'Lock' AND datname = current_database()";
        let look = async {
            loop {
                let statement = Statement::from_string(DbBackend::Postgres, sql);
                let row = self.holder.query_one_raw(statement).await.unwrap();
                if row.unwrap().try_get_by_index::<i64>(0).unwrap() >= count {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(SOON, look).await.expect("somebody waits");
    }

    async fn open(&self) {
        self.holder.execute_unprepared("ROLLBACK").await.unwrap();
    }
}

/// A database with a program and people, its reader of the log, and one more connection that works.
async fn world() -> (Rows, JoinSet<()>, String) {
    let url = database::shared_url().await;
    let store = database::connect(url.clone()).await;
    store.migrate().await.unwrap();
    let rows = Rows::over(store).await;
    let feed = feeding(rows.store()).await;
    (rows, feed, url)
}

fn new(rows: &Rows, name: &str) -> (Organization, Change<Application>) {
    let organization = rows.organization(name);
    let draft = rows.draft(&organization, None, at(MONDAY));
    (organization, draft)
}

/// The application that the next line concerns.
async fn next(followed: &mut Followed) -> Id<Application> {
    loop {
        let line = timeout(SOON, followed.next()).await.expect("a line comes");
        // Those of the accounts and programs can have become final a moment ago.
        if let Some(application) = line.unwrap().logged.activity.application {
            return application;
        }
    }
}

#[tokio::test]
async fn transactions_that_commit_in_the_opposite_order_are_told_and_none_is_missed() {
    let (rows, _feed, url) = world().await;
    let store = rows.store();
    let mut followed = store.follow(None, Wanted::default()).await.unwrap();
    let (first, second) = (new(&rows, "First"), new(&rows, "Second"));
    let ids = [first.1.after.id, second.1.after.id];
    if database::on_postgres() {
        // The first line has its number and is not committed; the second is.
        let gate = Gate::before_commit(&url, ids[0]).await;
        let slow = store.commit(first);
        let quick = async {
            gate.are_waiting(1).await;
            store.commit(second).await.unwrap();
            gate.open().await;
        };
        let (slow, ()) = tokio::join!(slow, quick);
        slow.unwrap();
    } else {
        // One writer at a time: there is no other order than that of the commits.
        store.commit(first).await.unwrap();
        store.commit(second).await.unwrap();
    }
    assert_eq!([next(&mut followed).await, next(&mut followed).await], ids);
}

#[tokio::test]
async fn a_line_with_a_lower_number_that_commits_last_is_told_last_and_not_missed() {
    let (rows, _feed, url) = world().await;
    let store = rows.store();
    let mut followed = store.follow(None, Wanted::default()).await.unwrap();
    let (old, young) = (new(&rows, "Old"), new(&rows, "Young"));
    let ids = [old.1.after.id, young.1.after.id];
    if database::on_postgres() {
        // The older transaction writes its line after the younger one has, and commits before it.
        let old_gate = Gate::before_lines(&url).await;
        let young_gate = Gate::before_commit(&url, ids[1]).await;
        let domain = AcademicDomain {
            domain: ROW.to_owned(),
            institution: None,
            excluded: false,
        };
        let older = async {
            // A table that is written twice keeps the steps apart.
            let older = ((old.0, domain.clone()), (old.1, domain));
            store.commit(older).await.unwrap();
            young_gate.open().await;
        };
        let younger = async {
            old_gate.are_waiting(1).await;
            store.commit(young).await.unwrap();
        };
        let order = async {
            young_gate.are_waiting(2).await;
            old_gate.open().await;
        };
        tokio::join!(older, younger, order);
        let newest = store.view(&Actor::System);
        let page = Page::first(2);
        let log = newest.activities(None, None, true, &page).await;
        let log: Vec<_> = log.unwrap().items;
        let numbered: Vec<_> = log
            .iter()
            .map(|(_, line)| line.activity.application)
            .collect();
        assert_eq!(
            numbered,
            [Some(ids[0]), Some(ids[1])],
            "the younger has the lower number"
        );
    } else {
        store.commit(old).await.unwrap();
        store.commit(young).await.unwrap();
    }
    assert_eq!([next(&mut followed).await, next(&mut followed).await], ids);
}

#[tokio::test]
async fn who_lags_behind_or_comes_back_is_told_every_line_once_and_in_order() {
    let (rows, _feed, _) = world().await;
    let store = rows.store();
    let mut quick = store.follow(None, Wanted::default()).await.unwrap();
    let begin = quick.place();
    let mut slow = store.follow(None, Wanted::default()).await.unwrap();
    // More than the process keeps for those who lag.
    let mut ids = Vec::new();
    for batch in 0..12 {
        let organization = rows.organization(&format!("Garden {batch}"));
        store.commit(organization.clone()).await.unwrap();
        let drafts: Vec<_> = (0..100)
            .map(|_| rows.draft(&organization, None, at(MONDAY)))
            .collect();
        ids.extend(drafts.iter().map(|draft| draft.after.id));
        store.commit(drafts).await.unwrap();
    }
    for id in &ids {
        assert_eq!(next(&mut quick).await, *id);
    }
    for id in &ids {
        assert_eq!(next(&mut slow).await, *id);
    }
    let mut again = store.follow(Some(begin), Wanted::default()).await.unwrap();
    for id in &ids {
        assert_eq!(next(&mut again).await, *id);
    }
    let last = new(&rows, "Last");
    let id = last.1.after.id;
    store.commit(last).await.unwrap();
    for followed in [&mut quick, &mut slow, &mut again] {
        assert_eq!(next(followed).await, id);
    }
}

#[tokio::test]
async fn writers_at_once_lose_no_line() {
    let (rows, _feed, _) = world().await;
    let store = rows.store();
    let mut followed = store.follow(None, Wanted::default()).await.unwrap();
    let all: Vec<_> = (0..64)
        .map(|it| new(&rows, &format!("Garden {it}")))
        .collect();
    let mut ids: Vec<_> = all.iter().map(|(_, draft)| draft.after.id).collect();
    let mut writers = JoinSet::new();
    for record in all {
        let store = store.clone();
        writers.spawn(async move { store.commit(record).await.unwrap() });
    }
    let mut told = Vec::new();
    for _ in 0..ids.len() {
        told.push(next(&mut followed).await);
    }
    while let Some(written) = writers.join_next().await {
        written.unwrap();
    }
    told.sort_unstable();
    ids.sort_unstable();
    assert_eq!(told, ids);
}

/// The reader of another process: it looks at the log so seldom that only what it is told can help.
async fn elsewhere(url: String) -> (Store, JoinSet<()>) {
    let store = database::connect(url).await;
    let mut tail = store.tail().await.unwrap();
    if database::on_postgres() {
        tail = tail.looking_every(Duration::from_hours(1));
    }
    let mut running = JoinSet::new();
    running.spawn(stoa::feed::run(store.clone(), tail));
    (store, running)
}

#[tokio::test]
async fn another_process_is_told_though_it_does_not_look_and_after_its_connection_was_killed() {
    let url = database::shared_url().await;
    let store = database::connect(url.clone()).await;
    store.migrate().await.unwrap();
    let rows = Rows::over(store).await;
    let (other, _running) = elsewhere(url.clone()).await;
    let mut followed = other.follow(None, Wanted::default()).await.unwrap();
    for name in ["Before", "Between", "After"] {
        let record = new(&rows, name);
        let id = record.1.after.id;
        rows.store().commit(record).await.unwrap();
        assert_eq!(next(&mut followed).await, id, "{name}");
        if database::on_postgres() {
            database::kill_listeners(&url, 1).await;
        }
    }
}

#[tokio::test]
async fn a_log_that_was_restored_on_another_server_is_followed_from_its_end() {
    let db = crate::support::rows::opened().await;
    let store = Store::over(db.clone());
    store.migrate().await.unwrap();
    let rows = Rows::over(store).await;
    let store = rows.store();
    if database::on_postgres() {
        use sea_orm::ConnectionTrait;
        let ahead = "UPDATE activities SET transaction_id = 9000000000000000";
        db.execute_unprepared(ahead).await.unwrap();
        store.migrate().await.unwrap();
    }
    let _feed = feeding(store).await;
    let mut followed = store.follow(None, Wanted::default()).await.unwrap();
    let record = new(&rows, "New");
    let id = record.1.after.id;
    store.commit(record).await.unwrap();
    assert_eq!(next(&mut followed).await, id);
}
