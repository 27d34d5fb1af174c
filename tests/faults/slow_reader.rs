//! A client whose network takes nothing for a while: it is cut off with 4508, comes back and
//! misses nothing; the others are served meanwhile.

use crate::ward::{Ward, join};
use carewire::State;
use carewire_tests::{
    proxy::{Direction, Manner},
    wait::within,
};

/// How many messages of 60 KB are sent meanwhile.
const SENT: usize = 400;

#[tokio::test]
async fn is_cut_off_and_catches_up() {
    let ward = Ward::open(|o| {
        o.env("CAREWIRE_QUEUE_FRAMES", 64)
            .env("CAREWIRE_QUEUE_BYTES", 2_000_000)
            .env("CAREWIRE_HEARTBEAT_INTERVAL_MS", 60_000)
    })
    .await;
    let (slow, mut heard) = join(ward.through("ana")).await;
    let (others, mut beside) = join(ward.beside("lee")).await;
    ward.proxy.set(Direction::ToClient, Manner::Hold);
    // More than the queue and the buffers of three sockets hold.
    for number in 0..SENT {
        let body = format!("{number} {}", "x".repeat(60_000));
        within("the others are served", others.send(body))
            .await
            .unwrap();
        beside.until(number + 1).await;
    }
    ward.server.logged("disconnected").await;
    let mut state = slow.client().state();
    ward.proxy.heal();
    heard.until(SENT).await;
    let online = state.wait_for(State::is_connected);
    within("the client to be back", online).await.unwrap();
    assert_eq!(heard.bodies, beside.bodies);
}
