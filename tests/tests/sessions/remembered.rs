//! Who holds a session is remembered between requests, and forgotten when it changes.

use std::time::Duration;

use stoa_domain::actor::{Actor, Grant, Role};
use stoa_domain::session::Session;
use stoa_persistence::Store;

use crate::support::rows::Rows;
use crate::support::{MONDAY, asked, at, database, feeding};

/// How long another process may take to tell.
const SOON: Duration = Duration::from_mins(1);

/// How many statements it takes to know who holds a session, after it was asked before.
async fn cost(store: &Store, session: &Session) -> usize {
    let system = store.view(&Actor::System);
    system.signed_in_lately(session.id).await.unwrap().unwrap();
    asked::listen();
    system.signed_in_lately(session.id).await.unwrap().unwrap();
    asked::taken().len()
}

/// Two processes on one database, and a session that the first one remembers where it can.
async fn world() -> (Rows, Store, Session) {
    let url = database::shared_url().await;
    let store = database::connect(url.clone()).await;
    store.migrate().await.unwrap();
    let rows = Rows::over(store).await;
    let account = &rows.world.people["specialist"];
    let session = Session::begin(rows.id(), account, at(MONDAY)).unwrap();
    rows.store().commit(session.clone()).await.unwrap();
    let other = database::connect(url).await;
    (rows, other, session)
}

#[tokio::test]
async fn a_session_is_read_once_where_other_processes_are_heard_and_each_time_where_not() {
    let (rows, _, session) = world().await;
    assert_eq!(cost(rows.store(), &session).await, 1, "nobody listens");
    let feed = feeding(rows.store()).await;
    let expected = usize::from(!database::on_postgres());
    let heard = async {
        while cost(rows.store(), &session).await != expected {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(SOON, heard).await.unwrap();
    drop(feed);
    let deaf = async {
        while cost(rows.store(), &session).await != 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(SOON, deaf).await.unwrap();
}

#[tokio::test]
async fn what_a_process_changes_itself_it_knows_at_once() {
    let (rows, _, session) = world().await;
    let _feed = feeding(rows.store()).await;
    let system = rows.view();
    for number in 0..20 {
        cost(rows.store(), &session).await;
        let (account, _) = system.signed_in_lately(session.id).await.unwrap().unwrap();
        let grant = Grant {
            role: Role::ProgramManager,
            program: Some(rows.compiled.revision.program),
        };
        let admin = rows.world.actor("admin");
        let (seen, now) = (account.version, at(MONDAY));
        let changed = if number % 2 == 0 {
            account.grant(grant, seen, &admin, now)
        } else {
            account.revoke(grant, seen, &admin, now)
        };
        let changed = changed.unwrap();
        rows.store().commit(changed.clone()).await.unwrap();
        let (now, _) = system.signed_in_lately(session.id).await.unwrap().unwrap();
        assert_eq!(now, changed.after);
    }
    let end = session
        .clone()
        .end(&rows.world.actor("admin"), at(MONDAY))
        .unwrap();
    rows.store().commit(end).await.unwrap();
    let (_, ended) = system.signed_in_lately(session.id).await.unwrap().unwrap();
    assert!(ended.ended_at.is_some());
}

#[tokio::test]
async fn what_another_process_changes_is_known_as_soon_as_it_is_told() {
    let (rows, other, session) = world().await;
    let _feed = feeding(rows.store()).await;
    cost(rows.store(), &session).await;
    let end = session
        .clone()
        .end(&rows.world.actor("admin"), at(MONDAY))
        .unwrap();
    other.commit(end).await.unwrap();
    let system = rows.view();
    let known = async {
        loop {
            let (_, session) = system.signed_in_lately(session.id).await.unwrap().unwrap();
            if session.ended_at.is_some() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    // Long before what was read is not believed any more.
    tokio::time::timeout(Duration::from_secs(4), known)
        .await
        .unwrap();
}
