import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

@testable import Carewire

/// A real `carewire-server` with a database file of its own.
final class TestServer: @unchecked Sendable {
    /// The server that tests share; each takes a tenant of its own there.
    static let shared: TestServer = {
        // Nothing that is static is ever let go of: the process would leave it behind.
        atexit { TestServer.shared.end() }
        return try! TestServer()
    }()
    private static let names = Locked(0)

    /// A name that no other test has.
    static func unique(_ stem: String) -> String {
        names.with { count in
            count += 1
            return "\(stem)-\(ProcessInfo.processInfo.processIdentifier)-\(count)"
        }
    }

    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    private var process = Process()
    private var port = 0

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try start("127.0.0.1:0")
    }

    deinit {
        end()
    }

    private func end() {
        kill()
        try? FileManager.default.removeItem(at: folder)
    }

    var address: String { "127.0.0.1:\(port)" }

    var url: URL { URL(string: "ws://127.0.0.1:\(port)/ws")! }

    /// A token for anybody.
    func token(_ user: UserID, _ role: String, _ tenant: String, life: Duration? = nil) async throws -> String {
        var ask: [String: JSONValue] = [
            "sub": .string(user.rawValue), "role": .string(role), "tenant": .string(tenant),
            "name": .string("The \(role) \(user)"),
        ]
        if let life { ask["expiresInMs"] = .number(Double(life.wholeMilliseconds)) }
        struct Reply: Decodable { var token: String }
        return try read(Reply.self, try await call("POST", "/dev/token", try text(ask))).token
    }

    /// One request to the backend API.
    @discardableResult
    func call(_ method: String, _ path: String, _ body: String, token: String? = nil) async throws -> String {
        var request = URLRequest(url: URL(string: "http://127.0.0.1:\(port)\(path)")!)
        request.httpMethod = method
        request.httpBody = Data(body.utf8)
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "authorization") }
        let (data, response) = try await URLSession.shared.data(for: request)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        guard (200..<300).contains(status) else { throw Refusal(path: path, status: status) }
        return String(decoding: data, as: UTF8.self)
    }

    struct Refusal: Error {
        var path: String
        var status: Int
    }

    /// Kills it as a power cut would.
    func kill() {
        guard process.isRunning else { return }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Starts it again on the same data and the same port.
    func restart() throws {
        kill()
        try start("127.0.0.1:\(port)")
    }

    private func start(_ listen: String) throws {
        let inherited = ProcessInfo.processInfo.environment
        guard let binary = inherited["CAREWIRE_SERVER_BIN"] else {
            fatalError("CAREWIRE_SERVER_BIN names the server: cargo xtask swift sets it")
        }
        process = Process()
        process.executableURL = URL(fileURLWithPath: binary)
        process.arguments = ["--dev", "--listen", listen]
        process.environment = inherited.filter { !$0.key.hasPrefix("CAREWIRE_") && $0.key != "RUST_LOG" }
            .merging([
                "CAREWIRE_DATABASE_URL": "sqlite://\(folder.path)/carewire.db",
                "CAREWIRE_CONNECTS_PER_MINUTE": "1000000",
                "CAREWIRE_MESSAGES_PER_SECOND": "100000",
                "CAREWIRE_COMMANDS_PER_SECOND": "100000",
                "CAREWIRE_CALLS_PER_MINUTE": "1000",
            ]) { _, ours in ours }
        let log = Pipe()
        process.standardError = log
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        var said = ""
        while true {
            let more = log.fileHandleForReading.availableData
            guard !more.isEmpty else { fatalError("the server did not start:\n\(said)") }
            said += String(decoding: more, as: UTF8.self)
            let line = said.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                .first { $0.contains("listening address=") }
            if let text = line?.split(separator: ":").last, let port = Int(text.filter(\.isNumber)) {
                self.port = port
                // The pipe must be read on, or the server stops when it is full.
                log.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
                return
            }
        }
    }
}

#if canImport(Glibc)
import Glibc
#endif
