//! The public audits of npm's `graphql-http`, by the package itself against a real server.

use std::path::Path;
use std::process::{Command, Output};

use super::Site;
use crate::support::World;
use stoa::http::limits::Limits;

/// Runs a program in the folder of the audits; that it is missing is no reason to pass.
fn run(program: &str, arguments: &[&str]) -> Output {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/http-audit");
    let mut command = Command::new(program);
    command.current_dir(folder).args(arguments);
    command.output().unwrap_or_else(|error| {
        panic!("{program} cannot be run ({error}). Install Node.js 20 or newer with npm, then run the tests again.")
    })
}

fn said(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn all_61_public_audits_pass() {
    let world = World::new().await;
    let site = Site::new(&world, Limits::default()).await;
    let url = format!("http://{}/graphql", site.address);
    let audited = tokio::task::spawn_blocking(move || {
        let installed = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("clients/http-audit/node_modules/.package-lock.json");
        if !installed.exists() {
            let installing = run("npm", &["ci"]);
            assert!(installing.status.success(), "{}", said(&installing));
        }
        run("node", &["audit.mjs", &url])
    });
    let audited = audited.await.unwrap();
    let text = said(&audited);
    println!("{text}");
    assert!(audited.status.success(), "{text}");
    assert!(text.contains("61 of 61 audits passed"), "{text}");
}
