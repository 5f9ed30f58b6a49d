//! Accounts and roles in the schema.

use std::sync::Arc;

use async_graphql::connection::EmptyFields;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use stoa_domain::Timestamp;
use stoa_domain::account::{self, Refusal};
use stoa_domain::actor::{Actor, Grant, Permission};
use stoa_domain::change::{Change, Subject};
use stoa_persistence::StoreError;
use stoa_persistence::picked::Column;

use super::applications::queries::filtered;
use super::connection::{MOST, PageArguments, Pages};
use super::enums::{AccountKind, Role};
use super::error::{Code, Failure};
use super::plain::{self, Part, Picking};
use super::programs::Program;
use super::prompt::{AtHand, Prompt};
use super::scope::{Scope, parse};
use super::sessions::{Session, sessions_of};
use super::tokens::IntegrationToken;
use super::user_error::{UserError, UserErrorCode};
use crate::graphql::scalars::DateTime;

/// Somebody, or something, that signs in.
pub struct Account(pub Arc<account::Account>);

impl From<account::Account> for Account {
    fn from(it: account::Account) -> Self {
        Self(Arc::new(it))
    }
}

/// A role, for one program or for all.
pub struct RoleGrant(Grant);

/// A role, for one program or for all.
#[Object]
impl RoleGrant {
    /// The role.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// The program; null means every program.
    async fn program(&self, ctx: &Context<'_>) -> Option<Result<Program, Failure>> {
        let loaded = Scope::of(ctx).load(self.0.program?).await;
        loaded.map(|it| it.map(Program))
    }
}

/// Somebody, or something, that signs in.
#[Object]
impl Account {
    /// Global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Counts every change, from 1. Send it as `expectedVersion` with a command.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// A person of the team, an applicant, or another system.
    async fn kind(&self) -> AccountKind {
        self.0.kind.into()
    }

    /// The name people read.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The mail address, in lower case.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// Roles held, in the order they were given.
    async fn roles(&self) -> Vec<RoleGrant> {
        self.0.grants.iter().copied().map(RoleGrant).collect()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// Since when it cannot sign in any more; null while it can.
    async fn disabled_at(&self) -> Option<DateTime> {
        self.0.disabled_at.map(Into::into)
    }

    /// Sessions that go on, and every one in which somebody acted in the account's name; the 100
    /// newest. For oneself and for administrators; null for everybody else.
    async fn sessions(&self, ctx: &Context<'_>) -> Option<Result<Vec<Session>, Failure>> {
        sessions_of(Scope::of(ctx), &self.0).await
    }

    /// Tokens of an integration's account, the 100 newest. For administrators; null for everybody else.
    async fn integration_tokens(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<Vec<IntegrationToken>, Failure>> {
        let scope = Scope::of(ctx);
        let keeper = Permission::ManageAccounts;
        scope.actor().permitted_everywhere(keeper).ok()?;
        let found = scope.view.integration_tokens_of(self.0.id).await;
        let found = found.map(|all| all.into_iter().map(IntegrationToken).collect());
        Some(found.map_err(Into::into))
    }
}

impl AtHand for Account {
    fn at_hand(&self, field: &str) -> bool {
        !matches!(field, "sessions" | "integrationTokens" | "roles")
    }

    fn part(field: &str, picking: &mut Picking<'_>) -> Option<Part> {
        Some(match field {
            "id" => picking.column(Column::Id, plain::id::<account::Account>),
            "version" => picking.column(Column::Version, plain::number),
            "kind" => picking.column(Column::Kind, plain::name::<AccountKind>),
            "name" => picking.column(Column::Name, plain::text),
            "email" => picking.column(Column::Email, plain::text),
            "createdAt" => picking.column(Column::CreatedAt, plain::time),
            "disabledAt" => picking.column(Column::DisabledAt, plain::time),
            _ => return None,
        })
    }
}

/// Queries on accounts.
#[derive(Default)]
pub struct AccountQueries;

#[Object]
impl AccountQueries {
    /// The account that is signed in; null for strangers.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Result<Account, Failure>> {
        let scope = Scope::of(ctx);
        let loaded = scope.load(scope.actor().account()?).await;
        loaded.map(|it| it.map(Account))
    }

    /// Accounts that exist for this viewer, oldest first: everybody for those who keep accounts,
    /// colleagues and applicants of their programs for the team, oneself for everybody else.
    async fn accounts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the start: 20 unless asked, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "The same from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<Result<Pages<Account>, Failure>> {
        let scope = Scope::of(ctx);
        let read = async {
            scope.signed_in()?;
            let page = PageArguments::new(first, after, last, before).page(MOST, &())?;
            let slice = scope.view.accounts(&page.page).await?;
            Ok(page.connection(slice, EmptyFields, |it| Prompt::Value(it.into())))
        };
        Some(Box::pin(read).await)
    }
}

/// What a command on an account came to.
#[derive(SimpleObject, Default)]
pub struct AccountPayload {
    /// The account after the command; null when it was refused.
    pub account: Option<Account>,
    /// What stands against it; empty means success.
    pub user_errors: Vec<UserError>,
}

impl AccountPayload {
    pub(super) fn done(account: Account) -> Self {
        Self {
            account: Some(account),
            user_errors: Vec::new(),
        }
    }

    pub(super) fn refused(error: UserError) -> Self {
        Self {
            account: None,
            user_errors: vec![error],
        }
    }
}

/// A new account.
#[derive(InputObject)]
pub struct CreateAccountInput {
    /// Who stands behind it.
    kind: AccountKind,
    /// The name people read, at most 200 characters.
    name: String,
    /// The mail address; unique.
    email: String,
}

/// A role to be given or taken away.
#[derive(InputObject)]
pub struct RoleInput {
    /// The account.
    account_id: ID,
    /// Its `version` when you read it.
    expected_version: i32,
    /// The role.
    role: Role,
    /// The program; null means every program.
    program_id: Option<ID>,
}

/// An account to be closed.
#[derive(InputObject)]
pub struct DisableAccountInput {
    /// The account.
    account_id: ID,
    /// Its `version` when you read it.
    expected_version: i32,
}

/// What somebody tells of themselves.
#[derive(InputObject)]
pub struct UpdateProfileInput {
    /// Your account's `version` when you read it.
    expected_version: i32,
    /// The name people read, at most 200 characters.
    name: String,
}

/// Mutations on accounts and roles.
#[derive(Default)]
pub struct AccountMutations;

type Answer = Option<Result<AccountPayload, Failure>>;
type Changed = Result<Change<account::Account>, Refusal>;

#[Object]
impl AccountMutations {
    /// Makes an account without roles. Administrators make all kinds; an importer makes applicants.
    async fn create_account(&self, ctx: &Context<'_>, input: CreateAccountInput) -> Answer {
        let scope = Scope::of(ctx);
        let create = async {
            let by = scope.signed_in()?;
            if let Some(payload) = done_before(scope).await? {
                return Ok(payload);
            }
            let id = scope.service.clock.id();
            let kind = input.kind.into();
            let change =
                account::Account::create(id, kind, &input.name, &input.email, by, scope.now());
            committed(scope, change).await
        };
        Some(Box::pin(create).await)
    }

    /// Gives a role. It holds from the account's next request on.
    async fn grant_role(&self, ctx: &Context<'_>, input: RoleInput) -> Answer {
        changed_role(ctx, input, account::Account::grant).await
    }

    /// Takes a role away. The account's next request already goes without it.
    async fn revoke_role(&self, ctx: &Context<'_>, input: RoleInput) -> Answer {
        changed_role(ctx, input, account::Account::revoke).await
    }

    /// Changes your own name.
    async fn update_profile(&self, ctx: &Context<'_>, input: UpdateProfileInput) -> Answer {
        let scope = Scope::of(ctx);
        let update = async {
            let by = scope.signed_in()?;
            let own = match by.account() {
                Some(id) => scope.view.account(id).await?,
                None => None,
            };
            let Some(own) = own else {
                return Err(Failure::new(Code::Unauthenticated));
            };
            let change = own.rename(&input.name, input.expected_version, by, scope.now());
            committed(scope, change).await
        };
        Some(Box::pin(update).await)
    }

    /// Closes an account: it cannot sign in any more, its history stays.
    async fn disable_account(&self, ctx: &Context<'_>, input: DisableAccountInput) -> Answer {
        let scope = Scope::of(ctx);
        let disable = async {
            let by = scope.signed_in()?;
            if let Some(payload) = done_before(scope).await? {
                return Ok(payload);
            }
            match found(scope, &input.account_id).await? {
                Some(account) => {
                    let change = account.disable(input.expected_version, by, scope.now());
                    committed(scope, change).await
                }
                None => Ok(missing()),
            }
        };
        Some(Box::pin(disable).await)
    }
}

async fn changed_role(
    ctx: &Context<'_>,
    input: RoleInput,
    change: impl FnOnce(account::Account, Grant, i32, &Actor, Timestamp) -> Changed + Send,
) -> Answer {
    let scope = Scope::of(ctx);
    let run = async {
        let by = scope.signed_in()?;
        if let Some(payload) = done_before(scope).await? {
            return Ok(payload);
        }
        let program = filtered(input.program_id)?;
        if let Some(program) = program
            && scope.view.program(program).await?.is_none()
        {
            return Ok(AccountPayload::refused(UserError::missing(
                "program",
                &["input", "programId"],
            )));
        }
        let grant = Grant {
            role: input.role.into(),
            program,
        };
        match found(scope, &input.account_id).await? {
            Some(account) => {
                let change = change(account, grant, input.expected_version, by, scope.now());
                committed(scope, change).await
            }
            None => Ok(missing()),
        }
    };
    Some(Box::pin(run).await)
}

/// What a request did before its answer was lost; none if it did nothing yet.
async fn done_before(scope: &Scope) -> Result<Option<AccountPayload>, Failure> {
    let Some(Subject::Account(id)) = scope.service.done else {
        return Ok(None);
    };
    let system = scope.service.store.view(&Actor::System);
    Ok(Some(AccountPayload {
        account: system.account(id).await?.map(Account::from),
        user_errors: Vec::new(),
    }))
}

pub(super) async fn found(scope: &Scope, id: &ID) -> Result<Option<account::Account>, Failure> {
    match parse(id) {
        Some(id) => Ok(scope.view.account(id).await?),
        None => Ok(None),
    }
}

fn missing() -> AccountPayload {
    AccountPayload::refused(UserError::missing("account", &["input", "accountId"]))
}

async fn committed(scope: &Scope, change: Changed) -> Result<AccountPayload, Failure> {
    let change = match change {
        Ok(change) => change,
        Err(refusal) => return Ok(AccountPayload::refused(refusal.into())),
    };
    let account = change.after.clone();
    let done = scope.service.store.commit(change).await;
    scope.forget();
    match done {
        Ok(()) => Ok(AccountPayload::done(account.into())),
        Err(StoreError::Taken(_)) => Ok(AccountPayload::refused(UserError::plain(
            UserErrorCode::Taken,
            "Another account has this mail address.",
            &["input", "email"],
        ))),
        Err(StoreError::Conflict) => {
            let current = scope.view.account(account.id).await?;
            let current = current.map_or(account.version, |it| it.version);
            Ok(AccountPayload::refused(Refusal::Stale { current }.into()))
        }
        Err(error) => Err(error.into()),
    }
}
