//! A world: nodes, devices, a network between them, what people do and what goes wrong, all from
//! one seed.

mod backends;
mod connections;
mod healing;
mod injection;
mod judgement;
mod nodes;

use crate::{
    backplane::Wires,
    book::Book,
    clock::{Clock, Executor, Group},
    device::{Device, Ground, Late},
    env::NodeEnv,
    event::{Event, NodeId},
    node::{Node, Site, undisturbed},
    people::PEOPLE,
    pipe::{Link, LinkId},
    plan::Plan,
    workload::Call,
};
use carewire::session::Input;
use carewire_check::What;
use carewire_server::{census::Census, env::Runtime, store::MemoryDatabase};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

/// A running world.
pub(crate) struct World {
    plan: Plan,
    seed: u64,
    clock: Arc<Clock>,
    book: Arc<Book>,
    executor: Executor,
    site: Site,
    nodes: Vec<Option<Node>>,
    lives: Group,
    devices: Vec<Device>,
    links: BTreeMap<LinkId, Link>,
    last_link: LinkId,
    calls: BTreeMap<u64, (Call, Group)>,
    members: BTreeMap<&'static str, BTreeSet<&'static str>>,
    last_op: u64,
    healed: bool,
    baseline: Census,
    tasks: usize,
    random: ChaCha8Rng,
}

impl World {
    pub(crate) fn new(seed: u64, plan: Plan, traced: bool) -> Self {
        let clock = Arc::new(Clock::default());
        let book = Arc::new(Book::new(Arc::clone(&clock), traced));
        let wires = Wires::new(
            Arc::clone(&clock),
            Arc::clone(&book),
            plan.nodes,
            seed ^ 0xb0,
        );
        let env: Runtime = Arc::new(NodeEnv::new(Arc::clone(&clock), 0, seed));
        let database = MemoryDatabase::new(&env).unwrap();
        book.set_store(undisturbed(&database, &env));
        let site = Site {
            clock: Arc::clone(&clock),
            book: Arc::clone(&book),
            wires: Arc::new(wires),
            database,
            config: plan.config.clone(),
            slowness: plan.slowness,
            seed,
        };
        let ground = Arc::new(Ground {
            clock: Arc::clone(&clock),
            book: Arc::clone(&book),
            seed,
            token_life: plan.token_life,
            queue: plan.client_queue,
        });
        let devices = PEOPLE[..plan.devices].iter().enumerate();
        let devices = devices
            .map(|(id, person)| Device::new(id, person, Arc::clone(&ground)))
            .collect();
        Self {
            executor: Executor::new(Arc::clone(&clock), seed ^ 0xe8),
            nodes: (0..plan.nodes).map(|_| None).collect(),
            plan,
            seed,
            clock,
            book,
            site,
            lives: 0,
            devices,
            links: BTreeMap::new(),
            last_link: 0,
            calls: BTreeMap::new(),
            members: BTreeMap::new(),
            last_op: 0,
            healed: false,
            baseline: Census::default(),
            tasks: 0,
            random: ChaCha8Rng::seed_from_u64(seed ^ 0x77),
        }
    }

    /// Lives through it, from the first start to the last trace of anybody.
    pub(crate) fn run(&mut self) {
        for node in 0..self.plan.nodes {
            self.start_node(node);
        }
        self.run_tasks();
        self.tasks = self.executor.count(self.node(0).life);
        self.settle();
        self.baseline = self.node(0).core.census();
        for device in 0..self.devices.len() {
            let at = Duration::from_millis(self.random.random_range(0..=800));
            self.clock.at(self.clock.now() + at, Event::Start(device));
        }
        for (at, deed) in std::mem::take(&mut self.plan.deeds) {
            self.clock.at(at, Event::Do(deed));
        }
        for (at, fault) in std::mem::take(&mut self.plan.faults) {
            self.clock.at(at, Event::Inject(fault));
        }
        self.pass_until(self.plan.end);
        self.heal();
        self.say_last_words();
        self.converge();
        self.judge_end();
        self.book.read_logs();
        self.go_home();
    }

    fn node(&self, node: NodeId) -> &Node {
        self.nodes[node].as_ref().unwrap()
    }

    /// Lets time pass.
    fn pass_until(&mut self, end: Duration) {
        loop {
            self.run_tasks();
            let Some(event) = self.executor.next(end) else {
                return;
            };
            self.happen(event);
        }
    }

    fn run_tasks(&mut self) {
        let disks: Vec<_> = self
            .nodes
            .iter()
            .flatten()
            .map(|node| (node.id, Arc::clone(&node.disk)))
            .collect();
        let mut crashed = Vec::new();
        self.executor.run(|| {
            disks.iter().find_map(|(id, disk)| {
                let group = disk.take_crashed()?;
                crashed.push(*id);
                Some(group)
            })
        });
        for node in crashed {
            self.all_nodes_hear_late("crash");
            self.end_node(node);
            let down = Duration::from_millis(self.random.random_range(20..=3000));
            self.clock
                .at(self.clock.now() + down, Event::StartNode(node));
        }
        for node in self.nodes.iter_mut().flatten() {
            let repairs = node.core.repair.repaired();
            if repairs > node.repairs {
                node.repairs = repairs;
                let (by, room) = (Arc::clone(&node.name), self.book.name("some room"));
                self.book.note(What::Repaired { by, room });
            }
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Tick => {}
            Event::Start(device) => self.devices[device].start(false),
            Event::Opened { device, dial } => self.open(device, dial),
            Event::ToServer { link, text } => {
                if let Some(link) = self.links.get(&link) {
                    link.pipe.arrived(text);
                }
            }
            Event::ToClient { link, packet } => self.deliver(link, Late::Packet(packet)),
            Event::ClosedForClient { link, code } => self.deliver(link, Late::Closed(code)),
            Event::ClosedForServer { link } => {
                if let Some(link) = self.links.remove(&link) {
                    link.pipe.break_server();
                }
            }
            Event::Wake(device) => self.devices[device].wake(),
            Event::Token { device, life } => {
                let device = &mut self.devices[device];
                if device.life == life {
                    let token = device.token();
                    device.input(Input::Token(Ok(token)));
                }
            }
            Event::Thaw { device, life } => {
                let device = &mut self.devices[device];
                if device.life == life {
                    device.thaw();
                }
            }
            Event::Do(deed) => self.act(&deed),
            Event::Inject(fault) => {
                if !self.healed {
                    self.inject(&fault);
                }
            }
            Event::StartNode(node) => {
                if self.nodes[node].is_none() {
                    self.start_node(node);
                }
            }
            Event::StopNode { node, life } => {
                if self.nodes[node]
                    .as_ref()
                    .is_some_and(|node| node.life == life)
                {
                    self.end_node(node);
                    let soon = self.clock.now() + Duration::from_millis(200);
                    self.clock.at(soon, Event::StartNode(node));
                }
            }
            Event::Signal { node, life, signal } => {
                self.site.wires.deliver(node, life, *signal);
            }
            Event::Answered { call, done } => self.answered(call, done),
        }
    }
}
