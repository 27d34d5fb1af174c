//! What the devices in a call, and those that ring, are told.

use super::{Call, CallEndReason, CallParticipant, CallState, CallType, SignalType};
use crate::{
    CallId, ClientId, Finite, Millis, PrivateJson, PrivateText, RoomId, Timestamp, UserId, VisitId,
};

wire! {
    /// It rings here: the call, and who calls.
    pub struct IncomingEvent {
        /// The call.
        pub call_id: CallId,
        /// Its room.
        pub room_id: RoomId,
        /// The visit it belongs to.
        pub visit_id: Option<VisitId>,
        /// What it carries.
        pub call_type: CallType,
        /// Who calls.
        pub caller_id: UserId,
        /// Where it stands.
        pub state: CallState,
        /// Everybody concerned, the caller included.
        #[serde(default)]
        pub participants: Vec<CallParticipant>,
        /// When the first recipient accepted.
        pub started_at: Option<Timestamp>,
        /// When it stops ringing.
        pub expires_at: Option<Timestamp>,
        /// The caller's name, where the server knows it.
        pub caller_name: Option<PrivateText>,
    }

    /// A recipient took the call with one of their devices; their others stop ringing.
    pub struct AcceptedEvent {
        /// The call.
        pub call_id: CallId,
        /// Who.
        pub user_id: UserId,
        /// The device that holds their place.
        pub client_id: Option<ClientId>,
    }

    /// Somebody is in the call, or their place moved to another device.
    pub struct ParticipantJoinedEvent {
        /// The call.
        pub call_id: CallId,
        /// Who.
        pub user_id: UserId,
        /// The device that holds their place.
        pub client_id: Option<ClientId>,
    }

    /// Somebody left the call.
    pub struct ParticipantLeftEvent {
        /// The call.
        pub call_id: CallId,
        /// Who.
        pub user_id: UserId,
    }

    /// A recipient declined.
    pub struct RejectedEvent {
        /// The call.
        pub call_id: CallId,
        /// Who.
        pub user_id: UserId,
        /// Why.
        pub reason: Option<PrivateText>,
    }

    /// The call is over for all.
    pub struct EndedEvent {
        /// The call.
        pub call_id: CallId,
        /// Why.
        pub reason: CallEndReason,
        /// How long it was active; 0 when it never was.
        pub duration_ms: Millis,
    }

    /// To the recipient: nobody of them answered in time.
    pub struct MissedEvent {
        /// The call.
        pub call_id: CallId,
        /// Who called.
        pub caller_id: UserId,
        /// What it would have carried.
        pub call_type: CallType,
    }

    /// A WebRTC signal of another participant.
    pub struct SignalEvent {
        /// The call.
        pub call_id: CallId,
        /// Whose.
        pub sender_id: UserId,
        /// The device that holds their place.
        pub sender_client_id: ClientId,
        /// What it is.
        pub signal_type: SignalType,
        /// The signal: any JSON.
        pub signal: PrivateJson,
    }

    /// What a participant sends has changed.
    pub struct MediaEvent {
        /// The call.
        pub call_id: CallId,
        /// Who.
        pub user_id: UserId,
        /// Voice.
        pub audio: bool,
        /// Picture.
        pub video: bool,
        /// The screen.
        pub screen: bool,
    }

    /// The call arrives badly at a participant.
    pub struct QualityIssueEvent {
        /// The call.
        pub call_id: CallId,
        /// At whom.
        pub user_id: UserId,
        /// Which measure, by its field in `call:quality`.
        pub metric: QualityMetric,
        /// What was measured.
        pub value: Finite,
        /// What would have been well.
        pub threshold: Finite,
    }
}

open_enum! {
    /// A measure of quality, by its field in [`Quality`](super::Quality).
    pub enum QualityMetric {
        /// Lost packets, in percent.
        PacketLossPct = "packetLossPct",
        /// How unevenly packets arrive.
        JitterMs = "jitterMs",
        /// How long a packet takes to the other side and back.
        RoundTripMs = "roundTripMs",
        /// The rate, in kilobits a second.
        BitrateKbps = "bitrateKbps",
    }
}

impl IncomingEvent {
    /// What the devices of a recipient are told about a call.
    pub fn of(call: Call, caller_name: Option<PrivateText>) -> Self {
        Self {
            call_id: call.call_id,
            room_id: call.room_id,
            visit_id: call.visit_id,
            call_type: call.call_type,
            caller_id: call.caller_id,
            state: call.state,
            participants: call.participants,
            started_at: call.started_at,
            expires_at: call.expires_at,
            caller_name,
        }
    }

    /// The call that rings.
    pub fn into_call(self) -> Call {
        Call {
            call_id: self.call_id,
            room_id: self.room_id,
            visit_id: self.visit_id,
            call_type: self.call_type,
            caller_id: self.caller_id,
            state: self.state,
            participants: self.participants,
            started_at: self.started_at,
            expires_at: self.expires_at,
            ended_at: None,
            end_reason: None,
        }
    }
}
