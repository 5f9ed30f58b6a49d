//! Programs with a cap: who comes when every place is taken waits in line.

use serde_json::json;

use crate::support::{World, garden, good};

#[tokio::test]
async fn when_every_place_is_taken_the_next_one_waits_in_line() {
    let world = World::with(|rules| rules.capacity = Some(1)).await;
    let first = world.in_review().await;
    world
        .act("specialist", "approveApplication", &first, json!({}))
        .await;
    let second = world
        .submitted("other applicant", "Hilltop Garden", good())
        .await;
    let full = world
        .refused("specialist", "approveApplication", &second, json!({}))
        .await;
    assert_eq!(full["code"], "FULL");
    let waiting = world
        .act("specialist", "waitlistApplication", &second, json!({}))
        .await;
    assert_eq!(waiting["status"], "WAITLISTED");
    let offered = world
        .act("specialist", "offerPlace", &waiting, json!({}))
        .await;
    assert_eq!(offered["status"], "IN_REVIEW");
}

#[tokio::test]
async fn a_raised_cap_makes_room_for_those_who_wait() {
    let world = World::with(|rules| rules.capacity = Some(1)).await;
    let first = world.in_review().await;
    world
        .act("specialist", "approveApplication", &first, json!({}))
        .await;
    let second = world
        .submitted("other applicant", "Hilltop Garden", good())
        .await;
    let waiting = world
        .act("specialist", "waitlistApplication", &second, json!({}))
        .await;
    let mut rules = garden();
    rules.capacity = Some(2);
    world.publish(rules).await;
    let offered = world
        .act("specialist", "offerPlace", &waiting, json!({}))
        .await;
    let approved = world
        .act("specialist", "approveApplication", &offered, json!({}))
        .await;
    assert_eq!(approved["status"], "APPROVED");
}
