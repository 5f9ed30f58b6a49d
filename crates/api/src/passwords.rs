//! Hashing passwords: argon2id, off the threads that answer requests, and only so many at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

/// Memory, in KiB, passes and lanes that the OWASP Password Storage Cheat Sheet asks for at least.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Bytes of salt (RFC 9106 §3.1 recommends 16).
pub const SALT: usize = 16;

/// Hashes and checks passwords.
#[derive(Clone, Debug)]
pub struct Passwords(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    argon2: Argon2<'static>,
    /// Each run takes the memory above and a whole core.
    places: Arc<Semaphore>,
    runs: AtomicU64,
}

/// Whether a password was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It was.
    Right,
    /// It was, and its hash is weaker than what is made today.
    RightButWeak,
    /// It was not, or there is none.
    Wrong,
}

/// A password could not be hashed; the log has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotHashed;

impl Default for Passwords {
    fn default() -> Self {
        let params = Params::new(MEMORY, PASSES, LANES, None).unwrap_or_default();
        let places = std::thread::available_parallelism().map_or(2, usize::from);
        Self(Arc::new(Inner {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            places: Arc::new(Semaphore::new(places)),
            runs: AtomicU64::new(0),
        }))
    }
}

impl Passwords {
    /// The hash of a password, with this salt, as a PHC string.
    pub async fn hash(&self, password: String, salt: [u8; SALT]) -> Result<String, NotHashed> {
        self.run(move |argon2| {
            let hash = argon2.hash_password_with_salt(password.as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|error| {
                tracing::error!(%error, "a password could not be hashed");
                NotHashed
            })
        })
        .await
        .unwrap_or(Err(NotHashed))
    }

    /// Compares a password with a hash. Without a hash it takes as long and is wrong: how long it takes
    /// must not say whether there is one.
    pub async fn verify(&self, password: String, phc: Option<String>) -> Proof {
        let today = self.0.argon2.params().clone();
        self.run(move |argon2| {
            let Some(phc) = phc else {
                let _ = argon2.hash_password_with_salt(password.as_bytes(), &[0; SALT]);
                return Proof::Wrong;
            };
            let Ok(hash) = PasswordHash::new(&phc) else {
                tracing::error!("a stored password hash cannot be read");
                return Proof::Wrong;
            };
            if argon2.verify_password(password.as_bytes(), &hash).is_err() {
                return Proof::Wrong;
            }
            let weak = Params::try_from(&hash)
                .is_ok_and(|made| made.m_cost() < today.m_cost() || made.t_cost() < today.t_cost());
            if weak {
                Proof::RightButWeak
            } else {
                Proof::Right
            }
        })
        .await
        .unwrap_or(Proof::Wrong)
    }

    /// How often argon2 has run; tests compare what is refused by it.
    pub fn runs(&self) -> u64 {
        self.0.runs.load(Ordering::Relaxed)
    }

    /// Runs on a thread for blocking work, when there is a place; none if the process is ending.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> T + Send + 'static,
    ) -> Option<T> {
        let places = Arc::clone(&self.0.places);
        let place = places.acquire_owned().await.ok()?;
        self.0.runs.fetch_add(1, Ordering::Relaxed);
        let inner = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || {
            let done = work(&inner.argon2);
            // Kept until here even if nobody waits any more: hanging up frees no place.
            drop(place);
            done
        })
        .await
        .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT_OF_TESTS: [u8; SALT] = [7; SALT];

    #[tokio::test]
    async fn a_hash_is_argon2id_with_the_parameters_of_owasp() {
        let hash = Passwords::default()
            .hash("four unrelated garden words".into(), SALT_OF_TESTS)
            .await;
        let hash = hash.unwrap_or_default();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
    }

    #[tokio::test]
    async fn a_password_is_right_wrong_or_due_to_be_hashed_anew() {
        let passwords = Passwords::default();
        let word = "four unrelated garden words".to_owned();
        let strong = passwords.hash(word.clone(), SALT_OF_TESTS).await.ok();
        let weak = Params::new(8 * 1024, 1, 1, None).ok().and_then(|params| {
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            let hash = argon2.hash_password_with_salt(word.as_bytes(), &SALT_OF_TESTS);
            hash.ok().map(|hash| hash.to_string())
        });
        assert!(weak.is_some());
        for (tried, phc, expected) in [
            (word.as_str(), strong.clone(), Proof::Right),
            (word.as_str(), weak.clone(), Proof::RightButWeak),
            ("four unrelated garden word", strong, Proof::Wrong),
            ("four unrelated garden word", weak, Proof::Wrong),
            (word.as_str(), None, Proof::Wrong),
            (word.as_str(), Some("no hash".into()), Proof::Wrong),
        ] {
            let runs = passwords.runs();
            let proof = passwords.verify(tried.to_owned(), phc.clone()).await;
            assert_eq!(proof, expected, "{tried} {phc:?}");
            assert_eq!(passwords.runs(), runs + 1, "each costs one run");
        }
    }
}
