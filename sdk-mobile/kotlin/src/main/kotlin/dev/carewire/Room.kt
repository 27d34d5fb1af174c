package dev.carewire

import java.io.Closeable
import java.time.Instant
import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.flow.Flow
import kotlinx.serialization.json.JsonElement

/**
 * A room that was joined. It is left when its last handle is closed.
 *
 * ```
 * val room = client.join(RoomId.chat(UserId("dr-lee"), UserId("ana")), snapshot = true)
 * room.send("Hello")
 * room.events().collect { event -> event.newMessage?.let { room.markRead(it.id) } }
 * ```
 */
public class Room internal constructor(
    /** The client it was joined with. */
    public val client: CarewireClient,
    private val membership: Membership,
    private val streams: Streams,
    /** What the server said when the room was joined. */
    public val joined: RoomJoinReply,
) : Closeable {
    /** The room. */
    public val id: RoomId get() = membership.id

    /** The state of the room when it was joined, where it was asked for. */
    public val snapshot: Snapshot? get() = joined.snapshot

    /** How far the members had received and read when the room was joined. */
    public val receipts: Map<UserId, Receipts> get() = joined.receipts

    /**
     * What happens in the room, and to the connection. The first collection begins with the join,
     * so nothing falls between joining and listening; further ones begin when they are collected.
     */
    public fun events(): Flow<Event> = streams.all()

    internal fun <T : Any> streamOf(pick: (Event) -> T?): Flow<T> = streams.of(pick)

    /** Sends a text. It is durable when this returns; without a connection it waits in the queue. */
    public suspend fun send(
        body: String,
        attachments: List<Attachment> = emptyList(),
        replyTo: MessageId? = null,
        metadata: JsonElement? = null,
        composedAt: Instant? = null,
        key: Key? = null,
    ): Message {
        val send = MessageSendCommand(id, body, attachments, replyTo, metadata, composedAt)
        return client.request(send, key).message
    }

    /** Replaces the body of one's own message. */
    public suspend fun edit(message: MessageId, body: String): Unit =
        client.request(MessageEditCommand(message, body))

    /** Deletes a message. */
    public suspend fun delete(message: MessageId): Unit = client.request(MessageDeleteCommand(message))

    /** Adds one's reaction to a message. */
    public suspend fun react(message: MessageId, emoji: String): Unit =
        client.request(MessageReactCommand(message, emoji))

    /** Takes one's reaction back. */
    public suspend fun unreact(message: MessageId, emoji: String): Unit =
        client.request(MessageUnreactCommand(message, emoji))

    /**
     * The person has read everything up to this message. That it was received the client says by
     * itself.
     */
    public suspend fun markRead(message: MessageId): Unit = client.request(MessageReadCommand(id, message))

    /** Older messages, oldest first: the newest fifty, unless something else is asked for. */
    public suspend fun history(
        before: MessageId? = null,
        after: MessageId? = null,
        replyTo: MessageId? = null,
        limit: Int? = null,
    ): MessageHistoryReply =
        client.request(MessageHistoryCommand(id, before, after, replyTo, limit?.toLong()))

    /**
     * The person pressed a key. Call it on every one: the client tells the others when the person
     * begins, repeats it every three seconds, and says that they stopped four and a half seconds
     * after the last key or when the message is sent.
     */
    public fun typing(): Unit = client.typing(id)

    /** The person has stopped writing, for instance by emptying the field. */
    public fun stoppedTyping(): Unit = client.stoppedTyping(id)

    /** Who is there now, in the order of their ids. */
    public suspend fun participants(): List<Participant> = allPages { cursor ->
        client.request(RoomParticipantsCommand(id, cursor)).let { it.participants to it.cursor }
    }

    /**
     * Loads the state of the room anew, as of exactly the position from which its events follow:
     * what to do after [Event.Resynced].
     */
    public suspend fun reload(): RoomJoinReply = client.request(RoomJoinCommand(id, snapshot = true))

    /**
     * Publishes an event of the application's own to whoever is there now. Fails with
     * [CarewireException.Offline] without a connection.
     */
    public suspend fun publish(event: String, payload: JsonElement) {
        client.request(RoomPublishCommand(id, event, payload))
    }

    /**
     * Publishes an event of the application's own that is kept and replayed. Queued while there is
     * no connection. Returns its offset.
     */
    public suspend fun publishRetained(event: String, payload: JsonElement): Long? =
        client.request(RoomPublishCommand(id, event, payload, retain = true)).offset

    /** Leaves the room, if this is its last handle. */
    override fun close() {
        streams.end()
        membership.close()
    }
}

/**
 * Joins a room. Joining is reading: its events follow until the last handle is closed. After a
 * reconnect the client is there again, and what was missed is replayed. Waits for a connection.
 *
 * @param snapshot with the state of the room, as of exactly the moment from which its events
 *   follow.
 */
public suspend fun CarewireClient.join(room: RoomId, snapshot: Boolean = false): Room {
    val streams = Streams(hub, { it.concerns(room) })
    val membership = Membership(this, room) { RoomLeaveCommand(room) }
    val join = RoomJoinCommand(room, snapshot = true.takeIf { snapshot })
    val joined = membership.orLeave { request(join) }
    return Room(this, membership, streams, joined)
}

/** One handle's share in being there. */
internal class Membership(
    private val client: CarewireClient,
    val id: RoomId,
    private val leave: () -> Command<*>,
) : Closeable {
    private val left = AtomicBoolean()

    init {
        client.rooms.hold(id)
    }

    override fun close() {
        if (!left.getAndSet(true) && client.rooms.letGo(id)) client.sendAndForget(leave())
    }

    /** What ends without having succeeded leaves nothing behind. */
    inline fun <T> orLeave(enter: () -> T): T {
        var entered = false
        try {
            return enter().also { entered = true }
        } finally {
            if (!entered) close()
        }
    }
}

/** Everything of a list that comes in pages. */
internal inline fun <T> allPages(page: (String?) -> Pair<List<T>, String?>): List<T> {
    val all = ArrayList<T>()
    var cursor: String? = null
    do {
        val (entries, next) = page(cursor)
        all += entries
        cursor = next
    } while (cursor != null)
    return all
}
