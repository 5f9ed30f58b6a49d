//! Following the log as somebody: every event is read again as who they are by then, and none is missed.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use async_graphql::Context;
use async_graphql::connection::CursorType;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, StreamExt};
use stoa_domain::actor::Actor;
use stoa_domain::change::Logged;
use stoa_persistence::{Followed, Line, Place, StoreError, View, Wanted};

use super::connection::Opaque;
use super::error::{Code, Failure};
use super::scope::Scope;
use crate::service::Service;

/// How long a stream waits after the database failed it.
const PAUSE: Duration = Duration::from_secs(1);

/// What a transport adds to a subscription: where a client that came back had stopped, and where it is now.
#[derive(Debug, Default)]
pub struct Resume {
    after: Option<String>,
    told: Mutex<Option<String>>,
}

/// An account that follows the log.
pub struct Following {
    service: Service,
    actor: Actor,
    later: Arc<OnceLock<Scope>>,
    followed: Followed,
    wanted: Wanted,
    begins_now: bool,
    line: Option<Line>,
    resume: Option<Arc<Resume>>,
}

/// A line at the time when it is told.
pub struct Now {
    /// What exists for the account with the roles it holds now.
    pub view: View,
    /// The line as the service reads it: look through the view before telling it.
    pub logged: Logged,
    /// Whether the line is one that was asked for; otherwise it is about the account itself.
    pub asked_for: bool,
    /// Where the line stands.
    pub cursor: String,
}

/// What becomes of a line.
pub enum Step<T> {
    /// It is told.
    Tell(T),
    /// It is nothing to this account.
    Skip,
    /// There will be nothing more to tell.
    End,
}

impl Resume {
    /// A stream that goes on after this event, whatever its document says.
    pub fn after(after: Option<String>) -> Self {
        Self {
            after,
            told: Mutex::default(),
        }
    }

    /// The place of the event that was told last.
    pub fn told(&self) -> Option<String> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.clone()
    }
}

impl Following {
    /// Begins after this event, or now. Strangers are refused.
    pub async fn begin(
        ctx: &Context<'_>,
        after: Option<String>,
        wanted: Wanted,
    ) -> Result<Self, Failure> {
        let scope = Scope::of(ctx);
        let actor = scope.signed_in()?.clone();
        let resume = ctx.data_opt::<Arc<Resume>>().cloned();
        let resumed = resume.as_ref().and_then(|resume| resume.after.clone());
        let after = resumed.or(after).map(place).transpose()?;
        let wanted = Wanted {
            account: actor.account(),
            ..wanted
        };
        let followed = scope.service.store.follow(after, wanted).await;
        Ok(Self {
            service: scope.service.clone(),
            later: Arc::clone(&scope.later),
            followed: followed.map_err(unknown)?,
            actor,
            wanted,
            begins_now: after.is_none(),
            line: None,
            resume,
        })
    }

    /// Whether it begins now, and not where a client had stopped.
    pub const fn begins_now(&self) -> bool {
        self.begins_now
    }

    /// Where it stands.
    pub fn cursor(&self) -> String {
        Opaque::unbound(self.followed.place().cursor()).encode_cursor()
    }

    /// What exists for the account with the roles it holds now.
    pub fn view(&self) -> View {
        self.service.store.view(&self.actor)
    }

    /// The events: perhaps a first one, then what `read` makes of each line. A failure of the
    /// database is waited out; the stream ends when `read` says so or the account is closed.
    pub fn stream<T: Send + 'static>(
        self,
        first: Option<T>,
        read: impl Fn(Now) -> BoxFuture<'static, Result<Step<T>, StoreError>> + Send + Sync + 'static,
    ) -> BoxStream<'static, T> {
        stream::unfold((self, first, read), |(mut this, first, read)| async move {
            if let Some(first) = first {
                this.tells(this.cursor());
                return Some((first, (this, None, read)));
            }
            loop {
                match this.step(&read).await {
                    Ok(Step::Tell(event)) => {
                        this.tells(this.cursor());
                        return Some((event, (this, None, read)));
                    }
                    Ok(Step::Skip) => {}
                    Ok(Step::End) => return None,
                    Err(error) => {
                        tracing::error!(%error, "a stream could not be read; it goes on");
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            }
        })
        .boxed()
    }

    async fn step<T>(
        &mut self,
        read: impl Fn(Now) -> BoxFuture<'static, Result<Step<T>, StoreError>>,
    ) -> Result<Step<T>, StoreError> {
        // The line stays until it was read through, so that a failure does not lose it.
        if self.line.is_none() {
            self.line = Some(self.followed.next().await?);
        }
        if !self.renew().await? {
            return Ok(Step::End);
        }
        let Some(line) = &self.line else {
            return Ok(Step::Skip);
        };
        let step = read(Now {
            view: self.view(),
            logged: line.logged.clone(),
            asked_for: self.wanted.asks_for(&line.logged.activity),
            cursor: self.cursor(),
        })
        .await?;
        self.line = None;
        Ok(step)
    }

    /// Takes on the roles that the account holds now; a closed account or an ended session ends the stream.
    async fn renew(&mut self) -> Result<bool, StoreError> {
        if self.actor == Actor::Anonymous {
            return Ok(false);
        }
        let Some(now) = self.service.renewed(&self.actor).await? else {
            return Ok(false);
        };
        if now != self.actor {
            let scope = Scope::following(self.service.clone(), &now);
            let later = Arc::clone(&scope.later);
            // Nobody else holds the end of the chain.
            let _ = self.later.set(scope);
            self.later = later;
            self.actor = now;
        }
        Ok(true)
    }

    fn tells(&self, cursor: String) {
        if let Some(resume) = &self.resume {
            let mut told = resume.told.lock().unwrap_or_else(PoisonError::into_inner);
            *told = Some(cursor);
        }
    }
}

fn place(cursor: String) -> Result<Place, Failure> {
    let cursor = Opaque::decode_cursor(&cursor)
        .map_err(|refused| Failure::new(Code::BadUserInput(refused)))?;
    Place::parse(cursor.cursor()).map_err(unknown)
}

fn unknown(error: StoreError) -> Failure {
    match error {
        StoreError::Cursor => Failure::new(Code::BadUserInput(
            "`after` is not the cursor of an event of this service. Read anew what you show, and subscribe without it.",
        )),
        error => error.into(),
    }
}
