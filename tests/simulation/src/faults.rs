//! Faults, and how often a seed has which.

use crate::{
    backplane::Weather,
    event::{DeviceId, NodeId},
};
use carewire_server::store::Point;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::time::Duration;

/// Something that goes wrong.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// The connection of a device breaks.
    Cut(DeviceId),
    /// One or both directions of a connection go dead without a word.
    HalfOpen {
        device: DeviceId,
        up: bool,
        down: bool,
    },
    /// A device does nothing for a while: a frozen tab, a phone in a pocket.
    Freeze { device: DeviceId, time: Duration },
    /// A device reads nothing for a while.
    Stall { device: DeviceId, time: Duration },
    /// The next retained events disappear on the way to a device.
    Swallow { device: DeviceId, count: u32 },
    /// A device's application starts again.
    Restart { device: DeviceId, same: bool },
    /// A node's process ends when it has passed a point so many times.
    Crash {
        node: NodeId,
        point: Point,
        times: u32,
    },
    /// A node is told to stop, and starts again.
    Drain(NodeId),
    /// A node's database cannot be used.
    Down { node: NodeId, time: Duration },
    /// A node's database is slow, by up to so many microseconds a statement.
    Slow {
        node: NodeId,
        time: Duration,
        most: u64,
    },
    /// A node's wall clock jumps.
    Jump { node: NodeId, by_ms: i64 },
    /// The nodes hear each other badly from now on.
    Backplane(Weather),
}

/// The points at which a process can end.
const POINTS: [Point; 5] = [
    Point::Write,
    Point::BeforeCommit,
    Point::AfterCommit,
    Point::HandOver,
    Point::Finish,
];

/// Draws the faults of a seed: some kinds, each some times.
pub(crate) fn draw(
    random: &mut ChaCha8Rng,
    devices: usize,
    nodes: usize,
    end: Duration,
) -> Vec<(Duration, Fault)> {
    let mut faults = Vec::new();
    // One seed in eight has none: nothing may be repaired there.
    if random.random_range(0..8) == 0 {
        return faults;
    }
    for kind in 0..12 {
        if random.random_range(0..100) >= 40 {
            continue;
        }
        for _ in 0..random.random_range(1..=4) {
            let at = Duration::from_micros(random.random_range(0..end.as_micros() as u64));
            let device = random.random_range(0..devices);
            let node = random.random_range(0..nodes);
            let time = Duration::from_millis(random.random_range(50..=9000));
            let fault = match kind {
                0 | 1 => Fault::Cut(device),
                2 => {
                    let up = random.random_bool(0.6);
                    Fault::HalfOpen {
                        device,
                        up,
                        down: !up || random.random_bool(0.5),
                    }
                }
                3 => Fault::Freeze { device, time },
                4 => Fault::Stall { device, time },
                5 => Fault::Swallow {
                    device,
                    count: random.random_range(1..=3),
                },
                6 => Fault::Restart {
                    device,
                    same: random.random_bool(0.5),
                },
                7 => Fault::Crash {
                    node,
                    point: POINTS[random.random_range(0..POINTS.len())],
                    times: random.random_range(1..=4),
                },
                8 => Fault::Drain(node),
                9 => Fault::Down {
                    node,
                    time: time / 2,
                },
                10 => Fault::Slow {
                    node,
                    time,
                    most: random.random_range(1_000..=120_000),
                },
                _ => Fault::Jump {
                    node,
                    by_ms: random.random_range(-3_600_000..=3_600_000),
                },
            };
            faults.push((at, fault));
        }
    }
    if nodes > 1 && random.random_range(0..4) > 0 {
        let at = Duration::from_micros(random.random_range(0..end.as_micros() as u64 / 2));
        let mut share = |most: u32| {
            if random.random_bool(0.6) {
                random.random_range(1..=most)
            } else {
                0
            }
        };
        let weather = Weather {
            lost: share(600),
            doubled: share(300),
            late: share(300),
            late_by: 200_000,
        };
        faults.push((at, Fault::Backplane(weather)));
        // Most of what is said last is lost: nothing follows it that would show that.
        let lost = random.random_range(300..=700);
        let last = Weather { lost, ..weather };
        let soon = end.saturating_sub(Duration::from_secs(1));
        faults.push((soon, Fault::Backplane(last)));
    }
    faults.sort_by_key(|(at, _)| *at);
    faults
}
