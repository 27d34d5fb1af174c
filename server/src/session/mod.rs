//! What one client says, from the first frame to the last, without its socket: a text comes in,
//! a piece of work comes out, and answers go to the outbox.

mod about;
mod begin;
mod brake;
mod dispatch;
mod end;
mod timers;

pub use end::end;
pub use timers::check;

use about::about;

use crate::{
    audit,
    core::{Caller, Core},
    error::Result,
    hub::{Close, Connection, Frame, Number, Outbox},
};
use brake::Brake;
use carewire_protocol::{
    AnyCommand, Class, ErrorCode, ErrorReply, RoomId,
    backend::AuditAction,
    error::close,
    frame::{
        BadFrame, CommandFrame, Heartbeat, RequestId, encode_error, encode_heartbeat, encode_reply,
    },
    session::{self, Authenticate},
};
use futures_util::future::BoxFuture;
use serde::Serialize;
use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How many frames a client may waste before it has authenticated.
const MAX_EARLY_FRAMES: u32 = 16;

/// What a frame leads to.
pub enum Work {
    /// It was dealt with at once.
    Done,
    /// A keyed command: it was submitted when first polled, so the next one may start before it
    /// ends and still takes effect after it.
    Pipelined(BoxFuture<'static, ()>),
    /// Anything else: what was said before must have ended, and what is said next waits.
    Alone(BoxFuture<'static, ()>),
}

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Done => "Done",
            Self::Pipelined(_) => "Pipelined",
            Self::Alone(_) => "Alone",
        })
    }
}

/// One client's side of the conversation.
#[derive(Debug)]
pub struct Session {
    core: Arc<Core>,
    peer: IpAddr,
    outbox: Arc<Outbox>,
    connection: Arc<Mutex<Option<Arc<Connection>>>>,
    early_frames: u32,
    brake: Brake,
    number: Number,
    opened_at: Duration,
}

impl Session {
    /// A session that has not authenticated yet.
    pub fn new(core: Arc<Core>, peer: IpAddr) -> Self {
        Self {
            outbox: Arc::new(Outbox::new(core.config.queue)),
            opened_at: core.now(),
            number: core.next_number(),
            core,
            peer,
            connection: Arc::default(),
            early_frames: 0,
            brake: Brake::default(),
        }
    }

    /// The answers and events for this client.
    pub fn outbox(&self) -> &Arc<Outbox> {
        &self.outbox
    }

    /// The server.
    pub fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// The connection, once authenticated.
    pub fn connection(&self) -> Option<Arc<Connection>> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// When the client must have authenticated.
    pub fn auth_deadline(&self) -> Duration {
        self.opened_at + self.core.config.auth_timeout
    }

    /// Something arrived, if only a ping of the transport.
    pub fn heard(&self) {
        if let Some(connection) = self.connection() {
            connection.note_heard(self.core.now());
        }
    }

    /// Authenticates with the token of the upgrade request.
    pub fn authenticate(&self, token: Authenticate) -> BoxFuture<'static, ()> {
        let begin = self.begin();
        Box::pin(async move { begin.run(token, None).await })
    }

    fn begin(&self) -> begin::Begin {
        begin::Begin {
            core: Arc::clone(&self.core),
            peer: self.peer,
            outbox: Arc::clone(&self.outbox),
            connection: Arc::clone(&self.connection),
            number: self.number,
        }
    }

    /// Takes a text from the client.
    pub fn receive(&mut self, text: &str) -> Work {
        self.core.metrics.frames_in.increment(1);
        self.core.metrics.bytes_in.increment(text.len() as u64);
        match CommandFrame::decode(text) {
            Err(BadFrame { id, error }) => {
                self.refuse_bad_frame(id, &error);
                Work::Done
            }
            Ok(frame) => match (frame.name.as_ref(), self.connection()) {
                ("ping", _) => {
                    self.pong(frame.id);
                    Work::Done
                }
                ("pong", _) => Work::Done,
                (_, None) => self.receive_early(&frame),
                (_, Some(connection)) => self.receive_command(&frame, connection),
            },
        }
    }

    fn refuse_bad_frame(&mut self, id: Option<RequestId>, error: &ErrorReply) {
        self.core.metrics.refused(&error.code);
        if id.is_some() || error.code == ErrorCode::Malformed {
            self.outbox.push(Frame::text(&encode_error(id, error)));
        }
        if self.connection().is_none() {
            self.count_early_frame();
        }
    }

    fn count_early_frame(&mut self) {
        self.early_frames += 1;
        if self.early_frames >= MAX_EARLY_FRAMES {
            self.outbox
                .close(close::UNAUTHENTICATED, "authenticate first");
        }
    }

    /// Takes a ping, of the contract or of the transport, from the rate of all commands. `false`:
    /// there were too many, and the connection closes.
    pub fn receive_ping(&mut self) -> bool {
        let Some(connection) = self.connection() else {
            self.count_early_frame();
            return true;
        };
        let identity = connection.identity();
        let rate = self
            .core
            .rates
            .command(connection.user(), &identity.role, Class::State);
        if rate.is_err() {
            self.outbox.close(close::VIOLATION, "too many pings");
        }
        rate.is_ok()
    }

    fn pong(&mut self, id: Option<RequestId>) {
        if !self.receive_ping() {
            return;
        }
        self.outbox
            .push_urgent(Frame::text(&encode_heartbeat(Heartbeat::Pong, id)));
    }

    fn receive_early(&mut self, frame: &CommandFrame<'_>) -> Work {
        let Some(id) = frame.id else {
            if frame.name == <Authenticate as carewire_protocol::Command>::NAME {
                return self.receive_token(frame, None);
            }
            self.count_early_frame();
            return Work::Done;
        };
        if frame.name == <Authenticate as carewire_protocol::Command>::NAME {
            return self.receive_token(frame, Some(id));
        }
        self.core.metrics.refused(&ErrorCode::NoToken);
        self.outbox.push(Frame::text(&encode_error(
            Some(id),
            &ErrorReply::no_token(),
        )));
        self.count_early_frame();
        Work::Done
    }

    fn receive_token(&self, frame: &CommandFrame<'_>, id: Option<RequestId>) -> Work {
        match AnyCommand::decode(&frame.name, frame.data) {
            Ok(AnyCommand::Session(session::Command::Authenticate(token))) => {
                let begin = self.begin();
                Work::Alone(Box::pin(async move { begin.run(token, id).await }))
            }
            Ok(_) => Work::Done,
            Err(error) => {
                self.core.metrics.refused(&error.code);
                if let Some(id) = id {
                    self.outbox
                        .push(Frame::text(&encode_error(Some(id), &error)));
                }
                self.outbox.close(close::UNAUTHENTICATED, "no usable token");
                Work::Done
            }
        }
    }

    fn receive_command(&mut self, frame: &CommandFrame<'_>, connection: Arc<Connection>) -> Work {
        let mut answer = Answer {
            id: frame.id,
            core: Arc::clone(&self.core),
            outbox: Arc::clone(&self.outbox),
            asked: None,
        };
        let identity = connection.identity();
        let decoded = AnyCommand::decode(&frame.name, frame.data);
        // What cannot be done costs as much as what can.
        let class = decoded.as_ref().map_or(Class::State, AnyCommand::class);
        let rates = &self.core.rates;
        if let Err(error) = rates.command(connection.user(), &identity.role, class) {
            answer.refuse(&error);
            return self.hold_up(&connection, &error);
        }
        self.brake.ease();
        let command = match decoded {
            Ok(command) => command,
            Err(error) => {
                answer.refuse(&error);
                return Work::Done;
            }
        };
        answer.asked = Some(Asked {
            connection: Arc::clone(&connection),
            command: command.name(),
            room: about(&command),
        });
        let caller = Caller {
            core: Arc::clone(&self.core),
            identity,
            connection: Some(connection),
            key: frame.key.clone(),
        };
        dispatch::dispatch(caller, command, answer)
    }

    /// A command came too soon. Where that happens again and again, nothing more is read until the
    /// next one may come.
    fn hold_up(&mut self, connection: &Connection, error: &ErrorReply) -> Work {
        let after = error.retry_after_ms.map(Duration::from).unwrap_or_default();
        let Some(pause) = self.brake.press(after, self.core.config.heartbeat) else {
            return Work::Done;
        };
        let now = self.core.now();
        // It was there all the time; only nobody looked.
        connection.note_heard(now);
        Work::Alone(self.core.env.sleep_until(now + pause))
    }
}

/// Where the answer to one command goes.
pub struct Answer {
    id: Option<RequestId>,
    core: Arc<Core>,
    outbox: Arc<Outbox>,
    asked: Option<Asked>,
}

/// What was asked, for the audit trail.
struct Asked {
    connection: Arc<Connection>,
    command: &'static str,
    room: Option<RoomId>,
}

impl Answer {
    /// Sends the reply or the error, where one was asked for.
    pub fn send<T: Serialize>(&self, outcome: Result<T>) {
        match outcome {
            Ok(reply) => {
                if let Some(id) = self.id {
                    self.outbox.push(Frame::text(&encode_reply(id, &reply)));
                }
            }
            Err(error) => self.refuse(&error.into_reply()),
        }
    }

    fn refuse(&self, error: &ErrorReply) {
        self.core.metrics.refused(&error.code);
        if let Some(asked) = &self.asked
            && error.code == ErrorCode::AccessDenied
        {
            let identity = asked.connection.identity();
            let (room, command) = (asked.room.as_ref(), Some(asked.command));
            audit::note(&self.core, &identity, AuditAction::Denied, room, command);
        }
        if let Some(id) = self.id {
            self.outbox
                .push(Frame::text(&encode_error(Some(id), error)));
        }
    }
}

/// Ends a connection from the server's side.
pub fn hang_up(connection: &Connection, close: &Close) {
    connection.outbox.close(close.code, close.reason);
}
