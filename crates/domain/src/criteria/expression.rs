//! Expressions in the Common Expression Language (CEL), compiled once and bounded in work.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock};
use std::thread;

use cel::objects::{Key, Map};
use cel::{Context, Env, ExecutionError, Program, Value};
use serde_json::Value as Json;

use super::{bounds, cost};
use crate::facts::Facts;

/// CEL without optional values: a fact is known or it is not.
static ENVIRONMENT: LazyLock<Arc<Env>> =
    LazyLock::new(|| Arc::new(Env::stdlib().with_optional_support(false)));

/// Stack for the parser, which needs up to 4 MB for the deepest text in unoptimised code: more than a
/// worker thread may have left.
const PARSER_STACK: usize = 16 * 1024 * 1024;
/// How much of an error is kept.
const ERROR: usize = 300;

/// A CEL expression over facts, with the names of the facts it needs.
///
/// Facts have the types of JSON: dates are texts (`"2026-11-23"`) and compare as such, `timestamp(since +
/// "T00:00:00Z")` makes one an instant, and there is no `now`. A fact is never `null`: it is known or unknown.
#[derive(Debug)]
pub struct Expression {
    program: Program,
    references: Vec<String>,
}

/// Why a text is no expression, in words for who writes the rules.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidExpression {
    /// More than 2,000 bytes.
    #[error("must have at most 2,000 bytes; split it into two criteria")]
    TooLong,
    /// Brackets or operators nested too deep.
    #[error("is nested too deep; split it into two criteria")]
    TooDeep,
    /// More than 400 words and signs.
    #[error("must have at most 400 words and signs; split it into two criteria")]
    TooManyWords,
    /// A letter that CEL has no use for outside of strings.
    #[error("`{0}` can only stand within quotes")]
    Letter(char),
    /// A comment.
    #[error("must not have comments; the criterion's statement says what it means")]
    Comment,
    /// A string that is not closed or written in another way than we take.
    #[error(
        "strings stand in one pair of quotes on one line, with \\\\ \\' \\\" \\n \\r \\t as escapes; \
         patterns are best written as r'…'"
    )]
    Quotes,
    /// What the parser says.
    #[error("{0}")]
    Syntax(String),
    /// The parser gave up.
    #[error("cannot be read")]
    Unreadable,
    /// A message literal such as `name{field: 1}`.
    #[error("cannot make messages such as `name{{field: 1}}`")]
    Message,
    /// A name that CEL keeps for itself.
    #[error("`{0}` is a word of CEL; a fact cannot have that name")]
    Word(String),
    /// No such function.
    #[error("there is no function `{0}`")]
    Function(String),
    /// A loop inside another, or too many.
    #[error("may have at most 8 loops (all, exists, exists_one, map, filter), none inside another")]
    Loops,
    /// A pattern that is not a plain, short text.
    #[error(
        "the pattern of `matches` must be a valid one written out, of at most 200 bytes and few repetitions"
    )]
    Pattern,
    /// The worst case takes too long.
    #[error("would do too much work on long answers; compare fewer things with each other")]
    TooMuchWork,
}

/// Why an expression could not say whether it holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Facts it needs are not known.
    #[error("not known: {}", .0.join(", "))]
    Missing(Vec<String>),
    /// Facts it needs have more than 10,000 characters, 1,000 elements or 16 levels.
    #[error("too long to be judged: {}", .0.join(", "))]
    TooLarge(Vec<String>),
    /// It failed, or yields something else than true or false.
    #[error("{0}")]
    Failed(String),
}

impl Expression {
    /// Reads an expression; what it may cost at worst is known and bounded from here on.
    pub fn compile(text: &str) -> Result<Self, InvalidExpression> {
        bounds::check(text)?;
        thread::scope(|scope| {
            thread::Builder::new()
                .stack_size(PARSER_STACK)
                .spawn_scoped(scope, || Self::parsed(text))
                .map_err(|_| InvalidExpression::Unreadable)?
                .join()
                .unwrap_or(Err(InvalidExpression::Unreadable))
        })
    }

    fn parsed(text: &str) -> Result<Self, InvalidExpression> {
        let program = ENVIRONMENT.compile(text).map_err(|errors| {
            errors
                .errors
                .first()
                .map_or(InvalidExpression::Unreadable, |error| {
                    let (line, column) = error.pos;
                    let message = error.msg.trim_start_matches("Syntax error: ");
                    let text = format!("line {line}, column {column}: {message}");
                    InvalidExpression::Syntax(shortened(&text))
                })
        })?;
        let references = cost::references(program.expression())?;
        Ok(Self {
            program,
            references,
        })
    }

    /// The facts it names, in order of appearance, each once.
    pub fn references(&self) -> &[String] {
        &self.references
    }

    /// Whether it holds. What can be told without an unknown fact is told (`true || unknown` holds).
    pub fn evaluate(&self, facts: &Facts) -> Result<bool, Problem> {
        let mut context = context();
        let (mut missing, mut large) = (Vec::new(), Vec::new());
        for name in &self.references {
            match facts.value(name) {
                None | Some(Json::Null) => missing.push(name.clone()),
                Some(value) if !cost::fits(value) => large.push(name.clone()),
                Some(value) => context.add_variable_from_value(name, converted(value)),
            }
        }
        // The interpreter has branches that panic; whatever reaches one is a failure like another.
        match catch_unwind(AssertUnwindSafe(|| self.program.execute(&context))) {
            Ok(Ok(Value::Bool(holds))) => Ok(holds),
            Ok(Ok(other)) => Err(Problem::Failed(format!(
                "yields a {} where it should yield true or false",
                other.type_of()
            ))),
            Ok(Err(ExecutionError::UndeclaredReference(_))) if !missing.is_empty() => {
                Err(Problem::Missing(missing))
            }
            Ok(Err(ExecutionError::UndeclaredReference(_))) if !large.is_empty() => {
                Err(Problem::TooLarge(large))
            }
            Ok(Err(error)) => Err(Problem::Failed(shortened(&error.to_string()))),
            Err(_) => Err(Problem::Failed("cannot be evaluated".to_owned())),
        }
    }
}

/// Whether CEL reads the name as a type, so that an unknown fact of that name would seem known.
pub(super) fn names_a_type(name: &str) -> bool {
    ENVIRONMENT.types().find_type(name).is_some()
}

/// A context that knows CEL and no facts.
pub(super) fn context() -> Context<'static, 'static> {
    Context::with_env(Arc::clone(&ENVIRONMENT))
}

/// A fact's value in CEL. Whole numbers are `int`, so that they add up with those that are written.
fn converted(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(bool) => Value::Bool(*bool),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(int), _) => Value::Int(int),
            (None, Some(int)) => Value::UInt(int),
            (None, None) => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::String(Arc::new(text.clone())),
        Json::Array(list) => Value::List(Arc::new(list.iter().map(converted).collect())),
        Json::Object(map) => {
            let entries: HashMap<Key, Value> = map
                .iter()
                .map(|(key, value)| (Key::String(Arc::new(key.clone())), converted(value)))
                .collect();
            Value::Map(Map {
                map: Arc::new(entries),
            })
        }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(ERROR).collect()
}
