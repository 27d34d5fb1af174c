//! Presence over devices against a model: whatever the order in which devices come, go, come back
//! and set a status, whoever watches hears what the model says, and when it says it.

use crate::{
    backplane::Wires,
    book::Book,
    clock::{Clock, Executor},
    disk::Slowness,
    env::wall,
    node::{Node, SECRET, Site, undisturbed},
};
use carewire_protocol::{TenantId, Timestamp, session::Authenticate};
use carewire_server::{
    auth::sign_dev_token,
    config::Settings,
    env::Runtime,
    hub::{Connection, Frames, Next},
    session::{self, Session, Work},
    store::MemoryDatabase,
};
use proptest::{prelude::*, sample::select};
use serde_json::Value;
use std::{
    collections::{BTreeMap, VecDeque},
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

const GRACE: u64 = 10_000;

#[derive(Debug, Clone)]
enum Step {
    /// A device connects; what it had before is only about to end.
    Come(usize),
    /// The oldest connection of a device ends.
    Go(usize),
    /// A device sets the status of its person.
    Status(usize, &'static str),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let device = 0..3_usize;
    // Around the grace, as well as anywhere.
    let time = prop_oneof![
        4 => 1..GRACE,
        2 => select(vec![GRACE - 1, GRACE, GRACE + 1]),
        1 => GRACE..3 * GRACE,
    ];
    prop_oneof![
        4 => device.clone().prop_map(Step::Come),
        5 => device.clone().prop_map(Step::Go),
        2 => (device, select(vec!["online", "away", "busy"])).prop_map(|(at, status)| Step::Status(at, status)),
        4 => time.prop_map(Step::Pass),
    ]
}

/// Somebody's presence: status, devices, and for whoever is gone since when.
type Seen = (String, u64, Option<Timestamp>);

/// What the contract says of one person.
#[derive(Default)]
struct Model {
    now: u64,
    connections: BTreeMap<usize, u32>,
    status: Option<&'static str>,
    /// Since when the last connection is gone, while the grace lasts.
    leaving: Option<u64>,
    is_there: bool,
    last_seen: Timestamp,
    told: Vec<Seen>,
}

impl Model {
    fn presence(&self) -> Seen {
        if !self.is_there {
            return ("offline".to_owned(), 0, Some(self.last_seen));
        }
        let status = self.status.unwrap_or("online").to_owned();
        (status, self.connections.len().max(1) as u64, None)
    }

    fn come(&mut self, device: usize) {
        *self.connections.entry(device).or_default() += 1;
        self.leaving = None;
        if !std::mem::replace(&mut self.is_there, true) {
            self.told.push(self.presence());
        }
    }

    fn go(&mut self, device: usize) {
        let Some(count) = self.connections.get_mut(&device) else {
            return;
        };
        *count -= 1;
        if *count == 0 {
            self.connections.remove(&device);
        }
        if self.connections.is_empty() {
            self.leaving = Some(self.now);
        }
    }

    fn set(&mut self, device: usize, status: &'static str) {
        if self.connections.contains_key(&device) {
            self.status = Some(status);
            self.told.push(self.presence());
        }
    }

    fn pass(&mut self, time: u64) {
        self.now += time;
        if let Some(since) = self.leaving.filter(|since| since + GRACE <= self.now) {
            self.leaving = None;
            self.is_there = false;
            self.last_seen = wall(Duration::from_millis(since));
            self.told.push(self.presence());
        }
    }
}

/// One connection, without a network.
struct Line {
    session: Session,
    connection: Arc<Connection>,
}

/// A node, somebody with three devices, and somebody who watches.
struct Ward {
    clock: Arc<Clock>,
    executor: Executor,
    node: Node,
    devices: BTreeMap<usize, VecDeque<Line>>,
    watcher: Option<Line>,
}

impl Ward {
    fn new() -> Self {
        let clock = Arc::new(Clock::default());
        let book = Arc::new(Book::new(Arc::clone(&clock), false));
        let wires = Wires::new(Arc::clone(&clock), Arc::clone(&book), 1, 1);
        let env: Runtime = Arc::new(crate::env::NodeEnv::new(Arc::clone(&clock), 0, 1));
        let database = MemoryDatabase::new(&env).unwrap();
        book.set_store(undisturbed(&database, &env));
        let settings = Settings {
            dev: true,
            ..Settings::default()
        };
        let mut config = settings.config().unwrap();
        // Nobody here answers a ping.
        config.heartbeat = Duration::from_hours(24);
        let site = Site {
            clock: Arc::clone(&clock),
            wires: Arc::new(wires),
            database,
            config,
            slowness: Slowness::default(),
            seed: 1,
            book,
        };
        let node = site.start(0, 1);
        let mut ward = Self {
            executor: Executor::new(Arc::clone(&clock), 1),
            clock,
            node,
            devices: BTreeMap::new(),
            watcher: None,
        };
        ward.pass(0);
        let watcher = ward.connect("lee", "desk");
        ward.watcher = Some(watcher);
        ward.ask(r#"{"type":"presence:subscribe","data":{"userIds":["ana"]}}"#);
        ward.heard();
        ward
    }

    fn pass(&mut self, time: u64) {
        let end = self.clock.now() + Duration::from_millis(time);
        loop {
            self.executor.run(|| None);
            if self.executor.next(end).is_none() {
                self.executor.run(|| None);
                return;
            }
        }
    }

    fn connect(&mut self, user: &str, client: &str) -> Line {
        let core = Arc::clone(&self.node.core);
        let session = Session::new(Arc::clone(&core), IpAddr::V4(Ipv4Addr::LOCALHOST));
        let tenant: TenantId = "clinic".parse().unwrap();
        let expires = core.env.wall().plus(Duration::from_hours(24));
        let role = "provider".into();
        let token = sign_dev_token(
            SECRET,
            &tenant,
            &user.parse().unwrap(),
            &role,
            None,
            expires,
        );
        let authenticate = Authenticate {
            token: token.unwrap().into(),
            client_id: Some(client.parse().unwrap()),
        };
        let life = self.node.life;
        self.clock.spawn(life, session.authenticate(authenticate));
        self.pass(0);
        let connection = session.connection().unwrap();
        Line {
            session,
            connection,
        }
    }

    fn say(clock: &Clock, node: &Node, line: &mut Line, text: &str) {
        match line.session.receive(text) {
            Work::Done => {}
            Work::Pipelined(work) | Work::Alone(work) => clock.spawn(node.life, work),
        }
    }

    /// The watcher asks for something.
    fn ask(&mut self, text: &str) {
        let line = self.watcher.as_mut().unwrap();
        Self::say(&self.clock, &self.node, line, text);
        self.pass(0);
    }

    /// What the watcher was told since: what changed, and what was answered.
    fn heard(&mut self) -> (Vec<Seen>, Vec<Seen>) {
        let mut batch: Vec<Frames> = Vec::new();
        let outbox = self.watcher.as_ref().unwrap().session.outbox();
        while let Next::Frames = outbox.take(&mut batch, usize::MAX) {}
        let (mut told, mut answered) = (Vec::new(), Vec::new());
        for text in batch.iter().flat_map(Frames::texts) {
            let frame: Value = serde_json::from_str(text).unwrap();
            if frame["type"] == "presence:changed" {
                told.push(seen(&frame["data"]));
            } else if let Some(presences) = frame["data"]["presences"].as_array() {
                answered.extend(presences.iter().map(seen));
            }
        }
        (told, answered)
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Come(device) => {
                let line = self.connect("ana", &format!("device-{device}"));
                self.devices.entry(device).or_default().push_back(line);
            }
            Step::Go(device) => {
                let line = self.devices.get_mut(&device).and_then(VecDeque::pop_front);
                if let Some(line) = line {
                    session::end(&self.node.core, &line.connection);
                }
            }
            Step::Status(device, status) => {
                let lines = self.devices.get_mut(&device);
                if let Some(line) = lines.and_then(VecDeque::back_mut) {
                    let text = format!(
                        r#"{{"type":"presence:setStatus","data":{{"status":"{status}"}}}}"#
                    );
                    Self::say(&self.clock, &self.node, line, &text);
                }
            }
            Step::Pass(time) => self.pass(time),
        }
        self.pass(0);
    }
}

fn seen(presence: &Value) -> Seen {
    let status = presence["status"].as_str().unwrap().to_owned();
    let at = serde_json::from_value(presence["lastSeenAt"].clone()).unwrap();
    let gone = status == "offline";
    (
        status,
        presence["devices"].as_u64().unwrap(),
        gone.then_some(at),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn presence_is_one_person_over_devices(steps in prop::collection::vec(step(), 1..60)) {
        let mut ward = Ward::new();
        let mut model = Model::default();
        for (place, step) in steps.iter().enumerate() {
            ward.take(step);
            match *step {
                Step::Come(device) => model.come(device),
                Step::Go(device) => model.go(device),
                Step::Status(device, status) => model.set(device, status),
                Step::Pass(time) => model.pass(time),
            }
            let (told, _) = ward.heard();
            prop_assert_eq!(told, std::mem::take(&mut model.told), "told after {:?}", &steps[..=place]);
            ward.ask(r#"{"type":"presence:get","id":7,"data":{"userIds":["ana"]}}"#);
            let (_, answered) = ward.heard();
            prop_assert_eq!(answered, [model.presence()], "asked after {:?}", &steps[..=place]);
        }
    }
}
