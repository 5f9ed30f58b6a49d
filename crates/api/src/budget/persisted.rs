//! Documents named by their hash instead of being sent: known ones, and in production perhaps no others.
//!
//! Two ways to name one: Apollo's `extensions.persistedQuery { version: 1, sha256Hash }`, whose texts
//! and answers are fixed by Apollo's clients, and `documentId: "sha256:…"` of the GraphQL over HTTP
//! drafts, which a transport puts into the request's extensions under the same name.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_graphql::{Request, Value};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::refused::Refused;

/// Bytes of all registered texts together.
const BYTES: u64 = 8 * 1024 * 1024;
/// Texts expected.
const USUAL: usize = 1_000;
/// Where the request's extensions hold what names a document.
pub const DOCUMENT_ID: &str = "documentId";
const PERSISTED_QUERY: &str = "persistedQuery";

/// The only documents that run, by hash and by the ids of the manifests they came from.
#[derive(Clone, Debug)]
pub struct Allowed(Arc<HashMap<String, Arc<str>>>);

/// Texts by their hash.
#[derive(Debug)]
pub struct Persisted {
    allowed: Option<Allowed>,
    registered: Cache<String, Arc<str>, Weight>,
}

#[derive(Clone, Debug)]
struct Weight;

impl Weighter<String, Arc<str>> for Weight {
    fn weight(&self, hash: &String, text: &Arc<str>) -> u64 {
        (64 + hash.len() + text.len()) as u64
    }
}

/// A manifest as tools write it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Manifest {
    /// Apollo's: a list of operations.
    Apollo { operations: Vec<Operation> },
    /// Relay's and GraphQL Code Generator's: texts by id.
    Map(HashMap<String, String>),
}

#[derive(Deserialize)]
struct Operation {
    id: String,
    body: String,
}

impl Allowed {
    /// Reads a manifest, a document, or a folder of such: `*.json`, `*.graphql` and `*.gql`.
    pub fn read(path: &Path) -> Result<Self, String> {
        let fault = |path: &Path, problem: &dyn std::fmt::Display| {
            format!("{} cannot be read: {problem}", path.display())
        };
        let mut files: Vec<PathBuf> = if path.is_dir() {
            std::fs::read_dir(path)
                .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
                .map_err(|error| fault(path, &error))?
        } else {
            vec![path.to_owned()]
        };
        files.sort();
        let mut texts = HashMap::new();
        for file in files {
            let kind = file.extension().and_then(|kind| kind.to_str());
            if !matches!(kind, Some("json" | "graphql" | "gql")) {
                continue;
            }
            let text = std::fs::read_to_string(&file).map_err(|error| fault(&file, &error))?;
            if kind == Some("json") {
                let manifest = serde_json::from_str(&text).map_err(|error| fault(&file, &error))?;
                match manifest {
                    Manifest::Apollo { operations } => {
                        for Operation { id, body } in operations {
                            add(&mut texts, Some(id), body);
                        }
                    }
                    Manifest::Map(map) => {
                        for (id, body) in map {
                            add(&mut texts, Some(id), body);
                        }
                    }
                }
            } else {
                add(&mut texts, None, text);
            }
        }
        if texts.is_empty() {
            return Err(format!("{} has no documents", path.display()));
        }
        Ok(Self(Arc::new(texts)))
    }

    /// Every text, to be checked when the service starts.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(|text| &**text)
    }
}

fn add(texts: &mut HashMap<String, Arc<str>>, id: Option<String>, text: String) {
    let hash = hash(&text);
    let text: Arc<str> = text.into();
    if let Some(id) = id {
        texts.insert(id, Arc::clone(&text));
    }
    texts.insert(hash, text);
}

/// SHA-256 in lower-case hexadecimal.
pub fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

impl Persisted {
    /// A store that knows the allowed documents, or takes new ones if there are none such.
    pub fn new(allowed: Option<Allowed>) -> Self {
        Self {
            allowed,
            registered: Cache::with_weighter(USUAL, BYTES, Weight),
        }
    }

    /// Puts the text into a request that names it. Returns the hash under which the caller wants a
    /// text to be registered; whether it is, is decided once the document is known to be one.
    pub fn resolve(&self, request: &mut Request) -> Result<Option<String>, Refused> {
        let Some(name) = name(request)? else {
            return match &self.allowed {
                Some(allowed) if !allowed.0.contains_key(&hash(&request.query)) => {
                    Err(not_allowed())
                }
                _ => Ok(None),
            };
        };
        if !request.query.is_empty() {
            if name != hash(&request.query) {
                return Err(Refused::new(
                    "BAD_REQUEST",
                    "The hash that was sent is not the SHA-256 of `query`.",
                ));
            }
            return match &self.allowed {
                Some(allowed) if allowed.0.contains_key(&name) => Ok(None),
                Some(_) => Err(not_allowed()),
                None => Ok(Some(name)),
            };
        }
        let text = match &self.allowed {
            Some(allowed) => Some(allowed.0.get(&name).cloned().ok_or_else(not_allowed)?),
            None => self.registered.get(&name),
        };
        let text = text
            .ok_or_else(|| Refused::new("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound"))?;
        request.query = text.to_string();
        Ok(None)
    }

    /// Keeps a text for those who send its hash.
    pub fn register(&self, hash: String, text: &str) {
        self.registered.insert(hash, text.into());
    }
}

/// The hash or id of the document that a request names, if it names one.
fn name(request: &Request) -> Result<Option<String>, Refused> {
    let malformed = || {
        Refused::new(
            "BAD_REQUEST",
            "Name a document by `documentId`, a text, or by `extensions.persistedQuery` with `version` and `sha256Hash`.",
        )
    };
    match request.extensions.get(DOCUMENT_ID) {
        None | Some(Value::Null) => {}
        Some(Value::String(id)) => {
            return Ok(Some(id.strip_prefix("sha256:").unwrap_or(id).to_owned()));
        }
        Some(_) => return Err(malformed()),
    }
    let query = match request.extensions.get(PERSISTED_QUERY) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(query)) => query,
        Some(_) => return Err(malformed()),
    };
    match (query.get("version"), query.get("sha256Hash")) {
        (Some(Value::Number(version)), _) if version.as_u64() != Some(1) => Err(Refused::new(
            "PERSISTED_QUERY_NOT_SUPPORTED",
            "PersistedQueryNotSupported",
        )),
        (Some(_), Some(Value::String(hash))) => Ok(Some(hash.to_ascii_lowercase())),
        _ => Err(malformed()),
    }
}

fn not_allowed() -> Refused {
    Refused::new(
        "DOCUMENT_NOT_ALLOWED",
        "This service runs only the documents that its operators allow, and this is none of them.",
    )
}

#[cfg(test)]
mod tests;
