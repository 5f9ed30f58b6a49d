//! Sixty applications that chance brings to different ends, and every indicator once more, computed the
//! plain way from what the applications themselves say.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use stoa_domain::Timestamp;
use stoa_domain::actor::Actor;
use stoa_domain::application::Application;
use stoa_domain::application::Status;
use stoa_domain::change::Mode;
use stoa_persistence::page::Page;
use stoa_persistence::{ApplicationFilter, ApplicationOrder};

use super::autumn::report;
use super::lives::{NOW, lives};
use crate::support::{World, at};

/// What the numbers say of a world: the ends of all applications and those that are still open.
struct Books {
    ends: Vec<Application>,
    open: Vec<Application>,
    /// Names of programs and people by their ids.
    names: BTreeMap<String, String>,
}

/// What is asked of an indicator.
struct Question {
    key: &'static str,
    granularity: &'static str,
    by: Vec<&'static str>,
    only: Value,
}

impl Books {
    async fn read(world: &World, ends: Vec<Application>) -> Self {
        let system = world.service.store.view(&Actor::System);
        let page = Page::first(200);
        let all = ApplicationFilter::default();
        let order = ApplicationOrder::OldestFirst;
        let stored = system.applications(&all, order, &page).await.unwrap();
        let stored: Vec<_> = stored.items.into_iter().map(|(_, it)| it).collect();
        for application in &stored {
            let mut own = ends.iter().filter(|end| end.id == application.id);
            let last = own
                .next_back()
                .filter(|end| end.version == application.version);
            assert_eq!(
                application.resolution,
                last.and_then(|end| end.resolution.clone())
            );
        }
        let mut names = BTreeMap::new();
        for key in ["garden", "orchard"] {
            names.insert(world.program(key).await.to_string(), key.to_owned());
        }
        for account in world.people.values() {
            names.insert(account.id.to_string(), account.name.clone());
        }
        let open = stored.into_iter().filter(|it| it.resolution.is_none());
        let open = open.collect();
        Self { ends, open, names }
    }

    /// What the question's answer must be in a period: groups with their values and rows.
    fn expected(
        &self,
        question: &Question,
        from: Timestamp,
        to: Timestamp,
    ) -> BTreeMap<String, Value> {
        let counts = |end: &&Application| {
            let outcome = end.status();
            match question.key {
                "TIME_TO_APPROVE" => outcome == Status::Approved,
                "APPLICATIONS_SOLVED" => true,
                _ => outcome.is_decided(),
            }
        };
        let within = |at: Timestamp| from <= at && at < to;
        let mut ended: BTreeMap<String, Vec<&Application>> = BTreeMap::new();
        for end in self.ends.iter().filter(counts) {
            let resolution = end.resolution.as_ref().unwrap();
            let group = self.group(question, end, true);
            if let Some(group) = group.filter(|_| within(resolution.at)) {
                ended.entry(group).or_default().push(end);
            }
        }
        let mut late: BTreeMap<String, i32> = BTreeMap::new();
        for open in self
            .open
            .iter()
            .filter(|_| question.key == "WITHIN_PROMISE")
        {
            let missed = open.due_at.is_some_and(|due| within(due) && due < at(NOW));
            if let Some(group) = self.group(question, open, false).filter(|_| missed) {
                *late.entry(group).or_default() += 1;
            }
        }
        let groups: BTreeSet<_> = ended.keys().chain(late.keys()).cloned().collect();
        groups
            .into_iter()
            .map(|group| {
                let ends = ended.remove(&group).unwrap_or_default();
                let late = late.remove(&group).unwrap_or_default();
                (group, told(question.key, ends, late))
            })
            .collect()
    }

    /// The group that an application belongs to, as a text; none if the question is not about it.
    fn group(&self, question: &Question, application: &Application, ended: bool) -> Option<String> {
        let end = application.resolution.as_ref().filter(|_| ended);
        let program = application.program.to_string();
        let kind = json!(application.kind);
        let mode = end.map_or(Value::Null, |end| json!(end.mode));
        let person = end
            .and_then(|end| end.person)
            .map(|person| person.to_string());
        let wanted = |field: &str, is: &Value| {
            let only = &question.only[field];
            only.is_null() || only == is
        };
        let about = wanted("programId", &json!(program))
            && wanted("kind", &kind)
            && wanted("mode", &mode)
            && wanted("personId", &json!(person));
        let dimension = |name, of: Value| {
            if question.by.contains(&name) {
                of
            } else {
                Value::Null
            }
        };
        about.then(|| {
            let named = |id: &String| json!(self.names[id]);
            json!([
                dimension("PROGRAM", named(&program)),
                dimension("KIND", kind),
                dimension("MODE", mode),
                dimension("PERSON", person.as_ref().map_or(Value::Null, named)),
            ])
            .to_string()
        })
    }
}

/// The value of one group, with the rows it must open into.
fn told(key: &str, mut ends: Vec<&Application>, late: i32) -> Value {
    ends.sort_by_key(|end| (end.resolution.as_ref().unwrap().at, end.id, end.version));
    ends.reverse();
    let rows: Value = ends
        .iter()
        .map(|end| {
            json!([
                end.id.to_string(),
                end.status(),
                end.resolution.as_ref().unwrap().at
            ])
        })
        .collect();
    let count = |is: &dyn Fn(&Application) -> bool| {
        i32::try_from(ends.iter().filter(|end| is(end)).count()).unwrap()
    };
    let all = count(&|_| true);
    let share = |part: i32, whole: i32| f64::from(part) / f64::from(whole);
    let mut value = json!({ "rows": rows });
    match key {
        "TIME_TO_APPROVE" => {
            let spread = |clock: &dyn Fn(&Application) -> i64| {
                spread(ends.iter().map(|end| clock(end)).collect())
            };
            let of = |end: &Application| end.resolution.clone().unwrap();
            value["clocks"] = json!({
                "elapsed": spread(&|end| of(end).elapsed),
                "promise": spread(&|end| of(end).promise),
                "team": spread(&|end| of(end).team)
            });
            value["value"] = value["clocks"]["promise"]["median"].clone();
        }
        "AUTOMATED_SHARE" => {
            let of = |end: &Application| end.resolution.clone().unwrap();
            let untouched = count(&|end| of(end).manual_steps == 0);
            let settled = count(&|end| of(end).eligibility_automated);
            let decided = count(&|end| of(end).mode == Mode::Automated);
            let step = |step, part| json!({ "step": step, "share": share(part, all), "numerator": part, "denominator": all });
            value["value"] = json!(share(untouched, all));
            value["ratio"] = json!([untouched, all]);
            value["steps"] = json!([step("ELIGIBILITY", settled), step("DECISION", decided)]);
        }
        "APPLICATIONS_SOLVED" => {
            let unique: BTreeSet<_> = ends.iter().map(|end| end.id).collect();
            let outcome = |status: Status| json!({ "outcome": status, "count": count(&|end| end.status() == status) });
            value["value"] = json!(f64::from(all));
            value["unique"] = json!(unique.len());
            value["outcomes"] = json!([
                outcome(Status::Approved),
                outcome(Status::Declined),
                outcome(Status::Withdrawn),
                outcome(Status::Expired)
            ]);
        }
        _ => {
            let kept = count(&|end| end.resolution.as_ref().unwrap().within_promise == Some(true));
            value["value"] = json!(share(kept, all + late));
            value["ratio"] = json!([kept, all + late]);
        }
    }
    value
}

fn spread(mut minutes: Vec<i64>) -> Value {
    minutes.sort_unstable();
    let number = |minutes: i64| f64::from(i32::try_from(minutes).unwrap());
    let count = minutes.len();
    let (lower, upper) = (minutes[(count - 1) / 2], minutes[count / 2]);
    let p90 = minutes.iter().find(|most| {
        let reached = minutes.iter().filter(|it| it <= most).count();
        reached * 10 >= count * 9
    });
    let whole: i64 = minutes.iter().sum();
    let count = i64::try_from(count).unwrap();
    json!({ "median": number(lower + upper) / 2.0, "p90": p90, "mean": number(whole) / number(count), "count": count })
}

/// The same of a value that the API told.
fn answered(key: &str, value: &Value) -> (String, Value) {
    let group = json!([
        value["program"]["key"],
        value["kind"],
        value["mode"],
        value["person"]["name"]
    ]);
    assert_eq!(value["rows"]["pageInfo"]["hasNextPage"], false);
    let rows = value["rows"]["nodes"].as_array().unwrap().iter();
    let rows = rows.map(|row| {
        let at: Timestamp = row["at"].as_str().unwrap().parse().unwrap();
        json!([row["application"]["id"], row["outcome"], at])
    });
    let mut found = json!({ "rows": rows.collect::<Value>(), "value": value["value"] });
    match key {
        "TIME_TO_APPROVE" => found["clocks"] = value["clocks"].clone(),
        "AUTOMATED_SHARE" => found["steps"] = value["steps"].clone(),
        "APPLICATIONS_SOLVED" => {
            found["unique"] = value["unique"].clone();
            found["outcomes"] = value["outcomes"].clone();
        }
        _ => {}
    }
    if matches!(key, "AUTOMATED_SHARE" | "WITHIN_PROMISE") {
        found["ratio"] = json!([value["numerator"], value["denominator"]]);
    }
    (group.to_string(), found)
}

async fn compare(world: &World, books: &Books, question: &Question) {
    let mut input = json!({
        "key": question.key, "granularity": question.granularity, "groupBy": question.by,
        "from": "2026-11-23", "to": "2027-03-05"
    });
    let only = question.only.as_object().unwrap().clone();
    input.as_object_mut().unwrap().extend(only);
    let report = report(world, "operations manager", &input).await;
    let mut told: BTreeMap<[String; 2], BTreeMap<String, Value>> = BTreeMap::new();
    for value in report["values"].as_array().unwrap() {
        let day = |field: &str| format!("{}T00:00:00Z", value["period"][field].as_str().unwrap());
        let period = told
            .entry([day("startsOn"), day("endsBefore")])
            .or_default();
        let (group, found) = answered(question.key, value);
        if found["value"].is_null() {
            assert_eq!(found["rows"], json!([]));
        } else {
            assert_eq!(period.insert(group, found), None, "{input}: a group twice");
        }
    }
    assert!(told.values().any(|groups| !groups.is_empty()), "{input}");
    let mut counted = 0;
    for ([from, to], groups) in told {
        let expected = books.expected(question, at(&from), at(&to));
        counted += expected.len();
        assert_eq!(groups, expected, "{input} {from}");
    }
    let everything = books.expected(
        question,
        at("2026-01-01T00:00:00Z"),
        at("2028-01-01T00:00:00Z"),
    );
    assert!(counted >= everything.len(), "{input}: periods are missing");
}

#[tokio::test]
async fn every_value_is_what_the_applications_themselves_say() {
    let (world, ends) = lives(60).await;
    world.now(NOW);
    let books = Books::read(&world, ends).await;
    let specialist = world.people["specialist"].id.to_string();
    let garden = world.program("garden").await.to_string();
    for key in [
        "TIME_TO_APPROVE",
        "AUTOMATED_SHARE",
        "APPLICATIONS_SOLVED",
        "WITHIN_PROMISE",
    ] {
        for granularity in ["WEEK", "MONTH", "QUARTER", "FISCAL_YEAR"] {
            for by in [
                vec![],
                vec!["PROGRAM"],
                vec!["KIND"],
                vec!["MODE"],
                vec!["PERSON"],
                vec!["PROGRAM", "KIND", "MODE", "PERSON"],
            ] {
                let only = json!({});
                compare(
                    &world,
                    &books,
                    &Question {
                        key,
                        granularity,
                        by,
                        only,
                    },
                )
                .await;
            }
        }
        for only in [
            json!({ "programId": garden }),
            json!({ "kind": "RENEWAL" }),
            json!({ "mode": "MANUAL" }),
            json!({ "personId": specialist }),
            json!({ "programId": garden, "kind": "NEW", "mode": "MANUAL", "personId": specialist }),
        ] {
            let (granularity, by) = ("QUARTER", vec!["MODE"]);
            compare(
                &world,
                &books,
                &Question {
                    key,
                    granularity,
                    by,
                    only,
                },
            )
            .await;
        }
    }
}
