//! The life of a connection: from the token to the loss, and the wait for the next one.

use super::{Output, Owner, Pending, Phase, Session, State, Timer, TokenNeed, commands};
use crate::{CloseReason, RequestError, TokenError};
use carewire_protocol::{PrivateText, error::close};
use std::time::Duration;

/// So many cuts for slow reading within [`SLOW_WITHIN`] make a client start over with snapshots.
const SLOW_CUTS: usize = 3;
const SLOW_WITHIN: Duration = Duration::from_mins(5);
/// A provider that is silent for so long, as over a network that is gone, is asked again.
const TOKEN_TIMEOUT: Duration = Duration::from_secs(30);
/// How long after a failed refresh the next one is tried.
pub(super) const REFRESH_AGAIN: Duration = Duration::from_secs(5);
/// A token as young as this, announced as expiring, is a short one and no old one.
pub(super) const YOUNG_TOKEN: Duration = Duration::from_secs(30);

impl Session {
    pub(super) fn attempt(&mut self) {
        self.phase = Phase::Fetching;
        self.after(TOKEN_TIMEOUT, Timer::Dial);
        if self.attempts.count() > 0 {
            let attempt = self.attempts.count();
            self.outputs.push_back(Output::State(State::Reconnecting {
                attempt,
                retry_in: None,
            }));
        }
        let need = if self.token_refused {
            TokenNeed::Refused
        } else {
            TokenNeed::Connect
        };
        self.ask_for_token(need);
    }

    /// There is never more than one question open: an answer that was asked for by an earlier
    /// attempt or by a refresh serves the present one.
    pub(super) fn ask_for_token(&mut self, need: TokenNeed) {
        if !self.token_asked {
            self.token_asked = true;
            self.outputs.push_back(Output::NeedToken(need));
        }
    }

    pub(super) fn ask_for_refresh(&mut self) {
        if self.is_online() && self.config.refreshable && !self.token_asked {
            self.ask_for_token(TokenNeed::Refresh);
            self.after(TOKEN_TIMEOUT, Timer::Refresh);
        }
    }

    /// It is time for a newer token, or the question for one was never answered.
    pub(super) fn on_refresh_due(&mut self) {
        self.token_asked = false;
        self.ask_for_refresh();
    }

    pub(super) fn on_token(&mut self, result: Result<PrivateText, TokenError>) {
        self.token_asked = false;
        match result {
            Err(TokenError::SignedOut) => self.close(CloseReason::SignedOut, close::NORMAL),
            Ok(token) if self.phase == Phase::Fetching => {
                self.token = Some((token, self.now));
                self.dial += 1;
                self.phase = Phase::Dialing;
                self.after(self.config.dial_timeout, Timer::Dial);
                self.outputs.push_back(Output::Open { dial: self.dial });
            }
            Ok(token) if self.is_online() => {
                self.token = Some((token.clone(), self.now));
                self.timers.clear(&Timer::Refresh);
                self.send_refresh(&token);
            }
            Err(TokenError::Temporary(_)) if self.phase == Phase::Fetching => self.wait(),
            Err(TokenError::Temporary(_)) if self.is_online() => {
                self.after(REFRESH_AGAIN, Timer::Refresh);
            }
            // For a connection that is gone: the next one asks anew.
            Ok(_) | Err(TokenError::Temporary(_)) => {}
        }
    }

    pub(super) fn wait(&mut self) {
        let delay = match self.retry_after.take() {
            Some(told) => {
                self.attempts.told();
                told
            }
            None => self.attempts.next(&mut self.rng),
        };
        self.phase = Phase::Waiting;
        self.after(delay, Timer::Dial);
        let attempt = self.attempts.count();
        let state = State::Reconnecting {
            attempt,
            retry_in: Some(delay),
        };
        self.outputs.push_back(Output::State(state));
    }

    pub(super) fn on_closed(&mut self, code: u16) {
        self.timers.clear(&Timer::Dial);
        if code == close::UNAUTHENTICATED && self.config.refreshable && !self.token_refused {
            self.token_refused = true;
        } else if close::is_final(code) {
            self.finish(CloseReason::from_code(code));
            return;
        }
        if code == close::TOO_SLOW {
            let since = self.now.saturating_sub(SLOW_WITHIN);
            self.slow_cuts.retain(|at| *at >= since);
            self.slow_cuts.push(self.now);
            if self.slow_cuts.len() >= SLOW_CUTS {
                self.slow_cuts.clear();
                self.start_over = true;
            }
        }
        self.lose();
        self.wait();
    }

    /// Closes a socket that is no good, as if the network had done it.
    pub(super) fn hang_up(&mut self, code: u16) {
        self.outputs.push_back(Output::CloseSocket {
            dial: self.dial,
            code,
        });
        self.on_closed(1006);
    }

    /// Nothing of the connection is left but what the next one needs.
    pub(super) fn lose(&mut self) {
        if self.is_online() {
            self.lost_at.get_or_insert(self.now);
        }
        self.dial += 1; // whatever the old socket still says is ignored
        self.healthy = false;
        self.asked = None;
        self.resuming = 0;
        self.typing.clear();
        self.rooms.lost();
        self.leases.lost();
        self.timers.clear_where(|timer| {
            !matches!(
                timer,
                Timer::Expire(_) | Timer::Lane(_) | Timer::Receipt(_) | Timer::Lease(_)
            )
        });
        for pending in self.outbox.lost() {
            if pending.request.effect.ends() {
                self.answer(&pending, Ok(commands::empty()));
            } else {
                self.answer_with(pending, Pending::epitaph);
            }
        }
    }

    /// Lets go of the connection until the application is seen again.
    pub(super) fn suspend(&mut self) {
        if matches!(self.phase, Phase::Idle | Phase::Closed(_)) || self.suspended {
            return;
        }
        self.suspended = true;
        if self.has_socket() || self.phase == Phase::Dialing {
            self.outputs.push_back(Output::CloseSocket {
                dial: self.dial,
                code: close::NORMAL,
            });
            self.lose();
        }
        self.timers.clear(&Timer::Dial);
        self.phase = Phase::Waiting;
        self.outputs.push_back(Output::State(State::Reconnecting {
            attempt: self.attempts.count(),
            retry_in: None,
        }));
    }

    /// Closes for good, from this side.
    pub(super) fn close(&mut self, reason: CloseReason, code: u16) {
        if self.has_socket() || self.phase == Phase::Dialing {
            self.outputs.push_back(Output::CloseSocket {
                dial: self.dial,
                code,
            });
        }
        self.finish(reason);
    }

    pub(super) fn finish(&mut self, reason: CloseReason) {
        self.phase = Phase::Closed(reason.clone());
        self.timers.clear_where(|_| true);
        self.token = None;
        for pending in self.outbox.take_all() {
            if let Owner::App(number) = pending.owner {
                let result = Err(RequestError::Closed(reason.clone()));
                self.outputs.push_back(Output::Reply { number, result });
            }
        }
        self.outputs
            .push_back(Output::State(State::Closed { reason }));
    }
}
