//! Tokens that live for two seconds: while connected, and while there is no connection.

use crate::ward::{ROOM, Ward, bodies};
use carewire::{Client, State, TokenNeed};
use carewire_tests::{Token, now, wait::within};
use std::sync::{Arc, Mutex};

/// A provider of tokens that live for two seconds, and what it was asked for.
fn short_lived(
    ward: &Ward,
    user: &'static str,
) -> (carewire::ClientBuilder, Arc<Mutex<Vec<TokenNeed>>>) {
    let asked = Arc::<Mutex<Vec<TokenNeed>>>::default();
    let log = Arc::clone(&asked);
    let builder = Client::builder(ward.proxy.url()).token_provider_for(move |need| {
        log.lock().unwrap().push(need);
        async move { Ok(Token::new(user, "provider").lives(2).sign()) }
    });
    (builder, asked)
}

/// Refreshed in time again and again: one connection, and nothing missed.
#[tokio::test]
async fn live() {
    let ward = Ward::open(|o| o).await;
    let (builder, asked) = short_lived(&ward, "ana");
    let (room, mut heard) = crate::ward::join(builder).await;
    let end = now() + 7;
    let mut count = 0;
    while now() < end {
        within("an answer", room.send(format!("message {count}")))
            .await
            .unwrap();
        count += 1;
        heard.until(count).await;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(heard.bodies, bodies(0, count));
    let asked = asked.lock().unwrap().clone();
    let connects = asked
        .iter()
        .filter(|need| **need != TokenNeed::Refresh)
        .count() as u64;
    let made = ward.proxy.links().borrow().made;
    assert_eq!(connects, made, "one question a connection: {asked:?}");
    assert!(asked.len() <= 16, "{asked:?}");
    assert_eq!(ward.log().await, bodies(0, count));
}

/// The token of the connection has expired when the network is back: a new one is fetched, once.
#[tokio::test]
async fn offline() {
    let ward = Ward::open(|o| o).await;
    let (builder, asked) = short_lived(&ward, "ana");
    let (room, mut heard) = crate::ward::join(builder).await;
    let (others, _) = crate::ward::join(ward.beside("lee")).await;
    let mut state = room.client().state();
    ward.proxy.refuse(true);
    ward.proxy.reset();
    let lost = state.wait_for(|state| matches!(state, State::Reconnecting { .. }));
    within("the loss", lost).await.unwrap();
    others.send("message 0").await.unwrap();
    let expired = now() + 3;
    carewire_tests::wait::until("the token to expire", async || {
        (now() > expired).then_some(())
    })
    .await;
    ward.proxy.heal();
    heard.until(1).await;
    assert_eq!(heard.bodies, bodies(0, 1));
    within("an answer", room.send("message 1")).await.unwrap();
    heard.until(2).await;
    let asked = asked.lock().unwrap().clone();
    assert!(
        !asked.contains(&TokenNeed::Refused),
        "no token was sent that had expired: {asked:?}"
    );
    let _: carewire::RoomId = ROOM.parse().unwrap();
}

/// A cache gives the expired one: it is refused, and a fresh one is fetched once.
#[tokio::test]
async fn a_cache_that_is_too_old() {
    let ward = Ward::open(|o| o).await;
    let asked = Arc::<Mutex<Vec<TokenNeed>>>::default();
    let log = Arc::clone(&asked);
    let old = Token::new("ana", "provider").lives(-1).sign();
    let builder = Client::builder(ward.proxy.url()).token_provider_for(move |need| {
        log.lock().unwrap().push(need);
        let token = match need {
            TokenNeed::Connect => old.clone(),
            TokenNeed::Refused | TokenNeed::Refresh => Token::new("ana", "provider").sign(),
        };
        async move { Ok(token) }
    });
    let (room, mut heard) = crate::ward::join(builder).await;
    room.send("message 0").await.unwrap();
    heard.until(1).await;
    assert_eq!(
        *asked.lock().unwrap(),
        [TokenNeed::Connect, TokenNeed::Refused]
    );
}
