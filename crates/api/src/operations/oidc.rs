//! Signing in at a provider, from the frontend and back to it.

use std::net::IpAddr;

use stoa_domain::Timestamp;
use stoa_domain::account::{Account, Kind};
use stoa_domain::actor::{Actor, Grant};
use stoa_domain::change::{Change, Mode};
use stoa_domain::identity::{self, EXCHANGE_LIFE, Exchange, Identity};
use stoa_domain::sign_in::{self, Method, PER_ACCOUNT};
use stoa_persistence::{AttemptStep, ExchangeStep, StoreError};
use url::Url;

use super::sign_in::{NotSignedIn, SignedIn};
use crate::clock::Clock;
use crate::oidc::{Claims, Flow, MappedRole, Oidc, Problem, challenge};
use crate::secret::{self, hex, same};
use crate::service::{Failed, Service};

/// The longest address that people are sent back to, in bytes: it travels in the state, in an address.
const LONGEST_ADDRESS: usize = 1_000;

/// Where somebody goes who came back from the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CameBack {
    /// To the frontend, with a code or with what went wrong.
    To(String),
    /// Nobody knows where they came from.
    Nowhere,
}

/// Why somebody whom the provider knows is not let in.
#[derive(Debug)]
enum Turned {
    /// Their account here is closed, a system's, or does not go with the roles; or the provider does not
    /// vouch for their mail address.
    Away(&'static str),
    /// The store failed, or somebody else changed the account at the same moment.
    Store(StoreError),
}

impl From<StoreError> for Turned {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The account of somebody whom the provider knows, and what is to be written for it.
struct Arrived {
    account: Account,
    made: Option<Change<Account>>,
    link: Option<Identity>,
    roles: Vec<Change<Account>>,
}

impl Service {
    /// Where to send a browser that wants to sign in and then go back there.
    pub async fn begin_oidc(&self, return_to: &str, challenge: &str) -> Result<String, Problem> {
        let oidc = self.entrance.oidc.as_ref();
        let oidc = oidc.ok_or(Problem::Provider("none is set up"))?;
        if return_to.len() > LONGEST_ADDRESS || !oidc.is_frontend(return_to) {
            return Err(Problem::Browser("This return_to is not allowed here."));
        }
        let is_hash = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if challenge.len() != 43 || !challenge.chars().all(is_hash) {
            return Err(Problem::Browser(
                "The challenge must be the SHA-256 of your verifier in base64url, without padding.",
            ));
        }
        let secret = &self.entrance.secret;
        let random = Clock::secret();
        let flow = Flow::begin(secret, return_to, challenge, &random[..32]);
        let now = self.clock.now();
        oidc.authorization(&flow.state(secret, now), &flow, now)
            .await
    }

    /// What becomes of somebody who came back. The session waits for the frontend that began.
    pub async fn came_back(
        &self,
        state: &str,
        code: Option<&str>,
        from: Option<IpAddr>,
    ) -> CameBack {
        let now = self.clock.now();
        let flow = Flow::read(&self.entrance.secret, state, now);
        let (Some(oidc), Some(flow)) = (&self.entrance.oidc, flow) else {
            return CameBack::Nowhere;
        };
        let Ok(mut address) = Url::parse(&flow.return_to) else {
            return CameBack::Nowhere;
        };
        let told = match self.arrive(oidc, &flow, code, from).await {
            Ok(code) => format!("stoa_code={code}"),
            Err(error) => format!("stoa_error={error}"),
        };
        // Behind the `#` it reaches no server and no log.
        address.set_fragment(Some(&told));
        CameBack::To(address.into())
    }

    /// The code that the frontend exchanges for a session, or a word for what went wrong.
    async fn arrive(
        &self,
        oidc: &Oidc,
        flow: &Flow,
        code: Option<&str>,
        from: Option<IpAddr>,
    ) -> Result<String, &'static str> {
        let now = self.clock.now();
        // They said no, or the provider did.
        let code = code.ok_or("refused")?;
        let counted = self.attempt("oidc", &flow.number, from, PER_ACCOUNT).await;
        let counted = counted.map_err(|problem| match problem {
            NotSignedIn::Limited(_) => "rate_limited",
            _ => "failed",
        })?;
        let claims = oidc.claims(code, flow, now).await.map_err(|problem| {
            tracing::warn!(?problem, "somebody came back from the provider in vain");
            match problem {
                Problem::Provider(_) => "failed",
                Problem::Browser(_) | Problem::Token(_) => "refused",
            }
        })?;
        let arrived = self.arrived(oidc, &claims, now).await;
        let done = match arrived {
            Ok(arrived) => {
                let code = hex(&Clock::secret());
                let exchange = Exchange {
                    code: secret::hash(&code),
                    account: arrived.account.id,
                    challenge: flow.challenge.clone(),
                    expires_at: now + EXCHANGE_LIFE,
                };
                let account = (arrived.made, (arrived.link, arrived.roles));
                let waiting = (
                    ExchangeStep::Begun(exchange),
                    AttemptStep::Forgiven(counted.account),
                );
                let written = self.store.commit((account, waiting)).await;
                written.map(|()| code).map_err(Turned::Store)
            }
            Err(turned) => Err(turned),
        };
        done.map_err(|turned| match turned {
            Turned::Away(why) => {
                tracing::warn!(why, "somebody whom the provider knows was turned away");
                "refused"
            }
            Turned::Store(StoreError::Conflict | StoreError::Taken(_)) => "failed",
            Turned::Store(error) => {
                tracing::error!(%error, "somebody who came back could not be written");
                "failed"
            }
        })
    }

    /// The account of whom the claims describe: the one that is linked, the one with the address, or a new one.
    async fn arrived(
        &self,
        oidc: &Oidc,
        claims: &Claims,
        now: Timestamp,
    ) -> Result<Arrived, Turned> {
        let system = self.store.view(&Actor::System);
        let settings = oidc.settings();
        let (known, named) = match &settings.mapping {
            Some(mapping) => (
                self.grants(mapping.known()).await?,
                self.grants(mapping.named(claims)).await?,
            ),
            None => (Vec::new(), Vec::new()),
        };
        let linked = match system.identity(&settings.issuer, claims.subject()).await? {
            Some(id) => system.account(id).await?,
            None => None,
        };
        let is_linked = linked.is_some();
        let (account, made) = if let Some(account) = linked {
            (account, None)
        } else {
            let email = claims.verified_email();
            let email = email.ok_or(Turned::Away("no verified mail address"))?;
            match system.account_by_email(email).await? {
                Some(account) => (account, None),
                None => self.newcomer(claims, email, &named, now)?,
            }
        };
        if account.disabled_at.is_some() || account.kind == Kind::Integration {
            return Err(Turned::Away("a closed account, or a system's"));
        }
        let link = (!is_linked).then(|| Identity {
            issuer: settings.issuer.clone(),
            subject: claims.subject().to_owned(),
            account: account.id,
            linked_at: now,
        });
        let roles = identity::apply(account.clone(), &known, &named, now)
            .map_err(|_| Turned::Away("roles for an applicant's account"))?;
        Ok(Arrived {
            account,
            made,
            link,
            roles,
        })
    }

    /// Somebody new: of the team if the claims give a role, else an applicant.
    fn newcomer(
        &self,
        claims: &Claims,
        email: &str,
        named: &[Grant],
        now: Timestamp,
    ) -> Result<(Account, Option<Change<Account>>), Turned> {
        let kind = if named.is_empty() {
            Kind::Applicant
        } else {
            Kind::Staff
        };
        let (local, _) = email.rsplit_once('@').unwrap_or((email, ""));
        let name = claims.name().unwrap_or(local);
        let id = self.clock.id();
        let mut made = Account::create(id, kind, name, email, &Actor::System, now)
            .map_err(|_| Turned::Away("a name or mail address that cannot be kept"))?;
        made.activity.mode = Mode::Integration;
        Ok((made.after.clone(), Some(made)))
    }

    /// Roles with programs by id. A program that is not there yet gives nothing.
    async fn grants(&self, mapped: Vec<MappedRole>) -> Result<Vec<Grant>, StoreError> {
        let system = self.store.view(&Actor::System);
        let mut grants = Vec::new();
        for MappedRole { role, program } in mapped {
            let Some(key) = program else {
                let program = None;
                grants.push(Grant { role, program });
                continue;
            };
            let program = system.program_by_key(&key).await?.map(|it| it.id);
            if program.is_none() {
                tracing::warn!(key, "the role mapping names a program that is not there");
                continue;
            }
            grants.push(Grant { role, program });
        }
        Ok(grants)
    }

    /// Gives the session to the frontend that began. A wrong verifier ends it too.
    pub async fn sign_in_with_oidc(
        &self,
        code: &str,
        verifier: &str,
    ) -> Result<SignedIn, NotSignedIn> {
        if self.entrance.oidc.is_none() {
            return Err(NotSignedIn::NotSetUp);
        }
        let now = self.clock.now();
        let system = self.store.view(&Actor::System);
        let exchange = system.exchange(&secret::hash(code)).await?;
        let exchange = exchange.ok_or(NotSignedIn::Refused)?;
        let holds = now < exchange.expires_at && same(&challenge(verifier), &exchange.challenge);
        let account = system.account(exchange.account).await?;
        let account = account.filter(|account| holds && account.disabled_at.is_none());
        let line = account
            .as_ref()
            .map(|account| sign_in::succeeded(account, Method::Oidc, now));
        match self
            .store
            .commit((ExchangeStep::Done(exchange), line))
            .await
        {
            Ok(()) => {}
            Err(StoreError::Conflict) => return Err(NotSignedIn::Refused),
            Err(error) => return Err(Failed::from(error).into()),
        }
        let account = account.ok_or(NotSignedIn::Refused)?;
        let tokens = self.begin_session(&account).await?;
        Ok(SignedIn { account, tokens })
    }
}
