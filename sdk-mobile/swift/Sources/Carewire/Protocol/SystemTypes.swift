// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

import Foundation

/// Somebody has to act.
public struct AlertCriticalEvent: Codable, Hashable, Sendable, Private {
    /// About whom; about nobody in particular when left out.
    public var patientID: UserID?
    /// How bad it is.
    public var severity: Severity
    /// What it is, in a line.
    public var title: String
    /// What it is.
    public var message: String

    public init(patientID: UserID? = nil, severity: Severity, title: String, message: String) {
        self.patientID = patientID
        self.severity = severity
        self.title = title
        self.message = message
    }

    private enum CodingKeys: String, CodingKey {
        case patientID = "patientId"
        case severity
        case title
        case message
    }

    public var description: String {
        "AlertCriticalEvent(patientID: \(shown(patientID)), severity: \(severity), title: …, message: …)"
    }
}

/// How bad it is. Backends may use words of their own.
public enum Severity: Word {
    /// To know.
    case low
    /// To look at.
    case medium
    /// To act on soon.
    case high
    /// To act on now.
    case critical
    /// A word of a later version.
    case other(String)

    public static let known: [Severity] = [.low, .medium, .high, .critical]

    public init(word: String) {
        switch word {
        case "low": self = .low
        case "medium": self = .medium
        case "high": self = .high
        case "critical": self = .critical
        default: self = .other(word)
        }
    }

    public var word: String {
        switch self {
        case .low: "low"
        case .medium: "medium"
        case .high: "high"
        case .critical: "critical"
        case .other(let word): word
        }
    }
}

/// Something about the system that everyone should know.
public struct SystemAlertEvent: Codable, Hashable, Sendable, Private {
    /// How loud.
    public var level: AlertLevel
    /// What.
    public var message: String
    /// What to do about it.
    public var action: String?

    public init(level: AlertLevel, message: String, action: String? = nil) {
        self.level = level
        self.message = message
        self.action = action
    }

    public var description: String {
        "SystemAlertEvent(level: \(level), message: …, action: …)"
    }
}

/// How loud a system alert is. Backends may use words of their own.
public enum AlertLevel: Word {
    /// To know.
    case info
    /// Something may go wrong.
    case warning
    /// Something went wrong.
    case error
    /// Nothing goes on.
    case critical
    /// A word of a later version.
    case other(String)

    public static let known: [AlertLevel] = [.info, .warning, .error, .critical]

    public init(word: String) {
        switch word {
        case "info": self = .info
        case "warning": self = .warning
        case "error": self = .error
        case "critical": self = .critical
        default: self = .other(word)
        }
    }

    public var word: String {
        switch self {
        case .info: "info"
        case .warning: "warning"
        case .error: "error"
        case .critical: "critical"
        case .other(let word): word
        }
    }
}

/// The system will be down or slow for a while.
public struct SystemMaintenanceEvent: Codable, Hashable, Sendable, Private {
    /// What will be done.
    public var message: String
    /// From when.
    public var startsAt: Date
    /// For how long.
    public var duration: Duration
    /// Which parts.
    public var affectedServices: [String]

    public init(
        message: String,
        startsAt: Date,
        duration: Duration,
        affectedServices: [String] = []
    ) {
        self.message = message
        self.startsAt = startsAt
        self.duration = duration
        self.affectedServices = affectedServices
    }

    private enum CodingKeys: String, CodingKey {
        case message
        case startsAt
        case duration = "durationMs"
        case affectedServices
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.message = try fields.decode(String.self, forKey: .message)
        self.startsAt = try fields.decode(Date.self, forKey: .startsAt)
        self.duration = try fields.millis(.duration)
        self.affectedServices = try fields.decodeIfPresent([String].self, forKey: .affectedServices) ?? []
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(message, forKey: .message)
        try fields.encode(startsAt, forKey: .startsAt)
        try fields.encodeMillis(duration, .duration)
        try fields.encode(affectedServices, forKey: .affectedServices)
    }

    public var description: String {
        "SystemMaintenanceEvent(message: …, startsAt: \(startsAt), duration: \(duration), affectedServices: \(affectedServices))"
    }
}

/// To admins: somebody took emergency access to a patient.
public struct AlertBreakGlassEvent: Codable, Hashable, Sendable, Private {
    /// To whom.
    public var patientID: UserID
    /// Who.
    public var userID: UserID
    /// The reason they gave.
    public var reason: String
    /// When the access ends.
    public var expiresAt: Date

    public init(patientID: UserID, userID: UserID, reason: String, expiresAt: Date) {
        self.patientID = patientID
        self.userID = userID
        self.reason = reason
        self.expiresAt = expiresAt
    }

    private enum CodingKeys: String, CodingKey {
        case patientID = "patientId"
        case userID = "userId"
        case reason
        case expiresAt
    }

    public var description: String {
        "AlertBreakGlassEvent(patientID: \(patientID), userID: \(userID), reason: …, expiresAt: \(expiresAt))"
    }
}
