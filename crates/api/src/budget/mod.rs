//! The request budget: what may be asked for, at what cost, and how often.
//!
//! HTTP, server-sent events and WebSocket all call [`Gate::admit`] before they execute anything. It
//! finds the document's text and, unless it is known, bounds it, parses it, bounds the expanded
//! document and validates it; then it reckons the cost and takes that from the caller's budget, in this order: what is cheap to refuse
//! is refused first.

pub mod address;
mod cache;
pub mod cost;
pub mod document;
pub mod inputs;
pub mod limits;
pub mod persisted;
pub mod rate;
pub mod refused;
pub mod shape;
mod text;
pub mod values;

use std::sync::Arc;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::OperationType;
use async_graphql::{Name, Request, Response, Value};

use crate::clock::Clock;
use crate::graphql::validation::Validator;
use cache::{Documents, Known};
use inputs::Inputs;
use limits::Limits;
use persisted::Persisted;
use rate::{Caller, Rates, Standing};
use refused::Refused;
use shape::Shape;

/// Bytes of a new text that cost 1: it has to be parsed and validated.
const TEXT: usize = 256;

/// Where every request comes through.
#[derive(Debug)]
pub struct Gate {
    limits: Limits,
    shape: &'static Shape,
    inputs: &'static Inputs,
    validator: Validator,
    documents: Documents,
    persisted: Persisted,
    rates: Rates,
}

/// A request that may be executed: its document is valid.
#[derive(Debug)]
pub struct Admitted {
    /// The request, with its document parsed.
    pub request: Request,
    /// What the chosen operation is; `None` if none can be chosen, which execution will say.
    pub kind: Option<OperationType>,
    /// What it costs.
    pub cost: u64,
    /// What one operation may cost.
    pub maximum: u64,
    /// What the caller has left.
    pub standing: Standing,
}

impl Admitted {
    /// The cost of what was admitted, as answers tell it.
    pub fn bill(&self) -> Bill {
        Bill {
            requested: self.cost,
            maximum: self.maximum,
        }
    }
}

/// The cost of an operation, as `extensions.cost` tells it. What the caller has left stands in the
/// header fields: the same request has the same answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bill {
    /// What it cost.
    pub requested: u64,
    /// What one operation may cost.
    pub maximum: u64,
}

impl Bill {
    /// The answer to a query or mutation, with its cost.
    pub fn on(self, mut answer: Response) -> Response {
        let values = [("requested", self.requested), ("maximum", self.maximum)];
        let values = values.map(|(name, value)| (Name::new(name), Value::from(value)));
        let cost = Value::Object(values.into_iter().collect());
        answer.extensions.insert("cost".into(), cost);
        answer
    }
}

impl Gate {
    /// A gate with these limits. Refuses allowed documents that would never be let in.
    pub fn new(limits: Limits, clock: &Clock) -> Result<Self, String> {
        let gate = Self {
            shape: Shape::ours(),
            inputs: Inputs::ours(),
            validator: Validator::default(),
            documents: Documents::default(),
            persisted: Persisted::new(limits.documents.clone()),
            rates: Rates::new(&limits, clock),
            limits,
        };
        for text in gate
            .limits
            .documents
            .iter()
            .flat_map(persisted::Allowed::texts)
        {
            gate.known(text).map_err(|refused| {
                let start: String = text.chars().take(60).collect();
                format!("The document {start:?} cannot be run: {}", refused.message)
            })?;
        }
        Ok(gate)
    }

    /// What bounds requests.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Lets a request in, with its document parsed and its cost taken from the caller's budget.
    pub fn admit(&self, mut request: Request, caller: &Caller) -> Result<Admitted, Refused> {
        // What is refused below costs as well; otherwise refusals would be free to ask for.
        let register = match self.persisted.resolve(&mut request) {
            Ok(register) => register,
            Err(refused) => return Err(refused.standing(self.rates.charge(caller, 1)?)),
        };
        // Errors and logs repeat the name.
        let longest = self.limits.document.word;
        if request
            .operation_name
            .as_ref()
            .is_some_and(|it| it.len() > longest)
        {
            let standing = self.rates.charge(caller, 1)?;
            let text = "The document has no operation of the name in `operationName`.";
            return Err(Refused::new("OPERATION_RESOLUTION_FAILURE", text).standing(standing));
        }
        let known = if let Some(known) = self.documents.get(&request.query) {
            known
        } else {
            let read = request.query.len().min(self.limits.document.bytes) / TEXT;
            let standing = self.rates.charge(caller, 1 + read as u64)?;
            self.known(&request.query)
                .map_err(|refused| refused.standing(standing))?
        };
        if let (Some(hash), Some(_)) = (register, caller.account) {
            self.persisted.register(hash, &request.query);
        }
        let operation = cost::operation(&known.document, request.operation_name.as_deref());
        let cost = operation
            .map(|it| cost::reckon(&known.document, it, &request.variables, self.shape))
            .unwrap_or_default();
        let maximum = self.limits.cost;
        if cost.whole > maximum || cost.introspection > self.limits.introspection {
            let standing = self.rates.charge(caller, 1)?;
            return Err(Refused::dear(cost.whole, maximum).standing(standing));
        }
        let standing = self.rates.charge(caller, cost.whole)?;
        let kind = operation.map(|operation| operation.ty);
        // The library takes the document apart, so each request gets its own.
        request.set_parsed_query(known.document.clone());
        Ok(Admitted {
            request,
            kind,
            cost: cost.whole,
            maximum,
            standing,
        })
    }

    /// The document with this text, from the cache or parsed, bounded and validated now.
    fn known(&self, text: &str) -> Result<Arc<Known>, Refused> {
        if let Some(known) = self.documents.get(text) {
            return Ok(known);
        }
        let bounds = &self.limits.document;
        let tokens = text::tokens(text, bounds)?;
        let document = parse_query(text).map_err(Refused::parse)?;
        document::measure(&document, bounds)?;
        let samples = self.inputs.samples(&document);
        let problems = self.validator.problems(document.clone(), samples);
        if !problems.is_empty() {
            return Err(Refused::invalid(problems));
        }
        let known = Arc::new(Known::new(document, text, tokens));
        self.documents.keep(text, &known);
        Ok(known)
    }
}

#[cfg(test)]
mod tests;
