//! What connects the nodes of a world: late, twice, or not at all.

use crate::{
    book::Book,
    clock::Clock,
    event::{Event, NodeId},
};
use carewire_server::backplane::{Backplane, Receiver, Signal};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{
    sync::{Arc, Mutex, MutexGuard, Weak},
    time::Duration,
};

/// How well the nodes hear each other, in thousandths and microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weather {
    pub(crate) lost: u32,
    pub(crate) doubled: u32,
    /// So many are late, by up to `late_by`.
    pub(crate) late: u32,
    pub(crate) late_by: u64,
}

/// Between the nodes.
pub(crate) struct Wires {
    clock: Arc<Clock>,
    book: Arc<Book>,
    state: Mutex<State>,
}

struct State {
    random: ChaCha8Rng,
    weather: Weather,
    /// The present life of each node that is up, and how it takes signals.
    nodes: Vec<Option<(u32, Weak<dyn Receiver>)>>,
}

impl Wires {
    pub(crate) fn new(clock: Arc<Clock>, book: Arc<Book>, nodes: usize, seed: u64) -> Self {
        let state = State {
            random: ChaCha8Rng::seed_from_u64(seed),
            weather: Weather::default(),
            nodes: vec![None; nodes],
        };
        Self {
            clock,
            book,
            state: Mutex::new(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn set_weather(&self, weather: Weather) {
        self.state().weather = weather;
    }

    pub(crate) fn attach(&self, node: NodeId, life: u32, receiver: Weak<dyn Receiver>) {
        self.state().nodes[node] = Some((life, receiver));
    }

    pub(crate) fn detach(&self, node: NodeId) {
        self.state().nodes[node] = None;
    }

    /// A signal has arrived.
    pub(crate) fn deliver(&self, node: NodeId, life: u32, signal: Signal) {
        let receiver = self.state().nodes[node]
            .as_ref()
            .filter(|(present, _)| *present == life)
            .and_then(|(_, receiver)| receiver.upgrade());
        if let Some(receiver) = receiver {
            receiver.receive(signal);
        }
    }
}

/// The end of one node.
pub(crate) struct Outlet {
    pub(crate) wires: Arc<Wires>,
    pub(crate) node: NodeId,
    pub(crate) life: u32,
}

impl Backplane for Outlet {
    fn publish(&self, signal: Signal) {
        let mut state = self.wires.state();
        let others: Vec<(NodeId, u32)> = state
            .nodes
            .iter()
            .enumerate()
            .filter(|(node, _)| *node != self.node)
            .filter_map(|(node, known)| Some((node, known.as_ref()?.0)))
            .collect();
        let now = self.wires.clock.now();
        let mut lost = Vec::new();
        for (node, life) in others {
            let Weather {
                lost: losing,
                doubled,
                late,
                late_by,
            } = state.weather;
            let mut hit = |share| share > 0 && state.random.random_range(0..1000) < share;
            if hit(losing) {
                lost.push(node);
                continue;
            }
            let times = if hit(doubled) { 2 } else { 1 };
            for _ in 0..times {
                let delay = if late > 0 && state.random.random_range(0..1000) < late {
                    lost.push(node);
                    state.random.random_range(1000..=late_by.max(1000))
                } else {
                    500
                };
                let signal = Box::new(signal.clone());
                let at = now + Duration::from_micros(delay);
                self.wires
                    .clock
                    .at(at, Event::Signal { node, life, signal });
            }
        }
        drop(state);
        for node in lost {
            let target = self.wires.book.name(&format!("node {node}"));
            self.wires
                .book
                .fault("signal lost or late", Some(target), true);
        }
        self.wires.deliver(self.node, self.life, signal);
    }

    fn is_up(&self) -> bool {
        true
    }

    fn is_lossless(&self) -> bool {
        self.wires.state().nodes.len() == 1
    }
}
