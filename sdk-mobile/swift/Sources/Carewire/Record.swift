/// The chart of a patient. From `CarewireClient.record`.
public struct Record: Sendable {
    let client: CarewireClient
    let patient: UserID

    /// Looks at it, over reconnects, until the last such handle is gone.
    public func view() async throws -> Viewing {
        let viewing = Viewing(try await client.join(.patient(patient), snapshot: true), patient)
        try await client.request(RecordViewCommand(patientID: patient))
        return viewing
    }

    /// Who looks at it now.
    public func viewers() async throws -> [Viewer] {
        try await client.request(RecordViewersCommand(patientID: patient)).viewers
    }

    /// Takes the lease on a part of it, to be alone in writing there. Fails with `record_locked`
    /// while somebody else holds it, and with `CarewireError.offline` without a connection.
    ///
    /// - Parameter ttl: how long it lives without a renewal: 5 s to 5 min, 30 s unless the server is
    ///   configured otherwise. It is also how long others wait after this device is gone.
    public func lock(_ record: RecordID, ttl: Duration? = nil) async throws -> Lease {
        let lock = RecordLockCommand(recordID: record, patientID: patient, ttl: ttl)
        let granted = try await client.request(lock)
        return Lease(client, Part(patient: patient, record: record), granted.fencingToken)
    }
}

extension CarewireClient {
    /// The chart of a patient. Nothing is asked for yet.
    public func record(_ patient: UserID) -> Record {
        Record(client: self, patient: patient)
    }
}

/// Looking at a chart: the others there see it, as long as this is held.
public final class Viewing: Sendable {
    private let room: Room
    private let patient: UserID
    private let ended = Locked(false)

    init(_ room: Room, _ patient: UserID) {
        self.room = room
        self.patient = patient
        room.client.charts.hold(patient)
    }

    deinit { end() }

    /// Who looked at it before this did.
    public var viewers: [Viewer] { room.snapshot?.viewers ?? [] }

    /// The leases that were held when this began.
    public var locks: [LockState] { room.snapshot?.locks ?? [] }

    /// What happens to the chart. The first stream begins with the looking.
    public func events() -> EventStream<ChartEvent> {
        room.streamOf { event in
            if event.isLoss { return .reload }
            return switch event.data {
            case .recordViewersChanged(let now): .viewersChanged(now)
            case .recordLocked(let lock): .locked(lock)
            case .recordUnlocked(let lock): .unlocked(lock)
            case .vitalsUpdate(let update): .vitals(update)
            case .alertCritical(let alert): .alert(alert)
            default: nil
            }
        }
    }

    /// Looks away now.
    public func end() {
        guard ended.first() else { return }
        if room.client.charts.letGo(patient) { room.client.sendAndForget(RecordUnviewCommand(patientID: patient)) }
        room.leave()
    }
}

/// What happens to a chart.
public enum ChartEvent: Hashable, Sendable {
    /// Somebody looks at it, or no longer does.
    case viewersChanged(RecordViewersChangedEvent)
    /// A lease on a part of it was granted or renewed.
    case locked(RecordLockedEvent)
    /// A lease on a part of it ended.
    case unlocked(RecordUnlockedEvent)
    /// New readings.
    case vitals(VitalsUpdateEvent)
    /// Somebody has to act.
    case alert(AlertCriticalEvent)
    /// Something was missed and will not come: look again.
    case reload
}
