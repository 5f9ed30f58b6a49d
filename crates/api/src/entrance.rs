//! What signing in needs besides the store: password hashing, and what operators set up.

use std::net::IpAddr;

use tokio::sync::Notify;

use crate::budget::address::counted;
use crate::mail::Mailer;
use crate::oidc::Oidc;
use crate::passwords::Passwords;
use crate::secret::Secret;

/// The ways in.
#[derive(Debug)]
pub struct Entrance {
    /// Makes codes, and hashes of what was typed.
    pub secret: Secret,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// Sends codes.
    pub mailer: Mailer,
    /// Whether people of the team may sign in by a mailed code too.
    pub staff_by_code: bool,
    /// Where people sign in who have an account there.
    pub oidc: Option<Oidc>,
    /// Somebody wrote a mail: the sender need not wait for its next round.
    pub written: Notify,
}

impl Entrance {
    /// The ways in over the operator's key: passwords, and nothing that must be set up.
    pub fn new(key: &[u8]) -> Self {
        Self {
            secret: Secret::new(key),
            passwords: Passwords::default(),
            mailer: Mailer::None,
            staff_by_code: false,
            oidc: None,
            written: Notify::new(),
        }
    }

    /// How attempts from a network address are counted, without keeping it.
    pub fn address_key(&self, address: IpAddr) -> String {
        let counted = counted(address).to_string();
        self.secret.hash_text("address", &counted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_subscriber_count_as_one() {
        let entrance = Entrance::new(b"a secret of tests, as long as a signature is");
        let key = |text: &str| text.parse().map(|it| entrance.address_key(it));
        for (one, other, same) in [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
        ] {
            assert_eq!(key(one) == key(other), same, "{one} {other}");
            assert!(!key(one).unwrap_or_default().contains("192"), "{one}");
        }
    }
}
