//! Mails that wait to be sent: when to try again, and when to give up.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;
use crate::id::{Id, Noun};
use crate::sign_in::{self, Code};

/// How long a sender may take over a mail before another one takes it up. Longer than an SMTP
/// conversation lasts, so that a mail goes out twice only when the first sender died.
pub const LEASE: TimeDelta = TimeDelta::minutes(2);
/// How long the first retry waits; each further one waits twice as long.
const FIRST_RETRY: TimeDelta = TimeDelta::seconds(5);
/// The longest wait between two tries.
const LONGEST_RETRY: TimeDelta = TimeDelta::minutes(15);

/// A mail to be sent. The text is written when it is: a secret in it is never stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its id, also in the mail's `Message-ID`: one that was sent twice can be recognised.
    pub id: Id<Mail>,
    /// What it tells.
    pub kind: Kind,
    /// Whom, in lower case. The row is deleted once the mail is sent or given up.
    pub to: String,
    /// What it is about.
    pub about: Uuid,
    /// When it was written.
    pub created_at: Timestamp,
    /// From when on it is of no use any more.
    pub expires_at: Timestamp,
    /// How often somebody began to send it.
    pub attempts: i32,
    /// When it is to be sent, or tried again.
    pub due_at: Timestamp,
}

/// What a mail tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// A code to sign in with.
    SignInCode,
}

impl Noun for Mail {
    const PREFIX: &'static str = "mail";
}

impl Mail {
    /// The mail with a code, due at once.
    pub fn with_code(id: Id<Self>, code: &Code) -> Self {
        Self {
            id,
            kind: Kind::SignInCode,
            to: code.email.clone(),
            about: code.id.uuid(),
            created_at: code.created_at,
            expires_at: code.created_at + sign_in::CODE_LIFE,
            attempts: 0,
            due_at: code.created_at,
        }
    }

    /// Taken up by a sender: nobody else sends it until the lease is over.
    #[must_use]
    pub fn taken(mut self, now: Timestamp) -> Self {
        self.attempts += 1;
        self.due_at = now + LEASE;
        self
    }

    /// Put back after a failure, to be tried again later; none if it would be of no use by then.
    pub fn again(mut self, now: Timestamp) -> Option<Self> {
        let doublings = u32::try_from(self.attempts - 1).unwrap_or(0).min(16);
        let wait = (FIRST_RETRY * 2_i32.pow(doublings)).min(LONGEST_RETRY);
        self.due_at = now + wait;
        (self.due_at < self.expires_at).then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(attempts: i32) -> Mail {
        let code = Code {
            id: Id::new(Uuid::from_u128(1)),
            email: "robin@example.org".into(),
            created_at: Timestamp::UNIX_EPOCH,
            tries: 0,
        };
        Mail {
            attempts,
            ..Mail::with_code(Id::new(Uuid::from_u128(2)), &code)
        }
    }

    #[test]
    fn each_retry_waits_twice_as_long_until_it_is_of_no_use() {
        let now = Timestamp::UNIX_EPOCH;
        for (attempts, seconds) in [
            (1, Some(5)),
            (2, Some(10)),
            (3, Some(20)),
            (7, Some(320)),
            // Ten minutes: the code is over by then.
            (8, None),
            (i32::MAX, None),
        ] {
            let due = mail(attempts).again(now).map(|it| it.due_at);
            let expected = seconds.map(|seconds| now + TimeDelta::seconds(seconds));
            assert_eq!(due, expected, "{attempts}");
        }
    }

    #[test]
    fn a_mail_that_somebody_takes_up_is_left_alone_for_a_while() {
        let now = Timestamp::UNIX_EPOCH + TimeDelta::seconds(3);
        let taken = mail(0).taken(now);
        assert_eq!((taken.attempts, taken.due_at), (1, now + LEASE));
    }
}
