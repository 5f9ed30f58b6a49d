//! Signing in at a provider: `OpenID` Connect Core 1.0, authorization code flow with PKCE (RFC 7636).
//!
//! Nothing is kept while somebody is at the provider: state, nonce and PKCE verifier are made from one
//! random number with the service's key, and the state carries the number. A frontend begins with a secret
//! of its own and ends with it, so nobody can be signed in by a link that somebody else began.

mod fetch;
mod flow;
mod keys;
mod mapping;
mod routes;
mod token;

pub use flow::Flow;
pub use mapping::{MappedRole, Mapping};
pub use routes::routes;
pub use token::Claims;

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use stoa_domain::Timestamp;
use tokio::sync::RwLock;
use url::Url;

use fetch::Fetch;
use keys::Keys;
use token::Expected;

/// What operators say of their provider.
#[derive(Clone, Default)]
pub struct Settings {
    /// The provider's address, as it names itself.
    pub issuer: String,
    /// What the provider calls this service.
    pub client_id: String,
    /// How this service proves who it is; none for a public client.
    pub client_secret: Option<String>,
    /// Under which address browsers reach this service.
    pub public_url: String,
    /// Origins of the frontends that people may be sent back to.
    pub frontends: Vec<String>,
    /// Which claims give which roles.
    pub mapping: Option<Mapping>,
}

/// A provider.
pub struct Oidc {
    settings: Settings,
    fetch: Fetch,
    known: RwLock<Option<Known>>,
    keys: Keys,
}

impl std::fmt::Debug for Oidc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Oidc({})", self.settings.issuer)
    }
}

/// What a provider says of itself, and when.
#[derive(Clone, Debug)]
struct Known {
    metadata: Metadata,
    at: Timestamp,
}

#[derive(Clone, Debug, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

/// Why somebody at a provider could not be signed in. The text is for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The provider does not answer, or not as it should.
    Provider(&'static str),
    /// What the browser brought back is not ours, too old, or not right.
    Browser(&'static str),
    /// The ID token is not right.
    Token(&'static str),
}

/// How long what a provider says of itself is believed, in seconds.
const LIFE: i64 = 3600;

impl Oidc {
    /// A provider that has not been asked anything yet.
    pub fn new(settings: Settings) -> Result<Self, String> {
        for (name, text) in [
            ("STOA_OIDC_ISSUER", &settings.issuer),
            ("STOA_PUBLIC_URL", &settings.public_url),
        ] {
            if !Url::parse(text).is_ok_and(|url| fetch::is_safe(&url)) {
                return Err(format!(
                    "{name} must be an address that begins with https://"
                ));
            }
        }
        let mut settings = settings;
        for frontend in &mut settings.frontends {
            let origin = Url::parse(frontend)
                .ok()
                .filter(fetch::is_safe)
                .map(|url| url.origin().ascii_serialization());
            *frontend = origin.ok_or_else(|| {
                format!(
                    "STOA_FRONTENDS must be addresses that begin with https://, not {frontend:?}"
                )
            })?;
        }
        Ok(Self {
            settings,
            fetch: Fetch::new()?,
            known: RwLock::default(),
            keys: Keys::default(),
        })
    }

    /// What operators said.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether people may be sent back here.
    pub fn is_frontend(&self, address: &str) -> bool {
        Url::parse(address).is_ok_and(|url| {
            let origin = url.origin().ascii_serialization();
            url.username().is_empty()
                && url.password().is_none()
                && self.settings.frontends.contains(&origin)
        })
    }

    /// Where to send a browser to sign in.
    pub async fn authorization(
        &self,
        state: &str,
        flow: &Flow,
        now: Timestamp,
    ) -> Result<String, Problem> {
        let metadata = self.metadata(now).await?;
        let mut url = Url::parse(&metadata.authorization_endpoint)
            .map_err(|_| Problem::Provider("no authorization endpoint"))?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.redirect_uri())
            .append_pair("scope", "openid email profile")
            .append_pair("state", state)
            .append_pair("nonce", &flow.nonce)
            .append_pair("code_challenge", &challenge(&flow.verifier))
            .append_pair("code_challenge_method", "S256");
        Ok(url.into())
    }

    /// Who came back with this authorization code.
    pub async fn claims(&self, code: &str, flow: &Flow, now: Timestamp) -> Result<Claims, Problem> {
        let metadata = self.metadata(now).await?;
        let token = self.id_token(&metadata, code, flow).await?;
        let expected = Expected {
            issuer: &self.settings.issuer,
            client: &self.settings.client_id,
            nonce: &flow.nonce,
            now,
        };
        let header = token::header(&token)?;
        let key = self
            .keys
            .find(&self.fetch, &metadata.jwks_uri, &header, now)
            .await?;
        token::claims(&token, &key, header.alg, &expected)
    }

    async fn id_token(
        &self,
        metadata: &Metadata,
        code: &str,
        flow: &Flow,
    ) -> Result<String, Problem> {
        #[derive(Deserialize)]
        struct Answer {
            id_token: String,
        }
        let redirect = self.redirect_uri();
        let client = &self.settings.client_id;
        let mut form = HashMap::from([
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect.as_str()),
            ("code_verifier", flow.verifier.as_str()),
        ]);
        let methods = &metadata.token_endpoint_auth_methods_supported;
        let offers = |method: &str| methods.iter().any(|it| it == method);
        let secret = self.settings.client_secret.as_deref();
        let mut basic = None;
        match secret {
            None => drop(form.insert("client_id", client)),
            Some(secret) if offers("client_secret_post") && !offers("client_secret_basic") => {
                form.insert("client_id", client);
                form.insert("client_secret", secret);
            }
            // What a provider takes that says nothing (Discovery 1.0 §3).
            Some(secret) => basic = Some((client.as_str(), secret)),
        }
        let answer: Answer = self
            .fetch
            .post(&metadata.token_endpoint, &form, basic)
            .await?;
        Ok(answer.id_token)
    }

    async fn metadata(&self, now: Timestamp) -> Result<Metadata, Problem> {
        let fresh = |known: &&Known| (now - known.at).num_seconds() < LIFE;
        if let Some(known) = self.known.read().await.as_ref().filter(fresh) {
            return Ok(known.metadata.clone());
        }
        // Held while asking: everybody who comes meanwhile waits for this one answer.
        let mut known = self.known.write().await;
        if let Some(known) = known.as_ref().filter(fresh) {
            return Ok(known.metadata.clone());
        }
        let issuer = self.settings.issuer.trim_end_matches('/');
        let address = format!("{issuer}/.well-known/openid-configuration");
        let metadata: Metadata = self.fetch.get(&address).await?;
        if metadata.issuer != self.settings.issuer {
            return Err(Problem::Provider("it names itself otherwise"));
        }
        *known = Some(Known {
            metadata: metadata.clone(),
            at: now,
        });
        Ok(metadata)
    }

    fn redirect_uri(&self) -> String {
        let base = self.settings.public_url.trim_end_matches('/');
        format!("{base}/auth/oidc/callback")
    }
}

/// The challenge that belongs to a verifier (RFC 7636 §4.2, S256).
pub fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}
