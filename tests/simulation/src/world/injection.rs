//! What goes wrong.

use super::World;
use crate::{device::Device, event::Event, faults::Fault};
use std::sync::Arc;

impl World {
    pub(super) fn inject(&mut self, fault: &Fault) {
        let now = self.clock.now();
        let target = |device: &Device| Some(Arc::clone(device.name()));
        match *fault {
            Fault::Cut(device) => {
                self.book.fault("cut", target(&self.devices[device]), false);
                self.cut(device);
            }
            Fault::HalfOpen { device, up, down } => {
                let device = &self.devices[device];
                if let Some((_, _, pipe)) = &device.link {
                    self.book.fault("half-open", target(device), false);
                    pipe.go_half_open(up, down);
                    device.eyes.disturbed();
                }
            }
            Fault::Freeze { device, time } => {
                let device = &mut self.devices[device];
                self.book.fault("frozen", target(device), false);
                device.frozen = true;
                device.eyes.disturbed();
                let (device, life) = (device.id, device.life);
                self.clock.at(now + time, Event::Thaw { device, life });
            }
            Fault::Stall { device, time } => {
                let device = &mut self.devices[device];
                self.book.fault("slow reader", target(device), false);
                device.stalled = true;
                device.eyes.disturbed();
                let (device, life) = (device.id, device.life);
                self.clock.at(now + time, Event::Thaw { device, life });
            }
            Fault::Swallow { device, count } => {
                if let Some((_, _, pipe)) = &self.devices[device].link {
                    pipe.swallow(count);
                }
            }
            Fault::Restart { device, same } => {
                let device = &mut self.devices[device];
                if device.is_running() {
                    self.book
                        .fault("application restarted", target(device), false);
                    device.kill();
                    device.start(same);
                }
            }
            Fault::Crash { node, point, times } => {
                if let Some(node) = &self.nodes[node] {
                    node.disk.crash_at(point, times);
                }
            }
            Fault::Drain(node) => self.drain(node),
            Fault::Down { node, time } => {
                if let Some(node) = &self.nodes[node] {
                    self.all_nodes_hear_late("database down");
                    node.disk.go_down(now + time);
                }
            }
            Fault::Slow { node, time, most } => {
                if let Some(node) = &self.nodes[node] {
                    self.all_nodes_hear_late("database slow");
                    node.disk.go_slow(now + time, most);
                }
            }
            Fault::Jump { node, by_ms } => {
                if let Some(node) = &self.nodes[node] {
                    self.book
                        .fault("clock jumps", Some(Arc::clone(&node.name)), false);
                    node.env.set_wrong(by_ms);
                }
            }
            Fault::Backplane(weather) => self.site.wires.set_weather(weather),
        }
    }

    /// What one node stores and is slow to say, or never says, the others read from the log.
    pub(super) fn all_nodes_hear_late(&self, fault: &'static str) {
        for node in 0..self.plan.nodes {
            let name = self.book.name(&format!("node {node}"));
            self.book.fault(fault, Some(name), true);
        }
    }
}
