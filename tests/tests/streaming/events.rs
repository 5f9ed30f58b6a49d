//! Events with places: a list that is followed, the log that is followed, and coming back without a gap.

use serde_json::{Value, json};

use super::{Served, Told};
use crate::streaming::reader::Reader;
use crate::support::{good, input, settled};

const LIST: &str = "subscription($filter: ApplicationFilter, $after: String) {
    applicationsChanged(filter: $filter, after: $after) {
      cursor matches application { id version status } activity { verb } } }";
const LOG: &str = "subscription($application: ID, $after: String) {
    activityAdded(applicationId: $application, after: $after) { cursor activity { verb version } } }";

/// What the one field of an event says.
async fn said(reader: &mut Reader) -> Value {
    match reader.told().await {
        Told::Next(answer) => {
            assert_eq!(answer.get("errors"), None, "{answer:#}");
            let data = answer["data"].as_object().unwrap();
            data.values().next().unwrap().clone()
        }
        Told::Complete => panic!("the stream goes on"),
    }
}

impl Served {
    async fn listen(&self, person: &str, document: &str, variables: Value) -> Reader {
        settled(&self.world.service.store).await;
        let body = json!({ "query": document, "variables": variables });
        Reader::open(&self.address, Some(&self.world.token(person)), &body).await
    }
}

/// The verbs of the next events of the log.
async fn verbs(reader: &mut Reader, count: usize) -> Vec<String> {
    let mut verbs = Vec::new();
    for _ in 0..count {
        let event = said(reader).await;
        verbs.push(event["activity"]["verb"].as_str().unwrap().to_owned());
    }
    verbs
}

#[tokio::test]
async fn a_list_is_told_what_changes_and_what_leaves_it() {
    let served = Served::new().await;
    let world = &served.world;
    let garden = world.program("garden").await.to_string();
    let filter = json!({ "programId": garden, "unassigned": true });
    let mut queue = served
        .listen("specialist", LIST, json!({ "filter": filter }))
        .await;
    let begin = said(&mut queue).await;
    assert_eq!(begin["application"], Value::Null, "read the list now");
    assert_eq!(begin["matches"], false);
    let application = world.in_review().await;
    // Steps of the draft are told only if it was handed in by the time they are.
    let mut last = Value::Null;
    while last["activity"]["verb"] != "EVALUATED" {
        last = said(&mut queue).await;
        assert_eq!(last["matches"], true);
    }
    assert_eq!(last["application"], application);
    let claimed = world
        .act("specialist", "claimApplication", &application, json!({}))
        .await;
    let event = said(&mut queue).await;
    assert_eq!(event["application"], claimed);
    assert_eq!(event["matches"], false, "somebody works on it now");
}

#[tokio::test]
async fn everybody_is_told_of_the_applications_that_exist_for_them() {
    let served = Served::new().await;
    let world = &served.world;
    let mut readers = Vec::new();
    for person in ["applicant", "other applicant", "specialist elsewhere"] {
        let mut reader = served.listen(person, LIST, json!({})).await;
        said(&mut reader).await;
        readers.push(reader);
    }
    let [mut own, mut other, mut elsewhere] = <[Reader; 3]>::try_from(readers).ok().unwrap();
    let draft = world.draft("applicant", "Riverside Garden", good()).await;
    let event = said(&mut own).await;
    assert_eq!(event["application"]["id"], draft["id"]);
    assert_eq!(event["activity"]["verb"], "CREATED");
    other.is_silent().await;
    elsewhere.is_silent().await;
    for person in ["observer", "admin"] {
        let mut reader = served.listen(person, LIST, json!({})).await;
        assert_eq!(reader.told().await, Told::Complete, "{person}");
    }
}

#[tokio::test]
async fn who_comes_back_with_a_cursor_is_told_every_line_in_between_and_goes_on() {
    let served = Served::new().await;
    let world = &served.world;
    let application = world.in_review().await;
    let variables = json!({ "application": application["id"] });
    let mut log = served.listen("specialist", LOG, variables.clone()).await;
    let begin = said(&mut log).await;
    assert_eq!(begin["activity"], Value::Null);
    let claimed = world
        .act("specialist", "claimApplication", &application, json!({}))
        .await;
    let event = said(&mut log).await;
    assert_eq!(event["activity"]["verb"], "CLAIMED");
    assert_eq!(event["activity"]["version"], claimed["version"]);
    assert_eq!(
        log.id.as_deref(),
        event["cursor"].as_str(),
        "an event's id is its cursor"
    );
    drop(log);
    let hold = json!({ "cause": "COMPLIANCE", "note": "A name was flagged." });
    let held = world
        .act("specialist", "holdApplication", &claimed, hold)
        .await;
    let released = world
        .act("specialist", "releaseApplication", &held, json!({}))
        .await;
    let mut after = variables.clone();
    after["after"] = event["cursor"].clone();
    let mut again = served.listen("specialist", LOG, after).await;
    assert_eq!(verbs(&mut again, 2).await, ["HELD", "RELEASED"]);
    // A browser that comes back sends the same document and what it saw last; the latter counts.
    let mut old = variables;
    old["after"] = begin["cursor"].clone();
    let body = json!({ "query": LOG, "variables": old });
    let token = world.token("specialist");
    let mut browser = Reader::resume(
        &served.address,
        Some(&token),
        &body,
        event["cursor"].as_str(),
    )
    .await;
    assert_eq!(verbs(&mut browser, 2).await, ["HELD", "RELEASED"]);
    world
        .act("specialist", "approveApplication", &released, json!({}))
        .await;
    for reader in [&mut again, &mut browser] {
        assert_eq!(verbs(reader, 2).await, ["APPROVED", "MEMBERSHIP_STARTED"]);
    }
}

#[tokio::test]
async fn an_applicant_comes_back_to_the_public_lines_only() {
    let served = Served::new().await;
    let world = &served.world;
    let mut log = served.listen("applicant", LOG, json!({})).await;
    let begin = said(&mut log).await;
    let application = world.in_review().await;
    let claimed = world
        .act("specialist", "claimApplication", &application, json!({}))
        .await;
    let question = json!({ "question": "Who may use the garden?" });
    world
        .act("specialist", "askApplicant", &claimed, question)
        .await;
    let shown = ["CREATED", "ANSWERED", "SUBMITTED", "ASKED"];
    assert_eq!(verbs(&mut log, 4).await, shown);
    let mut again = served
        .listen("applicant", LOG, json!({ "after": begin["cursor"] }))
        .await;
    assert_eq!(verbs(&mut again, 4).await, shown);
    again.is_silent().await;
}

#[tokio::test]
async fn what_is_no_cursor_of_an_event_is_refused() {
    let served = Served::new().await;
    let world = &served.world;
    world.in_review().await;
    let page = "{ activities(first: 1) { edges { cursor } } }";
    let page = world.query("specialist", page, json!({})).await;
    // The feed of a log that went further than this one.
    let ahead = br#"{"order":"feed","key":{"Place":[9000000000000000,1]}}"#;
    let ahead = ahead
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    for after in [
        json!("nonsense"),
        page["activities"]["edges"][0]["cursor"].clone(),
        json!(ahead),
    ] {
        let mut reader = served
            .listen("specialist", LOG, json!({ "after": after }))
            .await;
        let Told::Next(answer) = reader.told().await else {
            panic!("an error comes first");
        };
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{after}"
        );
        assert_eq!(reader.told().await, Told::Complete);
    }
}

#[tokio::test]
async fn what_hangs_on_an_event_is_seen_with_the_roles_held_by_then() {
    let served = Served::new().await;
    let world = &served.world;
    let document = "subscription { applicationsChanged { application { id applicant { name } } } }";
    let mut reader = served
        .listen("specialist elsewhere", document, json!({}))
        .await;
    said(&mut reader).await;
    let application = world.in_review().await;
    let grant =
        "mutation($input: RoleInput!) { grantRole(input: $input) { userErrors { message } } }";
    let specialist = &world.people["specialist elsewhere"];
    let role = json!({
        "accountId": specialist.id.to_string(),
        "expectedVersion": specialist.version,
        "role": "SPECIALIST",
        "programId": world.program("garden").await.to_string()
    });
    let granted = world.query("admin", grant, json!({ "input": role })).await;
    assert_eq!(granted["grantRole"]["userErrors"], json!([]));
    world
        .act("specialist", "claimApplication", &application, json!({}))
        .await;
    let event = said(&mut reader).await;
    assert_eq!(event["application"]["id"], application["id"]);
    assert_eq!(event["application"]["applicant"]["name"], "applicant");
}

#[tokio::test]
async fn a_stream_can_be_asked_for_by_address_but_cannot_change_anything() {
    let served = Served::new().await;
    let world = &served.world;
    let token = world.token("applicant");
    let query = "query=subscription%7BapplicationsChanged%7Bcursor%20application%7Bstatus%7D%7D%7D&variables=&operationName=";
    let mut reader = Reader::get(&served.address, Some(&token), query).await;
    said(&mut reader).await;
    world.draft("applicant", "Riverside Garden", good()).await;
    assert_eq!(said(&mut reader).await["application"]["status"], "DRAFT");
    let draft = world.draft("applicant", "Hilltop Garden", good()).await;
    let input = input(&draft, json!({})).to_string();
    let mutation = format!(
        "query=mutation($input:ApplicationCommandInput!)%7BsubmitApplication(input:$input)%7BuserErrors%7Bcode%7D%7D%7D&variables=%7B%22input%22:{}%7D",
        input
            .replace('{', "%7B")
            .replace('}', "%7D")
            .replace('"', "%22")
    );
    let head = Reader::refused(&served.address, &token, &mutation).await;
    assert!(head.starts_with("HTTP/1.1 405 "), "{head}");
    assert!(head.to_lowercase().contains("allow: post"), "{head}");
}

#[tokio::test]
async fn an_account_holds_so_many_streams_and_gives_them_back() {
    let bounds = stoa::http::Streams {
        of_account: 2,
        ..stoa::http::Streams::default()
    };
    let served = Served::with(bounds).await;
    let token = served.world.token("applicant");
    let query = "query=subscription%7BapplicationsChanged%7Bcursor%7D%7D";
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut reader = Reader::get(&served.address, Some(&token), query).await;
        said(&mut reader).await;
        open.push(reader);
    }
    let head = Reader::refused(&served.address, &token, query).await;
    assert!(head.starts_with("HTTP/1.1 429 "), "{head}");
    let other = served.world.token("other applicant");
    let mut theirs = Reader::get(&served.address, Some(&other), query).await;
    said(&mut theirs).await;
    drop(open);
    // The service learns from its own writing that a reader is gone: every change is one.
    for number in 0..100 {
        let name = format!("Garden {number}");
        served.world.draft("applicant", &name, good()).await;
        let head = Reader::head(&served.address, &token, query).await;
        if head.starts_with("HTTP/1.1 200 ") {
            return;
        }
    }
    panic!("the seats are not given back");
}
