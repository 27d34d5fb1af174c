import CarewireCore

/// What a client knows, shared by the one who hears it and those who ask.
final class Known: Sendable {
    let hub = Hub()
    let state = Watched(ConnectionState.idle)
    let queued = Watched(0)
    let identity = Watched(ConnectedEvent?.none)
    let leases = Watched([Part: Granted]())
}

/// A part of a chart.
struct Part: Hashable, Sendable {
    let patient: UserID
    let record: RecordID
}

/// A lease as it was granted, and how it stands.
struct Granted: Hashable, Sendable {
    let fencingToken: Int
    var state: LeaseState
}

/// Hears what the core says, on its thread, and hands it on without waiting for anybody.
final class Ears: Listener {
    private let known: Known
    private let reader = Locked(EventReader())

    init(_ known: Known) {
        self.known = known
    }

    func event(event: CarewireCore.ServerEvent) {
        guard let heard = reader.with({ $0.event(event) }) else { return }
        if case .connected(let identity)? = heard.data { known.identity.set(identity) }
        known.hub.send(heard)
    }

    func local(text: String) {
        guard let heard = reader.with({ $0.local(text) }) else { return }
        if case .leaseChanged(let lease) = heard {
            let part = Part(patient: lease.patientID, record: lease.recordID)
            known.leases.update { $0[part] = Granted(fencingToken: lease.fencingToken, state: lease.state) }
        }
        known.hub.send(heard)
    }

    func state(state: CarewireCore.ConnectionState) {
        let now = ConnectionState(state)
        known.state.set(now)
        guard now.isClosed else { return }
        known.leases.update { leases in
            for (part, lease) in leases {
                if case .held = lease.state { leases[part]?.state = .lost(.closed) }
            }
        }
        known.hub.close()
        known.state.end()
        known.queued.end()
        known.identity.end()
    }

    func queued(count: UInt64) {
        known.queued.set(Int(count))
    }
}

/// Asks the application for tokens.
final class Tokens: TokenSource {
    private let provide: @Sendable (TokenNeed) async throws -> String

    init(_ provide: @escaping @Sendable (TokenNeed) async throws -> String) {
        self.provide = provide
    }

    func need(need: CarewireCore.TokenNeed, request: TokenRequest) {
        let provide = provide
        Task {
            do {
                request.answer(token: try await provide(TokenNeed(need)))
            } catch is SignedOut {
                request.signedOut()
            } catch {
                request.fail(cause: String(describing: type(of: error)))
            }
        }
    }
}
