//! What was measured, as tables that people read and as JSON.

use std::fmt::Write;

use serde::Serialize;

use crate::Result;
use crate::measure::Sample;
use crate::requests::{Kind, Side};

/// Everything that is told at the end.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Medians of all rounds, by kind and server.
    pub lines: Vec<Line>,
    /// How the service stands to the floor, by kind; empty without a floor.
    pub ratios: Vec<Ratio>,
    /// What belongs to no request.
    pub servers: Vec<Footprint>,
    /// The size of the service's binary, in bytes.
    pub binary_bytes: u64,
}

/// The medians of one kind on one server.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// What was asked.
    pub kind: Kind,
    /// Of whom.
    pub side: Side,
    /// Answers a second.
    pub per_second: f64,
    /// Half of all answers took at most so many milliseconds.
    pub p50: f64,
    /// 99 of a hundred took at most so many milliseconds.
    pub p99: f64,
    /// Microseconds of the server's processor time for an answer.
    pub server: f64,
    /// The same of the database; none where it is part of the server.
    pub database: Option<f64>,
    /// Bytes of an answer.
    pub bytes: f64,
    /// Faults in all rounds.
    pub faults: u64,
    /// Every round.
    pub samples: Vec<Sample>,
}

/// The service's figures in terms of the floor's.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ratio {
    /// What was asked.
    pub kind: Kind,
    /// Processor time of the servers.
    pub server: f64,
    /// Processor time of the database.
    pub database: Option<f64>,
    /// Both together.
    pub both: Option<f64>,
    /// Answers a second: the higher the better.
    pub per_second: f64,
}

/// What a server takes whatever it is asked.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Footprint {
    /// Which server.
    pub side: Side,
    /// Milliseconds from its start until it was ready.
    pub ready_after: f64,
    /// The most memory it held, in KiB.
    pub peak_memory: Option<u64>,
}

impl Line {
    /// The medians of some rounds.
    pub fn of(kind: Kind, side: Side, samples: Vec<Sample>) -> Self {
        let of = |figure: fn(&Sample) -> f64| median(samples.iter().map(figure));
        let database = samples.iter().filter_map(|sample| sample.database);
        let measured = samples.iter().any(|sample| sample.database.is_some());
        Self {
            kind,
            side,
            per_second: of(|sample| sample.per_second),
            p50: of(|sample| sample.p50),
            p99: of(|sample| sample.p99),
            server: of(|sample| sample.server),
            database: measured.then(|| median(database)),
            bytes: of(|sample| sample.bytes),
            faults: samples.iter().map(|sample| sample.faults).sum(),
            samples,
        }
    }

    fn both(&self) -> Option<f64> {
        self.database.map(|database| self.server + database)
    }
}

impl Ratio {
    fn of(service: &Line, floor: &Line) -> Self {
        let ratio = |ours: Option<f64>, theirs: Option<f64>| Some(ours? / theirs?);
        Self {
            kind: service.kind,
            server: service.server / floor.server,
            database: ratio(service.database, floor.database),
            both: ratio(service.both(), floor.both()),
            per_second: service.per_second / floor.per_second,
        }
    }

    /// The ratios of all kinds that both servers answered.
    pub fn all(lines: &[Line]) -> Vec<Self> {
        let of =
            |kind: Kind, side: Side| move |line: &&Line| line.kind == kind && line.side == side;
        Kind::ALL
            .into_iter()
            .filter_map(|kind| {
                let service = lines.iter().find(of(kind, Side::Service))?;
                let floor = lines.iter().find(of(kind, Side::Floor))?;
                Some(Self::of(service, floor))
            })
            .collect()
    }
}

impl Report {
    /// The report as Markdown.
    pub fn markdown(&self) -> Result<String> {
        let mut text = String::new();
        writeln!(
            text,
            "| request | server | req/s | p50 ms | p99 ms | server µs | database µs | both µs | bytes | faults |"
        )?;
        writeln!(
            text,
            "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
        )?;
        for line in &self.lines {
            writeln!(
                text,
                "| {} | {} | {:.0} | {:.2} | {:.2} | {:.0} | {} | {} | {:.0} | {} |",
                line.kind.name(),
                line.side.name(),
                line.per_second,
                line.p50,
                line.p99,
                line.server,
                told(line.database, 0),
                told(line.both(), 0),
                line.bytes,
                line.faults,
            )?;
        }
        if !self.ratios.is_empty() {
            writeln!(
                text,
                "\n| service / floor | server CPU | database CPU | both | req/s |"
            )?;
            writeln!(text, "| --- | ---: | ---: | ---: | ---: |")?;
        }
        for ratio in &self.ratios {
            writeln!(
                text,
                "| {} | {:.2} | {} | {} | {:.2} |",
                ratio.kind.name(),
                ratio.server,
                told(ratio.database, 2),
                told(ratio.both, 2),
                ratio.per_second,
            )?;
        }
        writeln!(text)?;
        for server in &self.servers {
            writeln!(
                text,
                "- {}: ready after {:.0} ms, {} MiB at most",
                server.side.name(),
                server.ready_after,
                server
                    .peak_memory
                    .map_or_else(|| "?".into(), |kib| (kib / 1024).to_string()),
            )?;
        }
        let mebibytes = self.binary_bytes / (1024 * 1024);
        writeln!(text, "- the service's binary: {mebibytes} MiB")?;
        Ok(text)
    }

    /// The first kind that takes more of both processors than so many times the floor's.
    pub fn dearer(&self, most: f64) -> Option<String> {
        let dearer = self.ratios.iter().find_map(|ratio| {
            let both = ratio.both.filter(|both| *both > most)?;
            Some((ratio.kind, both))
        });
        dearer.map(|(kind, both)| {
            format!("{}: {both:.1} times the floor, at most {most}", kind.name())
        })
    }

    /// The first answer that was not what was asked for.
    pub fn fault(&self) -> Option<&str> {
        let mut samples = self.lines.iter().flat_map(|line| &line.samples);
        samples.find_map(|sample| sample.fault.as_deref())
    }
}

fn told(figure: Option<f64>, digits: usize) -> String {
    figure.map_or_else(|| "–".into(), |figure| format!("{figure:.digits$}"))
}

/// The middle figure, or the mean of the two middle ones; 0 of none.
fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    let upper = figures.get(figures.len() / 2);
    let lower = figures.get(figures.len().saturating_sub(1) / 2);
    match (lower, upper) {
        (Some(lower), Some(upper)) => f64::midpoint(*lower, *upper),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_between_two() {
        for (figures, middle) in [
            (vec![], "0"),
            (vec![3.0], "3"),
            (vec![9.0, 1.0, 2.0], "2"),
            (vec![1.0, 2.0], "1.5"),
        ] {
            assert_eq!(median(figures.into_iter()).to_string(), middle);
        }
    }
}
