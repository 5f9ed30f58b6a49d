//! What an import comes to: many rows are evaluated and written together, and each as if it were alone.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use stoa::operations::import::{Import, Report};
use stoa::operations::programs::read_directory;
use stoa_domain::actor::Actor;
use stoa_domain::program::Program;
use stoa_persistence::page::Page;
use stoa_persistence::{ApplicationFilter, ApplicationOrder};

use crate::support::{World, asked, database};

/// A program, and a folder that is gone after the test.
struct Desk {
    world: World,
    program: Program,
    folder: PathBuf,
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Desk {
    /// The open-source program with so many places.
    async fn new(name: &str, capacity: Option<u32>) -> Self {
        let folder = format!("stoa-importing-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        let world = World::new().await;
        let ready = Path::new(env!("CARGO_MANIFEST_DIR")).join("../programs/open-source");
        let mut rules = read_directory(&ready).unwrap();
        rules.capacity = capacity;
        world.publish(rules).await;
        let system = world.service.store.view(&Actor::System);
        let program = system.program_by_key("open-source").await.unwrap().unwrap();
        Self {
            world,
            program,
            folder,
        }
    }

    async fn import(&self, rows: &str) -> Report {
        let file = self.folder.join("projects.jsonl");
        std::fs::write(&file, rows).unwrap();
        let import = Import {
            file: &file,
            format: None,
            dry_run: false,
            mapping: None,
            rejects: None,
        };
        let service = &self.world.service;
        let done = service.import(&Actor::System, &self.program, import);
        done.await.unwrap()
    }

    /// All that rows came to, without ids and times of day.
    async fn came_to(&self) -> Vec<String> {
        let system = self.world.service.store.view(&Actor::System);
        let page = Page::first(500);
        let filter = ApplicationFilter {
            program: Some(self.program.id),
            ..ApplicationFilter::default()
        };
        let all = system.applications(&filter, ApplicationOrder::OldestFirst, &page);
        let mut told = Vec::new();
        for (_, it) in all.await.unwrap().items {
            let runs = system.evaluations(it.id, &page).await.unwrap().items;
            let runs: Vec<_> = runs
                .into_iter()
                .map(|(_, run)| {
                    (
                        run.findings,
                        run.recommendation,
                        run.reasons,
                        run.unanswered,
                    )
                })
                .collect();
            let letters = system.messages(it.id, &page).await.unwrap().items;
            let letters = letters.into_iter().map(|(_, it)| (it.kind, it.body));
            let letters: Vec<_> = letters.collect();
            let lines = system.activities(Some(it.id), None, false, &page);
            let lines = lines.await.unwrap().items.into_iter();
            let lines = lines.map(|(_, line)| (line.activity.verb, line.activity.version));
            let lines: Vec<_> = lines.collect();
            let members = system.memberships_by_application(&[it.id]).await.unwrap();
            let terms: Vec<_> = members.into_iter().map(|it| it.terms.len()).collect();
            let answers = system.answers(it.id).await.unwrap();
            let end = it.resolution.as_ref().map(|end| (end.outcome, end.mode));
            told.push(format!(
                "{:?} {:?} v{} {runs:#?} {letters:?} {lines:?} {terms:?} {answers:?} {end:?}",
                it.external_id,
                it.status(),
                it.version,
            ));
        }
        let organizations = system.organizations(None, &page).await.unwrap().items;
        told.extend(organizations.into_iter().map(|(_, it)| {
            let known = (it.name, it.domain, it.repository);
            format!("{known:?}")
        }));
        let taken = system.places_taken(self.program.id).await.unwrap();
        told.push(format!("{taken} taken"));
        told
    }
}

fn project(name: &str, changes: &Value) -> String {
    let mut row = json!({
        "external_id": name, "first_name": "Maintainer", "last_name": format!("of {name}"),
        "email": format!("maintainer@{name}.example"), "country": "DE", "organization": name,
        "description": "A library that does something useful.", "licence": "MIT",
        "repository": format!("https://github.com/example/{name}"), "not_for_profit": true,
        "hosting": "SAAS", "seats": 5, "private_projects": "0", "federal_entity": "no",
        "agreement": "yes"
    });
    for (field, value) in changes.as_object().unwrap() {
        row[field] = value.clone();
    }
    format!("{row}\n")
}

/// Rows that share people, names, domains and repositories with earlier ones, and all kinds of ends.
fn rows() -> Vec<String> {
    let mail = json!({ "email": "ada@example.org", "organization": "One" });
    let mut later = mail.clone();
    later["repository"] = json!("https://github.com/example/one-more");
    vec![
        project("alone", &json!({})),
        project("closed", &json!({ "licence": "SSPL-1.0" })),
        project("mail-1", &mail),
        project("mail-2", &later),
        project(
            "repository",
            &json!({ "repository": "https://github.com/example/alone" }),
        ),
        project("name", &json!({ "organization": "alone" })),
        project(
            "domain",
            &json!({ "email": "other@alone.example", "organization": "Other" }),
        ),
        project("member", &mail),
        project("glued", &json!({ "private_projects": "3 to 5" })),
        project("hosted", &json!({ "hosting": "SELF_MANAGED" })),
        project("more", &json!({})),
        project("most", &json!({})),
    ]
}

#[tokio::test]
async fn rows_that_are_written_together_come_to_the_same_as_one_after_another() {
    for places in [None, Some(2)] {
        let name = places.map_or("any".to_owned(), |places: u32| places.to_string());
        let together = Desk::new(&format!("together-{name}"), places).await;
        let report = together.import(&rows().concat()).await;
        let alone = Desk::new(&format!("alone-{name}"), places).await;
        let mut each = [0; 3];
        for row in rows() {
            let came = alone.import(&row).await;
            each[0] += came.approved;
            each[1] += came.declined;
            each[2] += came.left_for_people;
        }
        let all = [report.approved, report.declined, report.left_for_people];
        assert_eq!(all, each);
        assert!(each[0] > 1 && each[1] > 0 && each[2] > 3, "{each:?}");
        let (all, each) = (together.came_to().await, alone.came_to().await);
        assert_eq!(all.len(), each.len());
        for (one, other) in all.iter().zip(&each) {
            assert_eq!(one, other);
        }
    }
}

#[tokio::test]
async fn a_file_costs_the_same_statements_however_many_rows_it_has() {
    let desk = Desk::new("statements", None).await;
    desk.import(&project("first", &json!({}))).await;
    asked::listen();
    let mut costs = Vec::new();
    for count in [5, 50] {
        let rows = (0..count).map(|number| project(&format!("p{count}-{number}"), &json!({})));
        let rows: String = rows.collect();
        asked::taken();
        let report = desk.import(&rows).await;
        assert_eq!(report.approved, count);
        let asked = asked::taken();
        let adds = asked.iter().filter(|sql| sql.starts_with("INSERT"));
        let adds = adds.count();
        costs.push((asked.len() - adds, adds));
    }
    let (few, many) = (costs[0], costs[1]);
    if database::on_postgres() {
        assert_eq!(few, many);
    } else {
        // SQLite takes fifty rows as 32, 16 and 2, with statements that come again.
        assert_eq!(few.0, many.0);
        assert!(many.1 <= few.1 * 3, "{costs:?}");
    }
    assert!(few.0 + few.1 < 30, "{costs:?}");
}
