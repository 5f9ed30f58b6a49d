//! One row for each kind of change.

use super::{Level, compare};

/// What is added to both sides, so that each is a schema.
const AROUND: &str = "type Query { root: String }";

/// Old, new, and every change as it is told.
const CHANGES: &[(&str, &str, &[&str])] = &[
    // Types.
    (
        "type A { f: Int } extend type Query { a: A }",
        "",
        &["breaking   A is gone", "breaking   Query.a is gone"],
    ),
    ("", "type A { f: Int }", &["safe       A is new, an object"]),
    (
        "scalar A",
        "enum A { X }",
        &["breaking   A was a scalar and is an enum"],
    ),
    (
        "scalar A @specifiedBy(url: \"https://one.example\")",
        "scalar A @specifiedBy(url: \"https://two.example\")",
        &["dangerous  A is specified by another document now"],
    ),
    // Roots.
    (
        "type M { f: Int } schema { query: Query mutation: M }",
        "type M { f: Int } schema { query: Query }",
        &["breaking   M is the mutation type no more"],
    ),
    (
        "type M { f: Int } type N { f: Int } schema { query: Query mutation: M }",
        "type M { f: Int } type N { f: Int } schema { query: Query mutation: N }",
        &["breaking   M is the mutation type no more; N is"],
    ),
    (
        "type Mutation { f: Int }",
        "type Mutation { f: Int } schema { query: Query mutation: Mutation }",
        &[],
    ),
    // Fields.
    (
        "type A { f: Int g: Int }",
        "type A { f: Int }",
        &["breaking   A.g is gone"],
    ),
    (
        "type A { f: Int }",
        "type A { f: Int g: Int }",
        &["safe       A.g is new"],
    ),
    (
        "interface A { f: Int g: Int }",
        "interface A { f: Int }",
        &["breaking   A.g is gone"],
    ),
    (
        "type A { f: Int }",
        "type A { f: String }",
        &["breaking   A.f answers String, not Int"],
    ),
    (
        "type A { f: Int }",
        "type A { f: Int! }",
        &["safe       A.f answers Int!, not Int"],
    ),
    (
        "type A { f: Int! }",
        "type A { f: Int }",
        &["breaking   A.f answers Int, not Int!"],
    ),
    (
        "type A { f: [Int] }",
        "type A { f: [Int!]! }",
        &["safe       A.f answers [Int!]!, not [Int]"],
    ),
    (
        "type A { f: [Int!]! }",
        "type A { f: [Int]! }",
        &["breaking   A.f answers [Int]!, not [Int!]!"],
    ),
    (
        "type A { f: [Int] }",
        "type A { f: Int }",
        &["breaking   A.f answers Int, not [Int]"],
    ),
    (
        "interface I { f: Int } type A implements I { f: Int } type B { i: I }",
        "interface I { f: Int } type A implements I { f: Int } type B { i: A }",
        &["breaking   B.i answers A, not I"],
    ),
    // Arguments.
    (
        "type A { f(x: Int): Int }",
        "type A { f: Int }",
        &["breaking   A.f(x:) is gone"],
    ),
    (
        "type A { f: Int }",
        "type A { f(x: Int): Int }",
        &["dangerous  A.f(x:) is new"],
    ),
    (
        "type A { f: Int }",
        "type A { f(x: Int! = 1): Int }",
        &["dangerous  A.f(x:) is new"],
    ),
    (
        "type A { f: Int }",
        "type A { f(x: Int!): Int }",
        &["breaking   A.f(x:) is new, and required"],
    ),
    (
        "type A { f(x: Int): Int }",
        "type A { f(x: String): Int }",
        &["breaking   A.f(x:) takes String, not Int"],
    ),
    (
        "type A { f(x: Int!): Int }",
        "type A { f(x: Int): Int }",
        &["safe       A.f(x:) takes Int, not Int!"],
    ),
    (
        "type A { f(x: Int): Int }",
        "type A { f(x: Int!): Int }",
        &["breaking   A.f(x:) takes Int!, not Int"],
    ),
    (
        "type A { f(x: [Int!]!): Int }",
        "type A { f(x: [Int]): Int }",
        &["safe       A.f(x:) takes [Int], not [Int!]!"],
    ),
    (
        "type A { f(x: [Int]): Int }",
        "type A { f(x: [Int!]): Int }",
        &["breaking   A.f(x:) takes [Int!], not [Int]"],
    ),
    (
        "type A { f(x: Int): Int }",
        "type A { f(x: [Int]): Int }",
        &["breaking   A.f(x:) takes [Int], not Int"],
    ),
    (
        "type A { f(x: Int = 1): Int }",
        "type A { f(x: Int = 2): Int }",
        &["dangerous  A.f(x:) is 2 if left out, not 1"],
    ),
    (
        "type A { f(x: Int): Int }",
        "type A { f(x: Int = 2): Int }",
        &["dangerous  A.f(x:) is 2 if left out"],
    ),
    (
        "type A { f(x: Int = 1): Int }",
        "type A { f(x: Int): Int }",
        &["dangerous  A.f(x:) is not 1 any more if left out"],
    ),
    (
        "type A { f(x: Int! = 1): Int }",
        "type A { f(x: Int!): Int }",
        &["breaking   A.f(x:) is not 1 any more if left out"],
    ),
    (
        "type A { f(x: I = { a: 1, b: [X] }): Int }",
        "type A { f(x: I = {a: 1 b: [ X ]}): Int }",
        &[],
    ),
    // Input objects.
    (
        "input A { f: Int g: Int }",
        "input A { f: Int }",
        &["breaking   A.g is gone"],
    ),
    (
        "input A { f: Int }",
        "input A { f: Int g: Int }",
        &["dangerous  A.g is new"],
    ),
    (
        "input A { f: Int }",
        "input A { f: Int g: Int! }",
        &["breaking   A.g is new, and required"],
    ),
    (
        "input A { f: Int! }",
        "input A { f: Int }",
        &["safe       A.f takes Int, not Int!"],
    ),
    (
        "input A { f: Int }",
        "input A { f: Int! }",
        &["breaking   A.f takes Int!, not Int"],
    ),
    (
        "input A { f: Int = 1 }",
        "input A { f: Int = 2 }",
        &["dangerous  A.f is 2 if left out, not 1"],
    ),
    (
        "input A { f: Int g: Int }",
        "input A @oneOf { f: Int g: Int }",
        &["breaking   A takes exactly one field now"],
    ),
    (
        "input A @oneOf { f: Int g: Int }",
        "input A { f: Int g: Int }",
        &["safe       A takes more than one field now"],
    ),
    // Interfaces, unions, enums.
    (
        "interface I { f: Int } type A implements I { f: Int }",
        "interface I { f: Int } type A { f: Int }",
        &["breaking   A implements I no more"],
    ),
    (
        "interface I { f: Int } type A { f: Int }",
        "interface I { f: Int } type A implements I { f: Int }",
        &["dangerous  A implements I now"],
    ),
    (
        "type A { f: Int } type B { f: Int } union U = A | B",
        "type A { f: Int } type B { f: Int } union U = A",
        &["breaking   U contains B no more"],
    ),
    (
        "type A { f: Int } type B { f: Int } union U = A",
        "type A { f: Int } type B { f: Int } union U = A | B",
        &["dangerous  U contains B now"],
    ),
    (
        "enum E { X Y }",
        "enum E { X }",
        &["breaking   E.Y is gone"],
    ),
    ("enum E { X }", "enum E { X Y }", &["dangerous  E.Y is new"]),
    // Directives.
    ("directive @d on FIELD", "", &["breaking   @d is gone"]),
    ("", "directive @d on FIELD", &["safe       @d is new"]),
    (
        "directive @d(x: Int) on FIELD",
        "directive @d on FIELD",
        &["breaking   @d(x:) is gone"],
    ),
    (
        "directive @d on FIELD",
        "directive @d(x: Int!) on FIELD",
        &["breaking   @d(x:) is new, and required"],
    ),
    (
        "directive @d on FIELD | FRAGMENT_SPREAD",
        "directive @d on FIELD | QUERY",
        &[
            "breaking   @d may not stand on FRAGMENT_SPREAD",
            "safe       @d may stand on QUERY",
        ],
    ),
    ("directive @skip(if: Boolean!) on FIELD", "", &[]),
    // Deprecation: told once, and then it may go.
    (
        "type A { f: Int }",
        "type A { f: Int @deprecated }",
        &["safe       A.f is deprecated"],
    ),
    (
        "type A { f: Int @deprecated }",
        "type A { f: Int }",
        &["safe       A.f is not deprecated any more"],
    ),
    (
        "enum E { X }",
        "enum E { X @deprecated }",
        &["safe       E.X is deprecated"],
    ),
    (
        "input A { f: Int }",
        "input A { f: Int @deprecated }",
        &["safe       A.f is deprecated"],
    ),
    (
        "type A { f: Int g: Int @deprecated }",
        "type A { f: Int }",
        &["breaking   A.g is gone (was deprecated)"],
    ),
    (
        "type A { f(x: Int @deprecated): Int }",
        "type A { f: Int }",
        &["breaking   A.f(x:) is gone (was deprecated)"],
    ),
    (
        "input A { f: Int g: Int @deprecated }",
        "input A { f: Int }",
        &["breaking   A.g is gone (was deprecated)"],
    ),
    (
        "enum E { X Y @deprecated }",
        "enum E { X }",
        &["breaking   E.Y is gone (was deprecated)"],
    ),
    (
        "type A { f(x: Int): Int @deprecated }",
        "type A { f(y: Int!): String @deprecated }",
        &[
            "breaking   A.f answers String, not Int (was deprecated)",
            "breaking   A.f(x:) is gone (was deprecated)",
            "breaking   A.f(y:) is new, and required (was deprecated)",
        ],
    ),
    (
        "type B { f: Int } type A { b: B } extend type Query { a: A @deprecated }",
        "",
        &[
            "breaking   A is gone (was deprecated)",
            "breaking   B is gone (was deprecated)",
            "breaking   Query.a is gone (was deprecated)",
        ],
    ),
    // What does not matter.
    (
        "\"One.\" type A { f: Int }",
        "\"Two.\" type A { \"Said.\" f: Int }",
        &[],
    ),
    (
        "type A { f: Int g: Int }",
        "type A { g: Int } extend type A { f: Int }",
        &[],
    ),
];

fn schema(text: &str) -> String {
    format!("{AROUND} {text}")
}

fn told(old: &str, new: &str) -> Vec<String> {
    let changes = compare(&schema(old), &schema(new));
    changes.map_or_else(
        |error| vec![error.to_string()],
        |changes| changes.iter().map(ToString::to_string).collect(),
    )
}

#[test]
fn every_kind_of_change_is_named_with_what_it_does_to_clients() {
    for (old, new, changes) in CHANGES {
        assert_eq!(told(old, new), *changes, "{old}  →  {new}");
        assert_eq!(told(new, new), Vec::<String>::new(), "{new}");
    }
}

#[test]
fn the_table_has_every_level() {
    for level in [Level::Breaking, Level::Dangerous, Level::Safe] {
        let level = level.to_string();
        let rows = CHANGES.iter().flat_map(|(_, _, changes)| changes.iter());
        assert!(
            rows.filter(|it| it.starts_with(&level)).count() > 5,
            "{level}"
        );
    }
}

#[test]
fn only_what_was_not_announced_breaks() {
    let old = schema("type A { f: Int g: Int @deprecated h: Int }");
    let new = schema("type A { f: Int }");
    let changes = compare(&old, &new).unwrap_or_default();
    let breaks: Vec<_> = changes.iter().filter(|it| it.breaks()).collect();
    assert_eq!(changes.len(), 2);
    assert_eq!(breaks.len(), 1);
    assert_eq!(breaks[0].coordinate, "A.h");
}

#[test]
fn what_is_no_schema_is_refused_and_says_which_one() {
    for (old, new, side) in [("type {", AROUND, "old"), (AROUND, "{ query }", "new")] {
        let said = compare(old, new).map_or_else(|error| error.to_string(), |_| String::new());
        assert!(said.contains(side), "{said}");
    }
    let twice = compare(AROUND, "type A { f: Int } enum A { X }");
    assert!(twice.is_err());
}
