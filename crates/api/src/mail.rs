//! Sending mail: one SMTP conversation a mail, or a line on the terminal in the demo.

use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder};
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::{AsyncTransport, Message, Tokio1Executor};
use stoa_domain::Timestamp;
use stoa_domain::mail::Mail;
use stoa_domain::sign_in::{self, CODE_LIFE};

/// The longest an SMTP server may take over one command.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest a whole conversation may take; shorter than the lease of a mail.
const CONVERSATION: Duration = Duration::from_mins(1);

/// How mail leaves the service.
#[derive(Clone)]
pub enum Mailer {
    /// It does not: nobody signs in by mail.
    None,
    /// It is printed: for the demo.
    Terminal,
    /// Through a mail server.
    Smtp(Box<Server>),
}

/// A mail server, and who mails are from.
#[derive(Clone)]
pub struct Server {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Terminal => "Terminal",
            Self::Smtp(_) => "Smtp(…)",
        })
    }
}

/// A text for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// A mail that did not go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// It may go out later: the server is away, or said so.
    Now,
    /// The server will never take it.
    Ever,
}

/// Mails that no person wrote, so that no out-of-office answers come back (RFC 3834 §5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

impl Mailer {
    /// Through the server at `smtp://`, `starttls://` or `smtps://`, with user and password if it wants them.
    pub fn smtp(url: &str, from: &str) -> Result<Self, String> {
        let from = from
            .parse()
            .map_err(|_| "STOA_MAIL_FROM must be a mail address such as Stoa <stoa@example.org>")?;
        let (scheme, rest) = url.split_once("://").unwrap_or_default();
        let url = match scheme {
            "smtp" | "smtps" => url.to_owned(),
            "starttls" => format!("smtp://{rest}?tls=required"),
            _ => String::new(),
        };
        // The library's words may hold the password.
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url)
            .map_err(|_| "STOA_SMTP_URL must be smtp://host, starttls://user:password@host or smtps://user:password@host, each perhaps with a port")?
            .timeout(Some(PATIENCE))
            .build();
        Ok(Self::Smtp(Box::new(Server { transport, from })))
    }

    /// Whether a server speaks to us, and takes our name and password; nothing is sent.
    pub async fn answers(&self) -> bool {
        match self {
            Self::None | Self::Terminal => true,
            Self::Smtp(server) => server.transport.test_connection().await.unwrap_or(false),
        }
    }

    /// Sends a letter, and returns when the server has taken it.
    pub async fn send(&self, mail: &Mail, letter: Letter) -> Result<(), Unsent> {
        match self {
            Self::None => Err(Unsent::Ever),
            Self::Terminal => {
                println!("\nMail to {}: {}\n", mail.to, letter.subject);
                Ok(())
            }
            Self::Smtp(server) => {
                let message = message(mail, letter, &server.from).ok_or(Unsent::Ever)?;
                let sent = tokio::time::timeout(CONVERSATION, server.transport.send(message));
                match sent.await {
                    Ok(Ok(_)) => Ok(()),
                    Ok(Err(error)) => {
                        let code = error.status().map(u16::from);
                        tracing::warn!(id = %mail.id, attempt = mail.attempts, ?code, "a mail was not taken");
                        Err(refused(code))
                    }
                    Err(_) => {
                        tracing::warn!(id = %mail.id, attempt = mail.attempts, "the mail server is slow");
                        Err(Unsent::Now)
                    }
                }
            }
        }
    }
}

/// What a server's reply means. What it says to our name and password is the operator's to mend: the
/// mail waits (RFC 4954 §6: 530, 534, 535, 538).
const fn refused(code: Option<u16>) -> Unsent {
    match code {
        Some(530 | 534 | 535 | 538) => Unsent::Now,
        Some(500..) => Unsent::Ever,
        _ => Unsent::Now,
    }
}

fn message(mail: &Mail, letter: Letter, from: &Mailbox) -> Option<Message> {
    let host = from.email.domain();
    let to = mail.to.parse().ok()?;
    MessageBuilder::new()
        .from(from.clone())
        .to(to)
        .subject(letter.subject)
        .date(SystemTime::from(mail.created_at))
        // The same however often it is sent.
        .message_id(Some(format!("<{}@{host}>", mail.id)))
        .header(AutoSubmitted)
        .header(ContentType::TEXT_PLAIN)
        .body(letter.body)
        .ok()
}

/// The letter with a code.
pub fn sign_in_code(code: &str) -> Letter {
    let text = include_str!("mail/sign_in_code.txt")
        .replace("{code}", &sign_in::shown(code))
        .replace("{minutes}", &CODE_LIFE.num_minutes().to_string());
    let (subject, body) = text.split_once("\n\n").unwrap_or_default();
    Letter {
        subject: subject.trim_start_matches("Subject: ").to_owned(),
        body: body.to_owned(),
    }
}

/// Whether a mail is of no use any more.
pub fn is_over(mail: &Mail, now: Timestamp) -> bool {
    mail.expires_at <= now
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_is_named_by_an_address_that_says_how_to_speak_to_it() {
        for (url, from, taken) in [
            ("smtp://127.0.0.1:2525", "stoa@example.org", true),
            ("smtp://mail.example.org", "Stoa <stoa@example.org>", true),
            (
                "starttls://user:p%40ss@mail.example.org:587",
                "stoa@example.org",
                true,
            ),
            (
                "smtps://user:pass@mail.example.org",
                "stoa@example.org",
                true,
            ),
            ("http://mail.example.org", "stoa@example.org", false),
            ("mail.example.org", "stoa@example.org", false),
            ("smtp://", "stoa@example.org", false),
            ("smtp://mail.example.org", "stoa", false),
        ] {
            assert_eq!(Mailer::smtp(url, from).is_ok(), taken, "{url} {from}");
        }
        let wrong = Mailer::smtp("ftp://user:hidden@mail.example.org", "stoa@example.org");
        assert!(!format!("{wrong:?}").contains("hidden"));
    }

    #[test]
    fn what_the_server_says_decides_whether_a_mail_waits() {
        for (code, expected) in [
            (None, Unsent::Now),
            (Some(421), Unsent::Now),
            (Some(450), Unsent::Now),
            (Some(535), Unsent::Now),
            (Some(550), Unsent::Ever),
            (Some(554), Unsent::Ever),
        ] {
            assert_eq!(refused(code), expected, "{code:?}");
        }
    }

    #[test]
    fn the_letter_has_the_code_in_its_subject_and_in_its_text() {
        let letter = sign_in_code("23456789");
        assert_eq!(letter.subject, "2345-6789 is your code to sign in");
        assert!(letter.body.contains("\n    2345-6789\n"), "{}", letter.body);
        assert!(letter.body.contains("within 10 minutes"), "{}", letter.body);
        assert!(!letter.body.contains('{'), "{}", letter.body);
    }
}
