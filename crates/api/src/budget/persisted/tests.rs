use std::path::PathBuf;

use serde_json::json;

use super::*;

const TEXT: &str = "{__typename}";
/// As Apollo's documentation gives it for this text.
const HASH: &str = "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38";

fn request(query: &str, extensions: serde_json::Value) -> Request {
    let mut request = Request::new(query);
    request.extensions = serde_json::from_value(extensions).expect("they are extensions");
    request
}

fn apollo(query: &str, hash: &str) -> Request {
    let named = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
    request(query, named)
}

fn code(persisted: &Persisted, mut request: Request) -> (&'static str, String) {
    let refused = persisted.resolve(&mut request).expect_err("it is refused");
    (refused.code, refused.message)
}

#[test]
fn a_hash_is_what_the_clients_of_apollo_compute() {
    assert_eq!(hash(TEXT), HASH);
}

#[test]
fn a_text_is_found_by_its_hash_once_it_is_registered() {
    let persisted = Persisted::new(None);
    let unknown = code(&persisted, apollo("", HASH));
    assert_eq!(
        unknown,
        ("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound".into())
    );
    let mut with_text = apollo(TEXT, &HASH.to_uppercase());
    let register = persisted.resolve(&mut with_text).expect("it is right");
    assert_eq!(register.as_deref(), Some(HASH));
    assert!(
        persisted.resolve(&mut apollo("", HASH)).is_err(),
        "the gate decides"
    );
    persisted.register(HASH.into(), TEXT);
    for mut named in [
        apollo("", HASH),
        request("", json!({ "documentId": format!("sha256:{HASH}") })),
    ] {
        assert_eq!(persisted.resolve(&mut named).expect("it is known"), None);
        assert_eq!(named.query, TEXT);
    }
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let persisted = Persisted::new(None);
    assert_eq!(
        code(&persisted, apollo("{ viewer { name } }", HASH)).0,
        "BAD_REQUEST"
    );
    let newer = json!({ "persistedQuery": { "version": 2, "sha256Hash": HASH } });
    assert_eq!(
        code(&persisted, request("", newer)),
        (
            "PERSISTED_QUERY_NOT_SUPPORTED",
            "PersistedQueryNotSupported".into()
        )
    );
    for malformed in [
        json!({ "persistedQuery": true }),
        json!({ "persistedQuery": { "sha256Hash": HASH } }),
        json!({ "persistedQuery": { "version": 1 } }),
        json!({ "documentId": 7 }),
    ] {
        assert_eq!(
            code(&persisted, request("", malformed.clone())).0,
            "BAD_REQUEST",
            "{malformed}"
        );
    }
    let nothing = json!({ "persistedQuery": null, "documentId": null });
    assert_eq!(
        persisted
            .resolve(&mut request(TEXT, nothing))
            .expect("it names nothing"),
        None
    );
}

#[test]
fn registered_texts_stay_within_their_bytes() {
    let persisted = Persisted::new(None);
    for number in 0..1_000 {
        persisted.register(format!("{number:064}"), &"x".repeat(60_000));
    }
    assert!(persisted.registered.weight() <= BYTES);
    assert!(persisted.registered.len() < 150);
}

/// A folder of this test's own, gone when it ends.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn folder(name: &str, files: &[(&str, &str)]) -> Folder {
    let path = std::env::temp_dir().join(format!("stoa-persisted-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&path).expect("it can be made");
    for (file, text) in files {
        std::fs::write(path.join(file), text).expect("it can be written");
    }
    Folder(path)
}

#[test]
fn manifests_of_apollo_and_relay_and_plain_documents_are_read() {
    let apollo_manifest = json!({
        "format": "apollo-persisted-query-manifest", "version": 1,
        "operations": [{ "id": "one", "name": "One", "type": "query", "body": "query One { a }" }],
    });
    let relay = json!({ "0123456789abcdef": "query Two { b }" });
    let folder = folder(
        "read",
        &[
            ("apollo.json", &apollo_manifest.to_string()),
            ("relay.json", &relay.to_string()),
            ("plain.graphql", TEXT),
            ("notes.txt", "nothing"),
        ],
    );
    let persisted = Persisted::new(Some(Allowed::read(&folder.0).expect("it is readable")));
    for (id, text) in [
        ("one", "query One { a }"),
        ("0123456789abcdef", "query Two { b }"),
        (&hash("query Two { b }"), "query Two { b }"),
        (&format!("sha256:{HASH}"), TEXT),
    ] {
        let mut named = request("", json!({ "documentId": id }));
        persisted.resolve(&mut named).expect(id);
        assert_eq!(named.query, text);
    }
    let mut by_text = Request::new(TEXT);
    assert_eq!(
        persisted.resolve(&mut by_text).expect("it is allowed"),
        None
    );
    let mut both = apollo(TEXT, HASH);
    assert_eq!(persisted.resolve(&mut both).expect("it is allowed"), None);
    for other in [
        Request::new("{ viewer { name } }"),
        apollo("", &hash("{ viewer { name } }")),
        apollo("{ viewer { name } }", &hash("{ viewer { name } }")),
        request("", json!({ "documentId": "two" })),
        Request::new(""),
    ] {
        assert_eq!(code(&persisted, other).0, "DOCUMENT_NOT_ALLOWED");
    }
}

#[test]
fn what_cannot_be_read_is_told_with_its_file() {
    let broken = folder("broken", &[("broken.json", "{ \"operations\": 7 }")]);
    let problem = Allowed::read(&broken.0).expect_err("it is no manifest");
    assert!(problem.contains("broken.json"), "{problem}");
    let empty = folder("empty", &[("notes.txt", "nothing")]);
    assert!(Allowed::read(&empty.0).is_err());
    assert!(Allowed::read(&empty.0.join("missing.json")).is_err());
}
