//! Audio and video calls: who rings, who is in, and the signals between their devices.

use crate::{
    CallId, ClientId, ErrorReply, Finite, Millis, PrivateJson, PrivateText, RoomId, Timestamp,
    UserId, VisitId, limits, session::Empty,
};

mod event;

pub use event::*;

domain! {
    "Calls"
    commands {
        "call:initiate" => Initiate -> InitiateReply, LiveKeyed checked;
        "call:accept" => Accept -> Empty, Live;
        "call:reject" => Reject -> Empty, Live checked;
        "call:end" => End -> Empty, Live;
        "call:leave" => Leave -> Empty, Live;
        "call:join" => Join -> JoinReply, Live checked;
        "call:signal" => Signal -> Empty, Live checked;
        "call:media" => Media -> Empty, Live;
        "call:quality" => Quality -> Empty, Live checked;
        "call:history" => History -> HistoryReply, State checked;
    }
    events {
        "call:incoming" => Incoming(IncomingEvent), Ephemeral;
        "call:accepted" => Accepted(AcceptedEvent), Ephemeral;
        "call:participantJoined" => ParticipantJoined(ParticipantJoinedEvent), Ephemeral;
        "call:participantLeft" => ParticipantLeft(ParticipantLeftEvent), Ephemeral;
        "call:rejected" => Rejected(RejectedEvent), Ephemeral;
        "call:ended" => Ended(EndedEvent), Ephemeral;
        "call:missed" => Missed(MissedEvent), Retained;
        "call:signal" => Signal(SignalEvent), Ephemeral;
        "call:media" => Media(MediaEvent), Ephemeral;
        "call:qualityIssue" => QualityIssue(QualityIssueEvent), Ephemeral;
    }
}

open_enum! {
    /// What a call carries when it starts.
    pub enum CallType {
        /// Voice alone.
        Audio = "audio",
        /// Voice and picture.
        Video = "video",
    }
}

open_enum! {
    /// Where a call stands: `ringing → active → ended | rejected | missed`.
    pub enum CallState {
        /// Nobody has accepted yet.
        Ringing = "ringing",
        /// Two or more are in it, or were a moment ago.
        Active = "active",
        /// It took place and is over.
        Ended = "ended",
        /// Every recipient declined.
        Rejected = "rejected",
        /// Nobody answered in time.
        Missed = "missed",
    }
}

open_enum! {
    /// Where one participant of a call stands.
    pub enum ParticipantState {
        /// Their devices ring.
        Ringing = "ringing",
        /// In the call, with one device.
        Joined = "joined",
        /// Was in it.
        Left = "left",
        /// Declined.
        Rejected = "rejected",
        /// Did not answer in time.
        Missed = "missed",
    }
}

open_enum! {
    /// What a WebRTC signal is.
    pub enum SignalType {
        /// A session description that asks.
        Offer = "offer",
        /// A session description that answers.
        Answer = "answer",
        /// A network address to try.
        IceCandidate = "ice_candidate",
    }
}

open_enum! {
    /// Why a call ended.
    pub enum CallEndReason {
        /// Somebody who may ended it for all.
        Hangup = "hangup",
        /// Fewer than two remained.
        LastLeft = "lastLeft",
        /// Nobody answered, or nobody came back.
        Timeout = "timeout",
        /// The server restarted and nobody came back.
        Restart = "restart",
    }
}

wire! {
    /// Calls people one may chat with, or participants of the visit.
    pub struct Initiate {
        /// Whose devices ring; at least one.
        pub recipient_ids: Vec<UserId>,
        /// The visit the call belongs to.
        pub visit_id: Option<VisitId>,
        /// What it carries.
        pub call_type: CallType,
    }

    /// Rings.
    pub struct InitiateReply {
        /// The call.
        pub call_id: CallId,
        /// Its room.
        pub room_id: RoomId,
        /// Where it stands.
        pub state: CallState,
    }

    /// Takes a ringing call with this device.
    pub struct Accept {
        /// The call.
        pub call_id: CallId,
    }

    /// Declines a ringing call.
    pub struct Reject {
        /// The call.
        pub call_id: CallId,
        /// Why, for the caller; at most 1,024 bytes.
        pub reason: Option<PrivateText>,
    }

    /// Ends a call for all: its initiator, providers, staff and admins. For others, [`Leave`].
    pub struct End {
        /// The call.
        pub call_id: CallId,
    }

    /// Leaves a call.
    pub struct Leave {
        /// The call.
        pub call_id: CallId,
    }

    /// Enters a call again with this device, or the call of a visit, which starts when there is
    /// none. Exactly one of the two fields is given.
    pub struct Join {
        /// The call.
        pub call_id: Option<CallId>,
        /// The visit whose call is meant.
        pub visit_id: Option<VisitId>,
    }

    /// Joined.
    pub struct JoinReply {
        /// The call as it is now.
        pub call: Call,
    }

    /// Passes a WebRTC signal on.
    pub struct Signal {
        /// The call.
        pub call_id: CallId,
        /// To whom; to all other participants when left out.
        pub recipient_id: Option<UserId>,
        /// What it is.
        pub signal_type: SignalType,
        /// The signal: any JSON, at most 64 KiB.
        pub signal: PrivateJson,
    }

    /// Says what this device sends to the call.
    pub struct Media {
        /// The call.
        pub call_id: CallId,
        /// Voice.
        pub audio: bool,
        /// Picture.
        pub video: bool,
        /// The screen.
        pub screen: bool,
    }

    /// Reports how well the call arrives here.
    pub struct Quality {
        /// The call.
        pub call_id: CallId,
        /// Lost packets, in percent.
        pub packet_loss_pct: Finite,
        /// How unevenly packets arrive.
        pub jitter_ms: Millis,
        /// How long a packet takes to the other side and back.
        pub round_trip_ms: Millis,
        /// The rate, in kilobits a second.
        pub bitrate_kbps: Finite,
    }

    /// Asks for one's calls, the newest first.
    #[derive(Default)]
    pub struct History {
        /// Where the former page ended.
        pub cursor: Option<String>,
        /// How many: 1 to 100, 50 when left out.
        pub limit: Option<u32>,
    }

    /// A page of calls.
    pub struct HistoryReply {
        /// The newest first.
        pub calls: Vec<Call>,
        /// Set when there are more.
        pub cursor: Option<String>,
    }

    /// A call.
    pub struct Call {
        /// The call.
        pub call_id: CallId,
        /// Its room: `call:{visitId}` for the call of a visit, else `call:{callId}`.
        pub room_id: RoomId,
        /// The visit it belongs to.
        pub visit_id: Option<VisitId>,
        /// What it carries.
        pub call_type: CallType,
        /// Who started it.
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
        /// When it ended.
        pub ended_at: Option<Timestamp>,
        /// Why it ended.
        pub end_reason: Option<CallEndReason>,
    }

    /// One person in a call.
    pub struct CallParticipant {
        /// Who.
        pub user_id: UserId,
        /// The device that holds their place.
        pub client_id: Option<ClientId>,
        /// Where they stand.
        pub state: ParticipantState,
        /// Whether they send voice.
        pub audio: bool,
        /// Whether they send a picture.
        pub video: bool,
        /// Whether they send their screen.
        pub screen: bool,
    }
}

impl CallState {
    /// Whether the call is over.
    pub const fn is_over(&self) -> bool {
        matches!(self, Self::Ended | Self::Rejected | Self::Missed)
    }
}

impl Call {
    /// One of those concerned.
    pub fn participant(&self, user: &UserId) -> Option<&CallParticipant> {
        self.participants.iter().find(|one| one.user_id == *user)
    }

    /// Whether somebody rings or is in it.
    pub fn is_busy(&self, user: &UserId) -> bool {
        use ParticipantState::{Joined, Ringing};
        let concerned = self.participant(user);
        let busy = concerned.is_some_and(|one| matches!(one.state, Ringing | Joined));
        busy && !self.state.is_over()
    }
}

impl Initiate {
    fn check(&self) -> Result<(), ErrorReply> {
        limits::check_filled_list("recipientIds", self.recipient_ids.len())?;
        self.call_type.check("callType")
    }
}

impl Reject {
    fn check(&self) -> Result<(), ErrorReply> {
        limits::check_label("reason", self.reason.as_deref().unwrap_or_default())
    }
}

impl Join {
    /// The call with this id.
    pub fn call(call_id: CallId) -> Self {
        Self {
            call_id: Some(call_id),
            visit_id: None,
        }
    }

    /// The call of this visit.
    pub fn visit(visit_id: VisitId) -> Self {
        Self {
            call_id: None,
            visit_id: Some(visit_id),
        }
    }

    fn check(&self) -> Result<(), ErrorReply> {
        match (&self.call_id, &self.visit_id) {
            (None, None) => Err(ErrorReply::invalid(
                "callId",
                "callId or visitId is required",
            )),
            (Some(_), Some(_)) => Err(ErrorReply::invalid(
                "visitId",
                "callId and visitId exclude each other",
            )),
            _ => Ok(()),
        }
    }
}

impl Signal {
    fn check(&self) -> Result<(), ErrorReply> {
        self.signal_type.check("signalType")?;
        limits::check_json("signal", &self.signal, limits::MAX_EPHEMERAL_BYTES)
    }
}

impl Quality {
    fn check(&self) -> Result<(), ErrorReply> {
        if !(0.0..=100.0).contains(&self.packet_loss_pct.get()) {
            return Err(ErrorReply::invalid(
                "packetLossPct",
                "packetLossPct must be from 0 to 100",
            ));
        }
        if self.bitrate_kbps.get() < 0.0 {
            return Err(ErrorReply::invalid(
                "bitrateKbps",
                "bitrateKbps must not be negative",
            ));
        }
        Ok(())
    }
}

impl History {
    fn check(&self) -> Result<(), ErrorReply> {
        limits::check_page(self.limit).map(drop)
    }
}
