//! A process is killed while it carries out requests with keys; whoever sends them again is answered,
//! and each was done once.

use std::collections::{BTreeMap, HashMap};

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use stoa_domain::actor::Actor;
use stoa_domain::idempotency::Keyed;
use stoa_persistence::page::Page;
use stoa_persistence::{Mark, TakeOver};

use crate::cli::Folder;
use crate::cli::process::Process;
use crate::support::database;

/// Requests under way at once.
const REQUESTS: usize = 12;

/// What became of the keys: whether each has its answer, or at least a mark of what was done.
#[derive(Debug, Default)]
struct Left {
    untaken: usize,
    taken: usize,
    done: usize,
    answered: usize,
}

/// As if the minute were over for which a request may still run.
async fn a_minute_passes(url: &str, keys: &[String]) -> Left {
    let store = database::connect(url.to_owned()).await;
    let view = store.view(&Actor::System);
    let accounts = view.accounts(&Page::first(100)).await.unwrap();
    let mut accounts = accounts.items.into_iter().map(|(_, account)| account);
    let applicant = accounts.find(|it| it.email.as_str() == "applicant@example.org");
    let account = applicant.unwrap().id;
    let mut left = Left::default();
    for key in keys {
        let key = key.clone();
        let Some(keyed) = view.keyed(&Mark { account, key }).await.unwrap() else {
            left.untaken += 1;
            continue;
        };
        match (&keyed.answer, keyed.effect) {
            (Some(_), _) => left.answered += 1,
            (None, Some(_)) => left.done += 1,
            (None, None) => left.taken += 1,
        }
        let began = keyed.started_at;
        let started_at = began - TimeDelta::minutes(1);
        let now = Keyed {
            started_at,
            ..keyed
        };
        store.commit(TakeOver { now, began }).await.unwrap();
    }
    store.close().await;
    left
}

fn id(answer: &Value) -> String {
    let id = &answer["data"]["createApplication"]["application"]["id"];
    id.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn requests_that_a_killed_process_left_are_done_once_when_they_come_again() {
    let folder = Folder::new("killed");
    let url = database::shared_url().await;
    let names: Vec<String> = (0..REQUESTS).map(|it| format!("Garden {it}")).collect();
    let keys: Vec<String> = (0..REQUESTS).map(|it| format!("key-{it}")).collect();
    let mut process = Process::start(&folder, &url, "first").await;
    let (sender, mut answered) = tokio::sync::mpsc::unbounded_channel();
    let mut before: HashMap<usize, String> = HashMap::new();
    let sent = names
        .iter()
        .zip(&keys)
        .enumerate()
        .map(|(number, (name, key))| {
            let (process, sender) = (&process, sender.clone());
            async move {
                let answer = process.begin(name, key).await;
                let _ = sender.send(());
                answer.map(|answer| (number, id(&answer)))
            }
        });
    let killed = async {
        for _ in 0..REQUESTS / 3 {
            answered.recv().await;
        }
        process.kill();
    };
    let (answers, ()) = tokio::join!(join_all(sent), killed);
    before.extend(answers.into_iter().flatten());
    assert!(!before.is_empty() && before.len() < REQUESTS, "{before:?}");
    drop(process);

    let left = a_minute_passes(&url, &keys).await;
    assert!(left.answered < REQUESTS, "{left:?}");
    process = Process::start(&folder, &url, "second").await;
    let mut after = BTreeMap::new();
    for (number, (name, key)) in names.iter().zip(&keys).enumerate() {
        let answer = process.begin(name, key).await.unwrap();
        after.insert(number, id(&answer));
    }
    for (number, id) in before {
        assert_eq!(after[&number], id, "what was answered is answered again");
    }
    let query = "{ applications(first: 100) { nodes { id organization { name } } } }";
    let there = process.ask(json!({ "query": query })).await;
    let there = there["data"]["applications"]["nodes"].as_array().unwrap();
    let there: BTreeMap<_, _> = there
        .iter()
        .map(|it| {
            (
                it["organization"]["name"].to_string(),
                it["id"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(there.len(), REQUESTS, "each was done, and once: {left:?}");
    for (number, name) in names.iter().enumerate() {
        assert_eq!(there[&format!("{name:?}")], after[&number], "{name}");
    }
}
