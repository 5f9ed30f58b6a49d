//! Which trade rules hold for a place on a day (`community-programs.md` §2.5).
//!
//! The list of places is data of the revision, with dates, regions, and an outcome for people to judge.
//! A rule for a region outranks those for its country. Where the region was not answered and regions of
//! the country have rules, a fact is known only if it is the same in every region.

use chrono::NaiveDate;

use crate::facts::{Facts, Source};
use crate::program::rules::{TradeOutcome, TradeRule};

use super::answers::shown;
use super::tell;

/// The codes of ISO 3166-1 alpha-2.
const COUNTRIES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO \
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE \
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO \
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW \
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM \
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// Whether this is a country code of ISO 3166-1 alpha-2, in capital letters.
pub fn is_country(code: &str) -> bool {
    COUNTRIES.split(' ').any(|known| known == code)
}

/// Whether this has the shape of a region code of ISO 3166-2, in capital letters: `UA-43`.
pub fn is_region(code: &str) -> bool {
    code.split_once('-').is_some_and(|(country, part)| {
        is_country(country)
            && (1..=3).contains(&part.len())
            && part
                .chars()
                .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit())
    })
}

pub(super) fn derive(
    facts: &mut Facts,
    country: Result<String, String>,
    region: Result<String, String>,
    rules: &[TradeRule],
    on: NaiveDate,
) {
    let place = country.and_then(|text| Place::new(&text, region));
    for (name, outcome) in [
        ("country_restricted", TradeOutcome::Restricted),
        ("country_review", TradeOutcome::Review),
    ] {
        let found = place
            .as_ref()
            .map_err(Clone::clone)
            .and_then(|place| place.meets(outcome, rules, on));
        tell(facts, name, Source::TradeRules, found);
    }
}

/// Where an applicant is.
struct Place {
    country: String,
    /// The region, or why it is not known.
    region: Result<String, String>,
}

impl Place {
    fn new(country: &str, region: Result<String, String>) -> Result<Self, String> {
        let code = country.to_ascii_uppercase();
        if !is_country(&code) {
            return Err(format!(
                "{} is no country code of ISO 3166-1",
                shown(country)
            ));
        }
        let region = region.and_then(|text| {
            let region = text.to_ascii_uppercase();
            let inside = region
                .strip_prefix(&code)
                .is_some_and(|rest| rest.starts_with('-'));
            if inside && is_region(&region) {
                Ok(region)
            } else {
                Err(format!("{} is no region code of {code}", shown(&text)))
            }
        });
        Ok(Self {
            country: code,
            region,
        })
    }

    /// Whether the rules of the day have this outcome for the place, with the rules that say so.
    fn meets(
        &self,
        outcome: TradeOutcome,
        rules: &[TradeRule],
        on: NaiveDate,
    ) -> Result<(bool, String), String> {
        let holding: Vec<_> = rules.iter().filter(|rule| holds(rule, on)).collect();
        let of = |place: &str| -> Vec<&TradeRule> {
            let of_place = holding.iter().filter(|rule| rule.place == place);
            of_place.copied().collect()
        };
        let is = |rules: &[&TradeRule]| rules.iter().any(|rule| rule.outcome == outcome);
        let of_country = of(&self.country);
        let inside = format!("{}-", self.country);
        let mut regions: Vec<&str> = holding
            .iter()
            .map(|rule| rule.place.as_str())
            .filter(|place| place.starts_with(&inside))
            .collect();
        regions.sort_unstable();
        regions.dedup();
        let deciding = match &self.region {
            Ok(region) if regions.contains(&region.as_str()) => of(region),
            Ok(_) => of_country,
            Err(reason) => {
                regions.retain(|region| is(&of(region)) != is(&of_country));
                if !regions.is_empty() {
                    let regions = regions.join(", ");
                    return Err(format!("depends on the region ({regions}): {reason}"));
                }
                of_country
            }
        };
        let place = self.region.as_ref().unwrap_or(&self.country);
        let evidence: Vec<_> = deciding.iter().map(|rule| described(rule)).collect();
        let evidence = if evidence.is_empty() {
            format!("no trade rule for {place} on {on}")
        } else {
            evidence.join("; ")
        };
        Ok((is(&deciding), evidence))
    }
}

fn holds(rule: &TradeRule, on: NaiveDate) -> bool {
    rule.from.is_none_or(|from| from <= on) && rule.until.is_none_or(|until| on <= until)
}

fn described(rule: &TradeRule) -> String {
    let outcome = match rule.outcome {
        TradeOutcome::Restricted => "is not served",
        TradeOutcome::Review => "is looked at by a person",
    };
    let from = rule
        .from
        .map(|from| format!(" from {from}"))
        .unwrap_or_default();
    let until = rule
        .until
        .map(|until| format!(" until {until}"))
        .unwrap_or_default();
    format!("{} {outcome}{from}{until}", rule.place)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn rule(place: &str, from: &str, until: &str, outcome: TradeOutcome) -> TradeRule {
        TradeRule {
            place: place.to_owned(),
            from: from.parse().ok(),
            until: until.parse().ok(),
            outcome,
        }
    }

    fn rules() -> Vec<TradeRule> {
        use TradeOutcome::{Restricted, Review};
        vec![
            rule("CU", "", "", Restricted),
            rule("SD", "", "2023-06-30", Restricted),
            rule("BY", "2022-03-01", "", Restricted),
            rule("UA-43", "2014-12-19", "", Restricted),
            rule("UA-14", "2022-02-21", "", Restricted),
            rule("GE", "", "", Review),
            rule("GE-AB", "", "", Restricted),
            rule("IQ", "", "", Restricted),
            rule("IQ-AR", "", "", Review),
            rule("RU", "", "", Restricted),
            rule("RU-MOW", "", "", Restricted),
        ]
    }

    /// `country_restricted` and `country_review`.
    fn found(country: &str, region: Option<&str>, on: &str) -> [Option<bool>; 2] {
        let mut facts = Facts::default();
        let region = region.map(str::to_owned).ok_or("not answered".to_owned());
        derive(
            &mut facts,
            Ok(country.to_owned()),
            region,
            &rules(),
            on.parse().unwrap(),
        );
        ["country_restricted", "country_review"]
            .map(|name| facts.value(name).and_then(serde_json::Value::as_bool))
    }

    #[test]
    fn iso_3166_1_has_249_codes_in_order() {
        let codes: Vec<_> = COUNTRIES.split(' ').collect();
        assert_eq!(codes.len(), 249);
        assert!(codes.is_sorted_by(|a, b| a < b) && codes.iter().all(|code| code.len() == 2));
    }

    #[test]
    fn a_trade_rule_holds_for_its_place_between_its_dates() {
        let (yes, no, unknown) = (Some(true), Some(false), None);
        for (country, region, on, expected) in [
            ("DE", None, "2026-11-23", [no, no]),
            ("CU", None, "2026-11-23", [yes, no]),
            ("cu", None, "2026-11-23", [yes, no]),
            ("SD", None, "2023-06-30", [yes, no]),
            ("SD", None, "2023-07-01", [no, no]),
            ("BY", None, "2022-02-28", [no, no]),
            ("BY", None, "2022-03-01", [yes, no]),
            // Only regions have rules: without one it is unknown whether they apply.
            ("UA", Some("UA-43"), "2026-11-23", [yes, no]),
            ("UA", Some("ua-43"), "2026-11-23", [yes, no]),
            ("UA", Some("UA-30"), "2026-11-23", [no, no]),
            ("UA", None, "2026-11-23", [unknown, no]),
            ("UA", Some("Kyiv"), "2026-11-23", [unknown, no]),
            ("UA", Some("GE-AB"), "2026-11-23", [unknown, no]),
            ("UA", None, "2014-12-18", [no, no]),
            // A region's rule outranks its country's.
            ("GE", Some("GE-TB"), "2026-11-23", [no, yes]),
            ("GE", Some("GE-AB"), "2026-11-23", [yes, no]),
            ("GE", None, "2026-11-23", [unknown, unknown]),
            ("IQ", Some("IQ-AR"), "2026-11-23", [no, yes]),
            ("IQ", Some("IQ-BG"), "2026-11-23", [yes, no]),
            // Every region has the same outcome, so the region does not matter.
            ("RU", None, "2026-11-23", [yes, no]),
            // No country at all.
            ("UK", None, "2026-11-23", [unknown, unknown]),
            ("Germany", None, "2026-11-23", [unknown, unknown]),
            ("", None, "2026-11-23", [unknown, unknown]),
        ] {
            assert_eq!(
                found(country, region, on),
                expected,
                "{country} {region:?} {on}"
            );
        }
    }

    #[test]
    fn evidence_names_the_regions_that_matter() {
        let mut facts = Facts::default();
        let on = "2026-11-23".parse().unwrap();
        derive(
            &mut facts,
            Ok("UA".to_owned()),
            Err("not answered".to_owned()),
            &rules(),
            on,
        );
        assert_eq!(
            facts.0["country_restricted"].evidence,
            "depends on the region (UA-14, UA-43): not answered"
        );
        derive(
            &mut facts,
            Ok("UA".to_owned()),
            Ok("UA-43".to_owned()),
            &rules(),
            on,
        );
        assert_eq!(
            facts.0["country_restricted"].evidence,
            "UA-43 is not served from 2014-12-19"
        );
    }
}
