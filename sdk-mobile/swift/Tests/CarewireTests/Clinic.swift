import Foundation
import XCTest

@testable import Carewire

/// A tenant of its own with people in it, for one test. Its clients are closed in the end.
final class Clinic: Sendable {
    let server: TestServer
    let tenant = TestServer.unique("clinic")
    private let clients = Locked([CarewireClient]())

    init(_ server: TestServer = .shared) {
        self.server = server
    }

    func user(_ stem: String) -> UserID { UserID(TestServer.unique(stem)) }

    /// A client that is not connected yet.
    func client(
        _ user: UserID,
        _ role: String = "provider",
        _ configuration: Configuration = Configuration(),
        at url: URL? = nil,
        token: (@Sendable (TokenNeed) async throws -> String)? = nil
    ) throws -> CarewireClient {
        let (server, tenant) = (server, tenant)
        let client = try CarewireClient(
            url: url ?? server.url, configuration: configuration,
            token: token ?? { _ in try await server.token(user, role, tenant) })
        clients.with { $0.append(client) }
        return client
    }

    /// A client that is connected.
    func connected(
        _ user: UserID,
        _ role: String = "provider",
        _ configuration: Configuration = Configuration()
    ) async throws -> CarewireClient {
        let client = try client(user, role, configuration)
        try await client.connect()
        return client
    }

    /// Two who may talk: a provider and a nurse, connected, with their chat.
    func pair(
        _ configuration: Configuration = Configuration()
    ) async throws -> (doctor: CarewireClient, nurse: CarewireClient, chat: RoomID) {
        let (doctor, nurse) = (user("dr"), user("nurse"))
        let his = try await connected(doctor, "provider", configuration)
        let hers = try await connected(nurse, "staff")
        return (his, hers, .chat(doctor, nurse))
    }

    /// A backend of this tenant.
    func backend() async throws -> CarewireClient { try await connected(user("ehr"), "service") }

    /// A request to the backend API, as a backend of this tenant.
    func call(_ method: String, _ path: String, _ body: String = "") async throws {
        try await server.call(method, path, body, token: server.token("ehr", "service", tenant))
    }

    func end() async {
        for client in clients.with({ $0 }) { await client.close() }
    }
}

/// What was heard, in order.
final class Ear<Element: Sendable>: Sendable {
    private let heard = Locked([Element]())
    private let hasEnded = Locked(false)
    private let task: Task<Void, Never>

    init(_ stream: EventStream<Element>) {
        let (heard, hasEnded) = (heard, hasEnded)
        task = Task {
            for await element in stream { heard.with { $0.append(element) } }
            _ = hasEnded.first()
        }
    }

    deinit { task.cancel() }

    /// The next one that is asked for; others are passed over.
    func next(_ isIt: @Sendable (Element) -> Bool = { _ in true }) async throws -> Element {
        try await next { isIt($0) ? $0 : nil }
    }

    func next<Picked>(_ pick: @Sendable (Element) -> Picked?) async throws -> Picked {
        while true {
            let found: Picked? = heard.with { heard in
                while !heard.isEmpty {
                    if let picked = pick(heard.removeFirst()) { return picked }
                }
                return nil
            }
            if let found { return found }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// What has been heard and not been asked for.
    func rest() -> [Element] {
        heard.with { heard in
            defer { heard = [] }
            return heard
        }
    }

    /// Waits until the stream has ended.
    func ended() async { await task.value }
}

/// Plays a scene on the shared server, or on one of its own.
func scene(
    _ server: TestServer = .shared,
    within limit: Duration = .seconds(40),
    _ play: @escaping @Sendable (Clinic) async throws -> Void
) async throws {
    let clinic = Clinic(server)
    do {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await play(clinic) }
            group.addTask {
                try await Task.sleep(for: limit)
                throw TookTooLong()
            }
            try await group.next()
            group.cancelAll()
        }
    } catch {
        await clinic.end()
        throw error
    }
    await clinic.end()
}

struct TookTooLong: Error {}

/// Waits until something is so.
func until(_ isSo: () -> Bool) async throws {
    while !isSo() { try await Task.sleep(for: .milliseconds(5)) }
}

extension CarewireClient {
    /// Waits for a state.
    func state(_ isIt: (ConnectionState) -> Bool) async throws {
        for await state in states where isIt(state) { return }
        throw TookTooLong()
    }

    /// Waits until so many commands wait.
    func queued(_ count: Int) async throws {
        for await now in queued where now == count { return }
        throw TookTooLong()
    }

    var me: UserID { identity!.userID }
}

/// The error that something throws.
func error(of what: () async throws -> some Any, line: UInt = #line) async -> CarewireError? {
    do {
        _ = try await what()
        XCTFail("nothing was thrown", line: line)
    } catch let error as CarewireError {
        return error
    } catch {
        XCTFail("\(error)", line: line)
    }
    return nil
}
