//! How much cost a caller may cause over time: by account, or by address where nobody is signed in.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter, clock};
use stoa_domain::account::Account;
use stoa_domain::id::Id;

use super::limits::{Limits, Rate};
use super::refused::{Refused, seconds};
use crate::clock::Clock;

/// After so many charges, callers who have everything back are forgotten.
const SWEEP: u32 = 1_024;
/// Callers remembered at most; while there are more, all of them share one budget.
const CALLERS: usize = 100_000;

/// Who asks, as far as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Their account, if they are signed in.
    pub account: Option<Id<Account>>,
    /// Where they come from, if it is known.
    pub address: Option<IpAddr>,
}

/// What a caller has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whose budget it is: `account` or `address`.
    pub policy: &'static str,
    /// The budget.
    pub rate: Rate,
    /// Cost left of it.
    pub remaining: u32,
}

impl Standing {
    /// The value of the field `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers-10.
    pub fn policy_field(&self) -> String {
        let burst = self.rate.burst;
        format!(
            "\"{}\";q={burst};qu=\"cost\";w={}",
            self.policy,
            self.back_in(0)
        )
    }

    /// The value of the field `RateLimit` of the same draft.
    pub fn field(&self) -> String {
        let remaining = self.remaining;
        format!(
            "\"{}\";r={remaining};t={}",
            self.policy,
            self.back_in(remaining)
        )
    }

    /// Seconds until everything has come back.
    fn back_in(&self, remaining: u32) -> u32 {
        let missing = self.rate.burst.get().saturating_sub(remaining);
        missing.div_ceil(self.rate.second.get())
    }
}

/// Budgets of everybody.
#[derive(Debug)]
pub struct Rates {
    accounts: Budgets<Id<Account>>,
    addresses: Budgets<IpAddr>,
}

impl Rates {
    /// Budgets that nobody has used yet.
    pub fn new(limits: &Limits, clock: &Clock) -> Self {
        Self {
            accounts: Budgets::new("account", limits.account, clock),
            addresses: Budgets::new("address", limits.address, clock),
        }
    }

    /// Takes the cost from the caller's budget, or refuses and takes nothing.
    pub fn charge(&self, caller: &Caller, cost: u64) -> Result<Standing, Refused> {
        match caller.account {
            Some(account) => self.accounts.charge(Some(account), cost),
            None => self.addresses.charge(caller.address, cost),
        }
    }
}

/// The service's clock for the limiter: the limiter's own could not be moved by tests.
#[derive(Debug)]
struct Ticks(Clock);

impl clock::Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.steady()
    }
}

/// `None` is everybody who cannot be told apart.
type Limiter<K> =
    RateLimiter<Option<K>, HashMapStateStore<Option<K>>, Ticks, StateInformationMiddleware>;

#[derive(Debug)]
struct Budgets<K: Clone + Eq + Hash> {
    policy: &'static str,
    rate: Rate,
    limiter: Limiter<K>,
    clock: Clock,
    charged: AtomicU32,
    most: usize,
}

impl<K: Clone + Eq + Hash> Budgets<K> {
    fn new(policy: &'static str, rate: Rate, clock: &Clock) -> Self {
        let quota = Quota::per_second(rate.second).allow_burst(rate.burst);
        let ticks = Ticks(clock.clone());
        Self {
            policy,
            rate,
            limiter: RateLimiter::new(quota, HashMapStateStore::default(), ticks),
            clock: clock.clone(),
            charged: AtomicU32::new(0),
            most: CALLERS,
        }
    }

    fn charge(&self, caller: Option<K>, cost: u64) -> Result<Standing, Refused> {
        let known = self.sweep();
        let caller = caller.filter(|_| known < self.most);
        let cost = u32::try_from(cost).unwrap_or(u32::MAX);
        // What costs more than there ever is takes all there is.
        let cost = NonZeroU32::new(cost)
            .unwrap_or(NonZeroU32::MIN)
            .min(self.rate.burst);
        let standing = |remaining| Standing {
            policy: self.policy,
            rate: self.rate,
            remaining,
        };
        match self.limiter.check_key_n(&caller, cost) {
            Ok(Ok(left)) => Ok(standing(left.remaining_burst_capacity())),
            Ok(Err(until)) => {
                let wait = until.wait_time_from(self.clock.steady());
                Err(Refused::limited(standing(0), wait))
            }
            // The cost was cut to the burst, so this is never reached.
            Err(_) => Err(Refused::limited(standing(0), Duration::from_secs(1))),
        }
    }

    /// Forgets, now and then, who has everything back. Returns how many are remembered.
    fn sweep(&self) -> usize {
        let charged = self.charged.fetch_add(1, Ordering::Relaxed);
        if charged.is_multiple_of(SWEEP) {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter.len()
    }
}

/// The value of `Retry-After`, at least a second.
pub fn retry_after(wait: Duration) -> u64 {
    seconds(wait).max(1)
}

#[cfg(test)]
mod tests {
    use stoa_domain::Timestamp;

    use super::*;

    const NOON: &str = "2026-11-23T12:00:00Z";

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn budgets(clock: &Clock, second: u32, burst: u32) -> Budgets<u32> {
        Budgets::new("account", Rate::new(second, burst), clock)
    }

    #[test]
    fn cost_is_taken_until_nothing_is_left_and_comes_back_with_time() {
        let clock = Clock::fixed(at(NOON));
        let budgets = budgets(&clock, 10, 100);
        let left = |cost| budgets.charge(Some(1), cost).map(|it| it.remaining);
        assert_eq!(left(60).ok(), Some(40));
        let refused = left(50).expect_err("40 are left");
        assert_eq!(refused.code, "RATE_LIMITED");
        assert_eq!(refused.status(), 429);
        assert_eq!(refused.retry_after, Some(Duration::from_secs(1)));
        assert_eq!(left(40).ok(), Some(0), "a refusal takes nothing");
        clock.set(at("2026-11-23T12:00:03Z"));
        assert_eq!(left(30).ok(), Some(0));
        clock.set(at("2026-11-23T13:00:00Z"));
        assert_eq!(left(1).ok(), Some(99), "never more than the burst");
        assert_eq!(
            budgets.charge(Some(2), 1).map(|it| it.remaining).ok(),
            Some(99)
        );
    }

    #[test]
    fn a_cost_above_the_burst_takes_all_of_it() {
        let clock = Clock::fixed(at(NOON));
        let budgets = budgets(&clock, 10, 100);
        assert_eq!(
            budgets
                .charge(Some(1), u64::MAX)
                .map(|it| it.remaining)
                .ok(),
            Some(0)
        );
        let refused = budgets
            .charge(Some(1), u64::MAX)
            .expect_err("nothing is left");
        assert_eq!(refused.retry_after, Some(Duration::from_secs(10)));
    }

    #[test]
    fn who_has_everything_back_is_forgotten_and_who_has_not_is_remembered() {
        let clock = Clock::fixed(at(NOON));
        let budgets = budgets(&clock, 10, 100);
        for caller in 0..SWEEP {
            budgets.charge(Some(caller), 100).expect("it is the first");
        }
        assert_eq!(budgets.limiter.len(), SWEEP as usize);
        clock.set(at("2026-11-23T12:00:05Z"));
        for _ in 0..=SWEEP {
            let _ = budgets.charge(Some(0), 1);
        }
        assert_eq!(
            budgets.limiter.len(),
            SWEEP as usize,
            "half is still missing"
        );
        clock.set(at("2026-11-23T12:01:00Z"));
        for _ in 0..=SWEEP {
            let _ = budgets.charge(Some(0), 1);
        }
        assert_eq!(budgets.limiter.len(), 1);
    }

    #[test]
    fn too_many_callers_share_one_budget() {
        let clock = Clock::fixed(at(NOON));
        let mut budgets = budgets(&clock, 10, 100);
        budgets.most = 2;
        for caller in [1, 2] {
            budgets.charge(Some(caller), 100).expect("it is the first");
        }
        assert_eq!(
            budgets.charge(Some(3), 60).map(|it| it.remaining).ok(),
            Some(40)
        );
        assert!(budgets.charge(Some(4), 60).is_err());
        assert_eq!(budgets.limiter.len(), 3);
    }

    #[test]
    fn the_fields_are_those_of_the_draft() {
        let standing = Standing {
            policy: "account",
            rate: Rate::new(5_000, 50_000),
            remaining: 49_958,
        };
        assert_eq!(
            standing.policy_field(),
            "\"account\";q=50000;qu=\"cost\";w=10"
        );
        assert_eq!(standing.field(), "\"account\";r=49958;t=1");
    }
}
