//! What the database is asked, as the store says it at level `TRACE`.

use std::cell::RefCell;
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

thread_local! {
    /// A test has a thread of its own.
    static ASKED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Begins to write down what this test asks.
pub fn listen() {
    static ONCE: Once = Once::new();
    // One for the whole process: those of single threads can miss what is said first elsewhere.
    ONCE.call_once(|| {
        let told = tracing_subscriber::registry().with(Statements);
        tracing::subscriber::set_global_default(told).unwrap();
    });
    taken();
}

/// What was asked since this was last asked, without the values.
pub fn taken() -> Vec<String> {
    ASKED.take()
}

struct Statements;

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "stoa_persistence::connections" {
            event.record(&mut Statement);
        }
    }
}

struct Statement;

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "sql" {
            ASKED.with_borrow_mut(|asked| asked.push(value.to_owned()));
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}
