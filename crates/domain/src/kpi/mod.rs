//! The indicators: what each one says, what is aimed at, and how its values are computed.
//!
//! No public page gives a formula for the indicators of such a team (`community-programs.md` §4.1), so
//! the definitions here are ours. They are built in and numbered: a formula that changes becomes a new
//! version, and a value always says by which version it was computed.
//!
//! A value belongs to a [`period`] of the program's calendar and is computed by a [`formula`] from
//! counts, so that it can be opened into the applications it counted.

pub mod formula;
pub mod period;
pub mod rollup;

use serde::{Deserialize, Serialize};

use crate::actor::Role;
use crate::program::Rules;

/// Which indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Key {
    /// How long approvals take.
    TimeToApprove,
    /// How many decisions no person of the team had to work on.
    AutomatedShare,
    /// How many applications were brought to an end.
    ApplicationsSolved,
    /// How often the promise to decide was kept.
    WithinPromise,
}

/// What an indicator says, and what is aimed at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Definition {
    /// Which indicator.
    pub key: Key,
    /// Counts the changes of the formula or the target, from 1.
    pub version: i32,
    /// The name people read.
    pub name: &'static str,
    /// What it measures, in one sentence.
    pub statement: &'static str,
    /// What its values are counted in.
    pub unit: Unit,
    /// Which way is better.
    pub direction: Direction,
    /// What is aimed at; none where a number is neither good nor bad.
    pub target: Option<Target>,
    /// Whose task it is that the target is reached.
    pub owner: Role,
    /// How a value is computed, in words that can be checked by hand.
    pub formula: &'static str,
}

/// What values are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Minutes in which the team works, by the program's calendar.
    BusinessMinutes,
    /// A share, 0 to 1.
    Ratio,
    /// A number of things.
    Count,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Small values are good.
    LowerIsBetter,
    /// Large values are good.
    HigherIsBetter,
    /// Neither: the value describes.
    Neutral,
}

/// What is aimed at, in the unit of the indicator.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// From here on all is well.
    pub good: f64,
    /// From here on it will do; what is worse is at risk.
    pub acceptable: f64,
}

/// How a value stands against the target, in the words of the field (`community-programs.md` §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Health {
    /// Good.
    OnTrack,
    /// Acceptable, not good.
    NeedsAttention,
    /// Not acceptable.
    AtRisk,
    /// There are no data, or there is no target.
    Unknown,
}

impl Key {
    /// Every indicator, in the order in which they are listed.
    pub const ALL: [Self; 4] = [
        Self::TimeToApprove,
        Self::AutomatedShare,
        Self::ApplicationsSolved,
        Self::WithinPromise,
    ];

    /// The key as it is written, e.g. `time-to-approve`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TimeToApprove => "time-to-approve",
            Self::AutomatedShare => "automated-share",
            Self::ApplicationsSolved => "applications-solved",
            Self::WithinPromise => "within-promise",
        }
    }

    /// The indicator with this written key.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.as_str() == text)
    }
}

/// What one program says of an indicator instead of the built-in definition.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aim {
    /// Which indicator.
    pub key: Key,
    /// What the program aims at; none leaves what is built in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Whose task it is there; none leaves what is built in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Role>,
}

impl Target {
    /// What is wrong with it as the target of an indicator; none if it can be aimed at.
    pub fn problem(self, key: Key) -> Option<&'static str> {
        let definition = definition(key);
        let ratio = definition.unit == Unit::Ratio;
        let range = if ratio { 0.0..=1.0 } else { 0.0..=1e9 };
        match definition.direction {
            _ if !range.contains(&self.good) || !range.contains(&self.acceptable) => {
                Some(if ratio {
                    "is a share: give numbers from 0 to 1"
                } else {
                    "is no number of things: give numbers from 0 on"
                })
            }
            Direction::Neutral => Some("describes and aims at nothing: give it no target"),
            Direction::LowerIsBetter if self.good > self.acceptable => {
                Some("is better the lower it is: \"good\" must not be more than \"acceptable\"")
            }
            Direction::HigherIsBetter if self.good < self.acceptable => {
                Some("is better the higher it is: \"good\" must not be less than \"acceptable\"")
            }
            Direction::LowerIsBetter | Direction::HigherIsBetter => None,
        }
    }
}

/// The definition of an indicator in one program: its formula is the built-in one, target and owner may be the program's.
pub fn definition_in(key: Key, rules: &Rules) -> Definition {
    let built_in = definition(key);
    let aim = rules.kpis.iter().find(|aim| aim.key == key);
    Definition {
        target: aim.and_then(|aim| aim.target).or(built_in.target),
        owner: aim.and_then(|aim| aim.owner).unwrap_or(built_in.owner),
        ..built_in
    }
}

/// The built-in definition of an indicator.
pub const fn definition(key: Key) -> Definition {
    match key {
        Key::TimeToApprove => Definition {
            key,
            version: 1,
            name: "Time to approve",
            statement: "Business time from submission to published approval, not counting the time we waited for the applicant.",
            unit: Unit::BusinessMinutes,
            direction: Direction::LowerIsBetter,
            // Published: 5 to 10 business days ([JOBFAM] in `community-programs.md` §4.1). Counting a day
            // as 8 hours of business time is ours.
            target: Some(Target {
                good: 2_400.0,
                acceptable: 4_800.0,
            }),
            formula: "Median of the business minutes on the promise clock over the applications approved in the period; p90, mean and count besides, on each of the three clocks.",
            owner: Role::OperationsManager,
        },
        Key::AutomatedShare => Definition {
            key,
            version: 1,
            name: "Automated share",
            statement: "Share of decided applications on which no person of the team took a step.",
            unit: Unit::Ratio,
            direction: Direction::HigherIsBetter,
            // No target is published; this one is ours.
            target: Some(Target {
                good: 0.8,
                acceptable: 0.5,
            }),
            formula: "Applications decided in the period without a manual step / all applications decided in the period; besides, the share whose eligibility the criteria alone settled, and the share the service decided.",
            owner: Role::OperationsManager,
        },
        Key::ApplicationsSolved => Definition {
            key,
            version: 1,
            name: "Applications solved",
            statement: "Applications that were approved, declined, withdrawn or expired.",
            unit: Unit::Count,
            direction: Direction::Neutral,
            target: None,
            formula: "Final states entered in the period; an application that was reopened and ended again counts once for each end, and once among the unique ones.",
            owner: Role::OperationsManager,
        },
        Key::WithinPromise => Definition {
            key,
            version: 1,
            name: "Within promise",
            statement: "Share of applications decided within the promised business days; open ones that are already late count as missed.",
            unit: Unit::Ratio,
            direction: Direction::HigherIsBetter,
            // Published: an attainment of 95 % for first replies ([SUPPI] in `community-programs.md` §4.1).
            // Asking the same of decisions, and what is still acceptable, is ours.
            target: Some(Target {
                good: 0.95,
                acceptable: 0.90,
            }),
            formula: "Applications decided in the period within the promise / (applications decided in the period under a promise + open applications whose promise fell due in the period and is over).",
            owner: Role::OperationsManager,
        },
    }
}

/// How a value stands against the target of its definition; the bounds of the target still count as reached.
pub fn health(definition: &Definition, value: Option<f64>) -> Health {
    let (Some(target), Some(value)) = (definition.target, value) else {
        return Health::Unknown;
    };
    let reaches = |bound: f64| match definition.direction {
        Direction::LowerIsBetter => Some(value <= bound),
        Direction::HigherIsBetter => Some(value >= bound),
        Direction::Neutral => None,
    };
    match (reaches(target.good), reaches(target.acceptable)) {
        (Some(true), _) => Health::OnTrack,
        (Some(false), Some(true)) => Health::NeedsAttention,
        (Some(false), _) => Health::AtRisk,
        (None, _) => Health::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_reads_back_what_it_wrote_and_defines_itself() {
        for key in Key::ALL {
            assert_eq!(Key::parse(key.as_str()), Some(key));
            assert_eq!(definition(key).key, key);
        }
        for text in ["", "Time-To-Approve", "time_to_approve", "satisfaction"] {
            assert_eq!(Key::parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_target_asks_more_of_good_than_of_acceptable() {
        for definition in Key::ALL.map(definition) {
            let good = definition.target.map(|target| target.good);
            let expected = match definition.direction {
                Direction::Neutral => Health::Unknown,
                Direction::LowerIsBetter | Direction::HigherIsBetter => Health::OnTrack,
            };
            assert_eq!(health(&definition, good), expected);
            let acceptable = definition.target.map(|target| target.acceptable);
            assert_ne!(health(&definition, acceptable), Health::OnTrack);
        }
    }

    #[test]
    fn health_tells_on_which_side_of_the_target_a_value_lies() {
        use Health::{AtRisk, NeedsAttention, OnTrack, Unknown};
        for (key, value, expected) in [
            (Key::TimeToApprove, Some(0.0), OnTrack),
            (Key::TimeToApprove, Some(2_400.0), OnTrack),
            (Key::TimeToApprove, Some(2_400.5), NeedsAttention),
            (Key::TimeToApprove, Some(4_800.0), NeedsAttention),
            (Key::TimeToApprove, Some(4_800.5), AtRisk),
            (Key::AutomatedShare, Some(0.8), OnTrack),
            (Key::AutomatedShare, Some(0.5), NeedsAttention),
            (Key::AutomatedShare, Some(0.0), AtRisk),
            (Key::WithinPromise, Some(1.0), OnTrack),
            (Key::WithinPromise, Some(0.95), OnTrack),
            (Key::WithinPromise, Some(0.949), NeedsAttention),
            (Key::WithinPromise, Some(0.9), NeedsAttention),
            (Key::WithinPromise, Some(0.899), AtRisk),
            (Key::WithinPromise, None, Unknown),
            (Key::ApplicationsSolved, Some(100.0), Unknown),
            (Key::ApplicationsSolved, None, Unknown),
        ] {
            assert_eq!(
                health(&definition(key), value),
                expected,
                "{key:?} {value:?}"
            );
        }
    }
}
