//! A tenant to test in, and the few things every test does: log in, join, send, follow a room.

use carewire_tests::{
    Failure, Options, Raw, Server, Token,
    http::{self, Answer},
    unique,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// A tenant on a server.
pub(crate) struct Clinic {
    server: Arc<Server>,
    /// Its name.
    pub(crate) tenant: String,
}

impl Clinic {
    /// A tenant of its own on the server with default settings that tests share.
    pub(crate) fn open() -> Self {
        Self::of(Server::shared())
    }

    /// A tenant on a server of its own, with other settings.
    pub(crate) fn alone(configure: impl FnOnce(Options) -> Options) -> Self {
        Self::of(Arc::new(Server::start(configure)))
    }

    /// A server of its own on which nobody is slowed down.
    pub(crate) fn unlimited() -> Self {
        Self::alone(no_limits)
    }

    /// Another tenant on the same server.
    pub(crate) fn neighbour(&self) -> Self {
        Self::of(Arc::clone(&self.server))
    }

    fn of(server: Arc<Server>) -> Self {
        let tenant = unique("clinic");
        Self { server, tenant }
    }

    /// The server.
    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    /// The server of a tenant that is alone on it, to be killed and restarted.
    pub(crate) fn server_mut(&mut self) -> &mut Server {
        Arc::get_mut(&mut self.server).expect("only a server of one's own is restarted")
    }

    /// A token of this tenant.
    pub(crate) fn token(&self, user: &str, role: &str) -> Token {
        Token::new(user, role).tenant(&self.tenant)
    }

    /// Connects a person with a device nobody else has. Unless a backend says otherwise, the
    /// server knows their role from then on.
    pub(crate) async fn login(&self, user: &str, role: &str) -> Raw {
        Raw::login(&self.server, &self.token(user, role)).await
    }

    /// Connects a person with a named device.
    pub(crate) async fn device(&self, user: &str, role: &str, client: &str) -> Raw {
        let token = self.token(user, role).sign();
        let connect = Raw::connect(&self.server).bearer(&token).client_id(client);
        let mut raw = connect.open().await;
        raw.welcome().await;
        raw
    }

    /// Calls the backend API as a service of this tenant.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let token = self.server.service_token(&self.tenant);
        http::request(&self.server, method, path, Some(&token), body.as_ref()).await
    }

    /// Calls the backend API and expects 200 and JSON.
    pub(crate) async fn ok(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let answer = self.call(method, path, body).await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.body);
        answer.json()
    }

    /// Says what role a user has.
    pub(crate) async fn user(&self, user: &str, role: &str) {
        let path = format!("/v1/users/{user}");
        self.ok("PUT", &path, Some(json!({"role": role}))).await;
    }

    /// Takes a provider into the care team of a patient.
    pub(crate) async fn care(&self, provider: &str, patient: &str) {
        let path = format!("/v1/care-team/{provider}/{patient}");
        self.ok("PUT", &path, None).await;
    }

    /// Takes a provider out of the care team of a patient.
    pub(crate) async fn end_care(&self, provider: &str, patient: &str) {
        let path = format!("/v1/care-team/{provider}/{patient}");
        self.ok("DELETE", &path, None).await;
    }

    /// Makes a visit, or changes its participants. Yields its room.
    pub(crate) async fn visit(&self, id: &str, participants: &[&str]) -> String {
        let body = json!({"participantIds": participants});
        self.ok("PUT", &format!("/v1/visits/{id}"), Some(body))
            .await;
        format!("visit:{id}")
    }

    /// Makes a thread, or changes its members. Yields its room.
    pub(crate) async fn thread(&self, id: &str, members: &[&str]) -> String {
        let body = json!({"memberIds": members});
        self.ok("PUT", &format!("/v1/threads/{id}"), Some(body))
            .await;
        format!("thread:{id}")
    }

    /// Two colleagues who have joined their chat: `(ana, lee, room)`.
    pub(crate) async fn chat(&self) -> (Raw, Raw, String) {
        let mut ana = self.login("ana", "provider").await;
        let mut lee = self.login("lee", "provider").await;
        let room = "chat:ana:lee".to_owned();
        join(&mut ana, &room).await;
        join(&mut lee, &room).await;
        (ana, lee, room)
    }
}

/// Lifts the limits of rate.
pub(crate) fn no_limits(options: Options) -> Options {
    options
        .env("CAREWIRE_MESSAGES_PER_SECOND", 100_000)
        .env("CAREWIRE_COMMANDS_PER_SECOND", 100_000)
        .env("CAREWIRE_CONNECTS_PER_MINUTE", 100_000)
}

/// A command that must succeed.
pub(crate) async fn ask(raw: &mut Raw, kind: &str, data: Value) -> Value {
    let shown = data.to_string();
    let answer = raw.request(kind, data).await;
    answer.unwrap_or_else(|failure| panic!("{kind} {shown}: {failure:?}"))
}

/// A command that must be refused with this code.
pub(crate) async fn refused(raw: &mut Raw, kind: &str, data: Value, code: &str) -> Failure {
    let shown = data.to_string();
    match raw.request(kind, data).await {
        Ok(reply) => panic!("{kind} {shown} should be {code}, not {reply}"),
        Err(failure) => {
            assert_eq!(failure.code(), code, "{kind} {shown}: {failure:?}");
            failure
        }
    }
}

/// Joins a room.
pub(crate) async fn join(raw: &mut Raw, room: &str) -> Value {
    ask(raw, "room:join", json!({"roomId": room})).await
}

/// Joins a room at a position.
pub(crate) async fn join_at(raw: &mut Raw, room: &str, epoch: &Value, offset: u64) -> Value {
    let data = json!({"roomId": room, "epoch": epoch, "offset": offset});
    ask(raw, "room:join", data).await
}

/// Sends a message and yields it as it was stored.
pub(crate) async fn send(raw: &mut Raw, room: &str, body: &str) -> Value {
    let data = json!({"roomId": room, "body": body});
    ask(raw, "message:send", data).await["message"].clone()
}

/// Sends `count` messages with the bodies `{prefix}1`, `{prefix}2`, …
pub(crate) async fn send_many(raw: &mut Raw, room: &str, prefix: &str, count: u64) -> Vec<Value> {
    let mut ids = Vec::new();
    for n in 1..=count {
        let data = json!({"roomId": room, "body": format!("{prefix}{n}")});
        ids.push(raw.command("message:send", data).await);
    }
    let mut messages = Vec::new();
    for id in ids {
        messages.push(raw.answer(id).await.expect("a reply")["message"].clone());
    }
    messages
}

/// The next message with this body.
pub(crate) async fn message(raw: &mut Raw, body: &str) -> Value {
    raw.event_where("message:new", |frame| {
        frame["data"]["message"]["body"] == body
    })
    .await
}

/// Whether a frame is a retained event of a room.
pub(crate) fn is_retained(frame: &Value, room: &str) -> bool {
    frame["room"] == room && frame["offset"].is_u64()
}

/// The retained events of a room as they come, up to an offset.
pub(crate) async fn follow(raw: &mut Raw, room: &str, last: u64) -> Vec<Value> {
    let mut events: Vec<Value> = Vec::new();
    loop {
        let event = raw
            .frame_where(&format!("offset {last} of {room}"), |frame| {
                is_retained(frame, room)
            })
            .await;
        let offset = event["offset"].as_u64().unwrap();
        events.push(event);
        if offset >= last {
            return events;
        }
    }
}

/// The offsets of events.
pub(crate) fn offsets(events: &[Value]) -> Vec<u64> {
    let offset = |event: &Value| event["offset"].as_u64().unwrap();
    events.iter().map(offset).collect()
}

/// The bodies of messages.
pub(crate) fn bodies(messages: &Value) -> Vec<String> {
    let messages = messages.as_array().expect("a list of messages").iter();
    messages
        .map(|message| message["body"].as_str().unwrap().to_owned())
        .collect()
}

/// The bodies of the new messages among events.
pub(crate) fn new_bodies(events: &[Value]) -> Vec<String> {
    let new = events.iter().filter(|event| event["type"] == "message:new");
    new.map(|event| {
        let body = event["data"]["message"]["body"].as_str();
        body.unwrap().to_owned()
    })
    .collect()
}

/// The texts `{prefix}{n}` for a range of numbers.
pub(crate) fn numbered(prefix: &str, range: impl Iterator<Item = u64>) -> Vec<String> {
    range.map(|n| format!("{prefix}{n}")).collect()
}

/// A person's messages in a room, oldest first.
pub(crate) async fn history(raw: &mut Raw, room: &str) -> Value {
    let data = json!({"roomId": room, "limit": 100});
    ask(raw, "message:history", data).await["messages"].clone()
}

/// Waits until everything that was queued for a connection until now has come: a command goes to
/// the server and its reply back.
pub(crate) async fn settle(raw: &mut Raw) {
    ask(raw, "session:status", json!({})).await;
}

/// Fails if a frame that `forbidden` describes has come. To be asked after something later came.
pub(crate) fn none(raw: &Raw, what: &str, forbidden: impl Fn(&Value) -> bool) {
    let found: Vec<_> = raw.unread().filter(|frame| forbidden(frame)).collect();
    assert!(found.is_empty(), "{what}: {found:?}");
}
