//! The operation of a document: which one is meant, and whether its variables fit.
//!
//! The library answers mistakes of all stages alike. Here they are told apart, so that each has its
//! code: what does not parse, what names no operation, what lacks a variable.

use async_graphql::parser::Error as Unparsed;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::{Positioned, Variables};

use super::refused::{Refused, error};
use crate::budget::inputs::Inputs;

/// Finds the operation that is to run, with variables of its types; says what it is.
pub fn check(
    document: &ExecutableDocument,
    name: Option<&str>,
    variables: &Variables,
) -> Result<OperationType, Refused> {
    let operation = &chosen(document, name)?.node;
    // The library would only notice where a value is used, when half of the operation may have run.
    Inputs::ours()
        .check(operation, variables)
        .map_err(|misfit| {
            Refused::document(error("BAD_USER_INPUT", misfit.message, vec![misfit.at]))
        })?;
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
}
