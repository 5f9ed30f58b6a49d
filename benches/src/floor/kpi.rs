//! The time to approve, by month: the database gathers minutes, and the middle is found here.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use stoa_domain::id::Id;
use stoa_domain::kpi::period::{Granularity, Period, periods};
use stoa_domain::program::Program;
use tokio_postgres::{Client, Row, Statement};

use super::Floor;
use super::answer::{answered, data};
use crate::Result;

const MINUTES: &str = "\
SELECT width_bucket(at, $2::timestamptz[]), array_agg(elapsed), array_agg(promise), array_agg(team)
FROM resolutions
WHERE program_id = $1 AND outcome = 'APPROVED' AND at >= $3 AND at < $4
GROUP BY 1";

/// What is asked.
pub struct Statements(Statement);

/// Which months.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    program_id: Id<Program>,
    from: NaiveDate,
    to: NaiveDate,
}

#[derive(Serialize)]
struct Answer {
    kpi: Report,
}

#[derive(Serialize)]
struct Report {
    values: Vec<Value>,
}

#[derive(Serialize)]
struct Value {
    period: Month,
    value: Option<f64>,
    clocks: Option<Clocks>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Month {
    label: String,
    starts_on: NaiveDate,
    ends_before: NaiveDate,
}

#[derive(Serialize)]
struct Clocks {
    elapsed: Distribution,
    promise: Distribution,
    team: Distribution,
}

#[derive(Serialize)]
struct Distribution {
    median: f64,
    p90: i64,
    mean: f64,
    count: i64,
}

impl Statements {
    /// Prepares it.
    pub async fn prepare(client: &Client) -> Result<Self> {
        Ok(Self(client.prepare(MINUTES).await?))
    }
}

/// Answers.
pub async fn kpi(State(floor): State<Arc<Floor>>, Json(asked): Json<Asked>) -> Response {
    answered(read(&floor, &asked).await)
}

async fn read(floor: &Floor, asked: &Asked) -> Result<Response> {
    let program = asked.program_id.uuid();
    let rules = floor.rules.get(&program).ok_or("no such program")?;
    let zone = rules.calendar.time_zone;
    let start = rules.fiscal_year_start;
    let months = periods(Granularity::Month, asked.from, asked.to, start, zone)?;
    let starts: Vec<DateTime<Utc>> = months.iter().map(|month| month.from).collect();
    let (from, to) = (
        months.first().ok_or("no months")?.from,
        months.last().ok_or("no months")?.to,
    );
    let lent = floor.pool.lend().await?;
    let rows = lent
        .link
        .client
        .query(&lent.kpi.0, &[&program, &starts, &from, &to])
        .await?;
    drop(lent);
    let mut values: Vec<Value> = months.into_iter().map(empty).collect();
    for row in &rows {
        // The database counts months from 1.
        let month = usize::try_from(row.get::<_, i32>(0) - 1)?;
        let value = values.get_mut(month).ok_or("a month too many")?;
        value.clocks = clocks(row);
        value.value = value.clocks.as_ref().map(|clocks| clocks.promise.median);
    }
    Ok(data(Answer {
        kpi: Report { values },
    }))
}

fn empty(month: Period) -> Value {
    Value {
        period: Month {
            label: month.label,
            starts_on: month.starts_on,
            ends_before: month.ends_on,
        },
        value: None,
        clocks: None,
    }
}

fn clocks(row: &Row) -> Option<Clocks> {
    Some(Clocks {
        elapsed: distribution(row.get(1))?,
        promise: distribution(row.get(2))?,
        team: distribution(row.get(3))?,
    })
}

/// The median is the middle value, or the mean of the two middle ones; the 90th percentile is the
/// smallest value that nine of ten do not exceed.
#[expect(
    clippy::cast_precision_loss,
    reason = "minutes and counts stay far below 2^53, where a float is exact"
)]
fn distribution(mut minutes: Vec<i64>) -> Option<Distribution> {
    minutes.sort_unstable();
    let count = minutes.len();
    let lower = minutes.get(count.checked_sub(1)? / 2)?;
    let upper = minutes.get(count / 2)?;
    let p90 = minutes.get((count * 9).div_ceil(10) - 1)?;
    let sum: i64 = minutes.iter().sum();
    Some(Distribution {
        median: (lower + upper) as f64 / 2.0,
        p90: *p90,
        mean: sum as f64 / count as f64,
        count: i64::try_from(count).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distributions_are_by_nearest_rank() {
        let of = |minutes: &[i64]| {
            let found = distribution(minutes.to_vec());
            found.map(|it| (it.median.to_string(), it.p90, it.count))
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[7]), Some(("7".into(), 7, 1)));
        assert_eq!(of(&[4, 1]), Some(("2.5".into(), 4, 2)));
        let ten: Vec<i64> = (1..=10).collect();
        assert_eq!(of(&ten), Some(("5.5".into(), 9, 10)));
    }
}
