import XCTest

@testable import Carewire

final class ChatTests: XCTestCase {
    func testAChatWithReceipts() async throws {
        try await scene { clinic in
            let (doctor, nurse, chat) = try await clinic.pair()
            let (hers, his) = (try await nurse.join(chat), try await doctor.join(chat))
            let (ears, tick) = (Ear(hers.events()), Ear(doctor.events()))
            let sent = try await his.send("The bed is free", metadata: 7)
            XCTAssertEqual(sent.body, "The bed is free")
            let arrived = try await ears.next { event -> ServerEvent? in
                if event.newMessage != nil, case .server(let event) = event { event } else { nil }
            }
            XCTAssertEqual(arrived.room, chat)
            XCTAssertEqual(arrived.origin, doctor.clientID)
            XCTAssertEqual(arrived.position?.offset, 1)
            // That it arrived, her client says by itself.
            let delivered = try await tick.next { event -> MessageID? in
                if case .messageDelivered(let it)? = event.data { it.messageID } else { nil }
            }
            XCTAssertEqual(delivered, sent.id)
            try await hers.markRead(sent.id)
            let read = try await tick.next { event -> MessageID? in
                if case .messageRead(let it)? = event.data { it.messageID } else { nil }
            }
            XCTAssertEqual(read, sent.id)
            let status = try await his.history().messages.map(\.status)
            XCTAssertEqual(status, [.read])
        }
    }

    func testMessagesAreEditedReactedToAndDeleted() async throws {
        try await scene { clinic in
            let (doctor, nurse, chat) = try await clinic.pair()
            let (his, hers) = (try await doctor.join(chat), try await nurse.join(chat))
            let ears = Ear(hers.events())
            let message = try await his.send("Bed 4")
            try await his.edit(message.id, body: "Bed 5")
            let edited = try await ears.next { event -> String? in
                if case .messageEdited(let it)? = event.data { it.message.body } else { nil }
            }
            XCTAssertEqual(edited, "Bed 5")
            try await hers.react(message.id, emoji: "👍")
            let reactions = try await his.history().messages.first?.reactions
            XCTAssertEqual(reactions, ["👍": [nurse.me]])
            try await hers.unreact(message.id, emoji: "👍")
            try await his.delete(message.id)
            _ = try await ears.next { event -> Bool? in
                if case .messageDeleted? = event.data { true } else { nil }
            }
        }
    }

    func testASnapshotPagesOfHistoryAndWhoIsThere() async throws {
        try await scene { clinic in
            let (doctor, nurse, chat) = try await clinic.pair()
            let his = try await doctor.join(chat)
            var ids = [MessageID]()
            for number in 1...5 { ids.append(try await his.send("message \(number)").id) }
            let hers = try await nurse.join(chat, snapshot: true)
            XCTAssertEqual(hers.snapshot?.messages?.map(\.id), ids)
            let newest = try await hers.history(limit: 2)
            XCTAssertEqual(newest.messages.map(\.id), Array(ids.suffix(2)))
            XCTAssertTrue(newest.hasMore)
            let older = try await hers.history(before: ids[3])
            XCTAssertEqual(older.messages.map(\.id), Array(ids.prefix(3)))
            let there = Set(try await hers.participants().map(\.userID))
            XCTAssertEqual(there, [doctor.me, nurse.me])
        }
    }

    func testTyping() async throws {
        try await scene { clinic in
            let (doctor, nurse, chat) = try await clinic.pair()
            let (his, hers) = (try await doctor.join(chat), try await nurse.join(chat))
            let ears = Ear(hers.events())
            for _ in 0..<20 { his.typing() }
            let who = try await ears.next { event -> UserID? in
                if case .typingStart(let it)? = event.data { it.userID } else { nil }
            }
            XCTAssertEqual(who, doctor.me)
            try await his.send("done")
            _ = try await ears.next { event -> Bool? in
                if case .typingStop? = event.data { true } else { nil }
            }
        }
    }

    func testWhatOneMayNotDoSaysWhy() async throws {
        try await scene { clinic in
            let (doctor, _, chat) = try await clinic.pair()
            let his = try await doctor.join(chat)
            let empty = await error { try await his.send("") }
            XCTAssertEqual(empty?.code, "invalid_input")
            XCTAssertEqual(empty?.reason, "Message content is required")
            let nowhere = await error { try await doctor.join("nonsense") }
            XCTAssertEqual(nowhere?.code, "room_not_found")
            let foreign = await error { try await doctor.join(.chat("somebody", "else")) }
            XCTAssertEqual(foreign?.code, "access_denied")
        }
    }

    func testARoomIsLeftWithItsLastHandle() async throws {
        try await scene { clinic in
            let (doctor, _, chat) = try await clinic.pair()
            var first: Room? = try await doctor.join(chat)
            var second: Room? = try await doctor.join(chat)
            XCTAssertEqual(first?.id, second?.id)
            first = nil
            let before = try await doctor.request(SessionStatusCommand()).rooms
            XCTAssertTrue(before.contains(chat))
            second = nil
            let after = try await doctor.request(SessionStatusCommand()).rooms
            XCTAssertFalse(after.contains(chat))
        }
    }

    func testEventsOfOnesOwnAndKeys() async throws {
        try await scene { clinic in
            let (doctor, nurse, chat) = try await clinic.pair()
            let (his, hers) = (try await doctor.join(chat), try await nurse.join(chat))
            let ears = Ear(hers.events())
            try await his.publish("wave", ["x": 1.5])
            let wave = try await ears.next { event -> JSONValue? in
                if case .roomEvent(let it)? = event.data { it.payload } else { nil }
            }
            XCTAssertEqual(wave, ["x": 1.5])
            let offset = try await his.publishRetained("pinned", 1)
            XCTAssertEqual(offset, 1)
            let once = try await his.send("once", key: "a-key").id
            let again = try await his.send("once", key: "a-key").id
            XCTAssertEqual(once, again)
        }
    }
}
