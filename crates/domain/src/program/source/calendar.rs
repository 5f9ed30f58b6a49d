//! The working time that `program.toml` says.

use chrono::Weekday;
use chrono_tz::Tz;

use crate::calendar::{Calendar, Edition, ExtraOpen, Holiday, Window};

use super::read::each;
use super::section::Section;

/// The section `[calendar]`. Whether times overlap and dates fit, the calendar checks itself when all of it was read.
pub(super) fn calendar(mut section: Section<'_>) -> Calendar {
    let calendar = Calendar::new(
        zone(&mut section),
        each(section.some_sections("edition"), edition),
    );
    section.done();
    calendar
}

fn zone(section: &mut Section<'_>) -> Tz {
    let name = section.text("time_zone");
    name.parse().unwrap_or_else(|_| {
        section.wrong(
            "time_zone",
            format!("\"{name}\" is not a time zone; write a name of the IANA database such as \"Europe/Berlin\""),
        );
        Tz::UTC
    })
}

fn edition(mut section: Section<'_>) -> Edition {
    let edition = Edition {
        effective_from: section.date("effective_from"),
        week: some(section.sections("week"), window),
        holidays: some(section.sections("holidays"), holiday),
        extra_open: some(section.sections("extra_open"), extra_open),
    };
    section.done();
    edition
}

fn some<'a, T>(sections: Vec<Section<'a>>, read: fn(Section<'a>) -> Option<T>) -> Vec<T> {
    sections.into_iter().filter_map(read).collect()
}

fn window(mut section: Section<'_>) -> Option<Window> {
    let days = days(&mut section);
    let (from, to) = (section.value("from"), section.value("to"));
    section.done();
    Some(Window {
        days,
        from: from?,
        to: to?,
    })
}

fn days(section: &mut Section<'_>) -> Vec<Weekday> {
    let mut days = Vec::new();
    for (index, name) in section.texts("days").iter().enumerate() {
        match name.parse() {
            Ok(day) => days.push(day),
            Err(_) => section.wrong(
                &format!("days[{index}]"),
                format!(
                    "\"{name}\" is not a day of the week; write Mon, Tue, Wed, Thu, Fri, Sat or Sun"
                ),
            ),
        }
    }
    days
}

fn holiday(mut section: Section<'_>) -> Option<Holiday> {
    let (date, name) = (section.required_date("date"), section.text("name"));
    section.done();
    Some(Holiday { date: date?, name })
}

fn extra_open(mut section: Section<'_>) -> Option<ExtraOpen> {
    let (date, name) = (section.required_date("date"), section.text("name"));
    let (from, to) = (section.value("from"), section.value("to"));
    section.done();
    Some(ExtraOpen {
        date: date?,
        from: from?,
        to: to?,
        name,
    })
}
