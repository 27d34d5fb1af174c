import CarewireChat
import XCTest

@testable import Carewire

/// What the screen of the guide shows.
final class ChatModelTests: XCTestCase {
    func testAScreenShowsTheChatOfflineToo() async throws {
        try await scene { clinic in
            let network = NetworkSwitch()
            let quick = Configuration.Backoff(first: .milliseconds(20), most: .milliseconds(200))
            let (doctor, nurse, chat) = try await clinic.pair(Configuration(backoff: quick, network: network))
            try await nurse.join(chat).send("before")
            let model = await ChatModel(client: doctor, chat: chat)
            try await model.send("at once")
            let following = Task { try await model.follow() }
            while await model.messages.count < 2 { try await Task.sleep(for: .milliseconds(5)) }
            network.cut()
            try await doctor.state { !$0.isConnected }
            async let sending: Void = model.send("on the way")
            try await doctor.queued(1)
            network.heal()
            doctor.reconnectNow()
            try await sending
            while await model.messages.count < 3 { try await Task.sleep(for: .milliseconds(5)) }
            let bodies = await model.messages.map(\.body)
            XCTAssertEqual(bodies, ["before", "at once", "on the way"])
            following.cancel()
            _ = await following.result
        }
    }
}
