//! By a code that is mailed, with a real mail server on the other side of a socket.

use serde_json::{Value, json};
use stoa::entrance::Entrance;
use stoa::mail::Mailer;
use stoa_domain::account::Kind;
use stoa_domain::actor::Actor;

use super::smtp::{Fault, Smtp};
use super::{HERE, SESSION, log, mutate, whose};
use crate::support::{SECRET, World, asked, database};

const EMAIL: &str = "newcomer@example.org";
const FROM: &str = "Stoa <stoa@example.org>";

/// A world that sends mail through a server of its own.
async fn with_mail() -> (World, Smtp) {
    let smtp = Smtp::new().await;
    let mut entrance = Entrance::new(SECRET);
    entrance.mailer = Mailer::smtp(&smtp.url, FROM).unwrap();
    let world = World::entered(database::fresh().await, entrance, |_| {}).await;
    (world, smtp)
}

async fn request(world: &World, email: &str) -> Value {
    let input = json!({ "email": email });
    mutate(world, None, HERE, "requestSignInCode", "expiresAt", input).await
}

/// Asks for a code and reads it in the mail.
async fn code(world: &World, smtp: &Smtp, email: &str) -> String {
    let payload = request(world, email).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    world.service.send_mails().await.unwrap();
    let mails = smtp.mails();
    assert_eq!(mails.len(), 1, "{mails:?}");
    code_in(&mails[0])
}

fn code_in(mail: &str) -> String {
    let line = mail.lines().find(|line| line.starts_with("    "));
    line.unwrap().trim().to_owned()
}

async fn by_code(world: &World, email: &str, code: &str) -> Value {
    let input = json!({ "email": email, "code": code });
    mutate(world, None, HERE, "signInWithCode", SESSION, input).await
}

#[track_caller]
fn is_refused(payload: &Value, case: &str) {
    assert_eq!(payload["tokens"], Value::Null, "{case}: {payload:#}");
    assert_eq!(
        payload["userErrors"][0]["code"], "SIGN_IN_REFUSED",
        "{case}"
    );
}

#[tokio::test]
async fn who_reads_the_mails_of_a_new_address_becomes_an_applicant() {
    let (world, smtp) = with_mail().await;
    let payload = request(&world, " Newcomer@Example.org").await;
    assert_eq!(payload["expiresAt"], "2026-11-23T10:10:00Z", "{payload:#}");
    world.service.send_mails().await.unwrap();
    let mail = smtp.mails().remove(0);
    let code = code_in(&mail);
    for line in [
        "From: Stoa <stoa@example.org>",
        "To: newcomer@example.org",
        &format!("Subject: {code} is your code to sign in"),
        "Auto-Submitted: auto-generated",
        "Date: Mon, 23 Nov 2026 10:00:00 +0000",
        "Content-Type: text/plain; charset=utf-8",
    ] {
        assert!(mail.lines().any(|it| it == line), "{line}\n{mail}");
    }
    let system = world.service.store.view(&Actor::System);
    assert_eq!(
        system.account_by_email(EMAIL).await.unwrap(),
        None,
        "nothing is proven yet"
    );

    let payload = by_code(&world, "Newcomer@example.org", &code.to_lowercase()).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    assert_eq!(payload["account"]["name"], "newcomer");
    let token = payload["tokens"]["accessToken"].as_str().unwrap();
    assert_eq!(whose(&world, token).await, EMAIL);
    let account = system.account_by_email(EMAIL).await.unwrap().unwrap();
    assert_eq!((account.kind, account.grants), (Kind::Applicant, vec![]));
    assert_eq!(
        log(&world).await,
        [("SIGNED_IN".to_owned(), json!({ "method": "CODE" }))]
    );
    // The next time it is the same account.
    let code = self::code(&world, &smtp, EMAIL).await;
    let payload = by_code(&world, EMAIL, &code).await;
    assert_eq!(payload["account"]["id"], account.id.to_string());
}

#[tokio::test]
async fn a_code_is_good_for_one_use_ten_minutes_and_five_tries() {
    let (world, smtp) = with_mail().await;
    let first = code(&world, &smtp, EMAIL).await;
    let payload = by_code(&world, EMAIL, &first).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    is_refused(&by_code(&world, EMAIL, &first).await, "used");

    world.now("2026-11-23T11:00:00Z");
    let late = code(&world, &smtp, EMAIL).await;
    world.now("2026-11-23T11:10:00Z");
    is_refused(&by_code(&world, EMAIL, &late).await, "too late");

    world.now("2026-11-23T12:00:00Z");
    let right = code(&world, &smtp, EMAIL).await;
    for wrong in ["2345-6789", "", "2345", "нет", &"2".repeat(100_000)] {
        is_refused(&by_code(&world, EMAIL, wrong).await, "wrong");
    }
    is_refused(&by_code(&world, EMAIL, &right).await, "tried too often");

    world.now("2026-11-23T13:00:00Z");
    let right = code(&world, &smtp, EMAIL).await;
    for _ in 0..4 {
        is_refused(&by_code(&world, EMAIL, "2345-6789").await, "wrong");
    }
    let payload = by_code(&world, EMAIL, &right).await;
    assert_eq!(
        payload["userErrors"],
        json!([]),
        "the fifth try may be right"
    );
}

#[tokio::test]
async fn only_the_newest_code_of_an_address_counts_and_only_there() {
    let (world, smtp) = with_mail().await;
    let old = code(&world, &smtp, EMAIL).await;
    let new = code(&world, &smtp, EMAIL).await;
    let other = code(&world, &smtp, "other@example.org").await;
    is_refused(&by_code(&world, EMAIL, &old).await, "not the newest");
    is_refused(&by_code(&world, EMAIL, &other).await, "somebody else's");
    let payload = by_code(&world, EMAIL, &new).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    // One that waits while a newer one is asked for is not sent at all.
    for _ in 0..2 {
        request(&world, EMAIL).await;
    }
    world.service.send_mails().await.unwrap();
    assert_eq!(smtp.mails().len(), 1);
}

#[tokio::test]
async fn one_code_used_many_times_at_once_begins_one_session() {
    let (world, smtp) = with_mail().await;
    let code = code(&world, &smtp, EMAIL).await;
    let uses = (0..5).map(|_| by_code(&world, EMAIL, &code));
    let payloads = futures_util::future::join_all(uses).await;
    let sessions = payloads.iter().filter(|it| !it["tokens"].is_null());
    assert_eq!(sessions.count(), 1, "{payloads:#?}");
}

#[tokio::test]
async fn asking_for_a_code_is_answered_the_same_whosever_the_address_is() {
    let smtp = Smtp::new().await;
    let store = database::fresh().await;
    asked::listen();
    let mut entrance = Entrance::new(SECRET);
    entrance.mailer = Mailer::smtp(&smtp.url, FROM).unwrap();
    let world = World::entered(store, entrance, |_| {}).await;
    let closed = world.people["other applicant"].clone();
    let change = closed.disable(1, &Actor::System, world.service.clock.now());
    world.service.store.commit(change.unwrap()).await.unwrap();
    let people = [
        ("nobody@example.org", true),
        ("applicant@example.org", true),
        ("specialist@example.org", false),
        ("integration@example.org", false),
        ("other.applicant@example.org", false),
    ];
    let mut costs = Vec::new();
    for (email, _) in people {
        asked::taken();
        let payload = request(&world, email).await;
        assert_eq!(
            payload,
            json!({ "expiresAt": "2026-11-23T10:10:00Z", "userErrors": [] }),
            "{email}"
        );
        costs.push(asked::taken());
    }
    assert!(
        costs
            .iter()
            .all(|cost| *cost == costs[0] && !cost.is_empty())
    );
    world.service.send_mails().await.unwrap();
    let mails = smtp.mails();
    assert_eq!(mails.len(), people.len());
    for (email, enters) in people {
        let to = format!("To: {email}");
        let mail = mails.iter().find(|it| it.lines().any(|line| line == to));
        let payload = by_code(&world, email, &code_in(mail.unwrap())).await;
        if enters {
            assert_eq!(payload["userErrors"], json!([]), "{email}");
        } else {
            is_refused(&payload, email);
        }
    }
}

#[tokio::test]
async fn people_of_the_team_sign_in_by_code_where_that_is_set_up() {
    let smtp = Smtp::new().await;
    let mut entrance = Entrance::new(SECRET);
    entrance.mailer = Mailer::smtp(&smtp.url, FROM).unwrap();
    entrance.staff_by_code = true;
    let world = World::entered(database::fresh().await, entrance, |_| {}).await;
    for (email, enters) in [
        ("specialist@example.org", true),
        ("integration@example.org", false),
    ] {
        let code = code(&world, &smtp, email).await;
        let payload = by_code(&world, email, &code).await;
        assert_eq!(payload["tokens"].is_null(), !enters, "{email}: {payload:#}");
    }
}

#[tokio::test]
async fn an_address_is_sent_five_codes_in_a_quarter_of_an_hour() {
    let (world, _smtp) = with_mail().await;
    for email in [EMAIL, "applicant@example.org"] {
        for _ in 0..5 {
            assert_eq!(request(&world, email).await["userErrors"], json!([]));
        }
        let error = &request(&world, email).await["userErrors"][0];
        assert_eq!(error["code"], "RATE_LIMITED");
        assert_eq!(error["retryAt"], "2026-11-23T10:15:00Z");
    }
    for text in [
        "nobody",
        "",
        "a b@example.org",
        "x@example.org\r\nBcc: y@example.org",
    ] {
        let error = &request(&world, text).await["userErrors"][0];
        assert_eq!(error["code"], "INVALID_INPUT", "{text:?}");
    }
}

#[tokio::test]
async fn without_a_mail_server_nobody_is_told_to_wait_for_a_mail() {
    let world = World::new().await;
    let error = &request(&world, EMAIL).await["userErrors"][0];
    assert_eq!(error["code"], "NOT_SET_UP");
}

#[tokio::test]
async fn a_mail_that_the_server_does_not_take_now_is_sent_later_and_once() {
    use Fault::{HangsUp, Says};
    for (fault, comes) in [
        (HangsUp("EHLO"), true),
        (HangsUp("MAIL"), true),
        (HangsUp("RCPT"), true),
        (HangsUp("DATA"), true),
        (HangsUp("."), true),
        (Says("MAIL", "421 Closing down"), true),
        (Says("MAIL", "451 Try later"), true),
        (Says("RCPT", "450 Mailbox busy"), true),
        (Says(".", "452 Disk full"), true),
        (Says("MAIL", "530 Authentication required"), true),
        (Says("RCPT", "550 No such mailbox"), false),
        (Says(".", "554 Rejected"), false),
    ] {
        let (world, smtp) = with_mail().await;
        smtp.fail(&[fault]);
        request(&world, EMAIL).await;
        world.service.send_mails().await.unwrap();
        assert_eq!(smtp.mails(), Vec::<String>::new(), "{fault:?}");
        world.service.send_mails().await.unwrap();
        assert_eq!(smtp.mails(), Vec::<String>::new(), "{fault:?}: not at once");
        world.now("2026-11-23T10:00:05Z");
        world.service.send_mails().await.unwrap();
        let mails = smtp.mails();
        assert_eq!(mails.len(), usize::from(comes), "{fault:?}");
        if let Some(mail) = mails.first() {
            let payload = by_code(&world, EMAIL, &code_in(mail)).await;
            assert_eq!(payload["userErrors"], json!([]), "{fault:?}");
        }
        world.now("2026-11-23T10:09:00Z");
        world.service.send_mails().await.unwrap();
        assert_eq!(smtp.mails(), Vec::<String>::new(), "{fault:?}: once");
    }
}

#[tokio::test]
async fn a_mail_whose_sender_died_is_sent_by_another_one() {
    let (world, smtp) = with_mail().await;
    smtp.fail(&[Fault::Hangs("DATA")]);
    request(&world, EMAIL).await;
    {
        let mut dying = Box::pin(world.service.send_mails());
        while smtp.hung() == 0 {
            let moment = tokio::time::sleep(std::time::Duration::from_millis(5));
            tokio::select! {
                _ = &mut dying => panic!("the server never answers"),
                () = moment => {}
            }
        }
    }
    world.service.send_mails().await.unwrap();
    assert_eq!(
        smtp.mails(),
        Vec::<String>::new(),
        "it may still be on its way"
    );
    world.now("2026-11-23T10:02:00Z");
    world.service.send_mails().await.unwrap();
    assert_eq!(smtp.mails().len(), 1);
}

#[tokio::test]
async fn senders_that_meet_send_each_mail_once() {
    let (world, smtp) = with_mail().await;
    for number in 0..20 {
        request(&world, &format!("newcomer.{number}@example.org")).await;
    }
    let rounds = (0..4).map(|_| world.service.send_mails());
    for done in futures_util::future::join_all(rounds).await {
        done.unwrap();
    }
    let mut to: Vec<_> = smtp
        .mails()
        .iter()
        .map(|mail| {
            mail.lines()
                .find(|line| line.starts_with("To: "))
                .unwrap()
                .to_owned()
        })
        .collect();
    to.sort_unstable();
    to.dedup();
    assert_eq!(to.len(), 20);
    world.service.send_mails().await.unwrap();
    assert_eq!(smtp.mails(), Vec::<String>::new());
}

#[tokio::test]
async fn a_mail_of_no_use_any_more_is_not_sent() {
    let (world, smtp) = with_mail().await;
    request(&world, EMAIL).await;
    world.now("2026-11-23T10:10:00Z");
    world.service.send_mails().await.unwrap();
    assert_eq!(smtp.mails(), Vec::<String>::new());
    let system = world.service.store.view(&Actor::System);
    let due = system.due_mails("2027-01-01T00:00:00Z".parse().unwrap(), 10);
    assert_eq!(due.await.unwrap(), [], "and nobody's address is kept");
}
