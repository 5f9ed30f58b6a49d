//! Expressions that somebody wrote to do harm, or by accident.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::json;

use super::InvalidExpression::{
    Comment, Function, Letter, Loops, Message, Pattern, Quotes, TooDeep, TooLong, TooManyWords,
    TooMuchWork, Word,
};
use super::{Expression, Problem};
use crate::facts::{Facts, Source};

fn refused(text: &str) -> super::InvalidExpression {
    match Expression::compile(text) {
        Err(mistake) => mistake,
        Ok(_) => panic!("taken: {text}"),
    }
}

#[test]
fn what_is_too_long_or_deep_never_reaches_the_parser() {
    assert_eq!(refused(&"x".repeat(2_001)), TooLong);
    assert_eq!(refused(&"(".repeat(2_000)), TooDeep);
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{1:", "}"),
        ("size(", ")"),
        ("(true?", ":1)"),
        ("!(", ")"),
    ] {
        let text = format!("{}1{}", open.repeat(17), close.repeat(17));
        assert_eq!(refused(&text), TooDeep, "{open}");
    }
    // Closing brackets within strings close nothing.
    assert_eq!(refused(&r#"(")","#.repeat(17)), TooDeep);
    assert_eq!(refused(&r"(r'\'+')'+".repeat(17)), TooDeep);
    for link in [
        "+1", ".a", "&&a", "==1", "[0]", "*a", " in a", "-1", "!", "?1:1",
    ] {
        let mistake = refused(&format!("a{}", link.repeat(2_000 / link.len() - 1)));
        assert!(
            mistake == TooManyWords || mistake == TooDeep,
            "{link}: {mistake}"
        );
    }
}

#[test]
fn chains_of_operators_are_bounded_in_depth() {
    for link in ["+1", ".a", "==1", "[0]", "*a", " in a", ".size()"] {
        assert_eq!(refused(&format!("a{}", link.repeat(40))), TooDeep, "{link}");
    }
    // The parser balances these, so they stay flat.
    let expression = Expression::compile(&["a"; 130].join("||")).unwrap();
    assert_eq!(
        expression.evaluate(&Facts::default()),
        Err(Problem::Missing(vec!["a".to_owned()]))
    );
}

#[test]
fn strings_are_taken_in_one_spelling() {
    for text in [
        "'a",
        "'a\n'",
        "'''a'''",
        "\"\"\"a\"\"\"",
        "b'a'",
        "br'a'",
        "rr'a'",
        r"'\x41'",
        r"'\q'",
        r"'\",
        "r'",
        "1r''",
    ] {
        assert_eq!(refused(text), Quotes, "{text}");
    }
    for text in [
        r"r'\d' == '\\d'",
        "'' == \"\"",
        r#"'it\'s' == "it's""#,
        "R'(' == '('",
        "'ä{[(' != ''",
    ] {
        let holds =
            Expression::compile(text).map(|expression| expression.evaluate(&Facts::default()));
        assert_eq!(holds, Ok(Ok(true)), "{text}");
    }
    assert_eq!(refused("a // b"), Comment);
    for (text, letter) in [
        ("a;b", ';'),
        ("ä", 'ä'),
        ("a@b", '@'),
        ("`a`", '`'),
        ("#", '#'),
        ("\\", '\\'),
        ("\0", '\0'),
    ] {
        assert_eq!(refused(text), Letter(letter));
    }
}

#[test]
fn only_functions_of_bounded_work_can_be_called() {
    assert_eq!(refused("optional.of(a)"), Function("of".to_owned()));
    assert_eq!(refused("a.split('')"), Function("split".to_owned()));
    assert_eq!(refused("type(a) == a"), Function("type".to_owned()));
    assert_eq!(refused("a.all(b)"), Function("all".to_owned()));
    assert_eq!(refused("name{field: 1}"), Message);
    // An unknown fact of such a name would seem to be known.
    for name in ["type", "string", "int", "bool", "list", "map"] {
        assert_eq!(
            refused(&format!("{name} == 'school'")),
            Word(name.to_owned())
        );
        assert_eq!(
            refused(&format!("a.all({name}, true)")),
            Word(name.to_owned())
        );
    }
    for text in [
        "",
        " ",
        "a b",
        "a &&",
        "a = b",
        "a & b",
        ")",
        "a.?b",
        "[?a]",
        "has(a)",
        "a.all(1, true)",
        "5 5",
        "0x",
    ] {
        Expression::compile(text).unwrap_err();
    }
}

#[test]
fn patterns_are_written_out_short_and_valid() {
    for text in [
        "a.matches(b)",
        "a.matches('x' + 'y')",
        "a.matches('(')",
        "a.matches(1)",
        "matches(a, b)",
        r"a.matches(r'(\w{20}){20}')",
        r"a.matches('\\w{250}')",
        "a.matches(r'x{1000}{1000}')",
        "a.matches(r'\\p{Nonsense}')",
        "a.matches('x{99999999999999999999999}')",
        "a.matches()",
    ] {
        assert_eq!(refused(text), Pattern, "{text}");
    }
    assert_eq!(
        refused(&format!("a.matches('{}')", "x".repeat(201))),
        Pattern
    );
    Expression::compile(r"a.matches(r'^[^@]{1,64}@\p{L}+$')").unwrap();
    Expression::compile("matches(a, 'x')").unwrap();
}

#[test]
fn loops_are_few_flat_and_cheap() {
    assert_eq!(refused("a.all(x, a.all(y, x == y))"), Loops);
    assert_eq!(refused("a.all(x, [1].map(y, y) == x)"), Loops);
    assert_eq!(refused(&["[1].all(x, true)"; 9].join("&&")), Loops);
    for text in [
        "a.map(x, a) == a",
        "a.all(x, b + b + b + b + b == c)",
        "a.map(x, x + x).map(x, [b, b]) == a",
        r"a.all(x, x.matches(r'\w+'))",
        "[a, a, a, a].all(x, x == [b, b, b, b, b, b, b, b] && a == b && a == c && b == c)",
    ] {
        let outcome = Expression::compile(text).map(|expression| expression.references().len());
        assert!(
            outcome == Err(TooMuchWork) || text.starts_with('['),
            "{text}: {outcome:?}"
        );
    }
    for text in [
        "a.all(x, x in b)",
        "a.filter(x, x != '').exists(x, x.startsWith('a'))",
        "['a', 'b'].all(x, a.matches('^a+$') || x in b)",
    ] {
        Expression::compile(text).unwrap();
    }
}

/// The dearest expression that is taken still ends soon, on the largest facts.
#[test]
fn what_is_taken_ends_soon() {
    let mut facts = Facts::default();
    let words: Vec<_> = (0..1_000).map(|n| format!("{n:>10}")).collect();
    facts.know("a", json!(words), Source::Applicant, String::new());
    facts.know("b", json!(words), Source::Applicant, String::new());
    facts.know(
        "t",
        json!("x".repeat(10_000)),
        Source::Applicant,
        String::new(),
    );
    for text in [
        "a.all(x, x in b || x in b || !(x in b))",
        "a.filter(x, !(x + '!' in b)).map(x, x + x) != a",
        "a.all(x, !t.contains(x))",
        "a.map(x, x + '!').exists(x, x in b)",
    ] {
        let expression = Expression::compile(text).unwrap();
        let start = Instant::now();
        expression.evaluate(&facts).unwrap();
        let taken = start.elapsed();
        assert!(taken < Duration::from_secs(20), "{text}: {taken:?}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>()) {
        if let Ok(expression) = Expression::compile(&text) {
            let _ = expression.evaluate(&Facts::default());
        }
    }

    #[test]
    fn no_text_of_words_of_the_language_panics(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "a", "b", "c", "1", "0", "-", "1.5", "'x'", "r'\\d'", "true", "null", "&&", "||", "!", "==", "<", "+",
                "/", "%", "in", "?", ":", "(", ")", "[", "]", "{", "}", ".", ",", "size", "matches", "all", "map", "has",
                "string(a)", "a.exists(x, x == b)", "(a == b)", "[a, 1]", "{'k': a}", "timestamp('x')",
            ]),
            0..25,
        )
    ) {
        let mut facts = Facts::default();
        facts.know("a", json!(["x", 1, null]), Source::Applicant, String::new());
        facts.know("b", json!(-1), Source::Applicant, String::new());
        if let Ok(expression) = Expression::compile(&words.join(" ")) {
            let outcome = expression.evaluate(&facts);
            let is_missing = matches!(outcome, Err(Problem::Missing(_)));
            prop_assert!(!is_missing || expression.references().iter().any(|name| name != "a" && name != "b"));
        }
    }
}
