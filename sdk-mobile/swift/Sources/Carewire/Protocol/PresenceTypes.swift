// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

import Foundation

/// Asks for presences once.
public struct PresenceGetCommand: Command {
    public typealias Reply = PresenceGetReply
    public static let wireName = "presence:get"

    /// Whose; at most 500.
    public var userIDs: [UserID]

    public init(userIDs: [UserID]) {
        self.userIDs = userIDs
    }

    private enum CodingKeys: String, CodingKey {
        case userIDs = "userIds"
    }
}

/// Presences, in the order asked for.
public struct PresenceGetReply: Codable, Hashable, Sendable {
    /// Whoever the asker may not see looks offline.
    public var presences: [Presence]

    public init(presences: [Presence]) {
        self.presences = presences
    }
}

/// One person over all devices.
public struct Presence: Codable, Hashable, Sendable, Private {
    /// Who.
    public var userID: UserID
    /// Whether they can be reached.
    public var status: PresenceStatus
    /// Their own words beside it.
    public var customStatus: String?
    /// When they were last connected; now, while they are.
    public var lastSeenAt: Date?
    /// How many devices are connected.
    public var devices: Int

    public init(
        userID: UserID,
        status: PresenceStatus,
        customStatus: String? = nil,
        lastSeenAt: Date? = nil,
        devices: Int
    ) {
        self.userID = userID
        self.status = status
        self.customStatus = customStatus
        self.lastSeenAt = lastSeenAt
        self.devices = devices
    }

    private enum CodingKeys: String, CodingKey {
        case userID = "userId"
        case status
        case customStatus
        case lastSeenAt
        case devices
    }

    public var description: String {
        "Presence(userID: \(userID), status: \(status), customStatus: …, lastSeenAt: \(shown(lastSeenAt)), devices: \(devices))"
    }
}

/// Whether a person can be reached.
public enum PresenceStatus: Word {
    /// There.
    case online
    /// Connected, but not at the device.
    case away
    /// Does not want to be disturbed.
    case busy
    /// In a call; set and cleared by calls.
    case inCall
    /// Not connected, or not for the asker to know.
    case offline
    /// A word of a later version.
    case other(String)

    public static let known: [PresenceStatus] = [.online, .away, .busy, .inCall, .offline]

    public init(word: String) {
        switch word {
        case "online": self = .online
        case "away": self = .away
        case "busy": self = .busy
        case "in_call": self = .inCall
        case "offline": self = .offline
        default: self = .other(word)
        }
    }

    public var word: String {
        switch self {
        case .online: "online"
        case .away: "away"
        case .busy: "busy"
        case .inCall: "in_call"
        case .offline: "offline"
        case .other(let word): word
        }
    }
}

/// Sets one's status on all devices. It outlives a reconnect.
public struct PresenceSetStatusCommand: Command, Private {
    public typealias Reply = Empty
    public static let wireName = "presence:setStatus"

    /// `online`, `away` or `busy`.
    public var status: PresenceStatus
    /// A few words beside it, at most 1,024 bytes.
    public var customStatus: String?

    public init(status: PresenceStatus, customStatus: String? = nil) {
        self.status = status
        self.customStatus = customStatus
    }

    public var description: String {
        "PresenceSetStatusCommand(status: \(status), customStatus: …)"
    }
}

/// Asks for presences now and whenever they change.
public struct PresenceSubscribeCommand: Command {
    public typealias Reply = PresenceGetReply
    public static let wireName = "presence:subscribe"

    /// Whose; at most 500.
    public var userIDs: [UserID]

    public init(userIDs: [UserID]) {
        self.userIDs = userIDs
    }

    private enum CodingKeys: String, CodingKey {
        case userIDs = "userIds"
    }
}

/// Ends such a subscription.
public struct PresenceUnsubscribeCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "presence:unsubscribe"

    /// Whose; at most 500.
    public var userIDs: [UserID]

    public init(userIDs: [UserID]) {
        self.userIDs = userIDs
    }

    private enum CodingKeys: String, CodingKey {
        case userIDs = "userIds"
    }
}

/// The presences of a new subscription.
public struct PresenceInitialEvent: Codable, Hashable, Sendable {
    /// Whoever the asker may not see looks offline.
    public var presences: [Presence]

    public init(presences: [Presence]) {
        self.presences = presences
    }
}

/// One's own status was set by another device.
public struct PresenceStatusUpdatedEvent: Codable, Hashable, Sendable, Private {
    /// The status.
    public var status: PresenceStatus
    /// The words beside it.
    public var customStatus: String?

    public init(status: PresenceStatus, customStatus: String? = nil) {
        self.status = status
        self.customStatus = customStatus
    }

    public var description: String {
        "PresenceStatusUpdatedEvent(status: \(status), customStatus: …)"
    }
}
