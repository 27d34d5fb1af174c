// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

import Foundation

/// Takes access for four hours: providers and staff, where it is enabled. It is written to the
/// audit log and announced to admins.
public struct AccessBreakGlassCommand: Command, Private {
    public typealias Reply = AccessBreakGlassReply
    public static let wireName = "access:breakGlass"

    /// To whom.
    public var patientID: UserID
    /// Why; required, at most 1,024 bytes.
    public var reason: String

    public init(patientID: UserID, reason: String) {
        self.patientID = patientID
        self.reason = reason
    }

    private enum CodingKeys: String, CodingKey {
        case patientID = "patientId"
        case reason
    }

    public var description: String {
        "AccessBreakGlassCommand(patientID: \(patientID), reason: …)"
    }
}

/// Granted.
public struct AccessBreakGlassReply: Codable, Hashable, Sendable {
    /// When the access ends.
    public var expiresAt: Date

    public init(expiresAt: Date) {
        self.expiresAt = expiresAt
    }
}
