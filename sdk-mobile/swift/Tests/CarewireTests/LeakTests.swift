import Foundation
import XCTest

@testable import Carewire

/// What the process holds after a load is what it held before.
final class LeakTests: XCTestCase {
    override func setUpWithError() throws {
        #if !os(Linux)
        throw XCTSkip("what a process holds is read in /proc")
        #endif
    }

    func testAThousandClientsLeaveNothingBehind() async throws {
        try await scene(within: .seconds(170)) { clinic in
            var tokens = [String]()
            for _ in 0..<20 {
                let user = clinic.user("dr")
                tokens.append(try await clinic.server.token(user, "provider", clinic.tenant))
            }
            try await open(200, clinic, tokens)
            let before = try Held()
            try await open(1_000, clinic, tokens)
            try await compare("1,000 clients", before)
        }
    }

    func testTensOfThousandsOfEventsLeaveNothingBehind() async throws {
        try await scene(within: .seconds(170)) { clinic in
            let nurse = try await clinic.connected(clinic.user("nurse"), "staff")
            try await hear("load:first", clinic, nurse)
            let before = try Held()
            for name in ["load:second", "load:third", "load:fourth"] { try await hear(name, clinic, nurse) }
            try await compare("30,000 events", before)
        }
    }
}

private func open(_ count: Int, _ clinic: Clinic, _ tokens: [String]) async throws {
    for _ in 0..<count / tokens.count {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for token in tokens {
                group.addTask {
                    let client = try CarewireClient(url: clinic.server.url) { _ in token }
                    try await client.connect()
                    _ = try await client.channel("load:clients")
                    await client.close()
                }
            }
            try await group.waitForAll()
        }
    }
}

private func hear(_ name: String, _ clinic: Clinic, _ nurse: CarewireClient) async throws {
    let channel = try await nurse.channel(RoomID(name))
    let heard = Task { [stream = channel.events()] in
        var count = 0
        for await _ in stream {
            count += 1
            if count == 10_000 { break }
        }
    }
    for batch in stride(from: 0, to: 10_000, by: 100) {
        let events = (batch..<batch + 100).map { number in
            """
            {"target":{"room":"\(name)"},"event":{"type":"channel:event",
            "data":{"channel":"\(name)","event":"n","payload":\(number)}}}
            """
        }
        try await clinic.call("POST", "/v1/publish", "[\(events.joined(separator: ","))]")
    }
    await heard.value
}

private struct Held {
    var descriptors: Int
    var threads: Int
    var memory: Int

    init() throws {
        descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8).split(separator: "\n")
        let resident = status.first { $0.hasPrefix("VmRSS:") }
        memory = Int(resident!.filter(\.isNumber))!
    }
}

private func compare(_ load: String, _ before: Held) async throws {
    while true {
        let now = try Held()
        if now.descriptors <= before.descriptors + 4 && now.threads <= before.threads + 8 { break }
        try await Task.sleep(for: .milliseconds(20))
    }
    let more = try Held().memory - before.memory
    print("\(load): \(more) KiB more than before")
    // A client that is kept has more than 50 of them.
    XCTAssertLessThan(more, 16 * 1024, load)
}
