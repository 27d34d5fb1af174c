//! I10: one holder at a time, tokens that only grow, and stale ones that are worth nothing.

use super::{History, Invariant, Judge, LeaseStep, Name, What};
use std::{collections::BTreeMap, time::Duration};

/// A grant, as its device knows it.
struct Grant<'a> {
    client: &'a Name,
    token: u64,
    /// When the reply was there: it was made then or earlier.
    known: Duration,
    /// When it ends, as far as its device knows.
    until: Duration,
    /// When its device began to give it back, and when it knew that it had.
    releasing: Option<Duration>,
    released: Option<Duration>,
}

impl Grant<'_> {
    /// Until when its device may rely on it.
    fn ends(&self) -> Duration {
        self.releasing.unwrap_or(self.until).min(self.until)
    }
}

pub(super) fn judge(history: &History, judge: &mut Judge) {
    let mut records: BTreeMap<&Name, Vec<Grant<'_>>> = BTreeMap::new();
    for entry in &history.entries {
        let What::Lease {
            client,
            record,
            token,
            step,
        } = &entry.what
        else {
            continue;
        };
        let grants = records.entry(record).or_default();
        let about = (client, *token, entry.at);
        match step {
            LeaseStep::Granted { until } => granted(judge, grants, record, about, *until),
            LeaseStep::Renewed { asked, until } => {
                renewed(judge, grants, record, about, *asked);
                if let Some(own) = own(grants, client, *token) {
                    own.until = own.until.max(*until);
                }
            }
            LeaseStep::Releasing => {
                if let Some(own) = own(grants, client, *token) {
                    own.releasing = own.releasing.or(Some(entry.at));
                }
            }
            LeaseStep::Released => {
                if let Some(own) = own(grants, client, *token) {
                    own.released = Some(entry.at);
                }
            }
        }
    }
}

fn own<'g, 'a>(
    grants: &'g mut [Grant<'a>],
    client: &Name,
    token: u64,
) -> Option<&'g mut Grant<'a>> {
    let mut grants = grants.iter_mut();
    grants.find(|grant| grant.client == client && grant.token == token)
}

fn granted<'a>(
    judge: &mut Judge,
    grants: &mut Vec<Grant<'a>>,
    record: &Name,
    (client, token, at): (&'a Name, u64, Duration),
    until: Duration,
) {
    if own(grants, client, token).is_some() {
        // The same reply again, for the same key.
        return;
    }
    // A newer grant of the same device takes the place of its older one.
    let mut new = Grant {
        client,
        token,
        known: at,
        until,
        releasing: None,
        released: None,
    };
    for other in grants.iter_mut().filter(|other| other.client == client) {
        let older = if other.token < token { other } else { &mut new };
        older.releasing = older.releasing.or(Some(at));
    }
    for other in grants.iter() {
        judge.expect(Invariant::I10, at, other.token != token, || {
            format!(
                "{client} and {} hold {record} with token {token}",
                other.client
            )
        });
        if other.client == client {
            continue;
        }
        // The newer was granted when its reply was there at the latest.
        let (older, newer) = if other.token < token {
            (other, &new)
        } else {
            (&new, other)
        };
        judge.expect(Invariant::I10, at, newer.known >= older.ends(), || {
            format!(
                "{} was granted {record} with token {}, which {} held with {} until {:?}",
                newer.client,
                newer.token,
                older.client,
                older.token,
                older.ends()
            )
        });
    }
    grants.push(new);
}

fn renewed(
    judge: &mut Judge,
    grants: &[Grant<'_>],
    record: &Name,
    (client, token, at): (&Name, u64, Duration),
    asked: Duration,
) {
    let newer = grants
        .iter()
        .find(|grant| grant.token > token && grant.known <= asked);
    judge.expect(Invariant::I10, at, newer.is_none(), || {
        let newer = newer.map(|grant| grant.token);
        format!("{client} renewed {record} with token {token}, although {newer:?} was granted")
    });
    let own = grants
        .iter()
        .find(|grant| grant.client == client && grant.token == token);
    let released = own
        .and_then(|own| own.released)
        .filter(|released| *released <= asked);
    judge.expect(Invariant::I10, at, released.is_none(), || {
        format!("{client} renewed {record} with token {token}, given back at {released:?}")
    });
}
