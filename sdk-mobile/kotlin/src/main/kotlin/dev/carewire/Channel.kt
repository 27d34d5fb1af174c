package dev.carewire

import java.io.Closeable
import kotlinx.coroutines.flow.Flow
import kotlinx.serialization.json.JsonElement

/**
 * Subscribes to a channel. After a reconnect the client is there again, and what was missed is
 * replayed.
 */
public suspend fun CarewireClient.channel(channel: RoomId): Channel {
    val streams = Streams(hub, { it.concerns(channel) })
    val membership = Membership(this, channel) { RoomLeaveCommand(channel) }
    val joined = membership.orLeave { request(ChannelSubscribeCommand(channel)) }
    return Channel(this, membership, streams, joined)
}

/** A channel that was subscribed to, until its last handle is closed. */
public class Channel internal constructor(
    private val client: CarewireClient,
    private val membership: Membership,
    private val streams: Streams,
    /** What the server said when it was subscribed to. */
    public val joined: RoomJoinReply,
) : Closeable {
    /** The channel. */
    public val id: RoomId get() = membership.id

    /** Publishes. Queued while there is no connection. */
    public suspend fun publish(event: String, payload: JsonElement): Unit =
        client.request(ChannelPublishCommand(id, event, payload))

    /** What happens there. The first collection begins with the subscription. */
    public fun events(): Flow<ChannelEvent> = streams.of { event ->
        if (event.isLoss) return@of ChannelEvent.Missed
        (event.data as? ChannelEventEvent)?.let { ChannelEvent.Published(it) }
    }

    override fun close() {
        streams.end()
        membership.close()
    }
}

/** What happens in a channel. */
public sealed interface ChannelEvent {
    /** Somebody published, oneself included. */
    public data class Published(val event: ChannelEventEvent) : ChannelEvent

    /** Something was missed and will not come. */
    public data object Missed : ChannelEvent
}
