/// A lease on a part of a chart: no other device has one while this is held.
///
/// The client renews it every third of its time, over reconnects, as long as the handle is held.
/// Without a connection it is lost when its time is over, no later than the server grants it to
/// somebody else; `lost` tells. What is written under it to a store of the application carries its
/// `fencingToken`, and the store refuses a token smaller than one it has seen.
public final class Lease: Sendable {
    /// Grows with every grant of any lease. What is written under the lease carries it.
    public let fencingToken: Int
    private let client: CarewireClient
    private let part: Part
    private let givenBack = Locked(false)

    init(_ client: CarewireClient, _ part: Part, _ fencingToken: Int) {
        self.client = client
        self.part = part
        self.fencingToken = fencingToken
    }

    deinit {
        if givenBack.first() {
            if isHeld { client.sendAndForget(unlock) }
            forget()
        }
    }

    /// Which part of the chart.
    public var recordID: RecordID { part.record }

    /// How it stands now.
    public var state: LeaseState { state(in: client.known.leases.value) }

    /// Whether it is held.
    public var isHeld: Bool {
        if case .held = state { true } else { false }
    }

    /// Waits until it is lost, and says why. A cancelled task stops waiting.
    public func lost() async throws -> LeaseLoss {
        for await leases in client.known.leases.stream() {
            if case .lost(let loss) = state(in: leases) { return loss }
        }
        throw CancellationError()
    }

    /// Gives it back, and waits until the others know. Without a connection it fails with
    /// `CarewireError.offline`; the server is then told with the next one.
    public func release() async throws {
        guard givenBack.first() else { return }
        defer { forget() }
        try await client.request(unlock)
    }

    private var unlock: RecordUnlockCommand {
        RecordUnlockCommand(recordID: part.record, patientID: part.patient, fencingToken: fencingToken)
    }

    private func forget() {
        client.known.leases.update { leases in
            if leases[part]?.fencingToken == fencingToken { leases[part] = nil }
        }
    }

    private func state(in leases: [Part: Granted]) -> LeaseState {
        guard let lease = leases[part] else { return .lost(.closed) }
        return lease.fencingToken == fencingToken ? lease.state : .lost(.superseded)
    }
}
