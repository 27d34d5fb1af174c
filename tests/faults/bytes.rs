//! What happens to bytes on their way: late, in slices, cut short, left out, doubled. Nothing of
//! it may lose or double a message, or make one of another text.

use crate::ward::{Ward, bodies, join};
use carewire_tests::{
    Raw, Token,
    proxy::{Blow, Direction, Lane, Manner},
    wait::within,
};
use serde_json::json;
use std::time::Duration;

/// How many messages each side sends.
const EACH: usize = 20;

/// Lets a client behind the network and one beside it talk, while each connection of the first
/// one meets the next of these fates, and checks that nothing was lost or doubled.
async fn talk_through(ward: &Ward, fates: Vec<(Direction, Lane)>) {
    let expected = fates.clone();
    let (here, mut heard) = join(ward.through("ana")).await;
    let (there, mut also) = join(ward.beside("lee")).await;
    let mut total = 0;
    for (direction, lane) in fates {
        ward.proxy.next(direction, lane.clone());
        ward.proxy.reset();
        // The fate falls upon the bytes of these messages, or of the connection's beginning.
        let (mine, yours) = tokio::join!(
            within("an answer through the fault", async {
                for body in bodies(total, total + EACH) {
                    here.send(body).await.unwrap();
                }
            }),
            within("an answer beside it", async {
                for body in bodies(total, total + EACH) {
                    there.send(format!("other {body}")).await.unwrap();
                }
            }),
        );
        let ((), ()) = (mine, yours);
        total += EACH;
        heard.until(2 * total).await;
    }
    also.until(2 * total).await;
    assert_eq!(heard.bodies, also.bodies);
    assert_eq!(ward.log().await, heard.bodies);
    let mine = heard
        .bodies
        .iter()
        .filter(|body| !body.starts_with("other"));
    assert!(
        mine.eq(bodies(0, total).iter()),
        "in the order sent, each once"
    );
    let injected = ward.proxy.injected();
    for (_, lane) in &expected {
        for (_, blow) in &lane.blows {
            let fell = injected.get(blow.name()).copied().unwrap_or_default();
            assert!(
                fell >= expected.len() as u64,
                "every blow fell: {injected:?}"
            );
        }
    }
}

fn slow(manner: Manner) -> Vec<(Direction, Lane)> {
    let lane = |direction| {
        let blows = Vec::new();
        (direction, Lane { manner, blows })
    };
    Direction::BOTH.map(lane).to_vec()
}

/// A blow at each of these positions, in both directions.
fn blows(blow: Blow, positions: impl IntoIterator<Item = u64>) -> Vec<(Direction, Lane)> {
    let lane = |at, direction| {
        let manner = Manner::Pass;
        (
            direction,
            Lane {
                manner,
                blows: vec![(at, blow)],
            },
        )
    };
    let positions = positions.into_iter();
    positions
        .flat_map(|at| Direction::BOTH.map(|direction| lane(at, direction)))
        .collect()
}

#[tokio::test]
async fn one_by_one() {
    let ward = Ward::open(|o| o).await;
    talk_through(&ward, slow(Manner::Slices(1))).await;
}

#[tokio::test]
async fn in_small_pieces() {
    let ward = Ward::open(|o| o).await;
    talk_through(&ward, slow(Manner::Slices(7))).await;
}

#[tokio::test]
async fn late() {
    let ward = Ward::open(|o| o).await;
    talk_through(&ward, slow(Manner::Delay(Duration::from_millis(30)))).await;
}

#[tokio::test]
async fn stalled() {
    let ward = Ward::open(|o| o).await;
    let stall = Blow::Stall(Duration::from_millis(700));
    talk_through(&ward, blows(stall, [0, 400, 1_500])).await;
}

/// From the first byte of the upgrade to the midst of messages.
#[tokio::test]
async fn cut_short() {
    let ward = Ward::open(|o| o).await;
    let positions = [0, 1, 90, 180, 301, 555, 1_000, 1_800, 2_600];
    talk_through(&ward, blows(Blow::Truncate, positions)).await;
}

#[tokio::test]
async fn reset() {
    let ward = Ward::open(|o| o).await;
    let positions = [0, 1, 90, 180, 301, 555, 1_000, 1_800, 2_600];
    talk_through(&ward, blows(Blow::Reset, positions)).await;
}

/// Behind the upgrade: what a broken proxy would do to the frames.
#[tokio::test]
async fn left_out() {
    let ward = Ward::open(|o| o).await;
    talk_through(&ward, blows(Blow::Drop, [700, 1_101, 1_502, 1_903, 2_304])).await;
}

#[tokio::test]
async fn doubled() {
    let ward = Ward::open(|o| o).await;
    talk_through(
        &ward,
        blows(Blow::Double, [700, 1_101, 1_502, 1_903, 2_304]),
    )
    .await;
}

/// Nothing can notice another letter in a text, but nothing may break over one either: whoever is
/// beside it notices nothing, and the server lives.
#[tokio::test]
async fn corrupted() {
    let ward = Ward::open(|o| o).await;
    let (there, mut heard) = join(ward.beside("lee")).await;
    for (direction, lane) in blows(Blow::Corrupt(0x55), (0..1_200).step_by(31)) {
        ward.proxy.next(direction, lane);
        let client = ward.through("ana").build().unwrap();
        let speak = async {
            client.connect().await.map_err(drop)?;
            let room = client.join(crate::ward::ROOM.parse().unwrap()).await;
            drop(room.map_err(drop)?);
            Ok::<(), ()>(())
        };
        // It may be refused, cut off, or wait for the rest of a frame that has become a long one.
        let _ = tokio::time::timeout(Duration::from_millis(250), speak).await;
        client.close().await;
    }
    there.send("message 0").await.unwrap();
    assert_eq!(heard.until(1).await, bodies(0, 1));
    let mut raw = Raw::login(&ward.server, &Token::new("kim", "provider")).await;
    raw.request("session:status", json!({})).await.unwrap();
    let log = ward.server.log().text();
    assert!(!log.contains("panicked"), "{log}");
}
