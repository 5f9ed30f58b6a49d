//! The service's one secret, and what is made from it: a key of its own for every purpose. Also how
//! secrets of others are kept: as hashes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// The secret of the service. It never prints and is never used itself.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

/// How many random bytes make two sealed texts different.
const NONCE: usize = 12;

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// Takes these bytes, which nobody can guess.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The keyed hash of a text, for one purpose: only the service can make it.
    pub fn hash(&self, purpose: &str, text: &str) -> [u8; 32] {
        let key = self.key(purpose);
        let mut mac = Hmac::<Sha256>::new_from_slice(&key)
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// The same in letters, for a column.
    pub fn hash_text(&self, purpose: &str, text: &str) -> String {
        hex(&self.hash(purpose, text))
    }

    /// The key for one purpose (HKDF-SHA-256). Purposes learn nothing of one another.
    pub fn key(&self, purpose: &str) -> [u8; 32] {
        let mut key = [0; 32];
        let derived =
            Hkdf::<Sha256>::new(Some(b"stoa"), &self.0).expand(purpose.as_bytes(), &mut key);
        debug_assert!(derived.is_ok(), "32 bytes are fewer than HKDF can make");
        key
    }

    /// Encrypts what is about something; it opens only as that (ChaCha20-Poly1305).
    pub fn seal(&self, plain: &[u8], about: &str, random: [u8; 32]) -> Option<String> {
        let (nonce, _) = random.split_first_chunk::<NONCE>()?;
        let payload = Payload {
            msg: plain,
            aad: about.as_bytes(),
        };
        let sealed = self.cipher().encrypt(&(*nonce).into(), payload).ok()?;
        Some(URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat()))
    }

    /// What was sealed about this, if it was sealed by this secret.
    pub fn open(&self, sealed: &str, about: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
        let payload = Payload {
            msg: sealed,
            aad: about.as_bytes(),
        };
        self.cipher().decrypt(&(*nonce).into(), payload).ok()
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(&self.key("sealing").into())
    }
}

/// How a random secret is kept (SHA-256). It has 256 bits of chance: nothing slower is needed, and
/// nothing is compared but by the database, which looks the hash up.
pub fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

/// Whether two texts are the same, in a time that does not tell where they differ.
pub fn same(one: &str, other: &str) -> bool {
    // The hashes are compared instead: where they differ says nothing about the texts.
    Sha256::digest(one.as_bytes()) == Sha256::digest(other.as_bytes())
}

/// Bytes in hexadecimal letters.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_with_the_same_secret_and_as_the_same_thing() {
        let secret = Secret::new(vec![1; 32]);
        let sealed = secret.seal(b"plain", "key_1", [7; 32]).unwrap_or_default();
        assert_eq!(
            secret.open(&sealed, "key_1").as_deref(),
            Some(&b"plain"[..])
        );
        assert_eq!(secret.open(&sealed, "key_2"), None);
        assert_eq!(Secret::new(vec![2; 32]).open(&sealed, "key_1"), None);
        for broken in ["", "AAAA", &sealed[1..], &sealed[..sealed.len() - 4]] {
            assert_eq!(secret.open(broken, "key_1"), None, "{broken}");
        }
    }

    #[test]
    fn each_purpose_has_a_key_of_its_own() {
        let secret = Secret::new(vec![1; 32]);
        assert_ne!(secret.key("a"), secret.key("b"));
        assert_ne!(secret.key("a"), Secret::new(vec![2; 32]).key("a"));
        assert_ne!(secret.hash("a", "1"), secret.hash("b", "1"));
        assert_ne!(secret.hash("a", "1"), secret.hash("a", "2"));
        assert_eq!(secret.hash("a", "1"), Secret::new([1; 32]).hash("a", "1"));
    }
}
