//! Global ids: anything that has one, by it.

use std::sync::Arc;

use async_graphql::{Context, ID, Interface, Object};
use stoa_domain::id::Noun;
use stoa_domain::{account, application, criteria, membership, message, organization, program};

use super::accounts::Account;
use super::activities::{self, Activity};
use super::applications::Application;
use super::applications::parts::{Evaluation, Message};
use super::error::{Code, Failure};
use super::memberships::Membership;
use super::organizations::Organization;
use super::programs::{Program, Revision};
use super::scope::{Scope, parse};

/// Anything with a global id.
#[derive(Interface)]
#[expect(clippy::large_enum_variant, reason = "one lives as long as one answer")]
#[graphql(field(name = "id", ty = "ID", desc = "Global id."))]
pub enum Node {
    /// A program.
    Program(Program),
    /// A revision of a program.
    Revision(Revision),
    /// An application.
    Application(Application),
    /// An evaluation of an application.
    Evaluation(Evaluation),
    /// An organisation.
    Organization(Organization),
    /// A membership.
    Membership(Membership),
    /// An account.
    Account(Account),
    /// A message of an application.
    Message(Message),
    /// A line of the log.
    Activity(Activity),
}

/// How many ids `nodes` takes.
const MOST: usize = 100;

/// Queries by global id.
#[derive(Default)]
pub struct NodeQueries;

#[Object]
impl NodeQueries {
    /// Whatever has this id; null when there is nothing, or nothing for this viewer.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A global id, exactly as it was received.")] id: ID,
    ) -> Option<Result<Node, Failure>> {
        find(Scope::of(ctx), &id).await.transpose()
    }

    /// Whatever has these ids, in their order, null where there is nothing. At most 100.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most 100 global ids.")] ids: Vec<ID>,
    ) -> Option<Result<Vec<Option<Node>>, Failure>> {
        if ids.len() > MOST {
            return Some(Err(Failure::new(Code::BadUserInput(
                "`nodes` takes at most 100 ids.",
            ))));
        }
        let scope = Scope::of(ctx);
        let found = futures_util::future::try_join_all(ids.iter().map(|id| find(scope, id)));
        Some(found.await)
    }
}

async fn find(scope: &Scope, id: &ID) -> Result<Option<Node>, Failure> {
    let loaders = scope.loaders();
    let Some((prefix, word)) = id.split_once('_') else {
        return Ok(None);
    };
    Ok(match prefix {
        program::Program::PREFIX => match parse::<program::Program>(id) {
            Some(id) => loaders
                .load_one(id)
                .await?
                .map(|it| Node::Program(Program(it))),
            None => None,
        },
        program::Revision::PREFIX => match parse::<program::Revision>(id) {
            Some(id) => scope
                .view
                .revision(id)
                .await?
                .map(|it| Node::Revision(Revision(Arc::clone(&it)))),
            None => None,
        },
        application::Application::PREFIX => match parse::<application::Application>(id) {
            Some(id) => loaders
                .load_one(id)
                .await?
                .map(|it| Node::Application(it.into())),
            None => None,
        },
        organization::Organization::PREFIX => match parse::<organization::Organization>(id) {
            Some(id) => loaders
                .load_one(id)
                .await?
                .map(|it| Node::Organization(Organization(it))),
            None => None,
        },
        account::Account::PREFIX => match parse::<account::Account>(id) {
            Some(id) => loaders
                .load_one(id)
                .await?
                .map(|it| Node::Account(Account(it))),
            None => None,
        },
        membership::Membership::PREFIX => match parse::<membership::Membership>(id) {
            Some(id) => {
                let mut found = scope.view.memberships_by_id(&[id]).await?;
                found.pop().map(|it| Node::Membership(it.into()))
            }
            None => None,
        },
        criteria::Evaluation::PREFIX => match parse::<criteria::Evaluation>(id) {
            Some(id) => {
                let Some(evaluation): Option<criteria::Evaluation> = loaders.load_one(id).await?
                else {
                    return Ok(None);
                };
                let of = loaders.load_one(evaluation.application).await?;
                of.map(|it| Node::Evaluation(Evaluation::new(evaluation, it.program)))
            }
            None => None,
        },
        message::Message::PREFIX => match parse(id) {
            Some(id) => scope
                .view
                .message(id)
                .await?
                .map(|it| Node::Message(Message(it))),
            None => None,
        },
        _ if id.starts_with(activities::PREFIX) => match word.parse() {
            Ok(sequence) => scope
                .view
                .activity(sequence)
                .await?
                .map(|it| Node::Activity(Activity(it))),
            Err(_) => None,
        },
        _ => None,
    })
}
