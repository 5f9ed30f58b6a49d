//! The keys that sign and check access tokens, as this process knows them.
//!
//! They lie in the database, sealed by the service's secret, and are the same for every process. What
//! this process knows is read anew by the jobs, and when a token names a key that it does not know.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta};
use ed25519_dalek::{SECRET_KEY_LENGTH, SigningKey as Pair};
use quick_cache::sync::Cache;
use serde_json::{Value, json};
use stoa_domain::Timestamp;
use stoa_domain::id::Id;
use stoa_domain::session::Session;
use stoa_domain::signing_key::{self, Schedule, SigningKey};

use crate::jwt::{self, ALGORITHM, Acting, Claims};
use crate::secret::Secret;

/// The longest life of an access token, in hours; longer ones are refused even when a key signed them.
pub const LONGEST_HOURS: i64 = 24 * 31;
/// How far the clocks of two processes may be apart.
const SKEW: TimeDelta = TimeDelta::seconds(5);
/// How long a process waits before it looks for unknown keys again.
const PAUSE: TimeDelta = TimeDelta::seconds(10);

/// What tokens say, and how long they and their keys last.
#[derive(Clone, Debug)]
pub struct Issuing {
    /// Who makes them.
    pub issuer: String,
    /// Who takes them.
    pub audience: String,
    /// How long an access token lasts.
    pub access: TimeDelta,
    /// How long a key signs.
    pub signs: TimeDelta,
}

impl Default for Issuing {
    fn default() -> Self {
        Self {
            issuer: "stoa".into(),
            audience: "stoa-api".into(),
            access: TimeDelta::minutes(15),
            signs: TimeDelta::days(30),
        }
    }
}

/// The keys of the service. Cheap to clone: clones know the same ones.
#[derive(Clone)]
pub struct Keys(Arc<Inner>);

struct Inner {
    secret: Secret,
    issuing: Issuing,
    ring: RwLock<Arc<Ring>>,
    asked: Mutex<Option<Timestamp>>,
}

/// Tokens of which a process remembers what they say, about a megabyte.
const REMEMBERED: usize = 1_000;

/// Keys that could be opened, oldest first, and the pairs they hold.
pub struct Ring {
    keys: Vec<SigningKey>,
    pairs: Vec<Pair>,
    /// What these keys were found to have signed: a client sends the same token with every request.
    signed: Cache<Box<str>, Claims>,
}

impl Default for Ring {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            pairs: Vec::new(),
            signed: Cache::new(REMEMBERED),
        }
    }
}

/// What a token came to.
#[derive(Debug)]
pub enum Checked {
    /// It is ours and holds now.
    Good(Claims),
    /// It is not, whatever keys there are.
    Bad,
    /// It names a key that this process does not know.
    UnknownKey,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// Keys sealed by this secret, none known yet.
    pub fn new(secret: Secret, issuing: Issuing) -> Self {
        Self(Arc::new(Inner {
            secret,
            issuing,
            ring: RwLock::default(),
            asked: Mutex::default(),
        }))
    }

    /// What tokens say.
    pub fn issuing(&self) -> &Issuing {
        &self.0.issuing
    }

    /// The secret, for keys of other purposes.
    pub fn secret(&self) -> &Secret {
        &self.0.secret
    }

    /// When keys follow one another.
    pub fn schedule(&self) -> Schedule {
        Schedule {
            signs: self.0.issuing.signs,
            announced: TimeDelta::days(1),
            longest: TimeDelta::hours(LONGEST_HOURS),
        }
    }

    /// A new key pair, sealed.
    pub fn make(
        &self,
        id: Id<SigningKey>,
        number: i32,
        signs_from: Timestamp,
        random: [[u8; 32]; 2],
        now: Timestamp,
    ) -> Option<SigningKey> {
        let pair = Pair::from_bytes(&random[0]);
        let secret = &self.0.secret;
        Some(SigningKey {
            id,
            number,
            public: URL_SAFE_NO_PAD.encode(pair.verifying_key().as_bytes()),
            sealed: secret.seal(pair.as_bytes(), &id.to_string(), random[1])?,
            created_at: now,
            signs_from,
        })
    }

    /// Those of these keys that our secret opens. Others were sealed by a secret that is gone, and what
    /// they signed has ended with it.
    pub fn open(&self, keys: Vec<SigningKey>) -> Ring {
        let mut ring = Ring::default();
        for key in keys {
            let opened = self.0.secret.open(&key.sealed, &key.id.to_string());
            let opened = opened.and_then(|it| <[u8; SECRET_KEY_LENGTH]>::try_from(it).ok());
            if let Some(bytes) = opened {
                ring.pairs.push(Pair::from_bytes(&bytes));
                ring.keys.push(key);
            }
        }
        ring
    }

    /// Knows these keys from now on.
    pub fn know(&self, ring: Ring) {
        let mut known = self.0.ring.write().unwrap_or_else(PoisonError::into_inner);
        *known = Arc::new(ring);
    }

    fn known(&self) -> Arc<Ring> {
        let known = self.0.ring.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&known)
    }

    /// An access token of a session; none while no key is known that signs.
    pub fn mint(
        &self,
        session: &Session,
        jti: String,
        until: Timestamp,
        now: Timestamp,
    ) -> Option<String> {
        let ring = self.known();
        let key = signing_key::signing(&ring.keys, now)?;
        let pair = ring.pair(&key.id.to_string())?;
        let acting = session.impersonation.as_ref();
        let claims = Claims {
            iss: self.0.issuing.issuer.clone(),
            aud: self.0.issuing.audience.clone(),
            sub: session.account,
            sid: session.id,
            jti,
            iat: now.timestamp(),
            // The clock of the process that is asked may be behind.
            nbf: (now - SKEW).timestamp(),
            exp: until.timestamp(),
            act: acting.map(|it| Acting { sub: it.by }),
        };
        jwt::sign(&claims, &key.id.to_string(), pair)
    }

    /// Whether a token is ours and holds now.
    pub fn check(&self, token: &str, now: Timestamp) -> Checked {
        let ring = self.known();
        let claims = if let Some(claims) = ring.signed.get(token) {
            claims
        } else {
            let Some(read) = jwt::read(token) else {
                return Checked::Bad;
            };
            let Some(pair) = ring.pair(&read.kid) else {
                return Checked::UnknownKey;
            };
            let Some(claims) = read.claims(&pair.verifying_key()) else {
                return Checked::Bad;
            };
            if self.holds(&claims, now) {
                ring.signed.insert(token.into(), claims.clone());
            }
            claims
        };
        if self.holds(&claims, now) {
            Checked::Good(claims)
        } else {
            Checked::Bad
        }
    }

    fn holds(&self, claims: &Claims, now: Timestamp) -> bool {
        let ours = claims.iss == self.0.issuing.issuer && claims.aud == self.0.issuing.audience;
        let at = now.timestamp();
        let in_time = claims.nbf <= at && at < claims.exp;
        let made = claims.iat <= (now + SKEW).timestamp();
        let life = claims.exp.checked_sub(claims.iat);
        let bounded = life.is_some_and(|it| it <= LONGEST_HOURS * 3600);
        let told = DateTime::from_timestamp(claims.exp, 0).is_some();
        ours && in_time && made && bounded && told && !claims.jti.is_empty()
    }

    /// Whether to look for unknown keys now. Whoever makes key names up must not make us ask the
    /// database each time.
    pub fn may_look(&self, now: Timestamp) -> bool {
        let mut asked = self.0.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let may = asked.is_none_or(|last| now - last >= PAUSE || now < last);
        if may {
            *asked = Some(now);
        }
        may
    }

    /// The public keys (RFC 7517), those that will sign tomorrow among them; none before one is known.
    pub fn public(&self) -> Option<Value> {
        let ring = self.known();
        let keys: Vec<_> = ring.keys.iter().map(public).collect();
        (!keys.is_empty()).then(|| json!({ "keys": keys }))
    }
}

fn public(key: &SigningKey) -> Value {
    json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "x": key.public,
        "kid": key.id,
        "use": "sig",
        "alg": ALGORITHM,
    })
}

impl Ring {
    /// The keys in it.
    pub fn keys(&self) -> &[SigningKey] {
        &self.keys
    }

    fn pair(&self, kid: &str) -> Option<&Pair> {
        let place = self.keys.iter().position(|it| it.id.to_string() == kid)?;
        self.pairs.get(place)
    }
}
