import CarewireChat
import XCTest

@testable import Carewire

/// What the screen of the guide shows.
@available(iOS 17, macOS 14, *)
final class ChatModelTests: XCTestCase {
    func testAScreenShowsTheChatOfflineToo() async throws {
        try await scene { clinic in
            let network = NetworkSwitch()
            let quick = Configuration.Backoff(first: .milliseconds(20), most: .milliseconds(200))
            let (doctor, nurse, chat) = try await clinic.pair(Configuration(backoff: quick, network: network))
            try await nurse.join(chat).send("before")
            let model = await ChatModel(client: doctor, chat: chat)
            await model.send("at once")
            let following = Task { await model.follow() }
            while await model.messages.count < 2 { try await Task.sleep(for: .milliseconds(5)) }
            network.cut()
            try await doctor.state { !$0.isConnected }
            async let sending: Void = model.send("on the way")
            try await doctor.queued(1)
            network.heal()
            doctor.reconnectNow()
            await sending
            while await model.messages.count < 3 { try await Task.sleep(for: .milliseconds(5)) }
            let bodies = await model.messages.map(\.body)
            XCTAssertEqual(bodies, ["before", "at once", "on the way"])
            following.cancel()
            await following.value
        }
    }

    func testWhatCouldNotBeSentIsADraftAgainAndTheFailureIsOverWhenSomethingWas() async throws {
        try await scene { clinic in
            let (doctor, _, chat) = try await clinic.pair()
            let model = await ChatModel(client: doctor, chat: chat)
            let tooLong = String(repeating: "a", count: 64 * 1024 + 1)
            await model.send(tooLong)
            var (failure, draft) = await (model.failure, model.draft)
            XCTAssertEqual(failure?.code, "invalid_input")
            XCTAssertEqual(draft, tooLong)
            await model.send("short")
            (failure, draft) = await (model.failure, model.draft)
            XCTAssertNil(failure)
            XCTAssertEqual(draft, "")
        }
    }

    func testAChatThatIsRefusedIsSaid() async throws {
        try await scene { clinic in
            let (doctor, _, _) = try await clinic.pair()
            let model = await ChatModel(client: doctor, chat: .chat(clinic.user("dr"), clinic.user("nurse")))
            await model.follow()
            let failure = await model.failure
            XCTAssertEqual(failure?.code, "access_denied")
        }
    }

    func testAScreenThatIsGoneHasLeftTheChat() async throws {
        try await scene { clinic in
            let (doctor, _, chat) = try await clinic.pair()
            let model = await ChatModel(client: doctor, chat: chat)
            let following = Task { await model.follow() }
            await model.send("hello")
            while await model.messages.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            following.cancel()
            await following.value
            XCTAssertFalse(doctor.rooms.letGo(chat), "a handle is still open")
        }
    }
}

@available(iOS 17, macOS 14, *)
extension ChatModel {
    fileprivate func send(_ text: String) async {
        draft = text
        await send()
    }
}
