//! Asking a provider: HTTPS, JSON, no redirects, and an end to everything.

use std::collections::HashMap;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Method, Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::de::DeserializeOwned;
use url::{Host, Url};

use super::Problem;

/// The longest a provider may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer taken, in bytes.
const ANSWER: usize = 1024 * 1024;

/// Asks providers.
#[derive(Debug)]
pub(super) struct Fetch(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

/// Whether nobody between can read or change what is sent there.
pub(super) fn is_safe(url: &Url) -> bool {
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && local)
}

impl Fetch {
    pub(super) fn new() -> Result<Self, String> {
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(|error| format!("the certificates of this machine cannot be read: {error}"))?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, address: &str) -> Result<T, Problem> {
        self.ask(Method::GET, address, String::new(), None).await
    }

    /// Posts a form, perhaps with a name and a secret.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        address: &str,
        form: &HashMap<&str, &str>,
        basic: Option<(&str, &str)>,
    ) -> Result<T, Problem> {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        // Both parts are encoded before they are joined (RFC 6749 §2.3.1).
        let encoded =
            |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let basic = basic.map(|(name, secret)| {
            let pair = format!("{}:{}", encoded(name), encoded(secret));
            format!("Basic {}", STANDARD.encode(pair))
        });
        self.ask(Method::POST, address, form, basic).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        address: &str,
        body: String,
        authorization: Option<String>,
    ) -> Result<T, Problem> {
        let url = Url::parse(address).ok().filter(is_safe);
        let url = url.ok_or(Problem::Provider("an address without https"))?;
        let mut request = Request::builder()
            .method(method)
            .uri(url.as_str())
            .header(header::ACCEPT, "application/json");
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let request = request
            .body(Full::from(body))
            .map_err(|_| Problem::Provider("an address that cannot be asked"))?;
        let read = async {
            let answer = self.0.request(request).await.map_err(|error| {
                tracing::warn!(%error, "the provider cannot be reached");
                Problem::Provider("it cannot be reached")
            })?;
            if answer.status() != StatusCode::OK {
                tracing::warn!(status = %answer.status(), "the provider refused");
                return Err(Problem::Provider("it refused"));
            }
            let body = Limited::new(answer.into_body(), ANSWER).collect().await;
            let body = body.map_err(|_| Problem::Provider("its answer has no end"))?;
            serde_json::from_slice(&body.to_bytes())
                .map_err(|_| Problem::Provider("its answer cannot be read"))
        };
        tokio::time::timeout(PATIENCE, read)
            .await
            .unwrap_or(Err(Problem::Provider("it is slow")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_leaves_the_machine() {
        for (address, safe) in [
            ("https://login.example.org", true),
            ("http://127.0.0.1:8000/x", true),
            ("http://[::1]:8000/x", true),
            ("http://localhost/x", true),
            ("http://login.example.org", false),
            ("http://localhost.example.org", false),
            ("http://127.0.0.1.example.org", false),
            ("ftp://login.example.org", false),
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
        ] {
            assert_eq!(
                Url::parse(address).is_ok_and(|url| is_safe(&url)),
                safe,
                "{address}"
            );
        }
    }
}
