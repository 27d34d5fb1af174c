import Carewire
import Foundation

/// A visit of a doctor and a patient. `Visit.kt` is its twin, line by line.
func visit(
    url: URL, lee: UserID, ana: UserID,
    token: @escaping @Sendable (UserID) async throws -> String
) async throws {
    let network = NetworkSwitch()
    let doctor = try CarewireClient(url: url, configuration: Configuration(network: network)) { _ in
        try await token(lee)
    }
    let patient = try CarewireClient(url: url) { _ in try await token(ana) }
    let me = try await doctor.connect()
    try await patient.connect()
    print("connected: \(me.userID) as \(me.role)")

    // The chat: what is written offline is queued, and then sent.
    let chat = RoomID.chat(lee, ana)
    let his = try await doctor.join(chat, snapshot: true)
    let hers = try await patient.join(chat, snapshot: true)
    var heard = hers.events().makeAsyncIterator()
    network.cut()
    for await state in doctor.states where !state.isConnected { break }
    async let sending = his.send("How are you today?")
    for await count in doctor.queued where count == 1 {
        print("offline, waiting to be sent: \(count)")
        break
    }
    network.heal()
    doctor.reconnectNow()
    let sent = try await sending
    try check(await heard.next { $0.newMessage }.id == sent.id)
    print("online, and sent")

    // Typing and presence.
    his.typing()
    let typist = try await heard.next { event -> UserID? in
        if case .typingStart(let typing)? = event.data { typing.userID } else { nil }
    }
    print("typing: \(typist)")
    let watching = try await patient.presence.subscribe([lee])
    var changes = watching.changes().makeAsyncIterator()
    try await doctor.presence.set(.busy, "With a patient")
    let busy = try await changes.next { $0.first { $0.status == .busy } }
    print("presence: \(busy.customStatus ?? "")")

    // A call: one offer, one answer.
    var ringing = patient.calls.incoming().makeAsyncIterator()
    let call = try await doctor.calls.start([ana], .video)
    var signals = call.events().makeAsyncIterator()
    let accepted = try await ringing.next { $0 }.accept()
    var offers = accepted.events().makeAsyncIterator()
    _ = try await signals.next { event -> Bool? in if case .accepted = event { true } else { nil } }
    try await call.offer("v=0 offer")
    print("call: \(try await offers.next(signalType))")
    try await accepted.answer("v=0 answer")
    print("call: \(try await signals.next(signalType))")
    try await call.end()

    // A lease on a chart, lost to its expiry.
    let lease = try await doctor.record(ana).lock("medication", ttl: .seconds(5))
    print("chart: locked, fencing token \(lease.fencingToken)")
    network.cut()
    print("chart: lost, \(try await lease.lost())")
    network.heal()
    doctor.reconnectNow()

    // The background, and nothing missed.
    patient.background()
    for await state in patient.states where !state.isConnected { break }
    let missed = try await his.send("See you on Monday")
    patient.foreground()
    try check(await heard.next { $0.newMessage }.id == missed.id)
    print("back from the background, nothing missed")

    for client in [doctor, patient] { await client.close() }
}

private func signalType(_ event: CallEvent) -> SignalType? {
    if case .signal(let signal) = event { signal.signalType } else { nil }
}

extension EventStream.Iterator {
    /// Waits for the next that is asked for; others are passed over.
    fileprivate mutating func next<Picked>(_ pick: (Element) -> Picked?) async throws -> Picked {
        while let event = await next() {
            if let picked = pick(event) { return picked }
        }
        throw NotAsExpected()
    }
}

private struct NotAsExpected: Error {}

private func check(_ isSo: Bool) throws {
    if !isSo { throw NotAsExpected() }
}
