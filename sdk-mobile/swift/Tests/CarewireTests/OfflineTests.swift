import XCTest

@testable import Carewire

final class OfflineTests: XCTestCase {
    private static let quick = Configuration.Backoff(first: .milliseconds(20), most: .milliseconds(200))

    func testWhatWasSentOfflineIsQueuedAndThenSentOnceAndInOrder() async throws {
        try await scene { clinic in
            let network = NetworkSwitch()
            let settings = Configuration(backoff: Self.quick, network: network)
            let (doctor, nurse, chat) = try await clinic.pair(settings)
            let (his, hers) = (try await doctor.join(chat), try await nurse.join(chat))
            let ears = Ear(hers.events())
            network.cut()
            try await doctor.state { !$0.isConnected }
            let live = await error { try await his.publish("wave", 1) }
            XCTAssertEqual(live, .offline)
            var sent = [Task<MessageID, any Error>]()
            for number in 1...5 {
                sent.append(Task { try await his.send("message \(number)").id })
                try await doctor.queued(number)
            }
            network.heal()
            doctor.reconnectNow()
            for task in sent {
                let (mine, heard) = (try await task.value, try await ears.next { $0.newMessage }.id)
                XCTAssertEqual(mine, heard)
            }
            let bodies = try await his.history().messages.map(\.body)
            XCTAssertEqual(bodies, (1...5).map { "message \($0)" })
        }
    }

    func testAFullQueueAndACommandTooLargeOrTooOldSaySo() async throws {
        try await scene { clinic in
            let network = NetworkSwitch()
            let queue = Configuration.Queue(commands: 1, age: .seconds(1))
            let settings = Configuration(backoff: Self.quick, queue: queue, network: network)
            let (doctor, _, chat) = try await clinic.pair(settings)
            let his = try await doctor.join(chat)
            let large = await error { try await his.publish("big", .string(String(repeating: "x", count: 2_000_000))) }
            XCTAssertEqual(large?.code, "payload_too_large")
            network.cut()
            try await doctor.state { !$0.isConnected }
            let old = Task { await error { try await his.send("too late") } }
            try await doctor.queued(1)
            let full = await error { try await his.send("one too many") }
            XCTAssertEqual(full, .queueFull)
            let expired = await old.value
            XCTAssertEqual(expired, .expired)
        }
    }

    func testTheServerIsKilledAndRestarted() async throws {
        let server = try TestServer()
        try await scene(server) { clinic in
            let (doctor, nurse, chat) = try await clinic.pair(Configuration(backoff: Self.quick))
            let (his, hers) = (try await doctor.join(chat), try await nurse.join(chat))
            let ears = Ear(hers.events())
            let before = try await his.send("before").id
            server.kill()
            try await doctor.state { !$0.isConnected }
            async let queued = his.send("while it was down")
            try await doctor.queued(1)
            try server.restart()
            for client in [doctor, nurse] { client.reconnectNow() }
            let after = try await queued.id
            let heard = [try await ears.next { $0.newMessage }.id, try await ears.next { $0.newMessage }.id]
            XCTAssertEqual(heard, [before, after])
        }
    }

    func testACancelledTaskStopsWaitingAndWhatItAskedForHappensOnce() async throws {
        try await scene { clinic in
            let network = NetworkSwitch()
            let settings = Configuration(backoff: Self.quick, network: network)
            let (doctor, nurse, chat) = try await clinic.pair(settings)
            let (his, hers) = (try await doctor.join(chat), try await nurse.join(chat))
            let ears = Ear(hers.events())
            network.cut()
            try await doctor.state { !$0.isConnected }
            let sending = Task { try await his.send("still sent") }
            try await doctor.queued(1)
            sending.cancel()
            do {
                _ = try await sending.value
                XCTFail("it was cancelled")
            } catch {
                XCTAssertTrue(error is CancellationError)
            }
            network.heal()
            doctor.reconnectNow()
            let heard = try await ears.next { $0.newMessage }
            XCTAssertEqual(heard.body, "still sent")
            let count = try await his.history().messages.count
            XCTAssertEqual(count, 1)
        }
    }

    func testWhatWasMissedWhileAwayIsReplayed() async throws {
        try await scene { clinic in
            let network = NetworkSwitch()
            let settings = Configuration(backoff: Self.quick, network: network)
            let (doctor, nurse, chat) = try await clinic.pair(settings)
            let (his, hers) = (try await doctor.join(chat), try await nurse.join(chat))
            let ears = Ear(his.events())
            network.cut()
            try await doctor.state { !$0.isConnected }
            var missed = [MessageID]()
            for number in 1...3 { missed.append(try await hers.send("while away \(number)").id) }
            network.heal()
            doctor.reconnectNow()
            let resumed = try await ears.next { event -> Resumed? in
                if case .resumed(let resumed) = event { resumed } else { nil }
            }
            XCTAssertEqual(resumed.gaps, [])
            for id in missed {
                let heard = try await ears.next { $0.newMessage }.id
                XCTAssertEqual(heard, id)
            }
        }
    }

    func testBackgroundClosesTheSocketForegroundBringsEverythingBack() async throws {
        try await scene { clinic in
            let (doctor, nurse, chat) = try await clinic.pair(Configuration(backoff: Self.quick))
            let (his, hers) = (try await doctor.join(chat), try await nurse.join(chat))
            let ears = Ear(hers.events())
            nurse.background()
            try await nurse.state { !$0.isConnected }
            async let queued = hers.send("written in the background")
            try await nurse.queued(1)
            let missed = try await his.send("while away").id
            nurse.foreground()
            try await nurse.state { $0.isConnected }
            let mine = try await queued.id
            let heard = [try await ears.next { $0.newMessage }.id, try await ears.next { $0.newMessage }.id]
            XCTAssertEqual(Set(heard), [missed, mine])
        }
    }
}
