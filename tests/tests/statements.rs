//! What a request costs the database: exactly so many statements, and no more for more rows.
//!
//! `BEGIN` and `COMMIT` are not counted; whoever is signed in costs one look-up of the account.

use std::fmt::Write;

use serde_json::{Value, json};
use stoa_domain::account::{Account, Kind};
use stoa_domain::actor::{Actor, Means};
use stoa_domain::application::Application;

use crate::support::rows::Rows;
use crate::support::{asked, at, database, feeding, input};

/// Rows of a page.
const PAGE: usize = 20;

const QUEUE: &str = "query($first: Int) { applications(order: DUE_FIRST, filter: { statuses: [IN_REVIEW] }, first: $first) {
    nodes { id status promise { dueAt businessDaysLeft } availableActions { action allowed }
      program { key } organization { name } assignee { name }
      evaluation { recommendation findings { criterion statement } } }
    pageInfo { hasNextPage endCursor } } }";
const MEMBERS: &str = "query($first: Int) { memberships(first: $first) {
    nodes { id endsBefore terms { grants { benefit quantity } }
      program { key } organization { name owner { name } } application { id status } } } }";
const DETAIL: &str = "query($id: ID!) { application(id: $id) {
    id version status revision { number } program { key } organization { name } applicant { name }
    evaluation { recommendation findings { criterion outcome facts { name } } }
    activities(first: 10) { nodes { verb at } } } }";

/// A database of which is known what it is asked.
struct Counted {
    rows: Rows,
}

impl Counted {
    async fn new() -> Self {
        let rows = Rows::new().await;
        asked::listen();
        Self { rows }
    }

    /// Applications in review, each with an organisation, an applicant and an evaluation of its own, and
    /// two people who work on them in turn.
    async fn queue(&mut self) -> Vec<Application> {
        let now = at("2026-11-23T09:00:00Z");
        let mut queue = Vec::new();
        for number in 0..PAGE {
            let (id, mail) = (self.rows.id(), format!("applicant-{number}@example.org"));
            let name = format!("Applicant {number}");
            let made = Account::create(id, Kind::Applicant, &name, &mail, &Actor::System, now);
            self.rows.store().commit(made.unwrap()).await.unwrap();
            self.rows.applicant = Actor::Applicant {
                account: id,
                means: Means::Account,
            };
            let it = self.rows.in_review(&format!("Garden {number}"), now).await;
            let by = [&self.rows.specialist, &self.rows.manager][number % 2];
            let claimed = it.claim(&self.rows.act(by, now)).unwrap();
            queue.push(claimed.after.clone());
            self.rows.store().commit(claimed).await.unwrap();
        }
        queue
    }

    /// What a request costs, in the order of the statements, after a first one that fills what the process keeps.
    async fn cost(&self, person: &str, document: &str, variables: &Value) -> Vec<String> {
        self.rows
            .world
            .query(person, document, variables.clone())
            .await;
        self.cost_once(person, document, variables).await
    }

    /// What a request costs, the first time.
    async fn cost_once(&self, person: &str, document: &str, variables: &Value) -> Vec<String> {
        asked::taken();
        self.rows
            .world
            .query(person, document, variables.clone())
            .await;
        asked::taken()
    }
}

/// What a statement does, and to which table first.
fn kind(sql: &str) -> String {
    let verb = sql.split(' ').next().unwrap();
    let table = match verb {
        "SELECT" => sql.split_once(" FROM ").unwrap().1,
        _ => sql,
    };
    format!("{verb} {}", table.split('"').nth(1).unwrap())
}

/// Compares what a signed-in request cost with what it may: the look-up of the account, then these.
fn costs(what: &str, statements: &[String], expected: &[&str]) {
    let mut kinds: Vec<_> = statements.iter().map(|sql| kind(sql)).collect();
    let mut table = format!("{what}\n");
    for (number, (kind, sql)) in kinds.iter().zip(statements).enumerate() {
        writeln!(table, "{:>3} | {kind:24} | {sql}", number + 1).unwrap();
    }
    assert!(!kinds.is_empty(), "{table}");
    assert_eq!(
        kinds.remove(0),
        "SELECT accounts",
        "who asks is read first\n{table}"
    );
    kinds.sort_unstable();
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(kinds, expected, "{table}");
}

#[tokio::test]
async fn whoever_signs_in_costs_one_statement_and_a_stranger_none() {
    let counted = Counted::new().await;
    let nothing = "{ __typename }";
    let none = counted.cost("", nothing, &json!({})).await;
    assert_eq!(none, Vec::<String>::new());
    for person in ["applicant", "specialist", "integration", "admin"] {
        costs(
            person,
            &counted.cost(person, nothing, &json!({})).await,
            &[],
        );
    }
}

#[tokio::test]
async fn a_page_of_the_queue_with_all_that_its_rows_point_at_costs_one_statement() {
    let mut counted = Counted::new().await;
    counted.queue().await;
    let expected = ["SELECT applications", "SELECT evaluations"];
    for first in [PAGE, 1] {
        let cost = counted
            .cost("operations manager", QUEUE, &json!({ "first": first }))
            .await;
        costs(&format!("the queue, {first}"), &cost, &expected);
    }
    let both = QUEUE.replace("assignee { name }", "assignee { name } applicant { name }");
    let cost = counted
        .cost("specialist", &both, &json!({ "first": PAGE }))
        .await;
    costs("the queue with applicants", &cost, &expected);
    let bare = QUEUE.replace("pageInfo", "totalCount pageInfo");
    let cost = counted
        .cost("specialist", &bare, &json!({ "first": PAGE }))
        .await;
    costs(
        "the queue, counted",
        &cost,
        &[&expected[..], &["SELECT applications"]].concat(),
    );
}

#[tokio::test]
async fn what_shows_columns_alone_reads_these_and_nothing_else() {
    let mut counted = Counted::new().await;
    let id = counted.queue().await[7].id;
    let shown = "id status promise { dueAt } program { key } assignee { name }";
    let page = format!("{{ applications(first: 5, order: DUE_FIRST) {{ nodes {{ {shown} }} }} }}");
    let one = format!("query($id: ID!) {{ application(id: $id) {{ {shown} answers }} }}");
    let columns = |sql: &String| {
        let shown = sql.split_once(" FROM ").unwrap().0.to_owned();
        ["detail", "grants", "kind", "name", "due_at"]
            .map(|it| shown.contains(&format!("\"{it}\"")))
    };
    for (document, variables) in [(&page, json!({})), (&one, json!({ "id": id }))] {
        let plain = counted.cost("specialist", document, &variables).await;
        assert_eq!(
            columns(&plain[1]),
            [false, false, false, true, true],
            "{plain:?}"
        );
        // A field that is in the document of the row takes the whole row.
        let whole = document.replace("status", "status question");
        let whole = counted.cost("specialist", &whole, &variables).await;
        assert_eq!(columns(&whole[1]), [true; 5], "{whole:?}");
        assert_eq!(plain.len(), whole.len());
    }
}

#[tokio::test]
async fn the_page_of_an_application_costs_one_statement_and_one_for_each_list_on_it() {
    let mut counted = Counted::new().await;
    let id = counted.queue().await[7].id;
    let variables = json!({ "id": id });
    let expected = [
        "SELECT applications",
        "SELECT evaluations",
        "SELECT activities",
    ];
    for person in ["specialist", "operations manager"] {
        let cost = counted.cost(person, DETAIL, &variables).await;
        costs(&format!("an application, {person}"), &cost, &expected);
    }
    // Whoever acted is found in one look at the accounts for all lines.
    let who = DETAIL.replace("verb at", "verb at account { name }");
    let cost = counted.cost("specialist", &who, &variables).await;
    let expected = [&expected[..], &["SELECT accounts"]].concat();
    costs("an application, who acted", &cost, &expected);
}

#[tokio::test]
async fn columns_of_an_application_and_its_lines_cost_one_statement() {
    let mut counted = Counted::new().await;
    let variables = json!({ "id": counted.queue().await[7].id });
    let document = "query($id: ID!, $rows: Int = 2) { application(id: $id) {
        id status program { key } organization { name } applicant { name }
        activities(first: $rows) { nodes { verb at } pageInfo { hasNextPage } } } }";
    let cost = counted.cost("specialist", document, &variables).await;
    costs("columns and lines", &cost, &["SELECT applications"]);
    // Two pages of lines are two lists, and each is asked for.
    let twice = document.replace(
        "activities",
        "last: activities(last: 1) { nodes { at } } activities",
    );
    let cost = counted.cost("specialist", &twice, &variables).await;
    let expected = [
        "SELECT applications",
        "SELECT activities",
        "SELECT activities",
    ];
    costs("columns and two pages of lines", &cost, &expected);
}

#[tokio::test]
async fn a_page_of_members_costs_one_statement_and_one_for_each_kind_of_further_thing() {
    let mut counted = Counted::new().await;
    let rows = counted.queue().await;
    for it in rows {
        let approval = counted.rows.approval(&it, None, at("2026-11-23T11:00:00Z"));
        counted.rows.store().commit(approval).await.unwrap();
    }
    // Who owns the organisation, and the application that led to it, are asked for by id.
    let expected = [
        "SELECT memberships",
        "SELECT accounts",
        "SELECT applications",
    ];
    for first in [PAGE, 1] {
        let cost = counted
            .cost("specialist", MEMBERS, &json!({ "first": first }))
            .await;
        costs(&format!("members, {first}"), &cost, &expected);
    }
}

#[tokio::test]
async fn a_year_of_an_indicator_by_month_is_counted_in_one_statement() {
    let mut counted = Counted::new().await;
    for it in counted.queue().await {
        let approval = counted.rows.approval(&it, None, at("2026-11-23T11:00:00Z"));
        counted.rows.store().commit(approval).await.unwrap();
    }
    let report = "query($key: KpiKey!, $program: ID, $by: [KpiDimension!]!) {
        kpi(input: { key: $key, granularity: MONTH, from: \"2026-01-01\", to: \"2026-12-31\",
                     programId: $program, groupBy: $by }) {
          values { value period { label } health program { key } person { name } } } }";
    let program = counted.rows.compiled.revision.program;
    for key in [
        "TIME_TO_APPROVE",
        "AUTOMATED_SHARE",
        "APPLICATIONS_SOLVED",
        "WITHIN_PROMISE",
    ] {
        let mut expected = vec!["SELECT resolutions"];
        if key == "WITHIN_PROMISE" {
            // What is late and still open is missed too.
            expected.push("SELECT applications");
        }
        let mut variables = json!({ "key": key, "by": [] });
        let cost = counted.cost("operations manager", report, &variables).await;
        costs(key, &cost, &expected);
        variables["program"] = json!(program);
        expected.extend(["SELECT programs", "SELECT kpi_rollups"]);
        let cost = counted.cost("operations manager", report, &variables).await;
        costs(&format!("{key} of a program"), &cost, &expected);
    }
    let grouped = json!({ "key": "AUTOMATED_SHARE", "by": ["PROGRAM", "PERSON"] });
    let cost = counted.cost("operations manager", report, &grouped).await;
    costs(
        "by program and person",
        &cost,
        &["SELECT resolutions", "SELECT programs", "SELECT accounts"],
    );
}

#[tokio::test]
async fn claiming_reads_what_it_decides_on_and_writes_a_row_and_its_line() {
    let counted = Counted::new().await;
    let it = counted
        .rows
        .in_review("Riverside Garden", at("2026-11-23T09:00:00Z"))
        .await;
    let document = "mutation($input: ApplicationCommandInput!) { claimApplication(input: $input) {
        application { id version status assignee { name } } userErrors { code } } }";
    let command = input(&json!({ "id": it.id, "version": it.version }), json!({}));
    let cost = counted
        .cost_once("specialist", document, &json!({ "input": command }))
        .await;
    let written: &[_] = if database::on_postgres() {
        &["WITH step_0"]
    } else {
        &["UPDATE applications", "INSERT activities"]
    };
    // The assignee that is asked for.
    let read = ["SELECT applications", "SELECT accounts"];
    costs("claimApplication", &cost, &[&read, written].concat());
}

#[tokio::test]
async fn where_changes_are_told_a_claim_costs_two_ways_to_the_database() {
    let counted = Counted::new().await;
    let now = at("2026-11-23T09:00:00Z");
    let it = counted.rows.in_review("Riverside Garden", now).await;
    let _feed = feeding(counted.rows.store()).await;
    let document = "mutation($input: ApplicationCommandInput!) { claimApplication(input: $input) {
        application { id version status assignee { name } } userErrors { code } } }";
    let command = input(&json!({ "id": it.id, "version": it.version }), json!({}));
    // SQLite tells nobody, so who asks is read each time.
    let told = database::on_postgres();
    let heard = async {
        let nothing = json!({});
        while !counted
            .cost("specialist", "{ __typename }", &nothing)
            .await
            .is_empty()
            && told
        {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_mins(1), heard)
        .await
        .expect("the listener is there");
    let cost = counted
        .cost_once("specialist", document, &json!({ "input": command }))
        .await;
    let kinds: Vec<_> = cost.iter().map(|sql| kind(sql)).collect();
    let expected: &[_] = if told {
        &["SELECT applications", "WITH step_0"]
    } else {
        &[
            "SELECT accounts",
            "SELECT applications",
            "UPDATE applications",
            "INSERT activities",
            "SELECT accounts",
        ]
    };
    assert_eq!(kinds, expected);
}
