//! Notifications: told once, over reconnects, and read as far as they were shown.

use crate::practice::{Practice, find};
use carewire::NotificationEvent as E;
use serde_json::json;

fn to(target: &str, whom: &str, title: &str) -> serde_json::Value {
    json!({target: whom, "kind": "lab_result", "title": title, "message": "…"})
}

#[tokio::test]
async fn told_over_reconnects_and_read_as_shown() {
    let practice = Practice::open().await;
    let ana = practice.through("ana", "patient").await;
    let notifications = ana.notifications();
    let mut events = notifications.events();
    let path = "/v1/notifications";
    practice
        .backend("POST", path, Some(to("userId", "ana", "one")))
        .await;
    let title = |event: &E| match event {
        E::New(new) => Some(new.title.to_string()),
        _ => None,
    };
    assert_eq!(find("one", &mut events, title).await, "one");
    practice.proxy.refuse(true);
    practice.proxy.reset();
    practice
        .backend("POST", path, Some(to("userId", "ana", "two")))
        .await;
    practice.proxy.refuse(false);
    assert_eq!(
        find("two", &mut events, title).await,
        "two",
        "once, in order"
    );
    // One that this client has not shown stays unread.
    practice
        .backend("POST", path, Some(to("userId", "ana", "three")))
        .await;
    assert_eq!(notifications.mark_all_read().await.unwrap(), 2);
    let unread = notifications.unread().await.unwrap();
    assert_eq!(unread.len(), 1);
    assert_eq!(&*unread[0].title, "three");
    notifications.mark_read(unread[0].id.clone()).await.unwrap();
    assert_eq!(notifications.unread_count().await.unwrap(), 0);
}

#[tokio::test]
async fn topics() {
    let practice = Practice::open().await;
    let ana = practice.through("ana", "patient").await;
    let notifications = ana.notifications();
    let mut events = notifications.events();
    let topic = || [carewire::protocol::TopicName::new("flu").unwrap()];
    notifications.subscribe(topic()).await.unwrap();
    find("the subscription", &mut events, |event| {
        matches!(event, E::Subscribed(_)).then_some(())
    })
    .await;
    practice.blink(&ana).await;
    let path = "/v1/notifications";
    practice
        .backend("POST", path, Some(to("topic", "flu", "vaccines")))
        .await;
    let new = find("the topic's", &mut events, |event| match event {
        E::New(new) => Some(new.clone()),
        _ => None,
    });
    assert_eq!(new.await.topic.unwrap().as_str(), "flu");
    notifications.unsubscribe(topic()).await.unwrap();
    find("the end", &mut events, |event| {
        matches!(event, E::Unsubscribed(_)).then_some(())
    })
    .await;
}
