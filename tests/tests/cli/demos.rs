//! The demo, as a newcomer starts it.

use super::*;

#[tokio::test]
async fn the_demo_serves_and_writes_a_token_for_every_role() {
    let folder = Folder::new("demo");
    let (demo, ready) = demo(&folder, &[], 40).await;
    let address = ready["url"]
        .as_str()
        .unwrap()
        .strip_prefix("http://")
        .unwrap();
    let tokens = ready["tokens"].as_object().unwrap();
    let mut roles: Vec<_> = tokens.keys().map(String::as_str).collect();
    roles.sort_unstable();
    assert_eq!(
        roles,
        [
            "admin",
            "applicant",
            "integration",
            "observer",
            "operations_manager",
            "program_manager",
            "specialist"
        ]
    );
    for (role, token) in tokens {
        let body = ask(address, token.as_str().unwrap());
        assert!(body.contains("\"viewer\":{\"name\":"), "{role}: {body}");
    }
    drop(demo);
}

#[tokio::test]
async fn the_demo_touches_no_database_of_somebody_else() {
    let folder = Folder::new("not-the-demos");
    let url = database::shared_url().await;
    let settings = [("STOA_DATABASE_URL", url.as_str()), ("STOA_TOKEN_KEY", KEY)];
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
    succeeded(&stoa(&folder, &settings).args(add).output().unwrap());
    let refused = stoa(&folder, &settings)
        .args(["--listen", "127.0.0.1:0", "demo"])
        .output()
        .unwrap();
    assert!(!refused.status.success());
    assert!(
        said(&refused).contains("not the demo's"),
        "{}",
        said(&refused)
    );
}
