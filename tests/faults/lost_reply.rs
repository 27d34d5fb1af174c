//! A reply that is lost after the commit: the command is repeated with its key and has one effect.

use crate::ward::{Ward, bodies, join};
use carewire_tests::{
    proxy::{Direction, Manner},
    wait::within,
};

/// How many of them are on their way at once.
const SENT: usize = 5;

#[tokio::test]
async fn is_asked_for_again_and_nothing_happens_twice() {
    let ward = Ward::open(|o| o).await;
    let (room, mut heard) = join(ward.through("ana")).await;
    let (_others, mut beside) = join(ward.beside("lee")).await;
    for round in 0..4 {
        let before = round * SENT;
        // The server hears everything, and nothing of what it says arrives.
        ward.proxy.set(Direction::ToClient, Manner::Swallow);
        let answer = tokio::spawn({
            let room = room.clone();
            async move { room.send(format!("message {before}")).await }
        });
        // Committed: somebody else has heard of it.
        beside.until(before + 1).await;
        ward.proxy.heal();
        ward.proxy.reset();
        let answer = within("the second reply", answer).await.unwrap().unwrap();
        assert_eq!(*answer.body, format!("message {before}"));
        for body in bodies(before + 1, before + SENT) {
            within("an answer", room.send(body)).await.unwrap();
        }
    }
    heard.until(4 * SENT).await;
    assert_eq!(heard.bodies, bodies(0, 4 * SENT));
    assert_eq!(ward.log().await, bodies(0, 4 * SENT));
}
