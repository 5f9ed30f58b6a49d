//! The binary as operators and newcomers use it.

mod demos;
pub mod process;

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use stoa_domain::actor::Actor;
use stoa_domain::application::Status;
use stoa_persistence::{ApplicationFilter, Store};

use crate::support::database;

/// A folder of its own, gone when the test ends.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("stoa-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A process that does not outlive its test.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The binary beside the test's own, in a folder, with these settings and no others.
pub fn stoa(folder: &Folder, settings: &[(&str, &str)]) -> Command {
    let tests = std::env::current_exe().unwrap();
    let binary = tests.parent().unwrap().parent().unwrap().join("stoa");
    assert!(
        binary.exists(),
        "build the binary first: cargo build --workspace"
    );
    let mut command = Command::new(binary);
    command
        .env_clear()
        .current_dir(&folder.0)
        .envs(settings.iter().copied());
    command
}

/// A demo of so many applications, on a port of its own, with what it wrote once it served.
pub async fn demo(folder: &Folder, more: &[(&str, &str)], applications: usize) -> (Running, Value) {
    let url = database::shared_url().await;
    let mut settings = vec![
        ("STOA_DATABASE_URL", url.as_str()),
        ("STOA_LISTEN", "127.0.0.1:0"),
    ];
    settings.extend(more);
    let all = std::fs::read_to_string(root().join("demo/projects.jsonl")).unwrap();
    let some = all.lines().take(applications);
    let some = some.fold(String::new(), |text, line| text + line + "\n");
    let ready = folder.0.join("ready.json");
    let mut command = stoa(folder, &settings);
    command.arg("--programs").arg(root().join("programs"));
    command
        .arg("demo")
        .arg("--data")
        .arg(folder.write("projects.jsonl", &some));
    command
        .arg("--ready-file")
        .arg(&ready)
        .stdout(Stdio::null());
    let demo = Running(command.spawn().unwrap());
    for _ in 0..1200 {
        if ready.exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let told = std::fs::read_to_string(&ready).unwrap();
    (demo, serde_json::from_str(&told).unwrap())
}

pub fn said(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(text).unwrap()
}

pub fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    said(output)
}

/// Rows for the garden program, the organisations different or not.
fn rows(count: usize) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        let row = json!({
            "external_id": format!("row-{number}"), "email": format!("gardener{number}@garden{number}.example"),
            "organization": format!("Garden {number}"), "licence": "MIT", "country": "NL", "seats": 10,
        });
        let _ = writeln!(text, "{row}");
        text
    })
}

async fn applications(store: &Store, status: Option<Status>) -> u64 {
    let filter = ApplicationFilter {
        statuses: status.map(|status| vec![status]),
        ..ApplicationFilter::default()
    };
    store
        .view(&Actor::System)
        .application_count(&filter)
        .await
        .unwrap()
}

#[test]
fn wrong_configuration_is_reported_all_at_once() {
    let folder = Folder::new("configuration");
    let settings = [
        ("STOA_DATABASE_URL", "mysql://localhost/stoa"),
        ("STOA_LISTEN", "everywhere"),
        ("STOA_TOKEN_KEY", "short"),
    ];
    let output = stoa(&folder, &settings).arg("serve").output().unwrap();
    assert!(!output.status.success());
    let text = said(&output);
    for name in ["STOA_DATABASE_URL", "STOA_LISTEN", "STOA_TOKEN_KEY"] {
        assert!(text.contains(name), "{name}: {text}");
    }
}

#[test]
fn an_embedded_installation_needs_no_configuration_and_keeps_its_key_to_itself() {
    let folder = Folder::new("embedded");
    let add = [
        "accounts",
        "add",
        "--name",
        "First Admin",
        "--email",
        "admin@example.org",
        "--role",
        "ADMIN",
    ];
    succeeded(&stoa(&folder, &[]).args(add).output().unwrap());
    let token = succeeded(
        &stoa(&folder, &[])
            .args(["token", "admin@example.org"])
            .output()
            .unwrap(),
    );
    assert_eq!(token.trim().split('.').count(), 3, "{token}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.0.join("stoa.key"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let unknown = stoa(&folder, &[])
        .args(["token", "nobody@example.org"])
        .output()
        .unwrap();
    assert!(!unknown.status.success());
    let mistyped =
        "accounts add --name Ann --email ann@example.org --role SPECIALIST --program nowhere";
    let refused = stoa(&folder, &[])
        .args(mistyped.split(' '))
        .output()
        .unwrap();
    assert!(!refused.status.success());
    let token = stoa(&folder, &[])
        .args(["token", "ann@example.org"])
        .output()
        .unwrap();
    assert!(
        !token.status.success(),
        "no account without its role stays behind"
    );
}

#[tokio::test]
async fn programs_are_published_once_and_mistakes_are_told_with_file_and_line() {
    let folder = Folder::new("programs");
    let url = database::shared_url().await;
    let settings = [("STOA_DATABASE_URL", url.as_str()), ("STOA_TOKEN_KEY", KEY)];
    let ready = root().join("programs");
    let apply = |paths: &Path| {
        stoa(&folder, &settings)
            .args(["programs", "apply"])
            .arg(paths)
            .output()
            .unwrap()
    };
    let first = succeeded(&apply(&ready));
    assert_eq!(first.matches("published revision 1").count(), 3, "{first}");
    let second = succeeded(&apply(&ready));
    assert_eq!(second.matches("nothing changed").count(), 3, "{second}");
    let toml = std::fs::read_to_string(root().join("tests/programs/garden/program.toml")).unwrap();
    folder.write(
        "program.toml",
        &toml
            .replace("limit_days = 10", "limit_days = 900")
            .replace("name = ", "nmae = "),
    );
    let check = stoa(&folder, &[])
        .args(["programs", "check", "."])
        .output()
        .unwrap();
    assert!(!check.status.success());
    let text = said(&check);
    for mistake in ["program.toml:", "limit_days", "nmae", "form.schema.json"] {
        assert!(text.contains(mistake), "{mistake}: {text}");
    }
}

#[tokio::test]
async fn a_password_is_read_from_standard_input_and_checked() {
    let folder = Folder::new("password");
    let url = database::shared_url().await;
    let settings = [("STOA_DATABASE_URL", url.as_str()), ("STOA_TOKEN_KEY", KEY)];
    let account = [
        "accounts",
        "add",
        "--name",
        "Ann",
        "--email",
        "ann@example.org",
    ];
    let mut add = stoa(&folder, &settings);
    succeeded(
        &add.args(account)
            .args(["--role", "ADMIN"])
            .output()
            .unwrap(),
    );
    for (password, said) in [
        ("short", "at least 12 characters"),
        (
            "four unrelated garden words\n",
            "ann@example.org has a new password",
        ),
    ] {
        let file = std::fs::File::open(folder.write("password", password)).unwrap();
        let mut command = stoa(&folder, &settings);
        command
            .args(["accounts", "password", "ann@example.org"])
            .stdin(file);
        let text = self::said(&command.output().unwrap());
        assert!(text.contains(said), "{text}");
    }
}

#[tokio::test]
async fn an_import_that_is_killed_goes_on_where_it_stopped_and_doubles_nothing() {
    let folder = Folder::new("import");
    let url = database::shared_url().await;
    let settings = [("STOA_DATABASE_URL", url.as_str()), ("STOA_TOKEN_KEY", KEY)];
    let garden = root().join("tests/programs/garden");
    succeeded(
        &stoa(&folder, &settings)
            .args(["programs", "apply"])
            .arg(garden)
            .output()
            .unwrap(),
    );
    let file = folder.write("rows.jsonl", &rows(3_000));
    let import = || {
        let mut command = stoa(&folder, &settings);
        command
            .args(["import", "applications", "--program", "garden"])
            .arg(&file);
        command
    };
    let store = database::connect(url.clone()).await;
    let mut killed = import()
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // As soon as something is written, and before all is.
    for _ in 0..400 {
        tokio::time::sleep(Duration::from_millis(25)).await;
        if applications(&store, None).await > 0 {
            break;
        }
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    let before = applications(&store, None).await;
    assert!(before < 3_000, "the first run must not have finished");
    let text = succeeded(&import().output().unwrap());
    assert!(
        text.contains(&format!("{before} exist already")),
        "{before}: {text}"
    );
    assert_eq!(applications(&store, None).await, 3_000);
    assert_eq!(applications(&store, Some(Status::Submitted)).await, 0);
    let again = succeeded(&import().output().unwrap());
    assert!(again.contains("3000 exist already"), "{again}");
}

#[tokio::test]
async fn refused_rows_are_kept_with_line_field_and_reason() {
    let folder = Folder::new("rejects");
    let url = database::shared_url().await;
    let settings = [("STOA_DATABASE_URL", url.as_str()), ("STOA_TOKEN_KEY", KEY)];
    let garden = root().join("tests/programs/garden");
    succeeded(
        &stoa(&folder, &settings)
            .args(["programs", "apply"])
            .arg(garden)
            .output()
            .unwrap(),
    );
    let file = folder.write(
        "messy.csv",
        "Id,Mail,Garden,Licence,Seats\n\
         1,ada@one.example,One,MIT,\"1,200\"\n\
         2,,Two,MIT,10\n\
         3,cy@three.example,Three,BSD 3-clause,about 20\n\
         1,ada@one.example,One,MIT,10\n",
    );
    let mapping = folder.write("mapping.toml", "external_id = \"Id\"\n");
    let mut command = stoa(&folder, &settings);
    command
        .args(["import", "applications", "--program", "garden", "--mapping"])
        .arg(mapping)
        .arg(&file);
    let dry = succeeded(
        &stoa(&folder, &settings)
            .args(command.get_args())
            .arg("--dry-run")
            .output()
            .unwrap(),
    );
    let store = database::connect(url.clone()).await;
    assert_eq!(applications(&store, None).await, 0, "{dry}");
    let text = succeeded(&command.output().unwrap());
    assert_eq!(applications(&store, None).await, 2, "{text}");
    let rejects = std::fs::read_to_string(folder.0.join("messy.csv.rejects.csv")).unwrap();
    let lines: Vec<_> = rejects.lines().collect();
    assert_eq!(lines.len(), 3, "{rejects}");
    assert!(lines[1].starts_with("3,email,"), "{rejects}");
    assert!(lines[2].starts_with("5,external_id,"), "{rejects}");
}

const KEY: &str = "a secret for tests of the binary, long enough";

/// One request over a real socket.
fn ask(address: &str, token: &str) -> String {
    let body = r#"{"query":"{ viewer { name } }"}"#;
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /graphql HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// What a path answers over a real socket, head and body.
pub fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[cfg(unix)]
#[tokio::test]
async fn a_service_that_is_told_to_stop_stops_though_somebody_still_listens() {
    let folder = Folder::new("stop");
    let (mut demo, told) = demo(&folder, &[], 0).await;
    let address = told["url"]
        .as_str()
        .unwrap()
        .strip_prefix("http://")
        .unwrap();
    // A request that never ends: its body does not come.
    let mut open = TcpStream::connect(address).unwrap();
    write!(
        open,
        "POST /graphql HTTP/1.1\r\nHost: {address}\r\nContent-Length: 9\r\n\r\n"
    )
    .unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let killed = Command::new("kill")
        .arg(demo.0.id().to_string())
        .status()
        .unwrap();
    assert!(killed.success());
    for _ in 0..300 {
        if let Some(status) = demo.0.try_wait().unwrap() {
            assert!(status.success(), "{status}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it still runs after 15 seconds");
}
