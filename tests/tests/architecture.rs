//! What the crates may know of each other, and what only one file may do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Each crate of the workspace with the crates of the workspace that it may use. Arrows point downward only.
const MAY_USE: [(&str, &[&str]); 6] = [
    ("stoa-domain", &[]),
    ("stoa-bench", &["stoa-domain"]),
    ("stoa-migrations", &[]),
    ("stoa-persistence", &["stoa-domain", "stoa-migrations"]),
    ("stoa", &["stoa-domain", "stoa-persistence"]),
    (
        "stoa-tests",
        &["stoa-domain", "stoa-migrations", "stoa-persistence", "stoa"],
    ),
];

const RUNTIMES: &[&str] = &[
    "tokio",
    "async-std",
    "smol",
    "async-trait",
    "futures",
    "futures-util",
];
const DATABASES: &[&str] = &[
    "sea-orm",
    "sea-orm-migration",
    "sea-query",
    "sqlx",
    "sqlx-core",
    "diesel",
    "rusqlite",
];
const WEB: &[&str] = &[
    "async-graphql",
    "juniper",
    "axum",
    "actix-web",
    "hyper",
    "http",
    "tower",
    "tower-http",
    "reqwest",
    "ureq",
];

/// What only one file says; the lints of clippy.toml hold the same where they see it.
const ONLY_IN: [(&str, Option<&str>); 18] = [
    ("Entity::find", Some("crates/persistence/src/visibility.rs")),
    (".begin()", Some("crates/persistence/src/commit.rs")),
    ("begin_with", None),
    (".transaction(", None),
    ("\"COMMIT\"", Some("crates/persistence/src/connections.rs")),
    (".exec(", None),
    (".exec_without", None),
    ("Utc::now", Some("crates/api/src/clock.rs")),
    ("Local::now", Some("crates/api/src/clock.rs")),
    ("SystemTime::now", Some("crates/api/src/clock.rs")),
    ("now_v7", Some("crates/api/src/clock.rs")),
    ("new_v4", Some("crates/api/src/clock.rs")),
    ("getrandom::fill", Some("crates/api/src/clock.rs")),
    ("env::var", Some("crates/api/src/config.rs")),
    (
        "Statement::from_",
        Some("crates/persistence/src/dialect.rs"),
    ),
    (
        ".execute_unprepared(",
        Some("crates/persistence/src/dialect.rs"),
    ),
    ("Expr::cust", Some("crates/persistence/src/dialect.rs")),
    ("unsafe ", None),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap()
}

fn cargo(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(root())
        .args(arguments)
        .args(["--offline", "--locked"]);
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The crates of the workspace, each with what it names in `[dependencies]` and `[build-dependencies]`,
/// the tests also with what they name in `[dev-dependencies]`.
fn named() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let mut crates = BTreeMap::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        let used = dependencies.filter(|it| name == "stoa-tests" || it["kind"] != "dev");
        let used = used.map(|it| it["name"].as_str().unwrap().to_owned());
        crates.insert(name.to_owned(), used.collect());
    }
    crates
}

/// Every crate that a crate is built with, tests aside.
fn built_with(name: &str) -> BTreeSet<String> {
    let tree = [
        "tree",
        "--package",
        name,
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ];
    let tree = cargo(&tree);
    tree.lines()
        .filter_map(|line| line.split(' ').next())
        .map(Into::into)
        .collect()
}

fn assert_without(name: &str, crates: &BTreeSet<String>, banned: &[&[&str]]) {
    let found: Vec<_> = banned
        .concat()
        .into_iter()
        .filter(|it| crates.contains(*it))
        .collect();
    assert!(found.is_empty(), "{name} must not know {found:?}");
}

/// Rust files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Rust files below these folders of the workspace, with their names and texts.
fn sources(folders: &[&str]) -> Vec<(String, String)> {
    let root = root();
    let paths = folders.iter().flat_map(|folder| files(&root.join(folder)));
    let found: Vec<_> = paths
        .map(|path| {
            let name = path
                .strip_prefix(&root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    assert!(found.len() > 5, "{folders:?}");
    found
}

/// Lines of code with a text in them, as `file:line`.
fn places(sources: &[(String, String)], needle: &str) -> Vec<String> {
    let mut places = Vec::new();
    for (name, text) in sources {
        for (number, line) in (1..).zip(text.lines()) {
            if line.contains(needle) && !line.trim_start().starts_with("//") {
                places.push(format!("{name}:{number}"));
            }
        }
    }
    places
}

#[test]
fn crates_know_only_the_crates_below_them() {
    let crates = named();
    let known: BTreeSet<_> = MAY_USE.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(crates.keys().cloned().collect::<BTreeSet<_>>(), known);
    for (place, (name, allowed)) in MAY_USE.iter().enumerate() {
        let used: Vec<_> = crates[*name]
            .iter()
            .filter(|it| known.contains(*it))
            .collect();
        for other in used {
            assert!(allowed.contains(&other.as_str()), "{name} uses {other}");
            let below = MAY_USE.iter().position(|(name, _)| name == other).unwrap();
            assert!(below < place, "{other} is not below {name}");
        }
    }
}

#[test]
fn the_domain_knows_no_runtime_no_database_and_no_web() {
    assert_without(
        "stoa-domain",
        &named()["stoa-domain"],
        &[RUNTIMES, DATABASES, WEB],
    );
    assert_without(
        "stoa-domain",
        &built_with("stoa-domain"),
        &[RUNTIMES, DATABASES, WEB],
    );
}

#[test]
fn rows_know_no_web_and_the_api_knows_no_rows() {
    for name in ["stoa-persistence", "stoa-migrations"] {
        assert_without(name, &named()[name], &[WEB]);
        assert_without(
            name,
            &built_with(name),
            &[&["async-graphql", "axum", "hyper", "tower-http"]],
        );
    }
    assert_without("stoa", &named()["stoa"], &[DATABASES]);
}

#[test]
fn operations_know_nothing_of_graphql() {
    let sources = sources(&["crates/api/src"]);
    let below: Vec<_> = sources
        .into_iter()
        .filter(|(name, _)| {
            let inside = name.strip_prefix("crates/api/src/").unwrap();
            inside.starts_with("operations/")
                || [
                    "auth.rs",
                    "clock.rs",
                    "config.rs",
                    "jobs.rs",
                    "jwt.rs",
                    "keys.rs",
                    "secret.rs",
                    "service.rs",
                ]
                .contains(&inside)
        })
        .collect();
    assert!(below.len() > 8);
    assert_eq!(places(&below, "graphql"), Vec::<String>::new());
}

#[test]
fn what_belongs_to_one_file_is_in_no_other() {
    let sources = sources(&["crates", "migrations"]);
    let mut strays = Vec::new();
    for (needle, only) in ONLY_IN {
        if let Some(file) = only {
            assert!(
                sources.iter().any(|(name, _)| name == file),
                "{file} is gone"
            );
        }
        for place in places(&sources, needle) {
            if only.is_none_or(|file| !place.starts_with(&format!("{file}:"))) {
                strays.push(format!("{place}: {needle}"));
            }
        }
    }
    assert_eq!(strays, Vec::<String>::new());
    // The search itself works.
    assert!(!places(&sources, "Entity::find").is_empty());
    assert!(!places(&sources, ".begin()").is_empty());
}

#[test]
fn no_file_is_longer_than_500_lines() {
    let sources = sources(&["crates", "migrations", "tests"]);
    let long: Vec<_> = sources
        .iter()
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|(_, lines)| *lines > 500)
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}
