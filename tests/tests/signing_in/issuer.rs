//! A small `OpenID` provider: discovery, keys that rotate, and tokens for whoever brings a code and its
//! verifier. It can be told to make tokens that are wrong.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use stoa::oidc::challenge;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// What the provider calls the service, and how the service proves that it is that.
pub const CLIENT: &str = "stoa";
pub const CLIENT_SECRET: &str = "a secret: with + and %";

/// PKCS#8 around 32 bytes: an Ed25519 key (RFC 8410 §7), and one on P-256 (RFC 5915).
const ED25519: &str = "302e020100300506032b657004220420";
const P256: &str = "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420";
/// A key of this test, for nothing else.
const RSA: &[u8] = include_bytes!("issuer_rsa.der");

/// A key with its name.
#[derive(Clone)]
pub struct Key {
    pub name: &'static str,
    pub algorithm: Algorithm,
    pub private: EncodingKey,
}

/// How the next tokens are made.
#[derive(Clone)]
pub struct Making {
    pub key: Key,
    /// Claims that are other than they should be; null leaves one out.
    pub claims: Vec<(&'static str, Value)>,
    /// Changes the header, after everything is right.
    pub header: fn(&mut Header),
    /// Changes the finished token.
    pub token: fn(&mut String),
}

/// Somebody on their way through the provider.
struct Pending {
    nonce: String,
    challenge: String,
    redirect_uri: String,
    claims: Value,
}

struct Shared {
    url: String,
    published: Mutex<Vec<Key>>,
    making: Mutex<Making>,
    pending: Mutex<HashMap<String, Pending>>,
    asked: Mutex<Vec<&'static str>>,
    now: Mutex<i64>,
}

/// The provider, for as long as it lives.
pub struct Issuer {
    shared: Arc<Shared>,
    _server: JoinSet<()>,
}

fn der(prefix: &str, seed: u8) -> Vec<u8> {
    let starts = (0..prefix.len()).step_by(2);
    let byte = |at: usize| u8::from_str_radix(&prefix[at..at + 2], 16).unwrap();
    starts.map(byte).chain([seed; 32]).collect()
}

/// A key of this kind.
pub fn key(name: &'static str, algorithm: Algorithm, seed: u8) -> Key {
    let private = match algorithm {
        Algorithm::EdDSA => EncodingKey::from_ed_der(&der(ED25519, seed)),
        Algorithm::ES256 => EncodingKey::from_ec_der(&der(P256, seed)),
        Algorithm::RS256 => EncodingKey::from_rsa_der(RSA),
        Algorithm::HS256 => EncodingKey::from_secret(&[seed; 32]),
        other => panic!("{other:?}"),
    };
    Key {
        name,
        algorithm,
        private,
    }
}

impl Making {
    /// Right in every respect.
    pub fn right(key: Key) -> Self {
        Self {
            key,
            claims: Vec::new(),
            header: |_| {},
            token: |_| {},
        }
    }
}

impl Issuer {
    /// A provider with one Ed25519 key, at this time.
    pub async fn new(now: i64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let first = key("first", Algorithm::EdDSA, 1);
        let shared = Arc::new(Shared {
            url,
            published: Mutex::new(vec![first.clone()]),
            making: Mutex::new(Making::right(first)),
            pending: Mutex::default(),
            asked: Mutex::default(),
            now: Mutex::new(now),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .with_state(Arc::clone(&shared));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            shared,
            _server: server,
        }
    }

    pub fn url(&self) -> String {
        self.shared.url.clone()
    }

    /// Makes tokens like this from now on.
    pub fn make(&self, making: Making) {
        *self.shared.making.lock().unwrap() = making;
    }

    /// Publishes these keys from now on.
    pub fn publish(&self, keys: &[Key]) {
        *self.shared.published.lock().unwrap() = keys.to_vec();
    }

    pub fn now(&self, now: i64) {
        *self.shared.now.lock().unwrap() = now;
    }

    /// What was asked since this was last asked.
    pub fn asked(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.shared.asked.lock().unwrap())
    }

    /// Somebody signs in at the address that they were sent to, and gets a code to bring back.
    pub fn sign_in(&self, query: &HashMap<String, String>, claims: Value) -> String {
        assert_eq!(query["response_type"], "code");
        assert_eq!(query["client_id"], CLIENT);
        assert_eq!(query["code_challenge_method"], "S256");
        assert!(query["scope"].split(' ').any(|it| it == "openid"));
        let mut pending = self.shared.pending.lock().unwrap();
        let code = format!("code-{}", pending.len());
        let new = Pending {
            nonce: query["nonce"].clone(),
            challenge: query["code_challenge"].clone(),
            redirect_uri: query["redirect_uri"].clone(),
            claims,
        };
        pending.insert(code.clone(), new);
        code
    }
}

async fn discovery(State(shared): State<Arc<Shared>>) -> Json<Value> {
    shared.asked.lock().unwrap().push("discovery");
    let url = &shared.url;
    Json(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize?tenant=7"),
        "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/jwks"),
    }))
}

async fn jwks(State(shared): State<Arc<Shared>>) -> Json<Value> {
    shared.asked.lock().unwrap().push("jwks");
    let published = shared.published.lock().unwrap();
    let keys = published.iter().map(|key| {
        if key.algorithm == Algorithm::HS256 {
            return json!({ "kty": "oct", "kid": key.name, "k": "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM" });
        }
        let mut jwk = Jwk::from_encoding_key(&key.private, key.algorithm).unwrap();
        jwk.common.key_id = Some(key.name.into());
        serde_json::to_value(jwk).unwrap()
    });
    Json(json!({ "keys": keys.collect::<Vec<_>>() }))
}

async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Result<Json<Value>, StatusCode> {
    shared.asked.lock().unwrap().push("token");
    // "stoa" and the secret, each encoded as a form's value, in base64.
    let basic = "Basic c3RvYTphK3NlY3JldCUzQSt3aXRoKyUyQithbmQrJTI1";
    if headers.get(header::AUTHORIZATION).unwrap() != basic {
        return Err(StatusCode::UNAUTHORIZED);
    }
    // A code is good for one use.
    let pending = shared.pending.lock().unwrap().remove(&form["code"]);
    let pending = pending.ok_or(StatusCode::BAD_REQUEST)?;
    let right = form["grant_type"] == "authorization_code"
        && form["redirect_uri"] == pending.redirect_uri
        && challenge(&form["code_verifier"]) == pending.challenge;
    if !right {
        return Err(StatusCode::BAD_REQUEST);
    }
    let making = shared.making.lock().unwrap().clone();
    let now = *shared.now.lock().unwrap();
    let mut claims = json!({
        "iss": shared.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": pending.nonce,
    });
    let map = claims.as_object_mut().unwrap();
    map.extend(pending.claims.as_object().unwrap().clone());
    for (name, value) in making.claims {
        map.insert(name.into(), value);
    }
    map.retain(|_, value| !value.is_null());
    let mut header = Header::new(making.key.algorithm);
    header.kid = Some(making.key.name.into());
    (making.header)(&mut header);
    let mut token = encode(&header, &claims, &making.key.private).unwrap();
    (making.token)(&mut token);
    Ok(Json(
        json!({ "access_token": "x", "token_type": "Bearer", "id_token": token }),
    ))
}
