//! The explorer: a page to write queries in. It loads nothing from another host and may speak to
//! none; the browser is told so. The page is one of our own, or GraphiQL where its files are.

mod graphiql;

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

pub use graphiql::Graphiql;

/// Which page is served.
#[derive(Clone, Debug)]
pub enum Explorer {
    /// Our own, which needs no files.
    Own,
    /// GraphiQL.
    Graphiql(Graphiql),
}

const PAGE: &str = include_str!("explorer/index.html");
const STYLE: &str = include_str!("explorer/explorer.css");
const SCRIPT: &str = include_str!("explorer/explorer.js");
const ICON: &str = include_str!("explorer/icon.svg");

/// What the page may do: run our script, and ask our host. Text is all that comes into the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// The example operations to pick from, with the names of their files.
const EXAMPLES: &[(&str, &str)] = &[
    (
        "desk-accounts.graphql",
        include_str!("../../../../schema/operations/desk-accounts.graphql"),
    ),
    (
        "desk-application.graphql",
        include_str!("../../../../schema/operations/desk-application.graphql"),
    ),
    (
        "desk-decisions.graphql",
        include_str!("../../../../schema/operations/desk-decisions.graphql"),
    ),
    (
        "desk-kpis.graphql",
        include_str!("../../../../schema/operations/desk-kpis.graphql"),
    ),
    (
        "desk-members.graphql",
        include_str!("../../../../schema/operations/desk-members.graphql"),
    ),
    (
        "desk-programs.graphql",
        include_str!("../../../../schema/operations/desk-programs.graphql"),
    ),
    (
        "desk-queue.graphql",
        include_str!("../../../../schema/operations/desk-queue.graphql"),
    ),
    (
        "desk-review.graphql",
        include_str!("../../../../schema/operations/desk-review.graphql"),
    ),
    (
        "desk-sessions.graphql",
        include_str!("../../../../schema/operations/desk-sessions.graphql"),
    ),
    (
        "integration-activities.graphql",
        include_str!("../../../../schema/operations/integration-activities.graphql"),
    ),
    (
        "integration-applications.graphql",
        include_str!("../../../../schema/operations/integration-applications.graphql"),
    ),
    (
        "integration-members.graphql",
        include_str!("../../../../schema/operations/integration-members.graphql"),
    ),
    (
        "integration-nodes.graphql",
        include_str!("../../../../schema/operations/integration-nodes.graphql"),
    ),
    (
        "portal-applications.graphql",
        include_str!("../../../../schema/operations/portal-applications.graphql"),
    ),
    (
        "portal-applying.graphql",
        include_str!("../../../../schema/operations/portal-applying.graphql"),
    ),
    (
        "portal-programs.graphql",
        include_str!("../../../../schema/operations/portal-programs.graphql"),
    ),
    (
        "portal-sessions.graphql",
        include_str!("../../../../schema/operations/portal-sessions.graphql"),
    ),
    (
        "sign-in.graphql",
        include_str!("../../../../schema/operations/sign-in.graphql"),
    ),
];

impl Explorer {
    /// The page, and what it loads.
    pub fn routes(self) -> Router {
        let routes = match self {
            Self::Own => own(),
            Self::Graphiql(files) => files.routes(),
        };
        let icon = get(async || asset("image/svg+xml", ICON));
        routes.route("/graphiql/icon.svg", icon)
    }
}

fn own() -> Router {
    let mut hasher = DefaultHasher::new();
    (PAGE, STYLE, SCRIPT, ICON).hash(&mut hasher);
    let page = PAGE.replace("{version}", &format!("{:016x}", hasher.finish()));
    let examples: Vec<_> = EXAMPLES
        .iter()
        .map(|(file, text)| json!({ "file": file, "text": text }))
        .collect();
    let examples = json!(examples).to_string();
    Router::new()
        .route("/graphiql", get(async move || document(page, POLICY)))
        .route(
            "/graphiql/explorer.css",
            get(async || asset("text/css", STYLE)),
        )
        .route(
            "/graphiql/explorer.js",
            get(async || asset("text/javascript", SCRIPT)),
        )
        .route(
            "/graphiql/examples.json",
            get(async move || file("application/json", "no-cache", examples)),
        )
}

fn document(page: String, policy: &'static str) -> Response {
    let mut response = file("text/html; charset=utf-8", "no-cache", page);
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The page names its files by what is in them, so each may be kept forever.
fn asset(kind: &'static str, text: &'static str) -> Response {
    file(kind, "public, max-age=31536000, immutable", text.to_owned())
}

fn file(kind: &'static str, cache: &'static str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, cache),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_operation_of_the_repository_can_be_picked() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/operations");
        let entries = std::fs::read_dir(folder).map(Iterator::flatten);
        let names = entries.into_iter().flatten();
        let mut names: Vec<_> = names
            .map(|it| it.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        let known: Vec<_> = EXAMPLES.iter().map(|(file, _)| *file).collect();
        assert_eq!(names, known, "keep EXAMPLES as the folder is");
    }

    #[test]
    fn no_file_names_another_host() {
        for text in [PAGE, STYLE, SCRIPT, ICON] {
            let namespace = "http://www.w3.org/2000/svg";
            let text = text.replace(namespace, "");
            assert!(
                !text.contains("://") && !text.contains("src=\"//"),
                "{text}"
            );
        }
    }

    #[test]
    fn what_a_page_is_made_of_stays_short() {
        for text in [PAGE, STYLE, SCRIPT] {
            assert!(text.lines().count() <= 500);
        }
    }
}
