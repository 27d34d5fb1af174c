//! `message:history`: paging in both directions, answers to a message, limits.

use crate::clinic::{Clinic, ask, bodies, numbered, refused, send, send_many};
use serde_json::json;

#[tokio::test]
async fn paging() {
    let clinic = Clinic::unlimited();
    let (mut ana, _lee, room) = clinic.chat().await;
    let empty = ask(&mut ana, "message:history", json!({"roomId": room})).await;
    assert_eq!(empty, json!({"messages": [], "hasMore": false}));
    let sent = send_many(&mut ana, &room, "m", 130).await;
    let id = |n: usize| &sent[n - 1]["id"];
    let cases = [
        (json!({}), 81..=130, true),
        (json!({"limit": 100}), 31..=130, true),
        (json!({"limit": 1}), 130..=130, true),
        (json!({"before": id(81)}), 31..=80, true),
        (json!({"before": id(31)}), 1..=30, false),
        (json!({"before": id(51)}), 1..=50, false),
        (json!({"after": id(100)}), 101..=130, false),
        (json!({"after": id(80)}), 81..=130, false),
        (json!({"after": id(3), "limit": 10}), 4..=13, true),
        (json!({"after": id(10), "before": id(15)}), 11..=14, false),
    ];
    for (mut data, expected, more) in cases {
        data["roomId"] = json!(room);
        let page = ask(&mut ana, "message:history", data.clone()).await;
        assert_eq!(bodies(&page["messages"]), numbered("m", expected), "{data}");
        assert_eq!(page["hasMore"], more, "{data}");
    }
    for (field, id) in [("before", id(1)), ("after", id(130))] {
        let data = json!({"roomId": room, field: id});
        let page = ask(&mut ana, "message:history", data).await;
        assert_eq!(page, json!({"messages": [], "hasMore": false}), "{field}");
    }
}

/// Paging back through all of it while somebody writes on gives each message once.
#[tokio::test]
async fn paging_under_traffic() {
    let clinic = Clinic::unlimited();
    let (mut ana, mut lee, room) = clinic.chat().await;
    send_many(&mut ana, &room, "m", 100).await;
    let target = room.clone();
    let traffic = tokio::spawn(async move {
        send_many(&mut lee, &target, "live", 200).await;
        lee
    });
    let mut all = Vec::new();
    let mut before = None;
    loop {
        let mut data = json!({"roomId": room, "limit": 7});
        if let Some(before) = &before {
            data["before"] = json!(before);
        }
        let page = ask(&mut ana, "message:history", data).await;
        let messages = page["messages"].as_array().unwrap();
        let ids: Vec<String> = messages
            .iter()
            .map(|message| message["id"].as_str().unwrap().to_owned())
            .collect();
        before = ids.first().cloned();
        all.splice(0..0, ids);
        if page["hasMore"] == false {
            break;
        }
    }
    traffic.await.unwrap();
    assert!(all.len() >= 100);
    assert!(all.windows(2).all(|two| two[0] < two[1]));
    let oldest = ask(
        &mut ana,
        "message:history",
        json!({"roomId": room, "after": "0", "limit": 1}),
    );
    assert_eq!(oldest.await["messages"][0]["id"], all[0]);
}

#[tokio::test]
async fn answers_to_a_message() {
    let clinic = Clinic::open();
    let (mut ana, mut lee, room) = clinic.chat().await;
    let question = send(&mut ana, &room, "question").await;
    let mut answers = Vec::new();
    for n in 1..=4 {
        send(&mut ana, &room, "in between").await;
        let data = json!({"roomId": room, "body": format!("a{n}"), "replyTo": question["id"]});
        answers.push(ask(&mut lee, "message:send", data).await["message"].clone());
    }
    let data = json!({"roomId": room, "replyTo": question["id"]});
    let page = ask(&mut ana, "message:history", data).await;
    assert_eq!(page, json!({"messages": answers, "hasMore": false}));
    let data = json!({"roomId": room, "replyTo": question["id"], "limit": 2});
    let page = ask(&mut ana, "message:history", data).await;
    assert_eq!(bodies(&page["messages"]), ["a3", "a4"]);
    assert_eq!(page["hasMore"], true);
    let data = json!({"roomId": room, "replyTo": question["id"], "before": answers[2]["id"]});
    let page = ask(&mut ana, "message:history", data).await;
    assert_eq!(bodies(&page["messages"]), ["a1", "a2"]);
    let data = json!({"roomId": room, "replyTo": answers[0]["id"]});
    let page = ask(&mut ana, "message:history", data).await;
    assert_eq!(page["messages"], json!([]));
}

#[tokio::test]
async fn limits() {
    let clinic = Clinic::open();
    let (mut ana, _lee, room) = clinic.chat().await;
    for limit in [json!(0), json!(101), json!(-1), json!("5"), json!(1.5)] {
        let data = json!({"roomId": room, "limit": limit});
        let failure = refused(&mut ana, "message:history", data, "invalid_input").await;
        assert_eq!(failure.field(), "limit", "{limit}");
    }
}
