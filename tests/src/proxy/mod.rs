//! A TCP proxy that does to connections what networks do: a test says what happens to which, or
//! a seed decides.
//!
//! Corrupted bytes are offered for tests of robustness alone. TCP and TLS have checks against
//! them, a WebSocket has none: another letter in a text is another text.

mod fault;
mod pump;
mod weather;

pub use fault::{Blow, Direction, Lane, Manner};
pub use weather::Weather;

use fault::Fate;
use pump::{End, Pump};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// A proxy in front of a server. It ends, and its links with it, when it is dropped.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    upstream: SocketAddr,
    state: Mutex<State>,
    /// No blow falls while this is true.
    calm: watch::Sender<bool>,
    /// How many links there were and are.
    links: watch::Sender<Links>,
}

#[derive(Default)]
struct State {
    links: BTreeMap<u64, Arc<Controls>>,
    weather: Option<Weather>,
    /// What happens to the links of the future, unless the weather decides.
    manners: [Manner; 2],
    /// What happens to the next link.
    next: Option<Fate>,
    refusing: bool,
    injected: BTreeMap<&'static str, u64>,
}

/// How many links there were, and how many there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Links {
    /// Since the start.
    pub made: u64,
    /// Now.
    pub open: u64,
}

struct Controls {
    manners: [watch::Sender<Manner>; 2],
    end: watch::Sender<Option<End>>,
}

impl Proxy {
    /// A proxy that passes everything on until it is told otherwise.
    pub async fn start(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let shared = Arc::new(Shared {
            upstream,
            state: Mutex::default(),
            calm: watch::Sender::new(false),
            links: watch::Sender::new(Links::default()),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self {
            address,
            shared,
            accepting,
        }
    }

    /// Where it listens, as the address of a WebSocket.
    pub fn url(&self) -> String {
        format!("ws://{}/ws", self.address)
    }

    /// Lets a seed decide what happens to every further connection, and wakes the faults of those
    /// that are.
    pub fn storm(&self, weather: Weather) {
        self.state().weather = Some(weather);
        self.shared.calm.send_replace(false);
    }

    /// Heals the network: connections are made again and pass everything on. One that has lost
    /// bytes stays dead, as with TCP, and whoever uses it has to find out.
    pub fn heal(&self) {
        let mut state = self.state();
        state.weather = None;
        state.refusing = false;
        state.manners = [Manner::Pass; 2];
        self.shared.calm.send_replace(true);
        for link in state.links.values() {
            for manner in &link.manners {
                manner.send_replace(Manner::Pass);
            }
        }
    }

    /// Resets every attempt to connect, until told otherwise or healed.
    pub fn refuse(&self, refusing: bool) {
        self.state().refusing = refusing;
    }

    /// How every link, now and in future, carries bytes in a direction.
    pub fn set(&self, direction: Direction, manner: Manner) {
        let mut state = self.state();
        state.manners[direction.index()] = manner;
        for link in state.links.values() {
            link.manners[direction.index()].send_replace(manner);
        }
        if manner != Manner::Pass {
            *state.injected.entry(manner.name()).or_default() += 1;
        }
    }

    /// What happens to the next connection in a direction, by the position of bytes.
    pub fn next(&self, direction: Direction, lane: Lane) {
        let mut state = self.state();
        state.next.get_or_insert_default()[direction.index()] = lane;
    }

    /// Resets every link there is.
    pub fn reset(&self) {
        self.end(End::Reset, "reset");
    }

    /// Ends every link there is in an orderly way, in the midst of whatever it carries.
    pub fn cut(&self) {
        self.end(End::Cut, "cut");
    }

    fn end(&self, end: End, name: &'static str) {
        let mut state = self.state();
        for link in state.links.values() {
            link.end.send_replace(Some(end));
        }
        let count = state.links.len() as u64;
        *state.injected.entry(name).or_default() += count;
    }

    /// How many links there were and are.
    pub fn links(&self) -> watch::Receiver<Links> {
        self.shared.links.subscribe()
    }

    /// Which faults were injected, and how often.
    pub fn injected(&self) -> BTreeMap<&'static str, u64> {
        self.state().injected.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.end(End::Cut, "cut");
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, name: &'static str) {
        *self.state().injected.entry(name).or_default() += 1;
    }

    /// Decides the fate of a new link; `None`: it is refused.
    fn admit(&self, number: u64) -> Option<(Fate, Arc<Controls>)> {
        let mut state = self.state();
        if state.refusing {
            *state.injected.entry("refused").or_default() += 1;
            return None;
        }
        let fate = match (state.next.take(), state.weather) {
            (Some(fate), _) => fate,
            (None, Some(weather)) => {
                let fate = weather.fate(number);
                for lane in fate.iter().filter(|lane| lane.manner != Manner::Pass) {
                    *state.injected.entry(lane.manner.name()).or_default() += 1;
                }
                fate
            }
            (None, None) => state.manners.map(|manner| Lane {
                manner,
                blows: Vec::new(),
            }),
        };
        let controls = Arc::new(Controls {
            manners: [0, 1].map(|index| watch::Sender::new(fate[index].manner)),
            end: watch::Sender::new(None),
        });
        state.links.insert(number, Arc::clone(&controls));
        Some((fate, controls))
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    for number in 0.. {
        let Ok((client, _)) = listener.accept().await else {
            continue;
        };
        shared.links.send_modify(|links| links.made += 1);
        match shared.admit(number) {
            None => drop(client.set_zero_linger()),
            Some((fate, controls)) => {
                tokio::spawn(link(client, number, fate, controls, Arc::clone(&shared)));
            }
        }
    }
}

async fn link(
    mut client: TcpStream,
    number: u64,
    fate: Fate,
    controls: Arc<Controls>,
    shared: Arc<Shared>,
) {
    shared.links.send_modify(|links| links.open += 1);
    let end = match TcpStream::connect(shared.upstream).await {
        Err(_) => End::Reset,
        Ok(mut server) => {
            let _ = (client.set_nodelay(true), server.set_nodelay(true));
            let end = carry(&mut client, &mut server, &fate, &controls, &shared).await;
            if end == End::Reset {
                let _ = server.set_zero_linger();
            }
            end
        }
    };
    if end == End::Reset {
        let _ = client.set_zero_linger();
    }
    drop(client);
    shared.state().links.remove(&number);
    shared.links.send_modify(|links| links.open -= 1);
}

async fn carry(
    client: &mut TcpStream,
    server: &mut TcpStream,
    fate: &Fate,
    controls: &Controls,
    shared: &Shared,
) -> End {
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    let count = |name| shared.count(name);
    let signals = |index: usize| {
        let manner = controls.manners[index].subscribe();
        (manner, shared.calm.subscribe())
    };
    let [up, down] = fate;
    let up = Pump::new(from_client, to_server, up, signals(0), &count).run();
    let down = Pump::new(from_server, to_client, down, signals(1), &count).run();
    let mut end = controls.end.subscribe();
    tokio::pin!(up, down);
    let (mut up_done, mut down_done) = (false, false);
    while !(up_done && down_done) {
        let ended = tokio::select! {
            ended = &mut up, if !up_done => { up_done = true; ended }
            ended = &mut down, if !down_done => { down_done = true; ended }
            ended = end.wait_for(Option::is_some) => {
                ended.map_or(End::Cut, |end| end.unwrap_or(End::Cut))
            }
        };
        if ended != End::Finished {
            return ended;
        }
    }
    End::Cut
}
