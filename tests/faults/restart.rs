//! A server that stops while people talk: everybody is told, and nothing is lost.

use carewire::{
    Client, Event, EventStream, RoomId,
    protocol::{EventData, channel, session},
};
use carewire_tests::{Server, Token, wait::within};
use futures_util::future::join_all;
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

/// How many clients there are.
const CLIENTS: usize = 1_000;
/// How many of them publish, and how often each.
const SPEAKERS: usize = 20;
const EACH: usize = 6;
/// What all of them hear.
const CHANNEL: &str = "ward:news";
/// The longest a stop may take.
const DRAIN: Duration = Duration::from_secs(10);

struct Member {
    client: Client,
    events: EventStream,
}

/// Each of a thousand is told before it is closed, within the time for it, and has heard every
/// event exactly once after the restart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_under_load_loses_nothing() {
    let mut server = Server::start(|o| {
        o.env("CAREWIRE_DRAIN_MS", DRAIN.as_millis())
            .env("CAREWIRE_CONNECTS_PER_MINUTE", 100_000)
    });
    let url = server.url();
    let mut members = Vec::with_capacity(CLIENTS);
    for first in (0..CLIENTS).step_by(50) {
        let some = (first..first + 50).map(|number| join(&url, number));
        members.extend(join_all(some).await);
    }
    let (speakers, listeners): (Vec<_>, Vec<_>) = members
        .into_iter()
        .enumerate()
        .map(|(number, member)| (member.client, (number, member.events)))
        .unzip();
    let speaking: Vec<_> = speakers[..SPEAKERS]
        .iter()
        .cloned()
        .map(speak)
        .map(tokio::spawn)
        .collect();
    let listening: Vec<_> = listeners
        .into_iter()
        .map(|(number, events)| tokio::spawn(listen(number, events)))
        .collect();

    let start = Instant::now();
    server.terminate();
    let status = within("the server to stop", server.wait()).await;
    assert!(status.success(), "{status}");
    assert!(start.elapsed() <= DRAIN, "{:?}", start.elapsed());
    tokio::task::block_in_place(|| server.restart());
    for speaker in speaking {
        within("the speakers", speaker).await.unwrap();
    }
    for listener in listening {
        within("the listeners", listener).await.unwrap();
    }
}

async fn join(url: &str, number: usize) -> Member {
    let token = Token::new(&format!("user-{number}"), "staff").sign();
    let client = Client::builder(url).token(token).build().unwrap();
    within("a connection", client.connect()).await.unwrap();
    let events = client.events();
    let request = channel::Subscribe {
        channel: CHANNEL.parse().unwrap(),
        epoch: None,
        offset: None,
    };
    client.request(request).await.unwrap();
    Member { client, events }
}

async fn speak(client: Client) {
    for number in 0..EACH {
        let publish = channel::Publish {
            channel: CHANNEL.parse().unwrap(),
            event: "news".to_owned(),
            payload: carewire::protocol::PrivateJson::from_value(&json!(number)).unwrap(),
        };
        client.request(publish).await.unwrap();
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
}

async fn listen(number: usize, mut events: EventStream) {
    let room: RoomId = CHANNEL.parse().unwrap();
    let (mut told, mut at) = (false, 0);
    while at < (SPEAKERS * EACH) as u64 || !told {
        let event = events.next().await.expect("the client is not closed");
        match &event {
            Event::Resumed(resumed) => assert!(resumed.gaps.is_empty(), "{number}: {resumed:?}"),
            Event::Resynced(_) | Event::RoomLost { .. } | Event::Lagged(_) => {
                panic!("{number}: {event:?}")
            }
            _ => {}
        }
        if let Some(EventData::Session(session::Event::Shutdown(_))) = event.data() {
            told = true;
        }
        if event.room() == Some(&room)
            && let Some(offset) = event.offset()
        {
            assert_eq!(offset, at + 1, "{number}: without gap or double");
            at = offset;
        }
    }
}
