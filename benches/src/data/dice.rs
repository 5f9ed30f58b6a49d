//! What looks like chance: numbers made from what they are for and a counter, so always the same.

use stoa_domain::Timestamp;
use stoa_domain::id::Id;
use uuid::Builder;

/// What numbers and ids are made for. Each has numbers of its own.
#[derive(Clone, Copy)]
pub enum Purpose {
    /// People of the team.
    Staff,
    /// People who apply.
    Applicant,
    /// Organisations.
    Organization,
    /// Applications.
    Application,
    /// Evaluations.
    Evaluation,
    /// Memberships.
    Membership,
}

/// Numbers for one thing, one after another.
pub struct Dice {
    seed: u64,
    thrown: u64,
}

impl Dice {
    /// The numbers for the thing with this number.
    pub const fn of(purpose: Purpose, number: u64) -> Self {
        Self {
            seed: mixed(number ^ ((purpose as u64 + 1) << 56)),
            thrown: 0,
        }
    }

    /// The next number.
    pub const fn throw(&mut self) -> u64 {
        self.thrown += 1;
        mixed(self.seed.wrapping_add(self.thrown))
    }

    /// The next number from 0 up to but not including the bound.
    pub const fn below(&mut self, bound: u64) -> u64 {
        self.throw() % bound
    }
}

/// The id of the thing with this number, born at this time.
pub fn id<T>(purpose: Purpose, number: u64, born: Timestamp) -> Id<T> {
    let mut dice = Dice::of(purpose, number);
    let noise = (u128::from(dice.throw()) << 64) | u128::from(dice.throw());
    let mut bytes = [0; 10];
    bytes.copy_from_slice(&noise.to_be_bytes()[..10]);
    let millis = u64::try_from(born.timestamp_millis()).unwrap_or_default();
    Id::new(Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid())
}

/// `SplitMix64`: every bit of the number counts for every bit of what comes out.
const fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_thrown_each_time_and_for_nothing_else() {
        let thrown = |purpose, number| Dice::of(purpose, number).throw();
        let first = thrown(Purpose::Staff, 1);
        assert_eq!(first, thrown(Purpose::Staff, 1));
        assert_ne!(first, thrown(Purpose::Staff, 2));
        assert_ne!(first, thrown(Purpose::Applicant, 1));
    }
}
