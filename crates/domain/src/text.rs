//! Short texts people write, checked once where they come in.

/// A text that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// More characters than a field takes.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// Control characters, which no person types.
    #[error("must not contain control characters")]
    Control,
    /// No mail address.
    #[error("must be a mail address such as name@example.org")]
    Mail,
}

/// The longest name or title taken, in characters.
pub const LINE: usize = 200;
/// The longest message taken, in characters.
pub const BODY: usize = 10_000;

/// One line: trimmed, not empty, at most [`LINE`] characters.
pub fn line(text: &str) -> Result<String, Invalid> {
    checked(text, LINE, char::is_control)
}

/// Several lines: trimmed, not empty, at most [`BODY`] characters.
pub fn body(text: &str) -> Result<String, Invalid> {
    checked(text, BODY, |c| {
        c.is_control() && !matches!(c, '\n' | '\r' | '\t')
    })
}

/// A mail address in lower case. Only its shape is checked: whether it reaches somebody, a message tells.
pub fn mail(text: &str) -> Result<String, Invalid> {
    let text = line(text).map_err(|_| Invalid::Mail)?.to_lowercase();
    let (local, domain) = text.rsplit_once('@').ok_or(Invalid::Mail)?;
    let plain = !local.is_empty()
        && !text.contains(char::is_whitespace)
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !domain.contains("..")
        && !domain.contains('@');
    plain.then_some(text).ok_or(Invalid::Mail)
}

/// A name as it is compared: lower case, letters and digits of any script, single spaces.
/// Two spellings of one organisation should meet here (`community-programs.md` §2.2, Education 9).
pub fn comparable(name: &str) -> String {
    let mut words = String::with_capacity(name.len());
    let mut gap = false;
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            if gap && !words.is_empty() {
                words.push(' ');
            }
            gap = false;
            words.push(letter);
        } else if letter != '\'' && letter != '’' {
            gap = true;
        }
    }
    words
}

fn checked(text: &str, limit: usize, refused: impl Fn(char) -> bool) -> Result<String, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Invalid::Empty);
    }
    if text.chars().count() > limit {
        return Err(Invalid::TooLong(limit));
    }
    if text.chars().any(refused) {
        return Err(Invalid::Control);
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_compare_equal() {
        assert_eq!(
            comparable("University of Wisconsin–Madison"),
            comparable(" university  of wisconsin madison ")
        );
        assert_eq!(comparable("Zürich ÖPNV e.V."), "zürich öpnv e v");
    }

    #[test]
    fn a_mail_address_needs_a_name_and_a_domain() {
        assert_eq!(mail(" Ada@Example.ORG "), Ok("ada@example.org".into()));
        for text in [
            "",
            "ada",
            "@example.org",
            "ada@example",
            "a b@example.org",
            "a@b..org",
        ] {
            assert_eq!(mail(text), Err(Invalid::Mail), "{text}");
        }
    }

    #[test]
    fn a_line_takes_no_control_characters_and_no_novel() {
        assert_eq!(line("  "), Err(Invalid::Empty));
        assert_eq!(line("a\u{7}b"), Err(Invalid::Control));
        assert_eq!(line(&"x".repeat(LINE + 1)), Err(Invalid::TooLong(LINE)));
        assert_eq!(body("two\nlines"), Ok("two\nlines".into()));
    }
}
