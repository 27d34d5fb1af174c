// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

import Foundation

/// New readings of a patient.
public struct VitalsUpdateEvent: Codable, Hashable, Sendable, Private {
    /// Whose.
    public var patientID: UserID
    /// Where the patient is: the bed or room of a ward.
    public var room: String?
    /// What was measured.
    public var readings: [Reading]

    public init(patientID: UserID, room: String? = nil, readings: [Reading]) {
        self.patientID = patientID
        self.room = room
        self.readings = readings
    }

    private enum CodingKeys: String, CodingKey {
        case patientID = "patientId"
        case room
        case readings
    }

    public var description: String {
        "VitalsUpdateEvent(patientID: \(patientID), room: …, readings: \(readings))"
    }
}

/// One reading.
public struct Reading: Codable, Hashable, Sendable, Private {
    /// What was measured: `heart_rate`, `spo2`, ….
    public var kind: String
    /// The value.
    public var value: Double
    /// Its unit: `bpm`, `%`, ….
    public var unit: String
    /// When.
    public var measuredAt: Date

    public init(kind: String, value: Double, unit: String, measuredAt: Date) {
        self.kind = kind
        self.value = value
        self.unit = unit
        self.measuredAt = measuredAt
    }

    public var description: String {
        "Reading(kind: …, value: …, unit: \(unit), measuredAt: \(measuredAt))"
    }
}
