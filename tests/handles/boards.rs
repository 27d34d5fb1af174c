//! Whiteboards and channels.

use crate::practice::{Practice, find, texts};
use carewire::{BoardEvent, ChannelEvent, RoomId};
use std::time::Duration;

#[tokio::test]
async fn a_board_is_the_same_for_all_over_a_reconnect() {
    let practice = Practice::open().await;
    let lee = practice.beside("dr-lee", "provider").await;
    let ana = practice.through("ana", "patient").await;
    let chat = || RoomId::chat("ana", "dr-lee").unwrap();
    let lees = lee.whiteboard(chat()).await.unwrap();
    assert_eq!(lees.draw(["a"]).await.unwrap(), 1);
    let anas = ana.whiteboard(chat()).await.unwrap();
    assert_eq!(texts(&anas.state().ops), [r#""a""#]);
    let mut events = anas.events();
    practice.proxy.refuse(true);
    practice.proxy.reset();
    assert_eq!(lees.draw(["b", "c"]).await.unwrap(), 2);
    practice.proxy.refuse(false);
    let drawn = find("the update", &mut events, |event| match event {
        BoardEvent::Updated(update) => Some(update.clone()),
        _ => None,
    });
    let drawn = drawn.await;
    assert_eq!(
        (drawn.revision, texts(&drawn.ops)),
        (2, vec![r#""b""#, r#""c""#])
    );
    assert_eq!(texts(&anas.load().await.unwrap().ops).len(), 3);
    // A cursor is about this moment: where one was dropped, the next one says it.
    let pointed = find("the cursor", &mut events, |event| match event {
        BoardEvent::Cursor(cursor) => Some((cursor.x.get(), cursor.user_id.to_string())),
        _ => None,
    });
    let pointing = async {
        loop {
            lees.point(3.5, 4.0);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let pointed = tokio::select! { it = pointed => it, () = pointing => unreachable!() };
    assert_eq!(pointed, (3.5, "dr-lee".to_owned()));
    lees.clear().await.unwrap();
    find("the wiping", &mut events, |event| {
        matches!(event, BoardEvent::Cleared(_)).then_some(())
    })
    .await;
    let state = anas.load().await.unwrap();
    assert_eq!((state.revision, state.ops.len()), (3, 0));
}

#[tokio::test]
async fn a_channel_misses_nothing_and_is_left_with_its_last_handle() {
    let practice = Practice::open().await;
    let sam = practice.beside("sam", "staff").await;
    let lee = practice.through("dr-lee", "provider").await;
    let beds = || "wards:beds".parse().unwrap();
    let speaker = sam.channel(beds()).await.unwrap();
    let listener = lee.channel(beds()).await.unwrap();
    let mut events = listener.events();
    practice.proxy.refuse(true);
    practice.proxy.reset();
    for number in 0..3 {
        speaker.publish("freed", &number).await.unwrap();
    }
    practice.proxy.refuse(false);
    for number in 0..3 {
        let freed = find("a bed", &mut events, |event| match event {
            ChannelEvent::Published(event) => Some(event.payload.get().to_owned()),
            _ => None,
        });
        assert_eq!(freed.await, number.to_string());
    }
    let second = lee.channel(beds()).await.unwrap();
    drop(listener);
    speaker.publish("freed", &3).await.unwrap();
    find("another bed", &mut events, |event| {
        matches!(event, ChannelEvent::Published(_)).then_some(())
    })
    .await;
    drop(second);
    let status = lee
        .request(carewire::protocol::session::Status {})
        .await
        .unwrap();
    assert!(!status.rooms.contains(&beds()), "{:?}", status.rooms);
}
