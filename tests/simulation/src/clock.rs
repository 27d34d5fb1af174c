//! Virtual time: what is to happen, in the order of its time, and the tasks that run between.

use crate::event::Event;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

/// A future that a node runs.
pub(crate) type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Tasks that end together: those of one life of one node.
pub(crate) type Group = u32;

type Place = (Duration, u64);

enum Item {
    Wake(Waker),
    Happen(Event),
}

#[derive(Default)]
struct Schedule {
    now: Duration,
    last: u64,
    coming: BTreeMap<Place, Item>,
    ready: Vec<u64>,
    spawned: Vec<(Group, Task)>,
}

/// The clock that everything in a world shares.
#[derive(Default)]
pub(crate) struct Clock(Mutex<Schedule>);

impl Clock {
    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.0.lock().unwrap()
    }

    pub(crate) fn now(&self) -> Duration {
        self.schedule().now
    }

    /// Something is to happen.
    pub(crate) fn at(&self, at: Duration, event: Event) {
        self.schedule().put(at, Item::Happen(event));
    }

    /// A task is to run.
    pub(crate) fn spawn(&self, group: Group, task: Task) {
        self.schedule().spawned.push((group, task));
    }

    /// Nothing more is to come.
    pub(crate) fn clear(&self) {
        let coming = std::mem::take(&mut self.schedule().coming);
        drop(coming);
        let spawned = std::mem::take(&mut self.schedule().spawned);
        drop(spawned);
    }

    /// Resolves when it is that late.
    pub(crate) fn sleep_until(self: &Arc<Self>, at: Duration) -> Sleep {
        Sleep {
            clock: Arc::clone(self),
            at,
            place: None,
        }
    }
}

impl Schedule {
    fn put(&mut self, at: Duration, item: Item) -> Place {
        self.last += 1;
        let place = (at.max(self.now), self.last);
        self.coming.insert(place, item);
        place
    }
}

/// A future that waits for a time.
pub(crate) struct Sleep {
    clock: Arc<Clock>,
    at: Duration,
    place: Option<Place>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let mut schedule = this.clock.schedule();
        let former = this
            .place
            .take()
            .and_then(|place| schedule.coming.remove(&place));
        if schedule.now >= this.at {
            drop(schedule);
            drop(former);
            return Poll::Ready(());
        }
        this.place = Some(schedule.put(this.at, Item::Wake(cx.waker().clone())));
        drop(schedule);
        drop(former);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let item = self
            .place
            .take()
            .and_then(|place| self.clock.schedule().coming.remove(&place));
        // A waker is dropped outside of the lock.
        drop(item);
    }
}

struct Slot {
    group: Group,
    task: Task,
    wake: Arc<TaskWake>,
}

struct TaskWake {
    number: u64,
    queued: AtomicBool,
    clock: Arc<Clock>,
}

impl Wake for TaskWake {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::Relaxed) {
            self.clock.schedule().ready.push(self.number);
        }
    }
}

/// Runs tasks one at a time. Which of those that could run does is drawn from the seed.
pub(crate) struct Executor {
    clock: Arc<Clock>,
    slots: BTreeMap<u64, Slot>,
    last: u64,
    random: ChaCha8Rng,
}

impl Executor {
    pub(crate) fn new(clock: Arc<Clock>, seed: u64) -> Self {
        Self {
            clock,
            slots: BTreeMap::new(),
            last: 0,
            random: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// Runs until no task can go on. `doomed` says after each step which tasks are to end.
    pub(crate) fn run(&mut self, mut doomed: impl FnMut() -> Option<Group>) {
        loop {
            self.take_spawned();
            let number = {
                let mut schedule = self.clock.schedule();
                if schedule.ready.is_empty() {
                    return;
                }
                let count = schedule.ready.len();
                let chosen = if count == 1 {
                    0
                } else {
                    self.random.random_range(0..count)
                };
                schedule.ready.swap_remove(chosen)
            };
            let Some(slot) = self.slots.get_mut(&number) else {
                continue;
            };
            slot.wake.queued.store(false, Ordering::Relaxed);
            let waker = Waker::from(Arc::clone(&slot.wake));
            let done = slot.task.as_mut().poll(&mut Context::from_waker(&waker));
            if done.is_ready() {
                self.slots.remove(&number);
            }
            while let Some(group) = doomed() {
                self.end(group);
            }
        }
    }

    fn take_spawned(&mut self) {
        let spawned = std::mem::take(&mut self.clock.schedule().spawned);
        for (group, task) in spawned {
            self.last += 1;
            let wake = Arc::new(TaskWake {
                number: self.last,
                queued: AtomicBool::new(false),
                clock: Arc::clone(&self.clock),
            });
            wake.wake_by_ref();
            let slot = Slot { group, task, wake };
            self.slots.insert(self.last, slot);
        }
    }

    /// Ends tasks as the end of their process does: without a word.
    pub(crate) fn end(&mut self, group: Group) {
        self.take_spawned();
        let numbers: Vec<u64> = self
            .slots
            .iter()
            .filter(|(_, slot)| slot.group == group)
            .map(|(number, _)| *number)
            .collect();
        let ended: Vec<_> = numbers
            .iter()
            .filter_map(|number| self.slots.remove(number))
            .collect();
        drop(ended);
    }

    /// How many tasks of a group there are.
    pub(crate) fn count(&self, group: Group) -> usize {
        self.slots
            .values()
            .filter(|slot| slot.group == group)
            .count()
    }

    /// Goes on to the next thing that happens, at most until `end`; `None`: that time is reached.
    pub(crate) fn next(&mut self, end: Duration) -> Option<Event> {
        let item = {
            let mut schedule = self.clock.schedule();
            let entry = schedule.coming.first_entry();
            let Some(entry) = entry.filter(|entry| entry.key().0 <= end) else {
                schedule.now = schedule.now.max(end);
                return None;
            };
            let ((at, _), item) = entry.remove_entry();
            schedule.now = at;
            item
        };
        Some(match item {
            Item::Happen(event) => event,
            Item::Wake(waker) => {
                waker.wake();
                Event::Tick
            }
        })
    }
}
