// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

import Foundation

/// Somebody who looks at a chart.
public struct Viewer: Codable, Hashable, Sendable, Private {
    /// Who.
    public var userID: UserID
    /// Their name, where the server knows it.
    public var name: String?
    /// Since when.
    public var since: Date

    public init(userID: UserID, name: String? = nil, since: Date) {
        self.userID = userID
        self.name = name
        self.since = since
    }

    private enum CodingKeys: String, CodingKey {
        case userID = "userId"
        case name
        case since
    }

    public var description: String {
        "Viewer(userID: \(userID), name: …, since: \(since))"
    }
}

/// A lease that is held.
public struct LockState: Codable, Hashable, Sendable {
    /// On which part.
    public var recordID: RecordID
    /// Who holds it.
    public var holderID: UserID
    /// When it ends without a renewal.
    public var expiresAt: Date

    public init(recordID: RecordID, holderID: UserID, expiresAt: Date) {
        self.recordID = recordID
        self.holderID = holderID
        self.expiresAt = expiresAt
    }

    private enum CodingKeys: String, CodingKey {
        case recordID = "recordId"
        case holderID = "holderId"
        case expiresAt
    }
}

/// Looks at a patient's chart: joins `patient:` and tells the others there.
public struct RecordViewCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "record:view"

    /// Whose chart.
    public var patientID: UserID

    public init(patientID: UserID) {
        self.patientID = patientID
    }

    private enum CodingKeys: String, CodingKey {
        case patientID = "patientId"
    }
}

/// Looks away again.
public struct RecordUnviewCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "record:unview"

    /// Whose chart.
    public var patientID: UserID

    public init(patientID: UserID) {
        self.patientID = patientID
    }

    private enum CodingKeys: String, CodingKey {
        case patientID = "patientId"
    }
}

/// Asks who looks at a chart.
public struct RecordViewersCommand: Command {
    public typealias Reply = RecordViewersReply
    public static let wireName = "record:viewers"

    /// Whose chart.
    public var patientID: UserID

    public init(patientID: UserID) {
        self.patientID = patientID
    }

    private enum CodingKeys: String, CodingKey {
        case patientID = "patientId"
    }
}

/// Who looks at a chart.
public struct RecordViewersReply: Codable, Hashable, Sendable {
    /// In the order in which they came.
    public var viewers: [Viewer]

    public init(viewers: [Viewer]) {
        self.viewers = viewers
    }
}

/// Takes the lease on a part of a chart.
public struct RecordLockCommand: Command {
    public typealias Reply = RecordLockReply
    public static let wireName = "record:lock"

    /// Which part.
    public var recordID: RecordID
    /// Whose chart.
    public var patientID: UserID
    /// How long it lives without a renewal: 5,000 to 300,000; 30,000 when left out.
    public var ttl: Duration?

    public init(recordID: RecordID, patientID: UserID, ttl: Duration? = nil) {
        self.recordID = recordID
        self.patientID = patientID
        self.ttl = ttl
    }

    private enum CodingKeys: String, CodingKey {
        case recordID = "recordId"
        case patientID = "patientId"
        case ttl = "ttlMs"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.recordID = try fields.decode(RecordID.self, forKey: .recordID)
        self.patientID = try fields.decode(UserID.self, forKey: .patientID)
        self.ttl = try fields.millisIfPresent(.ttl)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(recordID, forKey: .recordID)
        try fields.encode(patientID, forKey: .patientID)
        try fields.encodeMillis(ttl, .ttl)
    }
}

/// The lease.
public struct RecordLockReply: Codable, Hashable, Sendable {
    /// Grows with every grant; what is written under the lease carries it.
    public var fencingToken: Int
    /// When the lease ends without a renewal.
    public var expiresAt: Date

    public init(fencingToken: Int, expiresAt: Date) {
        self.fencingToken = fencingToken
        self.expiresAt = expiresAt
    }
}

/// Prolongs a lease by the time it was taken for.
public struct RecordRenewCommand: Command {
    public typealias Reply = RecordLockReply
    public static let wireName = "record:renew"

    /// Which part.
    public var recordID: RecordID
    /// Whose chart.
    public var patientID: UserID
    /// As granted.
    public var fencingToken: Int

    public init(recordID: RecordID, patientID: UserID, fencingToken: Int) {
        self.recordID = recordID
        self.patientID = patientID
        self.fencingToken = fencingToken
    }

    private enum CodingKeys: String, CodingKey {
        case recordID = "recordId"
        case patientID = "patientId"
        case fencingToken
    }
}

/// Gives a lease back.
public struct RecordUnlockCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "record:unlock"

    /// Which part.
    public var recordID: RecordID
    /// Whose chart.
    public var patientID: UserID
    /// As granted.
    public var fencingToken: Int

    public init(recordID: RecordID, patientID: UserID, fencingToken: Int) {
        self.recordID = recordID
        self.patientID = patientID
        self.fencingToken = fencingToken
    }

    private enum CodingKeys: String, CodingKey {
        case recordID = "recordId"
        case patientID = "patientId"
        case fencingToken
    }
}

/// Somebody looks at the chart, or no longer does.
public struct RecordViewersChangedEvent: Codable, Hashable, Sendable {
    /// Whose chart.
    public var patientID: UserID
    /// All who look at it now, in the order in which they came.
    public var viewers: [Viewer]

    public init(patientID: UserID, viewers: [Viewer]) {
        self.patientID = patientID
        self.viewers = viewers
    }

    private enum CodingKeys: String, CodingKey {
        case patientID = "patientId"
        case viewers
    }
}

/// A lease was granted.
public struct RecordLockedEvent: Codable, Hashable, Sendable {
    /// On which part.
    public var recordID: RecordID
    /// Who holds it.
    public var holderID: UserID
    /// When it ends without a renewal.
    public var expiresAt: Date

    public init(recordID: RecordID, holderID: UserID, expiresAt: Date) {
        self.recordID = recordID
        self.holderID = holderID
        self.expiresAt = expiresAt
    }

    private enum CodingKeys: String, CodingKey {
        case recordID = "recordId"
        case holderID = "holderId"
        case expiresAt
    }
}

/// A lease ended.
public struct RecordUnlockedEvent: Codable, Hashable, Sendable {
    /// On which part.
    public var recordID: RecordID
    /// Why.
    public var reason: UnlockReason

    public init(recordID: RecordID, reason: UnlockReason) {
        self.recordID = recordID
        self.reason = reason
    }

    private enum CodingKeys: String, CodingKey {
        case recordID = "recordId"
        case reason
    }
}

/// Why a lease ended.
public enum UnlockReason: Word {
    /// Its holder gave it back.
    case released
    /// It was not renewed.
    case expired
    /// A backend ended it.
    case revoked
    /// A word of a later version.
    case other(String)

    public static let known: [UnlockReason] = [.released, .expired, .revoked]

    public init(word: String) {
        switch word {
        case "released": self = .released
        case "expired": self = .expired
        case "revoked": self = .revoked
        default: self = .other(word)
        }
    }

    public var word: String {
        switch self {
        case .released: "released"
        case .expired: "expired"
        case .revoked: "revoked"
        case .other(let word): word
        }
    }
}
