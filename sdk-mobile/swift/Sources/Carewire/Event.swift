import CarewireCore
import Foundation

/// Something happened: on the server, or to the connection.
public enum Event: Hashable, Sendable {
    /// An event of the contract.
    case server(ServerEvent)
    /// The connection was lost and is back, and everything missed follows, except for `gaps`: for
    /// each of these a `resynced` follows.
    case resumed(Resumed)
    /// What was missed in a room cannot be replayed: replace its state.
    case resynced(Resynced)
    /// Every room has caught up with what was missed.
    case caughtUp
    /// The client has left a room without having asked for it: it may no longer be there.
    case roomLost(RoomLost)
    /// This client reads too slowly. Its rooms start over with snapshots instead of replays.
    case lagging
    /// A lease on a part of a chart was granted or renewed, or is lost.
    case leaseChanged(LeaseChanged)
    /// After a reconnect this device is in its call again. The peers may have to negotiate anew.
    case callResumed(CallResumed)
    /// After a reconnect this device is no longer in its call.
    case callLost(CallLost)
    /// This stream was not read fast enough and has lost so many of its oldest waiting events.
    case lagged(Int)

    /// What happened on the server.
    public var data: EventData? {
        if case .server(let event) = self { event.data } else { nil }
    }

    /// The message, where this is a new one.
    public var newMessage: Message? {
        if case .messageNew(let new)? = data { new.message } else { nil }
    }
}

/// An event of the contract.
public struct ServerEvent: Hashable, Sendable {
    /// The room it belongs to.
    public var room: RoomID?
    /// Its place in the log of the room, where it is retained.
    public var position: Position?
    /// The device that caused it.
    public var origin: ClientID?
    /// When it happened.
    public var timestamp: Date
    /// What happened.
    public var data: EventData
}

/// A place in the log of a room.
public struct Position: Hashable, Sendable {
    /// The life of the log.
    public var epoch: Epoch
    /// The place: 1, 2, 3 …
    public var offset: Int
}

/// What a reconnect brought.
public struct Resumed: Decodable, Hashable, Sendable {
    /// How long there was no connection.
    public var away: Duration
    /// How many retained events were missed.
    public var missed: Int
    /// The rooms in which what was missed cannot be replayed.
    public var gaps: [RoomID]
    /// The unread counts as they are now.
    public var unread: UnreadCounts
    /// The presences that are followed, as they are now.
    public var presences: [Presence]

    /// How far the members of each room have received and read, as it is now.
    public var receipts: [RoomID: [UserID: Receipts]]

    private enum CodingKeys: String, CodingKey {
        case away = "awayMs"
        case missed, gaps, reply
    }

    private struct Reply: Decodable {
        var unread: UnreadCounts
        var presences: [Presence]
        var rooms: [Room]

        struct Room: Decodable {
            var roomId: RoomID
            var receipts: [UserID: Receipts]?
        }
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        away = try fields.millis(.away)
        missed = try fields.decode(Int.self, forKey: .missed)
        gaps = try fields.decode([RoomID].self, forKey: .gaps)
        let reply = try fields.decode(Reply.self, forKey: .reply)
        unread = reply.unread
        presences = reply.presences
        receipts = Dictionary(reply.rooms.map { ($0.roomId, $0.receipts ?? [:]) }) { _, last in last }
    }
}

/// The state of a room is to be replaced.
public struct Resynced: Decodable, Hashable, Sendable {
    /// The room.
    public var room: RoomID
    /// The new state, where the client asked for it by itself (after `lagging`).
    public var state: RoomJoinReply?
}

/// A room that may no longer be joined.
public struct RoomLost: Decodable, Hashable, Sendable {
    /// The room.
    public var room: RoomID
    /// What the server answered when the client wanted to come back.
    public var error: ErrorReply
}

/// Something happened to a lease of this client.
public struct LeaseChanged: Hashable, Sendable {
    /// Whose chart.
    public var patientID: UserID
    /// Which part of it.
    public var recordID: RecordID
    /// As granted.
    public var fencingToken: Int
    /// How it stands.
    public var state: LeaseState
}

/// How a lease stands.
public enum LeaseState: Hashable, Sendable {
    /// It is held, until then by the server's clock unless it is renewed.
    case held(until: Date)
    /// It is held no longer. What is still to be written under it must not be.
    case lost(LeaseLoss)
}

/// Why a lease is lost.
public enum LeaseLoss: Hashable, Sendable {
    /// It could not be renewed in time.
    case notRenewed
    /// The server refused to renew it.
    case refused(ErrorReply)
    /// This client has taken it anew, with a newer token.
    case superseded
    /// The client is closed.
    case closed
}

/// A call goes on after a reconnect.
public struct CallResumed: Decodable, Hashable, Sendable {
    /// The call as it is now.
    public var call: CallInfo
    /// Whether the place had been lost meanwhile and was taken again.
    public var rejoined: Bool
}

/// A call goes on without this device, or not at all.
public struct CallLost: Decodable, Hashable, Sendable {
    /// The call.
    public var callID: CallID
    /// The call as it is now, where the server told.
    public var call: CallInfo?
    /// What the server answered when the client wanted to come back.
    public var error: ErrorReply?

    private enum CodingKeys: String, CodingKey {
        case callID = "callId"
        case call, error
    }
}

extension Event {
    /// The room that it belongs to, or is about.
    var about: RoomID? {
        switch self {
        case .server(let event):
            switch event.data {
            // Told to the connection, about a room.
            case .roomLeft(let left): left.roomID
            case .roomJoined(let joined): joined.roomID
            default: event.room
            }
        case .resynced(let resynced): resynced.room
        case .roomLost(let lost): lost.room
        default: nil
        }
    }

    /// Whether what was missed will not come, so that state has to be loaded again.
    var isLoss: Bool {
        switch self {
        case .resynced, .lagged: true
        default: false
        }
    }

    /// Whether it concerns a room: what happened to the connection concerns every one.
    func concerns(_ room: RoomID) -> Bool {
        switch self {
        case .resumed, .caughtUp, .lagging, .lagged: true
        default: about == room
        }
    }
}

/// Reads what the core tells.
struct EventReader {
    private let contract = contractDecoder()

    func event(_ core: CarewireCore.ServerEvent) -> Event? {
        guard let data = data(core.name, Data(core.data.utf8)) else { return nil }
        var position: Position?
        if let epoch = core.epoch, let offset = core.offset {
            position = Position(epoch: Epoch(epoch), offset: Int(offset))
        }
        return .server(
            ServerEvent(
                room: core.room.map { RoomID($0) },
                position: position,
                origin: core.origin.map { ClientID($0) },
                timestamp: Date(timeIntervalSince1970: Double(core.timestampMs) / 1000),
                data: data
            ))
    }

    private func data(_ name: String, _ data: Data) -> EventData? {
        if let known = try? EventData.read(name, data, by: contract) { return known }
        // Of a later version after all: it is handed on as such.
        let other = try? contract.decode(JSONValue.self, from: data)
        return other.map { .unknown(UnknownEvent(name: name, data: $0)) }
    }

    /// What happened to the connection, a lease or a call; `nil`: it is of a later core.
    func local(_ text: String) -> Event? {
        struct Kind: Decodable {
            var type: String
            var count: Int?
        }
        let data = Data(text.utf8)
        func the<Content: Decodable>(_ type: Content.Type) -> Content? {
            try? contract.decode(type, from: data)
        }
        guard let kind = the(Kind.self) else { return nil }
        switch kind.type {
        case "resumed": return the(Resumed.self).map { .resumed($0) }
        case "resynced": return the(Resynced.self).map { .resynced($0) }
        case "caughtUp": return .caughtUp
        case "roomLost": return the(RoomLost.self).map { .roomLost($0) }
        case "lagging": return .lagging
        case "lease": return the(LeaseText.self).map { .leaseChanged($0.event) }
        case "callResumed": return the(CallResumed.self).map { .callResumed($0) }
        case "callLost": return the(CallLost.self).map { .callLost($0) }
        case "lagged": return kind.count.map { .lagged($0) }
        default: return nil
        }
    }
}

private struct LeaseText: Decodable {
    var patientId: UserID
    var recordId: RecordID
    var fencingToken: Int
    var expiresAt: Date?
    var reason: String?
    var error: ErrorReply?

    var event: LeaseChanged {
        LeaseChanged(patientID: patientId, recordID: recordId, fencingToken: fencingToken, state: state)
    }

    private var state: LeaseState {
        if let expiresAt { return .held(until: expiresAt) }
        if let error { return .lost(.refused(error)) }
        switch reason {
        case "superseded": return .lost(.superseded)
        case "closed": return .lost(.closed)
        default: return .lost(.notRenewed)
        }
    }
}
