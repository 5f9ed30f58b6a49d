use std::fmt::Write;

use async_graphql::parser::parse_query;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::budget::tests::trees::{Forest, Tree, forests, target};

const SDL: &str = "
    type Query { a: A, list: [A!]!, words: [String!]!, page(first: Int, last: Int): AConnection, nodes(ids: [ID!]!): [A] }
    type Mutation { change(text: String): A }
    type Subscription { changed: A }
    type A { x(like: X): Int, a: A, list: [A!]!, page(first: Int, last: Int): AConnection }
    input X { text: String }
    type AConnection { nodes: [A!]!, edges: [AEdge!]!, totalCount: Int }
    type AEdge { node: A, cursor: String! }
";

fn reckoned(text: &str, variables: serde_json::Value) -> Cost {
    let document = parse_query(text).expect(text);
    let shape = Shape::read(SDL).expect("it is a schema");
    let operation = operation(&document, None).expect("there is one");
    reckon(
        &document,
        operation,
        &Variables::from_json(variables),
        &shape,
    )
}

fn cost(text: &str) -> u64 {
    reckoned(text, json!({})).whole
}

#[test]
fn a_field_costs_one_and_a_page_its_rows() {
    for (text, expected) in [
        ("{ __typename }", 1),
        ("{ a { x } }", 2),
        ("{ a { x ... on A { x } ... { x } } }", 4),
        ("{ list { x } }", 1 + 4),
        ("{ words }", 1),
        ("{ page(first: 3) { nodes { x } } }", 10 + 3 * 2),
        (
            "{ page(last: 3) { nodes { x } totalCount } }",
            10 + 3 * 2 + 1,
        ),
        ("{ page { nodes { x } } }", 10 + 20 * 2),
        ("{ page(first: null) { nodes { x } } }", 10 + 20 * 2),
        ("{ page(first: 2, last: 5) { nodes { x } } }", 10 + 5 * 2),
        (
            "{ page(first: 3) { edges { cursor node { x } } } }",
            10 + 3 * 4,
        ),
        (
            "{ page(first: 3) { ...F totalCount } } fragment F on AConnection { nodes { x } }",
            10 + 3 * 2 + 1,
        ),
        (
            "{ page(first: 2) { nodes { page(first: 3) { nodes { x } } } } }",
            10 + 2 * (1 + 10 + 3 * 2),
        ),
        ("{ page(first: 0) { nodes { x } } }", 10),
        ("{ page(first: -1) { nodes { x } } }", 10),
        ("{ page(first: 2000000000) { nodes { x } } }", 10 + 500 * 2),
        ("{ nodes(ids: [\"a\", \"b\"]) { x } }", 1 + 2),
        ("{ nothing { x } }", 2),
        ("mutation { change { x } }", 10 + 1),
        ("subscription { changed { x } }", 10 + 1),
    ] {
        assert_eq!(cost(text), expected, "{text}");
    }
}

#[test]
fn sizes_come_from_variables_and_their_defaults_too() {
    let query = "query($n: Int = 4, $ids: [ID!]! = []) { page(first: $n) { nodes { x } } nodes(ids: $ids) { x } }";
    assert_eq!(reckoned(query, json!({})).whole, 10 + 4 * 2 + 1);
    let given = json!({ "n": 7, "ids": ["a", "b", "c"] });
    assert_eq!(reckoned(query, given).whole, 10 + 7 * 2 + 1 + 3);
    assert_eq!(
        reckoned(query, json!({ "n": "many" })).whole,
        10 + 20 * 2 + 1
    );
}

#[test]
fn long_values_cost_wherever_they_are_used() {
    let used = |times: usize| {
        format!(
            "query($t: String) {{ {} }}",
            "a { x(like: { text: $t }) } ".repeat(times)
        )
    };
    let long = json!({ "t": "x".repeat(100_000) });
    assert_eq!(reckoned(&used(1), long.clone()).whole, 2 + 100);
    assert_eq!(reckoned(&used(50), long.clone()).whole, 50 * (2 + 100));
    let listed = json!({ "ids": vec![0; 100_000] });
    let list = reckoned("query($ids: [ID!]!) { nodes(ids: $ids) { x } }", listed).whole;
    assert!(list > 100_000 + 5_000, "{list}");
    let skipped = "query($t: String) { a @skip(if: $t) { x } }";
    assert_eq!(reckoned(skipped, long.clone()).whole, 2 + 100);
    let rows = "query($t: String) { page(first: 100) { nodes { x(like: { text: $t }) } } }";
    assert_eq!(reckoned(rows, long).whole, 10 + 100 * (2 + 100));
}

#[test]
fn a_product_of_pages_does_not_overflow() {
    let deep = "page(first: 500) { nodes { ".repeat(12) + "x" + &"} }".repeat(12);
    assert_eq!(cost(&format!("{{ {deep} }}")), u64::MAX);
}

#[test]
fn the_schema_costs_a_tenth_and_is_counted_apart() {
    let whole = reckoned(
        "{ __schema { types { fields { name } } } a { x } }",
        json!({}),
    );
    assert!(whole.introspection > 8, "{whole:?}");
    assert_eq!(whole.whole, 1 + whole.introspection.div_ceil(10) + 2);
    assert_eq!(reckoned("{ a { x } }", json!({})).introspection, 0);
}

#[test]
fn only_the_operation_that_runs_costs() {
    let document =
        parse_query("query A { a { x } } query B { page { nodes { x } } }").expect("it is one");
    assert!(
        operation(&document, None).is_none(),
        "either could be meant"
    );
    assert!(operation(&document, Some("C")).is_none());
    assert!(operation(&document, Some("A")).is_some());
}

fn fragment_for(place: Option<usize>, number: usize, page: bool) -> Option<usize> {
    let found = target(place, number)?;
    let found = found + usize::from((found % 2 == 1) != page);
    (found < 4).then_some(found)
}

/// A document as `Forest` means it, on objects or on pages; odd fragments are for pages.
fn written(text: &mut String, trees: &[Tree], place: Option<usize>, page: bool) {
    for tree in trees {
        let spread = fragment_for(place, tree.number, page);
        let (start, end, pages) = match (tree.kind, spread) {
            (6 | 7, Some(target)) => {
                let _ = write!(text, " ...F{target}");
                continue;
            }
            (0..=2, _) if page => ("nodes".to_owned(), "", false),
            (3 | 4, _) if page => ("edges { node".to_owned(), "}", false),
            _ if page => ("totalCount".to_owned(), "", true),
            (0, _) => ("list".to_owned(), "", false),
            (1 | 2, _) => (format!("page(first: {})", tree.number), "", true),
            (3, _) => ("page".to_owned(), "", true),
            _ => ("a".to_owned(), "", false),
        };
        text.push(' ');
        text.push_str(&start);
        if start != "totalCount" {
            text.push_str(" { __typename ");
            written(text, &tree.inside, place, pages);
            text.push('}');
        }
        text.push_str(end);
    }
}

/// The cost by writing every fragment out; `rows` are those of the page that it stands in.
fn expand(forest: &Forest, trees: &[Tree], place: Option<usize>, rows: Option<u64>) -> u64 {
    let page = rows.is_some();
    let each = |tree: &Tree| {
        if let (6 | 7, Some(target)) = (tree.kind, fragment_for(place, tree.number, page)) {
            return expand(forest, &forest.fragments[target], Some(target), rows);
        }
        let objects = || 1 + expand(forest, &tree.inside, place, None);
        let page_of = |rows| 10 + 1 + expand(forest, &tree.inside, place, Some(rows));
        match (tree.kind, rows) {
            (0..=2, Some(rows)) => rows * (1 + objects()),
            (3 | 4, Some(rows)) => rows * (2 + objects()),
            (_, Some(_)) => 1,
            (0, None) => 1 + 4 * objects(),
            (1 | 2, None) => page_of(tree.number as u64),
            (3, None) => page_of(20),
            _ => 1 + objects(),
        }
    };
    trees.iter().map(each).sum()
}

proptest! {
    #[test]
    fn reckoning_each_fragment_once_is_the_same_as_writing_them_all_out(forest in forests()) {
        let open = |number: usize| if number % 2 == 1 { "on AConnection" } else { "on A" }.to_owned();
        let text = forest.text(open, |text, trees, place| {
            if place.is_none() {
                text.push_str(" a {");
            }
            written(text, trees, place, place.is_some_and(|place| place % 2 == 1));
            if place.is_none() {
                text.push('}');
            }
        });
        prop_assert_eq!(cost(&text), 1 + expand(&forest, &forest.operation, None, None), "{}", text);
    }
}
