// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

import Foundation

/// The last event of a report, in the snapshot of its room.
public enum ReportSnapshot: Codable, Hashable, Sendable {
    case status(ReportStatusEvent)
    case completed(ReportCompletedEvent)
    case failed(ReportFailedEvent)
    /// One of a later version.
    case other(name: String, data: JSONValue)

    public init(from decoder: any Decoder) throws {
        let union = try UnionContent(from: decoder, .typeAndData)
        switch union.name {
        case "report:status": self = .status(try union.content(ReportStatusEvent.self))
        case "report:completed": self = .completed(try union.content(ReportCompletedEvent.self))
        case "report:failed": self = .failed(try union.content(ReportFailedEvent.self))
        default: self = .other(name: union.name, data: try union.content(JSONValue.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .status(let content): try encoder.writeUnion("report:status", content, .typeAndData)
        case .completed(let content): try encoder.writeUnion("report:completed", content, .typeAndData)
        case .failed(let content): try encoder.writeUnion("report:failed", content, .typeAndData)
        case .other(let name, let data): try encoder.writeUnion(name, data, .typeAndData)
        }
    }
}

/// A report advances.
public struct ReportStatusEvent: Codable, Hashable, Sendable, Private {
    /// Which.
    public var reportID: ReportID
    /// Where it stands.
    public var status: ReportStatus
    /// How much is done, in percent.
    public var progress: Double
    /// More, for people.
    public var message: String?
    /// Whose report it is; makes the report known with its first status.
    public var ownerID: UserID?

    public init(
        reportID: ReportID,
        status: ReportStatus,
        progress: Double,
        message: String? = nil,
        ownerID: UserID? = nil
    ) {
        self.reportID = reportID
        self.status = status
        self.progress = progress
        self.message = message
        self.ownerID = ownerID
    }

    private enum CodingKeys: String, CodingKey {
        case reportID = "reportId"
        case status
        case progress
        case message
        case ownerID = "ownerId"
    }

    public var description: String {
        "ReportStatusEvent(reportID: \(reportID), status: \(status), progress: \(progress), message: …, ownerID: \(shown(ownerID)))"
    }
}

/// Where a report stands.
public enum ReportStatus: Word {
    /// Asked for.
    case pending
    /// In the making.
    case running
    /// Done.
    case completed
    /// It could not be made.
    case error
    /// Somebody cancelled it.
    case cancelled
    /// A word of a later version.
    case other(String)

    public static let known: [ReportStatus] = [.pending, .running, .completed, .error, .cancelled]

    public init(word: String) {
        switch word {
        case "pending": self = .pending
        case "running": self = .running
        case "completed": self = .completed
        case "error": self = .error
        case "cancelled": self = .cancelled
        default: self = .other(word)
        }
    }

    public var word: String {
        switch self {
        case .pending: "pending"
        case .running: "running"
        case .completed: "completed"
        case .error: "error"
        case .cancelled: "cancelled"
        case .other(let word): word
        }
    }
}

/// A report is done.
public struct ReportCompletedEvent: Codable, Hashable, Sendable, Private {
    /// Which.
    public var reportID: ReportID
    /// Where to get it.
    public var downloadURL: String
    /// Its format: `pdf`, `csv`, ….
    public var format: String
    /// Its size.
    public var sizeBytes: Int

    public init(reportID: ReportID, downloadURL: String, format: String, sizeBytes: Int) {
        self.reportID = reportID
        self.downloadURL = downloadURL
        self.format = format
        self.sizeBytes = sizeBytes
    }

    private enum CodingKeys: String, CodingKey {
        case reportID = "reportId"
        case downloadURL = "downloadUrl"
        case format
        case sizeBytes
    }

    public var description: String {
        "ReportCompletedEvent(reportID: \(reportID), downloadURL: …, format: \(format), sizeBytes: \(sizeBytes))"
    }
}

/// A report could not be made.
public struct ReportFailedEvent: Codable, Hashable, Sendable, Private {
    /// Which.
    public var reportID: ReportID
    /// Why, for people.
    public var message: String

    public init(reportID: ReportID, message: String) {
        self.reportID = reportID
        self.message = message
    }

    private enum CodingKeys: String, CodingKey {
        case reportID = "reportId"
        case message
    }

    public var description: String {
        "ReportFailedEvent(reportID: \(reportID), message: …)"
    }
}

/// Asks the backend to stop making a report.
public struct ReportCancelCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "report:cancel"

    /// Which.
    public var reportID: ReportID

    public init(reportID: ReportID) {
        self.reportID = reportID
    }

    private enum CodingKeys: String, CodingKey {
        case reportID = "reportId"
    }
}

/// Asks the backend to make a report anew.
public struct ReportRefreshCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "report:refresh"

    /// Which.
    public var reportID: ReportID

    public init(reportID: ReportID) {
        self.reportID = reportID
    }

    private enum CodingKeys: String, CodingKey {
        case reportID = "reportId"
    }
}

/// Joins the room of a template; its rows follow in `stream:initial`.
public struct ReportSubscribeTemplateCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "report:subscribeTemplate"

    /// Which.
    public var templateID: TemplateID

    public init(templateID: TemplateID) {
        self.templateID = templateID
    }

    private enum CodingKeys: String, CodingKey {
        case templateID = "templateId"
    }
}

/// Sets how often this connection wants `stream:update` at most.
public struct StreamSetIntervalCommand: Command {
    public typealias Reply = Empty
    public static let wireName = "stream:setInterval"

    /// Of which template.
    public var templateID: TemplateID
    /// At least 250.
    public var interval: Duration

    public init(templateID: TemplateID, interval: Duration) {
        self.templateID = templateID
        self.interval = interval
    }

    private enum CodingKeys: String, CodingKey {
        case templateID = "templateId"
        case interval = "intervalMs"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.templateID = try fields.decode(TemplateID.self, forKey: .templateID)
        self.interval = try fields.millis(.interval)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(templateID, forKey: .templateID)
        try fields.encodeMillis(interval, .interval)
    }
}

/// Sets which rows this connection wants.
public struct StreamApplyFilterCommand: Command, Private {
    public typealias Reply = Empty
    public static let wireName = "stream:applyFilter"

    /// Of which template.
    public var templateID: TemplateID
    /// The values that fields of a row must have; `{}` lets every row through.
    public var filter: [String: JSONValue]

    public init(templateID: TemplateID, filter: [String: JSONValue]) {
        self.templateID = templateID
        self.filter = filter
    }

    private enum CodingKeys: String, CodingKey {
        case templateID = "templateId"
        case filter
    }

    public var description: String {
        "StreamApplyFilterCommand(templateID: \(templateID), filter: …)"
    }
}

/// To backends: somebody wants a report stopped.
public struct ReportCancelRequestedEvent: Codable, Hashable, Sendable {
    /// Which.
    public var reportID: ReportID
    /// Who asks.
    public var userID: UserID

    public init(reportID: ReportID, userID: UserID) {
        self.reportID = reportID
        self.userID = userID
    }

    private enum CodingKeys: String, CodingKey {
        case reportID = "reportId"
        case userID = "userId"
    }
}

/// To backends: somebody wants a report made anew.
public struct ReportRefreshRequestedEvent: Codable, Hashable, Sendable {
    /// Which.
    public var reportID: ReportID
    /// Who asks.
    public var userID: UserID

    public init(reportID: ReportID, userID: UserID) {
        self.reportID = reportID
        self.userID = userID
    }

    private enum CodingKeys: String, CodingKey {
        case reportID = "reportId"
        case userID = "userId"
    }
}

/// The rows of a template, after joining and after a filter.
public struct StreamInitialEvent: Codable, Hashable, Sendable, Private {
    /// Of which template.
    public var templateID: TemplateID
    /// The newest row of each `id` that passes the filter, at most 1,000.
    public var rows: [JSONValue]
    /// Whether there are more.
    public var hasMore: Bool

    public init(templateID: TemplateID, rows: [JSONValue], hasMore: Bool) {
        self.templateID = templateID
        self.rows = rows
        self.hasMore = hasMore
    }

    private enum CodingKeys: String, CodingKey {
        case templateID = "templateId"
        case rows
        case hasMore
    }

    public var description: String {
        "StreamInitialEvent(templateID: \(templateID), rows: …, hasMore: \(hasMore))"
    }
}

/// New rows of a template.
public struct StreamUpdateEvent: Codable, Hashable, Sendable, Private {
    /// Of which template.
    public var templateID: TemplateID
    /// Those that pass the filter.
    public var rows: [JSONValue]

    public init(templateID: TemplateID, rows: [JSONValue]) {
        self.templateID = templateID
        self.rows = rows
    }

    private enum CodingKeys: String, CodingKey {
        case templateID = "templateId"
        case rows
    }

    public var description: String {
        "StreamUpdateEvent(templateID: \(templateID), rows: …)"
    }
}
