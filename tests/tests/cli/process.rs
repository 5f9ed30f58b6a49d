//! A process of the binary that shares its database with others, and dies when it is dropped.

use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Folder, Running, root, stoa};

const KEY: &str = "a secret that several processes share";
/// A process that serves, and how to reach it.
pub struct Process {
    running: Mutex<Running>,
    pub address: String,
    pub applicant: String,
}

impl Process {
    pub async fn start(folder: &Folder, url: &str, name: &str) -> Self {
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
            running: Mutex::new(running),
            address: text(&ready["url"]).replace("http://", ""),
            applicant: text(&ready["tokens"]["applicant"]),
        }
    }

    /// Ends the process at once, whatever it is doing.
    pub fn kill(&self) {
        let mut running = self.running.lock().unwrap();
        running.0.kill().unwrap();
        running.0.wait().unwrap();
    }

    pub async fn ask(&self, body: Value) -> Value {
        let answer = self.try_ask(body, "").await;
        answer.expect("a process that lives answers")
    }

    /// The same with further header fields; nothing if the process died meanwhile.
    pub async fn try_ask(&self, body: Value, fields: &str) -> Option<Value> {
        let body = body.to_string();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nAuthorization: Bearer {}\r\n\
             Content-Length: {}\r\n{fields}Connection: close\r\n\r\n{body}",
            self.address,
            self.applicant,
            body.len()
        );
        let mut stream = TcpStream::connect(&self.address).await.ok()?;
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        let (_, body) = answer.split_once("\r\n\r\n")?;
        serde_json::from_str(body).ok()
    }

    /// Begins an application in the name of the applicant, under a key.
    pub async fn begin(&self, organization: &str, key: &str) -> Option<Value> {
        let programs = json!({ "query": "{ programs { id } }" });
        let programs = self.try_ask(programs, "").await?;
        let input = json!({
            "programId": programs["data"]["programs"][0]["id"],
            "organizationName": organization
        });
        let document =
            "mutation($input: CreateApplicationInput!) { createApplication(input: $input) {
            application { id } userErrors { message } } }";
        let body = json!({ "query": document, "variables": { "input": input } });
        let answer = self
            .try_ask(body, &format!("Idempotency-Key: {key}\r\n"))
            .await?;
        let payload = &answer["data"]["createApplication"];
        assert_eq!(payload["userErrors"], json!([]), "{answer:#}");
        Some(answer)
    }
}
