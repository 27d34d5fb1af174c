//! Whatever happens to a subscriber, it is told what it should have been: judged from what it
//! saw, by a database that is a list.

use super::{Filter, MAX_WAITING_ROWS, Row, Step, Stream, Ticket};
use carewire_protocol::PrivateJson;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

/// What may happen.
#[derive(Debug, Clone)]
enum Event {
    /// Rows are committed, each an id and a ward, and go on their way.
    Commit(Vec<(u8, u8)>),
    /// The next batch on its way arrives.
    Arrive,
    /// It arrives and arrives again.
    ArriveTwice,
    /// It is lost.
    Lose,
    /// It is overtaken by the one behind it.
    Overtake,
    Pass(u64),
    Interval(u64),
    /// Only one ward, or all.
    Filter(Option<u8>),
    /// A reading that is under way has seen the store, and comes back when the next thing does.
    Look,
    /// It comes back.
    Return,
    Fail,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    use Event as E;
    let event = prop_oneof![
        4 => proptest::collection::vec((0u8..6, 0u8..2), 1..4).prop_map(E::Commit),
        4 => Just(E::Arrive),
        1 => Just(E::ArriveTwice),
        1 => Just(E::Lose),
        1 => Just(E::Overtake),
        4 => (1u64..700).prop_map(E::Pass),
        1 => (250u64..2000).prop_map(E::Interval),
        1 => proptest::option::of(0u8..2).prop_map(E::Filter),
        3 => Just(E::Look),
        3 => Just(E::Return),
        1 => Just(E::Fail),
    ];
    proptest::collection::vec(event, 1..80)
}

fn row(number: u64, id: u8, ward: u8) -> Arc<Row> {
    let value = json!({"id": id, "ward": ward, "number": number});
    Arc::new(Row {
        number,
        id: id.to_string().into(),
        data: PrivateJson::from_value(&value).unwrap(),
        value,
    })
}

/// A subscriber in its world.
#[derive(Default)]
struct World {
    now: Duration,
    stream: Stream,
    committed: Vec<Arc<Row>>,
    on_the_way: VecDeque<Vec<Arc<Row>>>,
    /// A reading under way, and what it has seen of the store.
    reading: Option<(Ticket, Option<usize>)>,
    interval: Duration,
    ward: Option<u8>,
    /// What the subscriber shows: the newest of each row that it was told.
    view: BTreeMap<Arc<str>, u64>,
    updated_at: Option<Duration>,
    initials: usize,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            interval: Duration::from_millis(250),
            ..Self::default()
        };
        world.settle();
        world
    }

    fn wants(&self, row: &Row) -> bool {
        self.ward.is_none_or(|ward| row.value["ward"] == ward)
    }

    /// The newest of each row, where it is wanted.
    fn newest(&self, seen: usize) -> BTreeMap<Arc<str>, u64> {
        let mut newest: BTreeMap<_, _> = BTreeMap::new();
        for row in &self.committed[..seen] {
            newest.insert(Arc::clone(&row.id), row);
        }
        newest.retain(|_, row| self.wants(row));
        newest
            .into_iter()
            .map(|(id, row)| (id, row.number))
            .collect()
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Commit(rows) => {
                let mut batch = Vec::new();
                for (id, ward) in rows {
                    let row = row(self.committed.len() as u64 + 1, id, ward);
                    self.committed.push(Arc::clone(&row));
                    batch.push(row);
                }
                self.on_the_way.push_back(batch);
            }
            Event::Arrive => self.arrive(1),
            Event::ArriveTwice => self.arrive(2),
            Event::Lose => drop(self.on_the_way.pop_front()),
            Event::Overtake => {
                if self.on_the_way.len() > 1 {
                    self.on_the_way.swap(0, 1);
                }
            }
            Event::Pass(ms) => self.now += Duration::from_millis(ms),
            Event::Interval(ms) => {
                self.interval = Duration::from_millis(ms);
                self.stream.set_interval(self.interval);
            }
            Event::Filter(ward) => {
                self.ward = ward;
                let fields = ward.map(|ward| ("ward".to_owned(), Value::from(ward)));
                self.stream
                    .set_filter(Filter::new(fields.into_iter().collect()));
            }
            Event::Look => {
                if let Some((_, seen @ None)) = &mut self.reading {
                    *seen = Some(self.committed.len());
                }
            }
            Event::Return => self.read(),
            Event::Fail => {
                if let Some((ticket, _)) = self.reading.take() {
                    self.stream.read_failed(ticket, self.now);
                }
            }
        }
        self.settle();
    }

    fn arrive(&mut self, times: usize) {
        if let Some(batch) = self.on_the_way.pop_front() {
            for _ in 0..times {
                self.stream.offer(&batch);
            }
        }
    }

    fn read(&mut self) {
        let Some((ticket, Some(seen))) = self.reading else {
            return;
        };
        self.reading = None;
        if self.stream.have_read(ticket, seen as u64, self.now) {
            self.view = self.newest(seen);
            self.initials += 1;
        }
    }

    /// Does what is due, as a server does.
    fn settle(&mut self) {
        loop {
            match self.stream.step(self.now) {
                Step::Rest => break,
                Step::Read(ticket) => self.reading = Some((ticket, None)),
                Step::Tell(rows) => self.told(&rows),
            }
        }
        assert!(self.stream.waiting.len() <= MAX_WAITING_ROWS);
        assert!(self.stream.due().is_none_or(|due| due > self.now));
    }

    fn told(&mut self, rows: &[Arc<Row>]) {
        assert!(!rows.is_empty());
        let since = self.updated_at.map(|at| self.now.saturating_sub(at));
        assert!(
            since.is_none_or(|since| since >= self.interval),
            "too often"
        );
        self.updated_at = Some(self.now);
        for row in rows {
            assert!(self.wants(row), "not wanted");
            let before = self.view.insert(Arc::clone(&row.id), row.number);
            assert!(
                before.is_none_or(|before| before < row.number),
                "old, or twice"
            );
        }
    }

    /// Everything arrives, every reading comes back, and time passes.
    fn calm_down(&mut self) {
        // What was lost is noticed with the next that is not.
        self.happen(Event::Commit(vec![(0, 0)]));
        for _ in 0..100 {
            for event in [Event::Arrive, Event::Look, Event::Return, Event::Pass(2000)] {
                self.happen(event);
            }
        }
        assert!(self.on_the_way.is_empty() && self.reading.is_none());
        assert_eq!(self.stream.due(), None);
    }
}

proptest! {
    #[test]
    fn a_subscriber_sees_the_newest_in_time(events in events()) {
        let mut world = World::new();
        for event in events {
            world.happen(event);
        }
        world.calm_down();
        // It may still show a row that has changed into one it does not want.
        for (id, number) in world.newest(world.committed.len()) {
            prop_assert_eq!(world.view.get(&id), Some(&number));
        }
    }

    /// Without faults and filters nobody reads twice.
    #[test]
    fn nothing_is_read_again_without_need(
        steps in proptest::collection::vec((0u8..6, 1u64..700), 1..40)
    ) {
        let mut world = World::new();
        world.happen(Event::Look);
        world.happen(Event::Return);
        for (id, pause) in steps {
            world.happen(Event::Commit(vec![(id, 0)]));
            world.happen(Event::Arrive);
            world.happen(Event::Pass(pause));
        }
        world.calm_down();
        prop_assert_eq!(world.initials, 1);
        prop_assert_eq!(&world.view, &world.newest(world.committed.len()));
    }
}

#[test]
fn what_is_too_much_to_keep_is_read_again() {
    let mut stream = Stream::default();
    let Step::Read(ticket) = stream.step(Duration::ZERO) else {
        panic!("whoever subscribes reads")
    };
    assert!(stream.have_read(ticket, 0, Duration::ZERO));
    let rows = |first: u64, count: u64| -> Vec<_> {
        let value = json!({"text": "x".repeat(100)});
        let row = |number: u64| {
            Arc::new(Row {
                number,
                id: number.to_string().into(),
                data: PrivateJson::from_value(&value).unwrap(),
                value: value.clone(),
            })
        };
        (first..first + count).map(row).collect()
    };
    stream.offer(&rows(1, 1));
    assert!(matches!(stream.step(Duration::ZERO), Step::Tell(_)));
    stream.offer(&rows(2, 1000));
    assert_eq!(stream.waiting.len(), 1000);
    stream.offer(&rows(1002, 1));
    assert_eq!((stream.waiting.len(), stream.waiting_bytes), (0, 0));
    assert_eq!(stream.due(), Some(Duration::from_millis(250)));
    assert!(matches!(
        stream.step(Duration::from_millis(250)),
        Step::Read(_)
    ));
}

#[test]
fn there_is_one_alarm_at_most() {
    let mut world = World::new();
    for event in [
        Event::Look,
        Event::Return,
        Event::Commit(vec![(1, 0)]),
        Event::Commit(vec![(2, 0)]),
        Event::Arrive,
        Event::Arrive,
    ] {
        world.happen(event);
    }
    let mut set = None;
    for ms in (250..60_000).rev().step_by(997) {
        world.happen(Event::Interval(ms));
        if let Some((old, new)) = world.stream.move_alarm() {
            assert_eq!(old, set);
            set = new;
        }
        assert_eq!(set, world.stream.due());
    }
    assert!(set.is_some());
}
