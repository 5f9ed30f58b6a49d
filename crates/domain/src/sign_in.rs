//! Signing in: how often it may be tried, and codes by mail.
//!
//! Nothing here says whether an account exists: limits count what was typed, not whom it belongs to.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Timestamp;
use crate::account::{Account, Kind, Refusal};
use crate::actor::Actor;
use crate::change::{Activity, Change, Subject, Verb};
use crate::id::{Id, Noun};

/// How far back attempts are counted.
pub const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// Attempts for one mail address in a window: few enough against guessing, enough for mistyping.
pub const PER_ACCOUNT: usize = 10;
/// Attempts from one network address in a window; an office shares one.
pub const PER_ADDRESS: usize = 50;
/// Codes that are mailed to one address in a window, whoever asks.
pub const CODES_PER_ACCOUNT: usize = 5;

/// How long a code can be used.
pub const CODE_LIFE: TimeDelta = TimeDelta::minutes(10);
/// How often a code may be typed wrongly before it is void.
pub const CODE_TRIES: i32 = 5;
/// Characters of a code: none looks like another, and without vowels they make no words.
const ALPHABET: &[u8; 24] = b"23456789CDFHJKMNPQRTVWXY";
const LENGTH: u32 = 8;

/// How somebody proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Method {
    /// By password.
    Password,
    /// By a code that was mailed.
    Code,
    /// By an `OpenID` provider.
    Oidc,
}

/// One try to sign in, or to be sent a code. Holds hashes of what was typed: nobody's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its id.
    pub id: Id<Attempt>,
    /// Which mail address, and what for, as a keyed hash.
    pub account: String,
    /// From which network address, as a keyed hash; none where it is unknown.
    pub address: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Too many attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    /// When the next attempt is taken.
    pub retry_at: Timestamp,
}

/// A code that was mailed. The code itself is made from the id with the service's key and kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// What the code is made from.
    pub id: Id<Code>,
    /// Whom it was mailed to, in lower case; only the newest code of an address counts.
    pub email: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// How often it was typed, rightly or not.
    pub tries: i32,
}

impl Noun for Attempt {
    const PREFIX: &'static str = "try";
}

impl Noun for Code {
    const PREFIX: &'static str = "code";
}

/// Whether one more attempt is within the limit. `others` are the times of the attempts before it.
pub fn within(others: &[Timestamp], limit: usize, now: Timestamp) -> Result<(), Limited> {
    let mut counted: Vec<_> = others
        .iter()
        .copied()
        .filter(|at| *at > now - WINDOW)
        .collect();
    if counted.len() < limit {
        return Ok(());
    }
    // Once all but `limit - 1` of them have left the window there is room for one more.
    counted.sort_unstable();
    let leaving = counted[counted.len() - limit];
    Err(Limited {
        retry_at: leaving + WINDOW,
    })
}

impl Code {
    /// Whether it may still be typed.
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.created_at + CODE_LIFE && self.tries < CODE_TRIES
    }
}

/// Eight characters out of random bytes.
pub fn spell(random: [u8; 8]) -> String {
    let base = ALPHABET.len() as u64;
    // The remainder favours some codes by one part in a hundred million.
    let mut number = u64::from_be_bytes(random) % base.pow(LENGTH);
    (0..LENGTH)
        .map(|_| {
            let digit = usize::try_from(number % base).unwrap_or_default();
            number /= base;
            char::from(ALPHABET[digit])
        })
        .collect()
}

/// A code as people read it: two groups of four.
pub fn shown(code: &str) -> String {
    let middle = code.len() / 2;
    format!("{}-{}", &code[..middle], &code[middle..])
}

/// What somebody typed, as codes are written: spaces, dashes and case do not matter.
pub fn typed(text: &str) -> Option<String> {
    let code: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .take(LENGTH as usize + 1)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let known = code.bytes().all(|byte| ALPHABET.contains(&byte));
    (known && code.len() == LENGTH as usize).then_some(code)
}

/// The account of an applicant who proved a mail address that none has. Its name is the address's first
/// part until they say otherwise.
pub fn arrive(id: Id<Account>, email: &str, now: Timestamp) -> Result<Change<Account>, Refusal> {
    let (name, _) = email.rsplit_once('@').unwrap_or((email, ""));
    Account::create(id, Kind::Applicant, name, email, &Actor::System, now)
}

/// The line of the log for a success. It explains no version of the account.
pub fn succeeded(account: &Account, method: Method, now: Timestamp) -> Activity {
    let by = account.actor();
    Activity::new(Verb::SignedIn, Subject::Account(account.id), 0, &by, now)
        .telling(json!({ "method": method }))
}

/// The line of the log for too many failures. It explains no version of the account.
pub fn locked(account: Id<Account>, now: Timestamp) -> Activity {
    Activity::new(
        Verb::SignInLocked,
        Subject::Account(account),
        0,
        &Actor::System,
        now,
    )
    .telling(json!({ "attempts": PER_ACCOUNT, "minutes": WINDOW.num_minutes() }))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use uuid::Uuid;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::seconds(1_000_000 + seconds)
    }

    #[test]
    fn attempts_are_counted_over_a_window_that_slides() {
        let window = WINDOW.num_seconds();
        for (others, now, expected) in [
            (vec![], 0, Ok(())),
            (vec![0, 1], 2, Ok(())),
            (vec![0, 1, 2], 3, Err(window)),
            (vec![2, 0, 1], 3, Err(window)),
            // The first has left: one more is taken, and then none until the second leaves.
            (vec![0, 1, 2], window, Ok(())),
            (vec![1, 2, window], window, Err(window + 1)),
            // More than the limit, as when several came at once: all but two must leave.
            (vec![0, 1, 2, 3, 4], 5, Err(window + 2)),
            (vec![0, 1, 2], window + 10, Ok(())),
        ] {
            let times: Vec<_> = others.iter().map(|second| at(*second)).collect();
            let expected = expected.map_err(|second| Limited {
                retry_at: at(second),
            });
            assert_eq!(within(&times, 3, at(now)), expected, "{others:?} at {now}");
        }
    }

    #[test]
    fn a_code_is_open_for_ten_minutes_and_five_tries() {
        for (age, tries, open) in [
            (0, 0, true),
            (599, 4, true),
            (599, 5, false),
            (600, 0, false),
            (601, 0, false),
        ] {
            let code = Code {
                id: Id::new(Uuid::from_u128(1)),
                email: "robin@example.org".into(),
                created_at: at(0),
                tries,
            };
            assert_eq!(code.is_open(at(age)), open, "{age} s, {tries} tries");
        }
    }

    #[test]
    fn every_code_can_be_read_aloud_and_typed_back() {
        for seed in 0..2_000_u64 {
            let random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
            let code = spell(random);
            assert_eq!(code.len(), 8);
            for confusing in "01ILOUAEBGSZ".chars() {
                assert!(!code.contains(confusing), "{code}");
            }
            assert_eq!(typed(&shown(&code)), Some(code.clone()));
            assert_eq!(typed(&code.to_lowercase()), Some(code));
        }
    }

    #[test]
    fn what_is_no_code_is_none() {
        for text in [
            "",
            "2345",
            "2345-678",
            "2345-67899",
            "2345-678B",
            "2345-6780",
            "2345-678é",
            "２３４５６７８９",
        ] {
            assert_eq!(typed(text), None, "{text}");
        }
        let long = "2".repeat(1_000_000);
        assert_eq!(typed(&long), None);
    }

    #[test]
    fn who_proves_a_new_address_becomes_an_applicant() {
        let change = arrive(Id::new(Uuid::from_u128(2)), "robin.g@example.org", at(0)).unwrap();
        assert_eq!(change.after.kind, Kind::Applicant);
        assert_eq!(change.after.name, "robin.g");
        assert_eq!(change.after.grants, Vec::new());
    }
}
