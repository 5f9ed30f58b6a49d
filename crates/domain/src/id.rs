//! Typed ids: a UUID inside, a prefixed base32 word outside (`app_06ew…`).

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Serialize, de, ser};
use uuid::Uuid;

/// A noun that has ids; the prefix is what a person reads before the underscore.
pub trait Noun {
    /// Two to four lower-case letters, unique among nouns.
    const PREFIX: &'static str;
}

/// The id of one `T`. UUIDv7 inside, so ids sort by birth on every database.
pub struct Id<T>(Uuid, PhantomData<fn() -> T>);

/// A text that is no id of the asked noun.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the kind `{expected}_…`")]
pub struct InvalidId {
    /// The prefix that was expected.
    pub expected: &'static str,
}

/// Crockford's alphabet in lower case: no i, l, o, u, so ids survive being read aloud.
pub(crate) const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 26;

impl<T> Id<T> {
    /// Takes a UUID as an id of this noun.
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The UUID, for a database column.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl<T: Noun> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut value = self.0.as_u128();
        // A page of members has a thousand ids: each is put together without memory of its own.
        let mut word = [b'_'; LENGTH + 1];
        for letter in word[1..].iter_mut().rev() {
            *letter = ALPHABET[usize::try_from(value & 31).unwrap_or_default()];
            value >>= 5;
        }
        f.write_str(T::PREFIX)?;
        f.write_str(std::str::from_utf8(&word).map_err(|_| fmt::Error)?)
    }
}

impl<T: Noun> FromStr for Id<T> {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId {
            expected: T::PREFIX,
        };
        let word = text
            .strip_prefix(T::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .filter(|word| word.len() == LENGTH)
            .ok_or_else(|| invalid.clone())?;
        let mut value: u128 = 0;
        for (place, letter) in word.bytes().enumerate() {
            let digit = ALPHABET
                .iter()
                .position(|&known| known == letter)
                .ok_or_else(|| invalid.clone())?;
            // 26 letters hold 130 bits: the first may only use its lower three.
            if place == 0 && digit > 7 {
                return Err(invalid);
            }
            value = (value << 5) | u128::try_from(digit).unwrap_or_default();
        }
        Ok(Self::new(Uuid::from_u128(value)))
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T: Noun> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl<T: Noun> Serialize for Id<T> {
    fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de, T: Noun> Deserialize<'de> for Id<T> {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Pear;
    impl Noun for Pear {
        const PREFIX: &'static str = "pear";
    }

    #[test]
    fn an_id_reads_back_what_it_wrote() {
        for value in [0, 1, u128::MAX, 0x0192_ABCD_EF01_7000_8000_0000_0000_002A] {
            let id: Id<Pear> = Id::new(Uuid::from_u128(value));
            assert_eq!(id.to_string().parse(), Ok(id));
        }
    }

    #[test]
    fn an_id_of_another_noun_or_shape_is_refused() {
        for text in [
            "app_00000000000000000000000000",
            "pear_0",
            "pear_z0000000000000000000000000",
            "pear_0000000000000000000000000u",
            "pear00000000000000000000000000",
            "",
        ] {
            assert!(text.parse::<Id<Pear>>().is_err(), "{text}");
        }
    }
}
