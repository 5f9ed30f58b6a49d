//! GraphQL over WebSocket: the loop around a [`Session`], which decides, and a socket, which carries.

mod session;

use std::collections::HashMap;
use std::future::pending;
use std::net::IpAddr;
use std::time::Duration;

use async_graphql::Request;
use async_graphql::parser::types::OperationType;
use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, AbortHandle, BoxStream, SelectAll, StreamExt};
use stoa_domain::actor::Actor;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};

use super::limits::BODY;
use super::live::{Seat, Told, answers, life, stopped};
use super::refused::Refused;
use super::request_id::RequestId;
use super::{Shared, address_of, execution, origin, request};
use crate::auth::{Recognised, Unrecognised, recognise};
use crate::budget::values;
use session::{Action, Close, Session};

const PROTOCOL: &str = "graphql-transport-ws";
/// How long a client may take to read what it is sent; meanwhile nothing is made for it.
const SLOWEST: Duration = Duration::from_secs(20);
/// How long the last words may take.
const FAREWELL: Duration = Duration::from_secs(2);

/// One socket: what was decided about it, and what runs on it.
struct Conversation {
    socket: WebSocket,
    shared: Shared,
    session: Session,
    actor: Actor,
    /// Where it comes from, if it is known.
    address: Option<IpAddr>,
    /// How the log calls the request that opened it.
    id: RequestId,
    seat: Seat,
    recognising: Option<BoxFuture<'static, Result<Recognised, Unrecognised>>>,
    running: SelectAll<BoxStream<'static, (u64, Option<Told>)>>,
    handles: HashMap<u64, AbortHandle>,
}

/// Takes a socket, if the page behind it may have one.
pub(super) fn open(
    shared: Shared,
    head: &Parts,
    upgrade: WebSocketUpgrade,
    id: RequestId,
) -> Result<Response, Refused> {
    let seats = &shared.seats;
    if !origin::allowed(&head.headers, &seats.streams.origins) {
        return Err(Refused::new(
            StatusCode::FORBIDDEN,
            "FORBIDDEN",
            "Pages of this origin may not open sockets here. Operators allow origins with STOA_ALLOWED_ORIGINS.",
        ));
    }
    let Some(seat) = seats.take(None) else {
        return Err(Refused::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "RATE_LIMITED",
            "Too many sockets wait for their clients. Try again later.",
        ));
    };
    let address = address_of(head, shared.gate.limits().proxies);
    Ok(upgrade
        .protocols([PROTOCOL])
        .max_message_size(BODY)
        .max_frame_size(BODY)
        .on_upgrade(move |socket| Box::pin(converse(socket, shared, seat, address, id))))
}

async fn converse(
    socket: WebSocket,
    shared: Shared,
    seat: Seat,
    address: Option<IpAddr>,
    id: RequestId,
) {
    let mut conversation = Conversation {
        socket,
        session: Session::new(shared.seats.streams.operations),
        shared,
        actor: Actor::Anonymous,
        address,
        id,
        seat,
        recognising: None,
        running: SelectAll::new(),
        handles: HashMap::new(),
    };
    let end = conversation.run().await;
    // What ran is over, even while the last words wait for their reader.
    conversation.running.clear();
    let _ = timeout(FAREWELL, conversation.leave(end)).await;
}

impl Conversation {
    /// Runs to the end; none if the client ended it or is gone, and nothing is left to say.
    async fn run(&mut self) -> Option<Close> {
        if self.socket.protocol().is_none() {
            return Some(Close::new(4406, "Subprotocol not acceptable"));
        }
        let streams = self.shared.seats.streams.clone();
        let mut introduction = Box::pin(sleep(streams.introduction));
        let mut expiry = Box::pin(sleep(Duration::MAX));
        let mut pings = interval_at(Instant::now() + streams.ping, streams.ping);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut stopped = Box::pin(stopped(streams.stop));
        let mut heard = true;
        loop {
            let action = tokio::select! {
                message = self.socket.recv() => {
                    heard = true;
                    match message {
                        Some(Ok(Message::Text(text))) if values::bounded(text.as_bytes()).is_err() => {
                            return Some(Close::bad_message());
                        }
                        Some(Ok(Message::Text(text))) => self.session.heard(&text),
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => None,
                        Some(Ok(Message::Close(_))) | None => return None,
                        Some(Ok(Message::Binary(_)) | Err(_)) => return Some(Close::bad_message()),
                    }
                }
                known = known(&mut self.recognising) => {
                    self.recognising = None;
                    let known = known.map(|Recognised { actor, until }| {
                        expiry = Box::pin(sleep(life(until, self.shared.service.clock.now())));
                        actor
                    });
                    Some(self.recognised(known))
                }
                Some((number, told)) = self.running.next(), if !self.running.is_empty() => {
                    self.told(number, told)
                }
                () = &mut introduction, if self.session.is_silent() => self.session.waited(),
                () = &mut expiry => Some(Session::expired()),
                () = &mut stopped => Some(Session::stopping()),
                _ = pings.tick() => {
                    if !std::mem::take(&mut heard) {
                        return Some(Close::new(1001, "Nothing was heard for too long"));
                    }
                    self.say(Message::Ping(Bytes::new())).await?;
                    None
                }
            };
            match action {
                None => {}
                Some(Action::Close(close)) => return Some(close),
                Some(Action::Send(text)) => self.say(Message::Text(text.into())).await?,
                Some(Action::Recognise(token)) => self.recognise(token),
                Some(Action::Start(number, request)) => {
                    let answers = self.answers(*request);
                    let (answers, handle) = stream::abortable(answers);
                    let end = stream::iter([(number, None)]);
                    let told = answers.map(move |told| (number, Some(told)));
                    self.running.push(told.chain(end).boxed());
                    self.handles.insert(number, handle);
                }
                Some(Action::Stop(number)) => {
                    if let Some(handle) = self.handles.remove(&number) {
                        handle.abort();
                    }
                }
            }
        }
    }

    /// What an operation says, as it comes.
    fn answers(&self, request: Request) -> BoxStream<'static, Told> {
        let admitted = request::without_nul(request)
            .and_then(|request| execution::admit(&self.shared, request, &self.actor, self.address));
        match admitted {
            Ok(admitted) => {
                let followed = admitted.kind == OperationType::Subscription;
                let followed = followed.then(|| self.shared.service.metrics.followed());
                let answers = answers(&self.shared, admitted, self.id.clone());
                answers
                    .inspect(move |_| {
                        // It is counted for as long as it is followed.
                        let _ = &followed;
                    })
                    .boxed()
            }
            Err(refused) => stream::iter([Told::Refused(refused.errors)]).boxed(),
        }
    }

    fn recognise(&mut self, token: Option<String>) {
        let service = self.shared.service.clone();
        self.recognising = Some(Box::pin(async move {
            recognise(token.as_deref(), &service).await
        }));
    }

    fn recognised(&mut self, known: Result<Actor, Unrecognised>) -> Action {
        let known = known
            .map_err(|problem| match problem {
                Unrecognised::Token | Unrecognised::Account => session::Refused::Token,
                Unrecognised::Store(error) => {
                    tracing::error!(%error, "an account could not be read");
                    session::Refused::Broken
                }
            })
            .and_then(|actor| {
                if let Some(account) = actor.account() {
                    let seat = self.shared.seats.take(Some(account));
                    self.seat = seat.ok_or(session::Refused::Crowded)?;
                }
                self.actor = actor;
                Ok(())
            });
        self.session.recognised(known)
    }

    fn told(&mut self, number: u64, told: Option<Told>) -> Option<Action> {
        match told {
            Some(Told::Next(answer)) => self.session.answered(number, &answer),
            Some(Told::Refused(errors)) => self.session.failed(number, &errors),
            None => {
                self.handles.remove(&number);
                self.session.ended(number)
            }
        }
    }

    /// Says something; none if the client is gone or does not read.
    async fn say(&mut self, message: Message) -> Option<()> {
        timeout(SLOWEST, self.socket.send(message)).await.ok()?.ok()
    }

    /// Says why it ends, or answers the client's own end, and reads what is on its way: a connection
    /// that is closed with something unread loses the last words.
    async fn leave(&mut self, end: Option<Close>) {
        if let Some(close) = end {
            let frame = CloseFrame {
                code: close.code,
                reason: close.reason.as_ref().into(),
            };
            if self.say(Message::Close(Some(frame))).await.is_none() {
                return;
            }
        }
        while let Some(Ok(_)) = self.socket.recv().await {}
    }
}

async fn known(
    recognising: &mut Option<BoxFuture<'static, Result<Recognised, Unrecognised>>>,
) -> Result<Recognised, Unrecognised> {
    match recognising {
        Some(recognising) => recognising.await,
        None => pending().await,
    }
}
