//! The ways to sign in that operators set up.

use super::Settings;
use crate::entrance::Entrance;
use crate::mail::Mailer;
use crate::oidc::{self, Mapping, Oidc};

/// The ways to sign in; what is wrong with them is added to what is wrong.
pub(super) fn read(
    settings: &Settings,
    secret: &[u8],
    demo: bool,
    wrong: &mut Vec<String>,
) -> Entrance {
    let mut entrance = Entrance::new(secret);
    match (&settings.smtp_url, &settings.mail_from) {
        (Some(url), Some(from)) => match Mailer::smtp(url, from) {
            Ok(mailer) => entrance.mailer = mailer,
            Err(problem) => wrong.push(problem),
        },
        (Some(_), None) => wrong.push("STOA_MAIL_FROM is needed with STOA_SMTP_URL".into()),
        (None, _) if demo => entrance.mailer = Mailer::Terminal,
        (None, Some(_)) => wrong.push("STOA_SMTP_URL is needed with STOA_MAIL_FROM".into()),
        (None, None) => {}
    }
    match settings.staff_codes.as_deref() {
        None | Some("false") => {}
        Some("true") => entrance.staff_by_code = true,
        Some(other) => wrong.push(format!(
            "STOA_STAFF_CODES must be true or false, not {other:?}"
        )),
    }
    entrance.oidc = provider(settings).unwrap_or_else(|problem| {
        wrong.push(problem);
        None
    });
    entrance
}

fn provider(settings: &Settings) -> Result<Option<Oidc>, String> {
    let Some(issuer) = settings.oidc_issuer.clone() else {
        return Ok(None);
    };
    let needed = |value: &Option<String>, name: &str| {
        let value = value.clone();
        value.ok_or_else(|| format!("{name} is needed with STOA_OIDC_ISSUER"))
    };
    let mapping = match &settings.oidc_roles {
        None => None,
        Some(path) => {
            let read = std::fs::read_to_string(path).map_err(|error| error.to_string());
            let mapping = read.and_then(|text| Mapping::parse(&text));
            Some(mapping.map_err(|problem| {
                format!(
                    "STOA_OIDC_ROLES {} cannot be used: {problem}",
                    path.display()
                )
            })?)
        }
    };
    let frontends = needed(&settings.frontends, "STOA_FRONTENDS")?;
    Oidc::new(oidc::Settings {
        issuer,
        client_id: needed(&settings.oidc_client_id, "STOA_OIDC_CLIENT_ID")?,
        client_secret: settings.oidc_client_secret.clone(),
        public_url: needed(&settings.public_url, "STOA_PUBLIC_URL")?,
        frontends: frontends
            .split(',')
            .map(|it| it.trim().to_owned())
            .collect(),
        mapping,
    })
    .map(Some)
}
