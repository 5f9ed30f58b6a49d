//! Whether two answers say the same.

use serde_json::Value;

/// The place of the first difference between two answers' data. Cursors are each server's own: only
/// whether there is one is compared.
pub fn difference(service: &Value, floor: &Value) -> Option<String> {
    differs("data", &service["data"], &floor["data"])
}

fn differs(place: &str, ours: &Value, theirs: &Value) -> Option<String> {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let missing = theirs.keys().find(|name| !ours.contains_key(*name));
            if let Some(name) = missing {
                return Some(format!("{place}.{name}: only in the floor's answer"));
            }
            ours.iter().find_map(|(name, ours)| {
                let place = format!("{place}.{name}");
                match theirs.get(name) {
                    None => Some(format!("{place}: only in the service's answer")),
                    Some(theirs) if name == "endCursor" && ours.is_string() => {
                        (!theirs.is_string()).then_some(place)
                    }
                    Some(theirs) => differs(&place, ours, theirs),
                }
            })
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            let mut pairs = ours.iter().zip(theirs).enumerate();
            pairs.find_map(|(at, (ours, theirs))| differs(&format!("{place}[{at}]"), ours, theirs))
        }
        (Value::Array(ours), Value::Array(theirs)) => Some(format!(
            "{place}: {} entries from the service, {} from the floor",
            ours.len(),
            theirs.len()
        )),
        _ if ours == theirs => None,
        _ => Some(format!(
            "{place}: {ours} from the service, {theirs} from the floor"
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_difference_is_named() {
        let service = json!({ "data": { "a": [{ "b": 1 }] }, "extensions": {} });
        for (floor, told) in [
            (json!({ "data": { "a": [{ "b": 1 }] } }), None),
            (
                json!({ "data": { "a": [{ "b": 2 }] } }),
                Some("data.a[0].b"),
            ),
            (json!({ "data": { "a": [] } }), Some("data.a: 1 entries")),
            (json!({ "data": {} }), Some("data.a: only in the service")),
            (
                json!({ "data": { "a": [{ "b": 1 }], "c": 1 } }),
                Some("data.c: only in the floor"),
            ),
        ] {
            let found = difference(&service, &floor);
            assert_eq!(found.is_some(), told.is_some(), "{found:?}");
            assert!(
                found
                    .unwrap_or_default()
                    .starts_with(told.unwrap_or_default())
            );
        }
    }

    #[test]
    fn cursors_may_differ_but_not_be_missing() {
        let page = |cursor| json!({ "data": { "endCursor": cursor } });
        assert_eq!(difference(&page(json!("a")), &page(json!("b"))), None);
        assert!(difference(&page(json!("a")), &page(json!(null))).is_some());
    }
}
