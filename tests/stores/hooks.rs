//! What a simulation can do to a store in memory: the shared writer must hold under it.

use crate::databases::{KEEP, LONG, env, event, room};
use async_trait::async_trait;
use carewire_server::{
    env::Runtime,
    error::{Error, Result},
    keys::RoomKey,
    metrics::Metrics,
    store::{
        self, Committed, MemoryDatabase, MemoryHooks, MemoryStore, Point, Store, WriterOptions,
    },
};
use std::{
    collections::VecDeque,
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::timeout;

#[derive(Debug, Clone, Copy, PartialEq)]
enum What {
    FailsFor(u32),
    Ends,
}

/// Does things at points, one after the other.
#[derive(Default)]
struct Plan(Mutex<VecDeque<(Point, What)>>);

impl Plan {
    fn add(&self, point: Point, what: What) {
        self.0.lock().unwrap().push_back((point, what));
    }

    fn take(&self, at: Point) -> Option<What> {
        let mut plan = self.0.lock().unwrap();
        let (point, what) = plan.front_mut()?;
        if *point != at {
            return None;
        }
        let now = *what;
        match what {
            What::FailsFor(times) if *times > 1 => *times -= 1,
            What::FailsFor(_) | What::Ends => drop(plan.pop_front()),
        }
        Some(now)
    }

    /// Returns when all of it has happened.
    async fn done(&self) {
        while !self.0.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    }
}

#[async_trait]
impl MemoryHooks for Plan {
    async fn at(&self, point: Point) -> Result<()> {
        match self.take(point) {
            None => Ok(()),
            Some(What::FailsFor(_)) => Err(Error::Unavailable("planned".into())),
            Some(What::Ends) => pending().await,
        }
    }
}

struct Node {
    store: MemoryStore,
    plan: Arc<Plan>,
    heard: Arc<Mutex<Vec<u64>>>,
}

fn node(database: &MemoryDatabase, env: &Runtime) -> Node {
    let (plan, heard) = (Arc::new(Plan::default()), Arc::<Mutex<Vec<u64>>>::default());
    let hears = Arc::clone(&heard);
    let options = WriterOptions {
        committed: Arc::new(move |events| {
            let mut heard = hears.lock().unwrap();
            heard.extend(events.iter().filter_map(|committed| match committed {
                Committed::Event(event) => Some(event.offset),
                Committed::Rows(_) => None,
            }));
        }),
        metrics: Arc::new(Metrics::new()),
    };
    let hooks = Arc::clone(&plan) as Arc<dyn MemoryHooks>;
    let store = database.open(env, KEEP, options, hooks);
    Node { store, plan, heard }
}

async fn append(node: &Node, room: &RoomKey) -> Result<u64> {
    let (room, event) = (room.clone(), event(room, "x"));
    let work = store::write(&node.store, move |tx| {
        Box::pin(async move { tx.append(&room, None, &event).await })
    });
    work.await
}

async fn head(node: &Node, room: &RoomKey) -> u64 {
    let mut rows = node.store.read().await.unwrap();
    rows.log(room).await.unwrap().head
}

fn start() -> (MemoryDatabase, Runtime, RoomKey) {
    let env = env();
    (MemoryDatabase::new(&env).unwrap(), env, room("clinic:a"))
}

#[tokio::test]
async fn a_failure_before_the_commit_stores_nothing() {
    let (database, env, room) = start();
    let node = node(&database, &env);
    for point in [Point::Begin, Point::Write, Point::BeforeCommit] {
        node.plan.add(point, What::FailsFor(1));
        let answer = append(&node, &room).await;
        assert!(matches!(answer, Err(Error::Unavailable(_))), "{point:?}");
        assert_eq!(head(&node, &room).await, 0);
    }
    assert_eq!(append(&node, &room).await.unwrap(), 1);
    assert_eq!(*node.heard.lock().unwrap(), [1]);
}

#[tokio::test]
async fn a_lost_answer_is_asked_for() {
    let (database, env, room) = start();
    let node = node(&database, &env);
    node.plan.add(Point::AfterCommit, What::FailsFor(1));
    assert_eq!(append(&node, &room).await.unwrap(), 1);
    assert_eq!(*node.heard.lock().unwrap(), [1]);
}

/// Whoever waits is answered `unavailable` in the end, and everybody else still hears of it once
/// it is known to have been stored.
#[tokio::test(start_paused = true)]
async fn an_outcome_that_stays_unknown_is_handed_over_when_it_is_known() {
    let (database, env, room) = start();
    let node = node(&database, &env);
    node.plan.add(Point::AfterCommit, What::FailsFor(1));
    // The writer asks every 100 ms, and its jobs have patience for 2 s.
    node.plan.add(Point::Settle, What::FailsFor(40));
    let answer = append(&node, &room).await;
    assert!(matches!(answer, Err(Error::Unavailable(_))));
    assert_eq!(*node.heard.lock().unwrap(), Vec::<u64>::new());
    timeout(LONG, async {
        while node.heard.lock().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .unwrap();
    assert_eq!(append(&node, &room).await.unwrap(), 2);
    assert_eq!(*node.heard.lock().unwrap(), [1, 2]);
}

/// A process that ends before its commit leaves nothing, and one that ends after it has stored
/// everything: whoever else has the database open goes on from there.
#[tokio::test]
async fn a_process_may_end_at_any_point() {
    let cases = [
        (Point::Begin, 0),
        (Point::Write, 0),
        (Point::BeforeCommit, 0),
        (Point::AfterCommit, 1),
        (Point::HandOver, 1),
        (Point::Finish, 1),
    ];
    for (point, stored) in cases {
        let (database, env, room) = start();
        let dying = node(&database, &env);
        let other = node(&database, &env);
        dying.plan.add(point, What::Ends);
        tokio::select! {
            answer = append(&dying, &room) => panic!("{point:?}: answered {answer:?}"),
            () = dying.plan.done() => dying.store.sever(),
        }
        assert_eq!(head(&other, &room).await, stored, "{point:?}");
        let next = timeout(LONG, append(&other, &room)).await.unwrap();
        assert_eq!(next.unwrap(), stored + 1, "{point:?}");
        assert!(dying.store.read().await.unwrap().log(&room).await.is_err());
    }
}

/// Writers of several stores take turns, and the offsets have no gap.
#[tokio::test]
async fn several_stores_share_a_database() {
    let (database, env, room) = start();
    let nodes = [(); 3].map(|()| node(&database, &env));
    let mut offsets = Vec::new();
    for _ in 0..20 {
        let [a, b, c] = &nodes;
        let (a, b, c) = tokio::join!(append(a, &room), append(b, &room), append(c, &room));
        offsets.extend([a.unwrap(), b.unwrap(), c.unwrap()]);
    }
    offsets.sort_unstable();
    assert_eq!(offsets, (1..=60).collect::<Vec<u64>>());
}
