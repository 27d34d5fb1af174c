//! What stands between a session and the handles of a Rust application.

use crate::{
    CloseReason, Event, LeaseLoss, LeaseState, RequestError,
    hub::Hub,
    reader::{self, Reader},
    session::{
        Dial, Failure, Hint, Input, Output, Request, RequestNumber, Session, State, TokenNeed,
    },
};
use carewire_protocol::{EventData, RecordId, RoomId, UserId, session as wire};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};
use tokio::sync::{oneshot, watch};

/// Where the reply to a request goes.
pub(crate) type Answer = Result<Box<str>, RequestError>;

/// What the handles of a client ask of its pump.
pub(crate) enum Ask {
    Connect,
    Request {
        request: Request,
        answer: oneshot::Sender<Answer>,
    },
    Typing(RoomId),
    TypingStopped(RoomId),
    Hint(Hint),
    Close,
}

/// What the pump and the handles share.
pub(crate) struct Shared {
    pub(crate) hub: Hub,
    pub(crate) state: watch::Sender<State>,
    pub(crate) queued: watch::Sender<usize>,
    pub(crate) identity: watch::Sender<Option<Arc<wire::ConnectedEvent>>>,
    pub(crate) leases: watch::Sender<LeaseTable>,
}

/// How the leases stand that handles exist of: by part of a chart, with the fencing token.
pub(crate) type LeaseTable = BTreeMap<(UserId, RecordId), (u64, LeaseState)>;

impl Shared {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            hub: Hub::default(),
            state: watch::Sender::new(State::Idle),
            queued: watch::Sender::new(0),
            identity: watch::Sender::new(None),
            leases: watch::Sender::default(),
        })
    }

    /// Whatever ends a pump, nobody may wait for it for ever.
    fn ended(&self) {
        self.state.send_if_modified(|state| {
            let open = !matches!(state, State::Closed { .. });
            if open {
                *state = State::Closed {
                    reason: CloseReason::ByApplication,
                };
            }
            open
        });
        self.leases.send_modify(|all| {
            for (_, state) in all.values_mut() {
                if matches!(state, LeaseState::Held { .. }) {
                    *state = LeaseState::Lost(LeaseLoss::Closed);
                }
            }
        });
        self.hub.close();
    }
}

/// What only the driver itself can do.
pub(crate) enum Action {
    Open(Dial),
    Send(String),
    CloseSocket(Dial, u16),
    NeedToken(TokenNeed),
}

/// The session and whoever waits for its answers: all of a driver that does no I/O.
pub(crate) struct Desk {
    session: Session,
    shared: Arc<Shared>,
    reader: Reader,
    actions: Vec<Action>,
    waiting: HashMap<RequestNumber, oneshot::Sender<Answer>>,
    last: RequestNumber,
}

impl Desk {
    pub(crate) fn new(session: Session, shared: Arc<Shared>, reader: Reader) -> Self {
        Self {
            session,
            shared,
            reader,
            actions: Vec::new(),
            waiting: HashMap::new(),
            last: 0,
        }
    }

    pub(crate) fn ask(&mut self, ask: Ask, now: Duration) {
        let input = match ask {
            Ask::Connect => Input::Connect,
            Ask::Request { request, answer } => {
                self.last += 1;
                self.waiting.insert(self.last, answer);
                Input::Command {
                    number: self.last,
                    request,
                }
            }
            Ask::Typing(room) => Input::Typing(room),
            Ask::TypingStopped(room) => Input::TypingStopped(room),
            Ask::Hint(hint) => Input::Hint(hint),
            Ask::Close => Input::Close,
        };
        self.handle(input, now);
    }

    pub(crate) fn handle(&mut self, input: Input<'_>, now: Duration) {
        let frame = match input {
            Input::Frame { text, .. } => Some(text),
            _ => None,
        };
        self.session.handle(input, now);
        self.tell(frame);
    }

    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.session.deadline()
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(*self.shared.state.borrow(), State::Closed { .. })
    }

    /// Hands over what is left to do.
    pub(crate) fn drain(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }

    /// Tells the application what it is to know. `frame`: what the session was just given.
    fn tell(&mut self, frame: Option<&str>) {
        let read = || reader::event(frame?, self.reader);
        while let Some(output) = self.session.poll() {
            match output {
                Output::Open { dial } => self.actions.push(Action::Open(dial)),
                Output::Send(text) => self.actions.push(Action::Send(text)),
                Output::CloseSocket { dial, code } => {
                    self.actions.push(Action::CloseSocket(dial, code));
                }
                Output::NeedToken(need) => self.actions.push(Action::NeedToken(need)),
                Output::Reply { number, result } => {
                    if let Some(answer) = self.waiting.remove(&number) {
                        // Whoever asked may have stopped waiting.
                        let _ = answer.send(result.map_err(Failure::read));
                    }
                }
                Output::Sent(_) => {}
                Output::State(state) => {
                    tracing::debug!(?state, "connection");
                    self.shared.state.send_replace(state);
                }
                Output::Event(event) => {
                    let Some(event) = event.with(read) else {
                        continue;
                    };
                    if let Some(EventData::Session(wire::Event::Connected(me))) = event.data() {
                        self.shared
                            .identity
                            .send_replace(Some(Arc::new(me.clone())));
                    }
                    if let Event::Lease(lease) = &event {
                        let part = (lease.patient_id.clone(), lease.record_id.clone());
                        let state = (lease.fencing_token, lease.state.clone());
                        self.shared.leases.send_modify(|all| {
                            all.insert(part, state);
                        });
                    }
                    self.shared.hub.send(&event);
                }
            }
        }
        let queued = self.session.queued();
        self.shared
            .queued
            .send_if_modified(|known| std::mem::replace(known, queued) != queued);
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.shared.ended();
    }
}
