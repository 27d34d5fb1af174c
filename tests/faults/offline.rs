//! What the user does without a connection.

use crate::ward::{Ward, bodies, join};
use carewire::{RequestError, State};
use carewire_tests::wait::within;

/// One that is too large fails at once and alone; those before and after it go out in order.
#[tokio::test]
async fn too_large_a_command_in_the_queue() {
    let ward = Ward::open(|o| o.env("CAREWIRE_MAX_PAYLOAD_BYTES", 4_096)).await;
    let (room, mut heard) = join(ward.through("ana")).await;
    let mut state = room.client().state();
    ward.proxy.refuse(true);
    ward.proxy.reset();
    let lost = state.wait_for(|state| matches!(state, State::Reconnecting { .. }));
    within("the loss", lost).await.unwrap();

    let mut queued = room.client().queued();
    let mut waiting = Vec::new();
    for (number, body) in bodies(0, 8).into_iter().enumerate() {
        if number == 4 {
            let refused = within("a refusal", room.send("x".repeat(5_000))).await;
            let most = 4_096;
            assert!(
                matches!(refused, Err(RequestError::PayloadTooLarge { most: known, .. }) if known == most),
                "{refused:?}"
            );
        }
        let room = room.clone();
        waiting.push(tokio::spawn(async move { room.send(body).await }));
        // One after the other, so that the queue has them in this order.
        let has = queued.wait_for(|queued| *queued == waiting.len());
        within("a place in the queue", has).await.unwrap();
    }
    ward.proxy.heal();
    for answer in waiting {
        within("an answer", answer).await.unwrap().unwrap();
    }
    heard.until(8).await;
    assert_eq!(heard.bodies, bodies(0, 8));
    assert_eq!(ward.log().await, bodies(0, 8));
}
