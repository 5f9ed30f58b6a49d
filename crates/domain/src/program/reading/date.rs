//! Dates as people write them.

use chrono::NaiveDate;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The day that a text names and no other. Where day and month could change places, it names none; dots put the
/// day first wherever they are used.
pub(super) fn read(text: &str) -> Option<NaiveDate> {
    // A spreadsheet's day without a time.
    let text = ["T00:00:00", " 00:00:00"]
        .into_iter()
        .find_map(|midnight| text.strip_suffix(midnight))
        .unwrap_or(text);
    let parts: Vec<&str> = text
        .split([' ', ',', '.', '/', '-'])
        .filter(|part| !part.is_empty())
        .collect();
    let [first, second, third] = parts[..] else {
        return None;
    };
    if let (Some(year), Some(day)) = (year(first), number(third)) {
        return date(year, number(second).or_else(|| month(second))?, day);
    }
    let year = year(third)?;
    match (number(first), number(second)) {
        (Some(day), None) => date(year, month(second)?, day),
        (None, Some(day)) => date(year, month(first)?, day),
        (Some(day), Some(month)) if text.contains('.') => date(year, month, day),
        (Some(one), Some(other)) => {
            let day_first = date(year, other, one);
            let month_first = date(year, one, other);
            match (day_first, month_first) {
                (Some(one), Some(other)) => (one == other).then_some(one),
                (one, other) => one.or(other),
            }
        }
        (None, None) => None,
    }
}

fn date(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day)
}

/// Four digits: with two, the century would be a guess.
fn year(text: &str) -> Option<i32> {
    let digits = text.len() == 4 && text.chars().all(|letter| letter.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

fn number(text: &str) -> Option<u32> {
    let digits =
        (1..=2).contains(&text.len()) && text.chars().all(|letter| letter.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

/// The number of a month by its name, or by its first three letters or more.
fn month(text: &str) -> Option<u32> {
    let text = text.to_lowercase();
    let place = MONTHS
        .iter()
        .position(|name| text.len() >= 3 && name.starts_with(&text))?;
    u32::try_from(place + 1).ok()
}
