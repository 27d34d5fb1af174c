package dev.carewire

import java.io.Closeable
import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.update

/** A part of a chart. */
internal data class Part(val patient: UserId, val record: RecordId)

/**
 * A lease on a part of a chart: no other device has one while this is held.
 *
 * The client renews it every third of its time, over reconnects, until the handle is closed.
 * Without a connection it is lost when its time is over, no later than the server grants it to
 * somebody else; [lost] tells. What is written under it to a store of the application carries its
 * [fencingToken], and the store refuses a token smaller than one it has seen.
 */
public class Lease internal constructor(
    private val client: CarewireClient,
    private val part: Part,
    /** Grows with every grant of any lease. What is written under the lease carries it. */
    public val fencingToken: Long,
) : Closeable {
    private val givenBack = AtomicBoolean()

    /** Which part of the chart. */
    public val recordId: RecordId get() = part.record

    /** How it stands now. */
    public val state: LeaseState get() = stateIn(client.leases.value)

    /** How it stands, now and whenever that changes. */
    public val states: Flow<LeaseState> get() = client.leases.map(::stateIn).distinctUntilChanged()

    /** Whether it is held. */
    public val isHeld: Boolean get() = state is LeaseState.Held

    /** Waits until it is lost, and says why. */
    public suspend fun lost(): LeaseLoss = states.filterIsInstance<LeaseState.Lost>().first().loss

    /**
     * Gives it back, and waits until the others know. Without a connection it fails with
     * [CarewireException.Offline]; the server is then told with the next one.
     */
    public suspend fun release() {
        if (!givenBack.getAndSet(true)) {
            try {
                client.request(unlock())
            } finally {
                forget()
            }
        }
    }

    /** Gives it back, without waiting. */
    override fun close() {
        if (givenBack.getAndSet(true)) return
        if (isHeld) client.sendAndForget(unlock())
        forget()
    }

    private fun unlock() = RecordUnlockCommand(part.record, part.patient, fencingToken)

    private fun forget() = client.leases.update { all ->
        if (all[part]?.first == fencingToken) all - part else all
    }

    private fun stateIn(all: Map<Part, Pair<Long, LeaseState>>): LeaseState {
        val (token, state) = all[part] ?: return LeaseState.Lost(LeaseLoss.Closed)
        return if (token == fencingToken) state else LeaseState.Lost(LeaseLoss.Superseded)
    }
}
