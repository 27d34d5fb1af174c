package dev.carewire

import java.io.Closeable
import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow

/** Presence: one's own status, and that of others. From [CarewireClient.presence]. */
public class PresenceApi internal constructor(private val client: CarewireClient) {
    /** Asks once. */
    public suspend fun get(people: Collection<UserId>): List<Presence> =
        client.request(PresenceGetCommand(people.toList())).presences

    /** Sets one's own status on all devices, with a few words beside it. It outlives a reconnect. */
    public suspend fun set(status: PresenceStatus, text: String? = null): Unit =
        client.request(PresenceSetStatusCommand(status, text))

    /** Follows people until the subscription is closed, over reconnects. */
    public suspend fun subscribe(people: Collection<UserId>): PresenceSubscription {
        val followed = people.toSet()
        val streams = Streams(client.hub, { true })
        followed.forEach(client.people::hold)
        val subscription = PresenceSubscription(client, followed, streams)
        var subscribed = false
        try {
            subscription.take(client.request(PresenceSubscribeCommand(followed.toList())).presences)
            subscribed = true
        } finally {
            if (!subscribed) subscription.close()
        }
        return subscription
    }
}

/** Following the presence of people, until it is closed. */
public class PresenceSubscription internal constructor(
    private val client: CarewireClient,
    private val people: Set<UserId>,
    private val streams: Streams,
) : Closeable {
    private val known = LinkedHashMap<UserId, Presence>()
    private val closed = AtomicBoolean()

    /** The presences as far as they have been collected with [changes]. */
    public val current: List<Presence> get() = synchronized(known) { known.values.toList() }

    /** Each change. The first collection begins with the subscription. */
    public fun changes(): Flow<Presence> = flow {
        streams.all().collect { event ->
            when (val data = event.data) {
                is Presence -> take(listOf(data)).forEach { emit(it) }
                else -> if (event is Event.Resumed) take(event.presences).forEach { emit(it) }
            }
        }
    }

    /** Says which of them are news about the people followed. */
    internal fun take(presences: List<Presence>): List<Presence> = synchronized(known) {
        presences.filter { it.userId in people && known.put(it.userId, it) != it }
    }

    override fun close() {
        if (closed.getAndSet(true)) return
        streams.end()
        val unwatched = people.filter(client.people::letGo)
        if (unwatched.isNotEmpty()) client.sendAndForget(PresenceUnsubscribeCommand(unwatched))
    }
}
