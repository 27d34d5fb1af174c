package dev.carewire

import java.lang.ref.WeakReference
import java.util.concurrent.atomic.AtomicReference
import kotlinx.coroutines.channels.Channel as Signals
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.mapNotNull

/** How many events wait for one listener before the oldest are dropped. */
internal const val MOST_WAITING: Int = 1024

/** Hands every event to everybody who listens. Nobody waits for a slow listener. */
internal class Hub {
    private val slots = ArrayList<WeakReference<Slot>>()
    private var closed = false

    /** What happens from now on, as long as somebody holds the slot. */
    fun slot(wants: (Event) -> Boolean): Slot = synchronized(this) {
        Slot(wants).also {
            if (closed) it.close() else slots.add(WeakReference(it))
        }
    }

    fun send(event: Event) {
        val now = synchronized(this) {
            slots.removeAll { it.get() == null }
            slots.mapNotNull { it.get() }
        }
        now.forEach { it.push(event) }
    }

    /** Ends every stream once it has been read to its end. */
    fun close() {
        val now = synchronized(this) {
            closed = true
            slots.mapNotNull { it.get() }.also { slots.clear() }
        }
        now.forEach { it.close() }
    }

    fun forget(slot: Slot): Unit = synchronized(this) {
        slots.removeAll { it.get().let { held -> held == null || held === slot } }
    }

    /** How many listen, for tests. */
    val listeners: Int get() = synchronized(this) { slots.count { it.get() != null } }
}

/** The events that wait for one listener. */
internal class Slot(private val wants: (Event) -> Boolean) {
    private val waiting = ArrayDeque<Event>()
    private var dropped = 0L
    private var closed = false
    private val news = Signals<Unit>(Signals.CONFLATED)

    fun push(event: Event) {
        if (!wants(event)) return
        synchronized(this) {
            if (waiting.size >= MOST_WAITING) {
                waiting.removeFirst()
                dropped += 1
            }
            waiting.addLast(event)
        }
        news.trySend(Unit)
    }

    fun close() {
        synchronized(this) { closed = true }
        news.trySend(Unit)
    }

    /** Waits for the next event; `null`: the client is closed. Cancelling it loses no event. */
    suspend fun next(): Event? {
        while (true) {
            synchronized(this) {
                if (dropped > 0) return Event.Lagged(dropped).also { dropped = 0 }
                waiting.removeFirstOrNull()?.let { return it }
                if (closed) return null
            }
            news.receive()
        }
    }
}

/**
 * The streams of one handle: the first begins when the handle is made, so that nothing falls
 * between the two; further ones begin when they are collected.
 */
internal class Streams(private val hub: Hub, private val wants: (Event) -> Boolean, begun: Boolean = true) {
    private val first = AtomicReference(if (begun) hub.slot(wants) else null)

    fun all(): Flow<Event> = flow {
        val slot = first.getAndSet(null) ?: hub.slot(wants)
        try {
            while (true) emit(slot.next() ?: break)
        } finally {
            hub.forget(slot)
        }
    }

    fun <T : Any> of(pick: (Event) -> T?): Flow<T> = all().mapNotNull { pick(it) }

    fun end() {
        first.getAndSet(null)?.let(hub::forget)
    }
}
