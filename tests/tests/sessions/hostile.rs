//! Access tokens that somebody made up: one thing is wrong with each, and none lets anybody in.

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey as Pair};
use serde_json::{Value, json};
use stoa_domain::actor::Actor;
use stoa_domain::session::Session;
use stoa_domain::signing_key::SigningKey;

use super::{begin, lets_in};
use crate::support::World;

/// What a forger has to work with: our own key, which they would have to have stolen, and their own.
struct Forge {
    world: World,
    session: Session,
    key: SigningKey,
    ours: Pair,
    theirs: Pair,
}

impl Forge {
    async fn new() -> Self {
        let world = World::new().await;
        let view = world.service.store.view(&Actor::System);
        let key = view.signing_keys().await.unwrap().remove(0);
        let opened = world
            .service
            .keys
            .secret()
            .open(&key.sealed, &key.id.to_string());
        let ours = Pair::from_bytes(&opened.unwrap().try_into().unwrap());
        assert_eq!(
            URL_SAFE_NO_PAD.encode(ours.verifying_key().as_bytes()),
            key.public
        );
        let session = world.sign_in("specialist").await;
        Self {
            world,
            session,
            key,
            ours,
            theirs: Pair::from_bytes(&[7; 32]),
        }
    }

    fn header(&self) -> Value {
        json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": self.key.id })
    }

    fn claims(&self) -> Value {
        let now = self.world.service.clock.now().timestamp();
        json!({
            "iss": "stoa", "aud": "stoa-api", "sub": self.session.account, "sid": self.session.id,
            "jti": "1", "iat": now, "nbf": now, "exp": now + 900,
        })
    }

    fn good(&self) -> String {
        signed(&self.header(), &self.claims(), &self.ours)
    }
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn signed(header: &Value, claims: &Value, pair: &Pair) -> String {
    let text = format!("{}.{}", part(header), part(claims));
    let signature = pair.sign(text.as_bytes()).to_bytes();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The same with a member set, or, to null, without it.
fn with(value: &Value, member: &str, set: Value) -> Value {
    let mut value = value.clone();
    let members = value.as_object_mut().unwrap();
    if set.is_null() {
        members.remove(member);
    } else {
        members.insert(member.into(), set);
    }
    value
}

/// HMAC-SHA-256 of RFC 2104, with the public key as its secret: what a careless checker takes.
fn hs256(text: &str, secret: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    let block = |pad: u8| {
        let mut block = [pad; 64];
        for (byte, secret) in block.iter_mut().zip(secret) {
            *byte ^= secret;
        }
        block
    };
    let inner = Sha256::new()
        .chain_update(block(0x36))
        .chain_update(text)
        .finalize();
    let outer = Sha256::new()
        .chain_update(block(0x5C))
        .chain_update(inner)
        .finalize();
    URL_SAFE_NO_PAD.encode(outer)
}

#[tokio::test]
async fn a_token_is_taken_if_everything_about_it_is_right() {
    let forge = Forge::new().await;
    assert!(lets_in(&forge.world, &forge.good()).await);
    // What is in the header besides is not looked at, and what is in the claims neither.
    let header = with(&forge.header(), "jku", json!("https://keys.example.org"));
    let claims = with(&forge.claims(), "scope", json!("everything"));
    assert!(lets_in(&forge.world, &signed(&header, &claims, &forge.ours)).await);
    let longest = with(
        &forge.claims(),
        "exp",
        json!(forge.claims()["iat"].as_i64().unwrap() + 744 * 3600),
    );
    assert!(
        lets_in(
            &forge.world,
            &signed(&forge.header(), &longest, &forge.ours)
        )
        .await
    );
}

#[tokio::test]
async fn a_token_whose_header_is_not_ours_is_refused() {
    let forge = Forge::new().await;
    let (header, claims) = (forge.header(), forge.claims());
    let jwk = json!({
        "kty": "OKP", "crv": "Ed25519",
        "x": URL_SAFE_NO_PAD.encode(forge.theirs.verifying_key().as_bytes()),
    });
    let foreign = with(&header, "jwk", jwk);
    for (what, header, pair) in [
        ("another key", header.clone(), &forge.theirs),
        ("another key, in the header", foreign.clone(), &forge.theirs),
        (
            "a foreign kid, its key in the header",
            with(&foreign, "kid", json!("theirs")),
            &forge.theirs,
        ),
        (
            "a key at an address",
            with(&header, "jku", json!("https://keys.example.org")),
            &forge.theirs,
        ),
        (
            "a certificate at an address",
            with(&header, "x5u", json!("https://keys.example.org")),
            &forge.theirs,
        ),
        (
            "an unknown kid",
            with(&header, "kid", json!("key_00000000000000000000000000")),
            &forge.ours,
        ),
        ("no kid", with(&header, "kid", Value::Null), &forge.ours),
        (
            "a kid that is a number",
            with(&header, "kid", json!(1)),
            &forge.ours,
        ),
        (
            "a kid with a path",
            with(&header, "kid", json!("../../dev/null")),
            &forge.ours,
        ),
        ("alg none", with(&header, "alg", json!("none")), &forge.ours),
        ("alg nOnE", with(&header, "alg", json!("nOnE")), &forge.ours),
        (
            "alg HS256",
            with(&header, "alg", json!("HS256")),
            &forge.ours,
        ),
        (
            "alg RS256",
            with(&header, "alg", json!("RS256")),
            &forge.ours,
        ),
        (
            "alg ES256",
            with(&header, "alg", json!("ES256")),
            &forge.ours,
        ),
        (
            "alg eddsa",
            with(&header, "alg", json!("eddsa")),
            &forge.ours,
        ),
        ("no alg", with(&header, "alg", Value::Null), &forge.ours),
        ("typ JWT", with(&header, "typ", json!("JWT")), &forge.ours),
        ("no typ", with(&header, "typ", Value::Null), &forge.ours),
        (
            "something critical",
            with(&header, "crit", json!(["exp"])),
            &forge.ours,
        ),
        ("a header that is a list", json!(["EdDSA"]), &forge.ours),
    ] {
        let token = signed(&header, &claims, pair);
        assert!(!lets_in(&forge.world, &token).await, "{what}");
    }
    assert!(lets_in(&forge.world, &forge.good()).await);
}

#[tokio::test]
async fn a_token_whose_claims_are_not_right_is_refused_although_our_key_signed_it() {
    let forge = Forge::new().await;
    let claims = forge.claims();
    let now = claims["iat"].as_i64().unwrap();
    let other = begin(&forge.world, "applicant").await;
    let view = forge.world.service.store.view(&Actor::System);
    let applicant = &forge.world.people["applicant"];
    let sessions = view
        .sessions_of(applicant.id, forge.world.service.clock.now())
        .await;
    let theirs = sessions.unwrap().remove(0);
    assert!(lets_in(&forge.world, &other.access_token).await);
    let mut wrong: Vec<(String, Value)> = ["iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"]
        .map(|name| (format!("no {name}"), with(&claims, name, Value::Null)))
        .into();
    for (what, member, value) in [
        ("another issuer", "iss", json!("another")),
        ("another audience", "aud", json!("another-api")),
        ("a list of audiences", "aud", json!(["stoa-api"])),
        ("expired now", "exp", json!(now)),
        ("expired", "exp", json!(now - 1)),
        ("not valid yet", "nbf", json!(now + 1)),
        ("made in the future", "iat", json!(now + 6)),
        ("lives too long", "exp", json!(now + 744 * 3600 + 1)),
        ("lives for ever", "exp", json!(i64::MAX)),
        ("ends before time began", "exp", json!(i64::MIN)),
        ("made before time began", "iat", json!(i64::MIN)),
        (
            "an end that is a text",
            "exp",
            json!((now + 900).to_string()),
        ),
        ("an end that is no whole number", "exp", json!(0.5)),
        ("of another account", "sub", json!(applicant.id)),
        ("of another account's session", "sid", json!(theirs.id)),
        (
            "of no session",
            "sid",
            json!("ses_00000000000000000000000999"),
        ),
        (
            "of a thing that is no account",
            "sub",
            json!("app_00000000000000000000000001"),
        ),
        ("a thing that is no session", "sid", json!(applicant.id)),
        ("without a name of its own", "jti", json!("")),
        (
            "in another's name, in a session that is not",
            "act",
            json!({ "sub": applicant.id }),
        ),
    ] {
        wrong.push((what.into(), with(&claims, member, value)));
    }
    for (what, claims) in wrong {
        let token = signed(&forge.header(), &claims, &forge.ours);
        assert!(!lets_in(&forge.world, &token).await, "{what}: {claims}");
    }
    // Somebody acts in the applicant's name, and hides it.
    let admin = forge.world.actor("admin");
    let begun = forge
        .world
        .service
        .impersonate(&admin, applicant, "A reason.")
        .await
        .unwrap();
    assert!(lets_in(&forge.world, &begun.1.access_token).await);
    let mut hidden = with(&claims, "sub", json!(applicant.id));
    hidden = with(&hidden, "sid", json!(begun.0.id));
    let hidden = signed(&forge.header(), &hidden, &forge.ours);
    assert!(!lets_in(&forge.world, &hidden).await);
}

#[tokio::test]
async fn a_token_of_another_shape_is_refused() {
    let forge = Forge::new().await;
    let good = forge.good();
    let parts: Vec<_> = good.split('.').collect();
    let [head, body, signature] = parts[..] else {
        panic!("{good}");
    };
    let none = part(&json!({ "alg": "none", "typ": "at+jwt", "kid": forge.key.id }));
    let hmac = part(&with(&forge.header(), "alg", json!("HS256")));
    let public = forge.ours.verifying_key();
    let by_public = hs256(&format!("{hmac}.{body}"), public.as_bytes());
    let by_text = hs256(&format!("{hmac}.{body}"), forge.key.public.as_bytes());
    let admin = with(
        &forge.claims(),
        "sub",
        json!(forge.world.people["admin"].id),
    );
    let twice = forge
        .claims()
        .to_string()
        .replacen('{', r#"{"exp":9999999999,"#, 1);
    let twice = format!("{head}.{}", URL_SAFE_NO_PAD.encode(twice));
    let twice = format!(
        "{twice}.{}",
        URL_SAFE_NO_PAD.encode(forge.ours.sign(twice.as_bytes()).to_bytes())
    );
    let mut bent = URL_SAFE_NO_PAD.decode(signature).unwrap();
    bent[10] ^= 1;
    let bent = URL_SAFE_NO_PAD.encode(bent);
    for (what, token) in [
        ("alg none without a signature", format!("{none}.{body}.")),
        (
            "alg none with the signature",
            format!("{none}.{body}.{signature}"),
        ),
        (
            "HS256 by the public key",
            format!("{hmac}.{body}.{by_public}"),
        ),
        (
            "HS256 by the public key's text",
            format!("{hmac}.{body}.{by_text}"),
        ),
        (
            "an administrator's claims",
            format!("{head}.{}.{signature}", part(&admin)),
        ),
        ("a claim twice", twice),
        ("no signature", format!("{head}.{body}.")),
        ("one bit of the signature", format!("{head}.{body}.{bent}")),
        (
            "a signature of zeros",
            format!("{head}.{body}.{}", URL_SAFE_NO_PAD.encode([0; 64])),
        ),
        ("two parts", format!("{head}.{body}")),
        ("four parts", format!("{good}.{signature}")),
        (
            "five parts, as encrypted ones have",
            format!("{good}.{head}.{body}"),
        ),
        ("cut", good[..good.len() - 2].to_owned()),
        ("prolonged", format!("{good}AA")),
        ("padded", format!("{good}==")),
        (
            "other letters",
            good.replace(['-', '_'], "+")[..].to_owned() + "/",
        ),
        (
            "a megabyte",
            format!("{head}.{}.{signature}", "A".repeat(1_000_000)),
        ),
        ("garbage", "garbage".into()),
        ("dots", "..".into()),
        ("nothing", String::new()),
    ] {
        assert!(!lets_in(&forge.world, &token).await, "{what}");
    }
    let (status, _) = super::ask(&forge.world, Some(&good), super::VIEWER, json!({})).await;
    assert_eq!(status, StatusCode::OK);
}
