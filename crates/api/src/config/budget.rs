//! What operators set of the limits on requests.

use super::{Settings, number};
use crate::budget::limits::{Limits, Rate};
use crate::budget::persisted::Allowed;

/// The limits that the settings say; what is wrong with them is added to the list.
pub(super) fn read(settings: &Settings, wrong: &mut Vec<String>) -> Limits {
    let mut limits = Limits::default();
    match number(settings.cost.as_deref(), 50_000, 100..=1_000_000) {
        Ok(cost) => limits.cost = cost.into(),
        Err(problem) => wrong.push(format!("STOA_COST {problem}")),
    }
    for (name, setting, rate) in [
        (
            "STOA_ACCOUNT_RATE",
            &settings.account_rate,
            &mut limits.account,
        ),
        (
            "STOA_ADDRESS_RATE",
            &settings.address_rate,
            &mut limits.address,
        ),
    ] {
        let Some(text) = setting else { continue };
        let numbers = text.split_once(':').and_then(|(second, burst)| {
            let (second, burst) = (second.parse().ok()?, burst.parse().ok()?);
            (1 <= second && second <= burst).then(|| Rate::new(second, burst))
        });
        match numbers {
            Some(numbers) => *rate = numbers,
            None => wrong.push(format!(
                "{name} must be cost a second and cost at once, such as 10000:100000, not {text:?}"
            )),
        }
    }
    match number(settings.trusted_proxies.as_deref(), 0, 0..=9) {
        Ok(proxies) => limits.proxies = proxies as usize,
        Err(problem) => wrong.push(format!("STOA_TRUSTED_PROXIES {problem}")),
    }
    if let Some(path) = &settings.persisted_documents {
        match Allowed::read(path) {
            Ok(documents) => limits.documents = Some(documents),
            Err(problem) => wrong.push(format!("STOA_PERSISTED_DOCUMENTS: {problem}")),
        }
    }
    limits
}
