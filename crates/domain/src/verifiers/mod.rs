//! What is known about an application before anybody looks at it.
//!
//! Every answer is a fact. From the answers that a revision names in its `verify` section, verifiers
//! derive more, each with its source and evidence. What cannot be told is an unknown fact that says why:
//! a verifier never guesses (`community-programs.md` §6 "Free-text trouble", §7).

pub mod academic;
mod answers;
pub mod country;
pub mod domains;
mod history;
pub mod licence;
pub mod mail;

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::facts::{Answers, Facts, Lookups, Source};
use crate::program::Rules;
use crate::text;

/// The facts that verifiers give: name, type in CEL, what it says. A form has no fields of these names.
pub const FACTS: &[(&str, &str, &str)] = &[
    (
        "licence_expression",
        "string",
        "The licence as an SPDX expression, in SPDX's own spelling",
    ),
    (
        "licence_osi_approved",
        "bool",
        "Whether licences approved by the Open Source Initiative are enough to satisfy the expression",
    ),
    (
        "repository_url",
        "string",
        "The repository's address in the one form in which addresses are compared",
    ),
    (
        "repository_domain",
        "string",
        "The registrable domain of the repository's host",
    ),
    (
        "website_domain",
        "string",
        "The registrable domain of the website",
    ),
    (
        "website_academic",
        "bool",
        "Whether the website's domain is in the registry of academic domains",
    ),
    (
        "mail_domain",
        "string",
        "The registrable domain of the mail address",
    ),
    (
        "mail_disposable",
        "bool",
        "Whether the mail address is from a provider of throw-away addresses",
    ),
    (
        "mail_free",
        "bool",
        "Whether the mail address is from a provider that gives one to anybody",
    ),
    (
        "mail_academic",
        "bool",
        "Whether the mail's domain is in the registry of academic domains",
    ),
    (
        "mail_government",
        "bool",
        "Whether the mail's domain is one of a government or military (.gov, .mil, .gov.xx, .mil.xx)",
    ),
    (
        "mail_matches_website",
        "bool",
        "Whether mail and website have the same registrable domain",
    ),
    (
        "country_restricted",
        "bool",
        "Whether a trade rule of the revision excludes the country or region on the day of evaluation",
    ),
    (
        "country_review",
        "bool",
        "Whether a trade rule of the revision wants a person to look at the country or region on the day of evaluation",
    ),
    (
        "applied_before",
        "int",
        "How many other applications to this program share the organisation's name, domain or repository",
    ),
    (
        "is_member",
        "bool",
        "Whether the organisation is a member of this program",
    ),
];

/// What must be looked up in the database before facts are derived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookupKeys {
    /// The organisation's name as it is compared.
    pub organization: Option<String>,
    /// The mail's domain and all domains above it, most specific first: the keys into the academic registry.
    pub mail_domains: Vec<String>,
    /// The same of the website.
    pub website_domains: Vec<String>,
    /// Registrable domains that stand for the organisation itself: those of website and mail, without
    /// providers that many share. The keys to its other applications.
    pub own_domains: Vec<String>,
    /// The repository's address in the form in which addresses are compared.
    pub repository: Option<String>,
}

/// All facts of an application, on the given day.
pub fn derive(rules: &Rules, answers: &Answers, lookups: &Lookups, on: NaiveDate) -> Facts {
    let mut facts = answers::facts(&rules.form, answers);
    let verify = &rules.verify;
    if let Some(field) = &verify.licence {
        let answer = answers::text(&facts, field);
        licence::derive(&mut facts, answer);
    }
    if let Some(field) = &verify.repository {
        let answer = answers::text(&facts, field);
        domains::derive_repository(&mut facts, answer);
    }
    if let Some(field) = &verify.website {
        let answer = answers::text(&facts, field);
        domains::derive_website(&mut facts, answer, lookups);
    }
    if let Some(field) = &verify.email {
        let answer = answers::text(&facts, field);
        mail::derive(&mut facts, answer, lookups);
    }
    if verify.email.is_some() && verify.website.is_some() {
        mail::compare_with_website(&mut facts);
    }
    if let Some(field) = &verify.country {
        let country = answers::text(&facts, field);
        let region = match &verify.region {
            Some(field) => answers::text(&facts, field),
            None => Err("the form asks for no region".to_owned()),
        };
        country::derive(&mut facts, country, region, &rules.trade, on);
    }
    history::derive(&mut facts, lookups);
    facts
}

/// What to look up for these answers.
pub fn lookup_keys(rules: &Rules, answers: &Answers) -> LookupKeys {
    let facts = answers::facts(&rules.form, answers);
    let verify = &rules.verify;
    let answer = |field: &Option<String>| {
        let field = field.as_ref()?;
        answers::text(&facts, field).ok()
    };
    let organization = answers::text(&facts, &verify.organization)
        .ok()
        .map(|name| text::comparable(&name))
        .filter(|name| !name.is_empty());
    let mail = answer(&verify.email).and_then(|address| mail::domain(&address).ok());
    let website = answer(&verify.website).and_then(|address| domains::website(&address).ok());
    let mut own_domains: Vec<String> = Vec::new();
    for domain in [&website, &mail].into_iter().flatten() {
        if let Some(domain) = domains::registrable(domain)
            && !domains::is_shared(&domain)
            && !mail::is_free(&domain)
            && !mail::is_disposable(&domain)
            && !own_domains.contains(&domain)
        {
            own_domains.push(domain);
        }
    }
    LookupKeys {
        organization,
        mail_domains: mail.as_deref().map(domains::upward).unwrap_or_default(),
        website_domains: website.as_deref().map(domains::upward).unwrap_or_default(),
        own_domains,
        repository: answer(&verify.repository)
            .and_then(|address| domains::repository(&address).ok())
            .map(|repository| repository.url),
    }
}

/// The names of all facts that applications under these rules can have: the form's fields, and what the
/// verifiers give of those that are verified.
pub fn available(rules: &Rules) -> BTreeSet<String> {
    let verify = &rules.verify;
    let mail_and_website = verify.email.is_some() && verify.website.is_some();
    let verified = |name: &str| match name.split_once('_').map_or(name, |(verifier, _)| verifier) {
        _ if name == "mail_matches_website" => mail_and_website,
        "licence" => verify.licence.is_some(),
        "repository" => verify.repository.is_some(),
        "website" => verify.website.is_some(),
        "mail" => verify.email.is_some(),
        "country" => verify.country.is_some(),
        _ => true,
    };
    let derived = FACTS.iter().map(|(name, ..)| *name);
    let mut names: BTreeSet<String> = derived
        .filter(|name| verified(name))
        .map(str::to_owned)
        .collect();
    if let Some(fields) = rules.form["properties"].as_object() {
        names.extend(fields.keys().filter(|name| !is_verified(name)).cloned());
    }
    names
}

/// Whether only a verifier may give a fact of this name.
fn is_verified(name: &str) -> bool {
    FACTS.iter().any(|(known, ..)| *known == name)
}

/// Adds a fact whose value or reason was found.
fn tell<V: Into<serde_json::Value>>(
    facts: &mut Facts,
    name: &str,
    source: Source,
    found: Result<(V, String), String>,
) {
    match found {
        Ok((value, evidence)) => facts.know(name, value, source, evidence),
        Err(reason) => facts.unknown(name, source, reason),
    }
}

#[cfg(test)]
pub(crate) mod tests;
