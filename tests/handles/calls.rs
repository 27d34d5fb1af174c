//! Calls: the handle brings signals of any peer connection from one device to the other, and back
//! after a reconnect.

use crate::practice::{Practice, find};
use carewire::{
    Call, CallEvent, Client, IncomingCall, RequestError, Typed,
    protocol::{
        Finite,
        call::{CallEndReason, CallType, History, SignalType},
    },
};
use carewire_tests::wait::within;
use serde_json::json;
use std::time::Duration;

struct Side {
    call: Call,
    events: Typed<CallEvent>,
}

impl Side {
    fn of(call: Call) -> Self {
        let events = call.events();
        Self { call, events }
    }

    async fn until<U>(&mut self, what: &str, pick: impl Fn(&CallEvent) -> Option<U>) -> U {
        find(what, &mut self.events, pick).await
    }

    async fn signal(&mut self, kind: SignalType) -> String {
        self.until("a signal", |event| match event {
            CallEvent::Signal(signal) if signal.signal_type == kind => {
                Some(signal.signal.get().to_owned())
            }
            _ => None,
        })
        .await
    }

    async fn end(&mut self) -> Option<CallEndReason> {
        self.until("the end", |event| match event {
            CallEvent::Ended { reason, .. } => Some(reason.clone()),
            _ => None,
        })
        .await
    }
}

async fn ring(from: &Client, to: &Client, whom: &str) -> (Call, IncomingCall) {
    let mut ringing = to.calls().incoming();
    let calls = from.calls();
    let call = calls.start([whom.parse().unwrap()], CallType::Video);
    let call = call.await.unwrap();
    let incoming = within("ringing", ringing.next()).await.unwrap();
    assert_eq!(incoming.call.call_id, *call.id());
    (call, incoming)
}

async fn talk(from: &Client, to: &Client, whom: &str) -> (Side, Side) {
    let (call, incoming) = ring(from, to, whom).await;
    let (mut caller, other) = (Side::of(call), Side::of(incoming.accept().await.unwrap()));
    caller
        .until("the answer", |event| {
            matches!(event, CallEvent::Accepted { user, .. } if user.as_str() == whom).then_some(())
        })
        .await;
    (caller, other)
}

#[tokio::test]
async fn offers_answers_and_candidates_go_both_ways_and_on_after_a_reconnect() {
    let practice = Practice::open().await;
    let lee = practice.beside("dr-lee", "provider").await;
    let ana = practice.through("ana", "patient").await;
    let (mut caller, mut other) = talk(&lee, &ana, "ana").await;
    caller
        .call
        .offer(None, &json!({"sdp": "v=0"}))
        .await
        .unwrap();
    assert_eq!(other.signal(SignalType::Offer).await, r#"{"sdp":"v=0"}"#);
    let to = Some("dr-lee".parse().unwrap());
    other.call.answer(to, &"yes").await.unwrap();
    assert_eq!(caller.signal(SignalType::Answer).await, r#""yes""#);
    other.call.set_media(true, false, true).await.unwrap();
    let screen = caller.until("media", |event| match event {
        CallEvent::Media(media) => Some(media.screen),
        _ => None,
    });
    assert!(screen.await);
    let bad = Finite::from(30);
    let well = Duration::from_millis(5);
    other
        .call
        .report_quality(bad, well, well, Finite::from(900))
        .await
        .unwrap();
    caller
        .until("the warning", |event| {
            matches!(event, CallEvent::QualityIssue(issue) if issue.value == bad).then_some(())
        })
        .await;
    practice.proxy.reset();
    let rejoined = other.until("coming back", |event| match event {
        CallEvent::Resumed(resumed) => Some(resumed.rejoined),
        _ => None,
    });
    assert!(!rejoined.await, "the place was kept");
    other.call.candidate(None, &"10.0.0.1").await.unwrap();
    assert_eq!(
        caller.signal(SignalType::IceCandidate).await,
        r#""10.0.0.1""#
    );
    caller.call.end().await.unwrap();
    assert_eq!(other.end().await, Some(CallEndReason::Hangup));
}

#[tokio::test]
async fn a_place_that_was_lost_is_taken_again_while_the_call_goes_on() {
    // Long enough for a machine that stands still: the others' places run out, too.
    let practice = Practice::with(|o| o.env("CAREWIRE_CALL_GRACE_MS", 3_000)).await;
    practice
        .backend(
            "PUT",
            "/v1/visits/v1",
            Some(json!({"participantIds": ["dr-lee", "dr-kim", "ana"]})),
        )
        .await;
    let visit = || "v1".parse().unwrap();
    let (lee, kim) = (
        practice.beside("dr-lee", "provider").await,
        practice.beside("dr-kim", "provider").await,
    );
    let ana = practice.through("ana", "patient").await;
    let mut lees = Side::of(lee.calls().join_visit(visit()).await.unwrap());
    let _kims = kim.calls().join_visit(visit()).await.unwrap();
    let mut anas = Side::of(ana.calls().join_visit(visit()).await.unwrap());
    practice.proxy.refuse(true);
    practice.proxy.reset();
    lees.until("ana to be gone", |event| {
        matches!(event, CallEvent::Left(user) if user.as_str() == "ana").then_some(())
    })
    .await;
    practice.proxy.refuse(false);
    let rejoined = anas.until("coming back", |event| match event {
        CallEvent::Resumed(resumed) => Some(resumed.rejoined),
        _ => None,
    });
    assert!(rejoined.await);
    anas.call.offer(None, &"again").await.unwrap();
    assert_eq!(lees.signal(SignalType::Offer).await, r#""again""#);
    // Dropping the handle leaves.
    drop(anas);
    lees.until("ana to leave", |event| {
        matches!(event, CallEvent::Left(user) if user.as_str() == "ana").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_call_that_ended_meanwhile_says_how() {
    let practice = Practice::open().await;
    let lee = practice.beside("dr-lee", "provider").await;
    let ana = practice.through("ana", "patient").await;
    let (caller, mut other) = talk(&lee, &ana, "ana").await;
    practice.proxy.refuse(true);
    practice.proxy.reset();
    caller.call.end().await.unwrap();
    let mut state = ana.state();
    within("the loss", state.wait_for(|state| !state.is_connected()))
        .await
        .unwrap();
    assert_eq!(
        other.call.offer(None, &"x").await,
        Err(RequestError::Offline)
    );
    practice.proxy.refuse(false);
    assert_eq!(other.end().await, Some(CallEndReason::Hangup));
    let last = ana.calls().history(History::default()).await.unwrap();
    assert_eq!(last.calls[0].call_id, *other.call.id());
}

#[tokio::test]
async fn rejecting_and_another_device() {
    let practice = Practice::open().await;
    let lee = practice.beside("dr-lee", "provider").await;
    let ana = practice.beside("ana", "patient").await;
    let (call, incoming) = ring(&lee, &ana, "ana").await;
    let mut caller = Side::of(call);
    incoming.reject("on the tram").await.unwrap();
    let why = caller.until("the rejection", |event| match event {
        CallEvent::Rejected { reason, .. } => reason.clone(),
        _ => None,
    });
    assert_eq!(why.await, "on the tram");
    let (mut caller, mut other) = talk(&lee, &ana, "ana").await;
    let phone = practice.beside("ana", "patient").await;
    let mut phones = Side::of(phone.calls().join(other.call.id().clone()).await.unwrap());
    let moved = other.until("the move", |event| match event {
        CallEvent::Joined { user, client } if user.as_str() == "ana" => {
            client.clone().filter(|client| client == phone.client_id())
        }
        _ => None,
    });
    moved.await;
    caller.call.offer(None, &"hello").await.unwrap();
    phones.signal(SignalType::Offer).await;
    // The handle of the device that holds the place no longer takes nobody out.
    drop(other);
    phones.call.answer(None, &"yes").await.unwrap();
    caller.signal(SignalType::Answer).await;
}
