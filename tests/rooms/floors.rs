//! Floors: what members who were added later may read.

use crate::clinic::{
    Clinic, ask, bodies, follow, is_retained, join, join_at, new_bodies, none, offsets, refused,
    send, send_many, settle,
};
use carewire_tests::Raw;
use serde_json::{Value, json};

struct Floor {
    clinic: Clinic,
    ana: Raw,
    lee: Raw,
    room: String,
    before: Vec<Value>,
}

/// A thread with five messages to which `lee` is added.
async fn added(share: Option<bool>) -> Floor {
    let clinic = Clinic::open();
    clinic.user("lee", "provider").await;
    let mut ana = clinic.login("ana", "provider").await;
    let lee = clinic.login("lee", "provider").await;
    let room = ask(&mut ana, "thread:create", json!({"memberIds": ["ana"]})).await;
    let room = room["roomId"].as_str().unwrap().to_owned();
    let before = send_many(&mut ana, &room, "before", 5).await;
    let mut data = json!({"roomId": room, "memberIds": ["lee"]});
    if let Some(share) = share {
        data["shareHistory"] = json!(share);
    }
    ask(&mut ana, "thread:addMembers", data).await;
    Floor {
        clinic,
        ana,
        lee,
        room,
        before,
    }
}

/// History, snapshot and replay of new members begin at the adding.
#[tokio::test]
async fn without_shared_history() {
    for share in [None, Some(false)] {
        let mut floor = added(share).await;
        let (ana, lee, room) = (&mut floor.ana, &mut floor.lee, floor.room.as_str());
        let page = ask(lee, "message:history", json!({"roomId": room})).await;
        assert_eq!(page, json!({"messages": [], "hasMore": false}));
        send(ana, room, "after").await;
        for data in [
            json!({"roomId": room}),
            json!({"roomId": room, "after": floor.before[0]["id"]}),
            json!({"roomId": room, "limit": 1}),
        ] {
            let page = ask(lee, "message:history", data).await;
            assert_eq!(bodies(&page["messages"]), ["after"]);
            assert_eq!(
                page["hasMore"], false,
                "nothing older, as far as one may know"
            );
        }
        let data = json!({"roomId": room, "before": floor.before[3]["id"]});
        let page = ask(lee, "message:history", data).await;
        assert_eq!(page["messages"], json!([]));
        let reply = ask(lee, "room:join", json!({"roomId": room, "snapshot": true})).await;
        assert_eq!(bodies(&reply["snapshot"]["messages"]), ["after"]);
        assert_eq!(reply["snapshot"]["hasMore"], false);
        assert_eq!(reply["offset"], 6);

        // A replay from before is not recovered, one from the adding is.
        let epoch = reply["epoch"].clone();
        for offset in 0..5 {
            let reply = join_at(lee, room, &epoch, offset).await;
            assert_eq!(reply["recovered"], false, "from {offset}");
        }
        let data = json!({"rooms": [{"roomId": room, "epoch": epoch, "offset": 2}]});
        let resumed = ask(lee, "session:resume", data).await;
        assert_eq!(resumed["rooms"][0]["recovered"], false);
        settle(lee).await;
        none(lee, "nothing of before", |frame| is_retained(frame, room));
        assert_eq!(join_at(lee, room, &epoch, 5).await["recovered"], true);
        assert_eq!(new_bodies(&follow(lee, room, 6).await), ["after"]);

        // Neither the inbox nor the counts know of before.
        let list = ask(lee, "conversation:list", json!({})).await;
        assert_eq!(list["conversations"][0]["unreadCount"], 1);
        assert_eq!(ask(lee, "unread:get", json!({})).await["totalUnread"], 1);
        assert!(!list.to_string().contains("before"), "{list}");
    }
}

/// What one may not read one cannot act upon either.
#[tokio::test]
async fn messages_below_the_floor() {
    let mut floor = added(None).await;
    let (lee, room) = (&mut floor.lee, floor.room.as_str());
    let old = &floor.before[2]["id"];
    for (kind, data) in [
        ("message:react", json!({"messageId": old, "emoji": "x"})),
        ("message:edit", json!({"messageId": old, "body": "x"})),
        ("message:delete", json!({"messageId": old})),
    ] {
        let failure = lee.request(kind, data).await.unwrap_err();
        let code = failure.code();
        assert!(
            code == "message_not_found" || code == "access_denied",
            "{kind}: {failure:?}"
        );
    }
    // An answer to it shows nothing of it.
    let data = json!({"roomId": room, "body": "x", "replyTo": old});
    if let Ok(reply) = lee.request("message:send", data).await {
        assert!(!reply.to_string().contains("before"));
    }
    let data = json!({"roomId": room, "replyTo": old});
    let page = ask(lee, "message:history", data).await;
    assert!(!page.to_string().contains("before"));
}

/// Later events about messages of before reach everybody, as no member's stream has holes; they
/// bring nothing that was before with them but what they are about.
#[tokio::test]
async fn the_stream_has_no_holes() {
    let mut floor = added(None).await;
    let (ana, lee, room) = (&mut floor.ana, &mut floor.lee, floor.room.as_str());
    join(lee, room).await;
    let react = json!({"messageId": floor.before[0]["id"], "emoji": "x"});
    ask(ana, "message:react", react).await;
    send(ana, room, "after").await;
    assert_eq!(offsets(&follow(lee, room, 7).await), [6, 7]);
}

#[tokio::test]
async fn with_shared_history() {
    let mut floor = added(Some(true)).await;
    let (lee, room) = (&mut floor.lee, floor.room.as_str());
    let page = ask(lee, "message:history", json!({"roomId": room})).await;
    assert_eq!(page["messages"].as_array().unwrap().len(), 5);
    let reply = ask(lee, "room:join", json!({"roomId": room, "snapshot": true})).await;
    assert_eq!(reply["snapshot"]["messages"].as_array().unwrap().len(), 5);
    let epoch = reply["epoch"].clone();
    assert_eq!(join_at(lee, room, &epoch, 0).await["recovered"], true);
    assert_eq!(offsets(&follow(lee, room, 5).await), [1, 2, 3, 4, 5]);
    let react = json!({"messageId": floor.before[0]["id"], "emoji": "x"});
    ask(lee, "message:react", react).await;
}

/// Adding somebody who is there already takes nothing from them.
#[tokio::test]
async fn added_twice() {
    let mut floor = added(Some(true)).await;
    let data = json!({"roomId": floor.room, "memberIds": ["lee", "ana"]});
    ask(&mut floor.ana, "thread:addMembers", data).await;
    for raw in [&mut floor.ana, &mut floor.lee] {
        let page = ask(raw, "message:history", json!({"roomId": floor.room})).await;
        assert_eq!(page["messages"].as_array().unwrap().len(), 5);
    }
}

/// Removed and added again, one's reading begins anew: what was said meanwhile stays unread.
#[tokio::test]
async fn removed_and_added_again() {
    let mut floor = added(None).await;
    let (ana, lee, room) = (&mut floor.ana, &mut floor.lee, floor.room.as_str());
    send(ana, room, "seen").await;
    let epoch = join(lee, room).await["epoch"].clone();
    let lee_in = json!({"roomId": room, "memberIds": ["lee"]});
    ask(ana, "thread:removeMembers", lee_in.clone()).await;
    lee.event("room:left").await;
    send(ana, room, "while away").await;
    ask(ana, "thread:addMembers", lee_in).await;
    send(ana, room, "back").await;
    let page = ask(lee, "message:history", json!({"roomId": room})).await;
    assert!(!page.to_string().contains("while away"), "{page}");
    assert_eq!(
        page["messages"].as_array().unwrap().last().unwrap()["body"],
        "back"
    );
    let reply = join_at(lee, room, &epoch, 6).await;
    assert_eq!(reply["recovered"], false);
    send(ana, room, "live").await;
    let events = follow(lee, room, 9).await;
    assert_eq!(new_bodies(&events), ["live"]);
}

/// The floor is kept over a restart.
#[tokio::test]
async fn over_a_restart() {
    let mut clinic = Clinic::alone(|o| o);
    clinic.thread("t", &["ana"]).await;
    let mut ana = clinic.login("ana", "staff").await;
    send(&mut ana, "thread:t", "before").await;
    clinic.user("lee", "provider").await;
    let data = json!({"roomId": "thread:t", "memberIds": ["lee"]});
    ask(&mut ana, "thread:addMembers", data).await;
    clinic.server_mut().restart();
    let mut lee = clinic.login("lee", "provider").await;
    let reply = ask(
        &mut lee,
        "room:join",
        json!({"roomId": "thread:t", "snapshot": true}),
    )
    .await;
    assert_eq!(reply["snapshot"]["messages"], json!([]));
    let epoch = reply["epoch"].clone();
    assert_eq!(
        join_at(&mut lee, "thread:t", &epoch, 0).await["recovered"],
        false
    );
    refused(
        &mut lee,
        "room:join",
        json!({"roomId": "thread:u"}),
        "room_not_found",
    )
    .await;
}

/// An admin who reads as an admin has no floor; everyone of a visit may read all of it.
#[tokio::test]
async fn where_there_is_none() {
    let mut floor = added(None).await;
    let mut admin = floor.clinic.login("root", "admin").await;
    let page = ask(&mut admin, "message:history", json!({"roomId": floor.room})).await;
    assert_eq!(page["messages"].as_array().unwrap().len(), 5);
    let visit = floor.clinic.visit("v", &["ana"]).await;
    send(&mut floor.ana, &visit, "early").await;
    floor.clinic.visit("v", &["ana", "lee"]).await;
    let page = ask(&mut floor.lee, "message:history", json!({"roomId": visit})).await;
    assert_eq!(bodies(&page["messages"]), ["early"]);
}
