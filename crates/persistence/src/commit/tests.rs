use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::text::Ready;
use super::*;
use crate::entity::{academic_domains, answers};

const BOTH: [DbBackend; 2] = [DbBackend::Postgres, DbBackend::Sqlite];

fn domain(number: usize) -> academic_domains::ActiveModel {
    academic_domains::ActiveModel {
        domain: Set(format!("school-{number}.example")),
        institution: Set(number.is_multiple_of(2).then(|| format!("School {number}"))),
        excluded: Set(number.is_multiple_of(3)),
    }
}

fn answer(number: usize) -> answers::ActiveModel {
    answers::ActiveModel {
        application_id: Set(Uuid::from_u128(number as u128)),
        body: Set(format!("{{\"seats\":{number}}}")),
    }
}

fn line(number: usize) -> activities::ActiveModel {
    activities::ActiveModel {
        sequence: NotSet,
        verb: Set("CLAIMED".into()),
        subject_id: Set(Uuid::from_u128(number as u128)),
        at: Set(chrono::DateTime::UNIX_EPOCH),
        ..Default::default()
    }
}

/// Runs of every kind of row, of up to so many rows.
fn runs(most: usize) -> Vec<Vec<Step>> {
    let known = || {
        let renewed = [answers::Column::Body];
        Some(Known::by([answers::Column::ApplicationId], renewed))
    };
    let mut runs: Vec<Vec<Step>> = Vec::new();
    for rows in 1..=most {
        let each = 0..rows;
        runs.push(
            each.clone()
                .map(|it| Step::insert(domain(it), None))
                .collect(),
        );
        runs.push(
            each.clone()
                .map(|it| Step::insert(answer(it), None))
                .collect(),
        );
        runs.push(
            each.clone()
                .map(|it| Step::insert(answer(it), known()))
                .collect(),
        );
        for told in [Told::Nobody, Told::Listeners, Told::Rememberers] {
            let told = |it| if it + 1 == rows { told } else { Told::Nobody };
            let line = |it| Step::insert(line(it), None).telling(told(it));
            runs.push(each.clone().map(line).collect());
        }
    }
    let mut required = Step::replace(domain(1), 2);
    required.or(|| StoreError::Conflict);
    runs.push(vec![required]);
    runs.push(vec![Step::replace(domain(1), 2)]);
    runs.push(vec![Step::replace(answer(1), 7)]);
    runs
}

fn listed(ready: Ready) -> (String, Option<Vec<sea_orm::Value>>) {
    let values = match ready.values {
        Given::Listed(values) => Some(values),
        Given::Arrays(_) => None,
    };
    (ready.text.to_string(), values)
}

fn of_run(texts: &Texts, run: &[Step], backend: DbBackend) -> Ready {
    texts.of_run(run, backend).expect("rows have columns")
}

/// How many values a text has places for.
fn places(text: &str, backend: DbBackend) -> usize {
    match backend {
        DbBackend::Postgres => {
            let numbers = text.split('$').skip(1).map(|after| {
                let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
                digits.parse::<usize>().unwrap_or_default()
            });
            numbers.max().unwrap_or_default()
        }
        _ => text.matches('?').count(),
    }
}

#[test]
fn a_text_that_was_kept_is_the_one_that_would_be_written_anew() {
    for backend in BOTH {
        let kept = Texts::default();
        for _ in 0..2 {
            for run in runs(20) {
                let anew = listed(of_run(&Texts::default(), &run, backend));
                let again = of_run(&kept, &run, backend);
                assert!(again.kept);
                let again = listed(again);
                assert_eq!(again, anew);
                if let (text, Some(values)) = again {
                    assert_eq!(places(&text, backend), values.len(), "{text}");
                }
            }
        }
    }
}

#[test]
fn one_statement_of_several_is_kept_apart_from_each_of_them() {
    let kept = Texts::default();
    let runs = runs(3);
    for _ in 0..2 {
        for first in &runs {
            for second in &runs {
                let both: [&[Step]; 2] = [first, second];
                let anew = listed(Texts::default().of_all(&both, DbBackend::Postgres));
                let again = listed(kept.of_all(&both, DbBackend::Postgres));
                assert_eq!(again, anew);
                let (text, values) = again;
                let values = values.unwrap_or_default();
                assert_eq!(places(&text, DbBackend::Postgres), values.len(), "{text}");
                let alone = listed(of_run(&kept, first, DbBackend::Postgres));
                assert!(!alone.0.starts_with("WITH"), "{}", alone.0);
            }
        }
    }
}

#[test]
fn a_row_is_replaced_where_its_key_and_the_version_before_are_found() {
    let run = [Step::replace(answer(5), 3)];
    let (text, values) = listed(of_run(&Texts::default(), &run, DbBackend::Postgres));
    let expected =
        r#"UPDATE "answers" SET "body" = $1 WHERE "application_id" = $2 AND "version" = $3"#;
    assert_eq!(text, expected);
    let id = Uuid::from_u128(5);
    assert_eq!(
        values.unwrap_or_default(),
        [r#"{"seats":5}"#.into(), id.into(), 2.into()]
    );
}

#[test]
fn a_statement_that_is_no_row_is_written_each_time() {
    let deleted = |number: u128| {
        let this = answers::Column::ApplicationId.eq(Uuid::from_u128(number));
        let delete = answers::Entity::delete_many().filter(this);
        Step::statement::<answers::Entity>(SubQueryStatement::DeleteStatement(delete.into_query()))
    };
    for backend in BOTH {
        let texts = Texts::default();
        for number in [1, 2] {
            let ready = of_run(&texts, &[deleted(number)], backend);
            assert!(!ready.kept);
            let (_, values) = listed(ready);
            assert_eq!(values.unwrap_or_default(), [Uuid::from_u128(number).into()]);
        }
    }
}

#[test]
fn rows_for_sqlite_come_in_numbers_of_which_there_are_few() {
    let steps: Vec<_> = (0..1000).map(|it| Step::insert(domain(it), None)).collect();
    for rows in 0..=1000 {
        let pieces = pieces(&steps[..rows], DbBackend::Sqlite);
        for piece in &pieces {
            assert!(piece.len() < FEW || piece.len().is_power_of_two() && piece.len() <= ROWS);
        }
        assert!(rows >= FEW || pieces.len() <= 1);
        let few = rows / ROWS + ROWS.ilog2() as usize;
        assert!(pieces.len() <= few, "{} pieces of {rows}", pieces.len());
        assert_eq!(pieces.iter().map(|it| it.len()).sum::<usize>(), rows);
    }
}

#[test]
fn no_statement_for_postgres_has_more_values_than_it_takes() {
    let steps: Vec<_> = (0..12_000)
        .map(|it| Step::insert(domain(it), None))
        .collect();
    let pieces = pieces(&steps, DbBackend::Postgres);
    assert_eq!(pieces.iter().map(|it| it.len()).sum::<usize>(), steps.len());
    assert!(pieces.iter().all(|it| it.len() * 3 <= VALUES));
}
