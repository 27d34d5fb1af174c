//! What people do meanwhile.

use crate::device::{Device, Shared, full};
use carewire::{MessageId, RequestError, Room};
use carewire_tests::check::{Name, Op, Operation, What};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::{task::JoinSet, time::Instant};

/// How many commands of a device wait for their answers at most.
const AT_ONCE: usize = 16;

enum Deed {
    Send,
    Publish,
    Edit(MessageId),
    Delete(MessageId),
    React(MessageId),
}

/// Does one thing after the other until it is time, and yields what is not answered yet.
pub(crate) async fn act(device: Arc<Device>, mut rng: ChaCha8Rng, end: Instant) -> JoinSet<()> {
    let mut waiting = JoinSet::new();
    let mut own: Vec<(Room, MessageId)> = Vec::new();
    let (sent, mut acknowledged) = tokio::sync::mpsc::unbounded_channel();
    while Instant::now() < end {
        while let Ok(message) = acknowledged.try_recv() {
            own.push(message);
        }
        let room = device.rooms[rng.random_range(0..device.rooms.len())].clone();
        match rng.random_range(0..20) {
            0 => room.typing(),
            1 => drop(tokio::time::timeout(Duration::from_millis(50), room.history()).await),
            2 | 3 => {
                let mut messages = device.shared.messages.lock().unwrap().clone();
                if !messages.is_empty() {
                    let (room, id) = messages.swap_remove(rng.random_range(0..messages.len()));
                    // A handle of this device, where it is there.
                    if let Some(room) = device.rooms.iter().find(|own| own.id() == room.id()) {
                        waiting.spawn(perform(&device, room, Deed::React(id), None));
                    }
                }
            }
            4 if !own.is_empty() => {
                let (room, id) = own[rng.random_range(0..own.len())].clone();
                waiting.spawn(perform(&device, &room, Deed::Edit(id), None));
            }
            5 if !own.is_empty() => {
                let (room, id) = own.swap_remove(rng.random_range(0..own.len()));
                waiting.spawn(perform(&device, &room, Deed::Delete(id), None));
            }
            6..=8 => drop(waiting.spawn(perform(&device, &room, Deed::Publish, None))),
            _ => drop(waiting.spawn(perform(&device, &room, Deed::Send, Some(sent.clone())))),
        }
        tokio::time::sleep(Duration::from_millis(rng.random_range(5..90))).await;
        while waiting.len() > AT_ONCE {
            waiting.join_next().await.unwrap().unwrap();
        }
    }
    waiting
}

type Sent = Option<tokio::sync::mpsc::UnboundedSender<(Room, MessageId)>>;

/// Does it and notes what came of it.
fn perform(
    device: &Device,
    room: &Room,
    deed: Deed,
    sent: Sent,
) -> impl Future<Output = ()> + Send + 'static {
    let shared = Arc::clone(&device.shared);
    let op = shared.next_operation.fetch_add(1, Ordering::Relaxed);
    let mark = format!("mark-{op}");
    let (event, subject, says): (_, Option<&MessageId>, _) = match &deed {
        Deed::Send => ("message:new", None, true),
        Deed::Publish => ("room:event", None, true),
        Deed::Edit(id) => ("message:edited", Some(id), true),
        Deed::Delete(id) => ("message:deleted", Some(id), false),
        Deed::React(id) => ("message:reaction", Some(id), true),
    };
    shared.recorder.note(What::Invoked(Operation {
        op,
        device: device.name.clone(),
        user: device.user.clone(),
        key: None,
        room: full(&room.id().to_string()),
        event: event.into(),
        subject: subject.map(|id| id.as_str().into()),
        mark: says.then(|| mark.as_str().into()),
    }));
    let room = room.clone();
    async move {
        let answer = match deed {
            Deed::Send => room.send(mark).await.map(|message| {
                let mut messages = shared.messages.lock().unwrap();
                messages.push((room.clone(), message.id.clone()));
                if messages.len() > 40 {
                    messages.remove(0);
                }
                if let Some(sent) = &sent {
                    let _ = sent.send((room.clone(), message.id.clone()));
                }
                Some(message.id.as_str().into())
            }),
            Deed::Publish => room.publish_retained("noted", &mark).await.map(|_| None),
            Deed::Edit(id) => room.edit(id, mark).await.map(|()| None),
            Deed::Delete(id) => room.delete(id).await.map(|()| None),
            Deed::React(id) => room.react(id, mark).await.map(|()| None),
        };
        note(&shared, op, answer);
    }
}

fn note(shared: &Shared, op: Op, answer: Result<Option<Name>, RequestError>) {
    shared.recorder.note(match answer {
        Ok(message) => What::Acknowledged { op, message },
        Err(RequestError::Refused(_) | RequestError::Expired | RequestError::QueueFull) => {
            What::Refused { op }
        }
        Err(_) => What::Unknown { op },
    });
}
