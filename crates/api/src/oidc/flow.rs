//! What is remembered while somebody is at the provider: in the state that their browser carries.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use stoa_domain::Timestamp;

use crate::secret::{Secret, hex, same};

/// How long somebody may take at the provider, in seconds.
const LIFE: i64 = 15 * 60;

/// One sign-in on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Where the browser goes afterwards.
    pub return_to: String,
    /// The challenge of the frontend that began.
    pub challenge: String,
    /// What the ID token has to repeat.
    pub nonce: String,
    /// The PKCE verifier.
    pub verifier: String,
    /// Tells this sign-in from others.
    pub number: String,
}

#[derive(Serialize, Deserialize)]
struct Carried {
    to: String,
    by: String,
    number: String,
    at: i64,
}

impl Flow {
    /// Begins one.
    pub fn begin(secret: &Secret, return_to: &str, challenge: &str, random: &[u8]) -> Self {
        Self::of(secret, return_to.into(), challenge.into(), hex(random))
    }

    fn of(secret: &Secret, return_to: String, challenge: String, number: String) -> Self {
        Self {
            nonce: secret.hash_text("oidc nonce", &number),
            verifier: secret.hash_text("oidc verifier", &number),
            return_to,
            challenge,
            number,
        }
    }

    /// The state that the browser carries: readable, and of our making.
    pub fn state(&self, secret: &Secret, now: Timestamp) -> String {
        let carried = Carried {
            to: self.return_to.clone(),
            by: self.challenge.clone(),
            number: self.number.clone(),
            at: now.timestamp(),
        };
        let carried = serde_json::to_vec(&carried).unwrap_or_default();
        let carried = URL_SAFE_NO_PAD.encode(carried);
        let seal = secret.hash_text("oidc state", &carried);
        format!("{carried}.{seal}")
    }

    /// What a state carries, if we made it and it is not too old.
    pub fn read(secret: &Secret, state: &str, now: Timestamp) -> Option<Self> {
        let (carried, seal) = state.split_once('.')?;
        if !same(seal, &secret.hash_text("oidc state", carried)) {
            return None;
        }
        let carried = URL_SAFE_NO_PAD.decode(carried).ok()?;
        let carried: Carried = serde_json::from_slice(&carried).ok()?;
        let age = now.timestamp() - carried.at;
        (0..LIFE)
            .contains(&age)
            .then(|| Self::of(secret, carried.to, carried.by, carried.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_state_is_read_back_while_it_is_young_and_untouched() {
        let secret = Secret::new(b"a secret of tests");
        let now = Timestamp::UNIX_EPOCH + TimeDelta::days(20_000);
        let flow = Flow::begin(
            &secret,
            "https://desk.example.org/in",
            "challenge",
            &[1, 2, 3],
        );
        let state = flow.state(&secret, now);
        assert_eq!(Flow::read(&secret, &state, now), Some(flow.clone()));
        let nearly = now + TimeDelta::seconds(LIFE - 1);
        assert_eq!(Flow::read(&secret, &state, nearly), Some(flow.clone()));
        for (case, state, now) in [
            ("too old", state.clone(), now + TimeDelta::seconds(LIFE)),
            (
                "from the future",
                state.clone(),
                now - TimeDelta::seconds(1),
            ),
            ("cut", state[..state.len() - 1].to_owned(), now),
            (
                "changed",
                format!("e{}", &state[1..]).replacen("ee", "ef", 1) + "0",
                now,
            ),
            ("another's", flow.state(&Secret::new(b"another"), now), now),
            ("empty", String::new(), now),
        ] {
            assert_eq!(Flow::read(&secret, &state, now), None, "{case}");
        }
        let other = Flow::begin(
            &secret,
            "https://desk.example.org/in",
            "challenge",
            &[1, 2, 4],
        );
        assert_ne!((other.nonce, other.verifier), (flow.nonce, flow.verifier));
    }
}
