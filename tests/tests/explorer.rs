//! The page to write queries in: in a real browser, and switched off.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Once;

use serde_json::Value;

use crate::cli::{Folder, demo, root, said};

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

static INSTALLED: Once = Once::new();

/// The folder of the browser's tests, with what npm installs there.
fn clients() -> PathBuf {
    let clients = root().join("tests/clients/explorer");
    INSTALLED.call_once(|| {
        let lock = clients.join("package-lock.json");
        let known = clients.join("node_modules/.package-lock.json");
        let changed = |path: &PathBuf| path.metadata().and_then(|it| it.modified()).ok();
        if changed(&known) < changed(&lock) {
            let mut npm = Command::new("npm");
            done(npm.args(["ci", "--silent"]).current_dir(&clients));
            done(Command::new("touch").arg(&known));
        }
    });
    clients
}

/// Walks through the page of a demo in a browser; what the script says.
fn browse(script: &str, told: &Value) -> String {
    let mut test = Command::new("node");
    test.current_dir(clients())
        .env("CHROMIUM", chromium())
        .arg(script)
        .arg(told["url"].as_str().unwrap())
        .arg(told["tokens"]["specialist"].as_str().unwrap())
        .arg("Demo Specialist");
    done(&mut test)
}

#[tokio::test]
async fn a_newcomer_uses_the_page_in_a_browser_that_asks_nobody_else() {
    let folder = Folder::new("explorer");
    let (_demo, told) = demo(&folder, &[], 5).await;
    let text = browse("explorer.mjs", &told);
    assert!(text.contains("11 steps passed"), "{text}");
}

#[tokio::test]
async fn where_its_files_are_graphiql_itself_is_served_and_asks_nobody_else() {
    let folder = Folder::new("graphiql");
    let files = clients().display().to_string();
    let (_demo, told) = demo(&folder, &[("STOA_GRAPHIQL_FILES", &files)], 5).await;
    let text = browse("graphiql.mjs", &told);
    assert!(text.contains("7 steps passed"), "{text}");
}

#[tokio::test]
async fn where_the_page_is_not_wanted_there_is_none() {
    let folder = Folder::new("explorer-off");
    let (_demo, told) = demo(&folder, &[("STOA_GRAPHIQL", "off")], 5).await;
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
