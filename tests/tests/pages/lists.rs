//! The lists of the schema, and a database in which each has as many rows.

use serde_json::{Value, json};
use stoa_domain::account::{Account, Kind};
use stoa_domain::actor::Actor;
use stoa_domain::application::{Application, HoldCause};
use stoa_domain::change::Change;
use stoa_domain::id::Id;
use stoa_domain::message::{Kind as MessageKind, Message};

use crate::support::at;
use crate::support::rows::Rows;

/// Rows of each list.
pub const ROWS: usize = 23;
/// Rows of a page.
pub const SIZE: usize = 5;

const fn list(
    field: &'static str,
    order: Order,
    person: &'static str,
    document: &'static str,
    path: &'static str,
    most: usize,
) -> List {
    List {
        field,
        order,
        person,
        document,
        path,
        most,
    }
}

/// What a list is ordered by.
#[derive(Clone, Copy, PartialEq)]
pub enum Order {
    Oldest,
    Newest,
    Due,
    Ended,
}

/// A connection in the schema, and a document that reads it.
pub struct List {
    /// The field, as the schema knows it.
    pub field: &'static str,
    pub order: Order,
    pub person: &'static str,
    /// The document; `#page` are the four arguments, the others what is read of the rows.
    pub document: &'static str,
    /// Where in the answer the connection is.
    pub path: &'static str,
    /// The most rows of a page.
    pub most: usize,
}

/// Every list of the schema, in each of its orders.
pub const LISTS: [List; 12] = [
    list(
        "Query.applications",
        Order::Newest,
        "operations manager",
        "applications(filter: { search: \"queue\" }, order: NEWEST_FIRST, #page) { #row }",
        "/applications",
        100,
    ),
    list(
        "Query.applications",
        Order::Oldest,
        "operations manager",
        "applications(filter: { search: \"queue\" }, order: OLDEST_FIRST, #page) { #row }",
        "/applications",
        100,
    ),
    list(
        "Query.applications",
        Order::Due,
        "operations manager",
        "applications(filter: { search: \"queue\" }, order: DUE_FIRST, #page) { #due }",
        "/applications",
        100,
    ),
    list(
        "Query.organizations",
        Order::Oldest,
        "operations manager",
        "organizations(search: \"queue\", #page) { #row }",
        "/organizations",
        500,
    ),
    list(
        "Query.memberships",
        Order::Oldest,
        "integration",
        "memberships(#page) { #row }",
        "/memberships",
        500,
    ),
    list(
        "Query.accounts",
        Order::Oldest,
        "admin",
        "accounts(#page) { #row }",
        "/accounts",
        100,
    ),
    list(
        "Query.activities",
        Order::Newest,
        "operations manager",
        "activities(applicationId: $id, #page) { #row }",
        "/activities",
        100,
    ),
    list(
        "Application.activities",
        Order::Newest,
        "specialist",
        "application(id: $id) { activities(#page) { #row } }",
        "/application/activities",
        100,
    ),
    list(
        "Application.messages",
        Order::Oldest,
        "applicant",
        "application(id: $id) { messages(#page) { #row } }",
        "/application/messages",
        100,
    ),
    list(
        "Application.evaluations",
        Order::Newest,
        "specialist",
        "application(id: $id) { evaluations(#page) { #row } }",
        "/application/evaluations",
        100,
    ),
    list(
        "KpiValue.rows",
        Order::Ended,
        "operations manager",
        "kpi(input: { key: TIME_TO_APPROVE, granularity: MONTH, from: \"2026-12-01\", to: \"2026-12-31\" }) \
                   { values { rows(#page) { #end } } }",
        "/kpi/values/0/rows",
        100,
    ),
    list(
        "KpiValue.rows",
        Order::Ended,
        "operations manager",
        "kpi(input: { key: APPLICATIONS_SOLVED, granularity: MONTH, from: \"2027-01-01\", to: \"2027-01-31\" }) \
                   { values { rows(#page) { #end } } }",
        "/kpi/values/0/rows",
        100,
    ),
];

/// A page as it was answered.
#[derive(Debug)]
pub struct Answered {
    pub keys: Vec<String>,
    pub cursors: Vec<String>,
    pub next: bool,
    pub previous: bool,
}

/// A database with `ROWS` rows for every list, and the application that has as many of everything.
pub struct Full {
    pub rows: Rows,
    pub id: Id<Application>,
}

impl Full {
    pub async fn new() -> Self {
        let rows = Box::pin(Rows::new()).await;
        Box::pin(queue(&rows)).await;
        Box::pin(ends(&rows)).await;
        let world = &rows.world;
        let mut accounts = Vec::new();
        for number in world.people.len()..ROWS {
            let mail = format!("person-{number}@example.org");
            let id = rows.id();
            let made = Account::create(
                id,
                Kind::Applicant,
                "Somebody",
                &mail,
                &Actor::System,
                world.service.clock.now(),
            );
            accounts.push(made.unwrap());
        }
        rows.store().commit(accounts).await.unwrap();
        let id = thick(&rows).await;
        Self { rows, id }
    }

    /// What the document answers, with these arguments of the page.
    pub async fn send(&self, list: &List, page: &Value) -> Value {
        let info = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";
        let node = |fields: &str| format!("edges {{ cursor node {{ {fields} }} }} {info}");
        let body = list
            .document
            .replace(
                "#page",
                "first: $first, after: $after, last: $last, before: $before",
            )
            .replace("#row", &node("id"))
            .replace("#due", &node("id promise { dueAt }"))
            .replace("#end", &node("at application { id }"));
        let id = if body.contains("$id") {
            "$id: ID!, "
        } else {
            ""
        };
        let document = format!(
            "query({id}$first: Int, $after: String, $last: Int, $before: String) {{ {body} }}"
        );
        let mut variables = page.clone();
        variables["id"] = json!(self.id);
        self.rows
            .world
            .send(list.person, &document, variables)
            .await
    }

    /// A page that must come.
    pub async fn page(&self, list: &List, page: &Value) -> Answered {
        let answer = self.send(list, page).await;
        assert_eq!(answer.get("errors"), None, "{}: {answer:#}", list.document);
        let connection = answer["data"].pointer(list.path).unwrap();
        let edges = connection["edges"].as_array().unwrap();
        let info = &connection["pageInfo"];
        let cursors = edges
            .iter()
            .map(|edge| edge["cursor"].as_str().unwrap().to_owned());
        let answered = Answered {
            keys: edges.iter().map(|edge| key(list, &edge["node"])).collect(),
            cursors: cursors.collect(),
            next: info["hasNextPage"].as_bool().unwrap(),
            previous: info["hasPreviousPage"].as_bool().unwrap(),
        };
        assert_eq!(
            info["startCursor"].as_str(),
            answered.cursors.first().map(String::as_str)
        );
        assert_eq!(
            info["endCursor"].as_str(),
            answered.cursors.last().map(String::as_str)
        );
        answered
    }

    /// A page that must be refused as a mistake of the caller.
    pub async fn refused(&self, list: &List, page: &Value) -> String {
        let answer = self.send(list, page).await;
        let error = &answer["errors"][0];
        let code = &error["extensions"]["code"];
        assert_eq!(
            code, "BAD_USER_INPUT",
            "{} {page}: {answer:#}",
            list.document
        );
        error["message"].as_str().unwrap().to_owned()
    }

    /// Every page forward.
    pub async fn forward(&self, list: &List) -> Vec<Answered> {
        let mut pages: Vec<Answered> = Vec::new();
        loop {
            let after = pages.last().map(|page| page.cursors.last().unwrap());
            let page = self
                .page(list, &json!({ "first": SIZE, "after": after }))
                .await;
            let more = page.next;
            pages.push(page);
            if !more {
                return pages;
            }
        }
    }

    /// Every page backward, the last one first.
    pub async fn backward(&self, list: &List) -> Vec<Answered> {
        let mut pages: Vec<Answered> = Vec::new();
        loop {
            let before = pages.last().map(|page| page.cursors.first().unwrap());
            let page = self
                .page(list, &json!({ "last": SIZE, "before": before }))
                .await;
            let more = page.previous;
            pages.push(page);
            if !more {
                return pages;
            }
        }
    }
}

/// What a node is ordered by, as a text that sorts like it.
pub fn key(list: &List, node: &Value) -> String {
    let micros = |time: &Value| {
        let time = time
            .as_str()
            .map_or(i64::MAX, |text| at(text).timestamp_micros());
        format!("{time:020}")
    };
    match list.order {
        Order::Due => format!("{} {}", micros(&node["promise"]["dueAt"]), node["id"]),
        Order::Ended => format!("{} {}", micros(&node["at"]), node["application"]["id"]),
        Order::Oldest | Order::Newest => {
            let id = node["id"].as_str().unwrap();
            let (prefix, word) = id.split_once('_').unwrap();
            format!("{prefix} {word:0>26}")
        }
    }
}

/// Open applications that are due at times that are equal, differ in their digits, or not due at all.
async fn queue(rows: &Rows) {
    let now = at("2026-11-23T09:00:00Z");
    let (mut organizations, mut changes) = (Vec::new(), Vec::new());
    for number in 0..ROWS {
        let organization = rows.organization(&format!("Queue {number}"));
        let draft = rows.draft(&organization, None, now);
        let mut submitted = rows.submit(&draft, now);
        let times = [
            "2026-12-07T10:00:00Z",
            "2026-12-07T10:00:00.5Z",
            "2026-12-07T10:00:00.500001Z",
            "2026-12-06T10:00:00Z",
        ];
        submitted.after.due_at = times.get(number * 7 % 5).map(|time| at(time));
        organizations.push(organization);
        changes.extend([draft, submitted]);
    }
    rows.store().commit((organizations, changes)).await.unwrap();
}

/// Approvals in December, and in January as many ends of which two each are of one application.
async fn ends(rows: &Rows) {
    let now = at("2026-12-01T10:00:00Z");
    for number in 0..ROWS {
        let it = rows.in_review(&format!("Member {number}"), now).await;
        let day = format!("2026-12-{:02}T10:00:00.25Z", 1 + number / 4);
        rows.store()
            .commit(rows.approval(&it, None, at(&day)))
            .await
            .unwrap();
    }
    let now = at("2027-01-04T10:00:00Z");
    let specialist = rows.act(&rows.specialist, now);
    let decline = |it: Application| {
        it.decline(vec!["COUNTRY".into()], None, &specialist)
            .unwrap()
    };
    for number in 0..ROWS.div_ceil(2) {
        let it = rows.in_review(&format!("Declined {number}"), now).await;
        let first = decline(it);
        let mut changes = vec![first.clone()];
        if number > 0 {
            let reopened = first.after.reopen("Look again.", &specialist).unwrap();
            let second = decline(reopened.after.clone());
            changes.extend([reopened, second]);
        }
        rows.store().commit(changes).await.unwrap();
    }
}

/// One application with `ROWS` lines, messages and evaluations.
async fn thick(rows: &Rows) -> Id<Application> {
    let now = at("2026-11-23T09:00:00Z");
    let mut it = rows.in_review("Thick", now).await;
    let specialist = rows.act(&rows.specialist, now);
    let (mut changes, mut messages, mut evaluations) = (Vec::new(), Vec::new(), Vec::new());
    while usize::try_from(it.version).unwrap() < ROWS {
        let change: Change<Application> = if it.version % 2 == 0 {
            it.release(&specialist).unwrap()
        } else {
            it.hold(
                HoldCause::Compliance,
                "A name was flagged.",
                None,
                &specialist,
            )
            .unwrap()
        };
        it = change.after.clone();
        changes.push(change);
    }
    for number in 0..ROWS {
        messages.push(Message {
            id: rows.id(),
            application: it.id,
            kind: MessageKind::Question,
            author: None,
            body: format!("Question {number}"),
            at: now,
        });
        if number > 0 {
            evaluations.push(rows.evaluation(&it, now));
        }
    }
    rows.store()
        .commit((changes, (messages, evaluations)))
        .await
        .unwrap();
    it.id
}
