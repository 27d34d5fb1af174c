import Foundation
import XCTest

@testable import Carewire

/// TLS as it ships, to a server behind a proxy whose certificate a hospital's own authority made.
final class TLSTests: XCTestCase {
    func testAnAuthorityOfOnesOwnIsTrusted() async throws {
        try await scene { clinic in try await talk(clinic, try TLSFront(clinic.server)) }
    }

    func testAProxyThatKnowsNoTLS13IsTalkedTo() async throws {
        try await scene { clinic in try await talk(clinic, try TLSFront(clinic.server, "--old")) }
    }

    func testNobodyIsTrustedWhomNobodyVouchesForOrWhoIsSomebodyElse() async throws {
        try await scene { clinic in
            let front = try TLSFront(clinic.server)
            let quick = Configuration.Backoff(first: .milliseconds(20), most: .milliseconds(50))
            let strangers = Configuration(backoff: quick)
            let misled = Configuration(backoff: quick, authorities: [front.authority])
            for (settings, host) in [(strangers, "localhost"), (misled, "127.0.0.1")] {
                let refused = try clinic.client(clinic.user("dr"), "provider", settings, at: front.url(host))
                let connecting = Task { try await refused.connect() }
                try await refused.state { state in
                    if case .reconnecting(let attempt, _) = state { attempt > 2 } else { false }
                }
                XCTAssertNil(refused.identity)
                await refused.close()
                _ = await connecting.result
            }
        }
    }

    func testThereHasToBeSomebodyToTrust() async {
        let nobody = Configuration(authorities: [])
        let url = URL(string: "wss://example.org/ws")!
        let refused = await error { try CarewireClient(url: url, configuration: nobody) { _ in "" } }
        XCTAssertEqual(refused?.code, "invalid_options")
    }
}

private func talk(_ clinic: Clinic, _ front: TLSFront) async throws {
    let (lee, ana) = (clinic.user("dr-lee"), clinic.user("ana"))
    let trusting = Configuration(authorities: [front.authority])
    let doctor = try clinic.client(lee, "provider", trusting, at: front.url("localhost"))
    try await doctor.connect()
    let nurse = try await clinic.connected(ana, "staff")
    let hers = try await nurse.join(.chat(lee, ana))
    let ears = Ear(hers.events())
    let sent = try await doctor.join(.chat(lee, ana)).send("over TLS").id
    let heard = try await ears.next { $0.newMessage }.id
    XCTAssertEqual(heard, sent)
}

/// TLS in front of a server, by `cargo xtask tls-front`.
final class TLSFront: @unchecked Sendable {
    let authority: Data
    private let process: Process
    private let port: Int

    init(_ server: TestServer, _ options: String...) throws {
        guard let program = ProcessInfo.processInfo.environment["CAREWIRE_TLS_FRONT"] else {
            fatalError("cargo xtask swift sets CAREWIRE_TLS_FRONT")
        }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["tls-front", "--to", server.address, "--authority", file.path] + options
        let (told, asks) = (Pipe(), Pipe())
        process.standardOutput = told
        process.standardInput = asks
        try process.run()
        let line = String(decoding: told.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = line.split(separator: ":").last.flatMap({ Int($0.filter(\.isNumber)) }) else {
            fatalError("the proxy did not start: \(line)")
        }
        self.port = port
        authority = try Data(contentsOf: file)
        try FileManager.default.removeItem(at: file)
    }

    deinit {
        process.terminate()
    }

    func url(_ host: String) -> URL { URL(string: "wss://\(host):\(port)/ws")! }
}
