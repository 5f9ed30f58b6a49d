//! Sessions in the schema: refreshed, ended, and begun in another's name.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use stoa_domain::actor::Permission;
use stoa_domain::session::{self, Refusal};

use super::accounts::{Account, AccountPayload, found};
use super::error::Failure;
use super::scope::{Scope, parse};
use super::user_error::{UserError, UserErrorCode};
use crate::graphql::scalars::DateTime;
use crate::operations::sessions::{self, SessionFailed};

/// Somebody is signed in, until it ends.
pub struct Session(pub session::Session);

/// Somebody is signed in, until it ends.
#[Object]
impl Session {
    /// Global id.
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Whether it is the one by which this request is signed in.
    async fn is_current(&self, ctx: &Context<'_>) -> bool {
        Scope::of(ctx).actor().means().session() == Some(self.0.id)
    }

    /// When it began.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was last refreshed.
    async fn used_at(&self) -> DateTime {
        self.0.used_at.into()
    }

    /// When it ends unless it is refreshed.
    async fn expires_at(&self) -> DateTime {
        self.0.expires_at.into()
    }

    /// When it was ended before its time; null while it was not.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(Into::into)
    }

    /// Whether an administrator acts in the account's name in it.
    async fn impersonated(&self) -> bool {
        self.0.impersonation.is_some()
    }

    /// Who acts in the account's name; null where nobody does, and where the viewer may not see them.
    async fn impersonator(&self, ctx: &Context<'_>) -> Option<Result<Account, Failure>> {
        let by = self.0.impersonation.as_ref()?.by;
        let loaded = Scope::of(ctx).load(by).await;
        loaded.map(|it| it.map(Account))
    }

    /// What somebody acts in the account's name for, in their words.
    async fn reason(&self) -> Option<&str> {
        self.0.impersonation.as_ref().map(|it| it.reason.as_str())
    }
}

/// What a session gives to whoever is signed in. Keep both texts where no other program reads them.
#[derive(SimpleObject)]
pub struct SessionTokens {
    /// Send it with each request: `Authorization: Bearer …`.
    access_token: String,
    /// Until when it is good.
    access_expires_at: DateTime,
    /// Gives the next tokens by `refreshSession`, once; null where a session cannot be prolonged.
    refresh_token: Option<String>,
    /// Until when it is good.
    refresh_expires_at: Option<DateTime>,
}

impl From<sessions::SessionTokens> for SessionTokens {
    fn from(tokens: sessions::SessionTokens) -> Self {
        Self {
            access_token: tokens.access_token,
            access_expires_at: tokens.access_expires_at.into(),
            refresh_token: tokens.refresh_token,
            refresh_expires_at: tokens.refresh_expires_at.map(Into::into),
        }
    }
}

/// A refresh token to be used.
#[derive(InputObject)]
pub struct RefreshSessionInput {
    /// The refresh token, exactly as it was received.
    refresh_token: String,
}

/// What a refresh token came to.
#[derive(SimpleObject, Default)]
pub struct RefreshSessionPayload {
    /// The next tokens; null when it was refused.
    tokens: Option<SessionTokens>,
    /// What stands against it; empty means success.
    user_errors: Vec<UserError>,
}

/// A session to be ended.
#[derive(InputObject)]
pub struct SignOutInput {
    /// The session; null means the one by which this request is signed in.
    session_id: Option<ID>,
}

/// What became of a session.
#[derive(SimpleObject, Default)]
pub struct SignOutPayload {
    /// The session after the command; null when it was refused.
    session: Option<Session>,
    /// What stands against it; empty means success.
    user_errors: Vec<UserError>,
}

/// An account whose sessions are all to be ended.
#[derive(InputObject)]
pub struct SignOutAccountInput {
    /// The account.
    account_id: ID,
}

/// In whose name to act, and why.
#[derive(InputObject)]
pub struct ImpersonateInput {
    /// The account.
    account_id: ID,
    /// What for, at most 200 characters. The person reads it.
    reason: String,
}

/// What came of acting in another's name.
#[derive(SimpleObject, Default)]
pub struct ImpersonatePayload {
    /// The session in their name; null when it was refused.
    session: Option<Session>,
    /// Its access token, which cannot be prolonged; null when it was refused.
    tokens: Option<SessionTokens>,
    /// What stands against it; empty means success.
    user_errors: Vec<UserError>,
}

/// Mutations on sessions.
#[derive(Default)]
pub struct SessionMutations;

#[Object]
impl SessionMutations {
    /// Gives the next access and refresh token. A refresh token is good once: send it without an
    /// `Authorization` header, keep the new one, and never send two at the same time. One that is sent
    /// again ends its session.
    async fn refresh_session(
        &self,
        ctx: &Context<'_>,
        input: RefreshSessionInput,
    ) -> Option<Result<RefreshSessionPayload, Failure>> {
        let service = &Scope::of(ctx).service;
        let refresh = async {
            Ok(match service.refresh_session(&input.refresh_token).await {
                Ok(tokens) => RefreshSessionPayload {
                    tokens: Some(tokens.into()),
                    ..RefreshSessionPayload::default()
                },
                Err(failed) => RefreshSessionPayload {
                    user_errors: vec![user_error(failed)?],
                    ..RefreshSessionPayload::default()
                },
            })
        };
        Some(Box::pin(refresh).await)
    }

    /// Ends a session: its tokens work no more at once. Administrators end anybody's.
    async fn sign_out(
        &self,
        ctx: &Context<'_>,
        input: SignOutInput,
    ) -> Option<Result<SignOutPayload, Failure>> {
        let scope = Scope::of(ctx);
        let end = async {
            let by = scope.signed_in()?;
            let id = match input.session_id.as_ref().map(parse) {
                Some(None) => Err(SessionFailed::Missing("session")),
                named => Ok(named.flatten()),
            };
            let ended = match id {
                Ok(id) => scope.service.sign_out(by, id).await,
                Err(failed) => Err(failed),
            };
            Ok(match ended {
                Ok(session) => SignOutPayload {
                    session: Some(Session(session)),
                    ..SignOutPayload::default()
                },
                Err(failed) => SignOutPayload {
                    user_errors: vec![user_error(failed)?],
                    ..SignOutPayload::default()
                },
            })
        };
        Some(Box::pin(end).await)
    }

    /// Ends every session of whoever is signed in, this one too.
    async fn sign_out_everywhere(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<AccountPayload, Failure>> {
        let scope = Scope::of(ctx);
        let end = async {
            let by = scope.signed_in()?;
            let own = by.account().map(|id| ID(id.to_string()));
            sign_out_all(scope, own.unwrap_or_default()).await
        };
        Some(Box::pin(end).await)
    }

    /// Ends every session of an account, for administrators. Tokens of integrations are taken back
    /// one by one.
    async fn sign_out_account(
        &self,
        ctx: &Context<'_>,
        input: SignOutAccountInput,
    ) -> Option<Result<AccountPayload, Failure>> {
        Some(Box::pin(sign_out_all(Scope::of(ctx), input.account_id)).await)
    }

    /// Lets an administrator act in a person's name, to help them: for as long as one access token
    /// lasts, visibly for the person, and written down with everything that is done. Administrators
    /// cannot be impersonated, and accounts cannot be kept in another's name.
    async fn impersonate(
        &self,
        ctx: &Context<'_>,
        input: ImpersonateInput,
    ) -> Option<Result<ImpersonatePayload, Failure>> {
        let scope = Scope::of(ctx);
        let begin = async {
            let by = scope.signed_in()?;
            let refused = |error| ImpersonatePayload {
                user_errors: vec![error],
                ..ImpersonatePayload::default()
            };
            let Some(account) = found(scope, &input.account_id).await? else {
                return Ok(refused(UserError::missing(
                    "account",
                    &["input", "accountId"],
                )));
            };
            Ok(
                match scope.service.impersonate(by, &account, &input.reason).await {
                    Ok((session, tokens)) => ImpersonatePayload {
                        session: Some(Session(session)),
                        tokens: Some(tokens.into()),
                        user_errors: Vec::new(),
                    },
                    Err(failed) => refused(user_error(failed)?),
                },
            )
        };
        Some(Box::pin(begin).await)
    }
}

async fn sign_out_all(scope: &Scope, id: ID) -> Result<AccountPayload, Failure> {
    let by = scope.signed_in()?;
    let Some(account) = found(scope, &id).await? else {
        return Ok(AccountPayload::refused(UserError::missing(
            "account",
            &["input", "accountId"],
        )));
    };
    Ok(
        match scope.service.sign_out_everywhere(by, account.id).await {
            Ok(()) => AccountPayload::done(account.into()),
            Err(failed) => AccountPayload::refused(user_error(failed)?),
        },
    )
}

/// Sessions of an account, for themselves and for administrators; null for everybody else.
pub(super) async fn sessions_of(
    scope: &Scope,
    account: &stoa_domain::account::Account,
) -> Option<Result<Vec<Session>, Failure>> {
    let actor = scope.actor();
    let keeper = actor.permitted_everywhere(Permission::ManageAccounts);
    if keeper.is_err() && actor.account() != Some(account.id) {
        return None;
    }
    let found = scope.view.sessions_of(account.id, scope.now()).await;
    let found = found.map(|all| all.into_iter().map(Session).collect());
    Some(found.map_err(Into::into))
}

/// What the user can act on; everything else fails the field.
fn user_error(failed: SessionFailed) -> Result<UserError, Failure> {
    use UserErrorCode as C;
    let refusal = match failed {
        SessionFailed::Refused(refusal) => refusal,
        SessionFailed::Missing(what) => {
            return Ok(UserError::missing(what, &["input", "sessionId"]));
        }
        SessionFailed::Store(error) => return Err(error.into()),
    };
    let (code, path): (_, &[&str]) = match &refusal {
        Refusal::NotPermitted(_) => (C::NotPermitted, &[]),
        Refusal::NotInTheirName => (C::NotPermitted, &["input", "accountId"]),
        Refusal::Over | Refusal::NoSession | Refusal::Disabled => (C::WrongState, &[]),
        Refusal::Token => (C::SessionOver, &["input", "refreshToken"]),
        Refusal::Invalid { field, .. } => (C::InvalidInput, &["input", *field]),
    };
    Ok(UserError::plain(code, refusal.message(), path))
}
