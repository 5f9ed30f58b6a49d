//! Codes by mail. Asking for one looks no account up: the answer cannot tell whether there is one. A code
//! is made from its row's id with the service's key whenever it is needed, and kept nowhere.

use std::net::IpAddr;

use stoa_domain::Timestamp;
use stoa_domain::account::{Account, Kind};
use stoa_domain::actor::Actor;
use stoa_domain::id::Id;
use stoa_domain::mail::Mail;
use stoa_domain::sign_in::{self, CODE_LIFE, CODES_PER_ACCOUNT, Code, Method, PER_ACCOUNT};
use stoa_domain::text;
use stoa_persistence::{CodeStep, MailStep, StoreError};

use super::sign_in::{NotSignedIn, SignedIn};
use crate::mail::Mailer;
use crate::secret::same;
use crate::service::{Failed, Service};

impl Service {
    /// Mails a code to whoever reads this address, and says until when it can be used.
    pub async fn request_code(
        &self,
        email: &str,
        from: Option<IpAddr>,
    ) -> Result<Timestamp, NotSignedIn> {
        if matches!(self.entrance.mailer, Mailer::None) {
            return Err(NotSignedIn::NotSetUp);
        }
        let email = text::mail(email).map_err(|_| NotSignedIn::NoAddress)?;
        self.attempt("code", &email, from, CODES_PER_ACCOUNT)
            .await?;
        let code = Code {
            id: self.clock.id(),
            email,
            created_at: self.clock.now(),
            tries: 0,
        };
        let until = code.created_at + CODE_LIFE;
        let mail = Mail::with_code(self.clock.id(), &code);
        self.store
            .commit((CodeStep::Mailed(code), MailStep::Written(mail)))
            .await?;
        self.entrance.written.notify_one();
        Ok(until)
    }

    /// Signs in who can read the mails of an address. Whom it is new becomes an applicant.
    pub async fn sign_in_with_code(
        &self,
        email: &str,
        code: &str,
        from: Option<IpAddr>,
    ) -> Result<SignedIn, NotSignedIn> {
        let email = email.trim().to_lowercase();
        let attempt = self.attempt("sign in", &email, from, PER_ACCOUNT).await?;
        let system = self.store.view(&Actor::System);
        let known = system.account_by_email(&email).await?;
        let known_id = known.as_ref().map(|account| account.id);
        let Some(code) = self.proven(&email, code).await? else {
            return Err(self.failed(attempt, known_id).await);
        };
        let (account, arrival) = match known {
            Some(account) if self.takes_codes(&account) => (account, None),
            Some(_) => return Err(self.failed(attempt, known_id).await),
            None => {
                let arrival = sign_in::arrive(self.clock.id(), &email, self.clock.now())
                    .map_err(|_| NotSignedIn::NoAddress)?;
                (arrival.after.clone(), Some(arrival))
            }
        };
        let done = (CodeStep::Used(code), arrival);
        match self.succeeded(attempt, account, Method::Code, done).await {
            // Somebody else used the code, or took the address, in this moment.
            Err(NotSignedIn::Failed(Failed::Store(
                StoreError::Conflict | StoreError::Taken(_),
            ))) => Err(NotSignedIn::Refused),
            done => done,
        }
    }

    /// The code, as it is mailed.
    pub fn spelled(&self, code: Id<Code>) -> String {
        let hash = self.entrance.secret.hash("code", &code.to_string());
        let mut random = [0; 8];
        random.copy_from_slice(&hash[..8]);
        sign_in::spell(random)
    }

    fn takes_codes(&self, account: &Account) -> bool {
        let by_kind = match account.kind {
            Kind::Applicant => true,
            Kind::Staff => self.entrance.staff_by_code,
            Kind::Integration => false,
        };
        by_kind && account.disabled_at.is_none()
    }

    /// The open code of an address, if this is it. Each look costs a try, counted before it is compared.
    async fn proven(&self, email: &str, typed: &str) -> Result<Option<Code>, StoreError> {
        let system = self.store.view(&Actor::System);
        let code = system.sign_in_code(email).await?;
        let Some(code) = code.filter(|code| code.is_open(self.clock.now())) else {
            return Ok(None);
        };
        match self.store.commit(CodeStep::Tried(code.clone())).await {
            Ok(()) => {}
            Err(StoreError::Conflict) => return Ok(None),
            Err(error) => return Err(error),
        }
        let right = sign_in::typed(typed).is_some_and(|typed| same(&typed, &self.spelled(code.id)));
        Ok(right.then_some(code))
    }
}
