//! What the rules themselves cost, without a database: criteria, business time, indicators.
//!
//! `cargo bench -p stoa-bench` measures them.

use std::fs;
use std::hint::black_box;
use std::path::Path;

use chrono::{TimeDelta, TimeZone, Utc};
use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::json;
use stoa_domain::Timestamp;
use stoa_domain::application::Status;
use stoa_domain::change::Mode;
use stoa_domain::criteria::Ruleset;
use stoa_domain::facts::{Answers, Lookups};
use stoa_domain::id::Id;
use stoa_domain::kpi::Key;
use stoa_domain::kpi::formula::{Group, Tally, values};
use stoa_domain::program::Rules;
use stoa_domain::program::source::{Source, read};
use stoa_domain::promise::{Clocks, Pause};
use stoa_domain::verifiers::derive;
use uuid::Uuid;

/// The rules of a ready program.
fn rules(program: &str) -> Rules {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../programs")
        .join(program);
    let mut source = Source::default();
    let mut folders = vec![folder.clone()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next)
            .expect("the ready programs are there")
            .flatten()
        {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&folder).expect("it is below");
            let text = fs::read_to_string(&path).expect("it is text");
            source
                .files
                .insert(name.to_string_lossy().into_owned(), text);
        }
    }
    read(&source).expect("the ready programs can be published")
}

fn noon(days: i64) -> Timestamp {
    let first = Utc.with_ymd_and_hms(2025, 1, 2, 12, 0, 0).single();
    first.expect("it is a time") + TimeDelta::days(days)
}

fn evaluation(criterion: &mut Criterion) {
    let rules = rules("open-source");
    let ruleset = Ruleset::compile(&rules).expect("published rules compile");
    let answers = json!({
        "organization": "Garden",
        "project": "Garden",
        "licence": "MIT",
        "repository": "https://git.example.org/garden",
        "email": "maintainer@garden.example.org",
        "country": "DE",
        "not_for_profit": true,
        "contributors": 4,
        "first_release": "2023-04-01"
    });
    let answers = Answers {
        values: answers.as_object().cloned().unwrap_or_default(),
        ..Answers::default()
    };
    let (at, lookups) = (noon(0), Lookups::default());
    criterion.bench_function("facts of an application", |run| {
        run.iter(|| derive(&rules, black_box(&answers), &lookups, at.date_naive()));
    });
    let facts = derive(&rules, &answers, &lookups, at.date_naive());
    criterion.bench_function("criteria over the facts", |run| {
        let uuid = Uuid::from_u128(1);
        run.iter(|| {
            ruleset.evaluate(
                black_box(&facts),
                Id::new(uuid),
                Id::new(uuid),
                Id::new(uuid),
                at,
            )
        });
    });
}

fn business_time(criterion: &mut Criterion) {
    let calendar = rules("open-source").calendar;
    criterion.bench_function("business minutes of a year", |run| {
        run.iter(|| calendar.minutes_between(black_box(noon(0)), black_box(noon(365))));
    });
    criterion.bench_function("due time with a pause", |run| {
        let pause = Pause {
            from: noon(2),
            to: Some(noon(9)),
        };
        run.iter(|| calendar.due(black_box(noon(0)), 10, &[pause]));
    });
    criterion.bench_function("business days left", |run| {
        run.iter(|| calendar.business_days_left(black_box(noon(200)), black_box(noon(0))));
    });
}

fn indicators(criterion: &mut Criterion) {
    let tallies: Vec<_> = (0..10_000_u32)
        .map(|number| {
            let minutes = i64::from(number.wrapping_mul(2_654_435_761) % 40_000);
            Tally {
                bucket: number as usize % 12,
                group: Group::default(),
                outcome: Status::Approved,
                manual: number % 3 == 0,
                eligibility_automated: number % 2 == 0,
                mode: Mode::Manual,
                within_promise: Some(minutes < 20_000),
                minutes: Some(Clocks {
                    elapsed: minutes + 600,
                    promise: minutes,
                    team: minutes / 2,
                }),
                again: false,
                count: 1,
            }
        })
        .collect();
    for key in [Key::TimeToApprove, Key::WithinPromise] {
        criterion.bench_function(&format!("{key:?} of 10,000 ends, by month"), |run| {
            run.iter(|| values(key, 12, black_box(&tallies), &[]));
        });
    }
}

criterion_group!(rules_alone, evaluation, business_time, indicators);
criterion_main!(rules_alone);
