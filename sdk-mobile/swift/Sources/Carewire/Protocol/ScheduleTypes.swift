// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

import Foundation

/// An appointment was made.
public struct AppointmentCreatedEvent: Codable, Hashable, Sendable {
    /// The appointment.
    public var appointment: Appointment

    public init(appointment: Appointment) {
        self.appointment = appointment
    }
}

/// An appointment.
public struct Appointment: Codable, Hashable, Sendable, Private {
    /// The appointment.
    public var id: AppointmentID
    /// Whose.
    public var patientID: UserID
    /// With whom.
    public var providerID: UserID
    /// When it begins.
    public var startsAt: Date
    /// When it ends.
    public var endsAt: Date
    /// Where it stands.
    public var status: AppointmentStatus
    /// What it is about.
    public var title: String?
    /// Any JSON of the application.
    public var metadata: JSONValue?

    public init(
        id: AppointmentID,
        patientID: UserID,
        providerID: UserID,
        startsAt: Date,
        endsAt: Date,
        status: AppointmentStatus,
        title: String? = nil,
        metadata: JSONValue? = nil
    ) {
        self.id = id
        self.patientID = patientID
        self.providerID = providerID
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.status = status
        self.title = title
        self.metadata = metadata
    }

    private enum CodingKeys: String, CodingKey {
        case id
        case patientID = "patientId"
        case providerID = "providerId"
        case startsAt
        case endsAt
        case status
        case title
        case metadata
    }

    public var description: String {
        "Appointment(id: \(id), patientID: \(patientID), providerID: \(providerID), startsAt: \(startsAt), endsAt: \(endsAt), status: \(status), title: …, metadata: …)"
    }
}

/// Where an appointment stands. The backend may use words of its own.
public enum AppointmentStatus: Word {
    /// Planned.
    case scheduled
    /// The patient has confirmed it.
    case confirmed
    /// The patient is there.
    case checkedIn
    /// It takes place.
    case inProgress
    /// It took place.
    case completed
    /// It will not take place.
    case cancelled
    /// The patient did not come.
    case noShow
    /// A word of a later version.
    case other(String)

    public static let known: [AppointmentStatus] = [.scheduled, .confirmed, .checkedIn, .inProgress, .completed, .cancelled, .noShow]

    public init(word: String) {
        switch word {
        case "scheduled": self = .scheduled
        case "confirmed": self = .confirmed
        case "checked_in": self = .checkedIn
        case "in_progress": self = .inProgress
        case "completed": self = .completed
        case "cancelled": self = .cancelled
        case "no_show": self = .noShow
        default: self = .other(word)
        }
    }

    public var word: String {
        switch self {
        case .scheduled: "scheduled"
        case .confirmed: "confirmed"
        case .checkedIn: "checked_in"
        case .inProgress: "in_progress"
        case .completed: "completed"
        case .cancelled: "cancelled"
        case .noShow: "no_show"
        case .other(let word): word
        }
    }
}

/// An appointment was changed.
public struct AppointmentUpdatedEvent: Codable, Hashable, Sendable {
    /// The appointment as it is now.
    public var appointment: Appointment

    public init(appointment: Appointment) {
        self.appointment = appointment
    }
}

/// An appointment was cancelled.
public struct AppointmentCancelledEvent: Codable, Hashable, Sendable {
    /// The appointment as it is now.
    public var appointment: Appointment

    public init(appointment: Appointment) {
        self.appointment = appointment
    }
}

/// The patient has arrived.
public struct AppointmentCheckedInEvent: Codable, Hashable, Sendable {
    /// The appointment as it is now.
    public var appointment: Appointment

    public init(appointment: Appointment) {
        self.appointment = appointment
    }
}
