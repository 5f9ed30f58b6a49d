//! What an expression's text may look like, checked before the parser sees it.
//!
//! The parser recurses with the nesting of what it reads, so the nesting is bounded first. Strings are
//! read here as the parser reads them: where the two could differ, the text is refused.

use std::iter::Peekable;
use std::str::Chars;

use super::expression::InvalidExpression;

/// The longest expression, in bytes.
const LENGTH: usize = 2_000;
/// How deep brackets may be nested. A level costs the unoptimised parser some 130 kB of stack.
const DEPTH: usize = 16;
/// How many words, strings and signs an expression may have: chains such as `a.b.c` nest without brackets.
const WORDS: usize = 400;

/// Refuses a text that is too long or too deep for the parser, or that it could read differently.
pub(super) fn check(text: &str) -> Result<(), InvalidExpression> {
    if text.len() > LENGTH {
        return Err(InvalidExpression::TooLong);
    }
    let mut letters = text.chars().peekable();
    let (mut depth, mut words) = (0_usize, 0_usize);
    while let Some(letter) = letters.next() {
        match letter {
            ' ' | '\t' | '\r' | '\n' => continue,
            '\'' | '"' => quoted(letter, false, &mut letters)?,
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => word(letter, &mut letters)?,
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '/' if letters.peek() == Some(&'/') => return Err(InvalidExpression::Comment),
            '.' | ',' | ':' | '?' | '+' | '-' | '*' | '/' | '%' | '<' | '>' | '=' | '!' | '&'
            | '|' => {}
            _ => return Err(InvalidExpression::Letter(letter)),
        }
        words += 1;
        if depth > DEPTH {
            return Err(InvalidExpression::TooDeep);
        }
        if words > WORDS {
            return Err(InvalidExpression::TooManyWords);
        }
    }
    Ok(())
}

/// Reads a name or a number, and the string that an `r` begins.
fn word(first: char, letters: &mut Peekable<Chars<'_>>) -> Result<(), InvalidExpression> {
    let mut length = 1;
    while letters
        .next_if(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
        .is_some()
    {
        length += 1;
    }
    let Some(quote) = letters.next_if(|letter| matches!(letter, '\'' | '"')) else {
        return Ok(());
    };
    if length == 1 && matches!(first, 'r' | 'R') {
        quoted(quote, true, letters)
    } else {
        Err(InvalidExpression::Quotes)
    }
}

/// Reads a string to its closing quote; a raw one has no escapes.
fn quoted(
    quote: char,
    raw: bool,
    letters: &mut Peekable<Chars<'_>>,
) -> Result<(), InvalidExpression> {
    let mut empty = true;
    while let Some(letter) = letters.next() {
        match letter {
            '\n' | '\r' => break,
            '\\' if !raw => {
                let escaped = letters.next();
                if !matches!(escaped, Some('\\' | '\'' | '"' | 'n' | 'r' | 't')) {
                    break;
                }
            }
            // Three quotes would begin a string of several lines.
            _ if letter == quote => {
                return if empty && letters.peek() == Some(&quote) {
                    Err(InvalidExpression::Quotes)
                } else {
                    Ok(())
                };
            }
            _ => {}
        }
        empty = false;
    }
    Err(InvalidExpression::Quotes)
}
