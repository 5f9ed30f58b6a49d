//! Objects whose fields are mostly at hand. For every field of every object the library copies its
//! context, wraps the resolver into another future on the heap and waits for all of them together; where
//! hundreds of rows are answered, that is much of the work. [`Prompt`] asks the same resolvers one after
//! the other, and waits for those only that have to wait.

use std::borrow::Cow;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Poll, Waker};

use async_graphql::async_trait::async_trait;
use async_graphql::indexmap::IndexMap;
use async_graphql::indexmap::map::Entry;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::resolver_utils::{ContainerType, resolve_container};
use async_graphql::{
    Context, ContextSelectionSet, Name, ObjectType, OutputType, Positioned, QueryEnv,
    SelectionField, ServerResult, Value, registry,
};
use futures_util::future::{BoxFuture, try_join_all};
use stoa_persistence::Beside;

use super::applications::surroundings::Surroundings;
use super::plain::{Part, Picking};

/// An object that knows which of its fields are at hand.
pub trait AtHand: ObjectType {
    /// Whether this field, with all that can be selected below it, waits for nothing. Where it does
    /// after all, it is asked again in the ordinary way.
    fn at_hand(&self, field: &str) -> bool;

    /// How this field is written from columns of a row; none if it needs the whole value.
    fn part(_: &str, _: &mut Picking<'_>) -> Option<Part> {
        None
    }
}

/// An object, answered at once as far as it is at hand.
pub enum Prompt<T> {
    /// A value, whose resolvers are asked.
    Value(T),
    /// Written already, from its columns.
    Written(Written),
}

/// An object that was written from its columns.
pub struct Written {
    /// The answer takes it.
    value: Mutex<Option<Value>>,
    /// What has to be asked for afterwards, by the names it has in the answer.
    around: Option<(Surroundings, Vec<Name>)>,
}

/// An answer under way: fields in their order, and those that have to be waited for.
struct Answering<'a> {
    fields: IndexMap<Name, Value>,
    waiting: Vec<BoxFuture<'a, ServerResult<(Name, Value)>>>,
}

/// What is left to the library: two fields of one name, whose answers are merged; directives; fragments on
/// interfaces.
struct Ordinary;

impl<'a> Answering<'a> {
    fn ask<T: AtHand>(
        &mut self,
        context: &'a ContextSelectionSet<'a>,
        set: &'a SelectionSet,
        object: &'a T,
    ) -> ServerResult<Result<(), Ordinary>> {
        let Some(fields) = flat::<T>(context.query_env, set) else {
            return Ok(Err(Ordinary));
        };
        for field in fields {
            if self.answer(context, field, object)?.is_err() {
                return Ok(Err(Ordinary));
            }
        }
        Ok(Ok(()))
    }

    fn answer<T: AtHand>(
        &mut self,
        context: &'a ContextSelectionSet<'a>,
        field: &'a Positioned<Field>,
        object: &'a T,
    ) -> ServerResult<Result<(), Ordinary>> {
        let name = &field.node.name.node;
        let Entry::Vacant(place) = self.fields.entry(field.node.response_key().node.clone()) else {
            return Ok(Err(Ordinary));
        };
        if name == "__typename" {
            place.insert(Value::String(T::type_name().into_owned()));
            return Ok(Ok(()));
        }
        if object.at_hand(name) {
            let context = context.with_field(field);
            let asked = pin!(object.resolve_field(&context));
            if let Poll::Ready(value) =
                asked.poll(&mut std::task::Context::from_waker(Waker::noop()))
            {
                place.insert(value?.unwrap_or_default());
                return Ok(Ok(()));
            }
        }
        let name = place.key().clone();
        place.insert(Value::Null);
        self.waiting.push(Box::pin(async move {
            let context = context.with_field(field);
            let value = object.resolve_field(&context).await?;
            Ok((name, value.unwrap_or_default()))
        }));
        Ok(Ok(()))
    }
}

/// The fields that are selected of an object of this type, those in fragments too; none where a
/// directive or a fragment on an interface is among them.
pub fn flat<'a, T: ObjectType>(
    query: &'a QueryEnv,
    set: &'a SelectionSet,
) -> Option<Vec<&'a Positioned<Field>>> {
    let mut fields = Vec::with_capacity(set.items.len());
    gather::<T>(query, set, &mut fields).then_some(fields)
}

fn gather<'a, T: ObjectType>(
    query: &'a QueryEnv,
    set: &'a SelectionSet,
    fields: &mut Vec<&'a Positioned<Field>>,
) -> bool {
    set.items.iter().all(|selection| {
        let (on, set, directives) = match &selection.node {
            Selection::Field(field) => {
                fields.push(field);
                return field.node.directives.is_empty();
            }
            Selection::InlineFragment(it) => {
                let on = it.node.type_condition.as_ref();
                (on, &it.node.selection_set, &it.node.directives)
            }
            Selection::FragmentSpread(it) => {
                let Some(known) = query.fragments.get(&it.node.fragment_name.node) else {
                    return false;
                };
                let on = Some(&known.node.type_condition);
                (on, &known.node.selection_set, &it.node.directives)
            }
        };
        directives.is_empty()
            && on.is_none_or(|on| on.node.on.node.as_str() == T::type_name())
            && gather::<T>(query, &set.node, fields)
    })
}

impl<T: AtHand> Prompt<T> {
    async fn answer(value: &T, context: &ContextSelectionSet<'_>) -> ServerResult<Value> {
        let mut answering = Answering {
            fields: IndexMap::with_capacity(context.item.node.items.len()),
            waiting: Vec::new(),
        };
        if answering.ask(context, &context.item.node, value)?.is_err() {
            drop(answering);
            return Box::pin(resolve_container(context, value)).await;
        }
        let Answering {
            mut fields,
            waiting,
        } = answering;
        if !waiting.is_empty() {
            for (name, value) in try_join_all(waiting).await? {
                fields.insert(name, value);
            }
        }
        Ok(Value::Object(fields))
    }
}

impl Written {
    /// An object that is complete.
    pub const fn new(value: Value) -> Self {
        Self {
            value: Mutex::new(Some(value)),
            around: None,
        }
    }

    /// An application of which these fields are still to be asked for.
    pub fn within(value: Value, around: Surroundings, later: Vec<Name>) -> Self {
        Self {
            value: Mutex::new(Some(value)),
            around: (!later.is_empty()).then_some((around, later)),
        }
    }

    async fn answer<T: AtHand>(&self, context: &ContextSelectionSet<'_>) -> ServerResult<Value> {
        let value = self
            .value
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let mut value = value.expect("a selection is answered once");
        let Some((around, later)) = &self.around else {
            return Ok(value);
        };
        let fields = flat::<T>(context.query_env, &context.item.node).unwrap_or_default();
        let fields = fields.into_iter();
        let asked = fields.filter(|field| later.contains(&field.node.response_key().node));
        let asked = try_join_all(asked.map(|field| async move {
            let name = field.node.response_key().node.clone();
            let value = around.resolve_field(&context.with_field(field)).await?;
            ServerResult::Ok((name, value.unwrap_or_default()))
        }));
        if let Value::Object(object) = &mut value {
            object.extend(asked.await?);
        }
        Ok(value)
    }
}

#[async_trait]
impl<T: AtHand> OutputType for Prompt<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut registry::Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        match self {
            Self::Value(value) => Self::answer(value, context).await,
            Self::Written(written) => written.answer::<T>(context).await,
        }
    }
}

#[async_trait]
impl<T: AtHand> ContainerType for Prompt<T> {
    async fn resolve_field(&self, context: &Context<'_>) -> ServerResult<Option<Value>> {
        match self {
            Self::Value(value) => value.resolve_field(context).await,
            // Whoever asks field by field does not come by pages, nor by an application's id.
            Self::Written(_) => Ok(None),
        }
    }
}

impl<T: AtHand> ObjectType for Prompt<T> {}

/// What the operation asks for of what the rows of this field point at: of the field itself, or of the
/// rows of its page.
pub fn beside(context: &Context<'_>) -> Beside {
    let mut beside = Beside::default();
    for field in context.field().selection_set() {
        match field.name() {
            "nodes" => note(&mut beside, field.selection_set()),
            "edges" => {
                let edges = field.selection_set();
                edges.for_each(|it| note(&mut beside, it.selection_set()));
            }
            _ => note(&mut beside, std::iter::once(field)),
        }
    }
    beside
}

fn note<'a>(beside: &mut Beside, fields: impl Iterator<Item = SelectionField<'a>>) {
    // A field with a directive goes the ordinary way throughout.
    for field in fields.filter(|it| it.directives().is_ok_and(|it| it.is_empty())) {
        match field.name() {
            "program" => beside.program = true,
            "organization" => beside.organization = true,
            "applicant" => beside.applicant = true,
            "assignee" => beside.assignee = true,
            _ => {}
        }
    }
}
