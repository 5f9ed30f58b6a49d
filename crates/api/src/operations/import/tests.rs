#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use stoa_domain::Timestamp;
use stoa_domain::actor::Actor;
use stoa_domain::application::{Act, Status};
use stoa_domain::program::Program;
use stoa_domain::verifiers;
use stoa_persistence::page::Page;
use stoa_persistence::{ApplicationFilter, ApplicationOrder, Options, Store};

use super::{BATCH, Import, ImportError, Report};
use crate::clock::Clock;
use crate::entrance::Entrance;
use crate::keys::{Issuing, Keys};
use crate::operations::programs::{Published, read_directory};
use crate::secret::Secret;
use crate::service::Service;

/// A service with the open-source program, and a folder that is gone after the test.
struct Desk {
    service: Service,
    program: Program,
    folder: PathBuf,
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Desk {
    async fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("stoa-import-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let database = Options {
            url: format!("sqlite://{}?mode=rwc", folder.join("stoa.db").display()),
            connections: 4,
        };
        let store = Store::connect(&database).await.unwrap();
        store.migrate().await.unwrap();
        let now: Timestamp = "2026-11-23T18:00:00Z".parse().unwrap();
        let keys = Keys::new(Secret::new(Clock::secret()), Issuing::default());
        let entrance = Entrance::new(b"a secret of tests").into();
        let service = Service::new(store, Clock::fixed(now), keys, entrance);
        let ready = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../programs/open-source");
        let rules = read_directory(&ready).unwrap();
        let published = service.publish(rules, &Actor::System, false).await.unwrap();
        let Published::Revision(program) = published else {
            panic!("not published");
        };
        Self {
            service,
            program,
            folder,
        }
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    async fn import(&self, file: &Path) -> Report {
        self.try_import(request(file)).await.unwrap()
    }

    async fn try_import(&self, import: Import<'_>) -> Result<Report, ImportError> {
        self.service
            .import(&Actor::System, &self.program, import)
            .await
    }

    /// What became of every row.
    async fn ends(&self) -> BTreeMap<String, Status> {
        let system = self.service.store.view(&Actor::System);
        let (all, order) = (ApplicationFilter::default(), ApplicationOrder::OldestFirst);
        let all = system.applications(&all, order, &Page::first(5000)).await;
        let all = all.unwrap().items.into_iter().map(|(_, it)| it);
        all.map(|it| (it.external_id.clone().unwrap(), it.status()))
            .collect()
    }

    async fn statuses(&self) -> Vec<Status> {
        let system = self.service.store.view(&Actor::System);
        let filter = ApplicationFilter::default();
        let all = system
            .applications(&filter, ApplicationOrder::OldestFirst, &Page::first(500))
            .await
            .unwrap();
        all.items
            .iter()
            .map(|(_, application)| application.status())
            .collect()
    }
}

fn request(file: &Path) -> Import<'_> {
    Import {
        file,
        format: None,
        dry_run: false,
        mapping: None,
        rejects: None,
    }
}

fn project(name: &str, changes: &Value) -> String {
    let mut row = json!({
        "external_id": name, "first_name": "Maintainer", "last_name": format!("of {name}"),
        "email": format!("maintainer@{name}.example"), "country": "DE", "organization": name,
        "description": "A library that does something useful.", "licence": "MIT",
        "repository": format!("https://github.com/example/{name}"), "not_for_profit": true, "hosting": "SAAS",
        "seats": 5, "private_projects": "0", "federal_entity": "no", "agreement": "yes"
    });
    for (field, value) in changes.as_object().unwrap() {
        row[field] = value.clone();
    }
    format!("{row}\n")
}

fn counts(report: &Report) -> [u64; 8] {
    [
        report.read,
        report.imported,
        report.existing,
        report.refused,
        report.unread_values,
        report.approved,
        report.declined,
        report.left_for_people,
    ]
}

#[tokio::test]
async fn rows_become_decided_applications_and_a_second_run_changes_nothing() {
    let desk = Desk::new("twice").await;
    let rows = [
        project("good", &json!({ "notes": "x" })),
        project("closed", &json!({ "licence": "SSPL-1.0" })),
        project("slash", &json!({ "licence": "MIT/Apache-2.0" })),
        project("glued", &json!({ "private_projects": "3 to 5" })),
        project("nowhere", &json!({ "repository": "n/a" })),
        project("good", &json!({})),
        "{\n".to_owned(),
        project("nobody", &json!({ "email": "", "organization": null })),
        project("staff", &json!({ "external_id": "" })),
    ];
    let file = desk.file("projects.jsonl", &rows.concat());
    let first = desk.import(&file).await;
    assert_eq!(counts(&first), [9, 4, 0, 5, 1, 1, 1, 2], "{first}");
    assert_eq!(first.unused_columns, ["notes"]);
    let rejects = std::fs::read_to_string(&first.rejects).unwrap();
    let lines: Vec<&str> = rejects.lines().collect();
    assert_eq!(lines[0], "line,field,reason,row");
    assert!(
        lines[1].starts_with("5,repository,repository is required,"),
        "{rejects}"
    );
    assert!(lines[2].starts_with("6,external_id,external_id is that of line 1 already,"));
    assert!(lines[3].starts_with("7,,is no JSON: EOF"));
    assert!(
        lines[4]
            .starts_with("8,\"email, organization\",email is missing; organization is missing,")
    );
    assert!(lines[5].starts_with("9,external_id,external_id is missing,"));
    let before = desk.statuses().await;
    let second = desk.import(&file).await;
    assert_eq!(counts(&second), [9, 0, 4, 5, 0, 0, 0, 0], "{second}");
    assert_eq!(desk.statuses().await, before);
    assert_eq!(std::fs::read_to_string(&first.rejects).unwrap(), rejects);
}

#[tokio::test]
async fn a_dry_run_tells_what_would_come_and_writes_nothing() {
    let desk = Desk::new("dry").await;
    let rows = [
        project("good", &json!({})),
        project("closed", &json!({ "licence": "SSPL-1.0" })),
        project("none", &json!({ "agreement": "no" })),
    ];
    let file = desk.file("projects.jsonl", &rows.concat());
    let dry = Import {
        dry_run: true,
        ..request(&file)
    };
    let told = desk.try_import(dry).await.unwrap();
    assert_eq!(counts(&told), [3, 2, 0, 1, 0, 1, 1, 0], "{told}");
    assert!(desk.statuses().await.is_empty());
    assert!(told.to_string().starts_with("Dry run"));
    let real = desk.import(&file).await;
    assert_eq!(counts(&real), counts(&told));
}

#[tokio::test]
async fn one_applicant_may_bring_several_organisations_and_more_for_one() {
    let desk = Desk::new("shared").await;
    let mail = json!({ "email": "Ada@Example.org", "first_name": "Ada", "last_name": "Example" });
    let mut again = mail.clone();
    again["organization"] = json!("One!");
    let rows = [
        project("one", &mail),
        project("two", &mail),
        project("three", &again),
    ];
    let file = desk.file("projects.jsonl", &rows.concat());
    let report = desk.import(&file).await;
    assert_eq!(report.imported, 3, "{report}");
    let system = desk.service.store.view(&Actor::System);
    let organizations = system
        .organizations(None, &Page::first(9))
        .await
        .unwrap()
        .items;
    let names: Vec<_> = organizations
        .iter()
        .map(|(_, one)| one.name.as_str())
        .collect();
    assert_eq!(names, ["one", "two"]);
    let accounts = system.accounts(&Page::first(9)).await.unwrap().items;
    assert_eq!(accounts.len(), 1);
    assert_eq!(
        (accounts[0].1.name.as_str(), accounts[0].1.email.as_str()),
        ("Ada Example", "ada@example.org")
    );
}

#[tokio::test]
async fn a_mapping_names_the_columns_of_a_spreadsheet() {
    let desk = Desk::new("mapping").await;
    let columns = "id;E-mail;First name;Last name;Country;Project or organisation;What the project does;Repo;\
                   Licence type;Not for profit;hosting;Seats;private-projects;federal entity;agreement\n";
    let row = "7;ada@serde.example;Ada;Example;DE;Serde;A library that does something useful.;\
               github.com/serde-rs/serde;MIT;yes;on the hosted service;1,200;0;n;x\n";
    let file = desk.file("projects.csv", &format!("{columns}{row}"));
    let plain = desk.try_import(request(&file)).await.unwrap_err();
    assert!(
        plain
            .to_string()
            .contains("no column holds the external id"),
        "{plain}"
    );
    let mapping = desk.file(
        "mapping.toml",
        "external_id = \"id\"\n[columns]\n\"Licence type\" = \"licence\"\n\"Repo\" = \"repository\"\n",
    );
    let with = Import {
        mapping: Some(&mapping),
        ..request(&file)
    };
    let report = desk.try_import(with).await.unwrap();
    assert_eq!(counts(&report), [1, 1, 0, 0, 0, 1, 0, 0], "{report}");
    let over = Import {
        rejects: Some(&file),
        ..with
    };
    let refused = desk.try_import(over).await.unwrap_err();
    assert!(matches!(refused, ImportError::Overwriting(_)));
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("id;"));
}

#[tokio::test]
async fn what_a_killed_run_had_submitted_is_evaluated_by_the_next() {
    let desk = Desk::new("killed").await;
    let file = desk.file("projects.jsonl", &project("good", &json!({})));
    let Desk {
        service, program, ..
    } = &desk;
    let compiled = service.compiled(program.current).await.unwrap();
    let columns = super::columns(&compiled, None).unwrap();
    let row: Value = serde_json::from_str(&project("good", &json!({}))).unwrap();
    let candidate = columns.candidate(row.as_object().unwrap()).unwrap();
    let act = Act {
        by: &Actor::System,
        revision: &compiled.revision,
        now: service.clock.now(),
        seen: None,
    };
    let known = &mut super::arrival::Known::default();
    let keys = verifiers::lookup_keys(&compiled.revision.rules, &candidate.answers);
    let arrival = service.arrival(&act, &compiled, "good", &candidate, &keys, known);
    let arrival = arrival.unwrap();
    service.store.commit(arrival).await.unwrap();
    assert_eq!(desk.statuses().await, [Status::Submitted]);
    let report = desk.import(&file).await;
    assert_eq!(
        (counts(&report), report.resumed),
        ([1, 0, 1, 0, 0, 0, 0, 0], 1)
    );
    assert_eq!(desk.statuses().await, [Status::Approved]);
}

/// Imports rows that apply again in later batches, in one file and in one for each batch.
async fn as_in_parts(name: &str, mail: impl Fn(usize) -> usize) {
    let row = |number: usize| {
        let again = json!({
            "email": format!("ada@o{}.example", mail(number)),
            "organization": format!("Project {}", number % BATCH),
            "repository": format!("github.com/example/{number}"),
        });
        project(&format!("p{number}"), &again)
    };
    let rows: Vec<String> = (0..2 * BATCH + 40).map(row).collect();
    let at_once = Desk::new(&format!("{name}-whole")).await;
    let file = at_once.file("all.jsonl", &rows.concat());
    let report = at_once.import(&file).await;
    let in_parts = Desk::new(&format!("{name}-parts")).await;
    for (number, part) in rows.chunks(BATCH).enumerate() {
        let file = in_parts.file(&format!("part{number}.jsonl"), &part.concat());
        in_parts.import(&file).await;
    }
    let ends = at_once.ends().await;
    assert_eq!(ends.len(), rows.len());
    assert_eq!(ends, in_parts.ends().await);
    assert!(
        report.approved > 0 && report.left_for_people > 0,
        "{report}"
    );
}

#[tokio::test]
async fn rows_know_of_applications_that_are_being_written_while_they_are_evaluated() {
    as_in_parts("others", |number| number).await;
}

#[tokio::test]
async fn rows_know_of_people_that_are_being_written_while_they_are_evaluated() {
    as_in_parts("again", |number| number % (BATCH + 7)).await;
}

#[tokio::test]
async fn two_imports_of_one_file_at_once_double_nothing() {
    let desk = Desk::new("race").await;
    let rows = (0..BATCH + 50).map(|number| {
        let shared =
            json!({ "email": format!("ada{}@example.org", number / 2), "organization": "One" });
        project(&format!("p{number}"), &shared)
    });
    let file = desk.file("projects.jsonl", &rows.collect::<String>());
    let rejects = desk.folder.join("other.csv");
    let other = Import {
        rejects: Some(&rejects),
        ..request(&file)
    };
    let (one, other) = tokio::join!(desk.import(&file), desk.try_import(other));
    let other = other.unwrap();
    assert_eq!((one.refused, other.refused), (0, 0), "{one}\n{other}");
    let rows = u64::try_from(BATCH + 50).unwrap();
    assert_eq!(one.imported + other.imported, rows);
    assert_eq!(one.existing + other.existing, rows);
    assert_eq!(desk.ends().await.len(), BATCH + 50);
    let system = desk.service.store.view(&Actor::System);
    let (all, pairs) = (Page::first(1000), BATCH / 2 + 25);
    assert_eq!(system.accounts(&all).await.unwrap().items.len(), pairs);
    let organizations = system.organizations(None, &all).await.unwrap();
    assert_eq!(organizations.items.len(), pairs);
}

#[tokio::test]
async fn the_mail_of_an_account_that_does_not_apply_is_refused() {
    use stoa_domain::account::{Account, Kind};
    let desk = Desk::new("staff").await;
    let clock = &desk.service.clock;
    let mail = "maintainer@good.example";
    let staff = Account::create(
        clock.id(),
        Kind::Staff,
        "Staff",
        mail,
        &Actor::System,
        clock.now(),
    );
    desk.service.store.commit(staff.unwrap()).await.unwrap();
    let file = desk.file("projects.jsonl", &project("good", &json!({})));
    let report = desk.import(&file).await;
    assert_eq!((report.imported, report.refused), (0, 1));
}

#[tokio::test]
async fn nobody_imports_without_the_role() {
    let desk = Desk::new("role").await;
    let file = desk.file("projects.jsonl", "");
    let nobody = Actor::Anonymous;
    let refused = desk
        .service
        .import(&nobody, &desk.program, request(&file))
        .await;
    assert!(matches!(refused, Err(ImportError::NotPermitted(_))));
}
