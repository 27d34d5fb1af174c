//! One room with many members: what a delivery costs the server.

use super::{
    process::Process,
    subject::{Heard, Subject},
    swarm::Swarm,
    token, wire,
};
use anyhow::ensure;
use std::time::{Duration, Instant};

/// How many are in the room.
pub(super) const MEMBERS: usize = 200;
/// How many bytes a message says.
pub(super) const MESSAGE_BYTES: usize = 200;
/// How many messages a burst has.
pub(super) const BURST: usize = 64;
/// How many deliveries a second the paced load has.
pub(super) const PACED: u32 = 20_000;

const ROOM: &str = "bench:fan-out";

/// What a load cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    /// How many frames reached a member, or were answered.
    pub(super) count: f64,
    /// CPU seconds of the server.
    pub(super) cpu: f64,
    /// Seconds on the clock.
    pub(super) seconds: f64,
}

impl Load {
    /// CPU microseconds each: the same number as CPU seconds a million.
    pub(super) fn each(self) -> f64 {
        self.cpu * 1e6 / self.count
    }
}

/// What was measured with one server.
#[derive(Debug, Clone)]
pub(super) struct FanOut {
    /// Bursts of [`BURST`].
    pub(super) burst: Load,
    /// [`PACED`] a second.
    pub(super) paced: Load,
    /// The same twice with events that are kept, where the server keeps any.
    pub(super) durable: Option<(Load, Load)>,
    /// Commands answered before anything is stored, in bursts.
    pub(super) ack: Load,
    /// How long a frame of the burst was.
    pub(super) frame_bytes: f64,
}

/// How long each load lasts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Windows {
    /// Before anything counts: a just-in-time compiler needs it.
    pub(super) warm_up: Duration,
    /// Of bursts and acknowledgements.
    pub(super) burst: Duration,
    /// Of paced loads: longer, as they use little CPU and `/proc` counts in hundredths.
    pub(super) paced: Duration,
}

/// Measures a server that was just started. `bytes`: of a message.
pub(super) fn measure(
    subject: Subject,
    server: &Process,
    windows: Windows,
    bytes: usize,
) -> anyhow::Result<FanOut> {
    let mut room = Room::fill(subject, server, bytes)?;
    let plain = subject.publish(ROOM, &room.body);
    room.bursts(&mut |_| plain.clone(), windows.warm_up)?;
    let before = room.swarm.bytes;
    let burst = room.bursts(&mut |_| plain.clone(), windows.burst)?;
    let frame_bytes = (room.swarm.bytes - before) as f64 / burst.count;
    let paced = room.paced(&mut |_| plain.clone(), windows.paced)?;
    let ack = room.acknowledged(windows.burst)?;
    let durable = match subject {
        Subject::Carewire => {
            let body = room.body.clone();
            let mut kept = |number| retained(number, &body);
            let burst = room.bursts(&mut kept, windows.burst)?;
            let mut kept = |number| retained(number + (1 << 20), &body);
            Some((burst, room.paced(&mut kept, windows.paced)?))
        }
        Subject::SocketIo | Subject::Loop => None,
    };
    Ok(FanOut {
        burst,
        paced,
        durable,
        ack,
        frame_bytes,
    })
}

/// Publishes an event that is kept, once for its key.
fn retained(number: u32, body: &str) -> String {
    let id = number + 10;
    format!(
        r#"{{"type":"room:publish","id":{id},"key":"key-{number}","data":{{"roomId":"{ROOM}","event":"event","payload":"{body}","retain":true}}}}"#
    )
}

struct Room<'a> {
    subject: Subject,
    server: &'a Process,
    swarm: Swarm,
    body: String,
}

/// The text of the message of this number.
type Text<'a> = dyn FnMut(u32) -> String + 'a;

impl<'a> Room<'a> {
    /// The first member sends: a service, whom no limit of rates slows down.
    fn fill(subject: Subject, server: &'a Process, bytes: usize) -> anyhow::Result<Self> {
        let mut swarm = Swarm::new(subject, server)?;
        let mut tokens = vec![token::sign("sender", "service")?];
        for number in 1..MEMBERS {
            tokens.push(token::sign(&format!("member-{number}"), "provider")?);
        }
        swarm.connect(tokens)?;
        swarm.join(|_| ROOM.to_owned())?;
        Ok(Self {
            subject,
            server,
            swarm,
            body: "m".repeat(bytes),
        })
    }

    /// Bursts in one write each; the next one starts when everyone has all of the last.
    fn bursts(&mut self, text: &mut Text<'_>, time: Duration) -> anyhow::Result<Load> {
        let (mut number, mut delivered) = (0, 0);
        let (cpu, started) = (self.server.cpu()?, Instant::now());
        while started.elapsed() < time {
            let mut frames = Vec::with_capacity(BURST * (MESSAGE_BYTES + 256));
            for _ in 0..BURST {
                wire::put_masked(&mut frames, text(number).as_bytes());
                number += 1;
            }
            self.swarm.say_frames(0, &frames)?;
            self.until(&mut delivered, number)?;
        }
        self.load(delivered, cpu, started)
    }

    /// One message at a time, at a fixed rate.
    fn paced(&mut self, text: &mut Text<'_>, time: Duration) -> anyhow::Result<Load> {
        let interval = Duration::from_secs(MEMBERS as u64) / PACED;
        let (mut number, mut delivered) = (0, 0);
        let (cpu, started) = (self.server.cpu()?, Instant::now());
        while started.elapsed() < time {
            self.swarm.say(0, &text(number))?;
            number += 1;
            let next = started + interval * number;
            while let Some(left) = next.checked_duration_since(Instant::now()) {
                self.swarm.pump(left, &mut |_, heard| {
                    delivered += u64::from(heard == Heard::Delivery);
                })?;
            }
        }
        self.until(&mut delivered, number)?;
        self.load(delivered, cpu, started)
    }

    /// Commands of one client that are answered to it alone, in bursts.
    fn acknowledged(&mut self, time: Duration) -> anyhow::Result<Load> {
        let mut frames = Vec::new();
        for number in 0..BURST {
            let number = u32::try_from(number)? + 10;
            let text = self.subject.touch(number, &self.body);
            wire::put_masked(&mut frames, text.as_bytes());
        }
        let mut answered = 0;
        let (cpu, started) = (self.server.cpu()?, Instant::now());
        while started.elapsed() < time {
            let goal = answered + BURST as u64;
            self.swarm.say_frames(0, &frames)?;
            while answered < goal {
                self.swarm.wait(&mut |_, heard| {
                    answered += u64::from(matches!(heard, Heard::Reply(_)));
                })?;
            }
        }
        self.load(answered, cpu, started)
    }

    /// Waits until every member has so many messages.
    fn until(&mut self, delivered: &mut u64, messages: u32) -> anyhow::Result<()> {
        let goal = u64::from(messages) * MEMBERS as u64;
        while *delivered < goal {
            self.swarm.wait(&mut |_, heard| {
                *delivered += u64::from(heard == Heard::Delivery);
            })?;
        }
        ensure!(
            *delivered == goal,
            "{delivered} deliveries instead of {goal}"
        );
        Ok(())
    }

    fn load(&self, count: u64, cpu: f64, started: Instant) -> anyhow::Result<Load> {
        Ok(Load {
            count: count as f64,
            cpu: self.server.cpu()? - cpu,
            seconds: started.elapsed().as_secs_f64(),
        })
    }
}
