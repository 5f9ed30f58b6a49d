//! Numbers as people write them.

use serde_json::{Number, Value};

/// A whole number: digits, perhaps in groups of three, with no other word around them. `5.0` is what
/// spreadsheets make of 5.
pub(super) fn whole(text: &str) -> Option<Value> {
    let (sign, digits) = signed(text);
    let digits = digits.strip_suffix(".0").unwrap_or(digits);
    let number: i64 = format!("{sign}{}", ungrouped(digits)?).parse().ok()?;
    Some(Value::from(number))
}

/// Any number with a decimal point. `1,200` and `1.200` are both one thousand two hundred to some, and one and
/// a fifth to others.
pub(super) fn any(text: &str) -> Option<Value> {
    let (sign, digits) = signed(text);
    let Some((before, after)) = digits.split_once('.') else {
        let commas = digits.matches(',').count();
        return if commas == 1 { None } else { whole(text) };
    };
    let plain = before.chars().all(|letter| letter.is_ascii_digit());
    if plain && after.len() == 3 && before.len() <= 3 && before != "0" {
        return None;
    }
    if after.is_empty() || !after.chars().all(|letter| letter.is_ascii_digit()) {
        return None;
    }
    let number: f64 = format!("{sign}{}.{after}", ungrouped(before)?)
        .parse()
        .ok()?;
    Number::from_f64(number).map(Value::Number)
}

fn signed(text: &str) -> (&'static str, &str) {
    let digits = text.strip_prefix(['-', '\u{2212}']);
    digits.map_or(("", text), |digits| ("-", digits))
}

/// Digits without what parts them into groups. A plain space parts nothing: `3 000` may be two numbers.
fn ungrouped(text: &str) -> Option<String> {
    let is_number = |part: &str| part.chars().all(|letter| letter.is_ascii_digit());
    let Some(mark) = text.chars().find(|letter| !letter.is_ascii_digit()) else {
        return (!text.is_empty()).then(|| text.to_owned());
    };
    if !matches!(mark, ',' | '\'' | '’' | '\u{a0}' | '\u{2009}' | '\u{202f}') {
        return None;
    }
    let (first, rest) = text.split_once(mark)?;
    let grouped = (1..=3).contains(&first.len())
        && is_number(first)
        && !first.starts_with('0')
        && rest
            .split(mark)
            .all(|group| group.len() == 3 && is_number(group));
    grouped.then(|| text.replace(mark, ""))
}
