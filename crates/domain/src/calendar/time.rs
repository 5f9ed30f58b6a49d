//! How times of day and time zones are written.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A time on the wall clock in whole minutes, `00:00`–`24:00`, the end of the day included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

/// The text or the number of minutes is not a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time of day is written as hours and minutes, from \"00:00\" to \"24:00\"")]
pub struct InvalidTimeOfDay;

impl TimeOfDay {
    /// `24:00`, the end of the day.
    pub const END: Self = Self(24 * 60);

    /// The time this many minutes after midnight, 0–1440.
    pub fn from_minutes(minutes: u16) -> Result<Self, InvalidTimeOfDay> {
        let time = Self(minutes);
        (time <= Self::END).then_some(time).ok_or(InvalidTimeOfDay)
    }

    /// Minutes after midnight, 0–1440, as the wall clock counts them.
    pub fn minutes(self) -> u16 {
        self.0
    }
}

impl FromStr for TimeOfDay {
    type Err = InvalidTimeOfDay;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let two_digits = |part: &str| {
            let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            let number = digits.then(|| part.parse::<u16>().ok()).flatten();
            number.ok_or(InvalidTimeOfDay)
        };
        let (hours, minutes) = text.split_once(':').ok_or(InvalidTimeOfDay)?;
        let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
        if minutes > 59 {
            return Err(InvalidTimeOfDay);
        }
        Self::from_minutes(hours * 60 + minutes)
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = InvalidTimeOfDay;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// A time zone as its name in the IANA database.
pub(super) mod zone {
    use chrono_tz::Tz;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    pub fn serialize<S: Serializer>(zone: &Tz, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(zone.name())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(|_| {
            D::Error::custom(format!(
                "{name:?} is not a time zone; write a name of the IANA database such as \"Europe/Berlin\""
            ))
        })
    }
}
