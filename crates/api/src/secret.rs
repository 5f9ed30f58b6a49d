//! The service's secret, for everything that is not a token: hashes that only the service can make.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Makes and compares keyed hashes. Each purpose has its own key, so that a hash made for one says nothing
/// for another, and none says anything about tokens that the same secret signs.
#[derive(Clone)]
pub struct Secret(Hmac<Sha256>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// Over the operator's key.
    pub fn new(key: &[u8]) -> Self {
        // As HKDF-Extract does (RFC 5869 §2.2): what is derived is unrelated to other uses of the key.
        let mut extract = keyed(b"stoa secret 1");
        extract.update(key);
        Self(keyed(&extract.finalize().into_bytes()))
    }

    /// The keyed hash of a text, for one purpose.
    pub fn hash(&self, purpose: &str, text: &str) -> [u8; 32] {
        self.mac(purpose, text).finalize().into_bytes().into()
    }

    /// The same in letters, for a column.
    pub fn hash_text(&self, purpose: &str, text: &str) -> String {
        hex(&self.hash(purpose, text))
    }

    fn mac(&self, purpose: &str, text: &str) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(purpose.as_bytes());
        // No purpose has this byte, so purpose and text cannot be cut elsewhere.
        mac.update(b"\0");
        mac.update(text.as_bytes());
        mac
    }
}

/// The plain hash of a text in letters: for random texts that are looked up by it.
pub fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
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

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(key)
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_depends_on_key_purpose_and_text() {
        let secret = Secret::new(b"a secret of tests");
        let hash = secret.hash("code", "1");
        assert_eq!(hash, Secret::new(b"a secret of tests").hash("code", "1"));
        assert_ne!(hash, Secret::new(b"another secret").hash("code", "1"));
        assert_ne!(hash, secret.hash("address", "1"));
        assert_ne!(hash, secret.hash("code", "2"));
        assert_ne!(secret.hash("a", "b1"), secret.hash("ab", "1"));
    }

    #[test]
    fn a_secret_never_prints() {
        assert_eq!(format!("{:?}", Secret::new(b"hidden")), "Secret(…)");
    }

    #[test]
    fn the_digest_is_sha_256() {
        assert_eq!(
            digest("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
