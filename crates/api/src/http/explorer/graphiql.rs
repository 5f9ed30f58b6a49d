//! GraphiQL itself, from the files that npm installs. They are no part of Stoa, and no crate carries
//! them: whoever wants the page names the folder.

use std::path::Path;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::get;

use super::{asset, document, file};

const PAGE: &str = include_str!("graphiql.html");
const STYLE: &str = include_str!("graphiql.css");
const SCRIPT: &str = include_str!("graphiql.js");

/// As for our own page, but for what GraphiQL needs: its fonts and images stand in its style, and
/// it builds the documentation from text with `innerHTML`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// What the page loads, and where npm puts it.
const FILES: [(&str, &str, &str); 4] = [
    (
        "/graphiql/react.js",
        "text/javascript",
        "react/umd/react.production.min.js",
    ),
    (
        "/graphiql/react-dom.js",
        "text/javascript",
        "react-dom/umd/react-dom.production.min.js",
    ),
    (
        "/graphiql/graphiql.js",
        "text/javascript",
        "graphiql/graphiql.min.js",
    ),
    (
        "/graphiql/graphiql.css",
        "text/css",
        "graphiql/graphiql.min.css",
    ),
];

/// The files of GraphiQL, in memory.
#[derive(Clone)]
pub struct Graphiql(Vec<Bytes>);

impl Graphiql {
    /// Reads the files from the folder in which npm installed them.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let files = FILES.iter().map(|(_, _, place)| {
            let path = folder.join("node_modules").join(place);
            std::fs::read(&path).map(Bytes::from).map_err(|error| {
                format!(
                    "{}: {error}. Run 'npm install graphiql@4.1.2 react@18 react-dom@18' in that folder",
                    path.display()
                )
            })
        });
        files.collect::<Result<_, _>>().map(Self)
    }

    /// The page, and what it loads.
    pub fn routes(self) -> Router {
        let page = || async { document(PAGE.to_owned(), POLICY) };
        let routes = Router::new()
            .route("/graphiql", get(page))
            .route("/graphiql/page.css", get(async || asset("text/css", STYLE)))
            .route(
                "/graphiql/page.js",
                get(async || asset("text/javascript", SCRIPT)),
            );
        let files = FILES.iter().zip(self.0);
        files.fold(routes, |routes, (&(path, kind, _), bytes)| {
            routes.route(path, get(async move || whole(kind, bytes)))
        })
    }
}

/// Its name says no version, so browsers ask each time.
fn whole(kind: &'static str, bytes: Bytes) -> Response {
    let mut response = file(kind, "no-cache", String::new());
    let length = HeaderValue::from(bytes.len());
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length);
    *response.body_mut() = bytes.into();
    response
}

impl std::fmt::Debug for Graphiql {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Graphiql")
    }
}
