//! Where applications have come to, and how many of them to each state.

/// Where an application has come to.
///
/// None is left `SUBMITTED`: whatever the service finds in that state it evaluates by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// In review, and nobody works on it.
    Waiting,
    /// In review, and somebody does.
    Claimed,
    /// The applicant is asked.
    Asked,
    /// On hold.
    Held,
    /// Accepted.
    Approved,
    /// Declined.
    Declined,
    /// Taken back by the applicant.
    Withdrawn,
    /// Ended by silence.
    Expired,
}

impl Outlook {
    /// Of a hundred applications, by the number one of them has drawn.
    pub const fn drawn(number: u64) -> Self {
        match number {
            0..=4 => Self::Waiting,
            5..=9 => Self::Claimed,
            10..=12 => Self::Asked,
            13..=14 => Self::Held,
            15..=59 => Self::Approved,
            60..=84 => Self::Declined,
            85..=92 => Self::Withdrawn,
            _ => Self::Expired,
        }
    }
}
