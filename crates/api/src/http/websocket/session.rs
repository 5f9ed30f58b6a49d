//! The conversation of `graphql-transport-ws` as a state machine: what was heard goes in, at most one thing
//! to do comes out. It knows no socket, no clock and no schema.

use std::borrow::Cow;
use std::collections::HashMap;

use async_graphql::{Request, Response, ServerError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The longest reason a close frame can hold: 125 bytes, and the code takes two.
const REASON: usize = 123;
/// The longest id of an operation, in bytes.
const ID: usize = 255;

/// What ends a conversation: a code and a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// The code of the close frame.
    pub code: u16,
    /// Why, for a developer.
    pub reason: Cow<'static, str>,
}

/// What is to be done.
#[derive(Debug)]
pub enum Action {
    /// Find out who holds this token; nobody said who they are if there is none.
    Recognise(Option<String>),
    /// Say this.
    Send(String),
    /// Begin an operation, known by this number.
    Start(u64, Box<Request>),
    /// Give up an operation.
    Stop(u64),
    /// End the conversation.
    Close(Close),
}

/// Why a client was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The token is malformed or expired, or its account is closed.
    Token,
    /// The account, or strangers together, hold as many streams as they may.
    Crowded,
    /// The database failed.
    Broken,
}

#[derive(Debug, PartialEq, Eq)]
enum Stage {
    Silent,
    Introduced,
    Known,
}

/// One conversation.
#[derive(Debug)]
pub struct Session {
    stage: Stage,
    most: usize,
    started: u64,
    running: HashMap<String, u64>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Message {
    ConnectionInit {
        payload: Option<Map<String, Value>>,
    },
    Ping {
        payload: Option<Map<String, Value>>,
    },
    Pong {
        payload: Option<Map<String, Value>>,
    },
    Subscribe {
        id: String,
        payload: Map<String, Value>,
    },
    Complete {
        id: String,
    },
}

impl Close {
    /// An end with this code; a reason that no frame can hold is cut.
    pub fn new(code: u16, reason: impl Into<Cow<'static, str>>) -> Self {
        let reason = reason.into();
        let reason = match reason.floor_char_boundary(REASON) {
            whole if whole == reason.len() => reason,
            cut => Cow::Owned(reason[..cut].to_owned()),
        };
        Self { code, reason }
    }

    /// What was said is no message of the protocol.
    pub fn bad_message() -> Self {
        Self::new(
            4400,
            "Invalid message: one JSON object of graphql-transport-ws, at most 1 MiB",
        )
    }
}

impl Action {
    fn close(code: u16, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Close(Close::new(code, reason))
    }
}

impl Session {
    /// A conversation in which nothing was said, with so many operations at once at most.
    pub fn new(most: usize) -> Self {
        Self {
            stage: Stage::Silent,
            most,
            started: 0,
            running: HashMap::new(),
        }
    }

    /// Whether the client has not yet said who it is.
    pub fn is_silent(&self) -> bool {
        self.stage == Stage::Silent
    }

    /// A text came.
    pub fn heard(&mut self, text: &str) -> Option<Action> {
        let Ok(message) = serde_json::from_str(text) else {
            return Some(Action::Close(Close::bad_message()));
        };
        match message {
            Message::ConnectionInit { payload } => Some(self.introduced(payload)),
            Message::Ping { payload } => Some(Action::Send(match payload {
                Some(payload) => json!({ "type": "pong", "payload": payload }).to_string(),
                None => json!({ "type": "pong" }).to_string(),
            })),
            Message::Pong { payload } => {
                // An answer to a ping, or a sign of life of its own: nothing to do with it.
                drop(payload);
                None
            }
            Message::Subscribe { id, payload } => Some(self.subscribed(id, payload)),
            // An id that is not known has completed here at the same time.
            Message::Complete { id } => self.running.remove(&id).map(Action::Stop),
        }
    }

    fn introduced(&mut self, payload: Option<Map<String, Value>>) -> Action {
        if !self.is_silent() {
            return Action::close(4429, "Too many initialisation requests");
        }
        self.stage = Stage::Introduced;
        let said = payload.unwrap_or_default();
        let token = said
            .into_iter()
            .find(|(name, value)| name.eq_ignore_ascii_case("authorization") && !value.is_null());
        match token {
            None => Action::Recognise(None),
            Some((_, Value::String(token))) => Action::Recognise(Some(token)),
            Some(_) => Action::close(4403, "Forbidden: `Authorization` is not a text"),
        }
    }

    /// It is known, or not, who the client is.
    pub fn recognised(&mut self, known: Result<(), Refused>) -> Action {
        match known {
            Ok(()) => {
                self.stage = Stage::Known;
                Action::Send(json!({ "type": "connection_ack" }).to_string())
            }
            Err(Refused::Token) => Action::close(
                4403,
                "Forbidden: the token is malformed or expired, or its account is closed",
            ),
            // Clients wait and come again after these two.
            Err(Refused::Crowded) => Action::close(
                1013,
                "Too many streams at once; close some, or try again later",
            ),
            Err(Refused::Broken) => Action::close(1013, "The service cannot reach its database"),
        }
    }

    fn subscribed(&mut self, id: String, mut payload: Map<String, Value>) -> Action {
        if self.stage != Stage::Known {
            return Action::close(4401, "Unauthorized: wait for `connection_ack`");
        }
        if id.is_empty() || id.len() > ID {
            return Action::Close(Close::bad_message());
        }
        if self.running.contains_key(&id) {
            return Action::close(4409, format!("Subscriber for {id} already exists"));
        }
        // Null is as good as absent. Without a text some extension must name the document.
        payload.retain(|_, value| !value.is_null());
        let named = payload.contains_key("query") || payload.contains_key("extensions");
        let Some(request) = named
            .then(|| serde_json::from_value::<Request>(Value::Object(payload)).ok())
            .flatten()
        else {
            return Action::Close(Close::bad_message());
        };
        if self.running.len() >= self.most {
            let most = self.most;
            return Action::Send(
                json!({ "id": id, "type": "error", "payload": [{
                    "message": format!("At most {most} operations run on one socket at once. Complete some first."),
                    "extensions": { "code": "RATE_LIMITED" },
                }] })
                .to_string(),
            );
        }
        self.started += 1;
        self.running.insert(id, self.started);
        Action::Start(self.started, Box::new(request))
    }

    /// An operation was answered; what one that was given up still says is not told.
    pub fn answered(&self, operation: u64, answer: &Response) -> Option<Action> {
        let id = self.id(operation)?;
        Some(said(id, "next", answer))
    }

    /// An operation was refused, which ends it.
    pub fn failed(&mut self, operation: u64, errors: &[ServerError]) -> Option<Action> {
        let id = self.id(operation)?.to_owned();
        self.running.remove(&id);
        Some(said(&id, "error", errors))
    }

    /// An operation has no more to say.
    pub fn ended(&mut self, operation: u64) -> Option<Action> {
        let id = self.id(operation)?.to_owned();
        self.running.remove(&id);
        let complete = json!({ "id": id, "type": "complete" });
        Some(Action::Send(complete.to_string()))
    }

    fn id(&self, operation: u64) -> Option<&str> {
        let mut running = self.running.iter();
        running
            .find(|(_, number)| **number == operation)
            .map(|(id, _)| id.as_str())
    }

    /// The time in which a client says who it is has passed.
    pub fn waited(&self) -> Option<Action> {
        self.is_silent()
            .then(|| Action::close(4408, "Connection initialisation timeout"))
    }

    /// The token has ended.
    pub fn expired() -> Action {
        Action::close(4403, "Forbidden: the token has expired")
    }

    /// The service stops; another process takes over.
    pub fn stopping() -> Action {
        Action::close(1012, "The service restarts: connect again")
    }
}

/// A message about an operation. Written from the answer itself: the fields of a JSON value would not
/// keep the order of the document.
fn said<P: Serialize + ?Sized>(id: &str, kind: &'static str, payload: &P) -> Action {
    #[derive(Serialize)]
    struct Said<'a, P: ?Sized> {
        id: &'a str,
        #[serde(rename = "type")]
        kind: &'static str,
        payload: &'a P,
    }
    let text = serde_json::to_string(&Said { id, kind, payload });
    Action::Send(text.unwrap_or_default())
}

#[cfg(test)]
mod tests;
