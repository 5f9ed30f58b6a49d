//! Fresh databases: SQLite in memory, or a copy of a migrated PostgreSQL template.
//!
//! `STOA_TEST_DATABASE` says which engine; `tests/run` runs the suite once on each.

use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectionTrait, Database};
use stoa_persistence::{Options, Store};
use tokio::sync::OnceCell;

static TEMPLATE: OnceCell<String> = OnceCell::const_new();
static COUNT: AtomicU32 = AtomicU32::new(0);

/// Whether this run is on PostgreSQL. An unknown engine, or PostgreSQL without an address, fails loudly.
pub fn on_postgres() -> bool {
    match setting("STOA_TEST_DATABASE").as_deref() {
        None | Some("sqlite") => false,
        Some("postgres") => true,
        Some(other) => panic!("STOA_TEST_DATABASE must be sqlite or postgres, not {other}"),
    }
}

#[expect(clippy::disallowed_methods, reason = "the suite's own settings")]
pub fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn server() -> String {
    setting("STOA_TEST_POSTGRES")
        .expect("STOA_TEST_POSTGRES must be the address of a PostgreSQL server; run tests/run")
}

fn named(database: &str) -> String {
    let server = server();
    let (host, _) = server.rsplit_once('/').unwrap();
    format!("{host}/{database}")
}

async fn on_server(statement: &str) {
    let db = Database::connect(server()).await.unwrap();
    db.execute_unprepared(statement).await.unwrap();
    db.close().await.unwrap();
}

/// The address of an empty database; on PostgreSQL with the schema, on SQLite without.
pub async fn url() -> String {
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let process = std::process::id();
    if !on_postgres() {
        return "sqlite::memory:".into();
    }
    let template = TEMPLATE
        .get_or_init(|| async {
            let template = format!("template_{process}");
            on_server(&format!("CREATE DATABASE {template}")).await;
            let store = connect(named(&template)).await;
            store.migrate().await.unwrap();
            store.close().await;
            template
        })
        .await;
    let name = format!("test_{process}_{number}");
    on_server(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    named(&name)
}

/// The address of an empty database that says texts in another way than ours do.
pub async fn foreign_url() -> String {
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("foreign_{}_{number}", std::process::id());
    if on_postgres() {
        let like = "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0";
        on_server(&format!("CREATE DATABASE {name} {like}")).await;
        return named(&name);
    }
    let path = std::env::temp_dir().join(format!("stoa-{name}.db"));
    let _ = std::fs::remove_file(&path);
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let db = Database::connect(url.as_str()).await.unwrap();
    let made = "PRAGMA encoding = 'UTF-16le'; CREATE TABLE something (text text);";
    db.execute_unprepared(made).await.unwrap();
    db.close().await.unwrap();
    url
}

/// The address of an empty database that several connections, and processes, can share.
pub async fn shared_url() -> String {
    if on_postgres() {
        return url().await;
    }
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let file = format!("stoa-test-{}-{number}.db", std::process::id());
    let path = std::env::temp_dir().join(file);
    for ending in ["", "-wal", "-shm"] {
        let mut old = path.clone().into_os_string();
        old.push(ending);
        let _ = std::fs::remove_file(old);
    }
    format!("sqlite://{}?mode=rwc", path.display())
}

/// A store over this address.
pub async fn connect(url: String) -> Store {
    Store::connect(&Options {
        url,
        connections: 8,
    })
    .await
    .unwrap()
}

/// A migrated store over a fresh database.
pub async fn fresh() -> Store {
    let store = connect(url().await).await;
    store.migrate().await.unwrap();
    store
}

/// The same over a database that several connections share.
pub async fn shared() -> Store {
    let store = connect(shared_url().await).await;
    store.migrate().await.unwrap();
    store
}

/// Ends the connections that listen on a PostgreSQL database, once so many do.
pub async fn kill_listeners(url: &str, count: usize) {
    let db = Database::connect(url).await.unwrap();
    let listeners =
        "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    let read = async |what: &str| {
        let sql = format!("SELECT {what} {listeners}");
        let sql = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql);
        db.query_all_raw(sql).await.unwrap().len()
    };
    for _ in 0..1200 {
        if read("pid").await >= count {
            read("pg_terminate_backend(pid)").await;
            db.clone().close().await.unwrap();
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("nobody listens");
}
