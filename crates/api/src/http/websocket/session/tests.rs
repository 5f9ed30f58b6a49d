use async_graphql::{Pos, value};

use super::*;

const INIT: &str = r#"{"type":"connection_init"}"#;
const ONE: &str = r#"{"id":"1","type":"subscribe","payload":{"query":"{ viewer { id } }"}}"#;

/// What a line of the table stands for: something that happens to the session.
fn happens(session: &mut Session, what: &str) -> Option<Action> {
    match what {
        "known" => Some(session.recognised(Ok(()))),
        "bad token" => Some(session.recognised(Err(Refused::Token))),
        "crowded" => Some(session.recognised(Err(Refused::Crowded))),
        "broken" => Some(session.recognised(Err(Refused::Broken))),
        "waited" => session.waited(),
        "expired" => Some(Session::expired()),
        "answer 1" => session.answered(1, &Response::new(value!({ "b": 1, "a": 2 }))),
        "fail 1" => session.failed(1, &[ServerError::new("no", Some(Pos::from((1, 2))))]),
        "end 1" => session.ended(1),
        "end 2" => session.ended(2),
        text => session.heard(text),
    }
}

/// An action in a word or a few.
fn said(action: Option<Action>) -> String {
    match action {
        None => "–".into(),
        Some(Action::Recognise(token)) => format!("recognise {token:?}"),
        Some(Action::Send(text)) => text,
        Some(Action::Start(number, request)) => format!("start {number}: {}", request.query),
        Some(Action::Stop(number)) => format!("stop {number}"),
        Some(Action::Close(close)) => close.code.to_string(),
    }
}

/// Everything that happens in order, and what the last of it leads to.
fn last(happenings: &[&str]) -> String {
    let mut session = Session::new(2);
    let mut action = None;
    for what in happenings {
        action = happens(&mut session, what);
    }
    said(action)
}

#[test]
fn each_message_at_each_time_has_one_answer() {
    let token = r#"{"type":"connection_init","payload":{"Authorization":"Bearer t"}}"#;
    let lower = r#"{"type":"connection_init","payload":{"authorization":"Bearer t"}}"#;
    let number = r#"{"type":"connection_init","payload":{"Authorization":7}}"#;
    let null = r#"{"type":"connection_init","payload":null}"#;
    let two = r#"{"id":"2","type":"subscribe","payload":{"query":"{ a }","variables":null}}"#;
    let three = r#"{"id":"3","type":"subscribe","payload":{"query":"{ a }"}}"#;
    let complete = r#"{"id":"1","type":"complete"}"#;
    for (happenings, expected) in [
        // Who it is.
        (vec![INIT], "recognise None"),
        (vec![null], "recognise None"),
        (vec![token], "recognise Some(\"Bearer t\")"),
        (vec![lower], "recognise Some(\"Bearer t\")"),
        (vec![number], "4403"),
        (vec![INIT, "known"], r#"{"type":"connection_ack"}"#),
        (vec![token, "bad token"], "4403"),
        (vec![INIT, "crowded"], "1013"),
        (vec![INIT, "broken"], "1013"),
        (vec![INIT, INIT], "4429"),
        (vec![INIT, "known", INIT], "4429"),
        (vec!["waited"], "4408"),
        (vec![INIT, "waited"], "–"),
        (vec![INIT, "known", "waited"], "–"),
        (vec![INIT, "known", "expired"], "4403"),
        // Operations.
        (vec![ONE], "4401"),
        (vec![INIT, ONE], "4401"),
        (vec![INIT, "known", ONE], "start 1: { viewer { id } }"),
        (vec![INIT, "known", ONE, ONE], "4409"),
        (vec![INIT, "known", ONE, two], "start 2: { a }"),
        (
            vec![INIT, "known", ONE, "answer 1"],
            r#"{"id":"1","type":"next","payload":{"data":{"b":1,"a":2}}}"#,
        ),
        (
            vec![INIT, "known", ONE, "fail 1"],
            r#"{"id":"1","type":"error","payload":[{"message":"no","locations":[{"line":1,"column":2}]}]}"#,
        ),
        (
            vec![INIT, "known", ONE, "end 1"],
            r#"{"id":"1","type":"complete"}"#,
        ),
        (vec![INIT, "known", ONE, complete], "stop 1"),
        (vec![INIT, "known", complete], "–"),
        // An id is free again once it ended, whoever ended it; what the old operation still says is lost.
        (
            vec![INIT, "known", ONE, "end 1", ONE],
            "start 2: { viewer { id } }",
        ),
        (
            vec![INIT, "known", ONE, "fail 1", ONE],
            "start 2: { viewer { id } }",
        ),
        (
            vec![INIT, "known", ONE, complete, ONE],
            "start 2: { viewer { id } }",
        ),
        (vec![INIT, "known", ONE, complete, "answer 1"], "–"),
        (vec![INIT, "known", ONE, complete, ONE, "end 1"], "–"),
        (
            vec![INIT, "known", ONE, complete, ONE, "end 2"],
            r#"{"id":"1","type":"complete"}"#,
        ),
        (vec![INIT, "known", ONE, "fail 1", "end 1"], "–"),
        // Signs of life, at any time.
        (vec![r#"{"type":"ping"}"#], r#"{"type":"pong"}"#),
        (
            vec![r#"{"type":"ping","payload":{"at":1}}"#],
            r#"{"payload":{"at":1},"type":"pong"}"#,
        ),
        (vec![r#"{"type":"pong"}"#], "–"),
        (vec![INIT, "known", r#"{"type":"pong","payload":{}}"#], "–"),
    ] {
        assert_eq!(last(&happenings), expected, "{happenings:?}");
    }
    let crowded = last(&[INIT, "known", ONE, two, three]);
    assert!(crowded.contains(r#""code":"RATE_LIMITED""#), "{crowded}");
    assert!(crowded.contains(r#""id":"3""#), "{crowded}");
}

#[test]
fn what_is_no_message_ends_the_conversation() {
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for text in [
        "",
        "hello",
        "null",
        "[]",
        "7",
        "{}",
        r#"{"type":7}"#,
        r#"{"type":"start","id":"1","payload":{"query":"{ a }"}}"#,
        r#"{"type":"connection_ack"}"#,
        r#"{"type":"next","id":"1","payload":{}}"#,
        r#"{"type":"connection_init","payload":"text"}"#,
        r#"{"type":"connection_init","payload":[]}"#,
        r#"{"type":"ping","payload":7}"#,
        r#"{"type":"subscribe","payload":{"query":"{ a }"}}"#,
        r#"{"type":"subscribe","id":7,"payload":{"query":"{ a }"}}"#,
        r#"{"type":"subscribe","id":"","payload":{"query":"{ a }"}}"#,
        r#"{"type":"subscribe","id":"1"}"#,
        r#"{"type":"subscribe","id":"1","payload":{}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":null}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":7}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":"{ a }","variables":7}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":"{ a }","operationName":7}}"#,
        r#"{"type":"complete"}"#,
        &nested,
    ] {
        let cut = &text[..text.len().min(80)];
        assert_eq!(last(&[INIT, "known", text]), "4400", "{cut}");
    }
}

#[test]
fn a_reason_fits_into_a_frame() {
    for id in ["a".repeat(255), "ä".repeat(120), "\u{1F600}".repeat(60)] {
        let subscribe =
            format!(r#"{{"id":"{id}","type":"subscribe","payload":{{"query":"{{ a }}"}}}}"#);
        let mut session = Session::new(2);
        for what in [INIT, "known", &subscribe] {
            happens(&mut session, what);
        }
        let Some(Action::Close(close)) = happens(&mut session, &subscribe) else {
            panic!("the id is taken");
        };
        assert_eq!(close.code, 4409);
        assert!(close.reason.len() <= REASON, "{}", close.reason);
        assert!(close.reason.starts_with("Subscriber for "));
    }
}
