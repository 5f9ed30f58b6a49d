//! Signing in, in the schema.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::accounts::{Account, AccountPayload};
use super::error::{Code, Failure};
use super::scope::Scope;
use super::sessions::SessionTokens;
use super::user_error::{UserError, sign_in_error};
use crate::graphql::scalars::DateTime;
use crate::operations::sign_in::{NotSignedIn, SignedIn};

/// What an attempt to sign in came to.
#[derive(SimpleObject, Default)]
pub struct SignInPayload {
    /// The session; null when it was refused.
    tokens: Option<SessionTokens>,
    /// Who is signed in now.
    account: Option<Account>,
    /// What stands against it; empty means success.
    user_errors: Vec<UserError>,
}

/// Mail address and password.
#[derive(InputObject)]
pub struct SignInWithPasswordInput {
    /// The mail address.
    email: String,
    /// The password.
    password: String,
}

/// Whom to mail a code.
#[derive(InputObject)]
pub struct RequestSignInCodeInput {
    /// The mail address.
    email: String,
}

/// What asking for a code came to.
#[derive(SimpleObject, Default)]
pub struct RequestSignInCodePayload {
    /// Until when the code can be used that was mailed, if somebody reads that address.
    expires_at: Option<DateTime>,
    /// What stands against it; empty means success.
    user_errors: Vec<UserError>,
}

/// Mail address and code.
#[derive(InputObject)]
pub struct SignInWithCodeInput {
    /// The mail address.
    email: String,
    /// The code; dashes, spaces and case do not matter.
    code: String,
}

/// What a frontend was sent back with, and what it began with.
#[derive(InputObject)]
pub struct SignInWithOidcInput {
    /// `stoa_code` of the address that the browser came back to.
    code: String,
    /// The secret whose SHA-256 was the `challenge` at the start.
    verifier: String,
}

/// The present password and a new one.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The present one.
    password: String,
    /// The new one: 12 to 128 characters, none of the first guesses.
    new_password: String,
}

/// Mutations by which somebody proves who they are.
#[derive(Default)]
pub struct SignInMutations;

type Answer = Option<Result<SignInPayload, Failure>>;

#[Object]
impl SignInMutations {
    /// Signs somebody of the team in. The answer is the same for a wrong password, an unknown address and
    /// an account that is closed or has no password.
    async fn sign_in_with_password(
        &self,
        ctx: &Context<'_>,
        input: SignInWithPasswordInput,
    ) -> Answer {
        let scope = Scope::of(ctx);
        let done = scope
            .service
            .sign_in_with_password(&input.email, input.password, scope.address);
        Some(signed_in(Box::pin(done).await))
    }

    /// Mails a code to sign in with; codes that were mailed to the address before are void. The answer does
    /// not tell whether there is an account.
    async fn request_sign_in_code(
        &self,
        ctx: &Context<'_>,
        input: RequestSignInCodeInput,
    ) -> Option<Result<RequestSignInCodePayload, Failure>> {
        let scope = Scope::of(ctx);
        let done = scope.service.request_code(&input.email, scope.address);
        let mut payload = RequestSignInCodePayload::default();
        match Box::pin(done).await {
            Ok(until) => payload.expires_at = Some(until.into()),
            Err(problem) => match sign_in_error(problem, "email") {
                Ok(error) => payload.user_errors.push(error),
                Err(failure) => return Some(Err(failure)),
            },
        }
        Some(Ok(payload))
    }

    /// Signs in whoever read the code in a mail. A new address becomes an applicant's account. A code is
    /// good for ten minutes, five tries and one use.
    async fn sign_in_with_code(&self, ctx: &Context<'_>, input: SignInWithCodeInput) -> Answer {
        let scope = Scope::of(ctx);
        let done = scope
            .service
            .sign_in_with_code(&input.email, &input.code, scope.address);
        Some(signed_in(Box::pin(done).await))
    }

    /// Ends a sign-in at a provider, which begins at `/auth/oidc/start`. The code is good for a minute and
    /// one use, for the frontend that began.
    async fn sign_in_with_oidc(&self, ctx: &Context<'_>, input: SignInWithOidcInput) -> Answer {
        let scope = Scope::of(ctx);
        let done = scope
            .service
            .sign_in_with_oidc(&input.code, &input.verifier);
        Some(signed_in(Box::pin(done).await))
    }

    /// Changes your own password and ends your other sessions. A wrong present one counts as a failed attempt
    /// to sign in.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        input: ChangePasswordInput,
    ) -> Option<Result<AccountPayload, Failure>> {
        let scope = Scope::of(ctx);
        let change = async {
            let by = scope.signed_in()?;
            let own = match by.account() {
                Some(id) => scope.view.account(id).await?,
                None => None,
            };
            let own = own.ok_or_else(|| Failure::new(Code::Unauthenticated))?;
            let done = scope.service.change_password(
                &own,
                by.means().session(),
                input.password,
                input.new_password,
                scope.address,
            );
            let mut payload = AccountPayload::default();
            match done.await {
                Ok(()) => payload.account = Some(own.into()),
                Err(problem) => payload
                    .user_errors
                    .push(sign_in_error(problem, "newPassword")?),
            }
            Ok(payload)
        };
        Some(Box::pin(change).await)
    }
}

fn signed_in(done: Result<SignedIn, NotSignedIn>) -> Result<SignInPayload, Failure> {
    Ok(match done {
        Ok(done) => SignInPayload {
            tokens: Some(done.tokens.into()),
            account: Some(done.account.into()),
            user_errors: Vec::new(),
        },
        Err(problem) => SignInPayload {
            user_errors: vec![sign_in_error(problem, "password")?],
            ..SignInPayload::default()
        },
    })
}
