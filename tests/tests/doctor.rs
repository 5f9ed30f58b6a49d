//! `stoa doctor`: every deployment that is broken in one way, and one that is not.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::cli::{Folder, root, said, stoa, succeeded};
use crate::signing_in::smtp::Smtp;
use crate::support::database;

const KEY: &str = "a secret for tests of the doctor, long enough";

fn examined(folder: &Folder, settings: &[(&str, &str)]) -> Output {
    // A port that the machine chooses is always free, whatever else runs there.
    let listen = [("STOA_LISTEN", "127.0.0.1:0")];
    let settings: Vec<_> = listen.iter().chain(settings).copied().collect();
    stoa(folder, &settings).arg("doctor").output().unwrap()
}

#[cfg(unix)]
fn chmod(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// One way in which a deployment is broken: its name, its settings, how it is made, and what the doctor says.
struct Broken {
    name: &'static str,
    settings: &'static [(&'static str, &'static str)],
    make: fn(&Folder),
    told: &'static [&'static str],
}

const EMBEDDED: &str = "sqlite://stoa.db?mode=rwc";

const BROKEN: &[Broken] = &[
    Broken {
        name: "settings",
        settings: &[
            ("STOA_DATABASE_URL", "mysql://localhost/stoa"),
            ("STOA_TOKEN_KEY", "short"),
            ("STOA_DATABASE_CONNECTIONS", "many"),
            ("STOA_LOG", "stoa=loud"),
            ("STOA_LOG_FORMAT", "xml"),
            ("STOA_LISTNE", "127.0.0.1:80"),
        ],
        make: |_| {},
        told: &[
            "STOA_DATABASE_URL must",
            "STOA_TOKEN_KEY must",
            "STOA_DATABASE_CONNECTIONS must",
            "STOA_LOG must be levels and targets",
            "STOA_LOG_FORMAT must",
            "→ Did you mean STOA_LISTEN?",
            "6 things to mend.",
        ],
    },
    Broken {
        name: "open-key",
        settings: &[("STOA_DATABASE_URL", EMBEDDED)],
        make: |folder| {
            let key = folder.write("stoa.key", KEY);
            #[cfg(unix)]
            chmod(&key, 0o644);
        },
        told: &["mend  token key", "(mode 644)", "→ chmod 600 stoa.key"],
    },
    Broken {
        name: "no-folder",
        settings: &[
            ("STOA_DATABASE_URL", "sqlite://data/stoa.db?mode=rwc"),
            ("STOA_TOKEN_KEY", KEY),
        ],
        make: |_| {},
        told: &["mend  database file", "→ mkdir -p data"],
    },
    Broken {
        name: "a-folder",
        settings: &[("STOA_DATABASE_URL", EMBEDDED), ("STOA_TOKEN_KEY", KEY)],
        make: |folder| std::fs::create_dir(folder.0.join("stoa.db")).unwrap(),
        told: &["mend  database file", "is not a file"],
    },
    Broken {
        name: "no-database",
        settings: &[("STOA_DATABASE_URL", EMBEDDED), ("STOA_TOKEN_KEY", KEY)],
        make: |folder| {
            folder.write("stoa.db", &"this is a letter, not a database\n".repeat(200));
        },
        told: &["mend  database", "it does not answer"],
    },
    Broken {
        name: "no-schema",
        settings: &[("STOA_DATABASE_URL", EMBEDDED), ("STOA_TOKEN_KEY", KEY)],
        make: |folder| {
            folder.write("stoa.db", "");
        },
        told: &["mend  schema", "steps are missing", "→ Run `stoa migrate`."],
    },
    Broken {
        name: "nobody-home",
        settings: &[
            (
                "STOA_DATABASE_URL",
                "postgres://stoa:hidden@127.0.0.1:1/stoa",
            ),
            ("STOA_TOKEN_KEY", KEY),
        ],
        make: |_| {},
        told: &["mend  database", "it does not answer"],
    },
    Broken {
        name: "no-secret",
        settings: &[(
            "STOA_DATABASE_URL",
            "postgres://stoa:hidden@127.0.0.1:1/stoa",
        )],
        make: |_| {},
        told: &["mend  configuration", "STOA_TOKEN_KEY", "2 things to mend."],
    },
    Broken {
        name: "elsewhere",
        settings: &[
            ("STOA_DATABASE_URL", EMBEDDED),
            ("STOA_TOKEN_KEY", KEY),
            ("STOA_LISTEN", "192.0.2.1:8000"),
        ],
        make: |_| {},
        told: &["mend  address", "nothing can serve on 192.0.2.1:8000"],
    },
];

#[test]
fn every_broken_deployment_is_told_what_to_mend() {
    for broken in BROKEN {
        let folder = Folder::new(&format!("doctor-{}", broken.name));
        (broken.make)(&folder);
        let before = listing(&folder.0);
        let output = examined(&folder, broken.settings);
        let text = said(&output);
        assert_eq!(output.status.code(), Some(1), "{}: {text}", broken.name);
        for told in broken.told {
            assert!(text.contains(told), "{}: {told:?} in {text}", broken.name);
        }
        assert!(!text.contains("hidden") && !text.contains(KEY), "{text}");
        assert_eq!(
            listing(&folder.0),
            before,
            "{}: it changes nothing",
            broken.name
        );
    }
}

/// Names of what lies in a folder; the journal of a database that was opened aside.
fn listing(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|it| it.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names
        .filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm"))
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_deployment_that_is_as_it_should_be_is_healthy_before_and_while_it_serves() {
    let folder = Folder::new("doctor-healthy");
    let url = database::shared_url().await;
    let settings = [("STOA_DATABASE_URL", url.as_str()), ("STOA_TOKEN_KEY", KEY)];
    let garden = root().join("tests/programs/garden");
    let apply = stoa(&folder, &settings)
        .args(["programs", "apply"])
        .arg(garden)
        .output()
        .unwrap();
    succeeded(&apply);
    let add = "accounts add --name Ada --email ada@example.org --role ADMIN";
    succeeded(
        &stoa(&folder, &settings)
            .args(add.split(' '))
            .output()
            .unwrap(),
    );
    let text = succeeded(&examined(&folder, &settings));
    for told in [
        "ok    database",
        "ok    schema",
        "ok    programs",
        "ok    address",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(!text.contains("mend "), "{text}");
    let mut json = stoa(&folder, &settings);
    json.args(["--listen", "127.0.0.1:0", "doctor", "--json"]);
    let report: Value = serde_json::from_slice(&json.output().unwrap().stdout).unwrap();
    assert_eq!(report["healthy"], true, "{report:#}");
    let checks = report["checks"].as_array().unwrap();
    assert!(checks.iter().all(|it| it["level"] != "mend"), "{report:#}");
    assert!(checks.len() >= 6, "{report:#}");
}

#[tokio::test]
async fn a_database_that_does_not_fit_is_told_with_everything_else_that_is_wrong() {
    let folder = Folder::new("doctor-foreign");
    let url = database::foreign_url().await;
    let settings = [
        ("STOA_DATABASE_URL", url.as_str()),
        ("STOA_TOKEN_KEY", KEY),
        ("STOA_DATABASE_CONNECTIONS", "200"),
    ];
    let output = examined(&folder, &settings);
    let text = said(&output);
    assert!(!output.status.success(), "{text}");
    let (encoding, more) = if database::on_postgres() {
        ("LATIN1", "each process opens up to 200")
    } else {
        ("UTF-16le", "its texts are in")
    };
    for told in [encoding, more, "steps are missing"] {
        assert!(text.contains(told), "{told}: {text}");
    }
}

/// Reads one request and answers it.
fn answer(listener: &TcpListener, text: &[u8]) {
    let (mut stream, _) = listener.accept().unwrap();
    let mut request = [0; 1024];
    assert!(stream.read(&mut request).unwrap() > 0);
    stream.write_all(text).unwrap();
}

#[test]
fn a_port_that_somebody_else_holds_is_told_and_one_where_stoa_is_ready_is_fine() {
    let folder = Folder::new("doctor-port");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let settings = [
        ("STOA_DATABASE_URL", EMBEDDED),
        ("STOA_TOKEN_KEY", KEY),
        ("STOA_LISTEN", address.as_str()),
    ];
    // Somebody who answers, but not as we do.
    let other = std::thread::spawn(move || {
        answer(&taken, b"HTTP/1.1 404 Not Found\r\n\r\n");
        taken
    });
    let text = said(&examined(&folder, &settings));
    assert!(text.contains("is taken by something"), "{text}");
    let taken = other.join().unwrap();
    let ours = std::thread::spawn(move || answer(&taken, b"HTTP/1.1 200 OK\r\n\r\nready\n"));
    let text = said(&examined(&folder, &settings));
    assert!(text.contains("and is ready"), "{text}");
    ours.join().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_is_asked_whether_it_answers() {
    let folder = Folder::new("doctor-mail");
    let away = TcpListener::bind("127.0.0.1:0").unwrap();
    let away_url = format!("smtp://{}", away.local_addr().unwrap());
    drop(away);
    let server = Smtp::new().await;
    for (url, told) in [
        (away_url.as_str(), "the mail server does not answer"),
        (&server.url, "the mail server answers"),
    ] {
        let settings = [
            ("STOA_DATABASE_URL", EMBEDDED),
            ("STOA_SMTP_URL", url),
            ("STOA_MAIL_FROM", "stoa@example.org"),
        ];
        let output = examined(&folder, &settings);
        assert!(said(&output).contains(told), "{}", said(&output));
    }
}
