package dev.carewire

import java.io.Closeable
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.time.Duration
import kotlinx.coroutines.flow.Flow

/** The chart of a patient. Nothing is asked for yet. */
public fun CarewireClient.record(patient: UserId): Record = Record(this, patient)

/** The chart of a patient. From [CarewireClient.record]. */
public class Record internal constructor(private val client: CarewireClient, private val patient: UserId) {
    /** Looks at it, over reconnects, until the last such handle is closed. */
    public suspend fun view(): Viewing {
        val viewing = Viewing(client, client.join(RoomId.patient(patient), snapshot = true), patient)
        var seen = false
        try {
            client.request(RecordViewCommand(patient))
            seen = true
        } finally {
            if (!seen) viewing.close()
        }
        return viewing
    }

    /** Who looks at it now. */
    public suspend fun viewers(): List<Viewer> = client.request(RecordViewersCommand(patient)).viewers

    /**
     * Takes the lease on a part of it, to be alone in writing there. Fails with `record_locked`
     * while somebody else holds it, and with [CarewireException.Offline] without a connection.
     *
     * @param ttl how long it lives without a renewal: 5 s to 5 min, 30 s unless the server is
     *   configured otherwise. It is also how long others wait after this device is gone.
     */
    public suspend fun lock(record: RecordId, ttl: Duration? = null): Lease {
        val granted = client.request(RecordLockCommand(record, patient, ttl))
        return Lease(client, Part(patient, record), granted.fencingToken)
    }
}

/** Looking at a chart: the others there see it, until this is closed. */
public class Viewing internal constructor(
    private val client: CarewireClient,
    private val room: Room,
    private val patient: UserId,
) : Closeable {
    private val closed = AtomicBoolean()

    init {
        client.charts.hold(patient)
    }

    /** Who looked at it before this did. */
    public val viewers: List<Viewer> get() = room.snapshot?.viewers.orEmpty()

    /** The leases that were held when this began. */
    public val locks: List<LockState> get() = room.snapshot?.locks.orEmpty()

    /** What happens to the chart. The first collection begins with the looking. */
    public fun events(): Flow<ChartEvent> = room.streamOf { event ->
        if (event.isLoss) return@streamOf ChartEvent.Reload
        when (val data = event.data) {
            is RecordViewersChangedEvent -> ChartEvent.ViewersChanged(data)
            is RecordLockedEvent -> ChartEvent.Locked(data)
            is RecordUnlockedEvent -> ChartEvent.Unlocked(data)
            is VitalsUpdateEvent -> ChartEvent.Vitals(data)
            is AlertCriticalEvent -> ChartEvent.Alert(data)
            else -> null
        }
    }

    /** Looks away. */
    override fun close() {
        if (closed.getAndSet(true)) return
        if (client.charts.letGo(patient)) client.sendAndForget(RecordUnviewCommand(patient))
        room.close()
    }
}

/** What happens to a chart. */
public sealed interface ChartEvent {
    /** Somebody looks at it, or no longer does. */
    public data class ViewersChanged(val now: RecordViewersChangedEvent) : ChartEvent

    /** A lease on a part of it was granted or renewed. */
    public data class Locked(val lock: RecordLockedEvent) : ChartEvent

    /** A lease on a part of it ended. */
    public data class Unlocked(val lock: RecordUnlockedEvent) : ChartEvent

    /** New readings. */
    public data class Vitals(val update: VitalsUpdateEvent) : ChartEvent

    /** Somebody has to act. */
    public data class Alert(val alert: AlertCriticalEvent) : ChartEvent

    /** Something was missed and will not come: look again. */
    public data object Reload : ChartEvent
}
