// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

import Foundation

/// What happened: the data of any event of the contract, or of one of a later version.
public enum EventData: Hashable, Sendable {
    /// `connected`
    case connected(ConnectedEvent)
    /// `auth:expiring`
    case authExpiring(AuthExpiringEvent)
    /// `auth:idle`
    case authIdle(AuthIdleEvent)
    /// `server:shutdown`
    case serverShutdown(ServerShutdownEvent)
    /// `room:event`
    case roomEvent(RoomEventEvent)
    /// `room:userJoined`
    case roomUserJoined(RoomUserJoinedEvent)
    /// `room:userLeft`
    case roomUserLeft(RoomUserLeftEvent)
    /// `room:joined`
    case roomJoined(RoomJoinedEvent)
    /// `room:left`
    case roomLeft(RoomLeftEvent)
    /// `message:new`
    case messageNew(MessageNewEvent)
    /// `message:edited`
    case messageEdited(MessageEditedEvent)
    /// `message:deleted`
    case messageDeleted(MessageDeletedEvent)
    /// `message:reaction`
    case messageReaction(MessageReactionEvent)
    /// `message:sent`
    case messageSent(MessageSentEvent)
    /// `message:delivered`
    case messageDelivered(MessageDeliveredEvent)
    /// `message:read`
    case messageRead(MessageReadEvent)
    /// `conversation:update`
    case conversationUpdate(ConversationUpdateEvent)
    /// `unread:update`
    case unreadUpdate(UnreadUpdateEvent)
    /// `message:status`
    case messageStatus(MessageStatusEvent)
    /// `typing:start`
    case typingStart(TypingStartEvent)
    /// `typing:stop`
    case typingStop(TypingStopEvent)
    /// `presence:initial`
    case presenceInitial(PresenceInitialEvent)
    /// `presence:changed`
    case presenceChanged(Presence)
    /// `presence:statusUpdated`
    case presenceStatusUpdated(PresenceStatusUpdatedEvent)
    /// `call:incoming`
    case callIncoming(CallIncomingEvent)
    /// `call:accepted`
    case callAccepted(CallAcceptedEvent)
    /// `call:participantJoined`
    case callParticipantJoined(CallParticipantJoinedEvent)
    /// `call:participantLeft`
    case callParticipantLeft(CallParticipantLeftEvent)
    /// `call:rejected`
    case callRejected(CallRejectedEvent)
    /// `call:ended`
    case callEnded(CallEndedEvent)
    /// `call:missed`
    case callMissed(CallMissedEvent)
    /// `call:signal`
    case callSignal(CallSignalEvent)
    /// `call:media`
    case callMedia(CallMediaEvent)
    /// `call:qualityIssue`
    case callQualityIssue(CallQualityIssueEvent)
    /// `notification:new`
    case notificationNew(NotificationNewEvent)
    /// `notification:read`
    case notificationRead(NotificationReadEvent)
    /// `notification:subscribed`
    case notificationSubscribed(NotificationSubscribedEvent)
    /// `notification:unsubscribed`
    case notificationUnsubscribed(NotificationUnsubscribedEvent)
    /// `appointment:created`
    case appointmentCreated(AppointmentCreatedEvent)
    /// `appointment:updated`
    case appointmentUpdated(AppointmentUpdatedEvent)
    /// `appointment:cancelled`
    case appointmentCancelled(AppointmentCancelledEvent)
    /// `appointment:checkedIn`
    case appointmentCheckedIn(AppointmentCheckedInEvent)
    /// `record:viewersChanged`
    case recordViewersChanged(RecordViewersChangedEvent)
    /// `record:locked`
    case recordLocked(RecordLockedEvent)
    /// `record:unlocked`
    case recordUnlocked(RecordUnlockedEvent)
    /// `report:status`
    case reportStatus(ReportStatusEvent)
    /// `report:completed`
    case reportCompleted(ReportCompletedEvent)
    /// `report:failed`
    case reportFailed(ReportFailedEvent)
    /// `report:cancelRequested`
    case reportCancelRequested(ReportCancelRequestedEvent)
    /// `report:refreshRequested`
    case reportRefreshRequested(ReportRefreshRequestedEvent)
    /// `stream:initial`
    case streamInitial(StreamInitialEvent)
    /// `stream:update`
    case streamUpdate(StreamUpdateEvent)
    /// `vitals:update`
    case vitalsUpdate(VitalsUpdateEvent)
    /// `alert:critical`
    case alertCritical(AlertCriticalEvent)
    /// `system:alert`
    case systemAlert(SystemAlertEvent)
    /// `system:maintenance`
    case systemMaintenance(SystemMaintenanceEvent)
    /// `alert:breakGlass`
    case alertBreakGlass(AlertBreakGlassEvent)
    /// `channel:event`
    case channelEvent(ChannelEventEvent)
    /// `whiteboard:update`
    case whiteboardUpdate(WhiteboardUpdateEvent)
    /// `whiteboard:cursor`
    case whiteboardCursor(WhiteboardCursorEvent)
    /// `whiteboard:cleared`
    case whiteboardCleared(WhiteboardClearedEvent)
    /// `message:outbound`
    case messageOutbound(MessageOutboundEvent)
    /// `push:wanted`
    case pushWanted(PushWantedEvent)
    /// An event of a later version.
    case unknown(UnknownEvent)

    static func read(_ name: String, _ data: Data, by contract: JSONDecoder) throws -> EventData {
        switch name {
        case "connected": .connected(try contract.decode(ConnectedEvent.self, from: data))
        case "auth:expiring": .authExpiring(try contract.decode(AuthExpiringEvent.self, from: data))
        case "auth:idle": .authIdle(try contract.decode(AuthIdleEvent.self, from: data))
        case "server:shutdown": .serverShutdown(try contract.decode(ServerShutdownEvent.self, from: data))
        case "room:event": .roomEvent(try contract.decode(RoomEventEvent.self, from: data))
        case "room:userJoined": .roomUserJoined(try contract.decode(RoomUserJoinedEvent.self, from: data))
        case "room:userLeft": .roomUserLeft(try contract.decode(RoomUserLeftEvent.self, from: data))
        case "room:joined": .roomJoined(try contract.decode(RoomJoinedEvent.self, from: data))
        case "room:left": .roomLeft(try contract.decode(RoomLeftEvent.self, from: data))
        case "message:new": .messageNew(try contract.decode(MessageNewEvent.self, from: data))
        case "message:edited": .messageEdited(try contract.decode(MessageEditedEvent.self, from: data))
        case "message:deleted": .messageDeleted(try contract.decode(MessageDeletedEvent.self, from: data))
        case "message:reaction": .messageReaction(try contract.decode(MessageReactionEvent.self, from: data))
        case "message:sent": .messageSent(try contract.decode(MessageSentEvent.self, from: data))
        case "message:delivered": .messageDelivered(try contract.decode(MessageDeliveredEvent.self, from: data))
        case "message:read": .messageRead(try contract.decode(MessageReadEvent.self, from: data))
        case "conversation:update": .conversationUpdate(try contract.decode(ConversationUpdateEvent.self, from: data))
        case "unread:update": .unreadUpdate(try contract.decode(UnreadUpdateEvent.self, from: data))
        case "message:status": .messageStatus(try contract.decode(MessageStatusEvent.self, from: data))
        case "typing:start": .typingStart(try contract.decode(TypingStartEvent.self, from: data))
        case "typing:stop": .typingStop(try contract.decode(TypingStopEvent.self, from: data))
        case "presence:initial": .presenceInitial(try contract.decode(PresenceInitialEvent.self, from: data))
        case "presence:changed": .presenceChanged(try contract.decode(Presence.self, from: data))
        case "presence:statusUpdated": .presenceStatusUpdated(try contract.decode(PresenceStatusUpdatedEvent.self, from: data))
        case "call:incoming": .callIncoming(try contract.decode(CallIncomingEvent.self, from: data))
        case "call:accepted": .callAccepted(try contract.decode(CallAcceptedEvent.self, from: data))
        case "call:participantJoined": .callParticipantJoined(try contract.decode(CallParticipantJoinedEvent.self, from: data))
        case "call:participantLeft": .callParticipantLeft(try contract.decode(CallParticipantLeftEvent.self, from: data))
        case "call:rejected": .callRejected(try contract.decode(CallRejectedEvent.self, from: data))
        case "call:ended": .callEnded(try contract.decode(CallEndedEvent.self, from: data))
        case "call:missed": .callMissed(try contract.decode(CallMissedEvent.self, from: data))
        case "call:signal": .callSignal(try contract.decode(CallSignalEvent.self, from: data))
        case "call:media": .callMedia(try contract.decode(CallMediaEvent.self, from: data))
        case "call:qualityIssue": .callQualityIssue(try contract.decode(CallQualityIssueEvent.self, from: data))
        case "notification:new": .notificationNew(try contract.decode(NotificationNewEvent.self, from: data))
        case "notification:read": .notificationRead(try contract.decode(NotificationReadEvent.self, from: data))
        case "notification:subscribed": .notificationSubscribed(try contract.decode(NotificationSubscribedEvent.self, from: data))
        case "notification:unsubscribed": .notificationUnsubscribed(try contract.decode(NotificationUnsubscribedEvent.self, from: data))
        case "appointment:created": .appointmentCreated(try contract.decode(AppointmentCreatedEvent.self, from: data))
        case "appointment:updated": .appointmentUpdated(try contract.decode(AppointmentUpdatedEvent.self, from: data))
        case "appointment:cancelled": .appointmentCancelled(try contract.decode(AppointmentCancelledEvent.self, from: data))
        case "appointment:checkedIn": .appointmentCheckedIn(try contract.decode(AppointmentCheckedInEvent.self, from: data))
        case "record:viewersChanged": .recordViewersChanged(try contract.decode(RecordViewersChangedEvent.self, from: data))
        case "record:locked": .recordLocked(try contract.decode(RecordLockedEvent.self, from: data))
        case "record:unlocked": .recordUnlocked(try contract.decode(RecordUnlockedEvent.self, from: data))
        case "report:status": .reportStatus(try contract.decode(ReportStatusEvent.self, from: data))
        case "report:completed": .reportCompleted(try contract.decode(ReportCompletedEvent.self, from: data))
        case "report:failed": .reportFailed(try contract.decode(ReportFailedEvent.self, from: data))
        case "report:cancelRequested": .reportCancelRequested(try contract.decode(ReportCancelRequestedEvent.self, from: data))
        case "report:refreshRequested": .reportRefreshRequested(try contract.decode(ReportRefreshRequestedEvent.self, from: data))
        case "stream:initial": .streamInitial(try contract.decode(StreamInitialEvent.self, from: data))
        case "stream:update": .streamUpdate(try contract.decode(StreamUpdateEvent.self, from: data))
        case "vitals:update": .vitalsUpdate(try contract.decode(VitalsUpdateEvent.self, from: data))
        case "alert:critical": .alertCritical(try contract.decode(AlertCriticalEvent.self, from: data))
        case "system:alert": .systemAlert(try contract.decode(SystemAlertEvent.self, from: data))
        case "system:maintenance": .systemMaintenance(try contract.decode(SystemMaintenanceEvent.self, from: data))
        case "alert:breakGlass": .alertBreakGlass(try contract.decode(AlertBreakGlassEvent.self, from: data))
        case "channel:event": .channelEvent(try contract.decode(ChannelEventEvent.self, from: data))
        case "whiteboard:update": .whiteboardUpdate(try contract.decode(WhiteboardUpdateEvent.self, from: data))
        case "whiteboard:cursor": .whiteboardCursor(try contract.decode(WhiteboardCursorEvent.self, from: data))
        case "whiteboard:cleared": .whiteboardCleared(try contract.decode(WhiteboardClearedEvent.self, from: data))
        case "message:outbound": .messageOutbound(try contract.decode(MessageOutboundEvent.self, from: data))
        case "push:wanted": .pushWanted(try contract.decode(PushWantedEvent.self, from: data))
        default: .unknown(UnknownEvent(name: name, data: try contract.decode(JSONValue.self, from: data)))
        }
    }

    /// As a service publishes it; `nil`: nobody publishes it.
    func published() throws -> PublishedEvent? {
        switch self {
        case .roomEvent(let event): PublishedEvent(type: "room:event", data: try JSONValue(of: event))
        case .appointmentCreated(let event): PublishedEvent(type: "appointment:created", data: try JSONValue(of: event))
        case .appointmentUpdated(let event): PublishedEvent(type: "appointment:updated", data: try JSONValue(of: event))
        case .appointmentCancelled(let event): PublishedEvent(type: "appointment:cancelled", data: try JSONValue(of: event))
        case .appointmentCheckedIn(let event): PublishedEvent(type: "appointment:checkedIn", data: try JSONValue(of: event))
        case .reportStatus(let event): PublishedEvent(type: "report:status", data: try JSONValue(of: event))
        case .reportCompleted(let event): PublishedEvent(type: "report:completed", data: try JSONValue(of: event))
        case .reportFailed(let event): PublishedEvent(type: "report:failed", data: try JSONValue(of: event))
        case .streamUpdate(let event): PublishedEvent(type: "stream:update", data: try JSONValue(of: event))
        case .vitalsUpdate(let event): PublishedEvent(type: "vitals:update", data: try JSONValue(of: event))
        case .alertCritical(let event): PublishedEvent(type: "alert:critical", data: try JSONValue(of: event))
        case .systemAlert(let event): PublishedEvent(type: "system:alert", data: try JSONValue(of: event))
        case .systemMaintenance(let event): PublishedEvent(type: "system:maintenance", data: try JSONValue(of: event))
        case .channelEvent(let event): PublishedEvent(type: "channel:event", data: try JSONValue(of: event))
        default: nil
        }
    }
}
