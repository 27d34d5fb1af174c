//! A lease on a part of a chart, held as long as its handle lives.

use crate::{Client, LeaseLoss, LeaseState, RequestError, driver::desk::LeaseTable};
use carewire_protocol::{Millis, RecordId, UserId, record};
use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
    time::Duration,
};
use tokio::sync::watch;

/// A lease on a part of a chart: no other device has one while this is held.
///
/// The client renews it every third of its time, over reconnects, until the handle is dropped.
/// Without a connection it is lost when its time is over, no later than the server grants it to
/// somebody else; [`lost`](Self::lost) tells. What is written under it to a store of the
/// application carries its [`fencing_token`](Self::fencing_token), and the store refuses a token
/// smaller than one it has seen: that holds even where this process stood still.
///
/// ```no_run
/// # async fn save(text: &str, token: u64) {}
/// # async fn example(client: carewire::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let record = client.record("ana".parse()?);
/// let mut lease = record.lock("medication".parse()?).await?;
/// tokio::select! {
///     () = save("…", lease.fencing_token()) => lease.release().await?,
///     why = lease.lost() => println!("somebody else may write now: {why:?}"),
/// }
/// # Ok(()) }
/// ```
#[must_use = "a lease is given back when it is dropped"]
pub struct Lease {
    client: Client,
    part: (UserId, RecordId),
    token: u64,
    table: watch::Receiver<LeaseTable>,
    given_back: bool,
}

/// Takes a lease when awaited; see [`Record::lock`](crate::Record::lock).
#[must_use = "nothing is locked until this is awaited"]
#[derive(Debug)]
pub struct Lock {
    client: Client,
    lock: record::Lock,
}

impl Lock {
    pub(crate) fn new(client: &Client, patient_id: UserId, record_id: RecordId) -> Self {
        Self {
            client: client.clone(),
            lock: record::Lock {
                record_id,
                patient_id,
                ttl_ms: None,
            },
        }
    }

    /// How long it lives without a renewal: 5 s to 5 min, 30 s unless the server is configured
    /// otherwise. It is also how long others wait after this device is gone.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.lock.ttl_ms = Some(Millis::from(ttl));
        self
    }
}

impl IntoFuture for Lock {
    type Output = Result<Lease, RequestError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let part = (self.lock.patient_id.clone(), self.lock.record_id.clone());
            let reply = self.client.request(self.lock).await?;
            Ok(Lease {
                table: self.client.leases().subscribe(),
                client: self.client,
                part,
                token: reply.fencing_token,
                given_back: false,
            })
        })
    }
}

impl Lease {
    /// Grows with every grant of any lease. What is written under the lease carries it.
    pub fn fencing_token(&self) -> u64 {
        self.token
    }

    /// Which part of the chart.
    pub fn record_id(&self) -> &RecordId {
        &self.part.1
    }

    /// How it stands now.
    pub fn state(&self) -> LeaseState {
        state_in(&self.table.borrow(), &self.part, self.token)
    }

    /// Whether it is held.
    pub fn is_held(&self) -> bool {
        matches!(self.state(), LeaseState::Held { .. })
    }

    /// Waits until it is lost, and says why.
    ///
    /// Dropping the future loses nothing.
    pub async fn lost(&mut self) -> LeaseLoss {
        loop {
            if let LeaseState::Lost(loss) = self.state() {
                return loss;
            }
            if self.table.changed().await.is_err() {
                return LeaseLoss::Closed;
            }
        }
    }

    /// Gives it back, and waits until the others know. Without a connection it fails with
    /// [`RequestError::Offline`]; the server is then told with the next one.
    pub async fn release(mut self) -> Result<(), RequestError> {
        self.given_back = true;
        self.client.request(self.unlock()).await.map(drop)
    }

    fn unlock(&self) -> record::Unlock {
        let (patient_id, record_id) = self.part.clone();
        record::Unlock {
            record_id,
            patient_id,
            fencing_token: self.token,
        }
    }
}

fn state_in(table: &LeaseTable, part: &(UserId, RecordId), token: u64) -> LeaseState {
    match table.get(part) {
        Some((known, state)) if *known == token => state.clone(),
        Some(_) => LeaseState::Lost(LeaseLoss::Superseded),
        None => LeaseState::Lost(LeaseLoss::Closed),
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.given_back && self.is_held() {
            self.client.send_and_forget(&self.unlock());
        }
        self.client.leases().send_modify(|all| {
            if all
                .get(&self.part)
                .is_some_and(|(token, _)| *token == self.token)
            {
                all.remove(&self.part);
            }
        });
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("part", &self.part)
            .field("token", &self.token)
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
