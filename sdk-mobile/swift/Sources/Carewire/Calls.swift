/// Starting, taking and finding calls. From `CarewireClient.calls`.
public struct Calls: Sendable {
    let client: CarewireClient

    /// Calls people one may chat with, or participants of a visit; all of their devices ring. Fails
    /// with `CarewireError.offline` without a connection, and with `call_conflict` when somebody is
    /// busy.
    public func start(_ recipients: [UserID], _ type: CallType, visit: VisitID? = nil) async throws -> Call {
        let streams = Streams(client.known.hub)
        let initiate = CallInitiateCommand(recipientIDs: recipients, visitID: visit, callType: type)
        let started = try await client.request(initiate)
        return Call(client, started.callID, started.roomID, streams)
    }

    /// Enters a call with this device: again, or from another device of the user.
    public func join(_ call: CallID) async throws -> Call {
        try await enter(CallJoinCommand(callID: call))
    }

    /// Enters the call of a visit, which starts when there is none; nobody rings.
    public func join(visit: VisitID) async throws -> Call {
        try await enter(CallJoinCommand(visitID: visit))
    }

    private func enter(_ join: CallJoinCommand) async throws -> Call {
        let streams = Streams(client.known.hub)
        let call = try await client.request(join).call
        return Call(client, call.callID, call.roomID, streams)
    }

    /// What rings here from now on. A call that rings while one connects is told again.
    public func incoming() -> EventStream<IncomingCall> {
        let client = client
        return Streams(client.known.hub).of { event in
            if case .callIncoming(let call)? = event.data { IncomingCall(client: client, call: call) } else { nil }
        }
    }

    /// One's calls, the newest first, page by page.
    public func history(cursor: String? = nil, limit: Int? = nil) async throws -> CallHistoryReply {
        try await client.request(CallHistoryCommand(cursor: cursor, limit: limit))
    }
}

/// A call that rings here.
public struct IncomingCall: Sendable {
    let client: CarewireClient
    /// The call.
    public let call: CallIncomingEvent

    /// Takes it with this device; one's others stop ringing.
    public func accept() async throws -> Call {
        let streams = Streams(client.known.hub)
        try await client.request(CallAcceptCommand(callID: call.callID))
        return Call(client, call.callID, call.roomID, streams)
    }

    /// Declines it, with a word for the caller.
    public func reject(_ reason: String? = nil) async throws {
        try await client.request(CallRejectCommand(callID: call.callID, reason: reason))
    }
}

/// A call in which this device holds the user's place, as long as the handle is held.
///
/// Offers, answers and candidates of any WebRTC implementation go out with `offer`, `answer` and
/// `candidate`, and come in as `CallEvent.signal`. A reconnect in the middle is
/// `CallEvent.resumed`: signals that were sent meanwhile are lost, so whoever made the offer makes
/// another.
public final class Call: Sendable {
    /// The call.
    public let id: CallID
    /// Its room, for a chat or a whiteboard beside it.
    public let room: RoomID
    private let client: CarewireClient
    private let streams: Streams
    private let left = Locked(false)

    init(_ client: CarewireClient, _ id: CallID, _ room: RoomID, _ streams: Streams) {
        self.client = client
        self.id = id
        self.room = room
        self.streams = streams
    }

    deinit {
        if left.first() { client.sendAndForget(CallLeaveCommand(callID: id)) }
    }

    /// Sends a session description that asks, to one participant or to all others.
    public func offer(_ description: JSONValue, to recipient: UserID? = nil) async throws {
        try await signal(.offer, description, recipient)
    }

    /// Sends a session description that answers.
    public func answer(_ description: JSONValue, to recipient: UserID? = nil) async throws {
        try await signal(.answer, description, recipient)
    }

    /// Sends a network address to try.
    public func candidate(_ candidate: JSONValue, to recipient: UserID? = nil) async throws {
        try await signal(.iceCandidate, candidate, recipient)
    }

    private func signal(_ type: SignalType, _ signal: JSONValue, _ recipient: UserID?) async throws {
        try await client.request(
            CallSignalCommand(callID: id, recipientID: recipient, signalType: type, signal: signal))
    }

    /// Tells the others what this device sends: voice, picture, screen.
    public func setMedia(audio: Bool, video: Bool, screen: Bool = false) async throws {
        try await client.request(CallMediaCommand(callID: id, audio: audio, video: video, screen: screen))
    }

    /// Reports how well the call arrives here. What is worse than it should be is told to everybody
    /// in it, as `CallEvent.qualityIssue`.
    public func reportQuality(
        packetLossPct: Double,
        jitter: Duration,
        roundTrip: Duration,
        bitrateKbps: Double
    ) async throws {
        try await client.request(
            CallQualityCommand(
                callID: id, packetLossPct: packetLossPct, jitter: jitter, roundTrip: roundTrip,
                bitrateKbps: bitrateKbps))
    }

    /// Leaves it; the others go on. Without a connection the server is told with the next.
    public func leave() async throws {
        _ = left.first()
        try await client.request(CallLeaveCommand(callID: id))
    }

    /// Ends it for all, for those who may; others leave it.
    public func end() async throws {
        _ = left.first()
        try await client.request(CallEndCommand(callID: id))
    }

    /// What happens in it. The first stream begins with the call.
    public func events() -> EventStream<CallEvent> {
        let id = id
        return streams.of { CallEvent(id, $0) }
    }
}
