//! What a mail address says about who wrote it (`community-programs.md` §2.2 Education 3 and 7, §5 "Abuse signals").

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::facts::{Facts, Lookups, Source};
use crate::text;

use super::answers::shown;
use super::{academic, domains, tell};

/// Providers that give an address to anybody, by registrable domain. Large ones only: the list is a hint
/// that an address belongs to a person, and what is missing here is merely not hinted at.
const FREE: &[&str] = &[
    "126.com",
    "163.com",
    "aol.com",
    "fastmail.com",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.fr",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "live.com",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "naver.com",
    "orange.fr",
    "outlook.com",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "rediffmail.com",
    "seznam.cz",
    "t-online.de",
    "tutanota.com",
    "uol.com.br",
    "web.de",
    "wp.pl",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.de",
    "yahoo.fr",
    "yandex.com",
    "yandex.ru",
    "ymail.com",
    "zoho.com",
];

/// Domains of throw-away addresses.
static DISPOSABLE: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| mailchecker::blacklist().into_iter().collect());

/// The domain of a mail address.
pub fn domain(address: &str) -> Result<String, String> {
    let refused = |_| format!("{} is no mail address", shown(address));
    let address = text::mail(address).map_err(refused)?;
    let (_, domain) = address.rsplit_once('@').unwrap_or_default();
    domains::host(domain)
}

/// Whether the domain gives mail addresses to anybody.
pub fn is_free(domain: &str) -> bool {
    FREE.iter().any(|free| is_under(domain, free))
}

/// Whether the domain, or one above it, gives throw-away mail addresses.
pub fn is_disposable(domain: &str) -> bool {
    let domains = domains::upward(domain);
    domains
        .iter()
        .any(|domain| DISPOSABLE.contains(domain.as_str()))
}

/// Whether the domain is one of a government or military: `.gov`, `.mil`, `.gov.xx`, `.mil.xx`.
pub fn is_government(domain: &str) -> bool {
    let mut labels = domain.rsplit('.');
    let is_kind = |label: Option<&str>| matches!(label, Some("gov" | "mil"));
    let top = labels.next();
    is_kind(top) || (top.is_some_and(|top| top.len() == 2) && is_kind(labels.next()))
}

pub(super) fn derive(facts: &mut Facts, answer: Result<String, String>, lookups: &Lookups) {
    let domain = answer.and_then(|address| domain(&address));
    let told = |known: fn(&str) -> bool, yes: &str, no: &str| {
        let domain = domain.as_ref().map_err(Clone::clone)?;
        let is = known(domain);
        let says = if is { yes } else { no };
        Ok::<_, String>((is, format!("`{domain}` {says}")))
    };
    let disposable = told(
        is_disposable,
        "is in the list of disposable mail domains",
        "is not in the list of disposable mail domains",
    );
    let free = told(
        is_free,
        "is a large provider of free mail addresses",
        "is none of the large providers of free mail addresses",
    );
    let government = told(
        is_government,
        "ends like a government's or military's",
        "does not end like a government's or military's",
    );
    let academic = domain
        .clone()
        .and_then(|domain| academic::found(&domain, lookups.academic_mail.as_ref(), lookups));
    let registered = domain.and_then(|domain| domains::registered(&domain));
    tell(facts, "mail_domain", Source::PublicSuffixList, registered);
    tell(
        facts,
        "mail_disposable",
        Source::DisposableMailList,
        disposable,
    );
    tell(facts, "mail_free", Source::DisposableMailList, free);
    tell(
        facts,
        "mail_government",
        Source::PublicSuffixList,
        government,
    );
    tell(facts, "mail_academic", Source::AcademicRegistry, academic);
}

/// Compares the registrable domains of mail and website, which were derived before.
pub(super) fn compare_with_website(facts: &mut Facts) {
    let domain = |name: &str| {
        let fact = facts.0.get(name);
        match fact.and_then(|fact| fact.value.as_ref()?.as_str()) {
            Some(domain) => Ok(domain.to_owned()),
            None => Err(fact.map_or_else(|| "not known".to_owned(), |fact| fact.evidence.clone())),
        }
    };
    let matches = domain("mail_domain").and_then(|mail| {
        let website = domain("website_domain")?;
        let evidence = format!("mail: `{mail}`, website: `{website}`");
        Ok((mail == website, evidence))
    });
    tell(
        facts,
        "mail_matches_website",
        Source::PublicSuffixList,
        matches,
    );
}

fn is_under(domain: &str, above: &str) -> bool {
    domain
        .strip_suffix(above)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_domain_shows_what_kind_of_provider_it_is() {
        for (domain, disposable, free, government) in [
            ("gmail.com", false, true, false),
            ("mail.gmail.com", false, true, false),
            ("notgmail.com", false, false, false),
            ("mailinator.com", true, false, false),
            ("x.mailinator.com", true, false, false),
            ("wisc.edu", false, false, false),
            ("nasa.gov", false, false, true),
            ("navy.mil", false, false, true),
            ("health.gov.au", false, false, true),
            ("army.mil.br", false, false, true),
            ("gov.uk", false, false, true),
            ("gov.example.com", false, false, false),
            ("notgov.uk", false, false, false),
        ] {
            assert_eq!(
                (
                    is_disposable(domain),
                    is_free(domain),
                    is_government(domain)
                ),
                (disposable, free, government),
                "{domain}"
            );
        }
    }

    #[test]
    fn a_mail_domain_is_read_from_a_mail_address_only() {
        assert_eq!(domain(" Ada@CS.Ox.ac.uk "), Ok("cs.ox.ac.uk".to_owned()));
        assert_eq!(domain("\"a@b\"@example.org"), Ok("example.org".to_owned()));
        for text in ["", "ada", "ada@10.0.0.1", "ada@localhost", "ada@-x.org"] {
            assert!(domain(text).is_err(), "{text}");
        }
    }
}
