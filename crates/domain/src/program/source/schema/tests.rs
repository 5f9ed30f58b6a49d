#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use super::super::ready::open_source;
use super::super::tests::{mistakes, with};
use super::lines;

#[test]
fn every_key_and_item_has_its_line() {
    let text = "{\n\"a\\\"}\": [1,\n{\"b\" : \"x:{\"}],\n\"c\": {}, \"d\": 1}";
    let expected = [
        (".a\"}", 2),
        (".a\"}[0]", 2),
        (".a\"}[1]", 3),
        (".a\"}[1].b", 3),
        (".c", 4),
        (".d", 4),
    ];
    let expected = expected.map(|(path, line)| (path.to_owned(), line));
    assert_eq!(lines(text), BTreeMap::from(expected));
}

#[test]
fn a_form_is_checked_as_a_form() {
    let form = r#"{
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "array",
  "required": "everything",
  "properties": {
    "organization": { "title": "Organisation", "description": "Its name.", "type": "strung" },
    "is_member": {
      "title": "Member",
      "description": " "
    },
    "seats": { "type": "integer" }
  }
}"#;
    assert_eq!(
        mistakes(&with(&[("form.schema.json", form)])),
        [
            r#"form.schema.json:2 "$schema" must be "https://json-schema.org/draft/2020-12/schema""#,
            r#"form.schema.json:3 a form has the "type" "object""#,
            r#"form.schema.json:4 this is not JSON Schema: "everything" is not of type "array""#,
            r#"form.schema.json:6 this is not JSON Schema: "strung" is not valid under any of the schemas listed in the 'anyOf' keyword"#,
            r#"form.schema.json:7 a verifier gives the fact "is_member"; choose another name for the field"#,
            r#"form.schema.json:9 the field "is_member" needs a "description", which people read"#,
            r#"form.schema.json:11 the field "seats" needs a "description", which people read"#,
            r#"form.schema.json:11 the field "seats" needs a "title", which people read"#,
        ]
    );
    let form = open_source().files["form.schema.json"].clone();
    for (good, bad, message) in [
        (
            "\"^https://\"",
            "\"(?=a)\"",
            "\"(?=a)\" is no pattern that runs in linear time; write it without looking around and without references",
        ),
        (
            "\"email\",\n      \"maxLength\"",
            "\"emial\",\n      \"maxLength\"",
            "\"emial\" is no format; known are email, uri, date, date-time and others of JSON Schema",
        ),
        (
            "\"agreement\"\n  ]",
            "\"agreemnt\"\n  ]",
            "\"agreemnt\" is required and no field: did you mean \"agreement\"?",
        ),
        (
            "\"seats\": {",
            "\"mail_free\": {",
            "a verifier gives the fact \"mail_free\"; choose another name for the field",
        ),
    ] {
        let text = form.replacen(good, bad, 1);
        let line = text[..text.find(bad).unwrap()].lines().count();
        let found = mistakes(&with(&[("form.schema.json", &text)]));
        let expected = format!("form.schema.json:{line} {message}");
        assert!(found.contains(&expected), "{expected}\n{found:#?}");
    }
}

#[test]
fn a_form_refers_to_its_own_definitions_only_and_these_to_none() {
    let field = |schema: &str| format!("{{ \"title\": \"A\", \"description\": \"B\", {schema} }}");
    let form = |a: &str, b: &str| {
        format!(
            r##"{{
  "type": "object",
  "properties": {{
    "organization": {},
    "other": {}
  }},
  "$defs": {{
    "name": {{ "type": "string" }},
    "names": {{ "allOf": [{{ "$ref": "#/$defs/name" }}, {{ "$ref": "#/$defs/name" }}] }}
  }}
}}"##,
            field(a),
            field(b)
        )
    };
    let text = form(r#""$ref": "https://example.org/name""#, r##""$ref": "#""##);
    let mistakes = mistakes(&with(&[("form.schema.json", &text)]));
    assert_eq!(
        mistakes,
        [
            r##"form.schema.json:4 refer to "#/$defs/…", a definition in this file"##,
            r##"form.schema.json:5 refer to "#/$defs/…", a definition in this file"##,
            "form.schema.json:9 a definition must not refer to another one",
            "form.schema.json:9 a definition must not refer to another one",
        ]
    );
}
