pub mod trees;

use std::net::IpAddr;

use serde_json::json;
use stoa_domain::id::Id;

use super::*;
use crate::budget::limits::Rate;

const NOON: &str = "2026-11-23T12:00:00Z";

fn gate(limits: Limits) -> Gate {
    let clock = Clock::fixed(NOON.parse().expect("a time"));
    Gate::new(limits, &clock).expect("all allowed documents are right")
}

fn stranger() -> Caller {
    Caller {
        account: None,
        address: Some(IpAddr::from([192, 0, 2, 1])),
    }
}

fn signed_in() -> Caller {
    Caller {
        account: Some(Id::new(
            "0192f0c1-2345-7000-8000-000000000001"
                .parse()
                .expect("a UUID"),
        )),
        address: None,
    }
}

fn ask(gate: &Gate, text: &str) -> Result<Admitted, Refused> {
    gate.admit(Request::new(text), &stranger())
}

fn apollo(text: &str, hash: &str) -> Request {
    let mut request = Request::new(text);
    let named = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
    request.extensions = serde_json::from_value(named).expect("they are extensions");
    request
}

#[test]
fn what_is_admitted_is_parsed_and_has_a_price() {
    let gate = gate(Limits::default());
    let mut admitted = ask(&gate, "{ programs { key } }").expect("it is small");
    assert_eq!(admitted.kind, Some(OperationType::Query));
    assert_eq!((admitted.cost, admitted.maximum), (5, 50_000));
    admitted.request.query = "not this".into();
    assert!(
        admitted.request.parsed_query().is_ok(),
        "it is not parsed again"
    );
    assert_eq!(admitted.standing.policy, "address");
    let again = ask(&gate, "{ programs { key } }").expect("it is known now");
    assert_eq!(again.standing.remaining, admitted.standing.remaining - 5);
}

#[test]
fn the_bill_stands_in_the_answer() {
    let bill = Bill {
        requested: 5,
        maximum: 50_000,
    };
    let answer = serde_json::to_value(bill.on(Response::new(Value::Null))).expect("it is JSON");
    let cost = json!({ "requested": 5, "maximum": 50_000 });
    assert_eq!(answer["extensions"]["cost"], cost);
}

#[test]
fn what_is_refused_has_a_code_and_still_costs() {
    let gate = gate(Limits::default());
    let rows = "{ applications(first: 100) { nodes { messages(first: 100) { nodes { id body at author { id name } } } } } }";
    let long = "x".repeat(70_000);
    let mut before = 40_000;
    for (text, code) in [
        ("{ programs { key }", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        (long.as_str(), "QUERY_TOO_COMPLEX"),
        (
            "{ ...A } fragment A on Query { ...A }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("subscription { __typename a }", "GRAPHQL_VALIDATION_FAILED"),
        (rows, "QUERY_TOO_COMPLEX"),
    ] {
        let refused = ask(&gate, text).expect_err(text);
        assert_eq!((refused.code, refused.status()), (code, 400), "{text}");
        let left = refused.standing.expect("it was charged").remaining;
        assert!(left < before, "{text}");
        before = left;
    }
    let dear = ask(&gate, rows).expect_err("it is too dear");
    assert!(
        dear.cost
            .is_some_and(|(requested, maximum)| requested > maximum)
    );
}

#[test]
fn an_operation_that_cannot_be_chosen_is_left_to_execution() {
    let gate = gate(Limits::default());
    let admitted = ask(
        &gate,
        "query A { viewer { name } } query B { viewer { name } }",
    );
    assert_eq!(admitted.expect("it is small").kind, None);
}

#[test]
fn who_used_up_their_budget_waits_and_others_do_not() {
    let gate = gate(Limits {
        account: Rate::new(10, 30),
        address: Rate::new(10, 10),
        ..Limits::default()
    });
    ask(&gate, "{ programs { key } }").expect("there is enough");
    let refused = ask(&gate, "{ programs { key } }").expect_err("too little is left");
    assert_eq!(refused.code, "RATE_LIMITED");
    assert!(refused.retry_after.is_some());
    let other = Caller {
        address: Some(IpAddr::from([192, 0, 2, 2])),
        ..stranger()
    };
    let request = || Request::new("{ programs { key } }");
    assert!(gate.admit(request(), &other).is_ok());
    assert!(gate.admit(request(), &signed_in()).is_ok());
}

#[test]
fn strangers_use_what_is_registered_and_register_nothing() {
    let gate = gate(Limits::default());
    let text = "{ programs { key } }";
    let hash = persisted::hash(text);
    gate.admit(apollo(text, &hash), &stranger())
        .expect("the text is there");
    let unknown = gate
        .admit(apollo("", &hash), &stranger())
        .expect_err("nobody registered it");
    assert_eq!(unknown.code, "PERSISTED_QUERY_NOT_FOUND");
    gate.admit(apollo(text, &hash), &signed_in())
        .expect("the text is there");
    gate.admit(apollo("", &hash), &stranger())
        .expect("it is registered");
    let broken = "{ programs";
    let hash = persisted::hash(broken);
    assert!(gate.admit(apollo(broken, &hash), &signed_in()).is_err());
    let unknown = gate
        .admit(apollo("", &hash), &signed_in())
        .expect_err("it is no document");
    assert_eq!(unknown.code, "PERSISTED_QUERY_NOT_FOUND");
}

#[test]
fn what_tools_ask_of_the_schema_is_let_in() {
    let gate = gate(Limits::default());
    let deep = "ofType { kind name ".repeat(9) + &"}".repeat(9);
    let text = format!(
        "query IntrospectionQuery {{ __schema {{ description queryType {{ name kind }} mutationType {{ name kind }} subscriptionType {{ name kind }}
           types {{ ...FullType }} directives {{ name description isRepeatable locations args(includeDeprecated: true) {{ ...InputValue }} }} }} }}
         fragment FullType on __Type {{ kind name description specifiedByURL isOneOf
           fields(includeDeprecated: true) {{ name description args(includeDeprecated: true) {{ ...InputValue }} type {{ ...TypeRef }} isDeprecated deprecationReason }}
           inputFields(includeDeprecated: true) {{ ...InputValue }} interfaces {{ ...TypeRef }}
           enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }} possibleTypes {{ ...TypeRef }} }}
         fragment InputValue on __InputValue {{ name description type {{ ...TypeRef }} defaultValue isDeprecated deprecationReason }}
         fragment TypeRef on __Type {{ kind name {deep} }}"
    );
    let admitted = ask(&gate, &text).unwrap_or_else(|refused| panic!("{refused:?}"));
    assert!(
        (1_000..10_000).contains(&admitted.cost),
        "{}",
        admitted.cost
    );
}

#[test]
fn every_document_of_the_frontends_is_let_in() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/operations");
    for entry in std::fs::read_dir(folder).expect("it is there") {
        let path = entry.expect("it is readable").path();
        let text = std::fs::read_to_string(&path).expect("it is readable");
        let document = parse_query(&text).expect("it is a document");
        for (name, _) in document.operations.iter() {
            let mut request = Request::new(&text);
            request.operation_name = name.map(ToString::to_string);
            let admitted = gate(Limits::default()).admit(request, &signed_in());
            assert!(admitted.is_ok(), "{name:?}: {admitted:?}");
        }
    }
}
