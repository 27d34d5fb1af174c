import XCTest

@testable import Carewire

final class LoadTests: XCTestCase {
    func testTenThousandEventsNoneLostAndNoneKept() async throws {
        try await scene(within: .seconds(90)) { clinic in
            let many = 10_000
            let (_, nurse, _) = try await clinic.pair()
            var channel: Channel? = try await nurse.channel("load:events")
            let before = nurse.known.hub.listeners
            let heard = Task { [stream = channel!.events()] in
                var numbers = [Int]()
                for await event in stream {
                    guard case .published(let event) = event, case .number(let number) = event.payload else { break }
                    numbers.append(Int(number))
                    if numbers.count == many { break }
                }
                return numbers
            }
            for batch in stride(from: 0, to: many, by: 100) {
                let events = (batch..<batch + 100).map { number in
                    """
                    {"target":{"room":"load:events"},"event":{"type":"channel:event",
                    "data":{"channel":"load:events","event":"n","payload":\(number)}}}
                    """
                }
                try await clinic.call("POST", "/v1/publish", "[\(events.joined(separator: ","))]")
            }
            let numbers = await heard.value
            XCTAssertEqual(numbers, Array(0..<many))
            channel = nil
            try await until { nurse.known.hub.listeners < before }
        }
    }

    func testUsedFromManyTasksAtOnce() async throws {
        try await scene { clinic in
            let settings = Configuration(queue: Configuration.Queue(inFlightPerRoom: 32))
            let (doctor, _, chat) = try await clinic.pair(settings)
            let his = try await doctor.join(chat)
            let ids = try await withThrowingTaskGroup(of: [MessageID].self) { group in
                for sender in 0..<16 {
                    group.addTask {
                        var ids = [MessageID]()
                        for number in 0..<25 { ids.append(try await his.send("\(sender) \(number)").id) }
                        return ids
                    }
                }
                return try await group.reduce(into: Set<MessageID>()) { $0.formUnion($1) }
            }
            XCTAssertEqual(ids.count, 400)
        }
    }

    func testClosedDuringEverything() async throws {
        try await scene { clinic in
            let (doctor, nurse, chat) = try await clinic.pair()
            for round in 0..<10 {
                let me = try await clinic.connected(doctor.me)
                let room = try await me.join(chat)
                let reading = Ear(room.events())
                let sending = (0..<20).map { number in
                    Task { try await room.send("\(round) \(number)") }
                }
                await me.close()
                for task in sending {
                    if case .failure(let error) = await task.result {
                        XCTAssertEqual((error as? CarewireError)?.code, "closed")
                    }
                }
                await reading.ended()
            }
            XCTAssertEqual(nurse.state, .connected)
        }
    }

    func testOneWhoDoesNotReadLosesTheOldestAndIsTold() async {
        let hub = Hub()
        let (slow, quick) = (Streams(hub).all(), Streams(hub).all())
        var reader = quick.makeAsyncIterator()
        for _ in 0..<mostWaiting + 3 {
            hub.send(.caughtUp)
            let heard = await reader.next()
            XCTAssertEqual(heard, .caughtUp)
        }
        hub.close()
        var late = [Event]()
        for await event in slow { late.append(event) }
        XCTAssertEqual(late.first, .lagged(3))
        XCTAssertEqual(late.count, mostWaiting + 1)
    }
}
