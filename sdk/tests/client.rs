//! The client against a server, over real sockets.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod fake;

use carewire::{
    Client, CloseReason, ConnectError, Event, NetworkSwitch, RequestError, RoomId, State,
    TokenError,
    protocol::{ErrorReply, message},
};
use fake::Fake;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(10);

fn chat() -> RoomId {
    RoomId::chat("ana", "dr-lee").unwrap()
}

async fn reaches(client: &Client, wanted: impl Fn(&State) -> bool) -> State {
    let mut state = client.state();
    timeout(SOON, state.wait_for(wanted))
        .await
        .unwrap()
        .unwrap()
        .clone()
}

async fn next_body(events: &mut carewire::EventStream) -> String {
    loop {
        let event = timeout(SOON, events.next()).await.unwrap().unwrap();
        if let Some(message) = event.new_message() {
            return message.body.to_string();
        }
    }
}

#[tokio::test]
async fn a_message_reaches_the_other_side() {
    let server = Fake::start().await;
    let ana = Client::builder(server.url())
        .token("ana")
        .connect()
        .await
        .unwrap();
    let lee = Client::builder(server.url())
        .token("dr-lee")
        .connect()
        .await
        .unwrap();
    assert_eq!(ana.identity().unwrap().user_id.as_str(), "ana");
    let (here, there) = (
        ana.join(chat()).await.unwrap(),
        lee.join(chat()).await.unwrap(),
    );
    let mut events = there.events();
    let sent = here.send("Hello").await.unwrap();
    assert_eq!(&*sent.body, "Hello");
    assert_eq!(next_body(&mut events).await, "Hello");
    // The receiver's client says by itself that the message arrived.
    timeout(SOON, async {
        while server.heard("message:received") == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_over_a_cut_network() {
    let server = Fake::start().await;
    let network = NetworkSwitch::new();
    let ana = Client::builder(server.url())
        .token("ana")
        .network(&network)
        .connect()
        .await
        .unwrap();
    let lee = Client::builder(server.url())
        .token("dr-lee")
        .connect()
        .await
        .unwrap();
    let (here, there) = (
        ana.join(chat()).await.unwrap(),
        lee.join(chat()).await.unwrap(),
    );
    let (mut hears, mut sees) = (here.events(), there.events());
    here.send("1").await.unwrap();

    network.cut();
    reaches(&ana, |state| matches!(state, State::Reconnecting { .. })).await;
    let queued: Vec<_> = ["3", "4"]
        .map(|text| {
            let room = here.clone();
            tokio::spawn(async move { room.send(text).await })
        })
        .into_iter()
        .collect();
    there.send("2").await.unwrap();
    network.heal();

    for sent in queued {
        sent.await.unwrap().unwrap();
    }
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(next_body(&mut hears).await);
    }
    assert_eq!(all, ["1", "2", "3", "4"]);
    for wanted in ["1", "2", "3", "4"] {
        assert_eq!(next_body(&mut sees).await, wanted);
    }
    assert_eq!(server.bodies(&chat()), ["1", "2", "3", "4"]);
}

#[tokio::test]
async fn a_lost_reply_is_asked_for_again_with_the_same_key() {
    let server = Fake::start().await;
    let ana = Client::builder(server.url())
        .token("ana")
        .connect()
        .await
        .unwrap();
    let room = ana.join(chat()).await.unwrap();
    server.world.lock().unwrap().swallow_replies = 1;
    let sent = timeout(SOON, room.send("once")).await.unwrap().unwrap();
    assert_eq!(&*sent.body, "once");
    assert_eq!(server.bodies(&chat()), ["once"]);
    let world = server.world.lock().unwrap();
    let keys: Vec<_> = world
        .heard
        .iter()
        .filter(|(_, name, ..)| name == "message:send")
        .map(|(.., key, _)| key)
        .collect();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
    assert!(keys[0].is_some());
}

#[tokio::test]
async fn events_missed_during_an_outage_follow_and_the_application_is_told() {
    let server = Fake::start().await;
    let network = NetworkSwitch::new();
    let ana = Client::builder(server.url())
        .token("ana")
        .network(&network)
        .connect()
        .await
        .unwrap();
    let room = ana.join(chat()).await.unwrap();
    let mut events = room.events();
    network.cut_silently();
    network.heal();
    // Only silence tells; the application knows better.
    let lee = Client::builder(server.url())
        .token("dr-lee")
        .connect()
        .await
        .unwrap();
    lee.join(chat())
        .await
        .unwrap()
        .send("while away")
        .await
        .unwrap();
    ana.foreground();
    let resumed = loop {
        if let Event::Resumed(resumed) = timeout(SOON, events.next()).await.unwrap().unwrap() {
            break resumed;
        }
    };
    assert_eq!(resumed.missed, 1);
    assert_eq!(next_body(&mut events).await, "while away");
    assert_eq!(
        timeout(SOON, events.next()).await.unwrap(),
        Some(Event::CaughtUp)
    );
}

#[tokio::test]
async fn a_refused_token_is_fetched_once_more_and_then_final() {
    let server = Fake::start().await;
    server.world.lock().unwrap().bad_tokens = ["ana.1".to_owned(), "eve".to_owned()].into();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let provider = move || {
        let n = count.fetch_add(1, Ordering::SeqCst) + 1;
        async move { Ok::<_, TokenError>(format!("ana.{n}")) }
    };
    let ana = Client::builder(server.url())
        .token_provider(provider)
        .connect()
        .await
        .unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    ana.close().await;

    let eve = Client::builder(server.url())
        .token_provider(|| async { Ok("eve") })
        .connect()
        .await;
    assert_eq!(
        eve.unwrap_err(),
        ConnectError::Closed(CloseReason::Unauthenticated)
    );
    let mallory = Client::builder(server.url()).token("eve").connect().await;
    assert_eq!(
        mallory.unwrap_err(),
        ConnectError::Closed(CloseReason::Unauthenticated)
    );
}

#[tokio::test]
async fn signing_out_is_final() {
    let server = Fake::start().await;
    let provider = || async { Err::<String, _>(TokenError::SignedOut) };
    let client = Client::builder(server.url())
        .token_provider(provider)
        .connect()
        .await;
    assert_eq!(
        client.unwrap_err(),
        ConnectError::Closed(CloseReason::SignedOut)
    );
}

#[tokio::test]
async fn final_close_codes_end_it_and_others_do_not() {
    let server = Fake::start().await;
    let ana = Client::builder(server.url())
        .token("ana")
        .connect()
        .await
        .unwrap();
    server.close_all(4503);
    reaches(&ana, |state| matches!(state, State::Reconnecting { .. })).await;
    reaches(&ana, State::is_connected).await;
    let mut events = ana.events();
    server.close_all(4409);
    let closed = reaches(&ana, |state| matches!(state, State::Closed { .. })).await;
    assert_eq!(
        closed,
        State::Closed {
            reason: CloseReason::Disconnected
        }
    );
    while timeout(SOON, events.next()).await.unwrap().is_some() {}
    let error = ana
        .request(message::History::newest(chat()))
        .await
        .unwrap_err();
    assert_eq!(error, RequestError::Closed(CloseReason::Disconnected));
}

#[tokio::test]
async fn a_refused_command_is_repeated_in_order() {
    let server = Fake::start().await;
    let ana = Client::builder(server.url())
        .token("ana")
        .connect()
        .await
        .unwrap();
    let room = ana.join(chat()).await.unwrap();
    let slow_down = ErrorReply::rate_limited(Duration::from_millis(50));
    server.world.lock().unwrap().refuse = [(
        "message:send".to_owned(),
        vec![slow_down, ErrorReply::unavailable(), ErrorReply::internal()],
    )]
    .into();
    let (first, second) = tokio::join!(room.send("first"), room.send("second"));
    first.unwrap();
    second.unwrap();
    assert_eq!(server.bodies(&chat()), ["first", "second"]);
}

#[tokio::test]
async fn too_large_a_command_is_refused_here_and_the_queue_goes_on() {
    let server = Fake::start().await;
    server.world.lock().unwrap().largest = 1000;
    let ana = Client::builder(server.url())
        .token("ana")
        .connect()
        .await
        .unwrap();
    let room = ana.join(chat()).await.unwrap();
    let error = room.send("x".repeat(1000)).await.unwrap_err();
    assert_eq!(error.code(), "payload_too_large");
    assert_eq!(server.heard("message:send"), 0);
    room.send("small").await.unwrap();
}

#[tokio::test]
async fn the_last_handle_leaves_the_room_and_the_last_client_closes() {
    let server = Fake::start().await;
    let ana = Client::builder(server.url())
        .token("ana")
        .connect()
        .await
        .unwrap();
    let (one, two) = (
        ana.join(chat()).await.unwrap(),
        ana.join(chat()).await.unwrap(),
    );
    drop(one);
    ana.request(message::History::newest(chat())).await.unwrap();
    assert_eq!(server.heard("room:leave"), 0);
    drop(two);
    ana.request(message::History::newest(chat())).await.unwrap();
    assert_eq!(server.heard("room:leave"), 1);
    let mut events = ana.events();
    drop(ana);
    while timeout(SOON, events.next()).await.unwrap().is_some() {}
    timeout(SOON, async {
        while !server.world.lock().unwrap().peers.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn closing_answers_everybody_who_waits() {
    let server = Fake::start().await;
    let network = NetworkSwitch::new();
    let ana = Client::builder(server.url())
        .token("ana")
        .network(&network)
        .connect()
        .await
        .unwrap();
    let room = ana.join(chat()).await.unwrap();
    network.cut();
    reaches(&ana, |state| matches!(state, State::Reconnecting { .. })).await;
    assert_eq!(
        room.publish("x", &1).await.unwrap_err(),
        RequestError::Offline
    );
    let waiting = tokio::spawn(async move { room.send("never").await });
    tokio::task::yield_now().await;
    ana.close().await;
    let error = timeout(SOON, waiting).await.unwrap().unwrap().unwrap_err();
    assert_eq!(error, RequestError::Closed(CloseReason::ByApplication));
}

#[tokio::test]
async fn typing_is_told_once_and_stops_with_the_message() {
    let server = Fake::start().await;
    let ana = Client::builder(server.url())
        .token("ana")
        .connect()
        .await
        .unwrap();
    let room = ana.join(chat()).await.unwrap();
    for _ in 0..20 {
        room.typing();
    }
    room.send("done").await.unwrap();
    assert_eq!(server.heard("typing:start"), 1);
    assert_eq!(server.heard("typing:stop"), 0);
    room.typing();
    room.stopped_typing();
    ana.request(message::History::newest(chat())).await.unwrap();
    assert_eq!(
        (server.heard("typing:start"), server.heard("typing:stop")),
        (2, 1)
    );
}

/// A server of TLS for `localhost`, and the authority that vouches for it.
async fn behind_tls(versions: &[&'static rustls::SupportedProtocolVersion]) -> (Fake, Vec<u8>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let accepts = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let server = Fake::start_with(Some(Arc::new(accepts).into())).await;
    (server, made.cert.der().to_vec())
}

#[tokio::test]
async fn it_connects_over_tls() {
    let (server, authority) = behind_tls(rustls::ALL_VERSIONS).await;
    let port = server.address.port();
    let url = format!("wss://localhost:{port}/ws");

    let mut roots = rustls::RootCertStore::empty();
    roots.add(authority.clone().into()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let trusts = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let ana = Client::builder(&url)
        .token("ana")
        .tls(Arc::new(trusts))
        .connect()
        .await
        .unwrap();
    ana.join(chat())
        .await
        .unwrap()
        .send("private")
        .await
        .unwrap();

    let vouched = || Client::builder(&url).authorities(vec![authority.clone()]);
    let bob = vouched().token("bob").connect().await.unwrap();
    bob.join(chat()).await.unwrap().send("too").await.unwrap();

    // Nobody vouches for this certificate to a client with the usual roots, nor for this name.
    let by_address = format!("wss://127.0.0.1:{port}/ws");
    let stranger = Client::builder(&url);
    let misled = Client::builder(by_address).authorities(vec![authority.clone()]);
    for builder in [stranger, misled] {
        let refused = builder.token("eve").build().unwrap();
        assert!(
            timeout(Duration::from_millis(500), refused.connect())
                .await
                .is_err()
        );
        assert!(matches!(
            *refused.state().borrow(),
            State::Reconnecting { .. }
        ));
    }
    let nobody = Client::builder(&url).authorities(vec![b"not a certificate".to_vec()]);
    assert!(matches!(
        nobody.token("eve").build(),
        Err(ConnectError::Tls(_))
    ));
}

#[tokio::test]
async fn it_connects_where_the_newest_tls_is_not_known() {
    let (server, authority) = behind_tls(&[&rustls::version::TLS12]).await;
    let url = format!("wss://localhost:{}/ws", server.address.port());
    let client = Client::builder(url).authorities(vec![authority]);
    client.token("ana").connect().await.unwrap();
}

#[tokio::test]
async fn presence_is_followed_until_the_last_subscription_is_gone() {
    let server = Fake::start().await;
    let ana = Client::builder(server.url())
        .token("ana")
        .connect()
        .await
        .unwrap();
    let bob = || [carewire::UserId::new("bob").unwrap()];
    let one = ana.presence().subscribe(bob()).await.unwrap();
    let two = ana.presence().subscribe(bob()).await.unwrap();
    drop(one);
    ana.presence().get(bob()).await.unwrap();
    assert_eq!(server.heard("presence:unsubscribe"), 0);
    drop(two);
    ana.presence().get(bob()).await.unwrap();
    assert_eq!(server.heard("presence:unsubscribe"), 1);
}

#[tokio::test]
async fn a_request_nobody_waits_for_still_happens() {
    let server = Fake::start().await;
    let ana = Client::builder(server.url()).token("ana").build().unwrap();
    let chat_of_two = RoomId::chat("ana", "dr-lee").unwrap();
    let send = ana.request(message::Send::text(chat_of_two, "once"));
    // Given to the client before it is connected, and dropped while it waits.
    assert!(timeout(Duration::from_millis(10), send).await.is_err());
    ana.connect().await.unwrap();
    ana.request(message::History::newest(chat())).await.unwrap();
    assert_eq!(server.bodies(&chat()), ["once"]);
}

#[test]
fn handles_may_go_anywhere() {
    fn anywhere<T: Send + Sync + 'static>() {}
    anywhere::<Client>();
    anywhere::<carewire::Room>();
    anywhere::<carewire::EventStream>();
    anywhere::<carewire::PresenceSubscription>();
    assert_eq!(
        Client::builder("http://x").token("t").build().unwrap_err(),
        ConnectError::InvalidUrl
    );
    assert_eq!(
        Client::builder("ws://x").build().unwrap_err(),
        ConnectError::NoToken
    );
}
