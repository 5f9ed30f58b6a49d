//! Settings: wrong ones, and variables that nobody reads.

use super::Finding;
use crate::config::{self, Config, Settings};

const PLACE: &str = "configuration";
/// A name that is this many letters off is still meant: a slip of the finger, two letters swapped.
const SLIPS: usize = 3;

pub(super) fn examine(settings: &Settings, known: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut settings = settings.clone();
    if settings.token_key.is_none() && !super::files::key_file(&settings).exists() {
        // Reading the configuration would make the missing key, and a doctor makes nothing.
        let embedded = super::files::is_embedded(&settings);
        settings.token_key = embedded.then(|| "not looked at, and long enough".repeat(2));
    }
    if let Err(wrong) = Config::read(&settings, false) {
        let mend = "The README lists every setting.";
        findings.extend(wrong.0.into_iter().map(|it| Finding::mend(PLACE, it, mend)));
    }
    findings.extend(unread(&config::variables(), known));
    if findings.is_empty() {
        findings.push(Finding::fine(PLACE, "every setting can be used"));
    }
    findings
}

/// Variables that are set and that no command reads.
fn unread(set: &[String], known: &[String]) -> Vec<Finding> {
    let mut unread: Vec<_> = set.iter().filter(|it| !known.contains(it)).collect();
    unread.sort();
    let told = unread.into_iter().map(|name| match meant(name, known) {
        Some(meant) => Finding::mend(
            PLACE,
            format!("{name} is set, and nothing reads it"),
            format!("Did you mean {meant}?"),
        ),
        None => Finding::note(
            PLACE,
            format!("{name} is set, and nothing reads it"),
            "Remove it; `stoa help` names the variables.",
        ),
    });
    told.collect()
}

fn meant<'a>(name: &str, known: &'a [String]) -> Option<&'a String> {
    let nearest = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), known));
    let (off, nearest) = nearest.min()?;
    (off <= SLIPS).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn a_variable_that_nobody_reads_is_told_with_the_one_that_was_meant() {
        let known = ["STOA_LISTEN", "STOA_TOKEN_KEY", "STOA_TOKEN_KEY_FILE"].map(str::to_owned);
        for (set, level, told) in [
            ("STOA_LISTNE", Level::Mend, "STOA_LISTEN"),
            ("STOA_TOKENKEY", Level::Mend, "STOA_TOKEN_KEY"),
            ("STOA_TOKEN_KEYFILE", Level::Mend, "STOA_TOKEN_KEY_FILE"),
            ("STOA_SOMETHING_ELSE", Level::Note, "Remove it"),
        ] {
            let findings = unread(&[set.to_owned(), known[0].clone()], &known);
            assert_eq!(findings.len(), 1, "{set}");
            assert_eq!(findings[0].level, level, "{set}");
            let mend = findings[0].mend.as_deref().unwrap_or_default();
            assert!(mend.contains(told), "{set}: {mend}");
        }
    }
}
