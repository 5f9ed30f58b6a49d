//! Passwords of people who work for programs: which are taken, and how their hashes are kept.
//!
//! Length is what counts; composition rules make passwords that are hard to remember and easy to guess
//! (NIST SP 800-63B §3.1.1.2, OWASP Authentication Cheat Sheet). So there are none, and what is guessed
//! first is refused instead.

use crate::Timestamp;
use crate::account::{Account, Kind};
use crate::change::{Activity, Subject, Verb};
use crate::id::Id;

/// The shortest password taken, in characters.
pub const SHORTEST: usize = 12;
/// The longest password taken, in characters: hashing more would only cost time.
pub const LONGEST: usize = 128;
/// How many characters must be left when everything guessable is taken out.
const UNGUESSED: usize = 6;
/// How many different characters a password has at least.
const DIFFERENT: usize = 5;

/// Words that passwords are made of most often, longer ones before their parts. In lower case.
const COMMON: &[&str] = &[
    "1q2w3e4r5t",
    "1qaz2wsx",
    "abcdefgh",
    "administrator",
    "asdfghjkl",
    "baseball",
    "changeme",
    "correcthorsebatterystaple",
    "correct horse battery staple",
    "dragon",
    "football",
    "iloveyou",
    "letmein",
    "master",
    "monkey",
    "p@ssw0rd",
    "passphrase",
    "passw0rd",
    "password",
    "princess",
    "qazwsxedc",
    "qwertyuiop",
    "qwertz",
    "qwerty",
    "secret",
    "shadow",
    "starwars",
    "sunshine",
    "superman",
    "trustno1",
    "welcome",
    "zxcvbnm",
    "admin",
    "login",
    "hello",
    "stoa",
];

/// Digits as they follow one another, again and again.
const RUNS: &[&str] = &["1234567890", "0987654321"];

/// How somebody proves a password, as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// Whose.
    pub account: Id<Account>,
    /// The hash with its salt and parameters, a PHC string.
    pub phc: String,
    /// When the password was chosen.
    pub changed_at: Timestamp,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credential({:?})", self.account)
    }
}

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// Too few characters.
    #[error("must have at least {SHORTEST} characters")]
    TooShort,
    /// Too many characters.
    #[error("must have at most {LONGEST} characters")]
    TooLong,
    /// It is among the first that anybody would try.
    #[error(
        "is easy to guess: it is made of common words, runs or repetitions, or of your name or address. \
         Several unrelated words are easy to remember and hard to guess"
    )]
    Guessable,
}

/// Whether this password may protect this account.
pub fn check(password: &str, account: &Account) -> Result<(), Weak> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(Weak::TooShort);
    }
    if length > LONGEST {
        return Err(Weak::TooLong);
    }
    let mut rest = password.to_lowercase();
    let mut different: Vec<char> = rest.chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < DIFFERENT {
        return Err(Weak::Guessable);
    }
    for word in own_words(account) {
        rest = rest.replace(&word, "");
    }
    for word in COMMON {
        rest = rest.replace(word, "");
    }
    let left = without_runs(&rest);
    (left >= UNGUESSED).then_some(()).ok_or(Weak::Guessable)
}

/// Whether an account signs in by password: people who work for programs do.
pub fn is_for(account: &Account) -> bool {
    account.kind == Kind::Staff && account.disabled_at.is_none()
}

/// The line of the log for a new password. It explains no version of the account.
pub fn changed(account: &Account, by: &crate::actor::Actor, now: Timestamp) -> Activity {
    Activity::new(
        Verb::PasswordChanged,
        Subject::Account(account.id),
        0,
        by,
        now,
    )
}

/// What somebody who knows the account would try: the address, and the words of address and name.
fn own_words(account: &Account) -> Vec<String> {
    let name = account.name.to_lowercase();
    let mut words = vec![account.email.clone()];
    words.extend(
        [account.email.as_str(), name.as_str()]
            .iter()
            .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
            .filter(|word| word.chars().count() >= 3)
            .map(str::to_owned),
    );
    // A part must not be taken out of a longer word before the whole is.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
}

/// How many letters and digits are left when runs of digits count as nothing.
fn without_runs(text: &str) -> usize {
    let mut digits = String::new();
    let mut count = 0;
    for letter in text.chars().chain(std::iter::once(' ')) {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        let is_run = digits.len() >= 3
            && RUNS
                .iter()
                .any(|run| run.repeat(LONGEST / 10 + 2).contains(&digits));
        if !is_run {
            count += digits.len();
        }
        digits.clear();
        count += usize::from(letter.is_alphanumeric());
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn account() -> Account {
        Account {
            id: Id::new(Uuid::from_u128(1)),
            version: 1,
            kind: Kind::Staff,
            name: "Robin Gardener".into(),
            email: "robin.gardener@example.org".into(),
            grants: Vec::new(),
            created_at: Timestamp::UNIX_EPOCH,
            disabled_at: None,
        }
    }

    #[test]
    fn a_password_is_long_and_not_the_first_guess() {
        let long = "wq7 ".repeat(32);
        let longer = format!("{long}!");
        for (password, expected) in [
            ("", Err(Weak::TooShort)),
            ("tK9 mQ4 xB2", Err(Weak::TooShort)),
            ("tK9 mQ4 xB2z", Ok(())),
            ("four unrelated garden words", Ok(())),
            ("änderungsschneiderei", Ok(())),
            ("пароль из слов", Ok(())),
            (longer.as_str(), Err(Weak::TooLong)),
            ("aaaaaaaaaaaaaaaa", Err(Weak::Guessable)),
            ("abababababababab", Err(Weak::Guessable)),
            ("password1234", Err(Weak::Guessable)),
            ("Password-12345!", Err(Weak::Guessable)),
            ("passwordpassword", Err(Weak::Guessable)),
            ("qwertyuiop123456", Err(Weak::Guessable)),
            ("123456789012", Err(Weak::Guessable)),
            ("correct horse battery staple", Err(Weak::Guessable)),
            ("robin.gardener@example.org", Err(Weak::Guessable)),
            ("RobinGardener2026", Err(Weak::Guessable)),
            ("gardener-robin-1", Err(Weak::Guessable)),
            ("robin plants seven willows", Ok(())),
            ("passwordless horses run", Ok(())),
        ] {
            assert_eq!(check(password, &account()), expected, "{password:?}");
        }
    }

    #[test]
    fn only_open_accounts_of_people_of_the_team_have_passwords() {
        let mut it = account();
        assert!(is_for(&it));
        it.kind = Kind::Applicant;
        assert!(!is_for(&it));
        it.kind = Kind::Integration;
        assert!(!is_for(&it));
        it.kind = Kind::Staff;
        it.disabled_at = Some(Timestamp::UNIX_EPOCH);
        assert!(!is_for(&it));
    }

    #[test]
    fn a_hash_never_prints() {
        let credential = Credential {
            account: account().id,
            phc: "$argon2id$v=19$hidden".into(),
            changed_at: Timestamp::UNIX_EPOCH,
        };
        assert!(!format!("{credential:?}").contains("hidden"));
    }
}
