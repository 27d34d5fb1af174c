//! The faults are over: everything heals and comes to rest.

use super::World;
use crate::{backplane::Weather, device::Device};
use carewire::CloseReason;
use carewire_check::What;
use carewire_server::keys::RoomKey;
use std::time::Duration;

/// How long everything has to converge when the faults are over.
const CONVERGES_WITHIN: Duration = Duration::from_secs(90);
/// How long whoever was away has to say what they still had to.
const LAST_WORDS_WITHIN: Duration = Duration::from_secs(30);
/// Long enough after them that graces are over and typing has ended.
const QUIET_AFTER: Duration = Duration::from_secs(13);

impl World {
    /// The faults are over.
    pub(super) fn heal(&mut self) {
        self.healed = true;
        for node in 0..self.nodes.len() {
            match &self.nodes[node] {
                Some(node) => {
                    node.disk.heal();
                    node.env.set_wrong(0);
                }
                None => self.start_node(node),
            }
        }
        for device in 0..self.devices.len() {
            self.devices[device].thaw();
            if let Some((_, _, pipe)) = &self.devices[device].link {
                pipe.swallow(0);
                // What was swallowed without a word after it shows with the next connection.
                if pipe.is_damaged() {
                    self.cut(device);
                }
            }
            if self.devices[device].closed.is_some() {
                // A wrong clock, or a token that was too short: the person signs in again.
                let reason = self.devices[device].closed.clone();
                if reason == Some(CloseReason::Unauthenticated) {
                    self.devices[device].start(true);
                }
            }
        }
        self.book.note(What::Healed);
    }

    /// The backplane is the last to heal: what was queued until now is the last that is said in a
    /// room, and nothing that follows shows whether a node has missed it.
    pub(super) fn say_last_words(&mut self) {
        let until = self.clock.now() + LAST_WORDS_WITHIN;
        while self.plan.nodes > 1 && self.clock.now() < until {
            if self.devices.iter().all(Device::is_quiet) {
                break;
            }
            self.pass_until(self.clock.now() + Duration::from_millis(500));
        }
        self.site.wires.set_weather(Weather::default());
    }

    pub(super) fn converge(&mut self) {
        let healed = self.clock.now();
        while self.clock.now() < healed + CONVERGES_WITHIN {
            let next = self.clock.now() + Duration::from_secs(1);
            self.pass_until(next);
            if self.clock.now() >= healed + QUIET_AFTER && self.is_quiet() {
                return;
            }
        }
    }

    fn is_quiet(&self) -> bool {
        self.devices.iter().all(|device| {
            device.is_quiet()
                && device
                    .link
                    .as_ref()
                    .is_some_and(|(_, _, pipe)| !pipe.is_half_open())
                && device.eyes.rooms.iter().all(|(room, offset)| {
                    let tenant = device.person.tenant.parse().unwrap();
                    let key = RoomKey::new(&tenant, room.clone());
                    self.book.head(&key) == *offset
                })
        })
    }
}
