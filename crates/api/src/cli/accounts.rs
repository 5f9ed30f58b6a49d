//! Accounts and tokens from the command line.

use std::io::{BufRead, IsTerminal};

use stoa_domain::account::Account;
use stoa_domain::actor::{Actor, Grant, Role};
use stoa_persistence::StoreError;

use super::{Problem, kind_for};
use crate::operations::sign_in::NotSignedIn;
use crate::service::{Failed, Service};

/// Makes an account with a role.
pub async fn add(
    service: &Service,
    name: &str,
    email: &str,
    role: Option<Role>,
    program: Option<&str>,
) -> Result<(), Problem> {
    let account = with_role(service, name, email, role, program).await?;
    println!("{} is {}.", account.email, account.id);
    Ok(())
}

/// The account with this mail address, made if there is none, with this role.
pub(super) async fn with_role(
    service: &Service,
    name: &str,
    email: &str,
    role: Option<Role>,
    program: Option<&str>,
) -> Result<Account, Problem> {
    let view = service.store.view(&Actor::System);
    let now = service.clock.now();
    let refused = |refusal: stoa_domain::account::Refusal| Problem(refusal.message());
    // Before anything is written: a mistyped program must not leave an account without its role.
    let program = match program {
        None => None,
        Some(key) => {
            let found = view.program_by_key(key).await?;
            let found = found.ok_or_else(|| Problem(format!("There is no program {key:?}.")))?;
            Some(found.id)
        }
    };
    let mut account = if let Some(account) = view.account_by_email(email).await? {
        account
    } else {
        let kind = kind_for(role);
        let id = service.clock.id();
        let change =
            Account::create(id, kind, name, email, &Actor::System, now).map_err(refused)?;
        let account = change.after.clone();
        service.store.commit(change).await?;
        account
    };
    let Some(role) = role else {
        return Ok(account);
    };
    let grant = Grant { role, program };
    if !account.grants.contains(&grant) {
        let seen = account.version;
        let change = account
            .grant(grant, seen, &Actor::System, now)
            .map_err(refused)?;
        account = change.after.clone();
        service
            .store
            .commit(change)
            .await
            .map_err(|error| match error {
                StoreError::Conflict => Problem("Somebody changed the account; try again.".into()),
                error => error.into(),
            })?;
    }
    Ok(account)
}

/// Gives somebody of the team a password.
pub async fn password(service: &Service, email: &str) -> Result<(), Problem> {
    let view = service.store.view(&Actor::System);
    let account = view.account_by_email(email).await?;
    let account =
        account.ok_or_else(|| Problem(format!("There is no account with the address {email}.")))?;
    let password = read_password()?;
    match service.set_password(&account, password).await {
        Ok(()) => {
            println!("{} has a new password.", account.email);
            Ok(())
        }
        Err(NotSignedIn::Weak(weak)) => Err(Problem(format!("The password {weak}."))),
        Err(NotSignedIn::Failed(Failed::Store(error))) => Err(error.into()),
        Err(NotSignedIn::Refused) => Err(Problem(
            "Only people of the team whose account is open have a password.".into(),
        )),
        Err(other) => Err(Problem(format!("The password was not set: {other:?}"))),
    }
}

/// A password never comes as an argument: other users of the machine can read those.
fn read_password() -> Result<String, Problem> {
    let terminal = console::Term::stderr();
    if !std::io::stdin().is_terminal() {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let ask = |question: &str| {
        terminal.write_str(question)?;
        terminal.read_secure_line()
    };
    let first = ask("New password: ")?;
    if ask("The same again: ")? != first {
        return Err(Problem("The two are not the same.".into()));
    }
    Ok(first)
}

/// Prints a token.
pub async fn token(service: &Service, email: &str, hours: i64) -> Result<(), Problem> {
    let view = service.store.view(&Actor::System);
    let account = view.account_by_email(email).await?;
    let account =
        account.ok_or_else(|| Problem(format!("There is no account with the address {email}.")))?;
    println!("{}", mint(service, &account, hours).await?);
    Ok(())
}

/// A token for an account, good for some hours.
pub(super) async fn mint(
    service: &Service,
    account: &Account,
    hours: i64,
) -> Result<String, Problem> {
    use crate::operations::sessions::SessionFailed;
    let minted = service.mint(account, hours).await;
    minted.map_err(|failed| match failed {
        SessionFailed::Refused(refusal) => Problem(refusal.message()),
        SessionFailed::Missing(what) => Problem(format!("There is no such {what}.")),
        SessionFailed::Store(error) => error.into(),
    })
}
