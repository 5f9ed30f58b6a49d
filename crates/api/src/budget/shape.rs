//! What the schema says about the size of answers: which fields are lists, and which of them are pages.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition,
};

use crate::graphql::connection::USUAL;
use crate::graphql::schema;

/// Our schema. It is the same for the whole life of a process.
static OURS: LazyLock<Shape> = LazyLock::new(|| {
    Shape::read(&schema().sdl()).expect("a schema that the library writes is one that it reads")
});

/// Rows of a list that has no page: steps, reasons, grants.
const LIST: u64 = 4;

/// The schema, as far as the cost of an answer depends on it.
#[derive(Debug, Default)]
pub struct Shape {
    types: HashMap<String, HashMap<String, Field>>,
    /// Types whose lists are the rows of a page.
    connections: HashSet<String>,
}

/// A field, as far as its cost depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The type it returns, without lists.
    pub of: String,
    /// Rows if it is a list; a page says itself how many it has.
    pub list: Option<u64>,
    /// Whether it takes `first` or `last`.
    pub paged: bool,
    /// Arguments that are lists: `nodes(ids:)` returns as many as were asked for.
    pub lists: Vec<String>,
}

impl Shape {
    /// The schema that this service answers by.
    pub fn ours() -> &'static Self {
        &OURS
    }

    /// Reads a schema in GraphQL's schema language, and adds introspection, which is not written there.
    pub fn read(sdl: &str) -> Result<Self, String> {
        let document = parse_schema(sdl).map_err(|error| error.to_string())?;
        let mut shape = Self::default();
        let mut counts = Counts::default();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            counts.types += 1;
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                TypeKind::InputObject(input) => {
                    counts.inputs.add(input.fields.len());
                    continue;
                }
                TypeKind::Enum(values) => {
                    counts.values.add(values.values.len());
                    continue;
                }
                _ => continue,
            };
            counts.fields.add(fields.len());
            let mut known = HashMap::with_capacity(fields.len());
            for definition in fields {
                let definition = definition.node;
                counts.arguments.add(definition.arguments.len());
                let field = Field::read(&definition);
                if field.paged {
                    shape.connections.insert(field.of.clone());
                }
                known.insert(definition.name.node.to_string(), field);
            }
            shape
                .types
                .insert(definition.node.name.node.to_string(), known);
        }
        shape.add_introspection(&counts);
        Ok(shape)
    }

    /// What is known of a field; nothing of one that does not exist, or that has no type of its own.
    pub fn field(&self, on: &str, name: &str) -> Option<&Field> {
        self.types.get(on)?.get(name)
    }

    /// Whether the lists of this type are the rows of a page.
    pub fn is_connection(&self, name: &str) -> bool {
        self.connections.contains(name)
    }

    fn add_introspection(&mut self, counts: &Counts) {
        let object = |of: &str| Field {
            of: of.into(),
            list: None,
            paged: false,
            lists: Vec::new(),
        };
        let list = |of: &str, rows: u64| Field {
            list: Some(rows),
            ..object(of)
        };
        let arguments = counts.arguments.usual();
        let few = 2;
        for (on, name, field) in [
            ("Query", "__schema", object("__Schema")),
            ("Query", "__type", object("__Type")),
            ("__Schema", "types", list("__Type", counts.types)),
            ("__Schema", "queryType", object("__Type")),
            ("__Schema", "mutationType", object("__Type")),
            ("__Schema", "subscriptionType", object("__Type")),
            ("__Schema", "directives", list("__Directive", LIST)),
            (
                "__Type",
                "fields",
                list("__Field", counts.fields.over(counts.types)),
            ),
            ("__Type", "interfaces", list("__Type", few)),
            ("__Type", "possibleTypes", list("__Type", few)),
            (
                "__Type",
                "enumValues",
                list("__EnumValue", counts.values.over(counts.types)),
            ),
            (
                "__Type",
                "inputFields",
                list("__InputValue", counts.inputs.over(counts.types)),
            ),
            ("__Type", "ofType", object("__Type")),
            ("__Field", "args", list("__InputValue", arguments)),
            ("__Field", "type", object("__Type")),
            ("__InputValue", "type", object("__Type")),
            ("__Directive", "args", list("__InputValue", few)),
        ] {
            let fields = self.types.entry(on.into()).or_default();
            fields.insert(name.into(), field);
        }
    }
}

impl Field {
    fn read(definition: &FieldDefinition) -> Self {
        let mut paged = false;
        let mut lists = Vec::new();
        for argument in &definition.arguments {
            let name = argument.node.name.node.as_str();
            paged |= matches!(name, "first" | "last");
            if base(&argument.node.ty.node).1 {
                lists.push(name.to_owned());
            }
        }
        let (of, list) = base(&definition.ty.node);
        Self {
            of: of.to_owned(),
            list: list.then_some(if paged { USUAL } else { LIST }),
            paged,
            lists,
        }
    }
}

/// The name of a type without its lists, and whether it has any.
fn base(kind: &Type) -> (&str, bool) {
    match &kind.base {
        BaseType::Named(name) => (name.as_str(), false),
        BaseType::List(inner) => (base(inner).0, true),
    }
}

/// How many there are of what introspection lists.
#[derive(Default)]
struct Counts {
    types: u64,
    fields: Count,
    arguments: Count,
    inputs: Count,
    values: Count,
}

#[derive(Default)]
struct Count {
    of: u64,
    all: u64,
}

impl Count {
    fn add(&mut self, number: usize) {
        self.of += 1;
        self.all += number as u64;
    }

    /// How many one has, rounded up.
    fn usual(&self) -> u64 {
        self.all.div_ceil(self.of.max(1)).max(1)
    }

    /// How many each of so many has, rounded up.
    fn over(&self, number: u64) -> u64 {
        self.all.div_ceil(number.max(1)).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_pages_and_their_connections_are_read_from_the_schema_itself() {
        let shape = Shape::ours();
        let applications = shape.field("Query", "applications").expect("it exists");
        assert!(applications.paged);
        assert_eq!(applications.of, "ApplicationConnection");
        assert!(shape.is_connection("ApplicationConnection"));
        let nodes = shape
            .field("ApplicationConnection", "nodes")
            .expect("it exists");
        assert_eq!((nodes.of.as_str(), nodes.list), ("Application", Some(LIST)));
        let by_ids = shape.field("Query", "nodes").expect("it exists");
        assert_eq!(by_ids.lists, ["ids"]);
        assert!(!shape.is_connection("Application"));
        assert_eq!(shape.field("Query", "nothing"), None);
        let types = shape.field("__Schema", "types").expect("it exists");
        assert!(types.list > Some(100), "{types:?}");
    }

    #[test]
    fn what_is_no_schema_is_told() {
        assert!(Shape::read("type {").is_err());
    }
}
