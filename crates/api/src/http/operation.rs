//! The operation of a document: which one is meant, and whether its variables are there.
//!
//! The library answers mistakes of all stages alike. Here they are told apart, so that each has its
//! code: what does not parse, what names no operation, what lacks a variable.

use async_graphql::parser::Error as Unparsed;
use async_graphql::parser::types::{
    ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Pos, Positioned, Value as Constant, Variables};

use super::refused::{Refused, error};

/// Finds the operation that is to run, with its variables there; says what it is.
pub fn check(
    document: &ExecutableDocument,
    name: Option<&str>,
    variables: &Variables,
) -> Result<OperationType, Refused> {
    let operation = &chosen(document, name)?.node;
    variables_are_there(operation, variables)?;
    Ok(operation.ty)
}

/// Names that are there twice are found by the parser, though they are a matter of validation.
pub fn unparsed(problem: &Unparsed) -> Refused {
    let code = match problem {
        Unparsed::MissingOperation => "OPERATION_RESOLUTION_FAILURE",
        Unparsed::RecursionLimitExceeded => "QUERY_TOO_COMPLEX",
        Unparsed::MultipleOperations { .. }
        | Unparsed::OperationDuplicated { .. }
        | Unparsed::FragmentDuplicated { .. } => "GRAPHQL_VALIDATION_FAILED",
        _ => "GRAPHQL_PARSE_FAILED",
    };
    let locations = problem.positions().collect();
    Refused::document(error(code, explained(problem), locations))
}

/// What the parser expected. Around that it draws the line, which may be as long as the document.
fn explained(problem: &Unparsed) -> String {
    let text = problem.to_string();
    let reason = text
        .lines()
        .last()
        .and_then(|line| line.trim().strip_prefix("= "));
    let reason: String = reason.unwrap_or(&text).chars().take(500).collect();
    format!("The document does not parse: {reason}.")
}

/// The operation that is meant: the one of this name, or the only one.
pub fn chosen<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a Positioned<OperationDefinition>, Refused> {
    let mut operations = document.operations.iter();
    let (found, problem) = match name {
        Some(name) => (
            operations.find(|(known, _)| known.is_some_and(|known| known == name)),
            "The document has no operation of the name in `operationName`.",
        ),
        None if operations.len() == 1 => (operations.next(), ""),
        None => (
            None,
            "The document has several operations: say which in `operationName`.",
        ),
    };
    let found = found.map(|(_, operation)| operation);
    found.ok_or_else(|| {
        Refused::document(error("OPERATION_RESOLUTION_FAILURE", problem, Vec::new()))
    })
}

/// A variable that must not be null has a value. The library only notices where it is used, and
/// by then half of the operation may have run.
fn variables_are_there(
    operation: &OperationDefinition,
    variables: &Variables,
) -> Result<(), Refused> {
    for definition in &operation.variable_definitions {
        let variable = &definition.node;
        let given = variables.get(&variable.name.node);
        let missing = match given {
            None => variable.default_value.is_none(),
            Some(value) => *value == Constant::Null,
        };
        if missing && !variable.var_type.node.nullable {
            let text = format!(
                "The variable `${}` of type `{}` must have a value.",
                variable.name.node, variable.var_type.node
            );
            return Err(Refused::document(error(
                "BAD_USER_INPUT",
                text,
                vec![definition.pos],
            )));
        }
    }
    Ok(())
}

/// Whether the argument at this place takes its value from a variable. Looked at only when
/// something is wrong with the value: is it the document's fault, or the variable's?
pub fn is_from_variable(document: &ExecutableDocument, at: Pos) -> bool {
    let operations = document.operations.iter();
    let operations = operations.map(|(_, it)| &it.node.selection_set.node);
    let fragments = document.fragments.values();
    let fragments = fragments.map(|it| &it.node.selection_set.node);
    operations.chain(fragments).any(|set| varies(set, at))
}

fn varies(set: &SelectionSet, at: Pos) -> bool {
    set.items.iter().any(|selection| {
        let directives = selection.node.directives().iter();
        let mut arguments: Vec<_> = directives.flat_map(|it| &it.node.arguments).collect();
        let below = match &selection.node {
            Selection::Field(field) => {
                arguments.extend(&field.node.arguments);
                Some(&field.node.selection_set.node)
            }
            Selection::InlineFragment(fragment) => Some(&fragment.node.selection_set.node),
            Selection::FragmentSpread(_) => None,
        };
        // A value without variables can be made a constant.
        arguments
            .into_iter()
            .any(|(name, value)| name.pos == at && value.node.clone().into_const().is_none())
            || below.is_some_and(|set| varies(set, at))
    })
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn code(document: &str, name: Option<&str>, variables: serde_json::Value) -> String {
        let variables = Variables::from_json(variables);
        let parsed = parse_query(document).map_err(|problem| unparsed(&problem));
        match parsed.and_then(|document| check(&document, name, &variables)) {
            Ok(kind) => kind.to_string(),
            Err(refused) => {
                let values = refused.errors[0].extensions.as_ref();
                let code = values.and_then(|values| values.get("code"));
                code.map(ToString::to_string).unwrap_or_default()
            }
        }
    }

    #[test]
    fn each_stage_has_its_code() {
        let none = || serde_json::json!({});
        let two = "query A { a } mutation B { b }";
        let typed = "query($id: ID!, $more: Int! = 1, $less: Int) { a(id: $id) }";
        for (document, name, variables, expected) in [
            ("{ a }", None, none(), "query"),
            (two, Some("B"), none(), "mutation"),
            ("{", None, none(), "\"GRAPHQL_PARSE_FAILED\""),
            ("", None, none(), "\"GRAPHQL_PARSE_FAILED\""),
            (
                "fragment F on Q { a }",
                None,
                none(),
                "\"OPERATION_RESOLUTION_FAILURE\"",
            ),
            (two, None, none(), "\"OPERATION_RESOLUTION_FAILURE\""),
            (two, Some("C"), none(), "\"OPERATION_RESOLUTION_FAILURE\""),
            (
                "{ a }",
                Some("A"),
                none(),
                "\"OPERATION_RESOLUTION_FAILURE\"",
            ),
            (
                "query A { a } query A { a }",
                None,
                none(),
                "\"GRAPHQL_VALIDATION_FAILED\"",
            ),
            (typed, None, none(), "\"BAD_USER_INPUT\""),
            (
                typed,
                None,
                serde_json::json!({ "id": null }),
                "\"BAD_USER_INPUT\"",
            ),
            (
                typed,
                None,
                serde_json::json!({ "id": "1", "more": null }),
                "\"BAD_USER_INPUT\"",
            ),
            (typed, None, serde_json::json!({ "id": "1" }), "query"),
        ] {
            assert_eq!(code(document, name, variables), expected, "{document}");
        }
    }

    #[test]
    fn a_value_is_the_documents_or_a_variables() {
        let at = |line, column| Pos { line, column };
        let document = "query($a: Int) {\n  x(one: 1, two: $a, three: [{ n: $a }])\n}\nfragment F on Q { ... { y(four: $a) @d(five: $a) } }";
        for (pos, expected) in [
            (at(2, 5), false),
            (at(2, 13), true),
            (at(2, 22), true),
            (at(4, 27), true),
            (at(4, 40), true),
            (at(9, 9), false),
        ] {
            let found = parse_query(document).map(|it| is_from_variable(&it, pos));
            assert_eq!(found, Ok(expected), "{pos}");
        }
    }
}
