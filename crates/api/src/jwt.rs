//! Access tokens on the wire: JSON Web Tokens (RFC 9068), signed with Ed25519 and nothing else.
//!
//! One algorithm, one type and one shape need no library that knows the others: what is not exactly
//! that is refused before a key is looked at. Keys in a token's header (`jwk`, `jku`, `x5u`) are
//! never read.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use stoa_domain::account::Account;
use stoa_domain::id::Id;
use stoa_domain::session::Session;

/// Ed25519 signatures under their name in JOSE (RFC 8037).
pub const ALGORITHM: &str = "EdDSA";
const TYPE: &str = "at+jwt";
/// The longest token looked at, in bytes; ours have some 600.
const LONGEST: usize = 4096;

/// What an access token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Who made it.
    pub iss: String,
    /// For whom.
    pub aud: String,
    /// Whose it is.
    pub sub: Id<Account>,
    /// The session that it belongs to.
    pub sid: Id<Session>,
    /// Its own id.
    pub jti: String,
    /// When it was made, in seconds.
    pub iat: i64,
    /// From when on it holds.
    pub nbf: i64,
    /// Until when.
    pub exp: i64,
    /// Who acts in the name of whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Acting>,
}

/// Who acts (RFC 8693).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Acting {
    /// Their account.
    pub sub: Id<Account>,
}

#[derive(Serialize)]
struct NewHeader<'a> {
    alg: &'static str,
    typ: &'static str,
    kid: &'a str,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
    #[serde(default)]
    crit: Option<IgnoredAny>,
}

/// A token of the right shape, not checked yet.
#[derive(Debug)]
pub struct Unchecked<'a> {
    /// The name of the key that is said to have signed it.
    pub kid: String,
    signed: &'a str,
    claims: &'a str,
    signature: Signature,
}

/// A token with these claims; none if they cannot be written.
pub fn sign(claims: &Claims, kid: &str, key: &SigningKey) -> Option<String> {
    let header = NewHeader {
        alg: ALGORITHM,
        typ: TYPE,
        kid,
    };
    let header = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header).ok()?);
    let claims = URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims).ok()?);
    let signed = format!("{header}.{claims}");
    let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).to_bytes());
    Some(format!("{signed}.{signature}"))
}

/// Takes a token apart, if it has the one shape that is taken.
pub fn read(token: &str) -> Option<Unchecked<'_>> {
    if token.len() > LONGEST {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    if claims.contains('.') {
        return None;
    }
    let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    // Extensions that must be understood: we know none.
    if header.alg != ALGORITHM || header.typ != TYPE || header.crit.is_some() {
        return None;
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    Some(Unchecked {
        kid: header.kid,
        signed,
        claims,
        signature: Signature::from_slice(&signature).ok()?,
    })
}

impl Unchecked<'_> {
    /// What it says, if this key signed it.
    pub fn claims(&self, key: &VerifyingKey) -> Option<Claims> {
        // Strict: no key or signature of small order, which would fit many messages.
        key.verify_strict(self.signed.as_bytes(), &self.signature)
            .ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(self.claims).ok()?).ok()
    }
}
