//! A server of the contract in a few lines, in memory: enough to test a client against.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses a part of it"
)]

use carewire::protocol::{
    ErrorReply, Key, RoomId, Timestamp, UserId,
    frame::{CommandFrame, EventHead, RequestId, encode_error, encode_event, encode_reply},
};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::mpsc,
};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

pub const EPOCH: &str = "e1";

#[derive(Default)]
pub struct World {
    /// The log of each room: name and data of each event.
    pub logs: BTreeMap<String, Vec<(String, Value)>>,
    /// The first reply to each key.
    pub keys: BTreeMap<String, Value>,
    /// Everybody who is connected.
    pub peers: BTreeMap<u64, Peer>,
    /// Every command as it arrived: user, name, key, data.
    pub heard: Vec<(String, String, Option<String>, Value)>,
    /// Errors to answer with, before anything else, by the name of the command.
    pub refuse: BTreeMap<String, Vec<ErrorReply>>,
    /// Cuts the connection after the effect and before the reply of that many commands.
    pub swallow_replies: u32,
    /// Tokens that are refused.
    pub bad_tokens: BTreeSet<String>,
    pub largest: u64,
    pub heartbeat_ms: u64,
    last_peer: u64,
}

pub struct Peer {
    pub user: String,
    pub rooms: BTreeSet<String>,
    out: mpsc::UnboundedSender<Message>,
}

#[derive(Clone)]
pub struct Fake {
    pub world: Arc<Mutex<World>>,
    pub address: SocketAddr,
}

impl Fake {
    pub async fn start() -> Self {
        Self::start_with(None).await
    }

    pub async fn start_with(tls: Option<tokio_rustls::TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let world = World {
            largest: 1 << 20,
            heartbeat_ms: 15_000,
            ..World::default()
        };
        let fake = Self {
            world: Arc::new(Mutex::new(world)),
            address,
        };
        let accepting = fake.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                let (fake, tls) = (accepting.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => fake.serve(stream).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                fake.serve(stream).await;
                            }
                        }
                    }
                });
            }
        });
        fake
    }

    pub fn url(&self) -> String {
        format!("ws://{}/ws", self.address)
    }

    /// The bodies of the messages in a room.
    pub fn bodies(&self, room: &RoomId) -> Vec<String> {
        let world = self.world.lock().unwrap();
        let log = world
            .logs
            .get(&room.to_string())
            .cloned()
            .unwrap_or_default();
        log.iter()
            .map(|(_, data)| data["message"]["body"].as_str().unwrap_or("").to_owned())
            .collect()
    }

    /// The names of the commands heard so far.
    pub fn heard(&self, name: &str) -> usize {
        self.world
            .lock()
            .unwrap()
            .heard
            .iter()
            .filter(|(_, n, ..)| n == name)
            .count()
    }

    /// Closes every connection with a code.
    pub fn close_all(&self, code: u16) {
        for peer in self.world.lock().unwrap().peers.values() {
            peer.close(code);
        }
    }

    /// Sends an event that is not kept to everybody.
    pub fn tell_all(&self, name: &str, data: &Value) {
        for peer in self.world.lock().unwrap().peers.values() {
            peer.event(name, None, None, data);
        }
    }

    async fn serve<S: AsyncRead + AsyncWrite + Unpin>(self, stream: S) {
        #[allow(clippy::result_large_err, reason = "the signature is the library's")]
        let choose = |request: &http_types::Request, mut response: http_types::Response| {
            if let Some(offered) = request.headers().get("sec-websocket-protocol") {
                response
                    .headers_mut()
                    .insert("sec-websocket-protocol", offered.clone());
            }
            Ok(response)
        };
        let Ok(mut socket) = tokio_tungstenite::accept_hdr_async(stream, choose).await else {
            return;
        };
        let (out, mut outgoing) = mpsc::unbounded_channel::<Message>();
        let me = {
            let mut world = self.world.lock().unwrap();
            world.last_peer += 1;
            world.last_peer
        };
        let mut user = None;
        loop {
            tokio::select! {
                message = outgoing.recv() => {
                    let Some(message) = message else { break };
                    let last = message.is_close();
                    if socket.send(message).await.is_err() || last { break }
                }
                message = socket.next() => match message {
                    Some(Ok(Message::Text(text))) => {
                        let mut world = self.world.lock().unwrap();
                        if world.command(me, &mut user, &out, &text).is_break() { break }
                    }
                    Some(Ok(_)) => {}
                    _ => break,
                },
            }
        }
        self.world.lock().unwrap().peers.remove(&me);
    }
}

mod http_types {
    pub use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
}

impl Peer {
    fn send(&self, text: String) {
        let _ = self.out.send(Message::text(text));
    }

    fn close(&self, code: u16) {
        let frame = CloseFrame {
            code: CloseCode::from(code),
            reason: "".into(),
        };
        let _ = self.out.send(Message::Close(Some(frame)));
    }

    fn event(&self, name: &str, room: Option<&str>, offset: Option<u64>, data: &Value) {
        let room: Option<RoomId> = room.map(|room| room.parse().unwrap());
        let epoch = EPOCH.parse().unwrap();
        let head = EventHead {
            name,
            room: room.as_ref(),
            epoch: offset.map(|_| &epoch),
            offset,
            origin: None,
            timestamp: Timestamp::from_millis(0),
        };
        self.send(encode_event(&head, data));
    }
}

type Flow = std::ops::ControlFlow<()>;

impl World {
    /// Appends an event to the log of a room and tells its members.
    pub fn append(&mut self, room: &str, name: &str, data: &Value) -> u64 {
        let log = self.logs.entry(room.to_owned()).or_default();
        log.push((name.to_owned(), data.clone()));
        let offset = log.len() as u64;
        for peer in self.peers.values().filter(|peer| peer.rooms.contains(room)) {
            peer.event(name, Some(room), Some(offset), data);
        }
        offset
    }

    fn head(&self, room: &str) -> u64 {
        self.logs.get(room).map_or(0, |log| log.len() as u64)
    }

    fn replay(&self, me: u64, room: &str, after: u64) {
        let Some(log) = self.logs.get(room) else {
            return;
        };
        for (index, (name, data)) in log.iter().enumerate().skip(usize::try_from(after).unwrap()) {
            self.peers[&me].event(name, Some(room), Some(index as u64 + 1), data);
        }
    }

    fn command(
        &mut self,
        me: u64,
        user: &mut Option<String>,
        out: &mpsc::UnboundedSender<Message>,
        text: &str,
    ) -> Flow {
        let Ok(frame) = CommandFrame::decode(text) else {
            return Flow::Break(());
        };
        let data: Value = serde_json::from_str(frame.data.get()).unwrap();
        let name = frame.name.to_string();
        if name == "ping" {
            let _ = out.send(Message::text(r#"{"type":"pong"}"#));
            return Flow::Continue(());
        }
        if name == "pong" {
            return Flow::Continue(());
        }
        let key = frame.key.as_ref().map(Key::to_string);
        self.heard.push((
            user.clone().unwrap_or_default(),
            name.clone(),
            key.clone(),
            data.clone(),
        ));
        let answer = |result: Result<Value, ErrorReply>| {
            if let Some(id) = frame.id {
                let text = match result {
                    Ok(reply) => encode_reply(id, &reply),
                    Err(error) => encode_error(Some(id), &error),
                };
                let _ = out.send(Message::text(text));
            }
        };
        if name == "auth:authenticate" {
            return self.authenticate(me, user, out, frame.id, &data);
        }
        let Some(user) = user.clone() else {
            return Flow::Break(());
        };
        if let Some(errors) = self.refuse.get_mut(&name)
            && !errors.is_empty()
        {
            answer(Err(errors.remove(0)));
            return Flow::Continue(());
        }
        if let Some(reply) = key.as_ref().and_then(|key| self.keys.get(key)) {
            answer(Ok(reply.clone()));
            return Flow::Continue(());
        }
        let room = data["roomId"].as_str().unwrap_or_default().to_owned();
        let mut replays = Vec::new();
        let result = match &*name {
            "room:join" => {
                self.peers.get_mut(&me).unwrap().rooms.insert(room.clone());
                let (reply, after) = self.join(&room, data["offset"].as_u64());
                replays.extend(after.map(|after| (room, after)));
                reply
            }
            "room:leave" => {
                self.peers.get_mut(&me).unwrap().rooms.remove(&room);
                json!({})
            }
            "session:resume" => {
                let mut rooms = Vec::new();
                for asked in data["rooms"].as_array().cloned().unwrap_or_default() {
                    let room = asked["roomId"].as_str().unwrap().to_owned();
                    self.peers.get_mut(&me).unwrap().rooms.insert(room.clone());
                    let (reply, after) = self.join(&room, asked["offset"].as_u64());
                    rooms.push(reply);
                    replays.extend(after.map(|after| (room, after)));
                }
                json!({"rooms": rooms, "unread": {}, "presences": []})
            }
            "message:send" => {
                let message = json!({
                    "id": format!("m{:06}", self.head(&room) + 1), "roomId": room, "senderId": user,
                    "body": data["body"], "sentAt": "2026-11-21T10:30:00.000Z", "status": "sent", "key": key,
                });
                self.append(&room, "message:new", &json!({"message": message}));
                json!({"message": message})
            }
            "message:history" => json!({"messages": [], "hasMore": false}),
            "presence:subscribe" | "presence:get" => json!({"presences": []}),
            _ => json!({}),
        };
        if let Some(key) = key {
            self.keys.insert(key, result.clone());
        }
        if name == "message:send" && self.swallow_replies > 0 {
            self.swallow_replies -= 1;
            return Flow::Break(());
        }
        answer(Ok(result));
        for (room, after) in replays {
            self.replay(me, &room, after);
        }
        Flow::Continue(())
    }

    fn authenticate(
        &mut self,
        me: u64,
        user: &mut Option<String>,
        out: &mpsc::UnboundedSender<Message>,
        id: Option<RequestId>,
        data: &Value,
    ) -> Flow {
        let token = data["token"].as_str().unwrap_or_default().to_owned();
        let peer = Peer {
            user: token.clone(),
            rooms: BTreeSet::new(),
            out: out.clone(),
        };
        if token.is_empty() || self.bad_tokens.contains(&token) {
            peer.send(encode_error(id, &ErrorReply::invalid_token()));
            peer.close(4401);
            return Flow::Continue(());
        }
        // A test's token is `user` or `user.anything`.
        let name = token.split('.').next().unwrap().to_owned();
        *user = Some(name.clone());
        let own = format!("user:{name}");
        let peer = Peer {
            user: name.clone(),
            rooms: BTreeSet::from([own.clone()]),
            ..peer
        };
        if let Some(id) = id {
            peer.send(encode_reply(id, &json!({})));
        }
        UserId::new(&name).unwrap();
        let connected = json!({
            "connectionId": format!("c{me}"), "userId": name, "tenantId": "t", "role": "provider",
            "protocol": "1", "serverTime": "2026-11-21T10:30:00.000Z",
            "tokenExpiresAt": "2026-11-21T11:30:00.000Z", "heartbeatIntervalMs": self.heartbeat_ms,
            "limits": {"maxPayloadBytes": self.largest, "messagesPerSecond": 20, "commandsPerSecond": 200,
                "roomsPerConnection": 200},
            "calls": [], "rooms": [{"roomId": own, "epoch": EPOCH, "offset": self.head(&own)}],
        });
        peer.event("connected", None, None, &connected);
        self.peers.insert(me, peer);
        Flow::Continue(())
    }

    fn join(&self, room: &str, position: Option<u64>) -> (Value, Option<u64>) {
        let head = self.head(room);
        let recovered = position.is_none_or(|at| at <= head);
        let after = position.filter(|_| recovered);
        let missed = after.map_or(0, |at| head - at);
        let reply = json!({
            "roomId": room, "epoch": EPOCH, "offset": head, "recovered": recovered, "missed": missed,
            "participants": [], "receipts": {},
        });
        (reply, after)
    }
}
