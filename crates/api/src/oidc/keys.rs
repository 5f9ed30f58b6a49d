//! Keys of a provider. They rotate: one that is not known is asked for, but not whenever somebody likes.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header};
use stoa_domain::Timestamp;
use tokio::sync::RwLock;

use super::fetch::Fetch;
use super::{LIFE, Problem};

/// How long to wait, in seconds, before asking again for a key that was not there.
const PAUSE: i64 = 60;

/// Keys as they were read last, and when.
#[derive(Debug, Default)]
pub(super) struct Keys(RwLock<Option<(JwkSet, Timestamp)>>);

impl Keys {
    /// The key that this header names.
    pub(super) async fn find(
        &self,
        fetch: &Fetch,
        address: &str,
        header: &Header,
        now: Timestamp,
    ) -> Result<DecodingKey, Problem> {
        let unknown = Problem::Token("a key that the provider does not have");
        let age = |at: &Timestamp| (now - *at).num_seconds();
        if let Some((keys, at)) = self.0.read().await.as_ref()
            && age(at) < LIFE
        {
            if let Some(key) = fitting(keys, header) {
                return Ok(key);
            }
            if age(at) < PAUSE {
                return Err(unknown);
            }
        }
        let mut known = self.0.write().await;
        // Somebody else may have asked while this one waited.
        let just_read = known.as_ref().is_some_and(|(_, at)| age(at) < PAUSE);
        if !just_read {
            *known = Some((fetch.get(address).await?, now));
        }
        known
            .as_ref()
            .and_then(|(keys, _)| fitting(keys, header))
            .ok_or(unknown)
    }
}

/// The one key of the set that this header names and that can check its signature.
fn fitting(keys: &JwkSet, header: &Header) -> Option<DecodingKey> {
    let mut fitting = keys.keys.iter().filter(|key| {
        let named = header.kid.is_none() || header.kid == key.common.key_id;
        named && checks(key, header.alg)
    });
    let key = fitting.next()?;
    // Without a name it must be the only one (OpenID Connect Core §10.1).
    if header.kid.is_none() && fitting.next().is_some() {
        return None;
    }
    DecodingKey::from_jwk(key).ok()
}

/// Whether a key checks signatures of this algorithm. A shared secret never does: then whoever knows what
/// is public could sign.
fn checks(key: &Jwk, algorithm: Algorithm) -> bool {
    let signs = matches!(
        key.common.public_key_use,
        None | Some(PublicKeyUse::Signature)
    );
    let said = key.common.key_algorithm;
    let says_so = said.is_none_or(|said| said.to_string() == format!("{algorithm:?}"));
    let fits = match (&key.algorithm, algorithm) {
        (AlgorithmParameters::RSA(_), Algorithm::RS256) => true,
        (AlgorithmParameters::EllipticCurve(key), Algorithm::ES256) => {
            key.curve == EllipticCurve::P256
        }
        (AlgorithmParameters::OctetKeyPair(key), Algorithm::EdDSA) => {
            key.curve == EllipticCurve::Ed25519
        }
        _ => false,
    };
    signs && says_so && fits
}
