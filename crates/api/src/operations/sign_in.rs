//! Signing in: attempts, and passwords. Who cannot sign in is not told why, by words, by the statements
//! that were run, or by the time that hashing took.

use std::net::IpAddr;

use stoa_domain::Timestamp;
use stoa_domain::account::Account;
use stoa_domain::actor::Actor;
use stoa_domain::change::Activity;
use stoa_domain::credential::{self, Credential, Weak};
use stoa_domain::id::Id;
use stoa_domain::session::Session;
use stoa_domain::sign_in::{
    self, Attempt, CODE_LIFE, Limited, Method, PER_ACCOUNT, PER_ADDRESS, WINDOW,
};
use stoa_persistence::{
    AttemptStep, CodeStep, EndSessions, ExchangeStep, NewCredential, Record, StoreError,
};
use uuid::Uuid;

use super::sessions::SessionTokens;
use crate::clock::Clock;
use crate::passwords::{NotHashed, Proof, SALT};
use crate::service::{Failed, Service};

/// Somebody who proved who they are, and their session.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub account: Account,
    /// Their session.
    pub tokens: SessionTokens,
}

/// Why somebody is not signed in, is not sent a code, or has no new password.
#[derive(Debug)]
pub enum NotSignedIn {
    /// What they typed is not right, or not right for anybody.
    Refused,
    /// There were too many attempts.
    Limited(Limited),
    /// The new password is not taken.
    Weak(Weak),
    /// This mail address is none.
    NoAddress,
    /// The operators did not set this way in up.
    NotSetUp,
    /// The service failed.
    Failed(Failed),
}

impl From<StoreError> for NotSignedIn {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Failed> for NotSignedIn {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}

impl From<NotHashed> for NotSignedIn {
    fn from(_: NotHashed) -> Self {
        Self::Failed(Failed::Missing("password hash"))
    }
}

/// An attempt that counts until it succeeds.
pub(super) struct Counted {
    /// Of which account, as attempts are counted.
    pub(super) account: String,
    /// Whether it is the last before the next ones are refused.
    last: bool,
    now: Timestamp,
}

impl Service {
    /// Signs somebody of the team in by password.
    pub async fn sign_in_with_password(
        &self,
        email: &str,
        password: String,
        from: Option<IpAddr>,
    ) -> Result<SignedIn, NotSignedIn> {
        let email = email.trim().to_lowercase();
        let attempt = self.attempt("sign in", &email, from, PER_ACCOUNT).await?;
        let account = self.staff(&email).await?;
        let (proof, credential) = self.prove(account.as_ref(), password.clone()).await?;
        let (Some(account), Some(credential)) = (account, credential) else {
            return Err(self.failed(attempt, None).await);
        };
        match proof {
            Proof::Wrong => return Err(self.failed(attempt, Some(account.id)).await),
            Proof::RightButWeak => self.hash_anew(credential, password).await?,
            Proof::Right => {}
        }
        self.succeeded(attempt, account, Method::Password, None::<Activity>)
            .await
    }

    /// Changes one's own password. Proving the present one counts as an attempt to sign in.
    pub async fn change_password(
        &self,
        account: &Account,
        session: Option<Id<Session>>,
        present: String,
        new: String,
        from: Option<IpAddr>,
    ) -> Result<(), NotSignedIn> {
        credential::check(&new, account).map_err(NotSignedIn::Weak)?;
        let attempt = self
            .attempt("sign in", &account.email, from, PER_ACCOUNT)
            .await?;
        let open = Some(account).filter(|account| credential::is_for(account));
        let (proof, credential) = self.prove(open, present).await?;
        let Some(credential) = credential.filter(|_| proof != Proof::Wrong) else {
            return Err(self.failed(attempt, Some(account.id)).await);
        };
        let by = account.actor();
        let forgiven = AttemptStep::Forgiven(attempt.account);
        let chosen = self.chosen(account, new, &by, Some(credential.phc)).await?;
        self.store
            .commit((forgiven, (chosen, self.ended(account, session))))
            .await?;
        Ok(())
    }

    /// Gives an account a password, whatever it had: what operators do.
    pub async fn set_password(&self, account: &Account, new: String) -> Result<(), NotSignedIn> {
        if !credential::is_for(account) {
            return Err(NotSignedIn::Refused);
        }
        let system = self.store.view(&Actor::System);
        let had_one = system.credential(account.id).await?.is_some();
        let ended = had_one.then(|| self.ended(account, None));
        let chosen = self.chosen(account, new, &Actor::System, None).await?;
        Ok(self.store.commit((chosen, ended)).await?)
    }

    /// Whoever knew the old password is signed in no longer, but for the one who changed it.
    fn ended(&self, account: &Account, except: Option<Id<Session>>) -> EndSessions {
        EndSessions {
            account: account.id,
            except,
            at: self.clock.now(),
            activity: None,
        }
    }

    /// A new password with the line that tells of it.
    async fn chosen(
        &self,
        account: &Account,
        new: String,
        by: &Actor,
        replacing: Option<String>,
    ) -> Result<(NewCredential, Activity), NotSignedIn> {
        credential::check(&new, account).map_err(NotSignedIn::Weak)?;
        let now = self.clock.now();
        let credential = Credential {
            account: account.id,
            phc: self.entrance.passwords.hash(new, salt()).await?,
            changed_at: now,
        };
        let written = NewCredential {
            credential,
            replacing,
        };
        Ok((written, credential::changed(account, by, now)))
    }

    /// The account that may sign in by password with this address.
    async fn staff(&self, email: &str) -> Result<Option<Account>, StoreError> {
        let system = self.store.view(&Actor::System);
        let account = system.account_by_email(email).await?;
        Ok(account.filter(credential::is_for))
    }

    /// Whether the password is the account's. Nobody's costs the same look-up and the same hashing.
    async fn prove(
        &self,
        account: Option<&Account>,
        password: String,
    ) -> Result<(Proof, Option<Credential>), StoreError> {
        let system = self.store.view(&Actor::System);
        let id = account.map_or(Id::new(Uuid::nil()), |account| account.id);
        let credential = system.credential(id).await?;
        let too_long = password.chars().count() > credential::LONGEST;
        let (password, phc) = if too_long {
            (String::new(), None)
        } else {
            (password, credential.as_ref().map(|it| it.phc.clone()))
        };
        let proof = self.entrance.passwords.verify(password, phc).await;
        Ok((proof, credential))
    }

    /// Hashes a password as it is done today. Somebody else may have changed it meanwhile: theirs stays.
    async fn hash_anew(&self, before: Credential, password: String) -> Result<(), NotSignedIn> {
        let phc = self.entrance.passwords.hash(password, salt()).await?;
        let anew = NewCredential {
            replacing: Some(before.phc),
            credential: Credential {
                account: before.account,
                phc,
                changed_at: before.changed_at,
            },
        };
        match self.store.commit(anew).await {
            Ok(()) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Counts an attempt before anything is looked at, so that many at once cannot slip through: each sees
    /// all the others, and at worst all of them are refused.
    pub(super) async fn attempt(
        &self,
        purpose: &str,
        email: &str,
        from: Option<IpAddr>,
        limit: usize,
    ) -> Result<Counted, NotSignedIn> {
        let now = self.clock.now();
        let attempt = Attempt {
            id: self.clock.id(),
            account: self.entrance.secret.hash_text(purpose, email),
            address: from.map(|address| self.entrance.address_key(address)),
            at: now,
        };
        self.store
            .commit(AttemptStep::Begun(attempt.clone()))
            .await?;
        let system = self.store.view(&Actor::System);
        let since = now - WINDOW;
        let mut others = system
            .sign_in_attempts(&attempt.account, attempt.address.as_deref(), since)
            .await?;
        others.retain(|other| other.id != attempt.id);
        let times = |is: &dyn Fn(&Attempt) -> bool| -> Vec<Timestamp> {
            others.iter().filter(|it| is(it)).map(|it| it.at).collect()
        };
        let of_account = times(&|it| it.account == attempt.account);
        let of_address = times(&|it| it.address.is_some() && it.address == attempt.address);
        let refusals = [
            sign_in::within(&of_account, limit, now),
            sign_in::within(&of_address, PER_ADDRESS, now),
        ];
        let refusal = refusals.into_iter().filter_map(Result::err);
        if let Some(limited) = refusal.max_by_key(|limited| limited.retry_at) {
            self.store
                .commit(AttemptStep::Uncounted(attempt.id))
                .await?;
            return Err(NotSignedIn::Limited(limited));
        }
        Ok(Counted {
            account: attempt.account,
            last: of_account.len() + 1 == limit,
            now,
        })
    }

    /// Deletes what counts for nothing any more.
    pub async fn forget_attempts(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let attempts = AttemptStep::Old(now - WINDOW);
        let codes = CodeStep::Old(now - CODE_LIFE);
        let exchanges = ExchangeStep::Old(now);
        self.store.commit((attempts, (codes, exchanges))).await
    }

    /// What a failed attempt is answered with. The last one before a lock is told in the log.
    pub(super) async fn failed(
        &self,
        attempt: Counted,
        account: Option<Id<Account>>,
    ) -> NotSignedIn {
        if !attempt.last {
            return NotSignedIn::Refused;
        }
        // An unknown account costs a transaction too.
        let line = account.map(|account| sign_in::locked(account, attempt.now));
        match self.store.commit(line).await {
            Ok(()) => NotSignedIn::Refused,
            Err(error) => error.into(),
        }
    }

    /// Forgives what went wrong before, writes what belongs to the success, and begins a session.
    pub(super) async fn succeeded(
        &self,
        attempt: Counted,
        account: Account,
        method: Method,
        further: impl Record,
    ) -> Result<SignedIn, NotSignedIn> {
        let line = sign_in::succeeded(&account, method, self.clock.now());
        let forgiven = AttemptStep::Forgiven(attempt.account);
        self.store.commit((further, (forgiven, line))).await?;
        let tokens = self.begin_session(&account).await?;
        Ok(SignedIn { account, tokens })
    }
}

fn salt() -> [u8; SALT] {
    let mut salt = [0; SALT];
    for (to, from) in salt.iter_mut().zip(Clock::secret()) {
        *to = from;
    }
    salt
}
