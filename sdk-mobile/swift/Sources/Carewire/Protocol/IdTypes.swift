// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

import Foundation

/// One live connection, named by the server.
public struct ConnectionID: Identifier {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
}

/// A person, or a backend acting as one. Patients are named by their user id.
public struct UserID: Identifier {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The life of a log; another one means that positions of the former are void.
public struct Epoch: Identifier {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
}

/// A message. Ids of messages sort in their room as their offsets do.
public struct MessageID: Identifier {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Where a conversation takes place: `internal`, `sms`, `email`, ….
public struct Platform: Identifier {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
}

/// What makes a repeated command one command.
public struct Key: Identifier {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
}

/// A call.
public struct CallID: Identifier {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
}

/// An appointment or encounter with its participants.
public struct VisitID: Identifier {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
}

/// One client object (a device, a tab), named by itself and kept over its reconnects.
public struct ClientID: Identifier {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
}

/// A report that is being made.
public struct ReportID: Identifier {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
}

/// A part of a chart that can be locked.
public struct RecordID: Identifier {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
}

/// A notification.
public struct NotificationID: Identifier {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
}

/// What a notification is about: `appointment_reminder`, `task_assigned`, `lab_result`,
/// `prior_authorization`, `message`, `system`, or a word of the application.
public struct NotificationKind: Identifier {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
}

/// A topic that people subscribe to.
public struct TopicName: Identifier {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
}

/// A report template with live data.
public struct TemplateID: Identifier {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
}

/// An organisation. Nothing crosses from one to another.
public struct TenantID: Identifier {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
}

/// An appointment in the calendar of a backend.
public struct AppointmentID: Identifier {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
}
