//! Tokens of integrations in the schema.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use stoa_domain::actor;
use stoa_domain::token::{self, Refusal};

use super::accounts::found;
use super::applications::queries::filtered;
use super::enums::Permission;
use super::error::Failure;
use super::programs::Program;
use super::scope::{Scope, bounded, parse};
use super::user_error::{UserError, UserErrorCode};
use crate::graphql::scalars::DateTime;
use crate::operations::integration_tokens::{TokenFailed, TokenWish};

/// A token of an integration. The service knows its hash only.
pub struct IntegrationToken(pub token::IntegrationToken);

/// One thing that a token is for, in one program or wherever its account may.
pub struct TokenScope(actor::Scope);

/// One thing that a token is for, in one program or wherever its account may.
#[Object]
impl TokenScope {
    /// What may be done with it, as long as a role of its account allows it too.
    async fn permission(&self) -> Permission {
        self.0.permission.into()
    }

    /// The program; null means wherever its account may.
    async fn program(&self, ctx: &Context<'_>) -> Option<Result<Program, Failure>> {
        let loaded = Scope::of(ctx).load(self.0.program?).await;
        loaded.map(|it| it.map(Program))
    }
}

/// A token of an integration. The service knows its hash only.
#[Object]
impl IntegrationToken {
    /// Global id.
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What it is for, in words.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it allows, as far as the account's roles do.
    async fn scopes(&self) -> Vec<TokenScope> {
        self.0.scopes.iter().copied().map(TokenScope).collect()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it ends.
    async fn expires_at(&self) -> DateTime {
        self.0.expires_at.into()
    }

    /// When it was last used, to the minute; null if never.
    async fn used_at(&self) -> Option<DateTime> {
        self.0.used_at.map(Into::into)
    }

    /// When it was taken back; null while it was not.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(Into::into)
    }
}

/// One thing that a token is for.
#[derive(InputObject)]
pub struct TokenScopeInput {
    /// What may be done with it; a role of the account must allow it too.
    permission: Permission,
    /// The program; null means wherever the account may.
    program_id: Option<ID>,
}

/// A new token.
#[derive(InputObject)]
pub struct CreateIntegrationTokenInput {
    /// The account, of another system.
    account_id: ID,
    /// What it is for, at most 200 characters.
    name: String,
    /// What it allows: 1 to 100.
    scopes: Vec<TokenScopeInput>,
    /// When it ends, within a year.
    expires_at: DateTime,
}

/// What came of making a token.
#[derive(SimpleObject, Default)]
pub struct CreateIntegrationTokenPayload {
    /// The token; null when it was refused.
    token: Option<IntegrationToken>,
    /// What the system sends: `Authorization: Bearer …`. This is the only time that it is told.
    secret: Option<String>,
    /// What stands against it; empty means success.
    user_errors: Vec<UserError>,
}

/// A token to be taken back.
#[derive(InputObject)]
pub struct RevokeIntegrationTokenInput {
    /// The token.
    token_id: ID,
}

/// What became of a token.
#[derive(SimpleObject, Default)]
pub struct RevokeIntegrationTokenPayload {
    /// The token after the command; null when it was refused.
    token: Option<IntegrationToken>,
    /// What stands against it; empty means success.
    user_errors: Vec<UserError>,
}

/// Mutations on tokens of integrations.
#[derive(Default)]
pub struct TokenMutations;

#[Object]
impl TokenMutations {
    /// Makes a token for another system, for administrators. It is told once.
    async fn create_integration_token(
        &self,
        ctx: &Context<'_>,
        input: CreateIntegrationTokenInput,
    ) -> Option<Result<CreateIntegrationTokenPayload, Failure>> {
        let scope = Scope::of(ctx);
        let create = async {
            let by = scope.signed_in()?;
            bounded(input.expires_at.0)?;
            let refused = |error| CreateIntegrationTokenPayload {
                user_errors: vec![error],
                ..CreateIntegrationTokenPayload::default()
            };
            let Some(account) = found(scope, &input.account_id).await? else {
                return Ok(refused(UserError::missing(
                    "account",
                    &["input", "accountId"],
                )));
            };
            let mut scopes = Vec::new();
            for wished in input.scopes {
                scopes.push(actor::Scope {
                    permission: wished.permission.into(),
                    program: filtered(wished.program_id)?,
                });
            }
            let wish = TokenWish {
                account: &account,
                name: &input.name,
                scopes,
                expires_at: input.expires_at.0,
            };
            Ok(match scope.service.create_token(by, wish).await {
                Ok((token, secret)) => CreateIntegrationTokenPayload {
                    token: Some(IntegrationToken(token)),
                    secret: Some(secret),
                    user_errors: Vec::new(),
                },
                Err(failed) => refused(user_error(failed)?),
            })
        };
        Some(Box::pin(create).await)
    }

    /// Takes a token back, for administrators: it works no more at once.
    async fn revoke_integration_token(
        &self,
        ctx: &Context<'_>,
        input: RevokeIntegrationTokenInput,
    ) -> Option<Result<RevokeIntegrationTokenPayload, Failure>> {
        let scope = Scope::of(ctx);
        let revoke = async {
            let by = scope.signed_in()?;
            let revoked = match parse(&input.token_id) {
                Some(id) => scope.service.revoke_token(by, id).await,
                None => Err(TokenFailed::Missing("token")),
            };
            Ok(match revoked {
                Ok(token) => RevokeIntegrationTokenPayload {
                    token: Some(IntegrationToken(token)),
                    user_errors: Vec::new(),
                },
                Err(failed) => RevokeIntegrationTokenPayload {
                    token: None,
                    user_errors: vec![user_error(failed)?],
                },
            })
        };
        Some(Box::pin(revoke).await)
    }
}

/// What the user can act on; everything else fails the field.
fn user_error(failed: TokenFailed) -> Result<UserError, Failure> {
    use UserErrorCode as C;
    let refusal = match failed {
        TokenFailed::Refused(refusal) => refusal,
        TokenFailed::Missing(what) => return Ok(UserError::missing(what, &["input", "tokenId"])),
        TokenFailed::Store(error) => return Err(error.into()),
    };
    let (code, path): (_, &[&str]) = match &refusal {
        Refusal::NotPermitted(_) => (C::NotPermitted, &[]),
        Refusal::NotIntegration => (C::InvalidInput, &["input", "accountId"]),
        Refusal::Disabled | Refusal::Revoked => (C::WrongState, &[]),
        Refusal::NoScope | Refusal::TooManyScopes | Refusal::ScopeNotHeld(_) => {
            (C::InvalidInput, &["input", "scopes"])
        }
        Refusal::Expiry => (C::InvalidInput, &["input", "expiresAt"]),
        Refusal::Invalid { field, .. } => (C::InvalidInput, &["input", *field]),
    };
    Ok(UserError::plain(code, refusal.message(), path))
}
