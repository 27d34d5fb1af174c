/// The rows of a template, live as long as the handle is held. The interval and the filter are this
/// client's, and are set again after a reconnect. From `Reports.rows`.
public final class LiveRows: Sendable {
    private let client: CarewireClient
    private let membership: Membership
    private let template: TemplateID
    private let streams: Streams

    init(_ client: CarewireClient, _ membership: Membership, _ template: TemplateID, _ streams: Streams) {
        self.client = client
        self.membership = membership
        self.template = template
        self.streams = streams
    }

    /// How often one is told at most: 250 ms or longer. Of what happens meanwhile the latest wins.
    public func setInterval(_ interval: Duration) async throws {
        try await client.request(StreamSetIntervalCommand(templateID: template, interval: interval))
    }

    /// Only rows whose fields have these values; with none, all rows. What passes follows in
    /// `RowsEvent.all`.
    public func applyFilter(_ filter: [String: JSONValue]) async throws {
        try await client.request(StreamApplyFilterCommand(templateID: template, filter: filter))
    }

    /// The rows. The first stream begins with the subscription and so with all of them.
    public func events() -> EventStream<RowsEvent> {
        streams.of { event in
            switch event {
            case .lagged: return .missed
            case .roomLost(let lost): return .lost(.refused(lost.error))
            default: break
            }
            return switch event.data {
            case .streamInitial(let all): .all(all.rows, hasMore: all.hasMore)
            case .streamUpdate(let new): .changed(new.rows)
            case .roomLeft(let left): .lost(.left(left.reason))
            default: nil
            }
        }
    }

    /// Unsubscribes now.
    public func end() { membership.end() }
}

/// What happens to live rows.
public enum RowsEvent: Hashable, Sendable {
    /// The rows as they are, the newest of each `id` that pass, at most 1,000: they replace all
    /// before. Comes at the beginning, after a filter, and after a reconnect.
    case all([JSONValue], hasMore: Bool)
    /// Rows that are new, or newer than those with their `id`.
    case changed([JSONValue])
    /// Some were dropped because this stream was not read: apply the filter anew to see all.
    case missed
    /// The rows may no longer be seen.
    case lost(RowsLoss)
}

/// Why rows may no longer be seen.
public enum RowsLoss: Hashable, Sendable {
    /// The server ended it.
    case left(LeftReason)
    /// It was refused after a reconnect.
    case refused(ErrorReply)
}
