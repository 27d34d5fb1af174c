/// Reports and live rows. From `CarewireClient.reports`.
public struct Reports: Sendable {
    let client: CarewireClient

    /// Follows a report: its owner and staff.
    public func follow(_ id: ReportID) async throws -> Report {
        Report(try await client.join(.report(id), snapshot: true), id)
    }

    /// Subscribes to the rows of a template: its owner and staff.
    public func rows(_ template: TemplateID) async throws -> LiveRows {
        let room = RoomID.template(template)
        let streams = Streams(client.known.hub) { $0.concerns(room) }
        let membership = Membership(client, room)
        try await client.request(ReportSubscribeTemplateCommand(templateID: template))
        return LiveRows(client, membership, template, streams)
    }

    /// For services: tells how a report advances. Queued while there is no connection.
    public func status(_ status: ReportStatusEvent) async throws {
        try await tell(status.reportID, .reportStatus(status))
    }

    /// For services: a report is done.
    public func completed(_ completed: ReportCompletedEvent) async throws {
        try await tell(completed.reportID, .reportCompleted(completed))
    }

    /// For services: a report could not be made.
    public func failed(_ failed: ReportFailedEvent) async throws {
        try await tell(failed.reportID, .reportFailed(failed))
    }

    private func tell(_ report: ReportID, _ event: EventData) async throws {
        try await client.publish(.room(.report(report)), event)
    }

    /// For services: what readers ask of them, over reconnects.
    public func requests(_ tenant: TenantID) async throws -> ReportRequests {
        ReportRequests(room: try await client.join(.backend(tenant)))
    }
}

/// A report that is followed as long as the handle is held.
public final class Report: Sendable {
    /// The report.
    public let id: ReportID
    private let room: Room

    init(_ room: Room, _ id: ReportID) {
        self.room = room
        self.id = id
    }

    /// Where it stood when this was followed; `nil`: nothing was told of it yet.
    public var last: ReportSnapshot? { room.snapshot?.report }

    /// Asks whoever makes it to stop. Queued while there is no connection.
    public func cancel() async throws {
        try await room.client.request(ReportCancelCommand(reportID: id))
    }

    /// Asks for it to be made anew. Queued while there is no connection.
    public func refresh() async throws {
        try await room.client.request(ReportRefreshCommand(reportID: id))
    }

    /// What happens to it. The first stream begins where `last` ends.
    public func events() -> EventStream<ReportEvent> {
        room.streamOf { event in
            if event.isLoss { return .reload }
            return switch event.data {
            case .reportStatus(let status): .status(status)
            case .reportCompleted(let completed): .completed(completed)
            case .reportFailed(let failed): .failed(failed)
            default: nil
            }
        }
    }
}

/// What happens to a report.
public enum ReportEvent: Hashable, Sendable {
    /// It advances.
    case status(ReportStatusEvent)
    /// It is done.
    case completed(ReportCompletedEvent)
    /// It could not be made.
    case failed(ReportFailedEvent)
    /// Something was missed and will not come: follow it anew.
    case reload
}

/// What readers ask, for a service that makes reports, as long as it is held.
public final class ReportRequests: Sendable {
    /// The room they come from, for one that stores its position.
    public let room: Room

    init(room: Room) {
        self.room = room
    }

    /// What is asked. The first stream begins with the joining.
    public func events() -> EventStream<ReportRequest> {
        room.streamOf { event in
            if event.isLoss { return .missed }
            return switch event.data {
            case .reportCancelRequested(let request): .cancel(request)
            case .reportRefreshRequested(let request): .refresh(request)
            default: nil
            }
        }
    }
}

/// What readers ask of whoever makes reports.
public enum ReportRequest: Hashable, Sendable {
    /// To stop making one.
    case cancel(ReportCancelRequestedEvent)
    /// To make one anew.
    case refresh(ReportRefreshRequestedEvent)
    /// Some were missed and will not come.
    case missed
}
