//! The registry of academic domains: how published lists are read, and what an entry says.
//!
//! An entry stands for its domain and all domains below it. An excluded one (a domain that was abused, or
//! is no school's) takes all of them out, whatever else the registry says of them, as in JetBrains/swot.
//! Neither of the two published lists alone suffices (`community-programs.md` §7); their union is
//! imported into the database.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::facts::Lookups;

use super::domains;

/// A small list to begin with, in the form that [`parse`] reads.
pub const BUILT_IN: &str = include_str!("academic-domains.txt");

/// One entry of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcademicDomain {
    /// The domain in lower case; it stands for all domains below it too.
    pub domain: String,
    /// Whose domain it is, where the list says so.
    pub institution: Option<String>,
    /// Whether mail from here proves nothing.
    pub excluded: bool,
}

/// Reads a published list, or says what is wrong in which lines. The entries come in the order of their
/// domains, each domain once; a domain that is excluded anywhere is excluded.
///
/// * JSON: an array of `{"name": …, "domains": […]}` (Hipo/university-domains-list). What is wrong in
///   well-formed JSON is told by the number of the institution instead of a line.
/// * Plain text (JetBrains/swot, put together): a domain a line, `.ac.uk` and `*.ac.uk` as good as
///   `ac.uk`; after it the institution's name, if known; `-` before it excludes; `#` begins a comment.
///
/// One label alone (`com`) would stand for half the Internet: it can be excluded, and only `edu` added.
pub fn parse(text: &str) -> Result<Vec<AcademicDomain>, Vec<(usize, String)>> {
    let text = text.trim_start_matches('\u{feff}');
    let mut list = List::default();
    if text.trim_start().starts_with('[') {
        list.read_json(text);
    } else {
        list.read_lines(text);
    }
    if list.mistakes.is_empty() {
        Ok(list.entries.into_values().collect())
    } else {
        Err(list.mistakes)
    }
}

/// The entry that makes a domain academic: the most specific of those found for it and the domains above
/// it ([`domains::upward`]), unless one of them is excluded.
pub fn deciding<'a>(domains: &[String], found: &'a [AcademicDomain]) -> Option<&'a AcademicDomain> {
    let entry = |domain: &String| found.iter().find(|entry| entry.domain == *domain);
    let entries: Vec<_> = domains.iter().filter_map(entry).collect();
    let excluded = entries.iter().any(|entry| entry.excluded);
    entries.first().copied().filter(|_| !excluded)
}

/// Whether a domain is academic, by what was looked up; an empty registry knows nothing.
pub(super) fn found(
    domain: &str,
    entry: Option<&String>,
    lookups: &Lookups,
) -> Result<(bool, String), String> {
    match (entry, lookups.academic_entries) {
        (Some(entry), _) => Ok((
            true,
            format!("`{domain}` is in the registry of academic domains: {entry}"),
        )),
        (None, 0) => Err("the registry of academic domains is empty".to_owned()),
        (None, entries) => {
            let evidence = format!(
                "`{domain}` is not in the registry of academic domains, which has {entries} entries"
            );
            Ok((false, evidence))
        }
    }
}

/// An institution in the JSON form.
#[derive(Deserialize)]
struct Listed {
    name: String,
    domains: Vec<String>,
}

#[derive(Default)]
struct List {
    entries: BTreeMap<String, AcademicDomain>,
    mistakes: Vec<(usize, String)>,
}

impl List {
    fn read_json(&mut self, text: &str) {
        let institutions: Vec<Listed> = match serde_json::from_str(text) {
            Ok(institutions) => institutions,
            Err(error) => {
                self.mistakes.push((error.line(), error.to_string()));
                return;
            }
        };
        for (index, institution) in institutions.iter().enumerate() {
            for domain in &institution.domains {
                self.add(index + 1, domain, &institution.name, false);
            }
        }
    }

    fn read_lines(&mut self, text: &str) {
        for (index, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let (line, excluded) = match line.strip_prefix('-') {
                Some(rest) => (rest.trim_start(), true),
                None => (line, false),
            };
            let (domain, institution) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            self.add(index + 1, domain, institution, excluded);
        }
    }

    fn add(&mut self, line: usize, domain: &str, institution: &str, excluded: bool) {
        let domain = domain.trim();
        let name = domain
            .strip_prefix("*.")
            .or_else(|| domain.strip_prefix('.'))
            .unwrap_or(domain);
        let top = name.to_lowercase();
        let is_top = (2..=63).contains(&top.len()) && top.chars().all(char::is_alphanumeric);
        let domain = match domains::host(name) {
            Ok(domain) => domain,
            Err(_) if is_top && (excluded || top == "edu") => top,
            Err(mistake) => {
                self.mistakes.push((line, mistake));
                return;
            }
        };
        let institution = Some(institution.trim().to_owned()).filter(|name| !name.is_empty());
        let entry = self
            .entries
            .entry(domain.clone())
            .or_insert(AcademicDomain {
                domain,
                institution: None,
                excluded: false,
            });
        entry.excluded |= excluded;
        if entry.institution.is_none() {
            entry.institution = institution;
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    fn entry(domain: &str, institution: Option<&str>, excluded: bool) -> AcademicDomain {
        AcademicDomain {
            domain: domain.to_owned(),
            institution: institution.map(str::to_owned),
            excluded,
        }
    }

    #[test]
    fn the_built_in_list_can_be_read() {
        let list = parse(BUILT_IN).unwrap();
        assert!(list.len() > 80);
        assert!(list.contains(&entry("edu", None, false)));
        assert!(list.contains(&entry("ethz.ch", Some("ETH Zurich"), false)));
        assert!(list.iter().all(|entry| !entry.excluded));
    }

    #[test]
    fn institutions_are_read_from_json() {
        let text = r#"[
            {"name": "University of Oxford", "domains": ["OX.ac.uk "], "alpha_two_code": "GB", "state-province": null},
            {"name": "Two Names", "domains": ["b.example", "a.example"], "web_pages": []},
            {"name": "Shared", "domains": ["a.example"]},
            {"name": "None", "domains": []}
        ]"#;
        assert_eq!(
            parse(text),
            Ok(vec![
                entry("a.example", Some("Two Names"), false),
                entry("b.example", Some("Two Names"), false),
                entry("ox.ac.uk", Some("University of Oxford"), false),
            ])
        );
        assert_eq!(
            parse("[{\"name\": \"X\",\n \"domain\": []}]").unwrap_err()[0].0,
            2
        );
        assert_eq!(
            parse(r#"[{"name": "A", "domains": []}, {"name": "B", "domains": ["x y", "com"]}]"#),
            Err(vec![
                (2, "“x y” is no domain".to_owned()),
                (2, "“com” is no domain".to_owned()),
            ])
        );
    }

    #[test]
    fn domains_and_suffixes_are_read_from_lines() {
        let text = "# a list\r\n\n.edu\n*.ac.uk\nac.jp # Japan\nTUM.de\tTechnical University of Munich\n-abused.edu\n- tum.de\n";
        assert_eq!(
            parse(text),
            Ok(vec![
                entry("abused.edu", None, true),
                entry("ac.jp", None, false),
                entry("ac.uk", None, false),
                entry("edu", None, false),
                entry("tum.de", Some("Technical University of Munich"), true),
            ])
        );
        assert_eq!(
            parse("com\nok.edu\n*.*.uk\n-\nhttp://x.edu"),
            Err(vec![
                (1, "“com” is no domain".to_owned()),
                (3, "“*.uk” is no domain".to_owned()),
                (4, "“” is no domain".to_owned()),
                (5, "“http://x.edu” is no domain".to_owned()),
            ])
        );
        assert_eq!(parse(" \n"), Ok(vec![]));
    }

    #[test]
    fn the_most_specific_entry_decides_unless_one_excludes() {
        let list = parse("edu\n-fake.edu\ncs.fake.edu\nox.ac.uk\nx.app\n-app").unwrap();
        let decides = |domain: &str| {
            deciding(&domains::upward(domain), &list).map(|entry| entry.domain.as_str())
        };
        assert_eq!(decides("cs.ox.ac.uk"), Some("ox.ac.uk"));
        assert_eq!(decides("mit.edu"), Some("edu"));
        assert_eq!(decides("mail.fake.edu"), None);
        assert_eq!(decides("mail.cs.fake.edu"), None);
        assert_eq!(decides("x.app"), None);
        assert_eq!(decides("notox.ac.uk"), None);
    }

    proptest! {
        #[test]
        fn reading_a_list_never_panics(text in any::<String>(), lines in "([-.*#a-z\\[{\" \n]){0,60}") {
            let _ = (parse(&text), parse(&lines));
        }
    }
}
