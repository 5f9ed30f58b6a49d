//! What an expression costs at worst, found before it ever runs.
//!
//! Facts are bounded in size (see [`fits`]), loops run over what is written or known, and no function
//! grows its input, so the work of an expression has a bound that its text alone shows. An expression
//! over [`WORK`] steps is refused when its revision is checked, not when an application waits for it.

use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, operators,
};
use serde_json::Value;

use super::expression::{InvalidExpression, names_a_type};
use super::pattern;

/// The most characters of a fact that expressions see; a longer one counts as unknown.
const LETTERS: u64 = 10_000;
/// The most elements of a fact that expressions see.
const ELEMENTS: u64 = 1_000;
/// The most lists and objects within each other of a fact that expressions see.
const NESTING: usize = 16;
/// Steps an expression may take at worst: less than a second.
const WORK: u64 = 50_000_000;
/// The size a value may reach on the way.
const SIZE: u64 = 1_000_000;
/// How deep the parsed expression may be: evaluation recurses, and a level costs some 40 kB of stack
/// in unoptimised code.
const DEPTH: usize = 16;
/// How many loops an expression may have; none inside another.
const LOOPS: usize = 8;

/// Functions an expression may call, besides the loops; each is linear in its input.
const FUNCTIONS: &[&str] = &[
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "string",
    "int",
    "double",
    "timestamp",
    "duration",
    "getFullYear",
    "getMonth",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getHours",
    "getMinutes",
    "getSeconds",
];

/// Whether expressions see a fact of this value.
pub(super) fn fits(value: &Value) -> bool {
    let (mut letters, mut elements) = (0_usize, 0_usize);
    let mut open = vec![(value, 0)];
    while let Some((value, depth)) = open.pop() {
        match value {
            Value::String(text) => letters += text.chars().count(),
            Value::Array(list) => {
                elements += list.len();
                open.extend(list.iter().map(|part| (part, depth + 1)));
            }
            Value::Object(map) => {
                elements += map.len();
                letters += map.keys().map(|key| key.chars().count()).sum::<usize>();
                open.extend(map.values().map(|part| (part, depth + 1)));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
        if depth > NESTING || within(letters) > LETTERS || within(elements) > ELEMENTS {
            return false;
        }
    }
    true
}

/// The facts that an expression names, in order, if its cost is within bounds.
pub(super) fn references(expression: &IdedExpr) -> Result<Vec<String>, InvalidExpression> {
    let mut survey = Survey::default();
    survey.visit(expression, 1)?;
    Ok(survey.references)
}

/// What a part of an expression yields and costs, at worst.
#[derive(Clone, Copy)]
struct Cost {
    /// Elements a loop over it would see.
    items: u64,
    /// Elements and letters in it.
    size: u64,
    /// Steps to get it.
    work: u64,
}

impl Cost {
    const ONE: Self = Self {
        items: 1,
        size: 1,
        work: 1,
    };

    fn and(self, other: Self) -> Self {
        Self {
            items: self.items.saturating_add(other.items),
            size: self.size.saturating_add(other.size),
            work: self.work.saturating_add(other.work),
        }
    }

    fn within_bounds(self) -> Result<Self, InvalidExpression> {
        if self.work > WORK || self.size > SIZE {
            return Err(InvalidExpression::TooMuchWork);
        }
        Ok(self)
    }
}

#[derive(Default)]
struct Survey {
    references: Vec<String>,
    loops: usize,
    /// The variable of the loop around, with the cost of one element.
    variable: Option<(String, Cost)>,
}

impl Survey {
    fn visit(&mut self, part: &IdedExpr, depth: usize) -> Result<Cost, InvalidExpression> {
        if depth > DEPTH {
            return Err(InvalidExpression::TooDeep);
        }
        let cost = match &part.expr {
            Expr::Literal(LiteralValue::String(text)) => Cost {
                size: within(text.inner().len()).max(1),
                ..Cost::ONE
            },
            Expr::Literal(LiteralValue::Bytes(_)) => return Err(InvalidExpression::Quotes),
            Expr::Literal(_) => Cost::ONE,
            Expr::Ident(name) => self.name(name)?,
            Expr::Select(select) => self.visit(&select.operand, depth + 1)?.and(Cost::ONE),
            Expr::List(list) => self.all(&list.elements, depth)?,
            Expr::Map(map) => {
                let mut cost = Cost::ONE;
                for entry in &map.entries {
                    let EntryExpr::MapEntry(entry) = &entry.expr else {
                        return Err(InvalidExpression::Message);
                    };
                    let key = self.visit(&entry.key, depth + 1)?;
                    cost = cost.and(key).and(self.visit(&entry.value, depth + 1)?);
                }
                cost
            }
            Expr::Call(call) => self.call(call, depth)?,
            Expr::Comprehension(comprehension) => self.repeat(comprehension, depth)?,
            Expr::Struct(_) | Expr::Unspecified => return Err(InvalidExpression::Message),
        };
        cost.within_bounds()
    }

    fn name(&mut self, name: &str) -> Result<Cost, InvalidExpression> {
        // What a loop gathers has a name that nobody can write.
        if name.starts_with('@') {
            return Ok(Cost::ONE);
        }
        if let Some((variable, cost)) = &self.variable
            && variable == name
        {
            return Ok(*cost);
        }
        let name = name.trim_start_matches('.');
        if names_a_type(name) {
            return Err(InvalidExpression::Word(name.to_owned()));
        }
        if !self.references.iter().any(|known| known == name) {
            self.references.push(name.to_owned());
        }
        Ok(Cost {
            items: ELEMENTS,
            size: LETTERS + ELEMENTS,
            work: 1,
        })
    }

    /// The parts of a list that is written out.
    fn all(&mut self, parts: &[IdedExpr], depth: usize) -> Result<Cost, InvalidExpression> {
        let mut cost = Cost::ONE;
        for part in parts {
            let part = self.visit(part, depth + 1)?;
            cost = cost.and(Cost { items: 1, ..part });
            // Elements are copied into the list.
            cost.work = cost.work.saturating_add(part.size);
        }
        Ok(cost)
    }

    fn call(&mut self, call: &CallExpr, depth: usize) -> Result<Cost, InvalidExpression> {
        let name = call.func_name.as_str();
        let written = name.starts_with(|letter: char| letter.is_ascii_alphabetic());
        if written && !FUNCTIONS.contains(&name) {
            return Err(InvalidExpression::Function(name.to_owned()));
        }
        let mut all = Cost {
            items: 0,
            ..Cost::ONE
        };
        for part in call.target.as_deref().into_iter().chain(&call.args) {
            all = all.and(self.visit(part, depth + 1)?);
        }
        if name == "matches" {
            let pattern = call.args.last().and_then(pattern::work);
            let work = pattern.ok_or(InvalidExpression::Pattern)?;
            all.work = all.work.saturating_add(work);
        }
        let choice = matches!(
            name,
            operators::LOGICAL_AND | operators::LOGICAL_OR | operators::CONDITIONAL
        );
        if !choice {
            all.work = all.work.saturating_add(all.size);
        }
        let keeps = matches!(
            name,
            operators::ADD | operators::CONDITIONAL | operators::INDEX | "string"
        );
        if !keeps {
            (all.items, all.size) = (1, 1);
        }
        Ok(all)
    }

    fn repeat(
        &mut self,
        comprehension: &ComprehensionExpr,
        depth: usize,
    ) -> Result<Cost, InvalidExpression> {
        self.loops += 1;
        if self.variable.is_some() || self.loops > LOOPS {
            return Err(InvalidExpression::Loops);
        }
        if names_a_type(&comprehension.iter_var) {
            return Err(InvalidExpression::Word(comprehension.iter_var.clone()));
        }
        let range = self.visit(&comprehension.iter_range, depth + 1)?;
        let times = range.items.max(1);
        // All elements together are as large as what they come from.
        let element = Cost {
            items: range.size.div_ceil(times),
            size: range.size.div_ceil(times),
            work: 1,
        };
        self.variable = Some((comprehension.iter_var.clone(), element));
        let mut each = Cost::ONE;
        for part in [&comprehension.loop_cond, &comprehension.loop_step] {
            each = each.and(self.visit(part, depth + 1)?);
        }
        self.visit(&comprehension.accu_init, depth + 1)?;
        self.visit(&comprehension.result, depth + 1)?;
        self.variable = None;
        let gathers = matches!(comprehension.accu_init.expr, Expr::List(_));
        Ok(Cost {
            items: if gathers { times } else { 1 },
            size: if gathers {
                times.saturating_mul(each.size)
            } else {
                1
            },
            work: times.saturating_mul(each.work).saturating_add(range.work),
        })
    }
}

fn within(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
