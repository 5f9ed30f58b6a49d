//! A schema as names and what they stand for, extensions merged.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::Positioned;
use async_graphql::parser::types::{
    BaseType, ConstDirective, DirectiveLocation, EnumValueDefinition, FieldDefinition,
    InputValueDefinition, SchemaDefinition, ServiceDocument, Type, TypeDefinition, TypeKind,
    TypeSystemDefinition,
};

/// Every server knows these without being told; whether they are written down changes nothing.
const BUILT_IN: [&str; 10] = [
    "Int",
    "Float",
    "String",
    "Boolean",
    "ID",
    "skip",
    "include",
    "deprecated",
    "specifiedBy",
    "oneOf",
];

/// A schema.
#[derive(Debug, Default)]
pub struct Document {
    /// The root types: `query`, `mutation`, `subscription`.
    pub roots: BTreeMap<&'static str, String>,
    /// Types by name.
    pub types: BTreeMap<String, Thing>,
    /// Directives by name.
    pub directives: BTreeMap<String, Directive>,
}

/// A type. What its kind does not have is empty.
#[derive(Debug)]
pub struct Thing {
    /// What kind of type it is, as the schema language spells it.
    pub kind: &'static str,
    /// Fields of an object or an interface.
    pub fields: BTreeMap<String, Field>,
    /// Fields of an input object.
    pub inputs: BTreeMap<String, Input>,
    /// Values of an enum, and whether each is deprecated.
    pub values: BTreeMap<String, bool>,
    /// Interfaces of an object or an interface.
    pub interfaces: BTreeSet<String>,
    /// Types in a union.
    pub members: BTreeSet<String>,
    /// Exactly one field of the input object must be given.
    pub one_of: bool,
    /// Where the scalar's format is described.
    pub specified_by: Option<String>,
}

/// A field of an object or an interface.
#[derive(Debug)]
pub struct Field {
    /// What it answers.
    pub ty: Type,
    /// What it takes.
    pub arguments: BTreeMap<String, Input>,
    /// Clients are told not to use it.
    pub deprecated: bool,
}

/// An argument, or a field of an input object.
#[derive(Debug)]
pub struct Input {
    /// What it takes.
    pub ty: Type,
    /// What holds if it is left out, as it is written.
    pub default: Option<String>,
    /// Clients are told not to use it.
    pub deprecated: bool,
}

/// A directive that the schema defines. The parser says `repeatable` of every one, so it is not kept.
#[derive(Debug)]
pub struct Directive {
    /// What it takes.
    pub arguments: BTreeMap<String, Input>,
    /// Where it may stand.
    pub locations: BTreeSet<String>,
}

impl Input {
    /// Whether it must be given.
    pub fn required(&self) -> bool {
        !self.ty.nullable && self.default.is_none()
    }
}

/// The type that a type is made of.
pub fn innermost(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => innermost(inner),
    }
}

impl Document {
    /// The schema that a document says.
    pub fn read(document: ServiceDocument) -> Result<Self, String> {
        let mut schema = Self::default();
        for definition in document.definitions {
            match definition {
                TypeSystemDefinition::Schema(it) => schema.roots(it.node),
                TypeSystemDefinition::Type(it) => schema.define(it.node)?,
                TypeSystemDefinition::Directive(it) => {
                    let name = it.node.name.node.to_string();
                    let directive = Directive {
                        arguments: inputs(it.node.arguments),
                        locations: it.node.locations.iter().map(location).collect(),
                    };
                    if !BUILT_IN.contains(&name.as_str()) {
                        schema.directives.insert(name, directive);
                    }
                }
            }
        }
        if schema.roots.is_empty() {
            // Without a definition of the schema the root types have their usual names.
            for (root, name) in [
                ("query", "Query"),
                ("mutation", "Mutation"),
                ("subscription", "Subscription"),
            ] {
                if schema.types.contains_key(name) {
                    schema.roots.insert(root, name.to_owned());
                }
            }
        }
        Ok(schema)
    }

    fn roots(&mut self, definition: SchemaDefinition) {
        for (root, name) in [
            ("query", definition.query),
            ("mutation", definition.mutation),
            ("subscription", definition.subscription),
        ] {
            if let Some(name) = name {
                self.roots.insert(root, name.node.to_string());
            }
        }
    }

    fn define(&mut self, definition: TypeDefinition) -> Result<(), String> {
        let name = definition.name.node.to_string();
        if BUILT_IN.contains(&name.as_str()) {
            return Ok(());
        }
        let found = Thing::read(definition.kind, &definition.directives);
        match self.types.get_mut(&name) {
            None => {
                self.types.insert(name, found);
            }
            Some(known) if known.kind == found.kind => known.extend(found),
            Some(known) => return Err(format!("{name} is {} and {}", known.kind, found.kind)),
        }
        Ok(())
    }

    /// Names of the types that a client can reach without using anything deprecated.
    pub fn in_use(&self) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&str> = self.roots.values().map(String::as_str).collect();
        while let Some(name) = open.pop() {
            if !reached.insert(name) {
                continue;
            }
            let Some(thing) = self.types.get(name) else {
                continue;
            };
            open.extend(thing.leads_to());
            if thing.kind == "an interface" {
                let implementors = self.types.iter();
                let implementors = implementors.filter(|(_, it)| it.interfaces.contains(name));
                open.extend(implementors.map(|(name, _)| name.as_str()));
            }
        }
        reached
    }
}

impl Thing {
    fn read(kind: TypeKind, directives: &[Positioned<ConstDirective>]) -> Self {
        let mut thing = Self {
            kind: "a scalar",
            fields: BTreeMap::new(),
            inputs: BTreeMap::new(),
            values: BTreeMap::new(),
            interfaces: BTreeSet::new(),
            members: BTreeSet::new(),
            one_of: directive(directives, "oneOf").is_some(),
            specified_by: directive(directives, "specifiedBy")
                .and_then(|it| it.get_argument("url"))
                .map(|url| url.node.to_string()),
        };
        match kind {
            TypeKind::Scalar => {}
            TypeKind::Object(it) => {
                thing.kind = "an object";
                thing.fields = fields(it.fields);
                thing.interfaces = names(&it.implements);
            }
            TypeKind::Interface(it) => {
                thing.kind = "an interface";
                thing.fields = fields(it.fields);
                thing.interfaces = names(&it.implements);
            }
            TypeKind::Union(it) => {
                thing.kind = "a union";
                thing.members = names(&it.members);
            }
            TypeKind::Enum(it) => {
                thing.kind = "an enum";
                let values = it.values.into_iter();
                let value = |it: Positioned<EnumValueDefinition>| {
                    let deprecated = directive(&it.node.directives, "deprecated").is_some();
                    (it.node.value.node.to_string(), deprecated)
                };
                thing.values = values.map(value).collect();
            }
            TypeKind::InputObject(it) => {
                thing.kind = "an input object";
                thing.inputs = inputs(it.fields);
            }
        }
        thing
    }

    fn extend(&mut self, more: Self) {
        self.fields.extend(more.fields);
        self.inputs.extend(more.inputs);
        self.values.extend(more.values);
        self.interfaces.extend(more.interfaces);
        self.members.extend(more.members);
        self.one_of |= more.one_of;
        self.specified_by = self.specified_by.take().or(more.specified_by);
    }

    /// The types that it names in places that are not deprecated.
    fn leads_to(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.members.iter().map(String::as_str).collect();
        names.extend(self.interfaces.iter().map(String::as_str));
        for field in self.fields.values().filter(|it| !it.deprecated) {
            names.push(innermost(&field.ty));
            names.extend(used(&field.arguments));
        }
        names.extend(used(&self.inputs));
        names
    }
}

fn used(inputs: &BTreeMap<String, Input>) -> impl Iterator<Item = &str> {
    let used = inputs.values().filter(|it| !it.deprecated);
    used.map(|it| innermost(&it.ty))
}

fn directive<'a>(
    directives: &'a [Positioned<ConstDirective>],
    name: &str,
) -> Option<&'a ConstDirective> {
    let found = directives.iter().find(|it| it.node.name.node == name);
    found.map(|it| &it.node)
}

fn names(names: &[Positioned<async_graphql::Name>]) -> BTreeSet<String> {
    names.iter().map(|it| it.node.to_string()).collect()
}

fn fields(fields: Vec<Positioned<FieldDefinition>>) -> BTreeMap<String, Field> {
    let read = |it: Positioned<FieldDefinition>| {
        let field = Field {
            deprecated: directive(&it.node.directives, "deprecated").is_some(),
            arguments: inputs(it.node.arguments),
            ty: it.node.ty.node,
        };
        (it.node.name.node.to_string(), field)
    };
    fields.into_iter().map(read).collect()
}

fn inputs(inputs: Vec<Positioned<InputValueDefinition>>) -> BTreeMap<String, Input> {
    let read = |it: Positioned<InputValueDefinition>| {
        let input = Input {
            deprecated: directive(&it.node.directives, "deprecated").is_some(),
            default: it.node.default_value.map(|value| value.node.to_string()),
            ty: it.node.ty.node,
        };
        (it.node.name.node.to_string(), input)
    };
    inputs.into_iter().map(read).collect()
}

fn location(location: &Positioned<DirectiveLocation>) -> String {
    let mut text = String::new();
    for letter in format!("{:?}", location.node).chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_uppercase());
    }
    text
}
