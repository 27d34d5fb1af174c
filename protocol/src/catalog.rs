//! The whole contract, assembled from the domains' tables.

use crate::{
    Class, ClientId, Epoch, ErrorReply, PrivateJson, Retention, RoomId, Timestamp, access, backend,
    call, channel, conversation, message, notification, presence, record, report, room, schedule,
    schema::Object, session, system, typing, vitals, whiteboard,
};
use serde_json::value::RawValue;
use std::sync::Arc;

/// One row of a domain's table: a command.
#[derive(Debug, Clone, Copy)]
pub struct CommandRow {
    /// The name on the wire.
    pub name: &'static str,
    /// The Rust type.
    pub type_name: &'static str,
    /// The Rust type of the reply.
    pub reply: &'static str,
    /// The shape of the data.
    pub data_shape: &'static Object,
    /// The shape of the reply.
    pub reply_shape: &'static Object,
    /// What an SDK may do with it while offline.
    pub class: Class,
}

/// One row of a domain's table: an event.
#[derive(Debug, Clone, Copy)]
pub struct EventRow {
    /// The name on the wire.
    pub name: &'static str,
    /// The Rust type.
    pub type_name: &'static str,
    /// The shape of the data.
    pub shape: &'static Object,
    /// Whether it is kept.
    pub retention: Retention,
}

/// The table of a domain.
#[derive(Debug, Clone, Copy)]
pub struct Domain {
    /// The domain's name, for people.
    pub title: &'static str,
    /// Its commands.
    pub commands: &'static [CommandRow],
    /// Its events.
    pub events: &'static [EventRow],
}

macro_rules! catalog {
    (
        domains { $($domain:ident),+ $(,)? }
        commands { $($(#[$cmeta:meta])* $cvariant:ident = $cdomain:ident),+ $(,)? }
        events { $($(#[$emeta:meta])* $evariant:ident = $edomain:ident),+ $(,)? }
    ) => {
        /// Every domain, in the order of the contract.
        pub const DOMAINS: &[Domain] = &[$($domain::DOMAIN),+];

        /// What tests prove about every row of every table.
        #[cfg(any(test, feature = "proptest"))]
        pub fn proofs() -> impl Iterator<Item = &'static crate::proof::Proof> {
            [$($domain::PROOFS,)+ backend::http::HTTP_PROOFS].into_iter().flatten()
        }

        /// Any command of the contract.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum AnyCommand {$(
            $(#[$cmeta])*
            $cvariant($cdomain::Command),
        )+}

        impl AnyCommand {
            /// Decodes the payload of the command called `name`; `unknown_type` when there is none.
            pub fn decode(name: &str, data: &RawValue) -> Result<Self, ErrorReply> {
                $(if let Some(command) = $cdomain::Command::decode(name, data) {
                    return command.map(Self::$cvariant);
                })+
                Err(ErrorReply::new(crate::ErrorCode::UnknownType, "No such command"))
            }

            /// The name and the class of the command that is called `name`; `None`: the contract
            /// has no such command.
            pub fn find(name: &str) -> Option<(&'static str, Class)> {
                let mut all = [$($cdomain::Command::LIST),+].into_iter().flatten();
                all.find(|(known, _)| *known == name).copied()
            }

            /// The name on the wire.
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$cvariant(command) => command.name(),)+ }
            }

            /// What an SDK may do with the command while offline.
            pub fn class(&self) -> Class {
                match self { $(Self::$cvariant(command) => command.class(),)+ }
            }
        }

        $(impl From<$cdomain::Command> for AnyCommand {
            fn from(command: $cdomain::Command) -> Self {
                Self::$cvariant(command)
            }
        })+

        /// What happened: the payload of any event of the contract, or one of a later version.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum EventData {
            $(
                $(#[$emeta])*
                $evariant($edomain::Event),
            )+
            /// An event of a later version, as its text.
            Unknown(UnknownEvent),
        }

        impl EventData {
            /// Decodes the payload of the event called `name`.
            pub fn decode(name: &str, data: &RawValue) -> serde_json::Result<Self> {
                $(if let Some(event) = $edomain::Event::decode(name, data) {
                    return event.map(Self::$evariant);
                })+
                Ok(Self::Unknown(UnknownEvent { name: name.into(), data: data.to_owned().into() }))
            }

            /// The name on the wire.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$evariant(event) => event.name(),)+
                    Self::Unknown(event) => &event.name,
                }
            }
        }

        impl serde::Serialize for EventData {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$evariant(event) => event.serialize(serializer),)+
                    Self::Unknown(event) => event.data.serialize(serializer),
                }
            }
        }

        $(impl From<$edomain::Event> for EventData {
            fn from(event: $edomain::Event) -> Self {
                Self::$evariant(event)
            }
        })+
    };
}

catalog! {
    domains {
        session, room, message, conversation, typing, presence, call, notification, schedule,
        record, report, vitals, system, channel, whiteboard, access, backend,
    }
    commands {
        /// Authentication and the session.
        Session = session,
        /// Joining, leaving, publishing.
        Room = room,
        /// Messages.
        Message = message,
        /// The inbox and threads.
        Conversation = conversation,
        /// Typing.
        Typing = typing,
        /// Presence.
        Presence = presence,
        /// Calls.
        Call = call,
        /// Notifications.
        Notification = notification,
        /// Charts and their leases.
        Record = record,
        /// Reports and live data.
        Report = report,
        /// Channels.
        Channel = channel,
        /// Whiteboards.
        Whiteboard = whiteboard,
        /// Emergency access.
        Access = access,
        /// What backends do.
        Backend = backend,
    }
    events {
        /// The session.
        Session = session,
        /// Members of rooms, and the application's own events.
        Room = room,
        /// Messages.
        Message = message,
        /// The inbox.
        Conversation = conversation,
        /// Typing.
        Typing = typing,
        /// Presence.
        Presence = presence,
        /// Calls.
        Call = call,
        /// Notifications.
        Notification = notification,
        /// Appointments.
        Schedule = schedule,
        /// Charts and their leases.
        Record = record,
        /// Reports and live data.
        Report = report,
        /// Vital signs.
        Vitals = vitals,
        /// Alerts and maintenance.
        System = system,
        /// Channels.
        Channel = channel,
        /// Whiteboards.
        Whiteboard = whiteboard,
        /// What backends need to hear.
        Backend = backend,
    }
}

/// An event type of a later version than this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownEvent {
    /// Its name on the wire.
    pub name: Arc<str>,
    /// Its payload.
    pub data: PrivateJson,
}

/// An event as a client receives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The room it belongs to.
    pub room: Option<RoomId>,
    /// Epoch and offset, where it is retained.
    pub position: Option<(Epoch, u64)>,
    /// The device that caused it.
    pub origin: Option<ClientId>,
    /// When it happened.
    pub timestamp: Timestamp,
    /// What happened.
    pub data: EventData,
}

/// Every command of the contract.
pub fn commands() -> impl Iterator<Item = &'static CommandRow> {
    DOMAINS.iter().flat_map(|domain| domain.commands)
}

/// Every event of the contract.
pub fn events() -> impl Iterator<Item = &'static EventRow> {
    DOMAINS.iter().flat_map(|domain| domain.events)
}
