//! The mail server: whether it speaks to us, with our name and password.

use std::time::Duration;

use super::Finding;
use crate::config::Settings;
use crate::mail::Mailer;

const PLACE: &str = "mail";
/// How long the server is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn examine(settings: &Settings) -> Vec<Finding> {
    let (Some(url), Some(from)) = (&settings.smtp_url, &settings.mail_from) else {
        return Vec::new();
    };
    // The configuration's check has said it if this is none.
    let Ok(mailer) = Mailer::smtp(url, from) else {
        return Vec::new();
    };
    let answered = tokio::time::timeout(PATIENCE, mailer.answers()).await;
    let finding = if answered.unwrap_or(false) {
        Finding::fine(PLACE, "the mail server answers".to_owned())
    } else {
        Finding::mend(
            PLACE,
            "the mail server does not answer, or does not take our name and password".to_owned(),
            "Set STOA_SMTP_URL to a server that this machine reaches: nobody can sign in by a mailed code.",
        )
    };
    vec![finding]
}
