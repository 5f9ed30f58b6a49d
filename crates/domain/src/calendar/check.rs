//! What is wrong with a calendar, all at once, for whoever is about to publish it.

use chrono::NaiveDate;

use super::{Calendar, Edition, TimeOfDay, Window};

impl Calendar {
    /// Every mistake as the path of the value inside the calendar (`edition[0].week[1]`, counted from 0) and
    /// what to do about it; none if the calendar can be published.
    pub fn check(&self) -> Vec<(String, String)> {
        let mut mistakes = Vec::new();
        if self.editions.is_empty() {
            mistakes.push(mistake(
                "edition",
                "write at least one edition with the windows of its week",
            ));
        }
        mistakes.extend(check_order(&self.editions));
        for (index, edition) in self.editions.iter().enumerate() {
            let path = format!("edition[{index}]");
            // The first edition holds for all earlier dates too.
            let first = edition.effective_from.filter(|_| index > 0);
            let next = self.editions.get(index + 1);
            let end = next.and_then(|next| next.effective_from);
            mistakes.extend(check_week(&path, &edition.week));
            mistakes.extend(check_holidays(&path, edition));
            mistakes.extend(check_extra_open(&path, edition));
            mistakes.extend(check_period(&path, edition, first, end));
        }
        mistakes
    }
}

fn mistake(path: impl Into<String>, message: impl Into<String>) -> (String, String) {
    (path.into(), message.into())
}

fn check_order(editions: &[Edition]) -> Vec<(String, String)> {
    let mut mistakes = Vec::new();
    for (index, pair) in editions.windows(2).enumerate() {
        let path = format!("edition[{}].effective_from", index + 1);
        match (pair[0].effective_from, pair[1].effective_from) {
            (_, None) => mistakes.push(mistake(
                path,
                "write the date from which this edition holds; only the first edition may leave it out",
            )),
            (Some(before), Some(from)) if from <= before => mistakes.push(mistake(
                path,
                format!("{from} is not after {before}, where the edition before it begins; write editions oldest first"),
            )),
            _ => {}
        }
    }
    mistakes
}

fn check_week(edition: &str, week: &[Window]) -> Vec<(String, String)> {
    let mut mistakes = Vec::new();
    if !week
        .iter()
        .any(|window| window.from < window.to && !window.days.is_empty())
    {
        mistakes.push(mistake(
            format!("{edition}.week"),
            "no window is ever open, so a promise could never end; write at least one",
        ));
    }
    for (index, window) in week.iter().enumerate() {
        let path = format!("{edition}.week[{index}]");
        mistakes.extend(check_times(&path, window.from, window.to));
        if window.days.is_empty() {
            mistakes.push(mistake(
                format!("{path}.days"),
                "name at least one day of the week",
            ));
        }
        for (position, day) in window.days.iter().enumerate() {
            if window.days[..position].contains(day) {
                mistakes.push(mistake(
                    format!("{path}.days"),
                    format!("{day} is named twice"),
                ));
            }
        }
        for (earlier, other) in week[..index].iter().enumerate() {
            let shared = other.days.iter().find(|day| window.days.contains(day));
            if let Some(day) = shared
                && overlap((other.from, other.to), (window.from, window.to))
            {
                mistakes.push(mistake(
                    path.clone(),
                    format!("overlaps week[{earlier}] on {day}; make it one window"),
                ));
            }
        }
    }
    mistakes
}

fn check_holidays(edition: &str, of: &Edition) -> Vec<(String, String)> {
    let mut mistakes = Vec::new();
    for (index, holiday) in of.holidays.iter().enumerate() {
        let before = &of.holidays[..index];
        if before.iter().any(|other| other.date == holiday.date) {
            mistakes.push(mistake(
                format!("{edition}.holidays[{index}]"),
                format!("{} is already a holiday", holiday.date),
            ));
        }
    }
    mistakes
}

fn check_extra_open(edition: &str, of: &Edition) -> Vec<(String, String)> {
    let mut mistakes = Vec::new();
    for (index, extra) in of.extra_open.iter().enumerate() {
        let path = format!("{edition}.extra_open[{index}]");
        mistakes.extend(check_times(&path, extra.from, extra.to));
        for (earlier, other) in of.extra_open[..index].iter().enumerate() {
            if other.date == extra.date && overlap((other.from, other.to), (extra.from, extra.to)) {
                mistakes.push(mistake(
                    path.clone(),
                    format!(
                        "overlaps extra_open[{earlier}] on {}; make it one",
                        extra.date
                    ),
                ));
            }
        }
    }
    mistakes
}

/// Dates outside the edition have no effect, which is never what was meant.
fn check_period(
    edition: &str,
    of: &Edition,
    first: Option<NaiveDate>,
    end: Option<NaiveDate>,
) -> Vec<(String, String)> {
    let holidays = of.holidays.iter().map(|holiday| holiday.date);
    let extra_open = of.extra_open.iter().map(|extra| extra.date);
    let dates = (holidays.enumerate().map(|date| ("holidays", date)))
        .chain(extra_open.enumerate().map(|date| ("extra_open", date)));
    dates
        .filter_map(|(list, (index, date))| {
            let problem = if first.is_some_and(|first| date < first) {
                "before this edition begins"
            } else if end.is_some_and(|end| end <= date) {
                "after this edition ends"
            } else {
                return None;
            };
            let message = format!("{date} is {problem}; write it in the edition that holds then");
            Some(mistake(format!("{edition}.{list}[{index}].date"), message))
        })
        .collect()
}

fn check_times(path: &str, from: TimeOfDay, to: TimeOfDay) -> Option<(String, String)> {
    (from >= to).then(|| {
        mistake(
            format!("{path}.to"),
            format!("{to} is not after {from}; a window that crosses midnight is two, one to 24:00 and one from 00:00"),
        )
    })
}

fn overlap(one: (TimeOfDay, TimeOfDay), other: (TimeOfDay, TimeOfDay)) -> bool {
    one.0.max(other.0) < one.1.min(other.1)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::Calendar;

    #[test]
    fn every_mistake_is_reported_at_once() {
        let wrong = toml::from_str::<Calendar>(
            r#"
            time_zone = "UTC"
            [[edition]]
            effective_from = "2026-01-01"
            week = [
                { days = ["mon", "tue", "mon"], from = "09:00", to = "12:00" },
                { days = ["tue"], from = "11:00", to = "13:00" },
                { days = ["wed"], from = "22:00", to = "06:00" },
                { days = [], from = "09:00", to = "12:00" },
                { days = ["tue"], from = "13:00", to = "14:00" },
            ]
            holidays = [
                { date = "2025-12-25", name = "Holds for the first edition, too" },
                { date = "2026-12-25", name = "Christmas" },
                { date = "2026-12-25", name = "Christmas again" },
                { date = "2026-12-01", name = "The first day of the next edition" },
            ]
            extra_open = [
                { date = "2026-01-17", from = "10:00", to = "14:00", name = "Saturday" },
                { date = "2026-01-17", from = "13:00", to = "15:00", name = "Saturday again" },
                { date = "2026-01-18", from = "10:00", to = "10:00", name = "Never" },
            ]
            [[edition]]
            effective_from = "2026-12-01"
            holidays = [{ date = "2026-11-30", name = "Too early" }]
            [[edition]]
            effective_from = "2026-12-01"
            week = [{ days = ["mon"], from = "09:00", to = "12:00" }]
            [[edition]]
            week = [{ days = ["mon"], from = "09:00", to = "12:00" }]
            "#,
        )
        .unwrap();
        let paths: Vec<_> = wrong.check().into_iter().map(|(path, _)| path).collect();
        assert_eq!(
            paths,
            [
                "edition[2].effective_from",
                "edition[3].effective_from",
                "edition[0].week[0].days",
                "edition[0].week[1]",
                "edition[0].week[2].to",
                "edition[0].week[3].days",
                "edition[0].holidays[2]",
                "edition[0].extra_open[1]",
                "edition[0].extra_open[2].to",
                "edition[0].holidays[1].date",
                "edition[0].holidays[2].date",
                "edition[0].holidays[3].date",
                "edition[1].week",
                "edition[1].holidays[0].date",
            ]
        );
        let empty = toml::from_str::<Calendar>("time_zone = \"UTC\"").unwrap();
        assert_eq!(empty.check()[0].0, "edition");
    }
}
