//! One WebSocket connection that knows the envelope of the contract and nothing more.

use crate::{
    connect::Connect,
    failure::Failure,
    server::Server,
    token::Token,
    wait::{QUIET, within},
};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{collections::VecDeque, time::Duration};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error, Message, handshake::client::Response},
};

/// A connection. Heartbeats are answered while it is being read. Events that nobody asked for
/// yet wait in order until somebody does.
pub struct Raw {
    socket: WebSocketStream<TcpStream>,
    response: Response,
    /// Frames that were read while looking for others.
    waiting: VecDeque<Value>,
    /// The close code and reason, once there was one.
    closed: Option<(u16, String)>,
    next_id: u32,
    answer_pings: bool,
}

impl Raw {
    pub(crate) fn new(socket: WebSocketStream<TcpStream>, response: Response) -> Self {
        Self {
            socket,
            response,
            waiting: VecDeque::new(),
            closed: None,
            next_id: 1,
            answer_pings: true,
        }
    }

    /// Begins an upgrade at `/ws`.
    pub fn connect(server: &Server) -> Connect<'_> {
        Connect::new(server)
    }

    /// Opens a connection without authenticating.
    pub async fn open(server: &Server) -> Self {
        Self::connect(server).open().await
    }

    /// Authenticates in the header and returns when `connected` has come; it stays readable as
    /// an event.
    pub async fn login(server: &Server, token: &Token) -> Self {
        let mut raw = Self::connect(server).bearer(&token.sign()).open().await;
        raw.welcome().await;
        raw
    }

    /// Waits for `connected`, and keeps it for [`Raw::event`] as well.
    pub async fn welcome(&mut self) -> Value {
        let connected = self.event("connected").await;
        self.waiting.push_front(connected.clone());
        connected["data"].clone()
    }

    /// A header field of the answer to the upgrade.
    pub fn response_header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// Leaves the server's heartbeats of the protocol unanswered.
    pub fn ignore_pings(&mut self) {
        self.answer_pings = false;
    }

    /// Sends a frame as JSON.
    pub async fn send(&mut self, frame: Value) {
        self.send_text(frame.to_string()).await;
    }

    /// Sends any text.
    pub async fn send_text(&mut self, text: impl Into<String>) {
        self.try_send(Message::text(text.into()))
            .await
            .expect("an open connection");
    }

    /// Sends any message; fails when the connection is gone.
    pub async fn try_send(&mut self, message: Message) -> Result<(), Error> {
        within("room to write", self.socket.send(message)).await
    }

    /// Writes bytes past the WebSocket layer: see [`crate::frames`].
    pub async fn write_bytes(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        within("room to write", self.socket.get_mut().write_all(bytes)).await
    }

    /// Sends a command with an id and returns the id without waiting.
    pub async fn command(&mut self, kind: &str, data: Value) -> u32 {
        let id = self.next_id;
        self.next_id += 1;
        self.send(json!({"type": kind, "id": id, "data": data}))
            .await;
        id
    }

    /// Sends a command and waits for its reply: the `data`, or the failure.
    pub async fn request(&mut self, kind: &str, data: Value) -> Result<Value, Failure> {
        let id = self.command(kind, data).await;
        self.answer(id).await
    }

    /// Sends a command under a key and waits for its reply.
    pub async fn keyed(&mut self, kind: &str, key: &str, data: Value) -> Result<Value, Failure> {
        let id = self.next_id;
        self.next_id += 1;
        self.send(json!({"type": kind, "id": id, "key": key, "data": data}))
            .await;
        self.answer(id).await
    }

    /// Waits for the answer to a command by its id.
    pub async fn answer(&mut self, id: u32) -> Result<Value, Failure> {
        let frame = self
            .find(&format!("the answer to command {id}"), |frame| {
                frame["id"] == id && (frame["type"] == "reply" || frame["type"] == "error")
            })
            .await;
        match frame {
            Err(code) => Err(Failure::Closed(code)),
            Ok(frame) if frame["type"] == "reply" => Ok(frame["data"].clone()),
            Ok(frame) => Err(Failure::Error(frame["error"].clone())),
        }
    }

    /// The next event of a type, the whole frame.
    pub async fn event(&mut self, kind: &str) -> Value {
        self.event_where(kind, |_| true).await
    }

    /// The next event of a type of which `wanted` holds, the whole frame.
    pub async fn event_where(&mut self, kind: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let found = self
            .find(kind, |frame| frame["type"] == kind && wanted(frame))
            .await;
        match found {
            Ok(frame) => frame,
            Err(code) => panic!(
                "closed with {code} before {kind}; unread: {:?}",
                self.waiting
            ),
        }
    }

    /// The next frame of which `wanted` holds, whatever its type.
    pub async fn frame_where(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        match self.find(what, wanted).await {
            Ok(frame) => frame,
            Err(code) => panic!(
                "closed with {code} before {what}; unread: {:?}",
                self.waiting
            ),
        }
    }

    /// The next error that names no command.
    pub async fn error_without_id(&mut self) -> Result<Value, u16> {
        self.find("an error without id", |frame| {
            frame["type"] == "error" && frame.get("id").is_none()
        })
        .await
        .map(|frame| frame["error"].clone())
    }

    /// The next frame of whatever kind, or the close code.
    pub async fn next(&mut self) -> Result<Value, u16> {
        self.find("any frame", |_| true).await
    }

    /// The next WebSocket message as it is, control frames included; `None` at the end.
    pub async fn next_message(&mut self) -> Option<Message> {
        within("any message", self.socket.next()).await?.ok()
    }

    /// Asserts that no frame of a type comes for a moment. For what must not happen.
    pub async fn expect_none(&mut self, kind: &str) {
        self.expect_none_for(kind, QUIET).await;
    }

    /// Asserts that no frame of a type comes for this long.
    pub async fn expect_none_for(&mut self, kind: &str, moment: Duration) {
        let search = self.search(|frame| frame["type"] == kind);
        if let Ok(Ok(frame)) = timeout(moment, search).await {
            panic!("unexpected {frame}");
        }
    }

    /// Reads until the server closes, and returns the code; 1006 when no close frame came.
    pub async fn expect_close(&mut self) -> u16 {
        self.expect_close_reason().await.0
    }

    /// Reads until the server closes, and returns code and reason.
    pub async fn expect_close_reason(&mut self) -> (u16, String) {
        within("the close", async {
            loop {
                if let Some(closed) = &self.closed {
                    return closed.clone();
                }
                if let Some(frame) = self.read().await {
                    self.waiting.push_back(frame);
                }
            }
        })
        .await
    }

    /// Asserts that the connection works: a command gets its reply.
    pub async fn expect_alive(&mut self) {
        let status = self.request("session:status", json!({})).await;
        assert!(status.is_ok(), "the connection should work: {status:?}");
    }

    /// Everything read so far that nobody asked for.
    pub fn unread(&self) -> impl Iterator<Item = &Value> {
        self.waiting.iter()
    }

    /// Takes everything read so far that nobody asked for.
    pub fn take_unread(&mut self) -> Vec<Value> {
        self.waiting.drain(..).collect()
    }

    /// Closes politely and returns when the server has answered.
    pub async fn close(mut self) {
        let _ = self.socket.close(None).await;
        self.expect_close().await;
    }

    async fn find(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value, u16> {
        within(what, self.search(wanted)).await
    }

    /// Looks among the waiting frames, then reads on.
    async fn search(&mut self, wanted: impl Fn(&Value) -> bool) -> Result<Value, u16> {
        if let Some(at) = self.waiting.iter().position(&wanted) {
            return Ok(self.waiting.remove(at).unwrap());
        }
        loop {
            if let Some((code, _)) = &self.closed {
                return Err(*code);
            }
            match self.read().await {
                Some(frame) if wanted(&frame) => return Ok(frame),
                Some(frame) => self.waiting.push_back(frame),
                None => {}
            }
        }
    }

    /// Reads one message. `None` for what is no frame of the contract, the end included.
    async fn read(&mut self) -> Option<Value> {
        match self.socket.next().await {
            Some(Ok(Message::Text(text))) => {
                let frame: Value = serde_json::from_str(&text)
                    .unwrap_or_else(|error| panic!("{error} in the frame {text}"));
                if frame["type"] == "ping" && self.answer_pings {
                    let mut pong = frame;
                    pong["type"] = json!("pong");
                    let _ = self.socket.send(Message::text(pong.to_string())).await;
                    return None;
                }
                Some(frame)
            }
            Some(Ok(Message::Binary(bytes))) => panic!("a binary message: {bytes:?}"),
            Some(Ok(Message::Close(frame))) => {
                let closed = frame.map_or((1005, String::new()), |frame| {
                    (frame.code.into(), frame.reason.to_string())
                });
                self.closed.get_or_insert(closed);
                // Answers the close frame.
                let _ = self.socket.flush().await;
                None
            }
            Some(Ok(_)) => None,
            Some(Err(_)) | None => {
                self.closed.get_or_insert((1006, String::new()));
                None
            }
        }
    }
}
