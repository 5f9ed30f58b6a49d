//! Commands on applications.

use std::sync::Arc;

use async_graphql::{Context, ID, Json, Object, SimpleObject};
use serde_json::{Map, Value};
use stoa_domain::account::Account;
use stoa_domain::actor::{Actor, Permission};
use stoa_domain::application::{Act, Application as Value_, Refusal};
use stoa_domain::change::Change;
use stoa_domain::decision::Draft;
use stoa_domain::facts::Answers;
use stoa_domain::program::Program;
use stoa_persistence::Near;

use super::Application;
use super::inputs::{
    AnswerApplicationInput, ApplicationCommandInput, ApproveApplicationInput, AskApplicantInput,
    AssignApplicationInput, CreateApplicationInput, DeclineApplicationInput, HoldApplicationInput,
    ProposeDecisionInput, ReopenApplicationInput, ReplyToQuestionInput, SendBackDecisionInput,
    WithdrawApplicationInput,
};
use crate::clock::kept;
use crate::graphql::error::Failure;
use crate::graphql::prompt::Prompt;
use crate::graphql::scope::{Scope, parse};
use crate::graphql::user_error::{UserError, UserErrorCode, application_error};
use crate::operations::applications::{Command, Outcome};
use crate::service::{Compiled, Failed};

/// What a command on an application came to.
#[derive(SimpleObject, Default)]
pub struct ApplicationPayload {
    /// The application after the command; null when it was refused.
    application: Option<Prompt<Application>>,
    /// What stands against it; empty means success.
    user_errors: Vec<UserError>,
}

/// Mutations on applications.
#[derive(Default)]
pub struct ApplicationMutations;

type Answer = Option<Result<ApplicationPayload, Failure>>;

#[Object]
impl ApplicationMutations {
    /// Begins a draft. The applicant must be signed in as one; an integration names the applicant.
    async fn create_application(&self, ctx: &Context<'_>, input: CreateApplicationInput) -> Answer {
        let scope = Scope::of(ctx);
        let create = async {
            let by = scope.signed_in()?;
            let program: Option<Program> = match parse(&input.program_id) {
                Some(id) => scope.view.program(id).await?,
                None => None,
            };
            let Some(program) = program else {
                return Ok(refused(UserError::missing(
                    "program",
                    &["input", "programId"],
                )));
            };
            let own = match by {
                Actor::Applicant { account, .. } => Some(*account),
                _ => None,
            };
            let named = input.applicant_id.as_ref().map(parse::<Account>);
            let theirs = named.is_none_or(|id| id.is_some() && id == own) && own.is_some();
            if !theirs
                && by
                    .permitted(Permission::ImportApplications, program.id)
                    .is_err()
            {
                return Ok(refused(UserError::plain(
                    UserErrorCode::NotPermitted,
                    "Only applicants, and systems that bring applications in, begin applications.",
                    &[],
                )));
            }
            let system = scope.service.store.view(&Actor::System);
            let applicant = match own.or(named.flatten()) {
                Some(id) => system.account(id).await?,
                None => None,
            };
            let applicant = applicant.filter(|it| it.actor().is_applicant());
            let Some(applicant) = applicant else {
                return Ok(refused(UserError::missing(
                    "applicant",
                    &["input", "applicantId"],
                )));
            };
            let name = &input.organization_name;
            let begun = scope
                .service
                .begin(by, &program, applicant.id, name, input.external_id);
            payload(scope, begun.await)
        };
        Some(Box::pin(create).await)
    }

    /// Gives or changes answers of a draft, or while a question is open. Wrong answers are refused, unfinished ones are not.
    async fn answer_application(&self, ctx: &Context<'_>, input: AnswerApplicationInput) -> Answer {
        let scope = Scope::of(ctx);
        let answer = async {
            let Some(command) = prepared(scope, &input.application_id, input.expected_version)?
            else {
                return Ok(refused(missing()));
            };
            let given = Some(given(input.answers));
            let service = &scope.service;
            let done =
                service.carry_out_with_answers(command, given, |it, answers, compiled, act| {
                    it.answer(answers, &compiled.form, act)
                });
            finished(scope, done.await)
        };
        Some(Box::pin(answer).await)
    }

    /// Hands the draft in. The criteria are run at once; where the program lets the service decide, the answer is decided.
    async fn submit_application(
        &self,
        ctx: &Context<'_>,
        input: ApplicationCommandInput,
    ) -> Answer {
        let scope = Scope::of(ctx);
        let submit = async {
            let Some(command) = prepared(scope, &input.application_id, input.expected_version)?
            else {
                return Ok(refused(missing()));
            };
            finished(scope, scope.service.submit(command).await)
        };
        Some(Box::pin(submit).await)
    }

    /// Runs the criteria again, e.g. after a registry was brought up to date.
    async fn evaluate_application(
        &self,
        ctx: &Context<'_>,
        input: ApplicationCommandInput,
    ) -> Answer {
        let scope = Scope::of(ctx);
        let evaluate = async {
            let Some(command) = prepared(scope, &input.application_id, input.expected_version)?
            else {
                return Ok(refused(missing()));
            };
            let Some(application) = scope.view.application(command.application).await? else {
                return Ok(refused(missing()));
            };
            let id = application.id;
            let done = scope
                .service
                .evaluate(application, command.by, command.seen)
                .await;
            finished(scope, scope.service.or_stale(id, done).await)
        };
        Some(Box::pin(evaluate).await)
    }

    /// Takes the application on.
    async fn claim_application(&self, ctx: &Context<'_>, input: ApplicationCommandInput) -> Answer {
        plain(ctx, input, stoa_domain::application::Application::claim).await
    }

    /// Gives the application to somebody who can review it.
    async fn assign_application(&self, ctx: &Context<'_>, input: AssignApplicationInput) -> Answer {
        let scope = Scope::of(ctx);
        if let Err(failure) = scope.signed_in() {
            return Some(Err(failure));
        }
        let found = match parse::<Account>(&input.assignee_id) {
            Some(id) => scope.view.account(id).await,
            None => Ok(None),
        };
        let assignee = match found {
            Ok(Some(account)) => account,
            Ok(None) => {
                let path = ["input", "assigneeId"];
                return Some(Ok(refused(UserError::missing("account", &path))));
            }
            Err(error) => return Some(Err(error.into())),
        };
        command(
            ctx,
            &input.application_id,
            input.expected_version,
            |it, _, act| it.assign(&assignee, act),
        )
        .await
    }

    /// Gives the application back, so that anybody can take it on: for whoever works on it, and for managers.
    async fn unassign_application(
        &self,
        ctx: &Context<'_>,
        input: ApplicationCommandInput,
    ) -> Answer {
        plain(ctx, input, stoa_domain::application::Application::unassign).await
    }

    /// Asks the applicant; the promise pauses until they reply.
    async fn ask_applicant(&self, ctx: &Context<'_>, input: AskApplicantInput) -> Answer {
        command(
            ctx,
            &input.application_id,
            input.expected_version,
            |it, compiled, act| it.ask(&input.question, input.fields, &compiled.form, act),
        )
        .await
    }

    /// Answers the team's question. Changed answers count, and the criteria are run again.
    async fn reply_to_question(&self, ctx: &Context<'_>, input: ReplyToQuestionInput) -> Answer {
        let scope = Scope::of(ctx);
        let reply = async {
            let Some(mut command) = prepared(scope, &input.application_id, input.expected_version)?
            else {
                return Ok(refused(missing()));
            };
            command.written = Some(&input.message);
            let (service, answers) = (&scope.service, input.answers.map(given));
            let done = service.reply(&input.message, answers, command).await;
            finished(scope, done)
        };
        Some(Box::pin(reply).await)
    }

    /// Puts the application on hold, with the cause.
    async fn hold_application(&self, ctx: &Context<'_>, input: HoldApplicationInput) -> Answer {
        command(
            ctx,
            &input.application_id,
            input.expected_version,
            |it, _, act| {
                it.hold(
                    input.cause.into(),
                    &input.note,
                    input.until.map(|until| kept(until.0)),
                    act,
                )
            },
        )
        .await
    }

    /// Ends the hold.
    async fn release_application(
        &self,
        ctx: &Context<'_>,
        input: ApplicationCommandInput,
    ) -> Answer {
        plain(ctx, input, stoa_domain::application::Application::release).await
    }

    /// Drafts a decision: because it is over a limit and needs a second person, or to publish it later.
    async fn propose_decision(&self, ctx: &Context<'_>, input: ProposeDecisionInput) -> Answer {
        let draft = Draft {
            outcome: input.outcome.into(),
            reasons: input.reasons,
            message: input.message,
        };
        command(
            ctx,
            &input.application_id,
            input.expected_version,
            |it, _, act| it.propose(&draft, act),
        )
        .await
    }

    /// Approves a drafted decision as a second person.
    async fn approve_decision(&self, ctx: &Context<'_>, input: ApplicationCommandInput) -> Answer {
        plain(
            ctx,
            input,
            stoa_domain::application::Application::approve_decision,
        )
        .await
    }

    /// Sends a drafted decision back to review.
    async fn send_back_decision(&self, ctx: &Context<'_>, input: SendBackDecisionInput) -> Answer {
        command(
            ctx,
            &input.application_id,
            input.expected_version,
            |it, _, act| it.send_back(&input.note, act),
        )
        .await
    }

    /// Publishes a drafted decision: the applicant sees it, and an approval begins the membership.
    async fn publish_decision(&self, ctx: &Context<'_>, input: ApplicationCommandInput) -> Answer {
        plain(ctx, input, stoa_domain::application::Application::publish).await
    }

    /// Accepts the organisation at once, within the approval limits. The membership begins with it.
    async fn approve_application(
        &self,
        ctx: &Context<'_>,
        input: ApproveApplicationInput,
    ) -> Answer {
        command(
            ctx,
            &input.application_id,
            input.expected_version,
            |it, _, act| it.approve(input.message, act),
        )
        .await
    }

    /// Declines at once, with reasons that the applicant reads.
    async fn decline_application(
        &self,
        ctx: &Context<'_>,
        input: DeclineApplicationInput,
    ) -> Answer {
        command(
            ctx,
            &input.application_id,
            input.expected_version,
            |it, _, act| it.decline(input.reasons, input.message, act),
        )
        .await
    }

    /// Takes the application back; possible from every open state.
    async fn withdraw_application(
        &self,
        ctx: &Context<'_>,
        input: WithdrawApplicationInput,
    ) -> Answer {
        command(
            ctx,
            &input.application_id,
            input.expected_version,
            |it, _, act| it.withdraw(input.reason.as_deref(), act),
        )
        .await
    }

    /// Takes a declined or expired application up again: the applicant's appeal, or the team's second thought.
    async fn reopen_application(&self, ctx: &Context<'_>, input: ReopenApplicationInput) -> Answer {
        let scope = Scope::of(ctx);
        let reopen = async {
            let Some(mut command) = prepared(scope, &input.application_id, input.expected_version)?
            else {
                return Ok(refused(missing()));
            };
            command.written = Some(&input.reason);
            finished(scope, scope.service.reopen(&input.reason, command).await)
        };
        Some(Box::pin(reopen).await)
    }

    /// Puts the application on the waiting list because every place is taken.
    async fn waitlist_application(
        &self,
        ctx: &Context<'_>,
        input: ApplicationCommandInput,
    ) -> Answer {
        plain(ctx, input, stoa_domain::application::Application::waitlist).await
    }

    /// Offers a waiting application a place that became free; it goes back to review.
    async fn offer_place(&self, ctx: &Context<'_>, input: ApplicationCommandInput) -> Answer {
        plain(ctx, input, stoa_domain::application::Application::offer).await
    }
}

/// Answers as they come with a command.
fn given(answers: Json<Map<String, Value>>) -> Answers {
    Answers {
        values: answers.0,
        ..Answers::default()
    }
}

async fn plain(
    ctx: &Context<'_>,
    input: ApplicationCommandInput,
    decide: impl FnOnce(Value_, &Act<'_>) -> Result<Change<Value_>, Refusal> + Send,
) -> Answer {
    let ApplicationCommandInput {
        application_id,
        expected_version,
    } = input;
    command(ctx, &application_id, expected_version, |it, _, act| {
        decide(it, act)
    })
    .await
}

async fn command(
    ctx: &Context<'_>,
    id: &ID,
    seen: i32,
    decide: impl FnOnce(Value_, &Compiled, &Act<'_>) -> Result<Change<Value_>, Refusal> + Send,
) -> Answer {
    let scope = Scope::of(ctx);
    let run = async {
        let Some(command) = prepared(scope, id, seen)? else {
            return Ok(refused(missing()));
        };
        finished(scope, scope.service.carry_out(command, decide).await)
    };
    Some(Box::pin(run).await)
}

/// The command by whoever is signed in; none when the id is not an application's.
fn prepared<'a>(scope: &'a Scope, id: &ID, seen: i32) -> Result<Option<Command<'a>>, Failure> {
    let by = scope.signed_in()?;
    Ok(parse(id).map(|application| Command {
        by,
        application,
        seen: Some(seen),
        written: None,
    }))
}

fn missing() -> UserError {
    UserError::missing("application", &["input", "applicationId"])
}

fn refused(error: UserError) -> ApplicationPayload {
    ApplicationPayload {
        application: None,
        user_errors: vec![error],
    }
}

/// What was loaded before the command may be out of date behind it.
fn finished(scope: &Scope, done: Result<Outcome, Failed>) -> Result<ApplicationPayload, Failure> {
    scope.forget();
    payload(scope, done)
}

fn payload(scope: &Scope, done: Result<Outcome, Failed>) -> Result<ApplicationPayload, Failure> {
    match done {
        Ok(Outcome { application, .. }) => {
            let assignee = application.assignee.and_then(|id| scope.view.oneself(id));
            let near = Near {
                assignee: assignee.map(Arc::new),
                ..Near::default()
            };
            Ok(ApplicationPayload {
                application: Some(Prompt::Value(Application(application, near))),
                user_errors: Vec::new(),
            })
        }
        Err(failed) => application_error(failed).map(refused),
    }
}
