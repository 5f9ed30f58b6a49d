//! Who asks: the account behind the token of a request. A token names a session, and what its account
//! may do is what the database says, so a withdrawn role, a closed account and an ended session work at
//! once in the process that wrote them, and in others as soon as the database tells.

use chrono::DateTime;
use stoa_domain::Timestamp;
use stoa_domain::actor::Actor;
use stoa_domain::opaque::Opaque;
use stoa_persistence::StoreError;

use crate::service::Service;

/// Who asks, and until when their token says so.
#[derive(Debug)]
pub struct Recognised {
    /// Who.
    pub actor: Actor,
    /// When the token ends; a stranger has none.
    pub until: Option<Timestamp>,
}

/// Why nobody could be recognised.
#[derive(Debug)]
pub enum Unrecognised {
    /// The token is malformed, expired, or not ours.
    Token,
    /// Its session is over, or its account gone or closed.
    Account,
    /// The database failed.
    Store(StoreError),
}

impl From<StoreError> for Unrecognised {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Who stands behind an `Authorization` header; none is a stranger, a bad one is refused.
pub async fn recognise(
    header: Option<&str>,
    service: &Service,
) -> Result<Recognised, Unrecognised> {
    let Some(header) = header else {
        return Ok(Recognised {
            actor: Actor::Anonymous,
            until: None,
        });
    };
    let token = header
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or(Unrecognised::Token)?;
    if token.starts_with(Opaque::Integration.prefix()) {
        let shown = service.shown(token).await?;
        let (actor, token) = shown.ok_or(Unrecognised::Token)?;
        let until = Some(token.expires_at);
        return Ok(Recognised { actor, until });
    }
    let claims = service.claims(token).await?.ok_or(Unrecognised::Token)?;
    let held = service.holder(claims.sid).await?;
    let (actor, session) = held.ok_or(Unrecognised::Account)?;
    let acting = session.impersonation.map(|it| it.by);
    if session.account != claims.sub || claims.act.map(|it| it.sub) != acting {
        return Err(Unrecognised::Token);
    }
    let until = DateTime::from_timestamp(claims.exp, 0);
    Ok(Recognised { actor, until })
}
