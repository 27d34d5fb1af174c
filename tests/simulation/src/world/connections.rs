//! Connections open, carry and break.

use super::World;
use crate::{
    device::Late,
    event::{DeviceId, NodeId},
    pipe::{Link, LinkId, Pipe},
    socket,
};
use carewire::session::Input;
use rand::RngExt;
use std::sync::Arc;

impl World {
    pub(super) fn open(&mut self, device: DeviceId, dial: u64) {
        if self.devices[device].dialing != Some(dial) {
            return;
        }
        self.devices[device].dialing = None;
        let up: Vec<NodeId> = self
            .nodes
            .iter()
            .flatten()
            .filter(|node| !node.draining)
            .map(|node| node.id)
            .collect();
        if up.is_empty() {
            self.devices[device].input(Input::Closed {
                dial,
                code: 1006,
                reason: "nobody listens",
                retry_after: None,
            });
            return;
        }
        let node = up[self.random.random_range(0..up.len())];
        self.last_link += 1;
        let link = self.last_link;
        let pipe = Arc::new(Pipe::new(
            Arc::clone(&self.clock),
            link,
            self.seed,
            self.plan.slowest_wire,
        ));
        let node = self.node(node);
        let served = socket::serve(
            Arc::clone(&node.core),
            Arc::clone(&pipe),
            Arc::clone(&self.book),
            Arc::clone(self.devices[device].name()),
        );
        self.clock.spawn(node.life, Box::pin(served));
        let opened = Link {
            device,
            node: node.id,
            pipe: Arc::clone(&pipe),
        };
        self.links.insert(link, opened);
        self.devices[device].link = Some((link, dial, pipe));
        self.devices[device].input(Input::Opened { dial });
    }

    pub(super) fn deliver(&mut self, link: LinkId, late: Late) {
        let Some(known) = self.links.get(&link) else {
            return;
        };
        let device = &mut self.devices[known.device];
        if device.link.as_ref().is_none_or(|(open, ..)| *open != link) {
            return;
        }
        if matches!(late, Late::Closed(_)) {
            known.pipe.break_server();
        }
        if device.frozen || device.stalled {
            device.late.push_back(late);
            return;
        }
        match late {
            Late::Packet(packet) => device.read(&packet),
            Late::Closed(code) => {
                self.links.remove(&link);
                device.hear_close(code);
            }
        }
    }

    /// The connection of a device breaks, for both ends.
    pub(super) fn cut(&mut self, device: DeviceId) {
        let Some((link, ..)) = self.devices[device].link else {
            return;
        };
        if let Some(link) = self.links.remove(&link) {
            link.pipe.break_server();
        }
        let device = &mut self.devices[device];
        device.late.clear();
        device.hear_close(1006);
    }
}
