//! Charts: who looks, and who may write.

use crate::practice::{Practice, find};
use carewire::{ChartEvent, Client, LeaseLoss, LeaseState, Record, protocol::ErrorCode};
use carewire_tests::wait::{until, within};
use std::time::Duration;

fn chart(client: &Client) -> Record {
    client.record("ana".parse().unwrap())
}

async fn viewers(record: &Record) -> Vec<String> {
    let viewers = record.viewers().await.unwrap();
    viewers.iter().map(|one| one.user_id.to_string()).collect()
}

#[tokio::test]
async fn who_looks_does_so_over_a_reconnect_until_the_last_handle_is_dropped() {
    let practice = Practice::with(|o| o.env("CAREWIRE_PRESENCE_GRACE_MS", 1)).await;
    let lee = practice.through("dr-lee", "provider").await;
    let kim = practice.beside("dr-kim", "provider").await;
    let looking = chart(&lee).view().await.unwrap();
    let mut events = looking.events();
    let too = chart(&kim).view().await.unwrap();
    assert_eq!(too.viewers().len(), 1);
    find("both", &mut events, |event| match event {
        ChartEvent::ViewersChanged(now) => (now.viewers.len() == 2).then_some(()),
        _ => None,
    })
    .await;
    practice.blink(&lee).await;
    until("dr-lee looks again", async || {
        let names = viewers(&chart(&kim)).await;
        names.contains(&"dr-lee".to_owned()).then_some(())
    })
    .await;
    let second = chart(&lee).view().await.unwrap();
    drop(looking);
    assert_eq!(viewers(&chart(&lee)).await.len(), 2, "one handle is left");
    drop(second);
    assert_eq!(viewers(&chart(&lee)).await, ["dr-kim"]);
    let status = lee
        .request(carewire::protocol::session::Status {})
        .await
        .unwrap();
    assert!(!status.rooms.contains(&"patient:ana".parse().unwrap()));
}

#[tokio::test]
async fn emergency_access_opens_the_chart_where_it_is_allowed() {
    let practice = Practice::with(|o| o.env("CAREWIRE_BREAK_GLASS", "true")).await;
    let may = practice.beside("dr-new", "provider").await;
    let strange = chart(&may);
    let refused = strange.view().await.unwrap_err();
    assert!(refused.is(&ErrorCode::AccessDenied), "{refused:?}");
    let now = may.identity().unwrap().server_time;
    let until = strange.break_glass("unconscious").await.unwrap();
    let hours = until.since(now).as_secs_f64() / 3600.0;
    assert!((3.9..4.1).contains(&hours), "{hours} h");
    let looking = strange.view().await.unwrap();
    drop(looking);

    let practice = Practice::open().await;
    let refused = chart(&practice.beside("dr-new", "provider").await);
    let refused = refused.break_glass("curious").await.unwrap_err();
    assert!(refused.is(&ErrorCode::AccessDenied), "{refused:?}");
}

#[tokio::test]
async fn a_lease_lives_with_its_handle() {
    let practice = Practice::open().await;
    let lee = practice.through("dr-lee", "provider").await;
    let kim = practice.beside("dr-kim", "provider").await;
    let watching = chart(&kim).view().await.unwrap();
    let mut events = watching.events();
    let notes = || "notes".parse().unwrap();
    let lease = chart(&lee)
        .lock(notes())
        .ttl(Duration::from_secs(5))
        .await
        .unwrap();
    let refused = chart(&kim).lock(notes()).await.unwrap_err();
    assert!(refused.is(&ErrorCode::RecordLocked), "{refused}");
    // It outlives its time, and a reconnect in it, while the handle lives.
    practice.blink(&lee).await;
    let LeaseState::Held { expires_at: first } = lease.state() else {
        panic!("{:?}", lease.state());
    };
    let mut renewals = 0;
    while renewals < 3 {
        find("a renewal", &mut events, |event| {
            matches!(event, ChartEvent::Locked(lock) if lock.expires_at > first).then_some(())
        })
        .await;
        renewals += 1;
    }
    assert!(lease.is_held());
    drop(lease);
    let mine = until("the lease", async || chart(&kim).lock(notes()).await.ok()).await;
    let token = mine.fencing_token();
    mine.release().await.unwrap();
    let next = chart(&lee).lock(notes()).await.unwrap();
    assert!(next.fencing_token() > token);
    find("the giving back", &mut events, |event| {
        matches!(event, ChartEvent::Unlocked(_)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_loss_of_a_lease_is_told() {
    let practice = Practice::open().await;
    let lee = practice.through("dr-lee", "provider").await;
    let kim = practice.beside("dr-kim", "provider").await;
    let short = Duration::from_secs(5);
    let mut revoked = chart(&lee)
        .lock("a".parse().unwrap())
        .ttl(short)
        .await
        .unwrap();
    practice
        .backend("DELETE", "/v1/records/ana/a/lock", None)
        .await;
    let loss = within("the revocation", revoked.lost()).await;
    assert!(matches!(loss, LeaseLoss::Refused(_)), "{loss:?}");
    // Without a connection, too, and not later than another one can be granted it.
    let notes = || "notes".parse().unwrap();
    let mut lease = chart(&lee).lock(notes()).ttl(short).await.unwrap();
    practice.proxy.refuse(true);
    practice.proxy.reset();
    let loss = within("the end of the lease", lease.lost()).await;
    assert_eq!(loss, LeaseLoss::NotRenewed);
    let next = until("the next lease", async || {
        chart(&kim).lock(notes()).await.ok()
    })
    .await;
    assert!(next.fencing_token() > lease.fencing_token());
    practice.proxy.refuse(false);
    let mut again = until("another lease", async || {
        chart(&lee).lock("b".parse().unwrap()).await.ok()
    })
    .await;
    lee.close().await;
    assert_eq!(within("the end", again.lost()).await, LeaseLoss::Closed);
}
