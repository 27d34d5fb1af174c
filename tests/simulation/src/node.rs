//! A node: the real server core on the shared database.

use crate::{
    backplane::{Outlet, Wires},
    book::Book,
    clock::{Clock, Group},
    disk::{Disk, Slowness},
    env::NodeEnv,
    event::NodeId,
};
use carewire_check::Name;
use carewire_server::{
    auth::{Authenticator, ClaimRules},
    backplane::{Backplane, Receiver},
    config::Config,
    core::{Core, Parts},
    env::Runtime,
    hand_over,
    metrics::Metrics,
    store::{MemoryDatabase, MemoryStore, NoHooks, Retention, Store, WriterOptions},
};
use std::sync::{Arc, Weak};

/// What tokens are signed with.
pub(crate) const SECRET: &str = "simulated-simulated-simulated-32";

/// What nodes are made of.
pub(crate) struct Site {
    pub(crate) clock: Arc<Clock>,
    pub(crate) book: Arc<Book>,
    pub(crate) wires: Arc<Wires>,
    pub(crate) database: MemoryDatabase,
    pub(crate) config: Config,
    pub(crate) slowness: Slowness,
    pub(crate) seed: u64,
}

/// One life of a node.
pub(crate) struct Node {
    pub(crate) id: NodeId,
    pub(crate) name: Name,
    pub(crate) life: Group,
    pub(crate) core: Arc<Core>,
    pub(crate) env: Arc<NodeEnv>,
    pub(crate) disk: Arc<Disk>,
    pub(crate) draining: bool,
    /// How many gaps it has repaired that the book knows of.
    pub(crate) repairs: u64,
    store: Arc<MemoryStore>,
}

/// A view of a database that nothing delays.
pub(crate) fn undisturbed(database: &MemoryDatabase, env: &Runtime) -> MemoryStore {
    let options = WriterOptions {
        committed: Arc::new(|_| {}),
        metrics: Arc::new(Metrics::new()),
    };
    let kept = Retention {
        events: u64::MAX / 2,
        bytes: u64::MAX / 2,
    };
    database.open(env, kept, options, Arc::new(NoHooks))
}

impl Site {
    /// Starts a node. `life` names its tasks and is never used again.
    pub(crate) fn start(&self, id: NodeId, life: Group) -> Node {
        let env = Arc::new(NodeEnv::new(Arc::clone(&self.clock), life, self.seed));
        let runtime: Runtime = Arc::clone(&env) as Runtime;
        let disk = Arc::new(Disk::new(
            Arc::clone(&self.clock),
            Arc::clone(&self.book),
            life,
            self.slowness,
            self.seed,
        ));
        let outlet: Arc<dyn Backplane> = Arc::new(Outlet {
            wires: Arc::clone(&self.wires),
            node: id,
            life,
        });
        let metrics = Arc::new(Metrics::new());
        let retention = Retention {
            events: self.config.retain_events,
            bytes: self.config.retain_bytes,
        };
        let options = WriterOptions {
            committed: hand_over(&runtime, Arc::clone(&outlet)),
            metrics: Arc::clone(&metrics),
        };
        let hooks = Arc::clone(&disk) as Arc<dyn carewire_server::store::MemoryHooks>;
        let store = Arc::new(self.database.open(&runtime, retention, options, hooks));
        let core = Core::start(Parts {
            env: runtime,
            config: self.config.clone(),
            store: Arc::clone(&store) as Arc<dyn Store>,
            backplane: outlet,
            authenticator: Authenticator::with_secret(SECRET, ClaimRules::default()).unwrap(),
            authoriser: None,
            metrics,
        });
        let receiver: Weak<dyn Receiver> = Arc::downgrade(&core) as Weak<dyn Receiver>;
        self.wires.attach(id, life, receiver);
        Node {
            id,
            name: self.book.name(&format!("node {id}")),
            life,
            core,
            env,
            disk,
            draining: false,
            repairs: 0,
            store,
        }
    }
}

impl Node {
    /// What the database and the other nodes see when the process ends.
    pub(crate) fn sever(&self, wires: &Wires) {
        self.store.sever();
        wires.detach(self.id);
    }
}
