//! What the schema says about values that are sent: its input types, and which values are theirs.
//!
//! The library compares variables with their types as a part of validation. Here that is apart, so
//! that a document is valid or not whatever is sent with it, and is validated once.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, ExecutableDocument, InputObjectType, OperationDefinition, Type, TypeKind,
    TypeSystemDefinition,
};
use async_graphql::{Name, Pos, Value, Variables};
use async_graphql_value::indexmap::IndexMap;

use crate::graphql::schema;

/// Our input types. They are the same for the whole life of a process.
static OURS: LazyLock<Inputs> = LazyLock::new(|| {
    Inputs::read(&schema().sdl()).expect("a schema that the library writes is one that it reads")
});

/// Characters of somebody's text that a message repeats.
const QUOTED: usize = 60;

/// The input types of a schema, by name.
#[derive(Debug)]
pub struct Inputs(HashMap<String, Kind>);

/// What values a type has.
#[derive(Debug)]
enum Kind {
    Int,
    Float,
    String,
    Boolean,
    Id,
    /// A scalar of our own, which reads its values where they are used.
    Scalar,
    Enum(Vec<Name>),
    Object(IndexMap<Name, Field>),
}

/// A field of an input object.
#[derive(Debug)]
struct Field {
    of: Type,
    /// Whether it may be left out.
    optional: bool,
}

/// A variable whose value is not one of its type.
#[derive(Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Where the variable is declared.
    pub at: Pos,
    /// What is wrong, for developers.
    pub message: String,
}

impl Inputs {
    /// The input types of the schema that this service answers by.
    pub fn ours() -> &'static Self {
        &OURS
    }

    /// Reads the input types of a schema in GraphQL's schema language.
    fn read(sdl: &str) -> Result<Self, String> {
        let document = parse_schema(sdl).map_err(|error| error.to_string())?;
        let mut kinds: HashMap<String, Kind> = [
            ("Int", Kind::Int),
            ("Float", Kind::Float),
            ("String", Kind::String),
            ("Boolean", Kind::Boolean),
            ("ID", Kind::Id),
        ]
        .into_iter()
        .map(|(name, kind)| (name.to_owned(), kind))
        .collect();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let kind = match definition.node.kind {
                TypeKind::Scalar => Kind::Scalar,
                TypeKind::Enum(it) => {
                    let values = it.values.into_iter();
                    Kind::Enum(values.map(|value| value.node.value.node).collect())
                }
                TypeKind::InputObject(it) => Kind::object(it),
                _ => continue,
            };
            kinds.insert(definition.node.name.node.to_string(), kind);
        }
        Ok(Self(kinds))
    }

    /// Compares what was sent with the types that an operation declares.
    pub fn check(&self, operation: &OperationDefinition, sent: &Variables) -> Result<(), Misfit> {
        for definition in &operation.variable_definitions {
            let variable = &definition.node;
            let (name, kind) = (&variable.name.node, &variable.var_type.node);
            let problem = match sent.get(name) {
                Some(value) => self.problem(kind, value, &format!("${name}")),
                None if kind.nullable || variable.default_value.is_some() => None,
                None => Some(needed(kind, &format!("${name}"))),
            };
            if let Some(message) = problem {
                let at = definition.pos;
                return Err(Misfit { at, message });
            }
        }
        Ok(())
    }

    /// For each variable of a document a value that fits its type. One that two operations declare
    /// differently has none.
    pub fn samples(&self, document: &ExecutableDocument) -> Variables {
        let operations = document.operations.iter();
        let definitions = operations.flat_map(|(_, it)| &it.node.variable_definitions);
        let mut kinds: HashMap<&Name, &Type> = HashMap::new();
        let mut ambiguous = HashSet::new();
        for definition in definitions {
            let (name, kind) = (&definition.node.name.node, &definition.node.var_type.node);
            if kinds.insert(name, kind).is_some_and(|known| known != kind) {
                ambiguous.insert(name);
            }
        }
        kinds.retain(|name, _| !ambiguous.contains(name));
        let samples = kinds.into_iter();
        let samples = samples.map(|(name, kind)| (name.clone(), self.sample(kind)));
        Variables::from_value(Value::Object(samples.collect()))
    }

    /// What is wrong with a value of this type; `path` leads to it.
    fn problem(&self, kind: &Type, value: &Value, path: &str) -> Option<String> {
        if *value == Value::Null {
            return (!kind.nullable).then(|| needed(kind, path));
        }
        let name = match (&kind.base, value) {
            (BaseType::List(inner), Value::List(values)) => {
                let mut values = values.iter().enumerate();
                return values
                    .find_map(|(at, it)| self.problem(inner, it, &format!("{path}[{at}]")));
            }
            // One value stands for a list of one.
            (BaseType::List(inner), _) => return self.problem(inner, value, path),
            (BaseType::Named(name), _) => name,
        };
        // A type that is none was found when the document was validated.
        let known = self.0.get(name.as_str())?;
        let fits = match (known, value) {
            (Kind::Int, Value::Number(it)) => {
                it.as_i64().is_some_and(|it| i32::try_from(it).is_ok())
            }
            (Kind::Id, Value::Number(it)) => it.is_i64() || it.is_u64(),
            (Kind::Float, Value::Number(_))
            | (Kind::String | Kind::Id, Value::String(_))
            | (Kind::Boolean, Value::Boolean(_))
            | (Kind::Scalar, _) => true,
            (Kind::Enum(values), Value::String(text)) => {
                if values.iter().any(|value| value == text.as_str()) {
                    return None;
                }
                let text = quoted(text);
                return Some(format!(
                    "The variable `{path}` is {text}, which is no `{name}`."
                ));
            }
            (Kind::Object(fields), Value::Object(values)) => {
                return self.object_problem(name, fields, values, path);
            }
            _ => false,
        };
        (!fits).then(|| format!("The variable `{path}` has a value that is no `{name}`."))
    }

    fn object_problem(
        &self,
        name: &Name,
        fields: &IndexMap<Name, Field>,
        values: &IndexMap<Name, Value>,
        path: &str,
    ) -> Option<String> {
        if let Some(unknown) = values.keys().find(|key| !fields.contains_key(*key)) {
            let unknown = quoted(unknown);
            return Some(format!(
                "The variable `{path}` has a field {unknown}, which `{name}` has not."
            ));
        }
        fields.iter().find_map(|(key, field)| {
            let path = || format!("{path}.{key}");
            match values.get(key) {
                Some(value) => self.problem(&field.of, value, &path()),
                None if field.optional => None,
                None => Some(needed(&field.of, &path())),
            }
        })
    }

    /// A value of this type, as small as can be.
    fn sample(&self, kind: &Type) -> Value {
        let name = match &kind.base {
            BaseType::List(_) => return Value::List(Vec::new()),
            BaseType::Named(name) => name,
        };
        match self.0.get(name.as_str()) {
            None => Value::Null,
            Some(Kind::Int | Kind::Float) => Value::from(0),
            Some(Kind::String | Kind::Id | Kind::Scalar) => Value::from(""),
            Some(Kind::Boolean) => Value::from(false),
            // As JSON has it, which knows no names.
            Some(Kind::Enum(values)) => values
                .first()
                .map_or(Value::Null, |it| Value::from(it.as_str())),
            Some(Kind::Object(fields)) => {
                let needed = fields.iter().filter(|(_, field)| !field.optional);
                let values = needed.map(|(key, field)| (key.clone(), self.sample(&field.of)));
                Value::Object(values.collect())
            }
        }
    }
}

impl Kind {
    fn object(object: InputObjectType) -> Self {
        let fields = object.fields.into_iter().map(|definition| {
            let of = definition.node.ty.node;
            let optional = of.nullable || definition.node.default_value.is_some();
            (definition.node.name.node, Field { of, optional })
        });
        Self::Object(fields.collect())
    }
}

fn needed(kind: &Type, path: &str) -> String {
    format!("The variable `{path}` of type `{kind}` must have a value.")
}

fn quoted(text: &str) -> String {
    format!("{:?}", text.chars().take(QUOTED).collect::<String>())
}

#[cfg(test)]
mod tests;
