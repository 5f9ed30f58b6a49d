//! What earlier applications and memberships say.

use crate::facts::{Facts, Lookups, Source};

/// Facts from earlier applications to the program: always known.
pub(super) fn derive(facts: &mut Facts, lookups: &Lookups) {
    let counts = [
        lookups.same_name,
        lookups.same_domain,
        lookups.same_repository,
    ];
    let [name, domain, repository] = counts;
    // One application can share all three: the largest count is certain, the sum is not.
    let most = counts.into_iter().max().unwrap_or_default();
    let evidence = format!(
        "other applications to this program: {name} with the same name, {domain} with the same domain, \
         {repository} with the same repository"
    );
    facts.know("applied_before", most, Source::History, evidence);
    let evidence = if lookups.is_member {
        "the organisation holds a membership of this program"
    } else {
        "the organisation holds no membership of this program"
    };
    facts.know(
        "is_member",
        lookups.is_member,
        Source::History,
        evidence.to_owned(),
    );
}
