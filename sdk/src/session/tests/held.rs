//! What a session holds beyond its rooms: charts, live rows, leases, calls. The server here says
//! what each test lets it say.

use super::world::ms;
use crate::{
    Event, LeaseLoss, LeaseState, RequestError, reader,
    session::{Config, Failure, Input, Output, Request, Session},
};
use carewire_protocol::{
    CallId, ClientId, Command, ErrorCode, ErrorReply, Millis, RoomId, Timestamp,
    call::{self, CallEndReason},
    frame::{CommandFrame, EventHead, encode_error, encode_event, encode_reply},
    record, report,
};
use serde_json::{Value, json};
use std::{collections::VecDeque, time::Duration};

const SECOND: Duration = Duration::from_secs(1);
const EPOCH: i64 = 1_800_000_000_000;

struct Line {
    session: Session,
    now: Duration,
    dial: Option<u64>,
    /// What the session has sent and nobody has answered.
    sent: VecDeque<(String, Option<carewire_protocol::frame::RequestId>, Value)>,
    events: Vec<Event>,
    answers: Vec<Result<String, RequestError>>,
    numbers: u64,
    /// The calls of the user when they connect.
    calls: Value,
}

impl Line {
    fn up() -> Self {
        let config = Config::new(ClientId::new("device").unwrap(), [7; 32]);
        let mut line = Self {
            session: Session::new(config),
            now: Duration::ZERO,
            dial: None,
            sent: VecDeque::new(),
            events: Vec::new(),
            answers: Vec::new(),
            numbers: 0,
            calls: json!([]),
        };
        line.input(Input::Connect);
        line.come_back();
        line
    }

    fn input(&mut self, input: Input<'_>) {
        let frame = match input {
            Input::Frame { text, .. } => Some(text),
            _ => None,
        };
        self.session.handle(input, self.now);
        let mut token = false;
        while let Some(output) = self.session.poll() {
            match output {
                Output::Open { dial } => self.dial = Some(dial),
                Output::NeedToken(_) => token = true,
                Output::Send(text) => {
                    let frame = CommandFrame::decode(&text).unwrap();
                    let data = serde_json::from_str(frame.data.get()).unwrap();
                    self.sent
                        .push_back((frame.name.into_owned(), frame.id, data));
                }
                Output::Event(event) => {
                    let read = || reader::event(frame.unwrap_or_default(), reader::all);
                    self.events.push(event.with(read).unwrap());
                }
                Output::Reply { result, .. } => {
                    self.answers
                        .push(result.map(String::from).map_err(Failure::read));
                }
                Output::CloseSocket { .. } | Output::Sent(_) | Output::State(_) => {}
            }
        }
        if token {
            self.input(Input::Token(Ok("token".into())));
        }
    }

    fn frame(&mut self, text: &str) {
        let dial = self.dial.unwrap();
        self.input(Input::Frame { dial, text });
    }

    fn cut(&mut self) {
        let dial = self.dial.take().unwrap();
        self.sent.clear();
        self.input(Input::Closed {
            dial,
            code: 1006,
            reason: "",
            retry_after: None,
        });
    }

    /// Lets time pass, with all that is due.
    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.session.deadline().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.input(Input::Wake);
        }
        self.now = end;
        self.input(Input::Wake);
    }

    /// The network is there again.
    fn come_back(&mut self) {
        while self.dial.is_none() {
            self.pass(ms(50));
        }
        let dial = self.dial.unwrap();
        self.input(Input::Opened { dial });
        self.answer("auth:authenticate", &json!({}));
        let connected = json!({
            "connectionId": "c", "userId": "ana", "tenantId": "t", "role": "provider",
            "protocol": "1", "serverTime": self.at(Duration::ZERO),
            "tokenExpiresAt": self.at(3600 * SECOND), "heartbeatIntervalMs": 3_600_000,
            "calls": self.calls, "rooms": [],
            "limits": {"maxPayloadBytes": 1 << 20, "messagesPerSecond": 20,
                "commandsPerSecond": 200, "roomsPerConnection": 200},
        });
        self.event("connected", &connected);
        if self
            .sent
            .front()
            .is_some_and(|(name, ..)| name == "session:resume")
        {
            let reply = json!({"rooms": [], "unread": {}, "presences": []});
            self.answer("session:resume", &reply);
        }
    }

    fn event(&mut self, name: &str, data: &Value) {
        let head = EventHead {
            name,
            room: None,
            epoch: None,
            offset: None,
            origin: None,
            timestamp: Timestamp::from_millis(EPOCH),
        };
        self.frame(&encode_event(&head, data));
    }

    /// The server's clock.
    fn at(&self, later: Duration) -> Timestamp {
        Timestamp::from_millis(EPOCH).plus(self.now + later)
    }

    /// The oldest command that waits for its answer, which must be this one.
    #[track_caller]
    fn next(&mut self, name: &str) -> (Option<carewire_protocol::frame::RequestId>, Value) {
        let (sent, id, data) = self.sent.pop_front().expect(name);
        assert_eq!(sent, name);
        (id, data)
    }

    #[track_caller]
    fn answer(&mut self, name: &str, reply: &Value) -> Value {
        let (id, data) = self.next(name);
        self.frame(&encode_reply(id.unwrap(), reply));
        data
    }

    #[track_caller]
    fn refuse(&mut self, name: &str, code: ErrorCode) {
        let (id, _) = self.next(name);
        self.frame(&encode_error(id, &ErrorReply::new(code, "no")));
    }

    #[allow(
        clippy::needless_pass_by_value,
        reason = "tests write commands where they send them"
    )]
    fn ask<C: Command>(&mut self, command: C) {
        self.numbers += 1;
        let request = Request::new(&command, None).unwrap();
        let number = self.numbers;
        self.input(Input::Command { number, request });
    }

    #[track_caller]
    fn quiet(&self) {
        assert!(self.sent.is_empty(), "{:?}", self.sent);
    }

    fn lease(&mut self, ttl: Duration) {
        self.ask(record::Lock {
            record_id: "notes".parse().unwrap(),
            patient_id: "pat".parse().unwrap(),
            ttl_ms: Some(Millis::from(ttl)),
        });
        let reply = self.granted(ttl);
        self.answer("record:lock", &reply);
    }

    fn granted(&self, ttl: Duration) -> Value {
        json!({"fencingToken": 5, "expiresAt": self.at(ttl)})
    }

    fn give_back(&mut self) {
        self.ask(record::Unlock {
            record_id: "notes".parse().unwrap(),
            patient_id: "pat".parse().unwrap(),
            fencing_token: 5,
        });
    }

    fn leases(&self) -> Vec<&LeaseState> {
        let told = self.events.iter().filter_map(|event| match event {
            Event::Lease(lease) => Some(&lease.state),
            _ => None,
        });
        told.collect()
    }

    /// The last that was told of a call after a reconnect.
    fn of_calls(&self) -> Option<&Event> {
        let mut told = self.events.iter().rev();
        told.find(|event| matches!(event, Event::CallResumed(_) | Event::CallLost(_)))
    }

    /// A call in which this device has its place.
    fn call(&mut self) -> CallId {
        let call: CallId = "c1".parse().unwrap();
        self.ask(call::Join::call(call.clone()));
        let reply = json!({"call": Self::the_call("active", Some("device"))});
        self.answer("call:join", &reply);
        call
    }

    fn the_call(state: &str, device: Option<&str>) -> Value {
        let own = if device.is_some() { "joined" } else { "left" };
        let mut own = json!({"userId": "ana", "state": own, "audio": false, "video": false,
            "screen": false});
        if let Some(device) = device {
            own["clientId"] = json!(device);
        }
        let mut call = json!({"callId": "c1", "roomId": "call:c1", "callType": "video",
            "callerId": "ana", "state": state, "participants": [own]});
        if state == "ended" {
            call["endReason"] = json!("lastLeft");
        }
        call
    }
}

fn template() -> report::SubscribeTemplate {
    let template_id = "beds".parse().unwrap();
    report::SubscribeTemplate { template_id }
}

#[test]
fn charts_and_rows_are_asked_for_again() {
    let mut line = Line::up();
    let patient = || "pat".parse().unwrap();
    line.ask(record::View {
        patient_id: patient(),
    });
    line.answer("record:view", &json!({}));
    line.ask(template());
    line.answer("report:subscribeTemplate", &json!({}));
    for interval in [500, 2000] {
        line.ask(report::SetInterval {
            template_id: "beds".parse().unwrap(),
            interval_ms: Millis(interval),
        });
        line.answer("stream:setInterval", &json!({}));
    }
    let filter = json!({"templateId": "beds", "filter": {"ward": "icu"}});
    line.ask::<report::ApplyFilter>(serde_json::from_value(filter.clone()).unwrap());
    line.answer("stream:applyFilter", &json!({}));
    line.cut();
    line.come_back();
    let viewed = line.answer("record:view", &json!({}));
    assert_eq!(viewed, json!({"patientId": "pat"}));
    line.answer("report:subscribeTemplate", &json!({}));
    let interval = line.answer("stream:setInterval", &json!({}));
    assert_eq!(interval["intervalMs"], 2000, "the last one");
    assert_eq!(line.answer("stream:applyFilter", &json!({})), filter);
    line.quiet();
    // What was given up stays so, with and without a connection.
    line.ask(record::Unview {
        patient_id: patient(),
    });
    line.answer("record:unview", &json!({}));
    line.cut();
    line.ask(carewire_protocol::room::Leave {
        room_id: RoomId::Template("beds".parse().unwrap()),
    });
    line.come_back();
    line.quiet();
}

#[test]
fn what_is_refused_after_a_reconnect_is_lost_and_told_once() {
    let mut line = Line::up();
    line.ask(template());
    line.answer("report:subscribeTemplate", &json!({}));
    line.cut();
    line.come_back();
    line.refuse("report:subscribeTemplate", ErrorCode::Unavailable);
    assert!(
        !line
            .events
            .iter()
            .any(|e| matches!(e, Event::RoomLost { .. }))
    );
    line.pass(3 * SECOND);
    line.refuse("report:subscribeTemplate", ErrorCode::AccessDenied);
    let lost = line
        .events
        .iter()
        .filter(|e| matches!(e, Event::RoomLost { .. }));
    assert_eq!(lost.count(), 1);
    line.cut();
    line.come_back();
    line.quiet();
}

#[test]
fn a_lease_is_renewed_every_third_of_its_time() {
    let mut line = Line::up();
    line.lease(30 * SECOND);
    for _ in 0..5 {
        line.pass(ms(9_900));
        line.quiet();
        line.pass(ms(200));
        let reply = line.granted(30 * SECOND);
        let asked = line.answer("record:renew", &reply);
        assert_eq!(asked["fencingToken"], 5);
    }
    assert!(
        line.leases()
            .iter()
            .all(|state| matches!(state, LeaseState::Held { .. }))
    );
    line.give_back();
    line.answer("record:unlock", &json!({}));
    line.pass(60 * SECOND);
    line.quiet();
}

#[test]
fn a_renewal_goes_on_over_reconnects_and_ends_in_time() {
    let mut line = Line::up();
    line.lease(30 * SECOND);
    line.pass(5 * SECOND);
    line.cut();
    line.pass(20 * SECOND);
    line.come_back();
    let reply = line.granted(30 * SECOND);
    line.answer("record:renew", &reply);
    line.cut();
    line.pass(ms(29_900));
    assert!(
        line.leases()
            .iter()
            .all(|state| matches!(state, LeaseState::Held { .. }))
    );
    line.pass(ms(200));
    let lost = LeaseState::Lost(LeaseLoss::NotRenewed);
    assert_eq!(
        line.leases().last(),
        Some(&&lost),
        "without a connection too"
    );
    line.dial = None;
    line.pass(60 * SECOND);
    line.come_back();
    line.quiet();
}

#[test]
fn a_renewal_that_is_put_off_is_repeated_and_one_refused_is_a_loss() {
    let mut line = Line::up();
    line.lease(30 * SECOND);
    line.pass(10 * SECOND);
    line.refuse("record:renew", ErrorCode::Unavailable);
    line.pass(2 * SECOND);
    line.refuse("record:renew", ErrorCode::RecordLocked);
    let Some(LeaseState::Lost(LeaseLoss::Refused(error))) = line.leases().last() else {
        panic!("{:?}", line.leases());
    };
    assert_eq!(error.code, ErrorCode::RecordLocked);
    line.pass(60 * SECOND);
    line.quiet();
}

#[test]
fn a_lease_given_back_without_a_connection_is_given_back_with_the_next() {
    let mut line = Line::up();
    line.lease(30 * SECOND);
    line.cut();
    line.give_back();
    assert_eq!(line.answers.last(), Some(&Err(RequestError::Offline)));
    line.come_back();
    assert_eq!(line.answer("record:unlock", &json!({}))["fencingToken"], 5);
    // Unless it has ended by itself.
    line.lease(5 * SECOND);
    line.cut();
    line.give_back();
    line.dial = None;
    line.pass(10 * SECOND);
    line.come_back();
    line.quiet();
}

#[test]
fn a_call_goes_on_where_the_place_was_kept() {
    let mut line = Line::up();
    line.call();
    line.calls = json!([Line::the_call("active", Some("device"))]);
    line.cut();
    line.come_back();
    line.quiet();
    let Some(Event::CallResumed(resumed)) = line.of_calls() else {
        panic!("{:?}", line.events);
    };
    assert!(!resumed.rejoined);
}

#[test]
fn a_place_that_was_lost_is_taken_again() {
    let mut line = Line::up();
    line.call();
    line.cut();
    line.come_back();
    line.refuse("call:join", ErrorCode::Unavailable);
    line.pass(2 * SECOND);
    let reply = json!({"call": Line::the_call("active", Some("device"))});
    line.answer("call:join", &reply);
    let Some(Event::CallResumed(resumed)) = line.of_calls() else {
        panic!("{:?}", line.events);
    };
    assert!(resumed.rejoined);
}

#[test]
fn a_call_that_ended_meanwhile_is_lost_with_its_reason() {
    let mut line = Line::up();
    let call = line.call();
    line.cut();
    line.come_back();
    line.refuse("call:join", ErrorCode::CallConflict);
    let reply = json!({"calls": [Line::the_call("ended", None)]});
    line.answer("call:history", &reply);
    let Some(Event::CallLost(lost)) = line.of_calls() else {
        panic!("{:?}", line.events);
    };
    assert_eq!(lost.call_id, call);
    let ended = lost.call.as_ref().unwrap();
    assert_eq!(
        ended.read().unwrap().end_reason,
        Some(CallEndReason::LastLeft)
    );
    line.cut();
    line.come_back();
    line.quiet();
}

#[test]
fn a_place_on_another_device_is_not_taken_back() {
    let mut line = Line::up();
    line.call();
    line.calls = json!([Line::the_call("active", Some("phone"))]);
    line.cut();
    line.come_back();
    line.quiet();
    assert!(matches!(line.of_calls(), Some(Event::CallLost(_))));
    // Nor when it moved while there was a connection.
    let mut line = Line::up();
    line.call();
    let moved = json!({"callId": "c1", "userId": "ana", "clientId": "phone"});
    line.event("call:participantJoined", &moved);
    line.cut();
    line.come_back();
    line.quiet();
}

#[test]
fn a_call_left_without_a_connection_is_left_with_the_next() {
    let mut line = Line::up();
    let call_id = line.call();
    line.calls = json!([Line::the_call("active", Some("device"))]);
    line.cut();
    line.ask(call::Leave { call_id });
    assert_eq!(line.answers.last(), Some(&Err(RequestError::Offline)));
    line.come_back();
    line.answer("call:leave", &json!({}));
    line.cut();
    line.come_back();
    line.quiet();
}
