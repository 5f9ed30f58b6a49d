//! The keys that sign access tokens, and when which of them signs.
//!
//! A key is made a day before it signs, so that whoever keeps a copy of the public keys knows it by
//! then. It signs until the next one does, and checks signatures until the last token that it signed
//! is over.

use chrono::TimeDelta;

use crate::Timestamp;
use crate::id::{Id, Noun};

/// A key pair of the service. The private half is sealed; who opens it is not decided here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// Its id, the `kid` of tokens.
    pub id: Id<SigningKey>,
    /// Counts up from 1; two processes cannot both make the next one.
    pub number: i32,
    /// The public half, base64url.
    pub public: String,
    /// The private half, encrypted.
    pub sealed: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it signs.
    pub signs_from: Timestamp,
}

impl Noun for SigningKey {
    const PREFIX: &'static str = "key";
}

/// When keys follow one another.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// How long a key signs before another one does.
    pub signs: TimeDelta,
    /// How long a key is known before it signs.
    pub announced: TimeDelta,
    /// The longest life of a token: how long a key is kept after it signed the last one.
    pub longest: TimeDelta,
}

/// The key that signs now: the newest whose time has come. The very first may have been made a moment
/// ago by a process whose clock is ahead, and signs all the same.
pub fn signing(keys: &[SigningKey], now: Timestamp) -> Option<&SigningKey> {
    let begun = keys.iter().filter(|key| key.signs_from <= now);
    begun
        .max_by_key(|key| key.number)
        .or_else(|| keys.iter().min_by_key(|key| key.number))
}

impl Schedule {
    /// The number of the key to be made now, and from when on it signs; none if there are enough.
    pub fn next(&self, keys: &[SigningKey], now: Timestamp) -> Option<(i32, Timestamp)> {
        let Some(newest) = keys.iter().max_by_key(|key| key.number) else {
            return Some((1, now));
        };
        let due = newest.signs_from + self.signs - self.announced;
        (due <= now).then(|| (newest.number + 1, now + self.announced))
    }

    /// Keys whose last token is over.
    pub fn over(&self, keys: &[SigningKey], now: Timestamp) -> Vec<Id<SigningKey>> {
        let ended = |key: &SigningKey| {
            let mut later = keys.iter().filter(|it| it.number > key.number);
            later.any(|it| it.signs_from + self.longest <= now)
        };
        keys.iter().filter(|it| ended(it)).map(|it| it.id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const SCHEDULE: Schedule = Schedule {
        signs: TimeDelta::days(30),
        announced: TimeDelta::days(1),
        longest: TimeDelta::days(31),
    };

    fn day(day: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::days(day)
    }

    fn key(number: i32, signs_from: i64) -> SigningKey {
        SigningKey {
            id: Id::new(Uuid::from_u128(u128::try_from(number).unwrap_or_default())),
            number,
            public: String::new(),
            sealed: String::new(),
            created_at: day(signs_from),
            signs_from: day(signs_from),
        }
    }

    #[test]
    fn the_first_key_signs_at_once_and_the_next_is_known_a_day_before() {
        // Keys by the day from which they sign; today; which signs; the next to be made, and its day.
        for (keys, today, signs, next) in [
            (&[][..], 0, None, Some((1, 0))),
            (&[0], 0, Some(1), None),
            (&[0], 28, Some(1), None),
            (&[0], 29, Some(1), Some((2, 30))),
            (&[0, 30], 29, Some(1), None),
            (&[0, 30], 30, Some(2), None),
            (&[0, 30], 58, Some(2), None),
            (&[0, 30], 59, Some(2), Some((3, 60))),
            // Nobody ran the service for months: what there is signs until the next is known.
            (&[0], 200, Some(1), Some((2, 201))),
            // The first key, made by a process whose clock is ahead.
            (&[5, 35], 0, Some(1), None),
        ] {
            let keys: Vec<_> = (1..).zip(keys).map(|(n, from)| key(n, *from)).collect();
            let signing = signing(&keys, day(today)).map(|key| key.number);
            assert_eq!(signing, signs, "{today}");
            let made = SCHEDULE.next(&keys, day(today));
            assert_eq!(made, next.map(|(n, from)| (n, day(from))), "{today}");
        }
    }

    #[test]
    fn a_key_is_kept_until_the_last_token_it_signed_is_over() {
        let keys = [key(1, 0), key(2, 30), key(3, 60)];
        for (today, gone) in [(60, 0), (61, 1), (90, 1), (91, 2), (400, 2)] {
            let over = SCHEDULE.over(&keys, day(today));
            let expected: Vec<_> = keys[..gone].iter().map(|key| key.id).collect();
            assert_eq!(over, expected, "{today}");
        }
    }
}
