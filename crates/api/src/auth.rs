//! Tokens: who asks. A token names an account and nothing else; what the account may do is read
//! from the database with every request, so a withdrawn role works at once.

use chrono::{DateTime, TimeDelta};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use stoa_domain::Timestamp;
use stoa_domain::account::Account;
use stoa_domain::actor::Actor;
use stoa_domain::id::Id;
use stoa_persistence::{Store, StoreError};

const ISSUER: &str = "stoa";
const AUDIENCE: &str = "stoa-api";
/// The longest life of a token, in hours; longer ones are refused even when the key signed them.
pub const LONGEST_HOURS: i64 = 24 * 31;

/// The service's own key.
#[derive(Clone)]
pub struct Keys {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: Id<Account>,
    iss: String,
    aud: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// Who asks, and until when their token says so.
#[derive(Debug)]
pub struct Recognised {
    /// Who.
    pub actor: Actor,
    /// When the token ends; a stranger has none.
    pub until: Option<Timestamp>,
}

/// Why nobody could be recognised.
#[derive(Debug)]
pub enum Unrecognised {
    /// The token is malformed, expired, or not ours.
    Token,
    /// Its account is gone or closed.
    Account,
    /// The database failed.
    Store(StoreError),
}

impl Keys {
    /// Signs and checks with this secret, at least 32 bytes.
    pub fn new(secret: &[u8]) -> Self {
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
        }
    }

    /// A token for an account, good for some hours, at most [`LONGEST_HOURS`]; none if it cannot be signed.
    pub fn mint(&self, account: Id<Account>, now: Timestamp, hours: i64) -> Option<String> {
        let life = TimeDelta::try_hours(hours.clamp(1, LONGEST_HOURS))?;
        let claims = Claims {
            sub: account,
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: now.checked_add_signed(life)?.timestamp(),
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding).ok()
    }

    /// The account a token names and when the token ends, if it is ours and holds now.
    ///
    /// The library's clock is the machine's; ours is an argument, so times are compared here.
    fn account(&self, token: &str, now: Timestamp) -> Option<(Id<Account>, Timestamp)> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = decode::<Claims>(token, &self.decoding, &validation)
            .ok()?
            .claims;
        let until = DateTime::from_timestamp(claims.exp, 0)?;
        let now = now.timestamp();
        let holds = claims.nbf <= now && now < claims.exp;
        let bounded = claims.iat <= now && claims.exp - claims.iat <= LONGEST_HOURS * 3600;
        (holds && bounded).then_some((claims.sub, until))
    }
}

/// Who stands behind an `Authorization` header; none is a stranger, a bad one is refused.
pub async fn recognise(
    header: Option<&str>,
    keys: &Keys,
    store: &Store,
    now: Timestamp,
) -> Result<Recognised, Unrecognised> {
    let Some(header) = header else {
        return Ok(Recognised {
            actor: Actor::Anonymous,
            until: None,
        });
    };
    let token = header
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or(Unrecognised::Token)?;
    let (id, until) = keys.account(token, now).ok_or(Unrecognised::Token)?;
    let account = store
        .view(&Actor::System)
        .account(id)
        .await
        .map_err(Unrecognised::Store)?
        .ok_or(Unrecognised::Account)?;
    match account.actor() {
        Actor::Anonymous => Err(Unrecognised::Account),
        actor => Ok(Recognised {
            actor,
            until: Some(until),
        }),
    }
}
