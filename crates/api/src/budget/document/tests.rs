use std::fmt::Write;

use async_graphql::parser::parse_query;
use proptest::prelude::*;

use super::*;
use crate::budget::tests::trees::{Forest, Tree, forests, target};

const NONE: Bounds = Bounds {
    bytes: usize::MAX,
    tokens: usize::MAX,
    brackets: usize::MAX,
    word: usize::MAX,
    operations: usize::MAX,
    fragments: usize::MAX,
    selections: usize::MAX,
    depth: usize::MAX,
    levels: usize::MAX,
    aliases: usize::MAX,
    directives: usize::MAX,
    root_fields: usize::MAX,
    mutations: usize::MAX,
    introspection: usize::MAX,
};

fn sized(text: &str) -> Result<Size, Excess> {
    measure(&parse_query(text).expect(text), &NONE)
}

fn bounded(text: &str) -> Result<(), Excess> {
    measure(&parse_query(text).expect(text), &Bounds::default()).map(|_| ())
}

fn over(text: &str) -> &'static str {
    match bounded(text) {
        Err(Excess::Over(what, _)) => what,
        other => panic!("{other:?}: {text}"),
    }
}

#[test]
fn fragments_count_wherever_they_are_spread() {
    let text = "{ a ...F x: b { ...F } } fragment F on T @d { c @d ... on T { d: e } }";
    let expected = Size {
        selections: 4 + 2 * 3,
        aliases: 1 + 2,
        directives: 2 * 2,
        depth: 2,
        levels: 3,
        fields: 2 + 2,
        lists: 0,
    };
    assert_eq!(sized(text), Ok(expected));
}

#[test]
fn a_short_document_that_grows_beyond_all_numbers_is_measured_at_once() {
    let mut text = String::from("{ ...F0 }");
    for number in 0..29 {
        let spreads = format!("...F{} ", number + 1).repeat(10);
        let _ = write!(text, "fragment F{number} on Query {{ {spreads} }}");
    }
    text += "fragment F29 on Query { a }";
    let size = sized(&text).expect("it is measured");
    assert_eq!(size.selections, usize::MAX, "10 to the 29th");
    assert!(bounded(&text).is_err());
    assert_eq!(
        over(&text.replacen("{ ...F0 }", "{ a { ...F0 } }", 1)),
        "selections"
    );
}

#[test]
fn a_fragment_that_spreads_itself_is_refused_even_if_nothing_spreads_it() {
    for (text, fragment) in [
        ("{ ...A } fragment A on Query { ...A }", "A"),
        ("{ a } fragment A on Query { x { ... { ...A } } }", "A"),
    ] {
        assert_eq!(bounded(text), Err(Excess::Cycle(fragment.into())), "{text}");
    }
    let both = "{ a } fragment A on Query { ...B } fragment B on Query { ...A }";
    assert!(matches!(bounded(both), Err(Excess::Cycle(_))));
    assert_eq!(bounded("{ ...Unknown }"), Ok(()), "validation tells");
}

#[test]
fn each_bound_of_the_document_holds() {
    let bounds = Bounds::default();
    let nested = |depth: usize| format!("{}a{}", "{ a ".repeat(depth - 1) + "{", "}".repeat(depth));
    assert_eq!(bounded(&nested(bounds.depth)), Ok(()));
    assert_eq!(over(&nested(bounds.depth + 1)), "fields inside each other");
    let aliased = |number: usize| format!("{{ a {{ {} }} }}", "x: b ".repeat(number));
    assert_eq!(bounded(&aliased(bounds.aliases)), Ok(()));
    assert_eq!(over(&aliased(bounds.aliases + 1)), "aliases");
    let directed = |number: usize| format!("{{ a {} }}", "@d ".repeat(number));
    assert_eq!(bounded(&directed(bounds.directives)), Ok(()));
    assert_eq!(over(&directed(bounds.directives + 1)), "directives");
    let many = |number: usize| format!("{{ a {{ {} }} }}", "b ".repeat(number - 1));
    assert_eq!(bounded(&many(bounds.selections)), Ok(()));
    assert_eq!(over(&many(bounds.selections + 1)), "selections");
    let roots = |number: usize| format!("{{ {} }}", "a ".repeat(number));
    assert_eq!(bounded(&roots(bounds.root_fields)), Ok(()));
    assert_eq!(over(&roots(bounds.root_fields + 1)), "root fields");
    let mutations = |number: usize| format!("mutation {{ {} }}", "a ".repeat(number));
    assert_eq!(bounded(&mutations(bounds.mutations)), Ok(()));
    assert_eq!(
        over(&mutations(bounds.mutations + 1)),
        "mutations in one operation"
    );
    let operations = |number: usize| {
        (0..number).fold(String::new(), |text, it| {
            text + &format!("query Q{it} {{ a }}")
        })
    };
    assert_eq!(bounded(&operations(bounds.operations)), Ok(()));
    assert_eq!(over(&operations(bounds.operations + 1)), "operations");
    let fragments = |number: usize| {
        (0..number).fold("{ a }".to_owned(), |text, it| {
            text + &format!("fragment F{it} on T {{ a }}")
        })
    };
    assert_eq!(bounded(&fragments(bounds.fragments)), Ok(()));
    assert_eq!(over(&fragments(bounds.fragments + 1)), "fragments");
}

#[test]
fn operations_of_one_document_count_together_because_all_are_validated() {
    let half = Bounds::default().selections / 2;
    let operation = |name: &str| format!("query {name} {{ a {{ {} }} }}", "b ".repeat(half));
    assert_eq!(bounded(&operation("A")), Ok(()));
    assert_eq!(over(&(operation("A") + &operation("B"))), "selections");
}

#[test]
fn a_long_chain_of_fragments_is_refused_before_anything_recurses_with_it() {
    let chain = |length: usize| {
        (0..length).fold("{ ...F0 }".to_owned(), |text, it| {
            text + &format!("fragment F{it} on T {{ ...F{} }}", it + 1)
        })
    };
    assert_eq!(bounded(&chain(31)), Ok(()));
    assert_eq!(over(&chain(299)), "fields and fragments inside each other");
}

#[test]
fn a_subscription_has_one_field_and_a_mutation_hides_none_in_fragments() {
    assert_eq!(bounded("subscription { a }"), Ok(()));
    assert_eq!(bounded("subscription { a b }"), Err(Excess::Subscription));
    let spread = "subscription { ...F } fragment F on S { a ... { b } }";
    assert_eq!(bounded(spread), Err(Excess::Subscription));
    let mutations = format!(
        "mutation {{ ...F ...F ...F }} fragment F on M {{ {} }}",
        "a ".repeat(4)
    );
    assert_eq!(over(&mutations), "mutations in one operation");
}

#[test]
fn the_schema_is_told_to_tools_and_not_to_those_who_go_round_in_it() {
    let tool = "{ __schema { types { fields { args { type { ofType { ofType { name } } } } } } } }";
    assert_eq!(bounded(tool), Ok(()));
    let twice = "{ __schema { types { fields { type { possibleTypes { name } } } } } }";
    assert_eq!(bounded(twice), Ok(()));
    for round in [
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
        "{ __type(name: \"Query\") { fields { type { ...F } } } } fragment F on __Type { interfaces { possibleTypes { name } } }",
    ] {
        assert_eq!(
            over(round),
            "lists of the schema inside each other",
            "{round}"
        );
    }
    assert_eq!(
        bounded("{ a { fields { fields { fields { fields } } } } }"),
        Ok(()),
        "ours"
    );
}

/// A document as `Forest` means it: fields with alias or directive, inline fragments, spreads.
fn written(text: &mut String, trees: &[Tree], place: Option<usize>) {
    for tree in trees {
        let spread = target(place, tree.number);
        let start = match (tree.kind, spread) {
            (2, _) => "x: f".to_owned(),
            (3, _) => "f @d".to_owned(),
            (4, _) if !tree.inside.is_empty() => "...".to_owned(),
            (5, _) if !tree.inside.is_empty() => "... on T @d".to_owned(),
            (6, Some(target)) => format!("...F{target}"),
            (7, Some(target)) => format!("...F{target} @d"),
            _ => "f".to_owned(),
        };
        text.push(' ');
        text.push_str(&start);
        if !start.starts_with("...F") && !tree.inside.is_empty() {
            text.push_str(" {");
            written(text, &tree.inside, place);
            text.push('}');
        }
        text.push(' ');
    }
}

/// The same, by writing every fragment out.
fn expand(forest: &Forest, trees: &[Tree], place: Option<usize>) -> Size {
    let mut size = Size::default();
    for tree in trees {
        size.selections += 1;
        let target = target(place, tree.number);
        let within = |inside: Size, own: usize| (inside, own);
        let (inside, level) = match (tree.kind, target) {
            (6 | 7, Some(target)) => {
                let mut inside = expand(forest, &forest.fragments[target], Some(target));
                inside.directives += target % 2;
                within(inside, 1)
            }
            _ => within(
                expand(forest, &tree.inside, place),
                usize::from(!tree.inside.is_empty()),
            ),
        };
        let spread = tree.kind >= 6 && target.is_some();
        let field = !spread && (!matches!(tree.kind, 4 | 5) || tree.inside.is_empty());
        size.selections += inside.selections;
        size.aliases += inside.aliases + usize::from(tree.kind == 2);
        let directive = tree.kind == 3 || (tree.kind == 5 && !field) || (tree.kind == 7 && spread);
        size.directives += inside.directives + usize::from(directive);
        size.depth = size.depth.max(inside.depth + usize::from(field));
        size.levels = size.levels.max(inside.levels + level);
        size.fields += if field { 1 } else { inside.fields };
    }
    size
}

proptest! {
    #[test]
    fn measuring_each_fragment_once_is_the_same_as_writing_them_all_out(forest in forests()) {
        let open = |number: usize| if number % 2 == 1 { "on T @d" } else { "on T" }.to_owned();
        let text = forest.text(open, written);
        prop_assert_eq!(sized(&text), Ok(expand(&forest, &forest.operation, None)), "{}", text);
    }
}
