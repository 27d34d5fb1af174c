//! Whether the server is still there, and what the platform knows about it.

use super::{Hint, Output, Phase, Session, Timer};
use crate::json::Object;
use carewire_protocol::{
    error::close,
    frame::{Heartbeat, RequestId},
    limits,
};
use std::time::Duration;

/// How much longer than due a heartbeat check may come before it says more about this device than
/// about the server.
const OVERSLEPT: Duration = Duration::from_secs(5);
/// How long the server has to answer a ping that was sent in doubt.
const PROBE: Duration = Duration::from_secs(3);
/// How often it is asked again where the platform says that there is no network: an answer may have
/// been the last thing to come over it, but a platform may be wrong.
const DOUBTS: u8 = 3;

impl Session {
    pub(super) fn patience(&self) -> Duration {
        let interval = self.me.as_ref().map(|me| me.heartbeat_interval);
        interval.unwrap_or(limits::HEARTBEAT_INTERVAL) + limits::HEARTBEAT_GRACE
    }

    pub(super) fn on_silence(&mut self, at: Duration) {
        if !self.is_online() {
            return;
        }
        let end = self.last_heard + self.patience();
        if self.probing {
            self.hang_up(close::GOING_AWAY);
        } else if self.doubts > 0 {
            self.doubts -= 1;
            self.probe();
        } else if self.now < end {
            self.timers.set(Timer::Heartbeat, end);
        } else if self.now.saturating_sub(at) > OVERSLEPT {
            self.probe();
        } else {
            self.hang_up(close::GOING_AWAY);
        }
    }

    pub(super) fn probe(&mut self) {
        self.probing = true;
        self.send_heartbeat(Heartbeat::Ping, None);
        self.after(PROBE, Timer::Heartbeat);
    }

    pub(super) fn send_heartbeat(&mut self, beat: Heartbeat, id: Option<RequestId>) {
        let frame = Object::new()
            .text("type", beat.as_str())
            .maybe(id, |frame, id| frame.number("id", id.get().into()));
        self.outputs.push_back(Output::Send(frame.end()));
    }

    /// Something of ours was answered: the server hears.
    pub(super) fn note_answer(&mut self) {
        self.answered = self.now;
    }

    /// Watches whether what waits for an answer is heard. A server may speak on half a connection,
    /// or wait for the rest of a frame that was never sent.
    pub(super) fn watch_answers(&mut self) {
        if self.is_online() && self.outbox.is_waiting() && !self.timers.is_set(&Timer::Unanswered) {
            self.note_answer();
            self.after(self.patience(), Timer::Unanswered);
        }
    }

    pub(super) fn on_unanswered(&mut self) {
        if !self.is_online() || !self.outbox.is_waiting() {
            self.asked = None;
            return;
        }
        let end = self.answered + self.patience();
        if self.now < end {
            self.asked = None;
            self.timers.set(Timer::Unanswered, end);
        } else if self.asked.is_some_and(|asked| self.answered < asked) {
            self.hang_up(close::GOING_AWAY);
        } else {
            self.asked = Some(self.now);
            self.send_heartbeat(Heartbeat::Ping, None);
            self.after(limits::HEARTBEAT_GRACE, Timer::Unanswered);
        }
    }

    pub(super) fn on_hint(&mut self, hint: Hint) {
        if let Hint::Network(is_there) = hint {
            self.doubts = if is_there { 0 } else { DOUBTS };
        }
        match hint {
            // The connection is kept for as long as the system lets it live.
            Hint::Background => {
                for room in self.typing.keys().cloned().collect::<Vec<_>>() {
                    self.on_typing_stopped(&room);
                }
            }
            Hint::Suspend => self.suspend(),
            Hint::Network(_) if self.suspended => {}
            Hint::Foreground | Hint::Network(_) | Hint::ReconnectNow if self.is_online() => {
                if !self.probing {
                    self.probe();
                }
            }
            // There is no point in dialing now, but a platform may be wrong about its network.
            Hint::Network(false) => {}
            Hint::Foreground | Hint::Network(true) | Hint::ReconnectNow => {
                self.suspended = false;
                if self.phase == Phase::Waiting {
                    self.attempt();
                }
            }
        }
    }
}
