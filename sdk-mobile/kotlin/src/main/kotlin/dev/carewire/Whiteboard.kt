package dev.carewire

import java.io.Closeable
import kotlinx.coroutines.flow.Flow
import kotlinx.serialization.json.JsonElement

/**
 * Joins a room with a whiteboard: a chat, thread, visit or call. Its state is loaded as of exactly
 * the moment from which its events follow.
 */
public suspend fun CarewireClient.whiteboard(room: RoomId): Whiteboard {
    val joined = join(room, snapshot = true)
    var opened = false
    try {
        val shown = joined.snapshot?.whiteboard ?: WhiteboardState(revision = 0, ops = emptyList())
        val state = if (shown.cursor == null) shown else load(room)
        opened = true
        return Whiteboard(joined, state)
    } finally {
        if (!opened) joined.close()
    }
}

/** The whiteboard of a room that was joined. From [CarewireClient.whiteboard]. */
public class Whiteboard internal constructor(
    /** The room it belongs to. */
    public val room: Room,
    /**
     * The whiteboard as it was when it was opened. An event of its revision or an older one is in
     * it already.
     */
    public val state: WhiteboardState,
) : Closeable {
    /** The whole whiteboard as it is now. */
    public suspend fun load(): WhiteboardState = room.client.load(room.id)

    /** Draws. Queued while there is no connection. Returns the revision that it made. */
    public suspend fun draw(ops: List<JsonElement>): Long =
        room.client.request(WhiteboardUpdateCommand(room.id, ops)).revision

    /** Wipes it. Fails with [CarewireException.Offline] without a connection. */
    public suspend fun clear(): Unit = room.client.request(WhiteboardClearCommand(room.id))

    /**
     * Shows the others where one points. Nobody waits for it, and without a connection it is
     * dropped; a value that is not a number is ignored.
     */
    public fun point(x: Double, y: Double) {
        if (x.isFinite() && y.isFinite()) room.client.sendAndForget(WhiteboardCursorCommand(room.id, x, y))
    }

    /** What happens on it. The first collection begins with the opening. */
    public fun events(): Flow<BoardEvent> = room.streamOf { event ->
        if (event.isLoss) return@streamOf BoardEvent.Reload
        when (val data = event.data) {
            is WhiteboardUpdateEvent -> BoardEvent.Updated(data)
            is WhiteboardClearedEvent -> BoardEvent.Cleared(data)
            is WhiteboardCursorEvent -> BoardEvent.Cursor(data)
            else -> null
        }
    }

    override fun close(): Unit = room.close()
}

/** What happens on a whiteboard. */
public sealed interface BoardEvent {
    /** Somebody drew, oneself included. */
    public data class Updated(val update: WhiteboardUpdateEvent) : BoardEvent

    /** Somebody wiped it. */
    public data class Cleared(val cleared: WhiteboardClearedEvent) : BoardEvent

    /** Somebody points. */
    public data class Cursor(val cursor: WhiteboardCursorEvent) : BoardEvent

    /** Something was missed and will not come: [Whiteboard.load] it again. */
    public data object Reload : BoardEvent
}

private suspend fun CarewireClient.load(room: RoomId): WhiteboardState {
    var whole: WhiteboardState? = null
    while (true) {
        val page = request(WhiteboardSnapshotCommand(room, whole?.cursor))
        val known = whole
        // Drawn on between two pages: what follows is another whiteboard's.
        if (known != null && known.revision != page.revision) {
            whole = null
            continue
        }
        whole = page.copy(ops = known?.ops.orEmpty() + page.ops)
        if (whole.cursor == null) return whole
    }
}
