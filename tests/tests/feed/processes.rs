//! Two processes of the binary on one database: what one commits reaches those who follow the other.

use serde_json::{Value, json};

use crate::cli::Folder;
use crate::cli::process::Process;
use crate::streaming::reader::{Reader, Told};
use crate::support::database;

const LOG: &str = "subscription { activityAdded { cursor activity { verb application { organization { name } } } } }";

async fn follow(process: &Process, after: Option<&str>) -> Reader {
    let body = json!({ "query": LOG });
    Reader::resume(&process.address, Some(&process.applicant), &body, after).await
}

async fn begin(process: &Process, organization: &str) {
    let answer = process.begin(organization, organization).await;
    answer.expect("a process that lives answers");
}

/// The organisation that the next line tells of.
async fn next(reader: &mut Reader) -> String {
    let Told::Next(answer) = reader.told().await else {
        panic!("the stream goes on");
    };
    let line = &answer["data"]["activityAdded"]["activity"];
    assert_eq!(line["verb"], "CREATED", "{answer:#}");
    let name = &line["application"]["organization"]["name"];
    name.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_one_process_commits_is_told_by_the_other_and_nothing_is_missed() {
    let folder = Folder::new("processes");
    let url = database::shared_url().await;
    let here = Process::start(&folder, &url, "here").await;
    let there = Process::start(&folder, &url, "there").await;
    let mut reader = follow(&there, None).await;
    let Told::Next(first) = reader.told().await else {
        panic!("the stream goes on");
    };
    assert_eq!(first["data"]["activityAdded"]["activity"], Value::Null);
    begin(&here, "First").await;
    assert_eq!(next(&mut reader).await, "First");
    if database::on_postgres() {
        database::kill_listeners(&url, 2).await;
    }
    begin(&here, "Second").await;
    begin(&here, "Third").await;
    assert_eq!(next(&mut reader).await, "Second");
    assert_eq!(next(&mut reader).await, "Third");
    begin(&there, "Fourth").await;
    assert_eq!(next(&mut reader).await, "Fourth");
    // The process dies; whoever followed it comes back to the other one.
    let last = reader.id.clone();
    drop((reader, there));
    begin(&here, "Fifth").await;
    let mut again = follow(&here, last.as_deref()).await;
    assert_eq!(next(&mut again).await, "Fifth");
    begin(&here, "Sixth").await;
    assert_eq!(next(&mut again).await, "Sixth");
}
