//! Publishing revisions.

use std::collections::BTreeMap;

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use stoa_domain::actor::{NotPermitted, Permission, Visibility};
use stoa_domain::change::Subject;
use stoa_domain::program;
use stoa_domain::program::source::{self, Source};

use super::Program;
use crate::graphql::error::Failure;
use crate::graphql::scope::Scope;
use crate::graphql::user_error::{UserError, program_error};
use crate::operations::programs::{NotPublished, Published};

/// One file of a program: `program.toml`, `form.schema.json`, or `messages/<name>.md`.
#[derive(InputObject)]
pub struct ProgramFile {
    /// Its name.
    name: String,
    /// Its text.
    text: String,
}

impl ProgramFile {
    /// The files as a program's source.
    pub fn source(files: Vec<Self>) -> Source {
        let files: BTreeMap<_, _> = files.into_iter().map(|it| (it.name, it.text)).collect();
        Source { files }
    }
}

/// Rules to be published.
#[derive(InputObject)]
pub struct PublishRevisionInput {
    /// The program's files. The key in `program.toml` says which program; a new key makes a new one.
    files: Vec<ProgramFile>,
    /// Check and tell, publish nothing.
    #[graphql(default)]
    dry_run: bool,
}

/// What publishing came to.
#[derive(Enum, Copy, Clone, Eq, PartialEq)]
pub enum Publication {
    /// A new revision holds from now on.
    Published,
    /// The rules are what the current revision says already.
    Unchanged,
    /// A revision would have been published; this was a dry run.
    WouldPublish,
}

/// What publishing came to.
#[derive(SimpleObject, Default)]
pub struct PublishRevisionPayload {
    /// What was done; null when it was refused.
    publication: Option<Publication>,
    /// The program; null when it was refused, and for a dry run of a new one.
    program: Option<Program>,
    /// What stands against it; empty means success.
    user_errors: Vec<UserError>,
}

/// Mutations on programs.
#[derive(Default)]
pub struct ProgramMutations;

#[Object]
impl ProgramMutations {
    /// Publishes a program's files as a new immutable revision, if they say something new. Every
    /// mistake is told at once, with file and line. Applications keep the revision they were submitted under.
    async fn publish_revision(
        &self,
        ctx: &Context<'_>,
        input: PublishRevisionInput,
    ) -> Option<Result<PublishRevisionPayload, Failure>> {
        let scope = Scope::of(ctx);
        let publish = async {
            let by = scope.signed_in()?;
            // Reading rules is work: only for those who may publish some.
            if by.visibility(Permission::PublishRevisions) == Visibility::Nothing {
                let refused = NotPermitted(Permission::PublishRevisions);
                return Ok(PublishRevisionPayload {
                    user_errors: vec![program_error(program::Refusal::from(refused).into())?],
                    ..PublishRevisionPayload::default()
                });
            }
            // What a request did before its answer was lost is not done again.
            if let Some(Subject::Program(id)) = scope.service.done {
                return Ok(PublishRevisionPayload {
                    publication: Some(Publication::Published),
                    program: scope.view.program(id).await?.map(Program::from),
                    user_errors: Vec::new(),
                });
            }
            let published = match source::read(&ProgramFile::source(input.files)) {
                Ok(rules) => scope.service.publish(rules, by, input.dry_run).await,
                Err(mistakes) => Err(NotPublished::Mistakes(mistakes)),
            };
            scope.forget();
            Ok(match published {
                Ok(Published::Unchanged(program)) => PublishRevisionPayload {
                    publication: Some(Publication::Unchanged),
                    program: Some(program.into()),
                    user_errors: Vec::new(),
                },
                Ok(Published::Revision(program)) if input.dry_run => PublishRevisionPayload {
                    publication: Some(Publication::WouldPublish),
                    program: scope.view.program(program.id).await?.map(Program::from),
                    user_errors: Vec::new(),
                },
                Ok(Published::Revision(program)) => PublishRevisionPayload {
                    publication: Some(Publication::Published),
                    program: Some(program.into()),
                    user_errors: Vec::new(),
                },
                Err(failed) => PublishRevisionPayload {
                    user_errors: vec![program_error(failed)?],
                    ..PublishRevisionPayload::default()
                },
            })
        };
        Some(Box::pin(publish).await)
    }
}
