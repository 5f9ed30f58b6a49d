//! Bounds the expanded document: what it is once every fragment stands where it is spread.
//!
//! The library expands fragments without memory, before any limit of its own can refuse, so a short
//! document of fragments that spread fragments takes it hours. Here each fragment is measured once.

use std::collections::HashMap;

use async_graphql::Name;
use async_graphql::parser::types::{ExecutableDocument, OperationType, Selection, SelectionSet};

use super::limits::Bounds;
use super::refused::Excess;

/// Lists in the types of introspection that lead to further types.
const LISTS: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];

/// What a selection set amounts to once it is expanded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Fields, spreads and inline fragments.
    pub selections: usize,
    /// Fields with an alias.
    pub aliases: usize,
    /// Directives.
    pub directives: usize,
    /// Fields inside fields.
    pub depth: usize,
    /// Fields and fragments inside each other.
    pub levels: usize,
    /// Fields of the selection set itself.
    pub fields: usize,
    /// Introspection's lists inside each other.
    pub lists: usize,
}

impl Size {
    /// Both, beside each other.
    fn and(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            depth: self.depth.max(other.depth),
            levels: self.levels.max(other.levels),
            fields: self.fields.saturating_add(other.fields),
            lists: self.lists.max(other.lists),
        }
    }

    fn within(self, bounds: &Bounds) -> Result<Self, Excess> {
        for (number, most, what) in [
            (self.selections, bounds.selections, "selections"),
            (self.aliases, bounds.aliases, "aliases"),
            (self.directives, bounds.directives, "directives"),
            (self.depth, bounds.depth, "fields inside each other"),
            (
                self.levels,
                bounds.levels,
                "fields and fragments inside each other",
            ),
        ] {
            if number > most {
                return Err(Excess::Over(what, most));
            }
        }
        Ok(self)
    }
}

/// Measures all operations of a document together, and refuses what is over the bounds.
pub fn measure(document: &ExecutableDocument, bounds: &Bounds) -> Result<Size, Excess> {
    let operations = document.operations.iter();
    if operations.len() > bounds.operations {
        return Err(Excess::Over("operations", bounds.operations));
    }
    if document.fragments.len() > bounds.fragments {
        return Err(Excess::Over("fragments", bounds.fragments));
    }
    let mut walk = Walk {
        document,
        bounds,
        known: HashMap::with_capacity(document.fragments.len()),
    };
    // Fragments that nothing spreads are looked at too: validation follows their cycles.
    for name in document.fragments.keys() {
        walk.fragment(name, 0)?;
    }
    let mut whole = Size::default();
    for (_, operation) in operations {
        let operation = &operation.node;
        let mut size = walk.set(&operation.selection_set.node, 0)?;
        size.directives = size.directives.saturating_add(operation.directives.len());
        let (most, what) = match operation.ty {
            OperationType::Query => (bounds.root_fields, "root fields"),
            OperationType::Mutation => (bounds.mutations, "mutations in one operation"),
            OperationType::Subscription if size.fields != 1 => return Err(Excess::Subscription),
            OperationType::Subscription => (1, "subscriptions"),
        };
        if size.fields > most {
            return Err(Excess::Over(what, most));
        }
        whole = whole.and(size).within(bounds)?;
    }
    Ok(whole)
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    bounds: &'a Bounds,
    /// Fragments measured; `None` while one is being measured.
    known: HashMap<&'a Name, Option<Size>>,
}

impl<'a> Walk<'a> {
    /// `level` is how deep this recursion is; it ends where the bound on levels is passed.
    fn set(&mut self, set: &'a SelectionSet, level: usize) -> Result<Size, Excess> {
        if level > self.bounds.levels {
            let what = "fields and fragments inside each other";
            return Err(Excess::Over(what, self.bounds.levels));
        }
        let mut size = Size::default();
        for selection in &set.items {
            let mut own = match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let name = field.name.node.as_str();
                    let inside = self.inside(&field.selection_set.node, level)?;
                    if matches!(name, "__schema" | "__type")
                        && inside.lists > self.bounds.introspection
                    {
                        let what = "lists of the schema inside each other";
                        return Err(Excess::Over(what, self.bounds.introspection));
                    }
                    Size {
                        aliases: inside.aliases.saturating_add(field.alias.is_some().into()),
                        depth: inside.depth.saturating_add(1),
                        fields: 1,
                        lists: inside.lists + usize::from(LISTS.contains(&name)),
                        ..inside
                    }
                }
                Selection::InlineFragment(fragment) => {
                    self.inside(&fragment.node.selection_set.node, level)?
                }
                Selection::FragmentSpread(spread) => {
                    let inside = self.fragment(&spread.node.fragment_name.node, level)?;
                    Size {
                        levels: inside.levels.saturating_add(1),
                        ..inside
                    }
                }
            };
            own.selections = own.selections.saturating_add(1);
            own.directives = own
                .directives
                .saturating_add(selection.node.directives().len());
            size = size.and(own);
        }
        Ok(size)
    }

    /// A set one level further in; an empty one is no level.
    fn inside(&mut self, set: &'a SelectionSet, level: usize) -> Result<Size, Excess> {
        if set.items.is_empty() {
            return Ok(Size::default());
        }
        let mut size = self.set(set, level + 1)?;
        size.levels = size.levels.saturating_add(1);
        Ok(size)
    }

    /// An unknown fragment is nothing; validation says that it is unknown.
    fn fragment(&mut self, name: &Name, level: usize) -> Result<Size, Excess> {
        match self.known.get(name) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => return Err(Excess::Cycle(name.to_string())),
            None => {}
        }
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            return Ok(Size::default());
        };
        self.known.insert(name, None);
        let mut size = self.set(&fragment.node.selection_set.node, level + 1)?;
        let own = fragment.node.directives.len();
        size.directives = size.directives.saturating_add(own);
        self.known.insert(name, Some(size));
        Ok(size)
    }
}

#[cfg(test)]
mod tests;
