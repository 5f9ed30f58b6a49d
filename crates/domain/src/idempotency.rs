//! Requests that are sent again: a client that got no answer repeats its request with the same key, and
//! what was asked for is done once.

use chrono::TimeDelta;

use crate::Timestamp;
use crate::account::Account;
use crate::change::Subject;
use crate::id::Id;

/// How long a key stands for its request, in hours; afterwards it can be used anew.
pub const KEPT_HOURS: i64 = 24;
/// How long a request may run, in seconds, before one sent again takes over: whoever ran it has died.
pub const PATIENCE_SECONDS: i64 = 60;
/// The longest key, in characters.
pub const LONGEST_KEY: usize = 255;

/// A request that its sender named with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyed {
    /// Who sent it.
    pub account: Id<Account>,
    /// The key, unique for the sender.
    pub key: String,
    /// A digest of what was asked, in hexadecimal: another request with the same key is a mistake.
    pub digest: String,
    /// When it, or whoever took it over, began.
    pub started_at: Timestamp,
    /// What it changed, as soon as that is committed; written in the same transaction.
    pub effect: Option<Subject>,
    /// The answer, as soon as there is one.
    pub answer: Option<String>,
}

/// What a request comes to whose key is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meeting {
    /// The key names another request.
    OtherRequest,
    /// It was answered: this is the answer.
    Answered(String),
    /// It still runs.
    Running {
        /// From when on it counts as dead.
        until: Timestamp,
    },
    /// Whoever ran it died. What it changed by then is not done again.
    Died(Option<Subject>),
    /// The key's time is over: it can be used anew.
    Over,
}

impl Keyed {
    /// A request that begins, or why its key cannot be one.
    pub fn begin(
        account: Id<Account>,
        key: &str,
        digest: String,
        now: Timestamp,
    ) -> Result<Self, &'static str> {
        let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
        if key.is_empty() || key.len() > LONGEST_KEY || !visible {
            return Err("An idempotency key has 1 to 255 visible ASCII characters.");
        }
        Ok(Self {
            account,
            key: key.to_owned(),
            digest,
            started_at: now,
            effect: None,
            answer: None,
        })
    }

    /// What a request with this key and digest comes to now.
    pub fn meet(&self, digest: &str, now: Timestamp) -> Meeting {
        let until = self.started_at + TimeDelta::seconds(PATIENCE_SECONDS);
        if self.started_at + TimeDelta::hours(KEPT_HOURS) <= now {
            Meeting::Over
        } else if self.digest != digest {
            Meeting::OtherRequest
        } else if let Some(answer) = &self.answer {
            Meeting::Answered(answer.clone())
        } else if now < until {
            Meeting::Running { until }
        } else {
            Meeting::Died(self.effect)
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use uuid::Uuid;

    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-{text}Z").parse().unwrap()
    }

    fn begun() -> Keyed {
        let account = Id::new(Uuid::from_u128(1));
        Keyed::begin(account, "a-key", "d1".into(), at("23T10:00:00")).unwrap()
    }

    #[test]
    fn a_key_is_short_and_visible() {
        let begin = |key: &str| Keyed::begin(begun().account, key, "d1".into(), at("23T10:00:00"));
        for key in [
            "k",
            "8e03978e-40d5-43e8-bc93-6894a57f9324",
            &"k".repeat(255),
        ] {
            assert!(begin(key).is_ok(), "{key}");
        }
        for key in ["", " ", "two words", "a\nb", "schlüssel", &"k".repeat(256)] {
            assert!(begin(key).is_err(), "{key}");
        }
    }

    #[test]
    fn a_request_sent_again_comes_to_what_became_of_the_first() {
        let subject = Subject::Account(begun().account);
        let died = Keyed {
            effect: Some(subject),
            ..begun()
        };
        let answered = Keyed {
            answer: Some("{}".into()),
            ..died.clone()
        };
        let running = Meeting::Running {
            until: at("23T10:01:00"),
        };
        for (first, digest, now, expected) in [
            (begun(), "d1", "23T10:00:59", running.clone()),
            (died.clone(), "d1", "23T10:00:59", running),
            (begun(), "d1", "23T10:01:00", Meeting::Died(None)),
            (died, "d1", "23T10:01:00", Meeting::Died(Some(subject))),
            (
                answered.clone(),
                "d1",
                "23T10:00:00",
                Meeting::Answered("{}".into()),
            ),
            (
                answered.clone(),
                "d1",
                "24T09:59:59",
                Meeting::Answered("{}".into()),
            ),
            (answered.clone(), "d2", "23T10:00:00", Meeting::OtherRequest),
            (begun(), "d2", "23T10:00:00", Meeting::OtherRequest),
            (answered, "d2", "24T10:00:00", Meeting::Over),
            (begun(), "d1", "24T10:00:00", Meeting::Over),
        ] {
            assert_eq!(first.meet(digest, at(now)), expected, "{now}");
        }
    }
}
