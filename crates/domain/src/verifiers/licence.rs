//! Licences, read as SPDX expressions and looked up in SPDX's list (`community-programs.md` §2.2, §7).
//!
//! Only what is exactly an expression is one: 1,126 applications of a real program wrote 247 different
//! licence texts, and prefix matching takes "BSD 3-clause" for `BSD-2-Clause`. Identifiers and operators
//! are read in any case, as SPDX has it; deprecated identifiers are still identifiers.

use spdx::identifiers::{EXCEPTIONS, LICENSES};
use spdx::{Expression, LicenseItem, LicenseReq, ParseMode};

use crate::facts::{Facts, Source};

use super::answers::shown;
use super::tell;

/// Longer texts are licences, not expressions.
const LENGTH: usize = 1_000;

/// A licence expression in SPDX's own spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Licence {
    /// The expression.
    pub expression: String,
    /// Whether licences approved by the Open Source Initiative are enough to satisfy it.
    pub osi_approved: bool,
    /// The version of SPDX's list, and what it says of each licence.
    pub evidence: String,
}

/// Reads an SPDX expression, or says why the text is none.
pub fn read(text: &str) -> Result<Licence, String> {
    let refused = |why: &str| {
        format!(
            "{} is no SPDX expression (list {}): {why}",
            shown(text),
            spdx::license_version()
        )
    };
    if text.len() > LENGTH {
        return Err(refused("it is too long"));
    }
    let spelled = spelled(text).map_err(|why| refused(&why))?;
    let mode = ParseMode {
        allow_deprecated: true,
        allow_postfix_plus_on_gpl: true,
        ..ParseMode::STRICT
    };
    let expression = Expression::parse_mode(&spelled, mode)
        .map_err(|error| refused(&error.reason.to_string()))?;
    let mut licences: Vec<String> = Vec::new();
    for requirement in expression.requirements() {
        let verdict = if is_osi_approved(&requirement.req) {
            "OSI-approved"
        } else {
            "not OSI-approved"
        };
        let line = format!("{} {verdict}", requirement.req);
        if !licences.contains(&line) {
            licences.push(line);
        }
    }
    Ok(Licence {
        osi_approved: expression.evaluate(is_osi_approved),
        evidence: format!(
            "SPDX list {}: {}",
            spdx::license_version(),
            licences.join(", ")
        ),
        expression: spelled,
    })
}

pub(super) fn derive(facts: &mut Facts, answer: Result<String, String>) {
    let (expression, approved) = match answer.and_then(|text| read(&text)) {
        Ok(licence) => (
            Ok((licence.expression, licence.evidence.clone())),
            Ok((licence.osi_approved, licence.evidence)),
        ),
        Err(reason) => (Err(reason.clone()), Err(reason)),
    };
    tell(facts, "licence_expression", Source::SpdxList, expression);
    tell(facts, "licence_osi_approved", Source::SpdxList, approved);
}

/// An exception (`WITH …`) only adds permissions, so it counts as its licence.
fn is_osi_approved(requirement: &LicenseReq) -> bool {
    match &requirement.license {
        LicenseItem::Spdx { id, .. } => id.is_osi_approved(),
        LicenseItem::Other(_) => false,
    }
}

/// The text with single spaces and every word as SPDX spells it.
fn spelled(text: &str) -> Result<String, String> {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let mut words = Vec::new();
    for word in spaced.split_whitespace() {
        words.push(spelled_word(word)?);
    }
    if words.is_empty() {
        return Err("it is empty".to_owned());
    }
    Ok(words.join(" ").replace("( ", "(").replace(" )", ")"))
}

fn spelled_word(word: &str) -> Result<String, String> {
    if let Some(sign) = ["(", ")", "AND", "OR", "WITH"]
        .into_iter()
        .find(|sign| sign.eq_ignore_ascii_case(word))
    {
        return Ok(sign.to_owned());
    }
    if let Some(id) = identifier(word) {
        return if id == "NOASSERTION" {
            Err("it asserts nothing".to_owned())
        } else {
            Ok(id.to_owned())
        };
    }
    if let Some((base, id)) = word
        .strip_suffix('+')
        .and_then(|base| Some((base, identifier(base)?)))
    {
        return if id.ends_with("-only") || id.ends_with("-or-later") {
            Err(format!("`{base}` takes no `+`"))
        } else {
            Ok(format!("{id}+"))
        };
    }
    let exception = EXCEPTIONS
        .iter()
        .find(|exception| exception.name.eq_ignore_ascii_case(word));
    if let Some(exception) = exception {
        return Ok(exception.name.to_owned());
    }
    if ["LicenseRef-", "DocumentRef-", "AdditionRef-"]
        .iter()
        .any(|prefix| word.starts_with(prefix))
    {
        return Ok(word.to_owned());
    }
    let parts: Option<Vec<_>> = word.split('/').map(identifier).collect();
    match parts {
        Some(parts) => Err(format!("did you mean `{}`?", parts.join(" OR "))),
        None => Err(format!("`{word}` is no SPDX identifier")),
    }
}

/// SPDX's spelling of a licence identifier that was written in any case.
fn identifier(word: &str) -> Option<&'static str> {
    LICENSES
        .iter()
        .map(|licence| licence.name)
        .find(|name| name.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_licence_is_open_source_if_approved_ones_satisfy_its_expression() {
        for (text, expression, osi_approved) in [
            ("MIT", "MIT", true),
            ("MIT OR Apache-2.0", "MIT OR Apache-2.0", true),
            ("mit or apache-2.0", "MIT OR Apache-2.0", true),
            (" ( MIT  AND\tISC ) ", "(MIT AND ISC)", true),
            (
                "GPL-2.0-only WITH Classpath-exception-2.0",
                "GPL-2.0-only WITH Classpath-exception-2.0",
                true,
            ),
            ("gpl-2.0", "GPL-2.0", true),
            ("GPL-2.0+", "GPL-2.0+", true),
            ("Apache-2.0+", "Apache-2.0+", true),
            ("SSPL-1.0", "SSPL-1.0", false),
            ("Elastic-2.0", "Elastic-2.0", false),
            ("CC-BY-SA-4.0", "CC-BY-SA-4.0", false),
            ("WTFPL", "WTFPL", false),
            ("MIT AND SSPL-1.0", "MIT AND SSPL-1.0", false),
            ("MIT OR SSPL-1.0", "MIT OR SSPL-1.0", true),
            (
                "SSPL-1.0 OR Elastic-2.0 AND MIT",
                "SSPL-1.0 OR Elastic-2.0 AND MIT",
                false,
            ),
            ("LicenseRef-Proprietary", "LicenseRef-Proprietary", false),
            (
                "MIT OR LicenseRef-Proprietary",
                "MIT OR LicenseRef-Proprietary",
                true,
            ),
        ] {
            let licence = read(text).unwrap();
            assert_eq!(
                (licence.expression.as_str(), licence.osi_approved),
                (expression, osi_approved),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_exact_expression_is_unknown() {
        for text in [
            "BSD 3-clause",
            "BSD",
            "GPL",
            "GPLv3",
            "Apache 2",
            "The MIT License",
            "MIT OR Proprietary",
            "MIT/Apache-2.0",
            "MIT,ISC",
            "MIT OR",
            "(MIT",
            "MIT)",
            "OR",
            "()",
            "MIT ISC",
            "NOASSERTION",
            "",
            "GPL-2.0-only+",
            "MIT +",
            "MIT WITH MIT",
            "MIT WITH",
            "https://opensource.org/licenses/MIT",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read(&"(".repeat(LENGTH + 1)).is_err());
    }

    #[test]
    fn evidence_names_the_list_and_what_it_says_of_each_licence() {
        assert_eq!(
            read("MIT OR SSPL-1.0 OR MIT").unwrap().evidence,
            "SPDX list 3.29.0: MIT OSI-approved, SSPL-1.0 not OSI-approved"
        );
        assert_eq!(
            read("BSD 3-clause").unwrap_err(),
            "“BSD 3-clause” is no SPDX expression (list 3.29.0): `BSD` is no SPDX identifier"
        );
        let slash = read("mit/apache-2.0").unwrap_err();
        assert!(
            slash.ends_with("did you mean `MIT OR Apache-2.0`?"),
            "{slash}"
        );
    }

    proptest! {
        #[test]
        fn reading_a_licence_never_panics(text in any::<String>()) {
            let _ = read(&text);
        }

        #[test]
        fn what_was_read_reads_the_same_again(
            text in "((MIT|isc|GPL-2.0|SSPL-1.0|LicenseRef-x|WTFPL)[+]?( (AND|or|WITH) |[()/ ])){1,8}MIT"
        ) {
            if let Ok(licence) = read(&text) {
                prop_assert_eq!(read(&licence.expression), Ok(licence));
            }
        }
    }
}
