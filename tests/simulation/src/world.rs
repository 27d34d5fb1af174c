//! A world: nodes, devices, a network between them, what people do and what goes wrong, all from
//! one seed.

use crate::{
    backplane::{Weather, Wires},
    book::Book,
    clock::{Clock, Executor, Group},
    device::{Device, Ground, Late},
    disk::Slowness,
    env::NodeEnv,
    event::{DeviceId, Event, NodeId},
    faults::{self, Fault},
    node::{Node, Site},
    people::{PEOPLE, TEAM, VISIT},
    pipe::{Link, LinkId, Pipe},
    socket,
    workload::{self, Act, Call, Deed},
};
use carewire::{CloseReason, session::Input};
use carewire_check::{Access, Limits, Name, What};
use carewire_protocol::{
    UserId,
    backend::{PutThread, PutUser, PutVisit},
};
use carewire_server::{
    census::Census,
    config::{Config, Settings},
    core::Core,
    domain,
    env::Runtime,
    error::Result,
    keys::{RoomKey, UserKey},
    metrics::Metrics,
    store::{MemoryDatabase, NoHooks, Retention, WriterOptions},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

/// How long everything has to converge when the faults are over.
const CONVERGES_WITHIN: Duration = Duration::from_secs(90);
/// How long whoever was away has to say what they still had to.
const LAST_WORDS_WITHIN: Duration = Duration::from_secs(30);
/// Long enough after them that graces are over and typing has ended.
const QUIET_AFTER: Duration = Duration::from_secs(13);
/// How long after everybody has gone nothing may be left of them, and how long it takes longer to
/// notice that a connection is dead.
const FORGOTTEN_WITHIN: Duration = Duration::from_millis(16_500);
const NOTICED_WITHIN: Duration = Duration::from_secs(31);
/// How long what a node does from time to time may take.
const SWEPT_WITHIN: Duration = Duration::from_secs(2);
/// A run of so many events may be queued at once where nothing waits.
const RUN: usize = 64;

/// What is decided before a world begins.
pub(crate) struct Plan {
    pub(crate) faults: Vec<(Duration, Fault)>,
    deeds: Vec<(Duration, Deed)>,
    devices: usize,
    nodes: usize,
    end: Duration,
    slowness: Slowness,
    slowest_wire: u64,
    token_life: Duration,
    client_queue: usize,
    config: Config,
}

impl Plan {
    /// Draws a seed's world.
    pub(crate) fn of(seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let nodes = if random.random_bool(0.35) { 3 } else { 1 };
        let devices = random.random_range(3..=PEOPLE.len());
        let end = Duration::from_secs(random.random_range(6..=25));
        let slowness = Slowness {
            share: random.random_range(0..=400),
            most: [0, 500, 5_000, 30_000][random.random_range(0..4)],
        };
        let slowest_wire = [1_500, 20_000, 80_000][random.random_range(0..3)];
        let faults = faults::draw(&mut random, devices, nodes, end);
        let jumps = faults
            .iter()
            .any(|(_, fault)| matches!(fault, Fault::Jump { .. }));
        // A clock that is an hour wrong must not end every token.
        let token_life = if !jumps && random.random_bool(0.15) {
            Duration::from_secs(random.random_range(8..=75))
        } else {
            Duration::from_hours(24)
        };
        let mut config = config();
        if random.random_bool(0.15) {
            config.queue.frames = 16;
        }
        if random.random_bool(0.1) {
            config.retain_events = 12;
        }
        let client_queue = if random.random_bool(0.2) { 4 } else { 1000 };
        let small_queue = config.queue.frames < RUN;
        let deeds = workload::draw(&mut random, devices, nodes, end, small_queue);
        Self {
            faults,
            deeds,
            devices,
            nodes,
            end,
            slowness,
            slowest_wire,
            token_life,
            client_queue,
            config,
        }
    }
}

fn config() -> Config {
    let settings = Settings {
        dev: true,
        ..Settings::default()
    };
    settings.config().unwrap()
}

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
        let options = WriterOptions {
            committed: Arc::new(|_| {}),
            metrics: Arc::new(Metrics::new()),
        };
        let kept = Retention {
            events: u64::MAX / 2,
            bytes: u64::MAX / 2,
        };
        book.set_store(database.open(&env, kept, options, Arc::new(NoHooks)));
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

    // Nodes.

    fn start_node(&mut self, node: NodeId) {
        self.lives += 1;
        self.book.remark(|| format!("node {node} starts"));
        self.nodes[node] = Some(self.site.start(node, self.lives));
    }

    fn end_node(&mut self, node: NodeId) {
        let Some(ended) = self.nodes[node].take() else {
            return;
        };
        self.book.remark(|| format!("node {node} ends"));
        ended.sever(&self.site.wires);
        for connection in ended.core.hub.all_connections() {
            let user = self.book.user(connection.user());
            self.book.note(What::Connection { user, up: false });
        }
        let broken: Vec<LinkId> = self
            .links
            .iter()
            .filter(|(_, link)| link.node == node)
            .map(|(id, _)| *id)
            .collect();
        for id in broken {
            if let Some(link) = self.links.get(&id) {
                link.pipe.close_down(1006);
            }
        }
        self.executor.end(ended.life);
        // Nobody will answer, and nobody can tell what was done.
        self.calls.retain(|_, (_, life)| *life != ended.life);
    }

    // Connections.

    fn open(&mut self, device: DeviceId, dial: u64) {
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

    fn deliver(&mut self, link: LinkId, late: Late) {
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
    fn cut(&mut self, device: DeviceId) {
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

    // What people and backends do.

    fn act(&mut self, deed: &Deed) {
        self.last_op += 1;
        match Call::of(deed) {
            Some(call) => self.call(deed.node, call),
            None => {
                let op = self.last_op;
                let device = &mut self.devices[deed.device];
                device.act(op, deed);
                if matches!(deed.act, Act::TypeAndFreeze) && !self.healed {
                    let (device, time) = (deed.device, Duration::from_secs(9));
                    self.inject(&Fault::Freeze { device, time });
                }
            }
        }
    }

    fn access(&self, access: Access) {
        self.book.note(What::Access(access));
    }

    /// A backend asks a node for something. What it grants counts from now on.
    fn call(&mut self, node: NodeId, call: Call) {
        // One at a time: the order of two at once is the server's choice.
        let Some(node) = self.nodes[node].as_ref().filter(|_| self.calls.is_empty()) else {
            return;
        };
        if let Call::Care(true) = call {
            self.access(care(&self.book, true));
        }
        if let Some((room, users)) = call.circle() {
            let key = clinic(room);
            // Whoever takes part in a visit may read all of it.
            let floor = if room == TEAM {
                self.book.head(&key)
            } else {
                0
            };
            let known = self.members.entry(room).or_default();
            for user in users {
                if known.insert(user) {
                    let (room, user) = (self.book.room(&key), clinic_user(&self.book, user));
                    let floor = Some(floor);
                    let member = Access::Member { room, user, floor };
                    self.book.note(What::Access(member));
                }
            }
        }
        self.last_op += 1;
        let number = self.last_op;
        let (core, clock) = (Arc::clone(&node.core), Arc::clone(&self.clock));
        let wanted = call.clone();
        let task = async move {
            let done = perform(&core, wanted).await.is_ok();
            let call = number;
            clock.at(clock.now(), Event::Answered { call, done });
        };
        let life = node.life;
        self.clock.spawn(life, Box::pin(task));
        self.calls.insert(number, (call, life));
    }

    /// A backend has its answer. What was taken away counts from now on.
    fn answered(&mut self, number: u64, done: bool) {
        let Some((call, _)) = self.calls.remove(&number).filter(|_| done) else {
            return;
        };
        if let Call::Care(false) = call {
            self.access(care(&self.book, false));
        }
        if let Some((room, users)) = call.circle() {
            let known = self.members.entry(room).or_default();
            let gone: Vec<_> = known
                .iter()
                .copied()
                .filter(|user| !users.contains(user))
                .collect();
            for user in gone {
                known.remove(user);
                let room = self.book.room(&clinic(room));
                let user = clinic_user(&self.book, user);
                let floor = None;
                let member = Access::Member { room, user, floor };
                self.book.note(What::Access(member));
            }
        }
    }

    /// Who is who in the beginning.
    fn settle(&mut self) {
        for person in &PEOPLE {
            let user = self
                .book
                .name(&format!("{}/{}", person.tenant, person.user));
            let role = self.book.name(person.role);
            self.access(Access::Role { user, role });
        }
        self.access(care(&self.book, true));
        for (room, users) in [(TEAM, &["ana", "lee", "sam"][..]), (VISIT, &["ana", "lee"])] {
            for user in users {
                self.members.entry(room).or_default().insert(user);
                let (room, user) = (self.book.room(&clinic(room)), clinic_user(&self.book, user));
                let floor = Some(0);
                self.access(Access::Member { room, user, floor });
            }
        }
        let other = RoomKey::new(&"other".parse().unwrap(), TEAM.parse().unwrap());
        let (room, user) = (self.book.room(&other), self.book.name("other/ana"));
        let floor = Some(0);
        self.access(Access::Member { room, user, floor });
        let core = Arc::clone(&self.node(0).core);
        let life = self.node(0).life;
        let usual = self.node(0).disk.calm();
        self.clock.spawn(
            life,
            Box::pin(async move { found(&core, other).await.unwrap() }),
        );
        self.pass_until(Duration::from_millis(300));
        self.node(0).disk.usual(usual);
    }

    // What goes wrong.

    fn inject(&mut self, fault: &Fault) {
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
    fn all_nodes_hear_late(&self, fault: &'static str) {
        for node in 0..self.plan.nodes {
            let name = self.book.name(&format!("node {node}"));
            self.book.fault(fault, Some(name), true);
        }
    }

    fn drain(&mut self, node: NodeId) {
        let Some(node) = &mut self.nodes[node] else {
            return;
        };
        if node.draining {
            return;
        }
        node.draining = true;
        self.book
            .fault("drain", Some(Arc::clone(&node.name)), false);
        domain::session::shut_down(&node.core, "update");
        let (id, life) = (node.id, node.life);
        let soon = self.clock.now() + Duration::from_millis(1500);
        self.clock.at(soon, Event::StopNode { node: id, life });
    }

    // The end.

    /// The faults are over.
    fn heal(&mut self) {
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
            // What was swallowed without a word after it shows with the next connection.
            let swallowed = self.devices[device]
                .link
                .as_ref()
                .is_some_and(|(_, _, pipe)| pipe.is_damaged());
            if swallowed {
                self.cut(device);
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
    fn say_last_words(&mut self) {
        let until = self.clock.now() + LAST_WORDS_WITHIN;
        while self.plan.nodes > 1 && self.clock.now() < until {
            if self.devices.iter().all(Device::is_quiet) {
                break;
            }
            self.pass_until(self.clock.now() + Duration::from_millis(500));
        }
        self.site.wires.set_weather(Weather::default());
    }

    fn converge(&mut self) {
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

    /// How things are when everything should have come to rest.
    fn judge_end(&mut self) {
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
    fn go_home(&mut self) {
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
        for node in self.nodes.iter().flatten() {
            let now = node.core.census();
            let kinds = [
                ("connections", 0, now.connections),
                ("users", 0, now.users),
                ("rooms", 0, now.rooms),
                ("people present", 0, now.present),
                ("people followed", 0, now.followed),
                ("inboxes", 0, now.inbox),
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

/// What a run leaves behind.
pub(crate) struct Record {
    pub(crate) history: carewire_check::History,
    pub(crate) hash: u64,
    pub(crate) trace: Vec<String>,
    pub(crate) faults: BTreeMap<&'static str, u64>,
}

fn clinic(room: &str) -> RoomKey {
    RoomKey::new(&"clinic".parse().unwrap(), room.parse().unwrap())
}

fn clinic_user(book: &Book, user: &str) -> Name {
    book.name(&format!("clinic/{user}"))
}

fn care(book: &Book, cares: bool) -> Access {
    Access::Care {
        provider: clinic_user(book, "lee"),
        patient: clinic_user(book, "ana"),
        cares,
    }
}

fn ids(users: &[&str]) -> Vec<UserId> {
    users.iter().map(|user| user.parse().unwrap()).collect()
}

/// Does what a backend wants.
async fn perform(core: &Arc<Core>, call: Call) -> Result<()> {
    let tenant = "clinic".parse().unwrap();
    let user = |name: &str| UserKey::new(&tenant, &name.parse().unwrap());
    match call {
        Call::Care(cares) => {
            domain::directory::set_care(core, user("lee"), user("ana"), cares).await
        }
        Call::Team(members) => {
            let body = PutThread {
                title: None,
                member_ids: ids(&members),
                platform: None,
                metadata: None,
            };
            domain::directory::put_thread(core, clinic(TEAM), body).await
        }
        Call::Visit(participants) => {
            let body = PutVisit {
                participant_ids: ids(&participants),
            };
            domain::directory::put_visit(core, clinic(VISIT), body).await
        }
    }
}

/// Makes the rooms and relations of the beginning.
async fn found(core: &Arc<Core>, other: RoomKey) -> Result<()> {
    for person in &PEOPLE {
        let key = UserKey::new(
            &person.tenant.parse().unwrap(),
            &person.user.parse().unwrap(),
        );
        let body = PutUser {
            role: person.role.into(),
            name: None,
        };
        domain::directory::put_user(core, key, body).await?;
    }
    perform(core, Call::Care(true)).await?;
    perform(core, Call::Team(vec!["ana", "lee", "sam"])).await?;
    perform(core, Call::Visit(vec!["ana", "lee"])).await?;
    let body = PutThread {
        title: None,
        member_ids: ids(&["ana"]),
        platform: None,
        metadata: None,
    };
    domain::directory::put_thread(core, other, body).await
}
