//! Connections that look alive and are not: one direction is dead, or the server stands still.

use crate::ward::{Heard, Ward, bodies, join};
use carewire::{Room, State};
use carewire_tests::{
    proxy::{Direction, Manner},
    wait::within,
};
use std::time::Duration;

/// A client finds out within its heartbeat and ten seconds, and misses nothing.
async fn finds_out(ward: &Ward, room: &Room, heard: &mut Heard, others: &Room) {
    let mut state = room.client().state();
    others.send("message 1").await.unwrap();
    let asked = tokio::spawn({
        let room = room.clone();
        async move { room.send("message 2").await }
    });
    let lost = state.wait_for(|state| matches!(state, State::Reconnecting { .. }));
    within("the client to find out", lost).await.unwrap();
    ward.proxy.heal();
    within("the answer", asked).await.unwrap().unwrap();
    heard.until(3).await;
    heard.bodies.sort();
    assert_eq!(heard.bodies, bodies(0, 3));
    let mut log = ward.log().await;
    log.sort();
    assert_eq!(log, bodies(0, 3));
}

async fn one_direction_is_dead(direction: Direction) {
    let ward = Ward::open(|o| o).await;
    let (room, mut heard) = join(ward.through("ana")).await;
    let (others, _) = join(ward.beside("lee")).await;
    others.send("message 0").await.unwrap();
    heard.until(1).await;
    ward.proxy.set(direction, Manner::Swallow);
    finds_out(&ward, &room, &mut heard, &others).await;
}

#[tokio::test]
async fn nothing_comes_back() {
    one_direction_is_dead(Direction::ToClient).await;
}

/// The server pings, hears no answer and closes; only the client's own commands are lost.
#[tokio::test]
async fn nothing_gets_there() {
    one_direction_is_dead(Direction::ToServer).await;
}

/// The kernel takes connections and bytes for a process that does not run (`SIGSTOP`).
#[tokio::test]
async fn the_server_stands_still() {
    let ward = Ward::open(|o| o).await;
    let (room, mut heard) = join(ward.through("ana")).await;
    room.send("message 0").await.unwrap();
    let mut state = room.client().state();
    ward.server.signal("STOP");
    let waiting: Vec<_> = bodies(1, 8)
        .into_iter()
        .map(|body| {
            let room = room.clone();
            tokio::spawn(async move { room.send(body).await })
        })
        .collect();
    let lost = state.wait_for(|state| matches!(state, State::Reconnecting { .. }));
    within("the client to find out", lost).await.unwrap();
    ward.server.signal("CONT");
    for answer in waiting {
        within("an answer", answer).await.unwrap().unwrap();
    }
    heard.until(8).await;
    heard.bodies.sort();
    assert_eq!(heard.bodies, bodies(0, 8));
    let mut log = ward.log().await;
    log.sort();
    assert_eq!(log, bodies(0, 8), "each once, though some were sent twice");
}

/// Shorter than anybody's patience: nobody reconnects, and nothing is asked for again.
#[tokio::test]
async fn a_pause_is_no_fault() {
    let ward = Ward::open(|o| o).await;
    let (room, mut heard) = join(ward.through("ana")).await;
    let (others, _) = join(ward.beside("lee")).await;
    for direction in Direction::BOTH {
        ward.proxy.set(direction, Manner::Hold);
    }
    others.send("message 0").await.unwrap();
    tokio::time::sleep(Duration::from_millis(800)).await;
    ward.proxy.heal();
    heard.until(1).await;
    assert_eq!(ward.proxy.links().borrow().made, 1);
    assert!(room.client().state().borrow().is_connected());
}
