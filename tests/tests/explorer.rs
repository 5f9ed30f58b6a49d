//! The page to write queries in: in a real browser, and switched off.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::cli::{Folder, Running, root, said, stoa};
use crate::support::database;

/// The browser; installed from Debian's packages if it is missing and we may.
fn chromium() -> PathBuf {
    let places = [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ];
    let find = || places.map(PathBuf::from).into_iter().find(|it| it.exists());
    if let Some(found) = find() {
        return found;
    }
    let install = "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium";
    let tried = Command::new("sh")
        .args(["-c", install])
        .stdin(Stdio::null())
        .output();
    let tried = tried.map_or_else(|error| error.to_string(), |output| said(&output));
    find().unwrap_or_else(|| {
        panic!("There is no Chromium, and it could not be installed. Install it (Debian: 'apt-get install chromium' as root). {tried}")
    })
}

/// A command that has to succeed; what it says if it does not.
fn done(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| {
        panic!("{command:?}: {error}. The page is tested with Node.js 20 or newer and npm: install them.")
    });
    assert!(output.status.success(), "{command:?}: {}", said(&output));
    said(&output)
}

/// A demo that serves, with what it wrote down.
async fn demo(folder: &Folder, more: &[(&str, &str)]) -> (Running, Value) {
    let url = database::shared_url().await;
    let mut settings = vec![
        ("STOA_DATABASE_URL", url.as_str()),
        ("STOA_LISTEN", "127.0.0.1:0"),
    ];
    settings.extend(more);
    let ready = folder.0.join("ready.json");
    let all = std::fs::read_to_string(root().join("demo/projects.jsonl")).unwrap();
    let few = all.lines().take(5).fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{line}");
        text
    });
    let mut command = stoa(folder, &settings);
    command.arg("--programs").arg(root().join("programs"));
    command
        .arg("demo")
        .arg("--data")
        .arg(folder.write("few.jsonl", &few));
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

#[tokio::test]
async fn a_newcomer_uses_the_page_in_a_browser_that_asks_nobody_else() {
    let folder = Folder::new("explorer");
    let (_demo, told) = demo(&folder, &[]).await;
    let clients = root().join("tests/clients/explorer");
    if !clients.join("node_modules").exists() {
        done(
            Command::new("npm")
                .args(["ci", "--silent"])
                .current_dir(&clients),
        );
    }
    let mut test = Command::new("node");
    test.current_dir(&clients)
        .env("CHROMIUM", chromium())
        .arg("explorer.mjs")
        .arg(told["url"].as_str().unwrap())
        .arg(told["tokens"]["specialist"].as_str().unwrap())
        .arg("Demo Specialist");
    let text = done(&mut test);
    assert!(text.contains("11 steps passed"), "{text}");
}

#[tokio::test]
async fn where_the_page_is_not_wanted_there_is_none() {
    let folder = Folder::new("explorer-off");
    let (_demo, told) = demo(&folder, &[("STOA_GRAPHIQL", "off")]).await;
    let url = told["url"].as_str().unwrap();
    for path in [
        "/graphiql",
        "/graphiql/explorer.js",
        "/graphiql/examples.json",
    ] {
        let text = crate::cli::get(url.strip_prefix("http://").unwrap(), path);
        assert!(text.starts_with("HTTP/1.1 404"), "{path}: {text}");
    }
}
