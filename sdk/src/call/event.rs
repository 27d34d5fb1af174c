//! What happens in a call.

use crate::{CallLost, CallResumed, Event};
use carewire_protocol::{
    CallId, ClientId, EventData, PrivateText, UserId,
    call::{CallEndReason, Event as Wire, MediaEvent, QualityIssueEvent, SignalEvent},
};
use std::{sync::Arc, time::Duration};

/// What happens in a call.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum CallEvent {
    /// A recipient took it.
    Accepted {
        /// Who.
        user: UserId,
        /// With which device.
        client: Option<ClientId>,
    },
    /// Somebody is in it, oneself included, or their place moved to another device.
    Joined {
        /// Who.
        user: UserId,
        /// With which device.
        client: Option<ClientId>,
    },
    /// Somebody left it.
    Left(UserId),
    /// A recipient declined.
    Rejected {
        /// Who.
        user: UserId,
        /// Why, to the caller.
        reason: Option<PrivateText>,
    },
    /// An offer, an answer or a candidate of another participant.
    Signal(SignalEvent),
    /// What a participant sends has changed.
    Media(MediaEvent),
    /// It arrives badly at a participant.
    QualityIssue(QualityIssueEvent),
    /// The connection was lost and is back, and this device is in the call.
    Resumed(Arc<CallResumed>),
    /// The connection was lost and is back, and the call goes on without this device: another one
    /// of the user's took the place, or it may not come back.
    Lost(Arc<CallLost>),
    /// It is over for all.
    Ended {
        /// Why; `None`: it ended while there was no connection, and the server no longer says.
        reason: Option<CallEndReason>,
        /// How long it was active.
        active: Duration,
    },
    /// Something was lost because this stream was not read.
    Missed,
}

impl CallEvent {
    /// What an event means for a call.
    pub(super) fn of(id: &CallId, event: &Event) -> Option<Self> {
        match event {
            Event::Lagged(_) => Some(Self::Missed),
            Event::CallResumed(resumed) if resumed.call_id == *id => {
                Some(Self::Resumed(Arc::clone(resumed)))
            }
            Event::CallLost(lost) if lost.call_id == *id => Some(Self::lost(lost)),
            Event::Server(event) => match &event.data {
                EventData::Call(event) => Self::told(id, event),
                _ => None,
            },
            _ => None,
        }
    }

    fn lost(lost: &Arc<CallLost>) -> Self {
        let call = lost.call.as_ref().and_then(|call| call.read().ok());
        match call {
            Some(call) if call.state.is_over() => Self::Ended {
                reason: call.end_reason,
                active: call
                    .ended_at
                    .zip(call.started_at)
                    .map_or(Duration::ZERO, |(end, start)| end.since(start)),
            },
            _ => Self::Lost(Arc::clone(lost)),
        }
    }

    fn told(id: &CallId, event: &Wire) -> Option<Self> {
        let (about, told) = match event.clone() {
            Wire::Accepted(e) => {
                let (user, client) = (e.user_id, e.client_id);
                (e.call_id, Self::Accepted { user, client })
            }
            Wire::ParticipantJoined(e) => {
                let (user, client) = (e.user_id, e.client_id);
                (e.call_id, Self::Joined { user, client })
            }
            Wire::ParticipantLeft(e) => (e.call_id, Self::Left(e.user_id)),
            Wire::Rejected(e) => {
                let (user, reason) = (e.user_id, e.reason);
                (e.call_id, Self::Rejected { user, reason })
            }
            Wire::Ended(e) => {
                let (reason, active) = (Some(e.reason), e.duration_ms.into());
                (e.call_id, Self::Ended { reason, active })
            }
            Wire::Signal(signal) => (signal.call_id.clone(), Self::Signal(signal)),
            Wire::Media(media) => (media.call_id.clone(), Self::Media(media)),
            Wire::QualityIssue(issue) => (issue.call_id.clone(), Self::QualityIssue(issue)),
            Wire::Incoming(_) | Wire::Missed(_) => return None,
        };
        (about == *id).then_some(told)
    }
}
