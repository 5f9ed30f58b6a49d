//! The demo, as a newcomer starts it.

use super::*;

#[tokio::test]
async fn the_demo_serves_and_writes_a_token_for_every_role() {
    let folder = Folder::new("demo");
    let url = database::shared_url().await;
    let settings = [
        ("STOA_DATABASE_URL", url.as_str()),
        ("STOA_LISTEN", "127.0.0.1:0"),
    ];
    let all = std::fs::read_to_string(root().join("demo/projects.jsonl")).unwrap();
    let some: String = all
        .lines()
        .take(40)
        .fold(String::new(), |text, line| text + line + "\n");
    let data = folder.write("projects.jsonl", &some);
    let ready = folder.0.join("ready.json");
    let mut command = stoa(&folder, &settings);
    command
        .args(["--programs"])
        .arg(root().join("programs"))
        .arg("demo")
        .arg("--data")
        .arg(data);
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
    let ready: Value = serde_json::from_str(&std::fs::read_to_string(&ready).unwrap()).unwrap();
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
