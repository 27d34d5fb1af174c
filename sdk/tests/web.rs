//! The driver on gloo-net, in a real browser and against the real server. Run by
//! `cargo xtask browser driver`, which prepares what `page::Stage` names.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail where it stands"
)]

mod page;

use carewire::{
    CloseReason, Event, TokenError,
    session::{Hint, Input, State, TokenNeed},
};
use page::{Client, Stage, Told, alive, becomes, opened, unique};
use serde_json::json;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

type Answer = Result<String, TokenError>;

const CHAT: &str = "chat:ana:dr-lee";

fn is_waiting(state: &State) -> bool {
    matches!(state, State::Reconnecting { .. })
}

fn is_closed(state: &State) -> bool {
    matches!(state, State::Closed { .. })
}

#[wasm_bindgen_test]
async fn it_connects_and_asks() {
    let stage = Stage::open().await;
    let before = opened();
    let mut lee = stage.connected("lee").await;
    assert_eq!(opened(), before + 1);
    let list = lee.answer("conversation:list", &json!({})).await.unwrap();
    assert!(list["conversations"].is_array());
    let refused = lee
        .answer("room:join", &json!({ "roomId": "chat:a:b" }))
        .await;
    assert_eq!(refused.unwrap_err(), "access_denied");
    let unknown = lee.answer("no:command", &json!({})).await;
    assert_eq!(unknown.unwrap_err(), "unknown_type");
    lee.close().await;
    becomes(|| alive() == 0).await;
}

#[wasm_bindgen_test]
async fn what_one_writes_the_other_hears() {
    let stage = Stage::open().await;
    let (mut ana, mut lee) = (stage.connected("ana").await, stage.connected("lee").await);
    ana.answer("room:join", &json!({ "roomId": CHAT }))
        .await
        .unwrap();
    let text = unique("hello");
    let sent = json!({ "roomId": CHAT, "body": text });
    let reply = lee.answer("message:send", &sent).await.unwrap();
    assert_eq!(reply["message"]["body"], *text);
    assert_eq!(ana.hears().await, text);
    ana.close().await;
    lee.close().await;
    becomes(|| alive() == 0).await;
}

/// `open()` of gloo-net returns before there is a connection. What does not become one is tried
/// again, never with two sockets, and never counts as open.
async fn is_refused(address: &str) {
    let stage = Stage::open().await;
    let before = opened();
    let mut client = Client::start(&stage.get(address), |_| Ok("any".to_owned()));
    client.ask(Input::Connect);
    for wanted in 1..=3 {
        client
            .until(|told| {
                assert!(alive() <= 1, "there are two sockets");
                match told {
                    Told::State(State::Connected) | Told::Frame(_) => panic!("nobody is there"),
                    Told::State(State::Reconnecting { attempt, .. }) => {
                        (*attempt >= wanted).then_some(())
                    }
                    _ => None,
                }
            })
            .await;
    }
    assert!(opened() > before + 1, "it was tried once only");
    client.close().await;
    becomes(|| alive() == 0).await;
}

#[wasm_bindgen_test]
async fn nobody_listens() {
    is_refused("nobody").await;
}

#[wasm_bindgen_test]
async fn the_upgrade_is_refused() {
    is_refused("noSocket").await;
}

#[wasm_bindgen_test]
async fn the_handshake_never_ends() {
    is_refused("silent").await;
}

#[wasm_bindgen_test]
async fn an_address_that_is_none_is_like_nobody() {
    let before = opened();
    let mut client = Client::start("ws://[", |_| Ok("any".to_owned()));
    client.ask(Input::Connect);
    client
        .reaches(|state| matches!(state, State::Reconnecting { attempt: 2.., .. }))
        .await;
    client.close().await;
    assert_eq!(opened(), before);
}

#[wasm_bindgen_test]
async fn cut_and_healed_nothing_is_lost_or_doubled() {
    let stage = Stage::open().await;
    let (mut ana, mut lee) = (stage.connected("ana").await, stage.connected("lee").await);
    for client in [&mut ana, &mut lee] {
        client
            .answer("room:join", &json!({ "roomId": CHAT }))
            .await
            .unwrap();
    }
    let before = opened();
    ana.cut(true);
    ana.reaches(is_waiting).await;
    becomes(|| alive() == 1).await;
    let (away, far, last) = (unique("away"), unique("far"), unique("last"));
    let message = |body: &str| json!({ "roomId": CHAT, "body": body });
    let number = ana.request("message:send", &message(&far));
    lee.answer("message:send", &message(&away)).await.unwrap();
    assert_eq!(lee.hears().await, away);
    ana.cut(false);
    ana.ask(Input::Hint(Hint::ReconnectNow));
    let missed = ana
        .until(|told| match told {
            Told::Local(Event::Resumed(resumed)) => Some(resumed.missed),
            _ => None,
        })
        .await;
    assert_eq!(missed, 1);
    assert_eq!(opened(), before + 1);
    assert!(ana.reply(number).await.is_ok());
    assert_eq!(lee.hears().await, far);
    lee.answer("message:send", &message(&last)).await.unwrap();
    assert_eq!(lee.hears().await, last);
    assert_eq!(
        [ana.hears().await, ana.hears().await, ana.hears().await],
        [away, far, last]
    );
    assert_eq!(alive(), 2);
    ana.close().await;
    lee.close().await;
    becomes(|| alive() == 0).await;
}

/// What the page asks takes effect in that order, also within one turn.
#[wasm_bindgen_test]
async fn what_is_asked_right_after_a_cut_finds_no_connection() {
    let stage = Stage::open().await;
    let mut lee = stage.connected("lee").await;
    lee.answer("room:join", &json!({ "roomId": CHAT }))
        .await
        .unwrap();
    let before = opened();
    lee.cut(true);
    let cursor = json!({ "roomId": CHAT, "x": 0, "y": 0 });
    let moved = lee.request("whiteboard:cursor", &cursor);
    let kept = lee.request("message:send", &json!({ "roomId": CHAT, "body": "kept" }));
    lee.cut(false);
    assert_eq!(lee.reply(moved).await.unwrap_err(), "offline");
    assert!(lee.reply(kept).await.is_ok());
    assert_eq!(opened(), before + 1);
    assert_eq!(alive(), 1);
    lee.close().await;
    becomes(|| alive() == 0).await;
}

#[wasm_bindgen_test]
async fn a_refused_token_is_asked_for_once_more() {
    let stage = Stage::open().await;
    let token = stage.get("ana");
    let mut ana = Client::start(&stage.get("server"), move |need| match need {
        TokenNeed::Refused => Ok(token.clone()),
        _ => Ok("stale".to_owned()),
    });
    ana.ask(Input::Connect);
    ana.until(|told| matches!(told, Told::Token(TokenNeed::Refused)).then_some(()))
        .await;
    ana.reaches(State::is_connected).await;
    ana.close().await;
    becomes(|| alive() == 0).await;
}

#[wasm_bindgen_test]
async fn a_token_refused_twice_and_being_signed_out_are_final() {
    let stage = Stage::open().await;
    let signed_out = || Err(TokenError::SignedOut);
    let cases: [(fn() -> Answer, _); 2] = [
        (|| Ok("forged".to_owned()), CloseReason::Unauthenticated),
        (signed_out, CloseReason::SignedOut),
    ];
    for (token, wanted) in cases {
        let mut client = Client::start(&stage.get("server"), move |_| token());
        client.ask(Input::Connect);
        let request = client.request("message:send", &json!({ "roomId": CHAT, "body": "never" }));
        let State::Closed { reason } = client.reaches(is_closed).await else {
            panic!("it is not closed");
        };
        assert_eq!(reason, wanted);
        becomes(|| alive() == 0).await;
        assert_eq!(client.reply(request).await.unwrap_err(), "closed");
        let late = client.request("message:send", &json!({ "roomId": CHAT, "body": "never" }));
        assert_eq!(client.reply(late).await.unwrap_err(), "closed");
    }
}

#[wasm_bindgen_test]
async fn a_client_that_nobody_holds_any_more_closes_its_socket() {
    let stage = Stage::open().await;
    let lee = stage.connected("lee").await;
    assert_eq!(alive(), 1);
    drop(lee);
    becomes(|| alive() == 0).await;
}
