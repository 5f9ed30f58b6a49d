//! A document that may be kept: the operation without what somebody wrote into it.

use std::iter::Peekable;
use std::str::Chars;

/// The longest document that is kept, in characters.
const LONGEST: usize = 4_000;

/// A document without its texts, numbers and comments, on one line.
pub fn sanitised(document: &str) -> String {
    let mut clean = String::new();
    let mut rest = document.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '"' => {
                skip_text(&mut rest);
                clean.push_str("\"\"");
            }
            '#' => while rest.next_if(|it| *it != '\n' && *it != '\r').is_some() {},
            '-' | '0'..='9' => {
                let part = |it: &char| it.is_ascii_alphanumeric() || matches!(it, '.' | '+' | '-');
                while rest.next_if(part).is_some() {}
                clean.push('0');
            }
            'A'..='Z' | 'a'..='z' | '_' => {
                clean.push(next);
                let part = |it: &char| it.is_ascii_alphanumeric() || *it == '_';
                while let Some(letter) = rest.next_if(part) {
                    clean.push(letter);
                }
            }
            _ if next.is_whitespace() || next == ',' || next == '\u{feff}' => {
                if !clean.is_empty() && !clean.ends_with(' ') {
                    clean.push(' ');
                }
            }
            '!' | '$' | '&' | '(' | ')' | '.' | ':' | '=' | '@' | '[' | ']' | '{' | '}' | '|' => {
                clean.push(next);
            }
            // No document has it; what it is part of is not known.
            _ => clean.push('?'),
        }
    }
    clean
        .chars()
        .take(LONGEST)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Skips the rest of a text, the first quotation mark of which was read.
fn skip_text(rest: &mut Peekable<Chars<'_>>) {
    if rest.next_if_eq(&'"').is_none() {
        while let Some(next) = rest.next() {
            match next {
                '\\' => {
                    rest.next();
                }
                '"' | '\n' | '\r' => return,
                _ => {}
            }
        }
        return;
    }
    // Two: an empty text, or the first two of three that begin a block.
    if rest.next_if_eq(&'"').is_none() {
        return;
    }
    let mut quotes = 0;
    while let Some(next) = rest.next() {
        match next {
            '\\' => {
                // `\"""` stands for three in the text.
                for _ in 0..3 {
                    let _ = rest.next_if_eq(&'"');
                }
                quotes = 0;
            }
            '"' => {
                quotes += 1;
                if quotes == 3 {
                    return;
                }
            }
            _ => quotes = 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_wrote_is_gone_and_the_shape_is_there() {
        for (document, clean) in [
            ("{ a }", "{ a }"),
            (
                "{ a(b: \"ada@example.org\") { c } }",
                "{ a(b: \"\") { c } }",
            ),
            (
                "{ a(b: \"say \\\"ada\\\"\", c: 12.5e-3) }",
                "{ a(b: \"\" c: 0) }",
            ),
            (
                "{ a(b: \"\"\"ada \\\"\"\" ada \" ada\"\"\") b }",
                "{ a(b: \"\") b }",
            ),
            ("{ a(b: \"\"\"\"\\\"\"\" ada\"\"\") b }", "{ a(b: \"\") b }"),
            ("{ a(b: \"\") b1 }", "{ a(b: \"\") b1 }"),
            ("{ a # ada\n  b }", "{ a b }"),
            (
                "query Q($v: [ID!] = [\"ada\"]) @d(n: -7) { a }",
                "query Q($v: [ID!] = [\"\"]) @d(n: 0) { a }",
            ),
            ("{ a(b: \"ada\n{ c }", "{ a(b: \"\"{ c }"),
            ("{ é }", "{ ? }"),
            ("{ a(b: \"ada", "{ a(b: \"\""),
        ] {
            assert_eq!(sanitised(document), clean, "{document}");
        }
    }

    #[test]
    fn it_stays_short() {
        assert_eq!(sanitised(&"a ".repeat(10_000)).len(), LONGEST - 1);
    }
}
