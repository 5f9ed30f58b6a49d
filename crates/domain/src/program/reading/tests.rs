#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Reading, comparable, read_json, read_value};
use crate::program::form::{Form, Kind, Property};

/// A field with this schema.
fn field(schema: &Value) -> Property {
    let form = json!({ "type": "object", "properties": { "field": schema } });
    Form::compile(&form).unwrap().properties()[0].clone()
}

fn read(property: &Property, raw: &str) -> String {
    match read_value(property, raw) {
        Reading::Value(value) => value.to_string(),
        Reading::Nothing => "nothing".to_owned(),
        Reading::Unread => "unread".to_owned(),
    }
}

fn assert_reads(schema: &Value, table: &[(&str, &str)]) {
    let property = field(schema);
    for (raw, expected) in table {
        assert_eq!(read(&property, raw), *expected, "{raw:?} as {schema}");
    }
}

#[test]
fn yes_and_no_are_read_and_nothing_else() {
    assert_reads(
        &json!({ "type": "boolean" }),
        &[
            ("yes", "true"),
            (" TRUE ", "true"),
            ("1", "true"),
            ("Y", "true"),
            ("x", "true"),
            ("No", "false"),
            ("false", "false"),
            ("0", "false"),
            ("n", "false"),
            ("", "nothing"),
            ("n/a", "nothing"),
            ("-", "nothing"),
            ("maybe", "unread"),
            ("yes, mostly", "unread"),
            ("2", "unread"),
            ("?", "unread"),
        ],
    );
}

#[test]
fn a_whole_number_is_read_only_if_it_stands_alone() {
    assert_reads(
        &json!({ "type": "integer", "minimum": 1, "maximum": 1_000_000 }),
        &[
            ("5", "5"),
            (" 25 ", "25"),
            ("1,200", "1200"),
            ("1,000,000", "1000000"),
            ("1'200", "1200"),
            ("1\u{a0}200", "1200"),
            ("5.0", "5"),
            ("007", "7"),
            ("-1", "-1"),
            ("0", "0"),
            ("", "nothing"),
            ("N/A", "nothing"),
            ("none", "nothing"),
            ("12,00", "unread"),
            ("1,2000", "unread"),
            ("0,100", "unread"),
            ("1.200", "unread"),
            ("1 200", "unread"),
            ("3 to 5", "unread"),
            ("3-5", "unread"),
            ("about 20", "unread"),
            ("20+", "unread"),
            ("5 people", "unread"),
            ("five", "unread"),
            ("2.5", "unread"),
            ("1e3", "unread"),
            ("٣", "unread"),
            ("--5", "unread"),
            ("843025190", "unread"),
            ("99999999999999999999", "unread"),
        ],
    );
}

#[test]
fn a_number_with_two_meanings_stays_unknown() {
    assert_reads(
        &json!({ "type": "number", "maximum": 5000 }),
        &[
            ("2.5", "2.5"),
            ("1,200.50", "1200.5"),
            ("0.125", "0.125"),
            ("7", "7"),
            ("-2.5", "-2.5"),
            ("1,200", "unread"),
            ("1.200", "unread"),
            ("2,5", "unread"),
            ("5001", "unread"),
            ("$5", "unread"),
            ("5%", "unread"),
            ("2.", "unread"),
            ("NaN", "unread"),
            ("inf", "unread"),
        ],
    );
}

#[test]
fn a_date_is_read_if_it_can_be_one_day_only() {
    let day = "\"2026-11-23\"";
    assert_reads(
        &json!({ "type": "string", "format": "date" }),
        &[
            ("2026-11-23", day),
            ("2026/11/23", day),
            ("23.11.2026", day),
            ("23 Nov 2026", day),
            ("23-Nov-2026", day),
            ("Nov 23, 2026", day),
            ("November 23 2026", day),
            ("23/11/2026", day),
            ("11/23/2026", day),
            ("2026-11-23 00:00:00", day),
            ("2026-11-23T00:00:00", day),
            ("03.04.2026", "\"2026-04-03\""),
            ("05/05/2026", "\"2026-05-05\""),
            ("29.2.2024", "\"2024-02-29\""),
            ("", "nothing"),
            ("none", "nothing"),
            ("03/04/2026", "unread"),
            ("3-4-2026", "unread"),
            ("29.2.2026", "unread"),
            ("23/11/26", "unread"),
            ("2026", "unread"),
            ("Nov 2026", "unread"),
            ("0000-00-00", "unread"),
            ("yesterday", "unread"),
            ("2026-11-23T09:00:00Z", "unread"),
            ("2026-13-01", "unread"),
            ("Ma 5 2026", "unread"),
            ("tbd", "unread"),
        ],
    );
}

#[test]
fn an_address_is_completed_only_where_it_plainly_is_one() {
    assert_reads(
        &json!({ "type": "string", "format": "uri" }),
        &[
            ("https://github.com/x/y", "\"https://github.com/x/y\""),
            ("git://example.org/x", "\"git://example.org/x\""),
            ("github.com/x/y", "\"https://github.com/x/y\""),
            ("www.example.org", "\"https://www.example.org\""),
            ("n/a", "nothing"),
            ("None", "nothing"),
            ("-", "nothing"),
            ("", "nothing"),
            ("  ", "nothing"),
            ("on our server", "unread"),
            ("git@github.com:x/y.git", "unread"),
            ("x/y", "unread"),
            ("1.2.3.4", "unread"),
            ("https://", "unread"),
            ("https://a.org https://b.org", "unread"),
            ("1.5", "unread"),
            ("a.b", "unread"),
        ],
    );
}

#[test]
fn a_choice_is_read_by_its_value_or_its_title() {
    let hosting = json!({ "type": "string", "oneOf": [
        { "const": "SAAS", "title": "On the hosted service" }, { "const": "SELF_MANAGED", "title": "On our own machines" }
    ] });
    let own = "\"SELF_MANAGED\"";
    assert_reads(
        &hosting,
        &[
            ("SELF_MANAGED", own),
            ("Self-managed", own),
            ("self managed", own),
            ("on our own machines", own),
            ("", "nothing"),
            ("n/a", "nothing"),
            ("-", "nothing"),
            ("both", "unread"),
            ("SAAS or self-managed", "unread"),
        ],
    );
    assert_reads(
        &json!({ "enum": ["SEED", "NONE"] }),
        &[("none", "\"NONE\""), ("n/a", "nothing"), ("x", "unread")],
    );
    let levels = json!({ "type": "integer", "enum": [1, 2] });
    assert_reads(&levels, &[("2", "2"), ("2.0", "2"), ("3", "unread")]);
}

#[test]
fn a_field_is_read_as_the_definition_it_refers_to() {
    let form = json!({
        "type": "object", "$defs": { "count": { "type": "integer", "maximum": 9, "title": "Count" } },
        "properties": { "seats": { "$ref": "#/$defs/count", "title": "Seats" } }
    });
    let seats = Form::compile(&form).unwrap().properties()[0].clone();
    assert_eq!(
        (
            seats.title.as_str(),
            read(&seats, "5").as_str(),
            read(&seats, "10").as_str()
        ),
        ("Seats", "5", "unread")
    );
}

#[test]
fn a_text_is_kept_as_it_is_and_trimmed() {
    assert_reads(
        &json!({ "type": "string" }),
        &[
            (" BSD 3-clause ", "\"BSD 3-clause\""),
            ("Zürich 東京", "\"Zürich 東京\""),
            ("n/a", "\"n/a\""),
            ("two\nlines", "\"two\\nlines\""),
            ("\u{a0}", "nothing"),
            ("a\u{0}b", "unread"),
            ("a\u{7}b", "unread"),
        ],
    );
    let mail = json!({ "type": "string", "format": "email" });
    assert_reads(
        &mail,
        &[
            ("ada@example.org", "\"ada@example.org\""),
            ("ada at example.org", "unread"),
            ("n/a", "nothing"),
        ],
    );
}

#[test]
fn a_cell_holds_a_list_where_its_entries_are_plainly_parted() {
    let words = json!({ "type": "array", "items": { "type": "string" } });
    assert_reads(
        &words,
        &[
            ("a; b", r#"["a","b"]"#),
            ("a | b |", r#"["a","b"]"#),
            ("a", r#"["a"]"#),
            (r#"["a", "b,c"]"#, r#"["a","b,c"]"#),
            ("a, b", "unread"),
            ("[a", "unread"),
            ("", "nothing"),
        ],
    );
    let choices = json!({ "type": "array", "items": { "enum": ["CI", "WIKI"] } });
    assert_reads(
        &choices,
        &[("ci, wiki", r#"["CI","WIKI"]"#), ("ci, mail", "unread")],
    );
    assert_reads(
        &json!({ "type": "object" }),
        &[
            (r#"{"a":1}"#, r#"{"a":1}"#),
            ("[1]", "unread"),
            ("a", "unread"),
        ],
    );
}

#[test]
fn a_value_with_a_type_of_its_own_is_kept_where_the_type_fits() {
    for (schema, raw, expected) in [
        (json!({ "type": "boolean" }), json!(true), Some(json!(true))),
        (json!({ "type": "boolean" }), json!(1), Some(json!(true))),
        (
            json!({ "type": "boolean" }),
            json!("yes"),
            Some(json!(true)),
        ),
        (
            json!({ "type": "integer", "maximum": 9 }),
            json!(5),
            Some(json!(5)),
        ),
        (
            json!({ "type": "integer", "maximum": 9 }),
            json!(5.0),
            Some(json!(5)),
        ),
        (json!({ "type": "integer", "maximum": 9 }), json!(10), None),
        (json!({ "type": "integer" }), json!(2.5), None),
        (json!({ "type": "integer" }), json!(true), None),
        (json!({ "type": "number" }), json!(1.2), Some(json!(1.2))),
        (
            json!({ "type": "string" }),
            json!(12345),
            Some(json!("12345")),
        ),
        (json!({ "type": "string" }), json!({ "a": 1 }), None),
        (json!({ "type": "array" }), json!(["a"]), Some(json!(["a"]))),
        (json!({ "type": "array" }), json!({}), None),
    ] {
        let expected = expected.map_or(Reading::Unread, Reading::Value);
        assert_eq!(
            read_json(&field(&schema), &raw),
            expected,
            "{raw} as {schema}"
        );
    }
    assert_eq!(
        read_json(&field(&json!({})), &Value::Null),
        Reading::Nothing
    );
}

fn any_property() -> impl Strategy<Value = Property> {
    let kinds = [
        Kind::Text,
        Kind::Integer,
        Kind::Number,
        Kind::Boolean,
        Kind::List,
        Kind::Object,
    ];
    let kinds = proptest::sample::select(kinds.to_vec());
    let formats = proptest::option::of("date|date-time|uri|email|regex");
    (kinds, formats, any::<bool>()).prop_map(|(kind, format, nested)| {
        let items = nested.then(|| Box::new(field(&json!({ "type": "integer" }))));
        Property {
            kind,
            format,
            items,
            ..field(&json!({}))
        }
    })
}

proptest! {
    #[test]
    fn reading_never_panics(property in any_property(), raw in any::<String>()) {
        let _ = read_value(&property, &raw);
    }

    #[test]
    fn what_looks_like_an_answer_never_panics_either(
        property in any_property(), raw in "[-−0-9,.'/: \\[\\]{}\";|TNovMay年\u{a0}]{0,24}"
    ) {
        let _ = read_value(&property, &raw);
    }

    #[test]
    fn every_whole_number_and_every_day_is_read_back(number in any::<i64>(), days in 0..80_000u64) {
        let integer = field(&json!({ "type": "integer" }));
        prop_assert_eq!(read_value(&integer, &number.to_string()), Reading::Value(json!(number)));
        let day = chrono::NaiveDate::from_ymd_opt(1900, 1, 1).unwrap() + chrono::Days::new(days);
        let date = field(&json!({ "type": "string", "format": "date" }));
        for written in ["%Y-%m-%d", "%d.%m.%Y", "%e %B %Y", "%b %e, %Y", "%d-%b-%Y"] {
            let raw = day.format(written).to_string();
            prop_assert_eq!(read_value(&date, &raw), Reading::Value(json!(day.to_string())), "{}", raw);
        }
    }

    #[test]
    fn a_comparable_name_compares_with_itself(name in any::<String>()) {
        prop_assert_eq!(comparable(&comparable(&name)), comparable(&name));
    }
}
