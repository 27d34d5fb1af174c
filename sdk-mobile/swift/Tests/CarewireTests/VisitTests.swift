import XCTest

@testable import Carewire

/// The visit that every SDK plays: the first thing to copy from. `VisitTest.kt` is its twin.
final class VisitTests: XCTestCase {
    func testAVisit() async throws {
        try await scene { clinic in
            let (lee, ana) = (clinic.user("dr-lee"), clinic.user("ana"))
            try await clinic.call("PUT", "/v1/care-team/\(lee)/\(ana)")
            let network = NetworkSwitch()
            let doctor = try await clinic.connected(lee, "provider", Configuration(network: network))
            let patient = try await clinic.connected(ana, "patient")

            // The chat: what is written offline is queued, and then sent.
            let chat = RoomID.chat(lee, ana)
            let his = try await doctor.join(chat, snapshot: true)
            let hers = try await patient.join(chat, snapshot: true)
            let heard = Ear(hers.events())
            network.cut()
            try await doctor.state { !$0.isConnected }
            async let sending = his.send("How are you today?")
            try await doctor.queued(1)
            network.heal()
            doctor.reconnectNow()
            let (sent, arrived) = (try await sending.id, try await heard.next { $0.newMessage }.id)
            XCTAssertEqual(sent, arrived)

            // Typing and presence.
            his.typing()
            _ = try await heard.next { event -> Bool? in
                if case .typingStart? = event.data { true } else { nil }
            }
            let watching = try await patient.presence.subscribe([lee])
            let changes = Ear(watching.changes())
            try await doctor.presence.set(.busy, "With a patient")
            _ = try await changes.next { $0.contains { $0.status == .busy } }

            // A call: one offer, one answer.
            let ringing = Ear(patient.calls.incoming())
            let call = try await doctor.calls.start([ana], .video)
            let signals = Ear(call.events())
            let accepted = try await ringing.next().accept()
            let offers = Ear(accepted.events())
            _ = try await signals.next { event -> Bool? in
                if case .accepted = event { true } else { nil }
            }
            try await call.offer("v=0 offer")
            _ = try await offers.next { event -> Bool? in
                if case .signal = event { true } else { nil }
            }
            try await accepted.answer("v=0 answer")
            _ = try await signals.next { event -> Bool? in
                if case .signal = event { true } else { nil }
            }
            try await call.end()

            // A lease on a chart, lost to its expiry.
            let lease = try await doctor.record(ana).lock("medication", ttl: .seconds(5))
            try await until { lease.isHeld }
            network.cut()
            let loss = try await lease.lost()
            XCTAssertEqual(loss, .notRenewed)
            network.heal()
            doctor.reconnectNow()

            // The background, and nothing missed.
            patient.background()
            try await patient.state { !$0.isConnected }
            let missed = try await his.send("See you on Monday").id
            patient.foreground()
            let found = try await heard.next { $0.newMessage }.id
            XCTAssertEqual(missed, found)

            for client in [doctor, patient] { await client.close() }
            await heard.ended()
        }
    }
}
