//! What an operation costs, computed before it runs: about how many fields its answer may hold.
//!
//! | what | costs |
//! |--|--|
//! | a field | 1, and what is selected in it |
//! | a page (a field with `first` or `last`), a mutation | 10: at least one statement of the database |
//! | rows of a page | what is selected in them, times the size of the page |
//! | another list | what is selected in it, times the ids asked for, else times 4 |
//! | values of arguments | 1 for each 1,000 bytes in memory, wherever they are used |
//! | the schema itself | a tenth: it comes from memory |
//!
//! What `@skip` and `@include` leave out counts as well. Each fragment is reckoned once, so the
//! price of a selection set is kept in two parts: `rows` is to be multiplied by the size of a page
//! that only the field knows in which the fragment stands.

use std::collections::HashMap;

use async_graphql::parser::types::{
    Directive, DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType,
    Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Variables};
use async_graphql_value::{ConstValue, Value};

use super::shape::{self, Shape};
use crate::graphql::connection::{MOST_IN_BULK, USUAL};

/// What a field costs that asks the database anew.
const STATEMENT: u64 = 10;
/// Bytes of an argument that cost 1.
const BYTES: u64 = 1_000;
/// Fields of the schema itself that cost 1.
const INTROSPECTION: u64 = 10;

/// What an operation costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// All of it.
    pub whole: u64,
    /// Fields of the schema itself, before they are divided.
    pub introspection: u64,
}

/// The price of a selection set.
#[derive(Clone, Copy, Debug, Default)]
struct Price {
    once: u64,
    rows: u64,
    introspection: u64,
}

impl Price {
    const fn of(once: u64) -> Self {
        Self {
            once,
            rows: 0,
            introspection: 0,
        }
    }

    /// With this many rows in the page.
    const fn with(self, rows: u64) -> u64 {
        self.once.saturating_add(self.rows.saturating_mul(rows))
    }

    const fn and(self, other: Self) -> Self {
        Self {
            once: self.once.saturating_add(other.once),
            rows: self.rows.saturating_add(other.rows),
            introspection: self.introspection.saturating_add(other.introspection),
        }
    }
}

/// The operation that a request names, if there is no doubt which.
pub fn operation<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Option<&'a OperationDefinition> {
    let operation = match (&document.operations, name) {
        (DocumentOperations::Single(only), None) => Some(only),
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => all.values().next(),
        (DocumentOperations::Multiple(all), Some(name)) => all.get(name),
        _ => None,
    };
    operation.map(|operation| &operation.node)
}

/// Reckons an operation of a document that [`super::document::measure`] has passed.
pub fn reckon(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
    shape: &Shape,
) -> Cost {
    let (root, each) = match operation.ty {
        OperationType::Query => ("Query", 0),
        OperationType::Mutation => ("Mutation", STATEMENT - 1),
        OperationType::Subscription => ("Subscription", STATEMENT - 1),
    };
    let mut reckoning = Reckoning {
        document,
        operation,
        variables,
        shape,
        each,
        fragments: HashMap::with_capacity(document.fragments.len()),
        weights: HashMap::new(),
    };
    let price = reckoning.set(&operation.selection_set.node, root);
    Cost {
        whole: price.with(USUAL).max(1),
        introspection: price.introspection,
    }
}

struct Reckoning<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    shape: &'a Shape,
    /// What a field of the root costs besides.
    each: u64,
    fragments: HashMap<&'a Name, Price>,
    /// Bytes of variables.
    weights: HashMap<&'a Name, u64>,
}

impl<'a> Reckoning<'a> {
    fn set(&mut self, set: &'a SelectionSet, on: &str) -> Price {
        let mut price = Price::default();
        for selection in &set.items {
            let own = match &selection.node {
                Selection::Field(field) => self.field(&field.node, on),
                Selection::InlineFragment(fragment) => {
                    let fragment = &fragment.node;
                    let condition = fragment.type_condition.as_ref();
                    let on = condition.map_or(on, |condition| condition.node.on.node.as_str());
                    self.set(&fragment.selection_set.node, on)
                }
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node),
            };
            let besides = self.directives(selection.node.directives());
            price = price.and(own).and(Price::of(besides));
        }
        price
    }

    fn fragment(&mut self, name: &Name) -> Price {
        if let Some(price) = self.fragments.get(name) {
            return *price;
        }
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            return Price::default();
        };
        let on = fragment.node.type_condition.node.on.node.as_str();
        let price = self.set(&fragment.node.selection_set.node, on);
        self.fragments.insert(name, price);
        price
    }

    fn field(&mut self, field: &'a Field, on: &str) -> Price {
        let name = field.name.node.as_str();
        let weight = field.arguments.iter().fold(0_u64, |all, (_, value)| {
            all.saturating_add(self.weight(&value.node))
        });
        let root = matches!(on, "Mutation" | "Subscription");
        let own = 1 + weight / BYTES + if root { self.each } else { 0 };
        let Some(known) = self.shape.field(on, name) else {
            // `__typename`, or a field that validation will refuse.
            let inside = self.set(&field.selection_set.node, "");
            return Price::of(own.saturating_add(inside.with(USUAL)));
        };
        let inside = self.set(&field.selection_set.node, &known.of);
        if known.of.starts_with("__") && !on.starts_with("__") {
            let introspection = inside.with(USUAL);
            return Price {
                once: own.saturating_add(introspection.div_ceil(INTROSPECTION)),
                rows: 0,
                introspection,
            };
        }
        let introspection = inside.introspection;
        let price = if known.paged {
            let page = self.page(field);
            let rows = if known.list.is_some() { page } else { 1 };
            let inside = inside.with(page).saturating_mul(rows);
            Price::of((own - 1 + STATEMENT).saturating_add(inside))
        } else if known.list.is_some() && self.shape.is_connection(on) {
            // The field itself is one; its rows are as many as the page has.
            Price {
                rows: inside.with(USUAL).saturating_add(1),
                ..Price::of(own - 1)
            }
        } else if let Some(usual) = known.list {
            let rows = self.asked(field, known).unwrap_or(usual);
            Price::of(own.saturating_add(inside.with(USUAL).saturating_mul(rows)))
        } else {
            Price::of(own.saturating_add(inside.with(USUAL)))
        };
        Price {
            introspection,
            ..price
        }
    }

    /// The size of the page that a field asks for. More than the largest page is refused when it runs.
    fn page(&self, field: &Field) -> u64 {
        ["first", "last"]
            .into_iter()
            .filter_map(|name| self.number(&field.get_argument(name)?.node))
            .max()
            .unwrap_or(USUAL)
            .min(MOST_IN_BULK)
    }

    fn number(&self, value: &Value) -> Option<u64> {
        match value {
            Value::Number(number) => Some(number.as_u64().unwrap_or(0)),
            Value::Variable(name) => match self.variable(name)? {
                ConstValue::Number(number) => Some(number.as_u64().unwrap_or(0)),
                _ => None,
            },
            _ => None,
        }
    }

    /// How many a list returns that returns as many as were asked for.
    fn asked(&self, field: &Field, known: &shape::Field) -> Option<u64> {
        let lengths = known.lists.iter().filter_map(|name| {
            let length = match &field.get_argument(name)?.node {
                Value::List(list) => list.len(),
                Value::Variable(name) => match self.variable(name)? {
                    ConstValue::List(list) => list.len(),
                    _ => 1,
                },
                _ => 1,
            };
            Some(length as u64)
        });
        lengths.max()
    }

    fn variable(&self, name: &Name) -> Option<&'a ConstValue> {
        self.variables.get(name).or_else(|| {
            let definitions = &self.operation.variable_definitions;
            let definition = definitions.iter().find(|it| it.node.name.node == *name)?;
            definition
                .node
                .default_value()
                .filter(|it| **it != ConstValue::Null)
        })
    }

    fn directives(&mut self, directives: &'a [Positioned<Directive>]) -> u64 {
        let arguments = directives.iter().flat_map(|it| &it.node.arguments);
        let weight = arguments.fold(0_u64, |all, (_, value)| {
            all.saturating_add(self.weight(&value.node))
        });
        weight / BYTES
    }

    /// Bytes that a value takes in memory, about; a variable's are copied wherever it is used.
    fn weight(&mut self, value: &'a Value) -> u64 {
        match value {
            Value::Variable(name) => {
                if let Some(weight) = self.weights.get(name) {
                    return *weight;
                }
                let weight = self.variable(name).map_or(0, weigh);
                self.weights.insert(name, weight);
                weight
            }
            Value::String(text) => VALUE + text.len() as u64,
            Value::List(list) => list
                .iter()
                .fold(VALUE, |all, value| all.saturating_add(self.weight(value))),
            Value::Object(fields) => fields.values().fold(VALUE, |all, value| {
                all.saturating_add(VALUE).saturating_add(self.weight(value))
            }),
            _ => VALUE,
        }
    }
}

/// Bytes of a value without what it points to.
const VALUE: u64 = size_of::<ConstValue>() as u64;

/// Bytes that a value takes in memory, about.
fn weigh(value: &ConstValue) -> u64 {
    match value {
        ConstValue::String(text) => VALUE + text.len() as u64,
        ConstValue::List(list) => list.iter().map(weigh).fold(VALUE, u64::saturating_add),
        ConstValue::Object(fields) => fields
            .values()
            .map(|value| VALUE + weigh(value))
            .fold(VALUE, u64::saturating_add),
        _ => VALUE,
    }
}

#[cfg(test)]
mod tests;
