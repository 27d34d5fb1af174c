//! How much one user or address may ask for.

use crate::{config::Config, env::Runtime, keys::UserKey};
use carewire_protocol::{Class, ErrorReply, Role};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, Reference},
    middleware::NoOpMiddleware,
    state::keyed::HashMapStateStore,
};
use std::{
    collections::BTreeMap,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Bursts of this many seconds are let through at once.
const BURST_SECONDS: u32 = 3;

/// Our clock, for governor: the limits hold in simulated time as well.
#[derive(Clone)]
struct EnvClock(Runtime);

impl Clock for EnvClock {
    type Instant = Duration;
    fn now(&self) -> Duration {
        self.0.now()
    }
}

type Limiter = RateLimiter<UserKey, HashMapStateStore<UserKey>, EnvClock, NoOpMiddleware<Duration>>;

/// The limits of users and addresses.
pub struct Rates {
    clock: EnvClock,
    creating: Limiter,
    others: Limiter,
    calls: Limiter,
    handshakes: Mutex<BTreeMap<IpAddr, Handshakes>>,
    handshakes_per_minute: u32,
}

impl std::fmt::Debug for Rates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rates")
    }
}

/// A bucket of handshakes: one is taken for each connection and given back when it authenticates,
/// so that a hospital behind one address is not punished for its size.
#[derive(Debug, Clone, Copy)]
struct Handshakes {
    left: f64,
    at: Duration,
}

impl Rates {
    /// The limits of a configuration.
    pub fn new(config: &Config, env: &Runtime) -> Self {
        let limiter = |per_second: u32| {
            let rate = NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN);
            let burst = rate.saturating_mul(NonZeroU32::new(BURST_SECONDS).unwrap_or(rate));
            let quota = Quota::per_second(rate).allow_burst(burst);
            RateLimiter::new(quota, HashMapStateStore::default(), EnvClock(env.clone()))
        };
        let per_minute = NonZeroU32::new(config.calls_per_minute).unwrap_or(NonZeroU32::MIN);
        let calls = Quota::per_minute(per_minute);
        Self {
            calls: RateLimiter::new(calls, HashMapStateStore::default(), EnvClock(env.clone())),
            clock: EnvClock(env.clone()),
            creating: limiter(config.messages_per_second),
            others: limiter(config.commands_per_second),
            handshakes: Mutex::default(),
            handshakes_per_minute: config.connects_per_minute,
        }
    }

    /// Takes one command of a user, or says when to come again. Services are exempt.
    pub fn command(&self, user: &UserKey, role: &Role, class: Class) -> Result<(), ErrorReply> {
        if *role == Role::Service {
            return Ok(());
        }
        let limiter = if class.has_key() {
            &self.creating
        } else {
            &self.others
        };
        self.take(limiter, user)
    }

    /// Takes one call of a user, or says when to come again. Services are exempt.
    pub fn call(&self, user: &UserKey, role: &Role) -> Result<(), ErrorReply> {
        if *role == Role::Service {
            return Ok(());
        }
        self.take(&self.calls, user)
    }

    fn take(&self, limiter: &Limiter, user: &UserKey) -> Result<(), ErrorReply> {
        limiter.check_key(user).map_err(|not_until| {
            let wait = not_until
                .earliest_possible()
                .duration_since(self.clock.now());
            // Rounded up: whoever comes back a moment too early is refused again.
            ErrorReply::rate_limited(Duration::from(wait) + Duration::from_millis(1))
        })
    }

    /// Takes one handshake of an address, or says when to come again.
    pub fn handshake(&self, address: IpAddr) -> Result<(), ErrorReply> {
        let now = self.clock.now();
        let most = f64::from(self.handshakes_per_minute);
        let mut all = self
            .handshakes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let bucket = all.entry(address).or_insert(Handshakes {
            left: most,
            at: now,
        });
        let refilled = now.saturating_sub(bucket.at).as_secs_f64() * most / 60.0;
        bucket.left = (bucket.left + refilled).min(most);
        bucket.at = now;
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            Ok(())
        } else {
            let seconds = (1.0 - bucket.left) * 60.0 / most;
            Err(ErrorReply::rate_limited(Duration::from_secs_f64(seconds)))
        }
    }

    /// The connection authenticated: its handshake is given back.
    pub fn authenticated(&self, address: IpAddr) {
        let mut all = self
            .handshakes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = all.get_mut(&address) {
            bucket.left = (bucket.left + 1.0).min(f64::from(self.handshakes_per_minute));
        }
    }

    /// Forgets whoever has all of their limits back.
    pub fn sweep(&self) {
        self.creating.retain_recent();
        self.others.retain_recent();
        self.calls.retain_recent();
        let now = self.clock.now();
        let mut all = self
            .handshakes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, bucket| now.saturating_sub(bucket.at) < Duration::from_mins(1));
    }
}
