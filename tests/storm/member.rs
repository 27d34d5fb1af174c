//! One client, in one room.

use crate::figures::Return;
use carewire::{Client, Event, EventStream, Room, State, protocol};
use carewire_tests::check::{self, Name, Recorder, What};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{sync::watch, time::Instant};

/// What is known of a client from outside.
pub(crate) struct Member {
    pub(crate) client: Client,
    pub(crate) device: Name,
    pub(crate) room: Room,
    pub(crate) room_name: Name,
    /// How far its application was given the room.
    pub(crate) position: watch::Receiver<u64>,
    returned: Arc<Mutex<Option<(Instant, u32)>>>,
}

impl Member {
    pub(crate) fn follow(
        recorder: &Arc<Recorder>,
        client: Client,
        device: Name,
        room: Room,
        room_name: Name,
    ) -> Self {
        let joined = room.joined();
        let epoch: Name = joined.epoch.as_str().into();
        recorder.note(What::Follows {
            device: device.clone(),
            room: room_name.clone(),
            epoch: epoch.clone(),
            offset: joined.offset,
        });
        let (positions, position) = watch::channel(joined.offset);
        let returned = Arc::<Mutex<Option<(Instant, u32)>>>::default();
        let attempts = Arc::<Mutex<u32>>::default();
        tokio::spawn(count_attempts(client.state(), Arc::clone(&attempts)));
        let listener = Listener {
            recorder: Arc::clone(recorder),
            device: device.clone(),
            room: room_name.clone(),
            epoch,
            positions,
            returned: Arc::clone(&returned),
            attempts,
        };
        tokio::spawn(listener.run(room.events()));
        Self {
            client,
            device,
            room,
            room_name,
            position,
            returned,
        }
    }

    /// When it had resumed, if it has.
    pub(crate) fn returned(&self, gone: Instant) -> Option<Return> {
        let (at, attempts) = (*self.returned.lock().unwrap())?;
        let after: Duration = at.saturating_duration_since(gone);
        Some(Return { after, attempts })
    }
}

async fn count_attempts(mut state: watch::Receiver<State>, attempts: Arc<Mutex<u32>>) {
    while state.changed().await.is_ok() {
        if let State::Reconnecting { attempt, .. } = *state.borrow_and_update() {
            *attempts.lock().unwrap() = attempt;
        }
    }
}

struct Listener {
    recorder: Arc<Recorder>,
    device: Name,
    room: Name,
    epoch: Name,
    positions: watch::Sender<u64>,
    returned: Arc<Mutex<Option<(Instant, u32)>>>,
    attempts: Arc<Mutex<u32>>,
}

impl Listener {
    async fn run(self, mut events: EventStream) {
        while let Some(event) = events.next().await {
            match &event {
                Event::Server(event) => self.take(event),
                Event::Resumed(_) => {
                    let attempts = *self.attempts.lock().unwrap();
                    *self.returned.lock().unwrap() = Some((Instant::now(), attempts));
                }
                Event::CaughtUp => {}
                other => panic!("{} was told {other:?}", self.device),
            }
        }
    }

    fn take(&self, event: &protocol::Event) {
        let Some((epoch, offset)) = &event.position else {
            return;
        };
        let protocol::EventData::Message(protocol::message::Event::New(new)) = &event.data else {
            return;
        };
        let epoch = if *self.epoch == *epoch.as_str() {
            self.epoch.clone()
        } else {
            epoch.as_str().into()
        };
        self.recorder.note(What::Observed {
            device: self.device.clone(),
            room: self.room.clone(),
            epoch,
            offset: *offset,
            event: check::Event {
                name: "message:new".into(),
                message: Some(new.message.id.as_str().into()),
                mark: Some((*new.message.body).into()),
            },
            queued: Duration::ZERO,
        });
        self.positions.send_replace(*offset);
    }
}
