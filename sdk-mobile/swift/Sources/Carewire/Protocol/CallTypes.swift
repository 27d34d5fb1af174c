// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

import Foundation

/// A call.
public struct CallInfo: Codable, Hashable, Sendable {
    /// The call.
    public var callID: CallID
    /// Its room: `call:{visitId}` for the call of a visit, else `call:{callId}`.
    public var roomID: RoomID
    /// The visit it belongs to.
    public var visitID: VisitID?
    /// What it carries.
    public var callType: CallType
    /// Who started it.
    public var callerID: UserID
    /// Where it stands.
    public var state: CallState
    /// Everybody concerned, the caller included.
    public var participants: [CallParticipant]
    /// When the first recipient accepted.
    public var startedAt: Date?
    /// When it stops ringing.
    public var expiresAt: Date?
    /// When it ended.
    public var endedAt: Date?
    /// Why it ended.
    public var endReason: CallEndReason?

    public init(
        callID: CallID,
        roomID: RoomID,
        visitID: VisitID? = nil,
        callType: CallType,
        callerID: UserID,
        state: CallState,
        participants: [CallParticipant] = [],
        startedAt: Date? = nil,
        expiresAt: Date? = nil,
        endedAt: Date? = nil,
        endReason: CallEndReason? = nil
    ) {
        self.callID = callID
        self.roomID = roomID
        self.visitID = visitID
        self.callType = callType
        self.callerID = callerID
        self.state = state
        self.participants = participants
        self.startedAt = startedAt
        self.expiresAt = expiresAt
        self.endedAt = endedAt
        self.endReason = endReason
    }

    private enum CodingKeys: String, CodingKey {
        case callID = "callId"
        case roomID = "roomId"
        case visitID = "visitId"
        case callType
        case callerID = "callerId"
        case state
        case participants
        case startedAt
        case expiresAt
        case endedAt
        case endReason
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.callID = try fields.decode(CallID.self, forKey: .callID)
        self.roomID = try fields.decode(RoomID.self, forKey: .roomID)
        self.visitID = try fields.decodeIfPresent(VisitID.self, forKey: .visitID)
        self.callType = try fields.decode(CallType.self, forKey: .callType)
        self.callerID = try fields.decode(UserID.self, forKey: .callerID)
        self.state = try fields.decode(CallState.self, forKey: .state)
        self.participants = try fields.decodeIfPresent([CallParticipant].self, forKey: .participants) ?? []
        self.startedAt = try fields.decodeIfPresent(Date.self, forKey: .startedAt)
        self.expiresAt = try fields.decodeIfPresent(Date.self, forKey: .expiresAt)
        self.endedAt = try fields.decodeIfPresent(Date.self, forKey: .endedAt)
        self.endReason = try fields.decodeIfPresent(CallEndReason.self, forKey: .endReason)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(callID, forKey: .callID)
        try fields.encode(roomID, forKey: .roomID)
        try fields.encodeIfPresent(visitID, forKey: .visitID)
        try fields.encode(callType, forKey: .callType)
        try fields.encode(callerID, forKey: .callerID)
        try fields.encode(state, forKey: .state)
        try fields.encode(participants, forKey: .participants)
        try fields.encodeIfPresent(startedAt, forKey: .startedAt)
        try fields.encodeIfPresent(expiresAt, forKey: .expiresAt)
        try fields.encodeIfPresent(endedAt, forKey: .endedAt)
        try fields.encodeIfPresent(endReason, forKey: .endReason)
    }
}

/// What a call carries when it starts.
public enum CallType: Word {
    /// Voice alone.
    case audio
    /// Voice and picture.
    case video
    /// A word of a later version.
    case other(String)

    public static let known: [CallType] = [.audio, .video]

    public init(word: String) {
        switch word {
        case "audio": self = .audio
        case "video": self = .video
        default: self = .other(word)
        }
    }

    public var word: String {
        switch self {
        case .audio: "audio"
        case .video: "video"
        case .other(let word): word
        }
    }
}

/// Where a call stands: `ringing → active → ended | rejected | missed`.
public enum CallState: Word {
    /// Nobody has accepted yet.
    case ringing
    /// Two or more are in it, or were a moment ago.
    case active
    /// It took place and is over.
    case ended
    /// Every recipient declined.
    case rejected
    /// Nobody answered in time.
    case missed
    /// A word of a later version.
    case other(String)

    public static let known: [CallState] = [.ringing, .active, .ended, .rejected, .missed]

    public init(word: String) {
        switch word {
        case "ringing": self = .ringing
        case "active": self = .active
        case "ended": self = .ended
        case "rejected": self = .rejected
        case "missed": self = .missed
        default: self = .other(word)
        }
    }

    public var word: String {
        switch self {
        case .ringing: "ringing"
        case .active: "active"
        case .ended: "ended"
        case .rejected: "rejected"
        case .missed: "missed"
        case .other(let word): word
        }
    }
}

/// One person in a call.
public struct CallParticipant: Codable, Hashable, Sendable {
    /// Who.
    public var userID: UserID
    /// The device that holds their place.
    public var clientID: ClientID?
    /// Where they stand.
    public var state: ParticipantState
    /// Whether they send voice.
    public var audio: Bool
    /// Whether they send a picture.
    public var video: Bool
    /// Whether they send their screen.
    public var screen: Bool

    public init(
        userID: UserID,
        clientID: ClientID? = nil,
        state: ParticipantState,
        audio: Bool,
        video: Bool,
        screen: Bool
    ) {
        self.userID = userID
        self.clientID = clientID
        self.state = state
        self.audio = audio
        self.video = video
        self.screen = screen
    }

    private enum CodingKeys: String, CodingKey {
        case userID = "userId"
        case clientID = "clientId"
        case state
        case audio
        case video
        case screen
    }
}

/// Where one participant of a call stands.
public enum ParticipantState: Word {
    /// Their devices ring.
    case ringing
    /// In the call, with one device.
    case joined
    /// Was in it.
    case left
    /// Declined.
    case rejected
    /// Did not answer in time.
    case missed
    /// A word of a later version.
    case other(String)

    public static let known: [ParticipantState] = [.ringing, .joined, .left, .rejected, .missed]

    public init(word: String) {
        switch word {
        case "ringing": self = .ringing
        case "joined": self = .joined
        case "left": self = .left
        case "rejected": self = .rejected
        case "missed": self = .missed
        default: self = .other(word)
        }
    }

    public var word: String {
        switch self {
        case .ringing: "ringing"
        case .joined: "joined"
        case .left: "left"
        case .rejected: "rejected"
        case .missed: "missed"
        case .other(let word): word
        }
    }
}

/// Why a call ended.
public enum CallEndReason: Word {
    /// Somebody who may ended it for all.
    case hangup
    /// Fewer than two remained.
    case lastLeft
    /// Nobody answered, or nobody came back.
    case timeout
    /// The server restarted and nobody came back.
    case restart
    /// A word of a later version.
    case other(String)

    public static let known: [CallEndReason] = [.hangup, .lastLeft, .timeout, .restart]

    public init(word: String) {
        switch word {
        case "hangup": self = .hangup
        case "lastLeft": self = .lastLeft
        case "timeout": self = .timeout
        case "restart": self = .restart
        default: self = .other(word)
        }
    }

    public var word: String {
        switch self {
        case .hangup: "hangup"
        case .lastLeft: "lastLeft"
        case .timeout: "timeout"
        case .restart: "restart"
        case .other(let word): word
        }
    }
}

/// Calls people one may chat with, or participants of the visit.
public struct CallInitiateCommand: Command {
    public typealias Reply = CallInitiateReply
    public static let wireName = "call:initiate"

    /// Whose devices ring; at least one.
    public var recipientIDs: [UserID]
    /// The visit the call belongs to.
    public var visitID: VisitID?
    /// What it carries.
    public var callType: CallType

    public init(recipientIDs: [UserID], visitID: VisitID? = nil, callType: CallType) {
        self.recipientIDs = recipientIDs
        self.visitID = visitID
        self.callType = callType
    }

    private enum CodingKeys: String, CodingKey {
        case recipientIDs = "recipientIds"
        case visitID = "visitId"
        case callType
    }
}

/// Rings.
public struct CallInitiateReply: Codable, Hashable, Sendable {
    /// The call.
    public var callID: CallID
    /// Its room.
    public var roomID: RoomID
    /// Where it stands.
    public var state: CallState

    public init(callID: CallID, roomID: RoomID, state: CallState) {
        self.callID = callID
        self.roomID = roomID
        self.state = state
    }

    private enum CodingKeys: String, CodingKey {
        case callID = "callId"
        case roomID = "roomId"
        case state
    }
}

/// Takes a ringing call with this device.
public struct CallAcceptCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "call:accept"

    /// The call.
    public var callID: CallID

    public init(callID: CallID) {
        self.callID = callID
    }

    private enum CodingKeys: String, CodingKey {
        case callID = "callId"
    }
}

/// Declines a ringing call.
public struct CallRejectCommand: Command, Private {
    public typealias Reply = Empty
    public static let wireName = "call:reject"

    /// The call.
    public var callID: CallID
    /// Why, for the caller; at most 1,024 bytes.
    public var reason: String?

    public init(callID: CallID, reason: String? = nil) {
        self.callID = callID
        self.reason = reason
    }

    private enum CodingKeys: String, CodingKey {
        case callID = "callId"
        case reason
    }

    public var description: String {
        "CallRejectCommand(callID: \(callID), reason: …)"
    }
}

/// Ends a call for all: its initiator, providers, staff and admins. For others, `call:leave`.
public struct CallEndCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "call:end"

    /// The call.
    public var callID: CallID

    public init(callID: CallID) {
        self.callID = callID
    }

    private enum CodingKeys: String, CodingKey {
        case callID = "callId"
    }
}

/// Leaves a call.
public struct CallLeaveCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "call:leave"

    /// The call.
    public var callID: CallID

    public init(callID: CallID) {
        self.callID = callID
    }

    private enum CodingKeys: String, CodingKey {
        case callID = "callId"
    }
}

/// Enters a call again with this device, or the call of a visit, which starts when there is
/// none. Exactly one of the two fields is given.
public struct CallJoinCommand: Command {
    public typealias Reply = CallJoinReply
    public static let wireName = "call:join"

    /// The call.
    public var callID: CallID?
    /// The visit whose call is meant.
    public var visitID: VisitID?

    public init(callID: CallID? = nil, visitID: VisitID? = nil) {
        self.callID = callID
        self.visitID = visitID
    }

    private enum CodingKeys: String, CodingKey {
        case callID = "callId"
        case visitID = "visitId"
    }
}

/// Joined.
public struct CallJoinReply: Codable, Hashable, Sendable {
    /// The call as it is now.
    public var call: CallInfo

    public init(call: CallInfo) {
        self.call = call
    }
}

/// Passes a WebRTC signal on.
public struct CallSignalCommand: Command, Private {
    public typealias Reply = Empty
    public static let wireName = "call:signal"

    /// The call.
    public var callID: CallID
    /// To whom; to all other participants when left out.
    public var recipientID: UserID?
    /// What it is.
    public var signalType: SignalType
    /// The signal: any JSON, at most 64 KiB.
    public var signal: JSONValue

    public init(
        callID: CallID,
        recipientID: UserID? = nil,
        signalType: SignalType,
        signal: JSONValue
    ) {
        self.callID = callID
        self.recipientID = recipientID
        self.signalType = signalType
        self.signal = signal
    }

    private enum CodingKeys: String, CodingKey {
        case callID = "callId"
        case recipientID = "recipientId"
        case signalType
        case signal
    }

    public var description: String {
        "CallSignalCommand(callID: \(callID), recipientID: \(shown(recipientID)), signalType: \(signalType), signal: …)"
    }
}

/// What a WebRTC signal is.
public enum SignalType: Word {
    /// A session description that asks.
    case offer
    /// A session description that answers.
    case answer
    /// A network address to try.
    case iceCandidate
    /// A word of a later version.
    case other(String)

    public static let known: [SignalType] = [.offer, .answer, .iceCandidate]

    public init(word: String) {
        switch word {
        case "offer": self = .offer
        case "answer": self = .answer
        case "ice_candidate": self = .iceCandidate
        default: self = .other(word)
        }
    }

    public var word: String {
        switch self {
        case .offer: "offer"
        case .answer: "answer"
        case .iceCandidate: "ice_candidate"
        case .other(let word): word
        }
    }
}

/// Says what this device sends to the call.
public struct CallMediaCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "call:media"

    /// The call.
    public var callID: CallID
    /// Voice.
    public var audio: Bool
    /// Picture.
    public var video: Bool
    /// The screen.
    public var screen: Bool

    public init(callID: CallID, audio: Bool, video: Bool, screen: Bool) {
        self.callID = callID
        self.audio = audio
        self.video = video
        self.screen = screen
    }

    private enum CodingKeys: String, CodingKey {
        case callID = "callId"
        case audio
        case video
        case screen
    }
}

/// Reports how well the call arrives here.
public struct CallQualityCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "call:quality"

    /// The call.
    public var callID: CallID
    /// Lost packets, in percent.
    public var packetLossPct: Double
    /// How unevenly packets arrive.
    public var jitter: Duration
    /// How long a packet takes to the other side and back.
    public var roundTrip: Duration
    /// The rate, in kilobits a second.
    public var bitrateKbps: Double

    public init(
        callID: CallID,
        packetLossPct: Double,
        jitter: Duration,
        roundTrip: Duration,
        bitrateKbps: Double
    ) {
        self.callID = callID
        self.packetLossPct = packetLossPct
        self.jitter = jitter
        self.roundTrip = roundTrip
        self.bitrateKbps = bitrateKbps
    }

    private enum CodingKeys: String, CodingKey {
        case callID = "callId"
        case packetLossPct
        case jitter = "jitterMs"
        case roundTrip = "roundTripMs"
        case bitrateKbps
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.callID = try fields.decode(CallID.self, forKey: .callID)
        self.packetLossPct = try fields.decode(Double.self, forKey: .packetLossPct)
        self.jitter = try fields.millis(.jitter)
        self.roundTrip = try fields.millis(.roundTrip)
        self.bitrateKbps = try fields.decode(Double.self, forKey: .bitrateKbps)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(callID, forKey: .callID)
        try fields.encode(packetLossPct, forKey: .packetLossPct)
        try fields.encodeMillis(jitter, .jitter)
        try fields.encodeMillis(roundTrip, .roundTrip)
        try fields.encode(bitrateKbps, forKey: .bitrateKbps)
    }
}

/// Asks for one's calls, the newest first.
public struct CallHistoryCommand: Command {
    public typealias Reply = CallHistoryReply
    public static let wireName = "call:history"

    /// Where the former page ended.
    public var cursor: String?
    /// How many: 1 to 100, 50 when left out.
    public var limit: Int?

    public init(cursor: String? = nil, limit: Int? = nil) {
        self.cursor = cursor
        self.limit = limit
    }
}

/// A page of calls.
public struct CallHistoryReply: Codable, Hashable, Sendable {
    /// The newest first.
    public var calls: [CallInfo]
    /// Set when there are more.
    public var cursor: String?

    public init(calls: [CallInfo], cursor: String? = nil) {
        self.calls = calls
        self.cursor = cursor
    }
}

/// It rings here: the call, and who calls.
public struct CallIncomingEvent: Codable, Hashable, Sendable, Private {
    /// The call.
    public var callID: CallID
    /// Its room.
    public var roomID: RoomID
    /// The visit it belongs to.
    public var visitID: VisitID?
    /// What it carries.
    public var callType: CallType
    /// Who calls.
    public var callerID: UserID
    /// Where it stands.
    public var state: CallState
    /// Everybody concerned, the caller included.
    public var participants: [CallParticipant]
    /// When the first recipient accepted.
    public var startedAt: Date?
    /// When it stops ringing.
    public var expiresAt: Date?
    /// The caller's name, where the server knows it.
    public var callerName: String?

    public init(
        callID: CallID,
        roomID: RoomID,
        visitID: VisitID? = nil,
        callType: CallType,
        callerID: UserID,
        state: CallState,
        participants: [CallParticipant] = [],
        startedAt: Date? = nil,
        expiresAt: Date? = nil,
        callerName: String? = nil
    ) {
        self.callID = callID
        self.roomID = roomID
        self.visitID = visitID
        self.callType = callType
        self.callerID = callerID
        self.state = state
        self.participants = participants
        self.startedAt = startedAt
        self.expiresAt = expiresAt
        self.callerName = callerName
    }

    private enum CodingKeys: String, CodingKey {
        case callID = "callId"
        case roomID = "roomId"
        case visitID = "visitId"
        case callType
        case callerID = "callerId"
        case state
        case participants
        case startedAt
        case expiresAt
        case callerName
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.callID = try fields.decode(CallID.self, forKey: .callID)
        self.roomID = try fields.decode(RoomID.self, forKey: .roomID)
        self.visitID = try fields.decodeIfPresent(VisitID.self, forKey: .visitID)
        self.callType = try fields.decode(CallType.self, forKey: .callType)
        self.callerID = try fields.decode(UserID.self, forKey: .callerID)
        self.state = try fields.decode(CallState.self, forKey: .state)
        self.participants = try fields.decodeIfPresent([CallParticipant].self, forKey: .participants) ?? []
        self.startedAt = try fields.decodeIfPresent(Date.self, forKey: .startedAt)
        self.expiresAt = try fields.decodeIfPresent(Date.self, forKey: .expiresAt)
        self.callerName = try fields.decodeIfPresent(String.self, forKey: .callerName)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(callID, forKey: .callID)
        try fields.encode(roomID, forKey: .roomID)
        try fields.encodeIfPresent(visitID, forKey: .visitID)
        try fields.encode(callType, forKey: .callType)
        try fields.encode(callerID, forKey: .callerID)
        try fields.encode(state, forKey: .state)
        try fields.encode(participants, forKey: .participants)
        try fields.encodeIfPresent(startedAt, forKey: .startedAt)
        try fields.encodeIfPresent(expiresAt, forKey: .expiresAt)
        try fields.encodeIfPresent(callerName, forKey: .callerName)
    }

    public var description: String {
        "CallIncomingEvent(callID: \(callID), roomID: \(roomID), visitID: \(shown(visitID)), callType: \(callType), callerID: \(callerID), state: \(state), participants: \(participants), startedAt: \(shown(startedAt)), expiresAt: \(shown(expiresAt)), callerName: …)"
    }
}

/// A recipient took the call with one of their devices; their others stop ringing.
public struct CallAcceptedEvent: Codable, Hashable, Sendable {
    /// The call.
    public var callID: CallID
    /// Who.
    public var userID: UserID
    /// The device that holds their place.
    public var clientID: ClientID?

    public init(callID: CallID, userID: UserID, clientID: ClientID? = nil) {
        self.callID = callID
        self.userID = userID
        self.clientID = clientID
    }

    private enum CodingKeys: String, CodingKey {
        case callID = "callId"
        case userID = "userId"
        case clientID = "clientId"
    }
}

/// Somebody is in the call, or their place moved to another device.
public struct CallParticipantJoinedEvent: Codable, Hashable, Sendable {
    /// The call.
    public var callID: CallID
    /// Who.
    public var userID: UserID
    /// The device that holds their place.
    public var clientID: ClientID?

    public init(callID: CallID, userID: UserID, clientID: ClientID? = nil) {
        self.callID = callID
        self.userID = userID
        self.clientID = clientID
    }

    private enum CodingKeys: String, CodingKey {
        case callID = "callId"
        case userID = "userId"
        case clientID = "clientId"
    }
}

/// Somebody left the call.
public struct CallParticipantLeftEvent: Codable, Hashable, Sendable {
    /// The call.
    public var callID: CallID
    /// Who.
    public var userID: UserID

    public init(callID: CallID, userID: UserID) {
        self.callID = callID
        self.userID = userID
    }

    private enum CodingKeys: String, CodingKey {
        case callID = "callId"
        case userID = "userId"
    }
}

/// A recipient declined.
public struct CallRejectedEvent: Codable, Hashable, Sendable, Private {
    /// The call.
    public var callID: CallID
    /// Who.
    public var userID: UserID
    /// Why.
    public var reason: String?

    public init(callID: CallID, userID: UserID, reason: String? = nil) {
        self.callID = callID
        self.userID = userID
        self.reason = reason
    }

    private enum CodingKeys: String, CodingKey {
        case callID = "callId"
        case userID = "userId"
        case reason
    }

    public var description: String {
        "CallRejectedEvent(callID: \(callID), userID: \(userID), reason: …)"
    }
}

/// The call is over for all.
public struct CallEndedEvent: Codable, Hashable, Sendable {
    /// The call.
    public var callID: CallID
    /// Why.
    public var reason: CallEndReason
    /// How long it was active; 0 when it never was.
    public var duration: Duration

    public init(callID: CallID, reason: CallEndReason, duration: Duration) {
        self.callID = callID
        self.reason = reason
        self.duration = duration
    }

    private enum CodingKeys: String, CodingKey {
        case callID = "callId"
        case reason
        case duration = "durationMs"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.callID = try fields.decode(CallID.self, forKey: .callID)
        self.reason = try fields.decode(CallEndReason.self, forKey: .reason)
        self.duration = try fields.millis(.duration)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(callID, forKey: .callID)
        try fields.encode(reason, forKey: .reason)
        try fields.encodeMillis(duration, .duration)
    }
}

/// To the recipient: nobody of them answered in time.
public struct CallMissedEvent: Codable, Hashable, Sendable {
    /// The call.
    public var callID: CallID
    /// Who called.
    public var callerID: UserID
    /// What it would have carried.
    public var callType: CallType

    public init(callID: CallID, callerID: UserID, callType: CallType) {
        self.callID = callID
        self.callerID = callerID
        self.callType = callType
    }

    private enum CodingKeys: String, CodingKey {
        case callID = "callId"
        case callerID = "callerId"
        case callType
    }
}

/// A WebRTC signal of another participant.
public struct CallSignalEvent: Codable, Hashable, Sendable, Private {
    /// The call.
    public var callID: CallID
    /// Whose.
    public var senderID: UserID
    /// The device that holds their place.
    public var senderClientID: ClientID
    /// What it is.
    public var signalType: SignalType
    /// The signal: any JSON.
    public var signal: JSONValue

    public init(
        callID: CallID,
        senderID: UserID,
        senderClientID: ClientID,
        signalType: SignalType,
        signal: JSONValue
    ) {
        self.callID = callID
        self.senderID = senderID
        self.senderClientID = senderClientID
        self.signalType = signalType
        self.signal = signal
    }

    private enum CodingKeys: String, CodingKey {
        case callID = "callId"
        case senderID = "senderId"
        case senderClientID = "senderClientId"
        case signalType
        case signal
    }

    public var description: String {
        "CallSignalEvent(callID: \(callID), senderID: \(senderID), senderClientID: \(senderClientID), signalType: \(signalType), signal: …)"
    }
}

/// What a participant sends has changed.
public struct CallMediaEvent: Codable, Hashable, Sendable {
    /// The call.
    public var callID: CallID
    /// Who.
    public var userID: UserID
    /// Voice.
    public var audio: Bool
    /// Picture.
    public var video: Bool
    /// The screen.
    public var screen: Bool

    public init(callID: CallID, userID: UserID, audio: Bool, video: Bool, screen: Bool) {
        self.callID = callID
        self.userID = userID
        self.audio = audio
        self.video = video
        self.screen = screen
    }

    private enum CodingKeys: String, CodingKey {
        case callID = "callId"
        case userID = "userId"
        case audio
        case video
        case screen
    }
}

/// The call arrives badly at a participant.
public struct CallQualityIssueEvent: Codable, Hashable, Sendable {
    /// The call.
    public var callID: CallID
    /// At whom.
    public var userID: UserID
    /// Which measure, by its field in `call:quality`.
    public var metric: QualityMetric
    /// What was measured.
    public var value: Double
    /// What would have been well.
    public var threshold: Double

    public init(
        callID: CallID,
        userID: UserID,
        metric: QualityMetric,
        value: Double,
        threshold: Double
    ) {
        self.callID = callID
        self.userID = userID
        self.metric = metric
        self.value = value
        self.threshold = threshold
    }

    private enum CodingKeys: String, CodingKey {
        case callID = "callId"
        case userID = "userId"
        case metric
        case value
        case threshold
    }
}

/// A measure of quality, by its field in `call:quality`.
public enum QualityMetric: Word {
    /// Lost packets, in percent.
    case packetLossPct
    /// How unevenly packets arrive.
    case jitterMs
    /// How long a packet takes to the other side and back.
    case roundTripMs
    /// The rate, in kilobits a second.
    case bitrateKbps
    /// A word of a later version.
    case other(String)

    public static let known: [QualityMetric] = [.packetLossPct, .jitterMs, .roundTripMs, .bitrateKbps]

    public init(word: String) {
        switch word {
        case "packetLossPct": self = .packetLossPct
        case "jitterMs": self = .jitterMs
        case "roundTripMs": self = .roundTripMs
        case "bitrateKbps": self = .bitrateKbps
        default: self = .other(word)
        }
    }

    public var word: String {
        switch self {
        case .packetLossPct: "packetLossPct"
        case .jitterMs: "jitterMs"
        case .roundTripMs: "roundTripMs"
        case .bitrateKbps: "bitrateKbps"
        case .other(let word): word
        }
    }
}
