//! Two processes of the binary on one database: what one commits reaches those who follow the other.

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::cli::{Folder, Running, root, stoa};
use crate::streaming::reader::{Reader, Told};
use crate::support::database;

const KEY: &str = "a secret that several processes share";
const LOG: &str = "subscription { activityAdded { cursor activity { verb application { organization { name } } } } }";

/// A process that serves, and how to reach it.
struct Process {
    _running: Running,
    address: String,
    applicant: String,
}

impl Process {
    async fn start(folder: &Folder, url: &str, name: &str) -> Self {
        let settings = [
            ("STOA_DATABASE_URL", url),
            ("STOA_LISTEN", "127.0.0.1:0"),
            ("STOA_TOKEN_KEY", KEY),
        ];
        let ready = folder.0.join(format!("{name}.json"));
        let data = folder.write("none.jsonl", "");
        let mut command = stoa(folder, &settings);
        command.arg("--programs").arg(root().join("programs"));
        command.arg("demo").arg("--data").arg(data);
        command.arg("--ready-file").arg(&ready);
        let running = Running(command.stdout(Stdio::null()).spawn().unwrap());
        for _ in 0..1200 {
            if ready.exists() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let ready: Value = serde_json::from_str(&std::fs::read_to_string(&ready).unwrap()).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            _running: running,
            address: text(&ready["url"]).replace("http://", ""),
            applicant: text(&ready["tokens"]["applicant"]),
        }
    }

    /// The applicant begins an application here.
    async fn begin(&self, organization: &str) {
        let programs = self.ask(json!({ "query": "{ programs { id } }" })).await;
        let input = json!({
            "programId": programs["data"]["programs"][0]["id"],
            "organizationName": organization
        });
        let document =
            "mutation($input: CreateApplicationInput!) { createApplication(input: $input) {
            application { id } userErrors { message } } }";
        let answer = self
            .ask(json!({ "query": document, "variables": { "input": input } }))
            .await;
        let payload = &answer["data"]["createApplication"];
        assert_eq!(payload["userErrors"], json!([]), "{answer:#}");
    }

    async fn ask(&self, body: Value) -> Value {
        let body = body.to_string();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nAuthorization: Bearer {}\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            self.applicant,
            body.len()
        );
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"))
    }

    async fn follow(&self, after: Option<&str>) -> Reader {
        let body = json!({ "query": LOG });
        Reader::resume(&self.address, Some(&self.applicant), &body, after).await
    }
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
    let mut reader = there.follow(None).await;
    let Told::Next(begin) = reader.told().await else {
        panic!("the stream goes on");
    };
    assert_eq!(begin["data"]["activityAdded"]["activity"], Value::Null);
    here.begin("First").await;
    assert_eq!(next(&mut reader).await, "First");
    if database::on_postgres() {
        database::kill_listeners(&url, 2).await;
    }
    here.begin("Second").await;
    here.begin("Third").await;
    assert_eq!(next(&mut reader).await, "Second");
    assert_eq!(next(&mut reader).await, "Third");
    there.begin("Fourth").await;
    assert_eq!(next(&mut reader).await, "Fourth");
    // The process dies; whoever followed it comes back to the other one.
    let last = reader.id.clone();
    drop((reader, there));
    here.begin("Fifth").await;
    let mut again = here.follow(last.as_deref()).await;
    assert_eq!(next(&mut again).await, "Fifth");
    here.begin("Sixth").await;
    assert_eq!(next(&mut again).await, "Sixth");
}
