//! Who is there, over all of a person's devices.

use crate::{ErrorReply, PrivateText, Timestamp, UserId, limits, session::Empty};

domain! {
    "Presence"
    commands {
        "presence:get" => Get -> PresencesReply, State checked;
        "presence:setStatus" => SetStatus -> Empty, State checked;
        "presence:subscribe" => Subscribe -> PresencesReply, State checked;
        "presence:unsubscribe" => Unsubscribe -> Empty, State checked;
    }
    events {
        "presence:initial" => Initial(InitialEvent), Ephemeral;
        "presence:changed" => Changed(Presence), Ephemeral;
        "presence:statusUpdated" => StatusUpdated(StatusUpdatedEvent), Ephemeral;
    }
}

open_enum! {
    /// Whether a person can be reached.
    pub enum PresenceStatus {
        /// There.
        Online = "online",
        /// Connected, but not at the device.
        Away = "away",
        /// Does not want to be disturbed.
        Busy = "busy",
        /// In a call; set and cleared by calls.
        InCall = "in_call",
        /// Not connected, or not for the asker to know.
        Offline = "offline",
    }
}

wire! {
    /// Asks for presences once.
    pub struct Get {
        /// Whose; at most 500.
        pub user_ids: Vec<UserId>,
    }

    /// Presences, in the order asked for.
    pub struct PresencesReply {
        /// Whoever the asker may not see looks offline.
        pub presences: Vec<Presence>,
    }

    /// Sets one's status on all devices. It outlives a reconnect.
    pub struct SetStatus {
        /// `online`, `away` or `busy`.
        pub status: PresenceStatus,
        /// A few words beside it, at most 1,024 bytes.
        pub custom_status: Option<PrivateText>,
    }

    /// Asks for presences now and whenever they change.
    pub struct Subscribe {
        /// Whose; at most 500.
        pub user_ids: Vec<UserId>,
    }

    /// Ends such a subscription.
    pub struct Unsubscribe {
        /// Whose; at most 500.
        pub user_ids: Vec<UserId>,
    }

    /// One person over all devices.
    pub struct Presence {
        /// Who.
        pub user_id: UserId,
        /// Whether they can be reached.
        pub status: PresenceStatus,
        /// Their own words beside it.
        pub custom_status: Option<PrivateText>,
        /// When they were last connected; now, while they are.
        pub last_seen_at: Option<Timestamp>,
        /// How many devices are connected.
        pub devices: u32,
    }

    /// The presences of a new subscription.
    pub struct InitialEvent {
        /// Whoever the asker may not see looks offline.
        pub presences: Vec<Presence>,
    }

    /// One's own status was set by another device.
    pub struct StatusUpdatedEvent {
        /// The status.
        pub status: PresenceStatus,
        /// The words beside it.
        pub custom_status: Option<PrivateText>,
    }
}

impl Get {
    fn check(&self) -> Result<(), ErrorReply> {
        limits::check_list("userIds", self.user_ids.len())
    }
}

impl Subscribe {
    fn check(&self) -> Result<(), ErrorReply> {
        limits::check_list("userIds", self.user_ids.len())
    }
}

impl Unsubscribe {
    fn check(&self) -> Result<(), ErrorReply> {
        limits::check_list("userIds", self.user_ids.len())
    }
}

impl SetStatus {
    fn check(&self) -> Result<(), ErrorReply> {
        use PresenceStatus::{Away, Busy, Online};
        if !matches!(self.status, Online | Away | Busy) {
            return Err(ErrorReply::invalid(
                "status",
                "status must be online, away or busy",
            ));
        }
        limits::check_label(
            "customStatus",
            self.custom_status.as_deref().unwrap_or_default(),
        )
    }
}
