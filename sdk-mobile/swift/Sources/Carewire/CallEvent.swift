import Foundation

/// What happens in a call.
public enum CallEvent: Hashable, Sendable {
    /// A recipient took it.
    case accepted(user: UserID, client: ClientID?)
    /// Somebody is in it, oneself included, or their place moved to another device.
    case joined(user: UserID, client: ClientID?)
    /// Somebody left it.
    case left(user: UserID)
    /// A recipient declined.
    case rejected(CallRejectedEvent)
    /// An offer, an answer or a candidate of another participant.
    case signal(CallSignalEvent)
    /// What a participant sends has changed.
    case media(CallMediaEvent)
    /// It arrives badly at a participant.
    case qualityIssue(CallQualityIssueEvent)
    /// The connection was lost and is back, and this device is in the call.
    case resumed(CallResumed)
    /// The connection was lost and is back, and the call goes on without this device.
    case lost(CallLost)
    /// It is over for all; without a reason it ended while there was no connection.
    case ended(reason: CallEndReason?, active: Duration)
    /// Something was lost because this stream was not read.
    case missed
}

extension CallEvent {
    /// What an event means for a call.
    init?(_ id: CallID, _ event: Event) {
        switch event {
        case .lagged:
            self = .missed
        case .callResumed(let resumed) where resumed.call.callID == id:
            self = .resumed(resumed)
        case .callLost(let lost) where lost.callID == id:
            self = CallEvent(lost)
        case .server(let event):
            guard let (about, told) = CallEvent.told(event.data), about == id else { return nil }
            self = told
        default:
            return nil
        }
    }

    private init(_ lost: CallLost) {
        switch lost.call?.state {
        case .ended, .rejected, .missed:
            let (start, end) = (lost.call?.startedAt, lost.call?.endedAt)
            let active = start.flatMap { start in end.map { $0.timeIntervalSince(start) } }
            self = .ended(reason: lost.call?.endReason, active: .milliseconds(Int64((active ?? 0) * 1000)))
        default:
            self = .lost(lost)
        }
    }

    private static func told(_ data: EventData) -> (CallID, CallEvent)? {
        switch data {
        case .callAccepted(let it): (it.callID, .accepted(user: it.userID, client: it.clientID))
        case .callParticipantJoined(let it): (it.callID, .joined(user: it.userID, client: it.clientID))
        case .callParticipantLeft(let it): (it.callID, .left(user: it.userID))
        case .callRejected(let it): (it.callID, .rejected(it))
        case .callEnded(let it): (it.callID, .ended(reason: it.reason, active: it.duration))
        case .callSignal(let it): (it.callID, .signal(it))
        case .callMedia(let it): (it.callID, .media(it))
        case .callQualityIssue(let it): (it.callID, .qualityIssue(it))
        default: nil
        }
    }
}
