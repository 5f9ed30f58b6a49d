//! Domains and addresses in the one form in which they are compared (`community-programs.md` §2.2, §7).

use crate::facts::{Facts, Lookups, Source};

use super::answers::shown;
use super::{academic, tell};

/// The longest address read.
const LENGTH: usize = 2_000;

/// Hosts whose paths mean the same in any case.
const CASELESS: &[&str] = &["github.com", "gitlab.com", "bitbucket.org", "codeberg.org"];

/// Domains where many organisations have a page: sharing one says nothing about who they are.
const SHARED: &[&str] = &[
    "bitbucket.org",
    "codeberg.org",
    "crates.io",
    "discord.gg",
    "facebook.com",
    "gitee.com",
    "github.com",
    "gitlab.com",
    "google.com",
    "instagram.com",
    "linkedin.com",
    "linktr.ee",
    "medium.com",
    "meetup.com",
    "npmjs.com",
    "opencollective.com",
    "patreon.com",
    "pypi.org",
    "sourceforge.net",
    "sr.ht",
    "t.me",
    "twitter.com",
    "x.com",
    "youtube.com",
];

/// The address of source code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// `https://host/path`: lower-case host, no user, no `.git`, no slash at the end, no query.
    pub url: String,
    /// Its host.
    pub host: String,
}

/// A host name in lower case, or why the text is none. Addresses of machines are no names.
pub fn host(text: &str) -> Result<String, String> {
    let name = text.strip_suffix('.').unwrap_or(text).to_lowercase();
    let fits = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .chars()
                .all(|letter| letter.is_alphanumeric() || letter == '-' || letter == '_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = name.rsplit('.').next().unwrap_or_default();
    let named = name.len() <= 253
        && name.contains('.')
        && name.split('.').all(fits)
        && !top.chars().all(|letter| letter.is_ascii_digit());
    named
        .then_some(name)
        .ok_or_else(|| format!("{} is no domain", shown(text)))
}

/// The part of a host name that somebody registered, by the public suffix list: `ox.ac.uk` of
/// `cs.ox.ac.uk`, and `x.github.io` as it is. A suffix itself has none.
pub fn registrable(host: &str) -> Option<String> {
    psl::domain_str(host).map(str::to_owned)
}

/// A domain and all domains above it, most specific first.
pub fn upward(domain: &str) -> Vec<String> {
    let mut domains = vec![domain.to_owned()];
    let mut rest = domain;
    while let Some((_, above)) = rest.split_once('.') {
        domains.push(above.to_owned());
        rest = above;
    }
    domains
}

/// Whether many organisations have their page under this registrable domain.
pub fn is_shared(domain: &str) -> bool {
    SHARED.contains(&domain)
}

/// The host of a website's address; `https://` may be left out.
pub fn website(text: &str) -> Result<String, String> {
    let refused = || format!("{} is no web address", shown(text));
    let mut address = text.trim().to_owned();
    if !address.contains("://") {
        // `mailto:` and `user@host:path` are no places to look at.
        if address.contains('@') {
            return Err(refused());
        }
        address.insert_str(0, "https://");
    }
    let address = Address::read(&address).ok_or_else(refused)?;
    if !matches!(address.scheme.as_str(), "http" | "https") {
        return Err(refused());
    }
    host(address.host)
}

/// The address of a repository, however it is cloned or browsed.
pub fn repository(text: &str) -> Result<Repository, String> {
    let refused = |why: &str| format!("{} is no repository's address: {why}", shown(text));
    let text = text.trim();
    let address = Address::read(text)
        .or_else(|| Address::read_for_copy(text))
        .ok_or_else(|| refused("it must begin with https://"))?;
    let web = matches!(
        address.scheme.as_str(),
        "http" | "https" | "git+http" | "git+https"
    );
    if !web && !matches!(address.scheme.as_str(), "git" | "ssh" | "git+ssh") {
        return Err(refused("it must begin with https://"));
    }
    let host = host(address.host)?;
    let mut segments: Vec<_> = address
        .path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    while let Some(last) = segments.pop() {
        let name = last.trim_end_matches(".git");
        if !name.is_empty() {
            segments.push(name);
            break;
        }
    }
    if segments.is_empty() {
        return Err(refused("it names a host only"));
    }
    if segments.contains(&".") || segments.contains(&"..") {
        return Err(refused("its path has dots"));
    }
    let path = segments.join("/");
    let path = if CASELESS.contains(&host.as_str()) {
        path.to_lowercase()
    } else {
        path
    };
    let port = match address.port {
        Some(port) if web && !matches!(port, 80 | 443) => format!(":{port}"),
        _ => String::new(),
    };
    Ok(Repository {
        url: format!("https://{host}{port}/{path}"),
        host,
    })
}

pub(super) fn derive_repository(facts: &mut Facts, answer: Result<String, String>) {
    let read = answer.and_then(|text| Ok((repository(&text)?, text)));
    let url = read
        .as_ref()
        .map_err(Clone::clone)
        .map(|(repository, text)| {
            (
                repository.url.clone(),
                format!("written as {}", shown(text)),
            )
        });
    let domain = read.and_then(|(repository, _)| registered(&repository.host));
    tell(facts, "repository_url", Source::Applicant, url);
    tell(facts, "repository_domain", Source::PublicSuffixList, domain);
}

pub(super) fn derive_website(facts: &mut Facts, answer: Result<String, String>, lookups: &Lookups) {
    let host = answer.and_then(|text| website(&text));
    let domain = host.clone().and_then(|host| registered(&host));
    tell(facts, "website_domain", Source::PublicSuffixList, domain);
    let academic =
        host.and_then(|host| academic::found(&host, lookups.academic_website.as_ref(), lookups));
    tell(
        facts,
        "website_academic",
        Source::AcademicRegistry,
        academic,
    );
}

/// The registrable domain of a host with its evidence.
pub(super) fn registered(host: &str) -> Result<(String, String), String> {
    registrable(host)
        .map(|domain| (domain, format!("the registrable domain of `{host}`")))
        .ok_or_else(|| format!("`{host}` is a public suffix, under which others register"))
}

/// The parts of an address that say where something is.
struct Address<'a> {
    scheme: String,
    host: &'a str,
    port: Option<u16>,
    path: &'a str,
}

impl<'a> Address<'a> {
    /// Reads `scheme://user@host:port/path?query#fragment`; user, query and fragment are left out.
    fn read(text: &'a str) -> Option<Self> {
        let (scheme, rest) = plain(text)?.split_once("://")?;
        let place = rest.split(['?', '#']).next().unwrap_or_default();
        let (authority, path) = place.split_once('/').unwrap_or((place, ""));
        let server = authority.rsplit('@').next().unwrap_or_default();
        let (host, port) = match server.rsplit_once(':') {
            Some((host, "")) => (host, None),
            Some((host, port)) => (host, Some(port.parse().ok()?)),
            None => (server, None),
        };
        Some(Self {
            scheme: scheme.to_lowercase(),
            host,
            port,
            path,
        })
    }

    /// Reads `user@host:path`, which `git` takes for `ssh`.
    fn read_for_copy(text: &'a str) -> Option<Self> {
        let (user, server) = plain(text)?.split_once('@')?;
        let (host, path) = server.split_once(':')?;
        let is_user = !user.is_empty() && !user.contains(['/', ':']);
        is_user.then(|| Self {
            scheme: "ssh".to_owned(),
            host,
            port: None,
            path,
        })
    }
}

/// The text, unless it has letters that programs read differently: browsers take a backslash for a slash.
fn plain(text: &str) -> Option<&str> {
    let odd = |letter: char| letter.is_whitespace() || letter.is_control() || letter == '\\';
    (text.len() <= LENGTH && !text.contains(odd)).then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn all_addresses_of_one_repository_are_one() {
        for text in [
            "https://github.com/stoa/agora",
            "https://GitHub.com/Stoa/Agora/",
            "http://github.com/stoa/agora.git",
            "https://github.com/stoa/agora.git/",
            "https://user:secret@github.com:443/stoa//agora?tab=readme#top",
            "git://github.com/stoa/agora.git",
            "git+https://github.com/stoa/agora.git",
            "ssh://git@github.com:22/stoa/agora.git",
            "git@github.com:stoa/agora.git",
            "  https://github.com./stoa/agora  ",
        ] {
            assert_eq!(
                repository(text).map(|repository| repository.url),
                Ok("https://github.com/stoa/agora".to_owned()),
                "{text}"
            );
        }
        let own = repository("http://git.Example.org:8080/Stoa/Agora.git").map(|read| read.url);
        assert_eq!(
            own,
            Ok("https://git.example.org:8080/Stoa/Agora".to_owned())
        );
    }

    #[test]
    fn what_names_no_repository_is_unknown() {
        for text in [
            "",
            "n/a",
            "github.com/stoa/agora",
            "https://github.com",
            "https://github.com/",
            "https://github.com/.git",
            "ftp://example.org/x",
            "file:///etc/passwd",
            "javascript://github.com/%0aalert(1)",
            "https://localhost/x",
            "https://10.0.0.1/x",
            "https://[::1]/x",
            "https://a b.org/x",
            "https://github.com/../x",
            "https:///x",
            "https://github.com:99999/x/y",
            "https://github.com\\@evil.org/x",
            "ada@example.org",
            "a:b@github.com:x",
        ] {
            assert!(repository(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_website_is_known_by_the_domain_that_was_registered() {
        for (text, domain) in [
            ("https://www.cs.ox.ac.uk/people/", Some("ox.ac.uk")),
            ("cs.ox.ac.uk", Some("ox.ac.uk")),
            ("HTTP://WWW.Example.ORG:8080", Some("example.org")),
            ("https://foo.bar.co.jp", Some("bar.co.jp")),
            ("https://stoa.github.io/agora", Some("stoa.github.io")),
            ("https://mit.edu@evil.org/", Some("evil.org")),
            ("https://münchen.example", Some("münchen.example")),
            ("https://github.io", None),
            ("https://co.uk", None),
            ("example", None),
            ("mailto:ada@example.org", None),
            ("ftp://example.org", None),
            ("https://-a.org", None),
            ("https://a..org", None),
        ] {
            let found = website(text).ok().and_then(|host| registrable(&host));
            assert_eq!(found.as_deref(), domain, "{text}");
        }
    }

    #[test]
    fn a_domain_lies_under_all_domains_above_it() {
        assert_eq!(
            upward("cs.ox.ac.uk"),
            ["cs.ox.ac.uk", "ox.ac.uk", "ac.uk", "uk"]
        );
        assert_eq!(upward("uk"), ["uk"]);
    }

    proptest! {
        #[test]
        fn reading_addresses_never_panics(text in any::<String>()) {
            let _ = (website(&text), host(&text), repository(&text));
        }

        #[test]
        fn a_normalised_address_stays_as_it_is(
            text in "(https|http|ssh|git)://(a@)?[a-zA-Z.]{1,9}\\.org(:[0-9]{1,4})?(/[a-zA-Z.]{0,4}){0,4}(\\.git)?/?"
        ) {
            if let Ok(read) = repository(&text) {
                prop_assert_eq!(repository(&read.url), Ok(read));
            }
        }
    }
}
