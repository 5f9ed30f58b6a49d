//! Sending the mails that wait. A mail is taken up before it is sent and deleted after it was: a process
//! that dies in between leaves it to another, so it is sent at least once, and rarely twice.

use futures_util::StreamExt;
use stoa_domain::actor::Actor;
use stoa_domain::id::Id;
use stoa_domain::mail::{Kind, Mail};
use stoa_persistence::{MailStep, StoreError};

use crate::mail::{Letter, Unsent, is_over, sign_in_code};
use crate::service::Service;

/// How many mails one round takes up.
const BATCH: u64 = 100;
/// How many conversations go on at once, so that one slow answer does not hold up the others.
const AT_ONCE: usize = 8;

impl Service {
    /// Sends what is due.
    pub async fn send_mails(&self) -> Result<(), StoreError> {
        let system = self.store.view(&Actor::System);
        let due = system.due_mails(self.clock.now(), BATCH).await?;
        futures_util::stream::iter(due)
            .for_each_concurrent(AT_ONCE, |mail| async move {
                let id = mail.id;
                match self.send_mail(mail).await {
                    // Another process sends it.
                    Ok(()) | Err(StoreError::Conflict) => {}
                    // It is still there, and taken up again later.
                    Err(error) => tracing::error!(%id, %error, "a mail could not be handled"),
                }
            })
            .await;
        Ok(())
    }

    async fn send_mail(&self, mail: Mail) -> Result<(), StoreError> {
        let mail = mail.taken(self.clock.now());
        self.store.commit(MailStep::Taken(mail.clone())).await?;
        let done = MailStep::Done(mail.id);
        let Some(letter) = self.letter(&mail).await? else {
            return self.store.commit(done).await;
        };
        let next = match self.entrance.mailer.send(&mail, letter).await {
            Ok(()) => done,
            Err(Unsent::Now) => match mail.clone().again(self.clock.now()) {
                Some(again) => MailStep::PutBack(again),
                None => given_up(&mail),
            },
            Err(Unsent::Ever) => given_up(&mail),
        };
        self.store.commit(next).await
    }

    /// What the mail says; nothing if it is of no use any more.
    async fn letter(&self, mail: &Mail) -> Result<Option<Letter>, StoreError> {
        if is_over(mail, self.clock.now()) {
            return Ok(None);
        }
        match mail.kind {
            Kind::SignInCode => {
                let system = self.store.view(&Actor::System);
                let newest = system.sign_in_code(&mail.to).await?;
                let code = newest.filter(|code| code.id.uuid() == mail.about);
                Ok(code.map(|_| sign_in_code(&self.spelled(Id::new(mail.about)))))
            }
        }
    }
}

fn given_up(mail: &Mail) -> MailStep {
    tracing::warn!(id = %mail.id, attempts = mail.attempts, "a mail was given up");
    MailStep::Done(mail.id)
}
