//! Documents that were parsed, bounded and validated before, by their text.

use std::sync::Arc;

use async_graphql::parser::types::ExecutableDocument;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// Bytes that all documents may take together, about.
const BYTES: u64 = 16 * 1024 * 1024;
/// Documents expected.
const USUAL: usize = 1_000;
/// Bytes of a parsed token, about.
const TOKEN: usize = 160;

/// A valid document within the bounds.
#[derive(Debug)]
pub struct Known {
    /// The document.
    pub document: ExecutableDocument,
    /// Bytes that it takes, about.
    weight: u64,
}

impl Known {
    /// A document with this text and so many tokens.
    pub fn new(document: ExecutableDocument, text: &str, tokens: usize) -> Self {
        Self {
            document,
            weight: (1_024 + text.len() + tokens * TOKEN) as u64,
        }
    }
}

/// The cache. What is asked for again stays; texts that come once do not push it out.
#[derive(Debug)]
pub struct Documents(Cache<Box<str>, Arc<Known>, Weight>);

#[derive(Clone, Debug)]
struct Weight;

impl Weighter<Box<str>, Arc<Known>> for Weight {
    fn weight(&self, _: &Box<str>, known: &Arc<Known>) -> u64 {
        known.weight
    }
}

impl Default for Documents {
    fn default() -> Self {
        Self(Cache::with_weighter(USUAL, BYTES, Weight))
    }
}

impl Documents {
    /// The document with this text, if it was seen before.
    pub fn get(&self, text: &str) -> Option<Arc<Known>> {
        self.0.get(text)
    }

    /// Keeps a document.
    pub fn keep(&self, text: &str, known: &Arc<Known>) {
        self.0.insert(text.into(), Arc::clone(known));
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    #[test]
    fn a_document_is_found_by_its_whole_text_and_all_together_stay_small() {
        let documents = Documents::default();
        let text = "{ viewer { name } }";
        assert!(documents.get(text).is_none());
        let document = parse_query(text).expect("it is a document");
        documents.keep(text, &Arc::new(Known::new(document.clone(), text, 7)));
        assert!(documents.get(text).is_some());
        assert!(documents.get("{ viewer { name }  }").is_none());
        for number in 0..2_000 {
            let text = format!("{{ viewer {{ name }} }} # {number} {}", "x".repeat(60_000));
            documents.keep(&text, &Arc::new(Known::new(document.clone(), &text, 7)));
        }
        assert!(documents.0.weight() <= BYTES, "{}", documents.0.weight());
        assert!(documents.0.len() < 300);
    }
}
