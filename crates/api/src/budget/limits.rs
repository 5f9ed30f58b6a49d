//! What a request may ask for, in numbers. `docs/limits.md` explains them to frontend teams.

use std::num::NonZeroU32;

use super::persisted::Allowed;

/// Bounds of a document, most of them of the expanded one: every fragment counted where it is spread.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of the text.
    pub bytes: usize,
    /// Tokens of the text.
    pub tokens: usize,
    /// Brackets of any kind open at once. The parser recurses with them, before anything is counted.
    pub brackets: usize,
    /// Bytes of one name or number; validation compares misspelt names with all known ones.
    pub word: usize,
    /// Operations in the document.
    pub operations: usize,
    /// Fragments defined in the document.
    pub fragments: usize,
    /// Fields, spreads and inline fragments of the expanded document.
    pub selections: usize,
    /// Fields inside fields.
    pub depth: usize,
    /// Fields and fragments inside each other. The library recurses with them and refuses more than 32.
    pub levels: usize,
    /// Fields with an alias, of the expanded document.
    pub aliases: usize,
    /// Directives of the expanded document.
    pub directives: usize,
    /// Fields at the root of an operation.
    pub root_fields: usize,
    /// Mutations in an operation.
    pub mutations: usize,
    /// Lists of fields, arguments' types and so on inside each other when the schema is asked for.
    pub introspection: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            bytes: 64 * 1024,
            tokens: 10_000,
            brackets: 64,
            word: 256,
            operations: 50,
            fragments: 300,
            selections: 5_000,
            depth: 16,
            levels: 32,
            aliases: 200,
            directives: 500,
            root_fields: 50,
            mutations: 10,
            introspection: 2,
        }
    }
}

/// How much cost one caller may cause over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Cost that comes back each second.
    pub second: NonZeroU32,
    /// Cost at once, after a pause.
    pub burst: NonZeroU32,
}

impl Rate {
    /// A rate; nothing is below 1.
    pub const fn new(second: u32, burst: u32) -> Self {
        const fn some(number: u32) -> NonZeroU32 {
            match NonZeroU32::new(number) {
                Some(number) => number,
                None => NonZeroU32::MIN,
            }
        }
        Self {
            second: some(second),
            burst: some(burst),
        }
    }
}

/// Everything that bounds a request.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Of the document.
    pub document: Bounds,
    /// The highest cost of one operation.
    pub cost: u64,
    /// The highest cost of asking for the schema, before it is divided by ten.
    pub introspection: u64,
    /// Of an account, whichever address it comes from.
    pub account: Rate,
    /// Of everybody not signed in behind one address.
    pub address: Rate,
    /// Proxies in front of the service that name the client in `X-Forwarded-For`.
    pub proxies: usize,
    /// The only documents that run, if there are such.
    pub documents: Option<Allowed>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document: Bounds::default(),
            cost: 50_000,
            introspection: 100_000,
            account: Rate::new(10_000, 100_000),
            address: Rate::new(2_000, 40_000),
            proxies: 0,
            documents: None,
        }
    }
}
