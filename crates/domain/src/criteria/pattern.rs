//! Patterns of `matches`: written out in the expression, so that what they cost shows in their text.

use cel::Value;
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue};

use super::expression;

/// The longest pattern, in bytes.
const LENGTH: usize = 200;
/// Steps that making a pattern ready may take, at every use.
const WORK: u64 = 10_000_000;
/// Steps for any pattern, for each of its letters, and for a class of Unicode such as `\w`: measured, a step
/// being some 10 ns.
const BASE: u64 = 2_000;
const LETTER: u64 = 100;
const CLASS: u64 = 50_000;

/// The steps it takes to make ready the pattern that an argument is; none if it is not a valid pattern
/// written out, or takes too many. The search itself is linear in the text.
pub(super) fn work(argument: &IdedExpr) -> Option<u64> {
    let Expr::Literal(LiteralValue::String(pattern)) = &argument.expr else {
        return None;
    };
    let pattern = pattern.inner();
    if pattern.len() > LENGTH {
        return None;
    }
    let mut work = BASE;
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        let class = letter == '\\'
            && letters
                .next()
                .is_some_and(|next| "wWdDsSbBpP".contains(next));
        work += if class { CLASS } else { LETTER };
    }
    let work = work.saturating_mul(repeats(pattern));
    (work <= WORK && is_valid(argument)).then_some(work)
}

/// All counts of a pattern (`{9}`, `{1,9}`) multiplied, as if each were within the others.
fn repeats(pattern: &str) -> u64 {
    pattern
        .split('{')
        .skip(1)
        .filter_map(|counts| counts.split('}').next())
        .flat_map(|counts| counts.split(','))
        .map(str::trim)
        .filter(|count| count.starts_with(|digit: char| digit.is_ascii_digit()))
        .map(|count| count.parse().unwrap_or(u64::MAX).max(1))
        .fold(1, u64::saturating_mul)
}

fn is_valid(pattern: &IdedExpr) -> bool {
    let subject = IdedExpr {
        id: 0,
        expr: Expr::Literal(LiteralValue::String(String::new().into())),
    };
    let call = IdedExpr {
        id: 0,
        expr: Expr::Call(CallExpr {
            func_name: "matches".to_owned(),
            target: Some(Box::new(subject)),
            args: vec![pattern.clone()],
        }),
    };
    Value::resolve(&call, &expression::context()).is_ok()
}
