//! Requests of a mebibyte or less made to exhaust the service. The real binary answers each within
//! 256 MiB, and answers a plain question afterwards.
//!
//! The cap is on data (`ulimit -d`: heap and stacks), not on address space: most of the latter is the
//! text of an unoptimised binary. What is resident is looked at besides.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::{Folder, Running, root, stoa};
use crate::support::database;

/// Kibibytes of data that the service may have.
const CAP: u64 = 256 * 1024;
/// How long an answer may take on the slowest of machines; a service that hangs takes longer.
const PATIENCE: Duration = Duration::from_mins(2);

struct Target {
    process: Running,
    address: String,
    token: String,
}

impl Target {
    async fn start(folder: &Folder) -> Self {
        let url = database::shared_url().await;
        let settings = [
            ("STOA_DATABASE_URL", url.as_str()),
            ("STOA_LISTEN", "127.0.0.1:0"),
            // The service has to withstand each of them, not only the first few.
            ("STOA_ACCOUNT_RATE", "1000000000:2000000000"),
            // Each thread has a stack; how many there are must not depend on the machine.
            ("TOKIO_WORKER_THREADS", "2"),
        ];
        let ready = folder.0.join("ready.json");
        let plain = stoa(folder, &settings);
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg(format!("ulimit -d {CAP} && exec \"$0\" \"$@\""))
            .arg(plain.get_program())
            .arg("--programs")
            .arg(root().canonicalize().unwrap().join("programs"))
            .arg("demo")
            .arg("--data")
            .arg(folder.write("none.jsonl", ""))
            .arg("--ready-file")
            .arg(&ready)
            .env_clear()
            .envs(
                plain
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .current_dir(&folder.0)
            .stdout(Stdio::null());
        let process = Running(command.spawn().unwrap());
        for _ in 0..1200 {
            if ready.exists() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let text = std::fs::read_to_string(&ready).expect("the service starts within the cap");
        let told: Value = serde_json::from_str(&text).unwrap();
        let url = told["url"].as_str().unwrap();
        Self {
            process,
            address: url.strip_prefix("http://").unwrap().to_owned(),
            token: told["tokens"]["admin"].as_str().unwrap().to_owned(),
        }
    }

    /// Posts a body; the status and the text of the answer.
    fn ask(&self, what: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).expect(what);
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             Accept: application/graphql-response+json\r\nAuthorization: Bearer {}\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            self.address,
            self.token,
            body.len()
        );
        stream.write_all(head.as_bytes()).expect(what);
        stream.write_all(body.as_bytes()).expect(what);
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect(what);
        let (head, body) = answer.split_once("\r\n\r\n").expect(what);
        let status = head.split(' ').nth(1).expect(what);
        (status.parse().expect(what), body.to_owned())
    }

    fn is_well(&self, after: &str) {
        let (status, body) = self.ask(after, &query("{ __typename }"));
        assert_eq!(status, 200, "after {after}: {body}");
        assert!(
            body.contains("\"__typename\":\"Query\""),
            "after {after}: {body}"
        );
    }

    /// Kibibytes that were resident at most, where the system tells.
    fn peak(&self) -> Option<u64> {
        let status = format!("/proc/{}/status", self.process.0.id());
        let status = std::fs::read_to_string(status).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }
}

fn query(text: &str) -> String {
    json!({ "query": text }).to_string()
}

fn with(text: &str, variables: Value) -> String {
    json!({ "query": text, "variables": variables }).to_string()
}

/// Fragments that each spread the next so many times.
fn fragments(count: usize, times: usize) -> String {
    let mut text = String::from("{ ...F0 }");
    for number in 0..count {
        let spreads = format!("...F{} ", number + 1).repeat(times);
        let _ = write!(text, "fragment F{number} on Query {{ {spreads} }}");
    }
    text + &format!("fragment F{count} on Query {{ __typename }}")
}

fn numbered(count: usize, each: impl Fn(usize) -> String) -> String {
    (0..count).map(each).collect()
}

fn nested(times: usize, open: &str, inside: &str, close: &str) -> String {
    open.repeat(times) + inside + &close.repeat(times)
}

/// Documents that grow when they are expanded, or are long or deep themselves.
fn documents() -> Vec<(&'static str, String)> {
    let operations = |count: usize, fields: usize| {
        numbered(count, |it| {
            format!("query Q{it} {{ {} }}", "viewer { name } ".repeat(fields))
        })
    };
    vec![
        ("fragments spreading fragments", fragments(10, 10)),
        ("many fragments spreading fragments", fragments(29, 200)),
        ("a long chain of fragments", fragments(290, 1)),
        (
            "fragments in a circle",
            "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }".into(),
        ),
        (
            "an unused circle",
            "{ __typename } fragment A on Query { viewer { ...A } }".into(),
        ),
        (
            "aliases",
            format!(
                "{{ {} }}",
                numbered(40_000, |it| format!("a{it}: viewer {{ name }} "))
            ),
        ),
        (
            "as many aliases as fit",
            format!(
                "{{ viewer {{ {} }} }}",
                numbered(4_000, |it| format!("a{it}: name "))
            ),
        ),
        (
            "fields",
            format!("{{ viewer {{ {} }} }}", "name ".repeat(4_900)),
        ),
        (
            "unknown fields",
            format!("{{ viewer {{ {} }} }}", "nmae ".repeat(4_900)),
        ),
        ("deep nesting", nested(100_000, "{ viewer ", "", "}")),
        (
            "nesting that still parses",
            nested(60, "{ viewer ", "{ name }", "}"),
        ),
        (
            "inline fragments",
            nested(140_000, "{ ... ", "{ viewer { name } }", "}"),
        ),
        (
            "directives",
            format!(
                "{{ viewer {{ name {} }} }}",
                "@skip(if: false) ".repeat(50_000)
            ),
        ),
        (
            "unknown directives",
            format!("{{ viewer {{ name {} }} }}", "@a ".repeat(300_000)),
        ),
        (
            "directives that fit",
            format!("{{ viewer {{ name {} }} }}", "@a ".repeat(490)),
        ),
        ("operations", operations(30_000, 1)),
        ("operations that fit", operations(50, 40)),
    ]
}

/// Documents with long values, and what asks for the schema.
fn values() -> Vec<(&'static str, String)> {
    vec![
        (
            "a list in a literal",
            format!("{{ nodes(ids: [{}]) {{ id }} }}", "1,".repeat(450_000)),
        ),
        (
            "a list that fits",
            format!("{{ nodes(ids: [{}]) {{ id }} }}", "1,".repeat(9_000)),
        ),
        (
            "nested lists",
            format!(
                "{{ nodes(ids: {}) {{ id }} }}",
                nested(450_000, "[", "", "]")
            ),
        ),
        (
            "nested lists that fit",
            format!("{{ nodes(ids: {}) {{ id }} }}", nested(60, "[", "", "]")),
        ),
        (
            "nested objects",
            format!(
                "{{ nodes(ids: {}) {{ id }} }}",
                nested(200_000, "{a:", "1", "}")
            ),
        ),
        (
            "ofType",
            format!(
                "{{ __schema {{ types {{ {} }} }} }}",
                nested(500, "ofType {", "name", "}")
            ),
        ),
        (
            "ofType that fits",
            format!(
                "{{ __schema {{ types {{ {} }} }} }}",
                nested(12, "ofType {", "name", "}")
            ),
        ),
        (
            "fields of types of fields",
            format!(
                "{{ __schema {{ types {{ {} }} }} }}",
                nested(6, "fields { type {", "name", "}}")
            ),
        ),
        (
            "the schema many times",
            format!(
                "{{ {} }}",
                numbered(50, |it| format!(
                    "a{it}: __schema {{ types {{ fields {{ type {{ fields {{ name }} }} }} }} }}"
                ))
            ),
        ),
        ("long names", format!("{{ {} }}", "a".repeat(1_000_000))),
        (
            "many long names",
            format!(
                "{{ viewer {{ {} }} }}",
                format!("{} ", "a".repeat(250)).repeat(250)
            ),
        ),
        (
            "a long number",
            format!("{{ nodes(ids: {}) {{ id }} }}", "1".repeat(1_000_000)),
        ),
        (
            "a long text",
            format!("{{ node(id: \"{}\") {{ id }} }}", "a".repeat(1_000_000)),
        ),
        (
            "a long comment",
            format!("#{}\n{{ __typename }}", "a".repeat(1_000_000)),
        ),
        ("quotes", "\"".repeat(400_000)),
        ("quotes that fit", "\"".repeat(60_000)),
        ("opening brackets", "{".repeat(9_000)),
        (
            "declared variables",
            format!(
                "query({}) {{ __typename }}",
                numbered(60_000, |it| format!("$v{it}: ID "))
            ),
        ),
        (
            "declared variables that fit",
            format!(
                "query({}) {{ __typename }}",
                numbered(2_400, |it| format!("$v{it}: ID "))
            ),
        ),
        (
            "pages in pages",
            "{ applications(first: 100) { nodes { messages(first: 100) { nodes { id } } } } }"
                .into(),
        ),
    ]
}

/// Requests whose weight is not in the document.
fn bodies() -> Vec<(&'static str, String)> {
    let ids = "query($v: [ID!]!) { nodes(ids: $v) { id } }";
    let uses = numbered(45, |it| format!("a{it}: node(id: $v) {{ id }} "));
    let lists = numbered(45, |it| format!("a{it}: nodes(ids: $v) {{ id }} "));
    let raw = |values: &str| {
        format!("{{\"query\":\"{{ __typename }}\",\"variables\":{{\"v\":{values}}}}}")
    };
    vec![
        ("a list in a variable", with(ids, json!({ "v": vec![1; 400_000] }))),
        ("a list in a variable that fits", with(ids, json!({ "v": vec!["a"; 19_000] }))),
        ("a list used often", with(&format!("query($v: [ID!]!) {{ {lists} }}"), json!({ "v": vec!["a"; 19_000] }))),
        ("a long text used often", with(&format!("query($v: ID!) {{ {uses} }}"), json!({ "v": "a".repeat(900_000) }))),
        ("a long text", with("query($v: ID!) { node(id: $v) { id } }", json!({ "v": "a".repeat(1_000_000) }))),
        ("zeros", raw(&format!("[{}0]", "0,".repeat(500_000)))),
        ("empty lists", raw(&format!("[{}0]", "[],".repeat(330_000)))),
        ("empty objects", raw(&format!("[{}0]", "{},".repeat(330_000)))),
        ("nested lists", raw(&nested(490_000, "[", "", "]"))),
        ("nested objects", raw(&nested(150_000, "{\"a\":", "1", "}"))),
        ("variables nobody declared", format!("{{\"query\":\"{{ __typename }}\",\"variables\":{{{}\"v\":0}}}}", numbered(60_000, |it| format!("\"v{it}\":{{}},")))),
        ("extensions", format!("{{\"query\":\"{{ __typename }}\",\"extensions\":{{\"v\":[{}0]}}}}", "{},".repeat(330_000))),
        ("members nobody knows", format!("{{\"query\":\"{{ __typename }}\",\"other\":[{}0]}}", "{},".repeat(330_000))),
        ("a long hash", json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "a".repeat(1_000_000) } } }).to_string()),
        ("brackets", "{".repeat(1_000_000)),
        ("spaces", " ".repeat(1_000_000)),
        ("a long name of an operation", json!({ "query": "{ __typename }", "operationName": "a".repeat(1_000_000) }).to_string()),
    ]
}

#[tokio::test]
async fn nothing_of_a_mebibyte_or_less_exhausts_the_service() {
    let folder = Folder::new("attacks");
    let target = Target::start(&folder).await;
    let mut requests = bodies();
    requests.extend(
        documents()
            .into_iter()
            .chain(values())
            .map(|(what, text)| (what, query(&text))),
    );
    for (what, body) in &requests {
        assert!(body.len() <= 1_048_576, "{what} has {} bytes", body.len());
        let (status, answer) = target.ask(what, body);
        assert!(
            [200, 400].contains(&status),
            "{what}: {status} {answer:.300}"
        );
        assert!(
            serde_json::from_str::<Value>(&answer).is_ok(),
            "{what}: {answer:.300}"
        );
        assert!(answer.len() < 200_000, "{what}: {} bytes", answer.len());
        target.is_well(what);
    }
    // Several at once take no more than their sum.
    std::thread::scope(|scope| {
        for part in requests.chunks(requests.len().div_ceil(8)) {
            let target = &target;
            scope.spawn(move || {
                for (what, body) in part {
                    target.ask(what, body);
                }
            });
        }
    });
    target.is_well("all at once");
    if let Some(peak) = target.peak() {
        assert!(peak < CAP, "{peak} KiB were resident");
    }
}
