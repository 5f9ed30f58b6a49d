//! Validates documents without running them.

use std::sync::Arc;

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation};
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Request, ServerError, ValidationResult, Variables};
use futures_util::FutureExt;

use super::{StoaSchema, build};

/// Says which documents are valid. What executes them later need not look again.
pub struct Validator(StoaSchema);

/// Ends a request once its document was validated: the library has no other door to its rules.
struct Stop;

impl ExtensionFactory for Stop {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Stop {
    async fn validation(
        &self,
        context: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        next.run(context).await?;
        Err(Vec::new())
    }
}

impl Validator {
    /// What is wrong with a document; nothing if it is valid. Values of variables decide what is
    /// found in literals that they are a part of.
    pub fn problems(&self, document: ExecutableDocument, variables: Variables) -> Vec<ServerError> {
        let mut request = Request::new("").variables(variables);
        request.set_parsed_query(document);
        let answer = self.0.execute(request).now_or_never();
        answer.expect("validation waits for nothing").errors
    }
}

impl Default for Validator {
    fn default() -> Self {
        Self(build().extension(Stop).finish())
    }
}

impl std::fmt::Debug for Validator {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Validator")
    }
}
