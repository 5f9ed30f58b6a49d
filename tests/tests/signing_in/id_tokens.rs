//! What an ID token must not be: each case is wrong in one respect.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::issuer::{CLIENT, Key, Making, key};
use super::oidc::{robin, round, sign_in, with_provider};
use crate::support::{MONDAY, at};

/// Case, claim, and what it says; nothing leaves it out. `NOW` is the time.
const WRONG_CLAIMS: &str = r#"
another issuer | iss | "https://login.example.org"
no issuer | iss | null
another audience | aud | "others"
no audience | aud | null
several audiences | aud | ["stoa", "others"]
made for another party | azp | "others"
another nonce | nonce | "x"
no nonce | nonce | null
expired | exp | NOW-60
no end | exp | null
issued in the future | iat | NOW+61
not issued | iat | null
valid in the future | nbf | NOW+61
no subject | sub | null
an empty subject | sub | ""
"#;

/// Tokens that are wrong by how they are signed.
fn wrongly_signed() -> Vec<(&'static str, Making)> {
    let ed = key("first", Algorithm::EdDSA, 1);
    let foreign = key("first", Algorithm::EdDSA, 9);
    let made = |key: &Key| Making::right(key.clone());
    let header = |key: &Key, header: fn(&mut Header)| Making {
        header,
        ..made(key)
    };
    let token = |token: fn(&mut String)| Making { token, ..made(&ed) };
    // What everybody knows, taken for a shared secret.
    let jwk = Jwk::from_encoding_key(&ed.private, Algorithm::EdDSA).unwrap();
    let public = serde_json::to_value(jwk).unwrap()["x"].clone();
    let public = URL_SAFE_NO_PAD.decode(public.as_str().unwrap()).unwrap();
    let mut shared = key("first", Algorithm::HS256, 0);
    shared.private = EncodingKey::from_secret(&public);
    vec![
        ("another's key", made(&foreign)),
        (
            "a name of no key",
            header(&ed, |it| it.kid = Some("none".into())),
        ),
        ("no name among several", header(&ed, |it| it.kid = None)),
        (
            "the name of a key of another kind",
            header(&ed, |it| it.kid = Some("third".into())),
        ),
        ("a key that it brings along", header(&foreign, bring_along)),
        (
            "a published shared secret",
            made(&key("fourth", Algorithm::HS256, 3)),
        ),
        ("a public key as a secret", made(&shared)),
        (
            "critical header",
            header(&ed, |it| it.crit = Some(vec!["b64".into()])),
        ),
        ("unsigned", token(|it| *it = unsigned(it, "none"))),
        (
            "unsigned, in capitals",
            token(|it| *it = unsigned(it, "NONE")),
        ),
        (
            "signature cut off",
            token(|it| it.truncate(it.rfind('.').unwrap() + 1)),
        ),
        ("tampered", token(|it| *it = tampered(it))),
        ("no token", token(|it| *it = "x".into())),
    ]
}

fn bring_along(header: &mut Header) {
    let foreign = key("first", Algorithm::EdDSA, 9);
    header.jwk = Jwk::from_encoding_key(&foreign.private, Algorithm::EdDSA).ok();
}

#[tokio::test]
async fn a_token_that_is_not_right_in_every_respect_signs_nobody_in() {
    let (world, issuer) = with_provider().await;
    let keys = [
        key("first", Algorithm::EdDSA, 1),
        key("second", Algorithm::ES256, 2),
        key("third", Algorithm::RS256, 0),
        key("fourth", Algorithm::HS256, 3),
        // A second one that could have signed a token without a name.
        key("fifth", Algorithm::EdDSA, 4),
    ];
    issuer.publish(&keys);
    for right in &keys[..3] {
        issuer.make(Making::right(right.clone()));
        sign_in(&world, &issuer, robin()).await;
    }
    let with_claim = |name: &'static str, value: Value| Making {
        claims: vec![(name, value)],
        ..Making::right(keys[0].clone())
    };
    let mut cases = wrongly_signed();
    for line in WRONG_CLAIMS.trim().lines() {
        let [case, claim, value] = line.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let value = match value.strip_prefix("NOW") {
            Some(seconds) => json!(at(MONDAY).timestamp() + seconds.parse::<i64>().unwrap()),
            None => serde_json::from_str(value).unwrap(),
        };
        cases.push((case, with_claim(claim, value)));
    }
    for (case, making) in cases {
        issuer.make(making);
        let told = round(&world, &issuer, robin()).await;
        assert_eq!(told, "stoa_error=refused", "{case}");
    }
    for (claim, value) in [
        ("aud", json!([CLIENT])),
        ("azp", json!(CLIENT)),
        ("exp", json!(at(MONDAY).timestamp() - 59)),
        ("iat", json!(at(MONDAY).timestamp() + 60)),
    ] {
        issuer.make(with_claim(claim, value));
        sign_in(&world, &issuer, robin()).await;
    }
    let mut both = with_claim("aud", json!([CLIENT, "others"]));
    both.claims.push(("azp", json!(CLIENT)));
    issuer.make(both);
    sign_in(&world, &issuer, robin()).await;
}

/// The token with another algorithm in its header and without a signature.
fn unsigned(token: &str, algorithm: &str) -> String {
    let header = json!({ "alg": algorithm, "typ": "JWT" }).to_string();
    let claims = token.split('.').nth(1).unwrap();
    format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(header))
}

/// The token for somebody else, with the old signature.
fn tampered(token: &str) -> String {
    let parts: Vec<_> = token.split('.').collect();
    let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    let claims = claims.replace("Robin@", "admin@");
    format!(
        "{}.{}.{}",
        parts[0],
        URL_SAFE_NO_PAD.encode(claims),
        parts[2]
    )
}
