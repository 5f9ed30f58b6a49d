//! Whose pages may open sockets. Browsers let every page do it and send no preflight, but they say which
//! page it is; other programs say nothing and are no danger to a visitor.

use axum::http::{HeaderMap, header};

/// Whether the page that asks, if one does, is the service's own or one of those named.
pub(super) fn allowed(headers: &HeaderMap, named: &[String]) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    if named.iter().any(|name| name.eq_ignore_ascii_case(origin)) {
        return true;
    }
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    host.is_some_and(|host| is_same(origin, host))
}

/// Whether an origin is the host that was asked. A proxy may have taken TLS away, so schemes are not compared.
fn is_same(origin: &str, host: &str) -> bool {
    let (place, port) = match origin.split_once("://") {
        Some(("https", place)) => (place, ":443"),
        Some(("http", place)) => (place, ":80"),
        _ => return false,
    };
    let bare = |text: &str| text.strip_suffix(port).unwrap_or(text).to_ascii_lowercase();
    !place.is_empty() && bare(place) == bare(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_and_named_pages_and_programs_may_open_sockets() {
        let named = vec!["https://desk.example.org".to_owned()];
        for (origin, host, expected) in [
            (None, "api.example.org", true),
            (Some("https://api.example.org"), "api.example.org", true),
            (Some("https://API.example.org"), "api.example.org:443", true),
            (Some("http://localhost:8000"), "localhost:8000", true),
            (Some("https://desk.example.org"), "api.example.org", true),
            (Some("http://desk.example.org"), "api.example.org", false),
            (Some("https://evil.example.org"), "api.example.org", false),
            (
                Some("https://api.example.org.evil.example"),
                "api.example.org",
                false,
            ),
            (Some("http://localhost:8001"), "localhost:8000", false),
            (Some("http://localhost:80"), "localhost:8000", false),
            (Some("null"), "api.example.org", false),
            (Some(""), "", false),
            (Some("https://"), "", false),
            (Some("file://api.example.org"), "api.example.org", false),
        ] {
            let mut headers = HeaderMap::new();
            if let Ok(host) = host.parse() {
                headers.insert(header::HOST, host);
            }
            if let Some(Ok(origin)) = origin.map(str::parse) {
                headers.insert(header::ORIGIN, origin);
            }
            assert_eq!(allowed(&headers, &named), expected, "{origin:?} {host}");
        }
    }
}
