import Foundation

/// How many events wait for one listener before the oldest are dropped.
let mostWaiting = 1024

/// A value that one thread at a time looks at.
final class Locked<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) {
        self.value = value
    }

    func with<Result>(_ use: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try use(&value)
    }
}

/// Hands every event to everybody who listens. Nobody waits for a slow listener.
final class Hub: Sendable {
    private struct Weak {
        weak var slot: Slot?
    }

    private let slots = Locked((all: [Weak](), isClosed: false))

    /// What happens from now on, as long as somebody holds the slot.
    func slot(_ wants: @escaping @Sendable (Event) -> Bool) -> Slot {
        let slot = Slot(wants)
        let isClosed = slots.with { slots in
            if !slots.isClosed { slots.all.append(Weak(slot: slot)) }
            return slots.isClosed
        }
        if isClosed { slot.close() }
        return slot
    }

    func send(_ event: Event) {
        let now = slots.with { slots in
            slots.all.removeAll { $0.slot == nil }
            return slots.all.compactMap(\.slot)
        }
        for slot in now { slot.push(event) }
    }

    /// Ends every stream once it has been read to its end.
    func close() {
        let now = slots.with { slots in
            slots.isClosed = true
            defer { slots.all = [] }
            return slots.all.compactMap(\.slot)
        }
        for slot in now { slot.close() }
    }

    /// How many listen, for tests.
    var listeners: Int {
        slots.with { slots in slots.all.count { $0.slot != nil } }
    }
}

/// The events that wait for one listener.
final class Slot: Sendable {
    enum Taken {
        case event(Event)
        case nothing
        case closed
    }

    private struct Waiting {
        var events = [Event]()
        /// Those before it were taken.
        var first = 0
        var dropped = 0
        var isClosed = false
    }

    private let wants: @Sendable (Event) -> Bool
    private let waiting = Locked(Waiting())
    private let ring: AsyncStream<Void>.Continuation
    /// Something may have come.
    let news: AsyncStream<Void>

    init(_ wants: @escaping @Sendable (Event) -> Bool) {
        self.wants = wants
        (news, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func push(_ event: Event) {
        guard wants(event) else { return }
        waiting.with { waiting in
            if waiting.events.count - waiting.first >= mostWaiting {
                waiting.first += 1
                waiting.dropped += 1
            }
            if waiting.first >= mostWaiting {
                waiting.events.removeFirst(waiting.first)
                waiting.first = 0
            }
            waiting.events.append(event)
        }
        ring.yield()
    }

    func close() {
        waiting.with { $0.isClosed = true }
        ring.yield()
    }

    func take() -> Taken {
        waiting.with { waiting in
            if waiting.dropped > 0 {
                defer { waiting.dropped = 0 }
                return .event(.lagged(waiting.dropped))
            }
            if waiting.first < waiting.events.count {
                defer { waiting.first += 1 }
                return .event(waiting.events[waiting.first])
            }
            waiting.events.removeAll(keepingCapacity: true)
            waiting.first = 0
            return waiting.isClosed ? .closed : .nothing
        }
    }
}

/// What happens of one kind, in order, from the moment it was asked for. Ends when the client is
/// closed or the task that reads it is cancelled.
///
/// Up to 1,024 events wait for a listener that is busy. One that falls further behind loses the
/// oldest and is told; nobody else is affected.
public struct EventStream<Element: Sendable>: AsyncSequence, Sendable {
    let slot: Slot
    let pick: @Sendable (Event) -> Element?

    public func makeAsyncIterator() -> Iterator {
        Iterator(slot: slot, pick: pick, news: slot.news.makeAsyncIterator())
    }

    public struct Iterator: AsyncIteratorProtocol {
        let slot: Slot
        let pick: @Sendable (Event) -> Element?
        var news: AsyncStream<Void>.Iterator

        public mutating func next() async -> Element? {
            while true {
                switch slot.take() {
                case .event(let event):
                    if let picked = pick(event) { return picked }
                case .closed:
                    return nil
                case .nothing:
                    if await news.next() == nil { return nil }
                }
            }
        }
    }
}

/// The streams of one handle: the first begins when the handle is made, so that nothing falls
/// between the two; further ones begin when they are asked for.
final class Streams: Sendable {
    private let hub: Hub
    private let wants: @Sendable (Event) -> Bool
    private let first: Locked<Slot?>

    init(_ hub: Hub, begun: Bool = true, _ wants: @escaping @Sendable (Event) -> Bool = { _ in true }) {
        self.hub = hub
        self.wants = wants
        first = Locked(begun ? hub.slot(wants) : nil)
    }

    func of<Element: Sendable>(_ pick: @escaping @Sendable (Event) -> Element?) -> EventStream<Element> {
        let taken = first.with { first in
            defer { first = nil }
            return first
        }
        return EventStream(slot: taken ?? hub.slot(wants), pick: pick)
    }

    func all() -> EventStream<Event> {
        of { $0 }
    }
}

/// A value, and whoever follows it.
final class Watched<Value: Sendable & Equatable>: Sendable {
    private struct State {
        var value: Value
        var followers = [Int: AsyncStream<Value>.Continuation]()
        var last = 0
        var isEnded = false
    }

    private let state: Locked<State>

    init(_ value: Value) {
        state = Locked(State(value: value))
    }

    var value: Value { state.with { $0.value } }

    func set(_ value: Value) {
        update { $0 = value }
    }

    func update(_ change: (inout Value) -> Void) {
        let (value, followers) = state.with { state in
            let old = state.value
            change(&state.value)
            return (state.value, old == state.value ? [] : Array(state.followers.values))
        }
        for follower in followers { follower.yield(value) }
    }

    /// The value now, and whenever it changes; of what is not read in time the newest count.
    func stream() -> AsyncStream<Value> {
        let (stream, follower) = AsyncStream<Value>.makeStream(bufferingPolicy: .bufferingNewest(64))
        let (number, isEnded) = state.with { state in
            state.last += 1
            follower.yield(state.value)
            if !state.isEnded { state.followers[state.last] = follower }
            return (state.last, state.isEnded)
        }
        follower.onTermination = { [weak self] _ in
            self?.state.with { _ = $0.followers.removeValue(forKey: number) }
        }
        if isEnded { follower.finish() }
        return stream
    }

    /// Nothing changes any more.
    func end() {
        let followers = state.with { state in
            state.isEnded = true
            return Array(state.followers.values)
        }
        for follower in followers { follower.finish() }
    }
}

/// How many handles share one thing.
final class Counts<Key: Hashable & Sendable>: Sendable {
    private let held = Locked([Key: Int]())

    func hold(_ key: Key) {
        held.with { $0[key, default: 0] += 1 }
    }

    /// One handle less; says whether it was the last one.
    func letGo(_ key: Key) -> Bool {
        held.with { held in
            guard let count = held[key] else { return false }
            held[key] = count == 1 ? nil : count - 1
            return count == 1
        }
    }
}
