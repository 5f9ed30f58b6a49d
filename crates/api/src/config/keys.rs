//! The secret of the service, and how tokens are issued.

use std::path::Path;

use chrono::TimeDelta;

use super::{Settings, number};
use crate::clock::Clock;
use crate::keys::Issuing;

/// The shortest secret taken, in bytes: as long as the signature it makes.
const SHORTEST_KEY: usize = 32;

/// How tokens are issued; what is wrong with it is added to what is wrong.
pub(super) fn issuing(settings: &Settings, wrong: &mut Vec<String>) -> Issuing {
    let usual = Issuing::default();
    let mut counted = |name: &str, text: Option<&str>, usual: u32, range| {
        number(text, usual, range).unwrap_or_else(|problem| {
            wrong.push(format!("{name} {problem}"));
            usual
        })
    };
    let minutes = settings.access_minutes.as_deref();
    let minutes = counted("STOA_ACCESS_MINUTES", minutes, 15, 1..=60);
    let days = counted("STOA_KEY_DAYS", settings.key_days.as_deref(), 30, 2..=365);
    let mut named = |name: &str, text: &Option<String>, usual: String| match text.as_deref() {
        Some(text) if text.trim().is_empty() => {
            wrong.push(format!("{name} must not be empty"));
            usual
        }
        text => text.map_or(usual, Into::into),
    };
    Issuing {
        issuer: named("STOA_ISSUER", &settings.issuer, usual.issuer),
        audience: named("STOA_AUDIENCE", &settings.audience, usual.audience),
        access: TimeDelta::minutes(minutes.into()),
        signs: TimeDelta::days(days.into()),
    }
}

/// The secret, made where an embedded installation has none yet.
pub(super) fn secret(settings: &Settings, embedded: bool, demo: bool) -> Result<Vec<u8>, String> {
    if let Some(key) = &settings.token_key {
        return long_enough(key.clone().into_bytes(), "STOA_TOKEN_KEY");
    }
    if demo && settings.token_key_file.is_none() {
        return Ok(Clock::secret());
    }
    let path = settings
        .token_key_file
        .clone()
        .unwrap_or_else(|| "stoa.key".into());
    match std::fs::read_to_string(&path) {
        Ok(text) => long_enough(text.trim().as_bytes().to_vec(), "The token key file"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && embedded => make(&path),
        Err(_) if settings.token_key_file.is_none() => Err(
            "STOA_TOKEN_KEY (or STOA_TOKEN_KEY_FILE) is needed: a secret of at least 32 characters that every process shares, e.g. from `openssl rand -base64 48`".into(),
        ),
        Err(error) => Err(format!(
            "STOA_TOKEN_KEY_FILE {} cannot be read: {error}",
            path.display()
        )),
    }
}

fn long_enough(key: Vec<u8>, name: &str) -> Result<Vec<u8>, String> {
    if key.len() < SHORTEST_KEY {
        return Err(format!(
            "{name} must have at least {SHORTEST_KEY} characters"
        ));
    }
    Ok(key)
}

/// Makes the key of an embedded installation, readable by its owner only.
fn make(path: &Path) -> Result<Vec<u8>, String> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let key: String = Clock::secret()
        .iter()
        .fold(String::new(), |mut text, byte| {
            use std::fmt::Write;
            let _ = write!(text, "{byte:02x}");
            text
        });
    options
        .open(path)
        .and_then(|mut file| file.write_all(key.as_bytes()))
        .map_err(|error| format!("the token key {} cannot be made: {error}", path.display()))?;
    Ok(key.into_bytes())
}
