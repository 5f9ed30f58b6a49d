//! Bounds a document's text before it is parsed: the parser keeps each token and recurses with brackets.

use super::limits::Bounds;
use super::refused::Excess;

/// Counts the tokens of a text, and refuses one with too many bytes, tokens, brackets or long words.
///
/// This is no lexer: what is no GraphQL counts as something, and the parser says what is wrong with it.
pub fn tokens(text: &str, bounds: &Bounds) -> Result<usize, Excess> {
    if text.len() > bounds.bytes {
        return Err(Excess::Over("bytes", bounds.bytes));
    }
    let bytes = text.as_bytes();
    let (mut at, mut tokens, mut open) = (0, 0_usize, 0_usize);
    while let Some(byte) = bytes.get(at) {
        let start = at;
        match byte {
            b' ' | b',' | b'\t' | b'\n' | b'\r' => {
                at += 1;
                continue;
            }
            b'#' => {
                at += until(&bytes[at..], |byte| matches!(byte, b'\n' | b'\r'));
                continue;
            }
            b'"' => at += string(&bytes[at..]),
            b'{' | b'[' | b'(' => {
                open += 1;
                at += 1;
            }
            b'}' | b']' | b')' => {
                open = open.saturating_sub(1);
                at += 1;
            }
            _ if word(*byte) => {
                at += until(&bytes[at..], |byte| !word(byte));
                if at - start > bounds.word {
                    return Err(Excess::Over("bytes in a name or number", bounds.word));
                }
            }
            _ => at += 1,
        }
        tokens += 1;
        if tokens > bounds.tokens {
            return Err(Excess::Over("tokens", bounds.tokens));
        }
        if open > bounds.brackets {
            return Err(Excess::Over("brackets inside each other", bounds.brackets));
        }
    }
    Ok(tokens)
}

const fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'+' | b'-')
}

fn until(bytes: &[u8], end: impl Fn(u8) -> bool) -> usize {
    bytes
        .iter()
        .position(|byte| end(*byte))
        .unwrap_or(bytes.len())
}

/// Bytes of the string at the start, quotes included; all of them if it does not end.
fn string(bytes: &[u8]) -> usize {
    let block = bytes.starts_with(b"\"\"\"");
    let mut at = if block { 3 } else { 1 };
    while at < bytes.len() {
        let rest = &bytes[at..];
        if block && rest.starts_with(b"\\\"\"\"") {
            at += 4;
        } else if block && rest.starts_with(b"\"\"\"") {
            return at + 3;
        } else if !block && rest[0] == b'\\' {
            at += 2;
        } else if !block && rest[0] == b'"' {
            return at + 1;
        } else if !block && rest[0] == b'\n' {
            return at;
        } else {
            at += 1;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> Result<usize, Excess> {
        tokens(text, &Bounds::default())
    }

    #[test]
    fn names_numbers_strings_and_punctuation_are_tokens_and_spaces_and_comments_are_not() {
        for (text, expected) in [
            ("", 0),
            ("{ a }", 3),
            ("{,a,,\n}# a comment { { {", 3),
            (r#"{ a(b: "x { \" [ y", c: -1.5e+3) }"#, 11),
            (r#"{ a(b: """ { \""" " """) }"#, 8),
            ("query Q($v: [Int!]! = [1]) { ...F @skip(if: $v) }", 27),
            ("\"does not end", 1),
            ("{ é }", 4),
        ] {
            assert_eq!(count(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn each_bound_of_the_text_holds() {
        let bounds = Bounds {
            bytes: 60,
            tokens: 20,
            brackets: 3,
            word: 8,
            ..Bounds::default()
        };
        let over = |text: &str| {
            tokens(text, &bounds).map_err(|excess| match excess {
                Excess::Over(what, _) => what,
                _ => "another",
            })
        };
        assert_eq!(over(&" ".repeat(60)), Ok(0));
        assert_eq!(over(&" ".repeat(61)), Err("bytes"));
        assert_eq!(over(&"a ".repeat(20)), Ok(20));
        assert_eq!(over(&"a ".repeat(21)), Err("tokens"));
        assert_eq!(over("{[(a)]}"), Ok(7));
        assert_eq!(over("{[({"), Err("brackets inside each other"));
        assert_eq!(over("{a(b)c(d)}{[(a)]}"), Ok(17));
        assert_eq!(over("abcdefgh"), Ok(1));
        assert_eq!(over("abcdefghi"), Err("bytes in a name or number"));
        assert_eq!(over("123456789"), Err("bytes in a name or number"));
        assert_eq!(over("\"abcdefghi\""), Ok(1));
    }
}
