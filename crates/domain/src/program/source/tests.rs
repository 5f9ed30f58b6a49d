#![expect(clippy::unwrap_used, reason = "tests")]

use super::ready::open_source;
use super::{Source, read};

/// The open-source program with some of its files replaced.
pub(super) fn with(files: &[(&str, &str)]) -> Source {
    let mut source = open_source();
    for (file, text) in files {
        source.files.insert((*file).to_owned(), (*text).to_owned());
    }
    source
}

/// Mistakes as `file:line message`, those of `program.toml` without its name.
pub(super) fn mistakes(source: &Source) -> Vec<String> {
    let mistakes = read(source).unwrap_err();
    mistakes
        .iter()
        .map(|mistake| {
            let file = mistake.file.trim_end_matches("program.toml");
            // The list of all facts is the criteria's to tell.
            let message = mistake
                .message
                .split(": the facts are")
                .next()
                .unwrap_or_default();
            format!("{file}:{} {message}", mistake.line)
        })
        .collect()
}

/// A `program.toml` with one mistake of each kind.
const BROKEN: &str = r#"key = "Open Source"
name = ""
sumary = "A slip of the pen."
capacity = "many"
fiscal_year_start = 13

[promise]
aim_days = 8
limit_days = 5

[automation]
approve = "MAYBE"
decline = "ON"

[waiting]
draft_days = 10
question_days = 400
warn_days = 10

[verify]
organization = "organisation"
country = "country"

[[benefits]]
key = "seats"
name = "Seats"
kind = "SEATS"
quantity_field = "hosting"

[[benefits]]
key = "seats"
name = "Support"
kind = "DISCOUNT"
quantity = 150

[renewal]
term_months = 0
window_days = 90
reminder_days = [30, 90]
grace_days = 30
verify_again = ["free", "licence"]

[[criteria]]
key = "free"
statement = "The licence is free."
expression = "licence_ok()"
unmet = "DECLINE"

[[criteria]]
key = "one"
statement = "One private project."
expression = "privat_projects <= 1 && colour"
unmet = "DECLINE"
reason = "PRIVAT"
fix = "Make it public."
note = "Unknown."

[[approvals]]
key = "many"
when = "seats > 1000"

[[trade]]
place = "Cuba"
from = 2026-01-01
until = "2025-01-01"
outcome = "RESTRICTED"

[[decline_reasons]]
code = "licence"
message = "No."
fix = "Yes."

[[decline_reasons]]
code = "PRIVATE"
message = "No."
fix = "Yes."

[calendar]
time_zone = "Europe/Berlin"

[[calendar.edition]]
week = [
    { days = ["Mon"], from = "09:00", to = "12:00" },
    { days = ["Mon"], from = "11:00", to = "17:00" },
]
holidays = [
    { date = 2026-01-01, name = "New Year" },
    { date = 2026-01-01, name = "New Year again" },
]
"#;

#[test]
fn all_mistakes_are_told_at_once_with_their_lines() {
    assert_eq!(
        mistakes(&with(&[("program.toml", BROKEN)])),
        [
            r#":1 "Open Source" must begin with a small letter and have only a-z, 0-9 and -, such as "many-seats""#,
            r#":1 "summary" is missing"#,
            r#":2 "name" must be a text that is not empty"#,
            r#":3 "sumary" is not a key that is known here: did you mean "summary"?"#,
            r#":4 "capacity" must be a whole number, at least 1"#,
            r#":5 "fiscal_year_start" must be a whole number from 1 to 12"#,
            r#":9 "limit_days" (5) is promised and must not be less than "aim_days" (8)"#,
            r#":12 "approve": unknown variant `MAYBE`, expected one of `OFF`, `SHADOW`, `ON`"#,
            r#":17 "question_days" must be a whole number from 1 to 365"#,
            r#":21 the form has no field "organisation": did you mean "organization"?"#,
            r#":28 the field "hosting" must have the type "integer" to ask for a number"#,
            r#":31 "seats" is taken by one of the benefits above; choose another key"#,
            r#":34 a discount has a share of 1 to 100 percent as its "quantity""#,
            r#":37 "term_months" must be a whole number from 1 to 120"#,
            r#":39 "reminder_days" must fall, the earliest reminder first, such as [90, 30, 7]"#,
            r#":41 "licence" is not one of the criteria: known are free, one"#,
            r#":43 "fix" is missing"#,
            r#":43 "reason" is missing: a criterion that declines gives the code of a decline reason"#,
            ":46 there is no function `licence_ok`",
            ":52 there is no fact `privat_projects`",
            ":52 there is no fact `colour`",
            r#":54 "PRIVAT" is not one of the decline_reasons: did you mean "PRIVATE"?"#,
            r#":56 "note" is not a key that is known here: known are key, statement, expression, unmet, reason, fix"#,
            r#":58 "statement" is missing"#,
            r#":63 "place" must be an ISO code of a country ("CU") or a region ("UA-43")"#,
            r#":65 "until" must not be before "from", 2026-01-01"#,
            r#":69 "licence" must be in capital letters, such as "LICENCE_NOT_OSI""#,
            ":84 overlaps week[0] on Mon; make it one window",
            ":88 2026-01-01 is already a holiday",
        ]
    );
}

#[test]
fn a_calendar_that_cannot_be_read_is_told_item_by_item() {
    let source = open_source();
    let rules = &source.files["program.toml"];
    let (rules, _) = rules.split_once("[calendar]").unwrap();
    let line = rules.lines().count();
    let calendar = r#"[calendar]
time_zone = "Berlin"
[[calendar.edition]]
efective_from = 2026-01-01
week = [
    { days = ["Mon", "Someday"], from = "09:00", to = "12:00" },
    { days = ["Tue"], from = "9", to = "12:00" },
]
holidays = [{ date = "soon", name = "A day" }]
"#;
    let source = with(&[("program.toml", &format!("{rules}{calendar}"))]);
    let found = mistakes(&source);
    let expected = [
        (2, r#""Berlin" is not a time zone; write a name of the IANA database such as "Europe/Berlin""#),
        (4, r#""efective_from" is not a key that is known here: did you mean "effective_from"?"#),
        (6, r#""Someday" is not a day of the week; write Mon, Tue, Wed, Thu, Fri, Sat or Sun"#),
        (7, r#""from": a time of day is written as hours and minutes, from "00:00" to "24:00""#),
        (9, r#""date" must be a date such as 2026-11-23"#),
    ]
    .map(|(below, message)| format!(":{} {message}", line + below));
    assert_eq!(found, expected);
}

#[test]
fn errors_of_syntax_are_told_all_at_once_and_beside_those_of_other_files() {
    let source = with(&[
        (
            "program.toml",
            "key = \nname = \"Open Source\"\n[promise\naim_days = 5\naim_days = 6\n",
        ),
        (
            "form.schema.json",
            "{\n  \"type\": \"object\",\n  \"properties\": {,\n}\n",
        ),
        (
            "messages/approved.md",
            "Dear {{ applicnt }},\nwelcome to {{ program\n",
        ),
        ("messages/declined.md", "No, because:\n{{ reasons }}\n"),
        ("messages/goodbye.md", "Bye."),
        ("messages/received.md", " \n"),
    ]);
    assert_eq!(
        mistakes(&source),
        [
            "form.schema.json:3 this is not JSON: key must be a string",
            r#"messages/approved.md:1 {{ applicnt }} is not known here: did you mean "applicant"?"#,
            r#"messages/approved.md:2 "{{" is never closed; write "}}" behind the name"#,
            r#"messages/declined.md:1 the message "declined" must say {{ fix }}"#,
            r#"messages/goodbye.md:1 no message is called "goodbye": known are approved, declined, expired, expiring, question, received"#,
            r#"messages/received.md:1 write the message "received""#,
            ":1 this is not TOML: string values must be quoted, expected literal string",
            ":3 this is not TOML: unclosed table, expected `]`",
        ]
    );
    assert_eq!(
        mistakes(&Source::default()),
        [
            "form.schema.json:1 write the form, form.schema.json, as a JSON Schema",
            r#"messages/approved.md:1 write the message "approved""#,
            r#"messages/declined.md:1 write the message "declined""#,
            r#"messages/expired.md:1 write the message "expired""#,
            r#"messages/expiring.md:1 write the message "expiring""#,
            r#"messages/question.md:1 write the message "question""#,
            r#"messages/received.md:1 write the message "received""#,
            ":1 write the rules, program.toml",
        ]
    );
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let long = "x".repeat(256 * 1024 + 1);
    assert_eq!(
        mistakes(&with(&[("program.toml", &long)])),
        [":1 a file has at most 256 kB"]
    );
    let long = "x".repeat(10_001);
    assert_eq!(
        mistakes(&with(&[("messages/approved.md", &long)])),
        ["messages/approved.md:1 a message has at most 10000 characters"]
    );
}

#[test]
fn a_list_that_is_too_long_is_read_in_part() {
    let trade = "[[trade]]\nplace = \"CU\"\noutcome = \"REVIEW\"\n".repeat(200);
    let rules =
        open_source().files["program.toml"].replacen("[[trade]]", &format!("{trade}[[trade]]"), 1);
    let line = rules.lines().position(|line| line == "[[trade]]").unwrap() + 1;
    assert_eq!(
        mistakes(&with(&[("program.toml", &rules)])),
        [format!(":{line} \"trade\" has more than 200 entries")]
    );
}

#[test]
fn a_date_may_stand_in_quotes_or_not() {
    let source = open_source();
    let quoted = source.files["program.toml"].replace("from = 2014-12-19", "from = \"2014-12-19\"");
    let rules = read(&source).unwrap();
    assert_eq!(read(&with(&[("program.toml", &quoted)])).unwrap(), rules);
}

#[test]
fn rules_survive_the_way_through_the_database() {
    let rules = read(&open_source()).unwrap();
    let stored = serde_json::to_string(&rules).unwrap();
    assert_eq!(
        serde_json::from_str::<super::Rules>(&stored).unwrap(),
        rules
    );
}

#[test]
fn however_a_file_is_cut_off_its_mistakes_are_told_in_lines_that_exist() {
    for file in ["program.toml", "form.schema.json", "messages/declined.md"] {
        let whole = open_source().files[file].clone();
        for part in 0..25 {
            let text: String = whole.chars().take(whole.len() * part / 25).collect();
            let lines = text.split('\n').count();
            for mistake in read(&with(&[(file, &text)])).err().unwrap_or_default() {
                assert!(mistake.file != file || mistake.line <= lines, "{mistake:?}");
            }
        }
    }
}

#[test]
fn promises_and_aims_that_contradict_themselves_are_told() {
    let source = open_source();
    let rules = &source.files["program.toml"];
    let promise = "limit_days = 10\n";
    assert!(rules.contains(promise));
    let changed = |from: &str, to: &str| {
        let rules = rules.replacen(from, to, 1);
        let source = with(&[("program.toml", &rules)]);
        let found = mistakes(&source);
        found
            .iter()
            .map(|mistake| mistake.split_once(' ').unwrap().1.to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        changed("first_reply_days = 2", "first_reply_days = 11"),
        [r#""first_reply_days" must fit into "limit_days", 10"#]
    );
    assert_eq!(
        changed("warn_days = 2", "warn_days = 10"),
        [r#""warn_days" must fit into "limit_days", 10"#]
    );
    let aim = "key = \"time-to-approve\"\nowner = \"PROGRAM_MANAGER\"\ngood = 1_440\nacceptable = 2_400\n";
    assert!(rules.contains(aim));
    for (wrong, told) in [
        (
            "key = \"time-to-approve\"\ngood = 2\nacceptable = 1\n",
            r#""time-to-approve" is better the lower it is: "good" must not be more than "acceptable""#,
        ),
        (
            "key = \"within-promise\"\ngood = 95\nacceptable = 90\n",
            r#""within-promise" is a share: give numbers from 0 to 1"#,
        ),
        (
            "key = \"within-promise\"\ngood = 0.5\nacceptable = 0.9\n",
            r#""within-promise" is better the higher it is: "good" must not be less than "acceptable""#,
        ),
        (
            "key = \"applications-solved\"\ngood = 5\nacceptable = 3\n",
            r#""applications-solved" describes and aims at nothing: give it no target"#,
        ),
        (
            "key = \"time-to-approve\"\ngood = 2\n",
            r#"a target has both "good" and "acceptable""#,
        ),
        (
            "key = \"time-to-approve\"\nowner = \"IMPORTER\"\n",
            r#""owner" must be SPECIALIST, PROGRAM_MANAGER or OPERATIONS_MANAGER"#,
        ),
        (
            "key = \"time-to-approve\"\n\n[[kpis]]\nkey = \"time-to-approve\"\n",
            r#""time-to-approve" is taken by one of the kpis above; choose another key"#,
        ),
    ] {
        assert_eq!(changed(aim, wrong), [told]);
    }
    let form = &source.files["form.schema.json"];
    let later = form.replacen("\"title\"", "\"x-asked\": \"LATER\", \"title\"", 2);
    let found = mistakes(&with(&[("form.schema.json", &later)]));
    assert!(
        found
            .iter()
            .any(|it| it.contains(r#""x-asked" can only be "IN_REVIEW""#)),
        "{found:?}"
    );
}
