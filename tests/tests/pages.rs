//! Connections: every list gives every row once, in one order, whichever way it is walked.

mod lists;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::at;
use lists::{Answered, Full, LISTS, List, Order, ROWS, SIZE, key};

fn keys(pages: &[Answered]) -> Vec<&String> {
    pages.iter().flat_map(|page| &page.keys).collect()
}

#[tokio::test]
async fn every_connection_of_the_schema_is_walked_here() {
    let query = "{ __schema { types { name fields { name type { name ofType { name } } } } } }";
    let answer = stoa::graphql::schema().execute(query).await;
    let schema = serde_json::to_value(answer.data).unwrap();
    let mut connections = BTreeSet::new();
    for kind in schema["__schema"]["types"].as_array().unwrap() {
        for field in kind["fields"].as_array().into_iter().flatten() {
            let name = &field["type"]["name"]
                .as_str()
                .or(field["type"]["ofType"]["name"].as_str());
            if name.is_some_and(|name| name.ends_with("Connection")) {
                connections.insert(format!(
                    "{}.{}",
                    kind["name"].as_str().unwrap(),
                    field["name"].as_str().unwrap()
                ));
            }
        }
    }
    let walked: BTreeSet<_> = LISTS.iter().map(|list| list.field.to_owned()).collect();
    assert_eq!(walked, connections);
}

#[tokio::test]
async fn forward_and_backward_pages_give_every_row_once_in_order() {
    let full = Full::new().await;
    for list in &LISTS {
        let all = full.page(list, &json!({ "first": 100 })).await;
        assert_eq!(all.keys.len(), ROWS, "{}", list.document);
        assert!(!all.next && !all.previous);
        let mut sorted = all.keys.clone();
        sorted.sort_unstable();
        if matches!(list.order, Order::Newest | Order::Ended) {
            sorted.reverse();
        }
        assert_eq!(all.keys, sorted, "{}", list.document);
        assert_eq!(all.cursors.iter().collect::<BTreeSet<_>>().len(), ROWS);

        let forward = full.forward(list).await;
        assert_eq!(
            keys(&forward),
            all.keys.iter().collect::<Vec<_>>(),
            "{}",
            list.document
        );
        let around: Vec<_> = forward
            .iter()
            .map(|page| (page.previous, page.next))
            .collect();
        let expected = [
            (false, true),
            (true, true),
            (true, true),
            (true, true),
            (true, false),
        ];
        assert_eq!(around, expected, "{}", list.document);
        assert_eq!(forward.last().unwrap().keys.len(), ROWS % SIZE);

        let mut backward = full.backward(list).await;
        backward.reverse();
        assert_eq!(
            keys(&backward),
            all.keys.iter().collect::<Vec<_>>(),
            "{}",
            list.document
        );
        let around: Vec<_> = backward
            .iter()
            .map(|page| (page.previous, page.next))
            .collect();
        assert_eq!(around, expected, "{}", list.document);
        assert_eq!(backward[0].keys.len(), ROWS % SIZE);
        for page in forward.iter().chain(&backward) {
            assert!(
                page.cursors
                    .iter()
                    .all(|cursor| all.cursors.contains(cursor))
            );
        }

        let last = full.page(list, &json!({ "last": SIZE })).await;
        assert_eq!(last.keys, all.keys[ROWS - SIZE..]);
        let exactly = full.page(list, &json!({ "first": ROWS })).await;
        assert_eq!((exactly.keys.len(), exactly.next), (ROWS, false));
        let nearly = full.page(list, &json!({ "first": ROWS - 1 })).await;
        assert_eq!((nearly.keys.len(), nearly.next), (ROWS - 1, true));
        let between = json!({ "first": 100, "after": all.cursors[4], "before": all.cursors[9] });
        assert_eq!(full.page(list, &between).await.keys, all.keys[5..9]);
        let beyond = full
            .page(
                list,
                &json!({ "first": SIZE, "after": all.cursors[ROWS - 1] }),
            )
            .await;
        assert_eq!(
            (beyond.keys.len(), beyond.previous, beyond.next),
            (0, true, false)
        );
        let none = full.page(list, &json!({ "first": 0 })).await;
        assert_eq!((none.keys.len(), none.next), (0, true));
        let usual = full.page(list, &json!({})).await;
        assert_eq!(usual.keys, all.keys[..20]);
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_is_refused_as_a_mistake_of_the_caller() {
    let full = Full::new().await;
    for list in &LISTS {
        let most = list.most;
        let most_is_said = format!("A page has at most {most} rows.");
        for (page, message) in [
            (
                json!({ "first": 5, "last": 5 }),
                "Give `first` or `last`, not both.",
            ),
            (
                json!({ "first": -1 }),
                "`first` and `last` must not be negative.",
            ),
            (
                json!({ "last": -1 }),
                "`first` and `last` must not be negative.",
            ),
            (json!({ "first": most + 1 }), most_is_said.as_str()),
            (json!({ "last": most + 1 }), most_is_said.as_str()),
            (json!({ "first": i32::MAX }), most_is_said.as_str()),
        ] {
            assert_eq!(
                full.refused(list, &page).await,
                message,
                "{} {page}",
                list.document
            );
        }
        for page in [json!({ "first": most }), json!({ "last": most })] {
            assert_eq!(full.page(list, &page).await.keys.len(), ROWS);
        }
    }
}

#[tokio::test]
async fn a_cursor_works_in_its_own_list_order_and_filter_only() {
    let full = Full::new().await;
    let mut cursors = Vec::new();
    for list in &LISTS {
        let page = full.page(list, &json!({ "first": 1 })).await;
        cursors.push(page.cursors[0].clone());
    }
    for (list, own) in LISTS.iter().zip(&cursors) {
        for (other, cursor) in LISTS.iter().zip(&cursors) {
            for page in [
                json!({ "first": 5, "after": cursor }),
                json!({ "last": 5, "before": cursor }),
            ] {
                let (name, to) = (list.field.split_once('.'), other.field.split_once('.'));
                // The log of one application is the log filtered by it; the rows of two values are two lists.
                let rows = list.path.ends_with("rows") && list.document != other.document;
                if name.unwrap().1 == to.unwrap().1 && list.order == other.order && !rows {
                    full.page(list, &page).await;
                } else {
                    let said = full.refused(list, &page).await;
                    assert!(
                        said.starts_with("This cursor belongs to another list, order or filter."),
                        "{said}"
                    );
                }
            }
        }
        let elsewhere = List {
            document: "applications(filter: { search: \"q\" }, order: NEWEST_FIRST, #page) { #row }",
            ..LISTS[0]
        };
        let said = full.refused(&elsewhere, &json!({ "after": own })).await;
        assert!(said.starts_with("This cursor belongs"), "{said}");
        let cut = &own[..own.len() - 2];
        let long = "7b".repeat(300);
        for malformed in [
            "",
            "x",
            "zz",
            "7b7d",
            "6e756c6c",
            "🌱",
            "{}",
            cut,
            &own[1..],
            &long,
        ] {
            for page in [
                json!({ "after": malformed }),
                json!({ "before": malformed }),
            ] {
                let said = full.refused(list, &page).await;
                assert!(
                    said.starts_with("This is no cursor."),
                    "{malformed}: {said}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_cursor_written_by_hand_is_refused_before_the_database_sees_it() {
    let full = Full::new().await;
    for list in &LISTS {
        let own = full
            .page(list, &json!({ "first": 1 }))
            .await
            .cursors
            .remove(0);
        let bytes: Vec<u8> = (0..own.len())
            .step_by(2)
            .map(|place| u8::from_str_radix(&own[place..place + 2], 16).unwrap())
            .collect();
        let cursor: Value = serde_json::from_slice(&bytes).unwrap();
        for key in [
            json!({ "Id": "00000000-0000-7000-8000-000000000001" }),
            json!({ "Sequence": 1 }),
            json!({ "End": ["00000000-0000-7000-8000-000000000001", 1] }),
        ] {
            let mut forged = cursor.clone();
            let same = forged["key"]
                .as_object()
                .unwrap()
                .keys()
                .eq(key.as_object().unwrap().keys());
            forged["key"] = key;
            if !same {
                let text = forged
                    .to_string()
                    .bytes()
                    .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
                full.refused(list, &json!({ "after": text })).await;
            }
        }
    }
}

#[tokio::test]
async fn a_row_that_comes_between_two_pages_neither_repeats_nor_hides_another() {
    for list in &LISTS[..3] {
        let full = Full::new().await;
        let all = full.page(list, &json!({ "first": 100 })).await;
        let mut seen = full.page(list, &json!({ "first": SIZE })).await;
        // One that is due with the first, and one that is due with the last.
        let mut expected = all.keys.clone();
        for due in [Some(at("2026-12-06T09:00:00Z")), None] {
            let rows = &full.rows;
            let name = format!("Queue, the next {}", due.is_some());
            let organization = rows.organization(&name);
            let draft = rows.draft(&organization, None, at("2026-11-23T09:00:00Z"));
            let mut submitted = rows.submit(&draft, at("2026-11-23T09:00:00Z"));
            submitted.after.due_at = due;
            let node = json!({ "id": draft.after.id, "promise": { "dueAt": due } });
            rows.store()
                .commit((organization, (draft, submitted)))
                .await
                .unwrap();
            if list.order == Order::Oldest || (list.order == Order::Due && due.is_none()) {
                expected.push(key(list, &node));
            }
        }
        while seen.next {
            let after = seen.cursors.last().unwrap();
            let page = full
                .page(list, &json!({ "first": SIZE, "after": after }))
                .await;
            seen.next = page.next;
            seen.keys.extend(page.keys);
            seen.cursors.extend(page.cursors);
        }
        assert_eq!(seen.keys, expected, "{}", list.document);
    }
}

#[tokio::test]
async fn the_total_counts_what_the_filter_lets_through_on_all_pages() {
    let full = Full::new().await;
    let world = &full.rows.world;
    for (filter, total) in [
        ("{ search: \"queue\" }", ROWS),
        ("{ search: \"QUEUE 1\" }", 11),
        ("{ statuses: [APPROVED] }", ROWS),
        (
            "{ statuses: [APPROVED, DECLINED] }",
            ROWS + ROWS.div_ceil(2),
        ),
        (
            "{ statuses: [SUBMITTED], dueBefore: \"2026-12-07T10:00:00.5Z\" }",
            9,
        ),
        ("{ search: \"nobody\" }", 0),
        ("{}", 2 * ROWS + ROWS.div_ceil(2) + 1),
    ] {
        for page in ["first: 3", "last: 1", "first: 0"] {
            let document = format!("{{ applications(filter: {filter}, {page}) {{ totalCount }} }}");
            let data = world
                .query("operations manager", &document, json!({}))
                .await;
            assert_eq!(data["applications"]["totalCount"], total, "{document}");
        }
    }
    let mine = world
        .query(
            "other applicant",
            "{ applications { totalCount } }",
            json!({}),
        )
        .await;
    assert_eq!(mine["applications"]["totalCount"], 0);
}
