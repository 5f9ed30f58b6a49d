//! What an ID token must be (`OpenID` Connect Core 1.0 §3.1.3.7), checked against our own clock.

use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header};
use serde_json::{Map, Value};
use stoa_domain::Timestamp;

use super::Problem;
use crate::secret::same;

/// How far clocks may be apart, in seconds.
const LEEWAY: i64 = 60;
/// Algorithms that a provider may sign with.
const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// What a token has to say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: Timestamp,
}

/// What a provider says of somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims(Map<String, Value>);

impl Claims {
    /// Who they are there; never given to anybody else.
    pub fn subject(&self) -> &str {
        self.text("sub").unwrap_or_default()
    }

    /// The mail address, if the provider made sure that it is theirs.
    pub fn verified_email(&self) -> Option<&str> {
        // Some say it as text.
        let verified = match self.0.get("email_verified") {
            Some(Value::Bool(verified)) => *verified,
            Some(Value::String(text)) => text == "true",
            _ => false,
        };
        self.text("email").filter(|_| verified)
    }

    /// The name people read.
    pub fn name(&self) -> Option<&str> {
        self.text("name")
    }

    /// The texts of a claim: one, or a list. A dot leads into a claim that has parts.
    pub fn texts(&self, path: &str) -> Vec<&str> {
        // A claim may have dots in its own name: an address, for example.
        let found = self.0.get(path).or_else(|| {
            let mut parts = path.split('.');
            let first = self.0.get(parts.next()?)?;
            parts.try_fold(first, |value, part| value.get(part))
        });
        match found {
            Some(Value::String(text)) => vec![text.as_str()],
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }
}

/// The header, if it names an algorithm that is taken. Keys that it brings along are not looked at.
pub(super) fn header(token: &str) -> Result<Header, Problem> {
    let header = decode_header(token).map_err(|_| Problem::Token("no header that can be read"))?;
    if header.crit.is_some() {
        return Err(Problem::Token(
            "a header that must be understood and is not",
        ));
    }
    ALGORITHMS
        .contains(&header.alg)
        .then_some(header)
        .ok_or(Problem::Token("an algorithm that is not taken"))
}

/// The claims, if the token is right in every respect.
pub(super) fn claims(
    token: &str,
    key: &DecodingKey,
    algorithm: Algorithm,
    expected: &Expected<'_>,
) -> Result<Claims, Problem> {
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[expected.issuer]);
    validation.set_audience(&[expected.client]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // The library's clock is the machine's.
    validation.validate_exp = false;
    let claims = decode::<Map<String, Value>>(token, key, &validation)
        .map_err(|_| Problem::Token("a signature, issuer or audience that is not right"))?
        .claims;
    let claims = Claims(claims);
    check(&claims, expected)?;
    Ok(claims)
}

fn check(claims: &Claims, expected: &Expected<'_>) -> Result<(), Problem> {
    let now = expected.now.timestamp();
    let time = |name: &str| claims.0.get(name).and_then(Value::as_i64);
    if time("exp").is_none_or(|exp| exp + LEEWAY <= now) {
        return Err(Problem::Token("expired"));
    }
    if time("iat").is_none_or(|iat| iat - LEEWAY > now) {
        return Err(Problem::Token("issued in the future"));
    }
    if time("nbf").is_some_and(|nbf| nbf - LEEWAY > now) {
        return Err(Problem::Token("not valid yet"));
    }
    if claims.subject().is_empty() || claims.subject().len() > 255 {
        return Err(Problem::Token("no subject"));
    }
    if !claims
        .text("nonce")
        .is_some_and(|nonce| same(nonce, expected.nonce))
    {
        return Err(Problem::Token("another nonce"));
    }
    let alone = claims.texts("aud") == [expected.client];
    match claims.0.get("azp") {
        None if alone => Ok(()),
        Some(Value::String(party)) if party == expected.client => Ok(()),
        _ => Err(Problem::Token("made for another party")),
    }
}
