//! Objects written from columns. Reading a whole value, with its documents, to show six of its columns
//! costs more than all else about a page: where each selected field is one column, of the row or of what
//! it points at, only these are read and written as they are.
//!
//! Which rows there are, and whose names, is decided where it always is. Anything out of the ordinary in
//! a selection (directives, arguments, fragments on interfaces, a field asked for twice), a field that
//! needs more than its column, or a row that cannot be written: all of it goes the ordinary way, which is
//! the oracle of this one in a property test.

use std::borrow::Cow;

use async_graphql::indexmap::IndexMap;
use async_graphql::indexmap::map::Entry;
use async_graphql::parser::types::{Selection, SelectionSet};
use async_graphql::resolver_utils::EnumType;
use async_graphql::{Context, Name, ScalarType, Value};
use stoa_domain::actor::Actor;
use stoa_domain::id::{Id, Noun};
use stoa_persistence::page::Slice;
use stoa_persistence::picked::{Column, Of, Picked, PickedRow};
use stoa_persistence::{StoreError, View};

use super::activities::PREFIX;
use super::prompt::{AtHand, Prompt, Written, flat};
use super::scalars::{Date, DateTime};
use super::scope::Scope;

/// Writes what stands in a column.
pub type Write = fn(&PickedRow, usize) -> Result<Value, Ordinary>;

/// What a field is written from.
pub enum Part {
    /// The name of the object's type.
    Typename(Cow<'static, str>),
    /// A column.
    Column(usize, Write),
    /// An object.
    Object(Object),
    /// Nothing of the row: it is asked for afterwards, by the row's id.
    Later,
}

/// An object of a row.
pub struct Object {
    there: There,
    fields: Vec<(Name, Part)>,
}

/// Whether an object is there.
enum There {
    /// Always.
    Always,
    /// Where this text is one for which it is.
    If(usize, fn(&str) -> bool),
    /// Where the row points at it; the place of its id.
    PointedAt(usize),
    /// The same, of a pointer that can be empty: its place, and that of the id.
    PerhapsPointedAt(usize, usize),
}

/// The columns that a selection needs, as they are gathered.
pub struct Picking<'a> {
    context: &'a Context<'a>,
    view: &'a View,
    picked: Picked,
    of: Of,
    /// The selection of the field that is looked at.
    inside: Option<&'a SelectionSet>,
    /// Whether there is one row only, around which more can be asked for.
    single: bool,
}

/// A row that cannot be written from its columns: it is read as a whole, and says what is wrong with it.
pub struct Ordinary;

impl From<StoreError> for Ordinary {
    fn from(_: StoreError) -> Self {
        Self
    }
}

/// How the rows of a selection are read and written.
pub struct Plan {
    /// Columns to be read.
    pub picked: Picked,
    object: Object,
}

impl<'a> Picking<'a> {
    /// Who asks.
    pub const fn viewer(&self) -> &Actor {
        self.view.actor()
    }

    /// A field that is a column.
    pub fn column(&mut self, column: Column, write: Write) -> Part {
        Part::Column(self.picked.pick(self.of, column), write)
    }

    /// A field that is asked for afterwards.
    pub fn later(&self) -> Option<Part> {
        (self.single && self.of == Of::Row).then_some(Part::Later)
    }

    /// A field that is an object of columns of the same row, there where a text says so.
    pub fn section<T: AtHand>(&mut self, column: Column, there: fn(&str) -> bool) -> Option<Part> {
        let there = There::If(self.picked.pick(self.of, column), there);
        self.object::<T>(there)
    }

    /// A field that is an object which the row points at.
    pub fn beside<T: AtHand>(&mut self, of: Of) -> Option<Part> {
        // What points at nothing further is read here.
        if self.of != Of::Row || !self.view.sees(of) {
            return None;
        }
        let id = self.picked.pick(of, Column::Id);
        let there = match of {
            Of::Assignee => {
                There::PerhapsPointedAt(self.picked.pick(Of::Row, Column::AssigneeId), id)
            }
            _ => There::PointedAt(id),
        };
        self.of = of;
        let part = self.object::<T>(there);
        self.of = Of::Row;
        part
    }

    fn object<T: AtHand>(&mut self, there: There) -> Option<Part> {
        let fields = self.fields::<T>(self.inside?)?;
        Some(Part::Object(Object { there, fields }))
    }

    fn fields<T: AtHand>(&mut self, set: &'a SelectionSet) -> Option<Vec<(Name, Part)>> {
        let mut fields = IndexMap::with_capacity(set.items.len());
        for field in flat::<T>(self.context.query_env, set)? {
            let field = &field.node;
            let Entry::Vacant(place) = fields.entry(field.response_key().node.clone()) else {
                return None;
            };
            let inside = self.inside.replace(&field.selection_set.node);
            let part = match field.name.node.as_str() {
                "__typename" => Part::Typename(T::type_name()),
                name => T::part(name, self)?,
            };
            self.inside = inside;
            if !field.arguments.is_empty() && !matches!(part, Part::Later) {
                return None;
            }
            place.insert(part);
        }
        Some(fields.into_iter().collect())
    }
}

impl Plan {
    /// For the one row that a field answers with.
    pub fn of_one<T: AtHand>(context: &Context<'_>) -> Option<Self> {
        let set = &context.item.node.selection_set.node;
        Self::new::<T>(context, set, true)
    }

    /// For the rows of the page that a field answers with, where they are asked for in one place.
    pub fn of_page<T: AtHand>(context: &Context<'_>) -> Option<Self> {
        let mut rows = None;
        for selection in &context.item.node.selection_set.node.items {
            let Selection::Field(field) = &selection.node else {
                return None;
            };
            let nodes = match field.node.name.node.as_str() {
                "nodes" => Some(field),
                "edges" => {
                    let mut node = None;
                    for selection in &field.node.selection_set.node.items {
                        match &selection.node {
                            Selection::Field(it) if it.node.name.node != "node" => {}
                            Selection::Field(it) if node.is_none() => node = Some(it),
                            _ => return None,
                        }
                    }
                    node
                }
                _ => None,
            };
            if !field.node.directives.is_empty() {
                return None;
            }
            match nodes {
                Some(nodes) if rows.is_none() && nodes.node.directives.is_empty() => {
                    rows = Some(&nodes.node.selection_set.node);
                }
                Some(_) => return None,
                None => {}
            }
        }
        Self::new::<T>(context, rows?, false)
    }

    fn new<T: AtHand>(context: &Context<'_>, set: &SelectionSet, single: bool) -> Option<Self> {
        let mut picking = Picking {
            context,
            view: &Scope::of(context).view,
            picked: Picked::default(),
            of: Of::Row,
            inside: None,
            single,
        };
        let fields = picking.fields::<T>(set)?;
        let there = There::Always;
        let object = Object { there, fields };
        let picked = picking.picked;
        Some(Self { picked, object })
    }

    /// A row as its object; none where the row is not what it should be, and has to be read as a whole.
    pub fn write(&self, row: &PickedRow) -> Option<Value> {
        self.object.write(row).ok()
    }

    /// The rows of a page as their objects; none where one of them has to be read as a whole.
    pub fn page<T>(&self, slice: Slice<PickedRow>) -> Option<Slice<Prompt<T>>> {
        let rows = slice.items.into_iter();
        let written = rows.map(|(cursor, row)| {
            let object = Written::new(self.write(&row)?);
            Some((cursor, Prompt::Written(object)))
        });
        Some(Slice {
            items: written.collect::<Option<_>>()?,
            has_previous: slice.has_previous,
            has_next: slice.has_next,
        })
    }

    /// What is to be asked for afterwards.
    pub fn later(&self) -> impl Iterator<Item = &Name> {
        let fields = self.object.fields.iter();
        fields.filter_map(|(name, part)| matches!(part, Part::Later).then_some(name))
    }
}

impl Object {
    fn write(&self, row: &PickedRow) -> Result<Value, Ordinary> {
        let there = match self.there {
            There::Always => true,
            There::If(place, there) => row.text(place)?.is_some_and(|text| there(&text)),
            There::PointedAt(id) if row.uuid(id)?.is_some() => true,
            // Every row points at one: who may see it is another question.
            There::PointedAt(_) => return Err(Ordinary),
            There::PerhapsPointedAt(pointer, id) => {
                match (row.uuid(pointer)?.is_some(), row.uuid(id)?.is_some()) {
                    (true, false) => return Err(Ordinary),
                    (pointed_at, _) => pointed_at,
                }
            }
        };
        if !there {
            return Ok(Value::Null);
        }
        let mut fields = IndexMap::with_capacity(self.fields.len());
        for (name, part) in &self.fields {
            let value = match part {
                Part::Typename(name) => Value::String(name.to_string()),
                Part::Column(place, write) => write(row, *place)?,
                Part::Later => Value::Null,
                Part::Object(object) => object.write(row)?,
            };
            fields.insert(name.clone(), value);
        }
        Ok(Value::Object(fields))
    }
}

/// Writes a global id.
pub fn id<T: Noun>(row: &PickedRow, place: usize) -> Result<Value, Ordinary> {
    let uuid = row.uuid(place)?;
    Ok(uuid.map_or(Value::Null, |it| {
        Value::String(Id::<T>::new(it).to_string())
    }))
}

/// Writes the global id of a line of the log.
pub fn line(row: &PickedRow, place: usize) -> Result<Value, Ordinary> {
    let sequence = row.sequence(place)?;
    Ok(sequence.map_or(Value::Null, |it| Value::String(format!("{PREFIX}{it}"))))
}

/// Writes a text.
pub fn text(row: &PickedRow, place: usize) -> Result<Value, Ordinary> {
    Ok(row.text(place)?.map_or(Value::Null, Value::String))
}

/// Writes the name of one of several things, which is stored as the schema has it.
pub fn name<T: EnumType>(row: &PickedRow, place: usize) -> Result<Value, Ordinary> {
    let Some(name) = row.text(place)? else {
        return Ok(Value::Null);
    };
    let known = T::items().iter().find(|it| it.name == name);
    known
        .map(|it| Value::Enum(Name::new(it.name)))
        .ok_or(Ordinary)
}

/// Writes a number.
pub fn number(row: &PickedRow, place: usize) -> Result<Value, Ordinary> {
    Ok(row.number(place)?.map_or(Value::Null, Value::from))
}

/// Writes an instant.
pub fn time(row: &PickedRow, place: usize) -> Result<Value, Ordinary> {
    let time = row.time(place)?;
    Ok(time.map_or(Value::Null, |it| DateTime(it).to_value()))
}

/// Writes a day.
pub fn day(row: &PickedRow, place: usize) -> Result<Value, Ordinary> {
    let day = row.day(place)?;
    Ok(day.map_or(Value::Null, |it| Date(it).to_value()))
}
