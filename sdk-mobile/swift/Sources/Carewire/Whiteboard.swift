/// The whiteboard of a room that was joined. From `CarewireClient.whiteboard`.
public final class Whiteboard: Sendable {
    /// The room it belongs to.
    public let room: Room
    /// The whiteboard as it was when it was opened. An event of its revision or an older one is in
    /// it already.
    public let state: WhiteboardState

    init(_ room: Room, _ state: WhiteboardState) {
        self.room = room
        self.state = state
    }

    /// The whole whiteboard as it is now.
    public func load() async throws -> WhiteboardState {
        try await room.client.load(room.id)
    }

    /// Draws. Queued while there is no connection. Returns the revision that it made.
    @discardableResult
    public func draw(_ ops: [JSONValue]) async throws -> Int {
        try await room.client.request(WhiteboardUpdateCommand(roomID: room.id, ops: ops)).revision
    }

    /// Wipes it. Fails with `CarewireError.offline` without a connection.
    public func clear() async throws {
        try await room.client.request(WhiteboardClearCommand(roomID: room.id))
    }

    /// Shows the others where one points. Nobody waits for it, and without a connection it is
    /// dropped; a value that is not a number is ignored.
    public func point(x: Double, y: Double) {
        if x.isFinite && y.isFinite {
            room.client.sendAndForget(WhiteboardCursorCommand(roomID: room.id, x: x, y: y))
        }
    }

    /// What happens on it. The first stream begins with the opening.
    public func events() -> EventStream<BoardEvent> {
        room.streamOf { event in
            if event.isLoss { return .reload }
            return switch event.data {
            case .whiteboardUpdate(let update): .updated(update)
            case .whiteboardCleared(let cleared): .cleared(cleared)
            case .whiteboardCursor(let cursor): .cursor(cursor)
            default: nil
            }
        }
    }
}

extension CarewireClient {
    /// Joins a room with a whiteboard: a chat, thread, visit or call. Its state is loaded as of
    /// exactly the moment from which its events follow.
    public func whiteboard(_ room: RoomID) async throws -> Whiteboard {
        let joined = try await join(room, snapshot: true)
        let shown = joined.snapshot?.whiteboard ?? WhiteboardState(revision: 0, ops: [])
        return Whiteboard(joined, shown.cursor == nil ? shown : try await load(room))
    }

    fileprivate func load(_ room: RoomID) async throws -> WhiteboardState {
        var whole: WhiteboardState?
        while true {
            var page = try await request(WhiteboardSnapshotCommand(roomID: room, cursor: whole?.cursor))
            // Drawn on between two pages: what follows is another whiteboard's.
            if let known = whole, known.revision != page.revision {
                whole = nil
                continue
            }
            page.ops = (whole?.ops ?? []) + page.ops
            if page.cursor == nil { return page }
            whole = page
        }
    }
}

/// What happens on a whiteboard.
public enum BoardEvent: Hashable, Sendable {
    /// Somebody drew, oneself included.
    case updated(WhiteboardUpdateEvent)
    /// Somebody wiped it.
    case cleared(WhiteboardClearedEvent)
    /// Somebody points.
    case cursor(WhiteboardCursorEvent)
    /// Something was missed and will not come: `load` it again.
    case reload
}
