//! Objects whose fields are mostly at hand. For every field of every object the library copies its
//! context, wraps the resolver into another future on the heap and waits for all of them together; where
//! hundreds of rows are answered, that is much of the work. [`Prompt`] asks the same resolvers one after
//! the other, and waits for those only that have to wait.

use std::borrow::Cow;
use std::pin::pin;
use std::task::{Poll, Waker};

use async_graphql::async_trait::async_trait;
use async_graphql::indexmap::IndexMap;
use async_graphql::indexmap::map::Entry;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::resolver_utils::{ContainerType, resolve_container};
use async_graphql::{
    Context, ContextSelectionSet, Name, ObjectType, OutputType, Positioned, SelectionField,
    ServerResult, Value, registry,
};
use futures_util::future::{BoxFuture, try_join_all};
use stoa_persistence::Beside;

/// An object that knows which of its fields are at hand.
pub trait AtHand: ObjectType {
    /// Whether this field, with all that can be selected below it, waits for nothing. Where it does
    /// after all, it is asked again in the ordinary way.
    fn at_hand(&self, field: &str) -> bool;
}

/// An object, answered at once as far as it is at hand.
pub struct Prompt<T>(pub T);

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
        for selection in &set.items {
            let inner = match &selection.node {
                Selection::Field(field) => {
                    if self.answer(context, field, object)?.is_err() {
                        return Ok(Err(Ordinary));
                    }
                    continue;
                }
                Selection::InlineFragment(it) => {
                    let on = it.node.type_condition.as_ref();
                    let set = &it.node.selection_set.node;
                    (on.map(|on| &on.node.on.node), set, &it.node.directives)
                }
                Selection::FragmentSpread(it) => {
                    let known = context.query_env.fragments.get(&it.node.fragment_name.node);
                    let Some(known) = known else {
                        return Ok(Err(Ordinary));
                    };
                    let on = Some(&known.node.type_condition.node.on.node);
                    (on, &known.node.selection_set.node, &it.node.directives)
                }
            };
            let (on, set, directives) = inner;
            // Fragments on interfaces are the library's affair.
            if !directives.is_empty() || on.is_some_and(|on| on.as_str() != T::type_name()) {
                return Ok(Err(Ordinary));
            }
            if self.ask(context, set, object)?.is_err() {
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
        if !field.node.directives.is_empty() {
            return Ok(Err(Ordinary));
        }
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
        let mut answering = Answering {
            fields: IndexMap::with_capacity(context.item.node.items.len()),
            waiting: Vec::new(),
        };
        if answering
            .ask(context, &context.item.node, &self.0)?
            .is_err()
        {
            drop(answering);
            return Box::pin(resolve_container(context, &self.0)).await;
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

#[async_trait]
impl<T: AtHand> ContainerType for Prompt<T> {
    async fn resolve_field(&self, context: &Context<'_>) -> ServerResult<Option<Value>> {
        self.0.resolve_field(context).await
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
