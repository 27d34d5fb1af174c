//! The client against a real server in `--dev`:
//! `CAREWIRE_TEST_ADDRESS=127.0.0.1:9003 cargo test -p carewire --test live -- --ignored`

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use carewire::{
    Client, Event, EventStream, NetworkSwitch, RoomId, State, UserId,
    protocol::{EventData, message, presence::PresenceStatus, room, session, typing},
};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const SOON: Duration = Duration::from_secs(20);

fn address() -> String {
    std::env::var("CAREWIRE_TEST_ADDRESS").unwrap_or_else(|_| "127.0.0.1:9003".to_owned())
}

async fn token(sub: &str, role: &str) -> String {
    let body = format!(r#"{{"sub":"{sub}","role":"{role}"}}"#);
    let mut stream = TcpStream::connect(address()).await.unwrap();
    let request = format!(
        "POST /dev/token HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        address(),
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let body = answer.split("\r\n\r\n").nth(1).unwrap();
    let start = body.find("\"token\":\"").unwrap() + 9;
    body[start..].split('"').next().unwrap().to_owned()
}

async fn person(sub: &str, role: &str, network: &NetworkSwitch) -> Client {
    let token = token(sub, role).await;
    let client = Client::builder(format!("ws://{}/ws", address()))
        .token(token)
        .network(network);
    timeout(SOON, client.connect()).await.unwrap().unwrap()
}

async fn until<T>(events: &mut EventStream, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
    let search = async {
        loop {
            if let Some(found) = wanted(events.next().await.unwrap()) {
                return found;
            }
        }
    };
    timeout(SOON, search).await.unwrap()
}

fn body(event: &Event) -> Option<String> {
    event.new_message().map(|message| message.body.to_string())
}

#[tokio::test]
#[ignore = "needs a server"]
async fn a_visit_with_a_lost_network() {
    let (network, wire) = (NetworkSwitch::new(), NetworkSwitch::new());
    let (first, second) = (
        format!("p{}", std::process::id()),
        format!("q{}", std::process::id()),
    );
    let lee = person(&first, "provider", &wire).await;
    let ana = person(&second, "provider", &network).await;
    let chat = RoomId::chat(&first, &second).unwrap();
    let there = lee.join(chat.clone()).snapshot().await.unwrap();
    let here = ana.join(chat.clone()).snapshot().await.unwrap();
    assert_eq!(here.snapshot().unwrap().messages.as_deref(), Some(&[][..]));
    let (mut sees, mut hears) = (there.events(), here.events());

    here.typing();
    until(&mut sees, |event| match event.data() {
        Some(EventData::Typing(typing::Event::Started(started))) => Some(started.user_id.clone()),
        _ => None,
    })
    .await;
    here.send("1").await.unwrap();
    assert_eq!(until(&mut sees, |event| body(&event)).await, "1");

    let mut follow = lee
        .presence()
        .subscribe([UserId::new(&second).unwrap()])
        .await
        .unwrap();
    assert_eq!(follow.current()[0].status, PresenceStatus::Online);
    ana.presence()
        .set(PresenceStatus::Busy, "In a meeting")
        .await
        .unwrap();
    assert_eq!(
        timeout(SOON, follow.next()).await.unwrap().unwrap().status,
        PresenceStatus::Busy
    );

    let mut expected = vec!["1".to_owned()];
    for round in 0..5 {
        network.cut();
        let mut state = ana.state();
        timeout(
            SOON,
            state.wait_for(|s| matches!(s, State::Reconnecting { .. })),
        )
        .await
        .unwrap()
        .unwrap();
        let queued: Vec<_> = (0..5)
            .map(|n| {
                let room = here.clone();
                tokio::spawn(async move { room.send(format!("{round} queued {n}")).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(*ana.queued().borrow(), 5);
        there.send(format!("{round} meanwhile")).await.unwrap();
        network.heal();
        for sent in queued {
            timeout(SOON, sent).await.unwrap().unwrap().unwrap();
        }
        expected.push(format!("{round} meanwhile"));
        expected.extend((0..5).map(|n| format!("{round} queued {n}")));
    }
    for events in [&mut sees, &mut hears] {
        let mut all = Vec::new();
        while all.len() < expected.len() - 1 {
            let next = until(events, |event| body(&event)).await;
            all.extend(Some(next).filter(|body| body != "1"));
        }
        assert_eq!(all, expected[1..]);
    }
    let page = here.history().limit(100).await.unwrap();
    let stored: Vec<_> = page
        .messages
        .iter()
        .map(|message| message.body.to_string())
        .collect();
    assert_eq!(stored, expected);
    here.mark_read(page.messages.last().unwrap().id.clone())
        .await
        .unwrap();
    assert_eq!(ana.inbox().unread().await.unwrap().total_unread, 0);
    assert!(!ana.inbox().conversations().await.unwrap().is_empty());
    assert_eq!(here.participants().await.unwrap().len(), 2);
    ana.request(session::Status {}).await.unwrap();
    ana.request(message::React {
        message_id: page.messages[0].id.clone(),
        emoji: "👍".into(),
    })
    .await
    .unwrap();
    here.publish("wave", &1).await.unwrap();
    until(&mut sees, |event| match event.data() {
        Some(EventData::Room(room::Event::Custom(custom))) => Some(custom.event.clone()),
        _ => None,
    })
    .await;
    assert!(here.publish_retained("drawn", &1).await.unwrap().is_some());
    ana.close().await;
    lee.close().await;
}

/// Somebody else stops, kills and starts the server meanwhile.
#[tokio::test]
#[ignore = "needs a server that is restarted"]
async fn nothing_is_lost_or_doubled_when_the_server_restarts() {
    let network = NetworkSwitch::new();
    let (first, second) = (
        format!("r{}", std::process::id()),
        format!("s{}", std::process::id()),
    );
    let lee = person(&first, "provider", &network).await;
    let ana = person(&second, "provider", &network).await;
    let chat = RoomId::chat(&first, &second).unwrap();
    let there = lee.join(chat.clone()).await.unwrap();
    let here = ana.join(chat).await.unwrap();
    let mut sees = there.events();
    let sending = tokio::spawn(async move {
        for n in 0..200 {
            here.send(format!("{n}")).await.unwrap();
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        here
    });
    let mut all = Vec::new();
    while all.len() < 200 {
        all.push(until(&mut sees, |event| body(&event)).await);
    }
    assert_eq!(all, (0..200).map(|n| n.to_string()).collect::<Vec<_>>());
    let here = timeout(SOON, sending).await.unwrap().unwrap();
    assert_eq!(here.history().limit(100).await.unwrap().messages.len(), 100);
}
