//! Charts: who looks at one, and leases on its parts so that two people do not write at once.

use crate::{ErrorReply, Millis, PrivateText, RecordId, Timestamp, UserId, limits, session::Empty};

domain! {
    "Records"
    commands {
        "record:view" => View -> Empty, State;
        "record:unview" => Unview -> Empty, State;
        "record:viewers" => Viewers -> ViewersReply, State;
        "record:lock" => Lock -> LockReply, LiveKeyed checked;
        "record:renew" => Renew -> LockReply, Live;
        "record:unlock" => Unlock -> Empty, Live;
    }
    events {
        "record:viewersChanged" => ViewersChanged(ViewersChangedEvent), Ephemeral;
        "record:locked" => Locked(LockedEvent), Retained;
        "record:unlocked" => Unlocked(UnlockedEvent), Retained;
    }
}

wire! {
    /// Looks at a patient's chart: joins `patient:` and tells the others there.
    pub struct View {
        /// Whose chart.
        pub patient_id: UserId,
    }

    /// Looks away again.
    pub struct Unview {
        /// Whose chart.
        pub patient_id: UserId,
    }

    /// Asks who looks at a chart.
    pub struct Viewers {
        /// Whose chart.
        pub patient_id: UserId,
    }

    /// Who looks at a chart.
    pub struct ViewersReply {
        /// In the order in which they came.
        pub viewers: Vec<Viewer>,
    }

    /// Takes the lease on a part of a chart.
    pub struct Lock {
        /// Which part.
        pub record_id: RecordId,
        /// Whose chart.
        pub patient_id: UserId,
        /// How long it lives without a renewal: 5,000 to 300,000; 30,000 when left out.
        pub ttl_ms: Option<Millis>,
    }

    /// The lease.
    #[derive(Copy)]
    pub struct LockReply {
        /// Grows with every grant; what is written under the lease carries it.
        pub fencing_token: u64,
        /// When the lease ends without a renewal.
        pub expires_at: Timestamp,
    }

    /// Prolongs a lease by the time it was taken for.
    pub struct Renew {
        /// Which part.
        pub record_id: RecordId,
        /// Whose chart.
        pub patient_id: UserId,
        /// As granted.
        pub fencing_token: u64,
    }

    /// Gives a lease back.
    pub struct Unlock {
        /// Which part.
        pub record_id: RecordId,
        /// Whose chart.
        pub patient_id: UserId,
        /// As granted.
        pub fencing_token: u64,
    }

    /// Somebody who looks at a chart.
    pub struct Viewer {
        /// Who.
        pub user_id: UserId,
        /// Their name, where the server knows it.
        pub name: Option<PrivateText>,
        /// Since when.
        pub since: Timestamp,
    }

    /// A lease that is held.
    pub struct LockState {
        /// On which part.
        pub record_id: RecordId,
        /// Who holds it.
        pub holder_id: UserId,
        /// When it ends without a renewal.
        pub expires_at: Timestamp,
    }

    /// Somebody looks at the chart, or no longer does.
    pub struct ViewersChangedEvent {
        /// Whose chart.
        pub patient_id: UserId,
        /// All who look at it now, in the order in which they came.
        pub viewers: Vec<Viewer>,
    }

    /// A lease was granted.
    pub struct LockedEvent {
        /// On which part.
        pub record_id: RecordId,
        /// Who holds it.
        pub holder_id: UserId,
        /// When it ends without a renewal.
        pub expires_at: Timestamp,
    }

    /// A lease ended.
    pub struct UnlockedEvent {
        /// On which part.
        pub record_id: RecordId,
        /// Why.
        pub reason: UnlockReason,
    }
}

open_enum! {
    /// Why a lease ended.
    pub enum UnlockReason {
        /// Its holder gave it back.
        Released = "released",
        /// It was not renewed.
        Expired = "expired",
        /// A backend ended it.
        Revoked = "revoked",
    }
}

impl From<LockState> for LockedEvent {
    fn from(lock: LockState) -> Self {
        Self {
            record_id: lock.record_id,
            holder_id: lock.holder_id,
            expires_at: lock.expires_at,
        }
    }
}

impl Lock {
    fn check(&self) -> Result<(), ErrorReply> {
        let allowed = limits::MIN_LEASE_TTL.into()..=limits::MAX_LEASE_TTL.into();
        match self.ttl_ms {
            Some(ttl) if !allowed.contains(&ttl) => Err(ErrorReply::invalid(
                "ttlMs",
                "ttlMs must be from 5000 to 300000",
            )),
            _ => Ok(()),
        }
    }
}
