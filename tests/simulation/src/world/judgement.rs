//! How things are in the end, and what is left of everybody who was there.

use super::World;
use crate::plan::RUN;
use carewire_check::{Limits, Name, What};
use carewire_server::keys::UserKey;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// How long after everybody has gone nothing may be left of them, and how long it takes longer to
/// notice that a connection is dead.
const FORGOTTEN_WITHIN: Duration = Duration::from_millis(16_500);
const NOTICED_WITHIN: Duration = Duration::from_secs(31);
/// How long what a node does from time to time may take.
const SWEPT_WITHIN: Duration = Duration::from_secs(2);

/// What a run leaves behind.
pub(crate) struct Record {
    pub(crate) history: carewire_check::History,
    pub(crate) hash: u64,
    pub(crate) trace: Vec<String>,
    pub(crate) faults: BTreeMap<&'static str, u64>,
}

impl World {
    /// How things are when everything should have come to rest.
    pub(super) fn judge_end(&mut self) {
        for device in &self.devices {
            let name = Arc::clone(device.name());
            let well = device.is_online();
            let ended = What::Ended { device: name, well };
            self.book.note(ended);
        }
        self.judge_beliefs();
        self.book.note(What::Bound {
            name: self.book.name("frames that wait for a connection"),
            seen: self.book.longest_queue() as u64,
            most: self.plan.config.queue.frames.max(RUN) as u64,
        });
        let queued = self.devices.iter().map(|device| device.most_queued).max();
        self.book.note(What::Bound {
            name: self.book.name("commands that wait in a session"),
            seen: queued.unwrap_or_default() as u64,
            most: self.plan.client_queue as u64,
        });
    }

    /// Whoever may see everybody knows who is there.
    fn judge_beliefs(&self) {
        if self.plan.nodes > 1 {
            return;
        }
        for device in &self.devices {
            if device.person.role == "patient" || !device.is_online() {
                continue;
            }
            for (user, online) in &device.eyes.beliefs {
                let tenant = device.person.tenant;
                let key = UserKey::new(&tenant.parse().unwrap(), &user.parse().unwrap());
                let truly = self.node(0).core.hub.is_connected(&key);
                self.book.note(What::Believed {
                    device: Arc::clone(device.name()),
                    user: self.book.name(&format!("{tenant}/{user}")),
                    online: *online,
                    truly,
                });
            }
        }
    }

    /// Everybody goes, and nothing is left of them.
    pub(super) fn go_home(&mut self) {
        for device in &mut self.devices {
            device.close();
        }
        let mut time = FORGOTTEN_WITHIN;
        if self.book.was_injected("half-open") {
            time += NOTICED_WITHIN;
        }
        self.pass_until(self.clock.now() + time);
        // What every node does from time to time may be under way at this very moment.
        let latest = self.clock.now() + SWEPT_WITHIN;
        while self.is_busy() && self.clock.now() < latest {
            self.pass_until(self.clock.now() + SWEPT_WITHIN / 20);
        }
        for tenant in ["clinic", "other"] {
            self.book.note(What::Baseline {
                name: self.book.name(&format!("calls of {tenant}")),
                before: 0,
                after: self.book.open_calls(&tenant.parse().unwrap()),
            });
        }
        for node in self.nodes.iter().flatten() {
            let now = node.core.census();
            let kinds = [
                ("connections", 0, now.connections),
                ("users", 0, now.users),
                ("rooms", 0, now.rooms),
                ("people present", 0, now.present),
                ("people followed", 0, now.followed),
                ("inboxes", 0, now.inbox),
                ("places in calls", 0, now.places),
                ("charts", 0, now.charts),
                ("timers", self.baseline.timers, now.timers),
                ("tasks", self.tasks, self.executor.count(node.life)),
            ];
            for (name, before, after) in kinds {
                let name: Name = self.book.name(&format!("{name} of {}", node.name));
                let (before, after) = (before as u64, after as u64);
                self.book.note(What::Baseline {
                    name,
                    before,
                    after,
                });
            }
        }
    }

    /// Whether some node has more to do than when it began.
    fn is_busy(&self) -> bool {
        let mut nodes = self.nodes.iter().flatten();
        nodes.any(|node| self.executor.count(node.life) > self.tasks)
    }

    /// The record, and the limits that hold in this world.
    pub(crate) fn close(self) -> Record {
        let Self {
            plan,
            book,
            devices,
            nodes,
            executor,
            clock,
            ..
        } = self;
        // Whatever ends with its tasks may still want to speak.
        drop(executor);
        drop(nodes);
        drop(devices);
        clock.clear();
        let (mut history, hash, trace, faults) = book.close();
        history.limits = Limits {
            // What others see of people on another node comes with presence across nodes.
            typing: (plan.nodes == 1).then_some(Duration::from_secs(7)),
            presence_grace: (plan.nodes == 1).then_some(plan.config.presence_grace),
            ..Limits::default()
        };
        Record {
            history,
            hash,
            trace,
            faults,
        }
    }
}
