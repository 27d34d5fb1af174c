package dev.carewire

import java.io.Closeable
import kotlin.time.Duration
import kotlinx.coroutines.flow.Flow
import kotlinx.serialization.json.JsonElement

/**
 * The rows of a template, live until the handle is closed. The interval and the filter are this
 * client's, and are set again after a reconnect. From [Reports.rows].
 */
public class LiveRows internal constructor(
    private val client: CarewireClient,
    private val membership: Membership,
    private val template: TemplateId,
    private val streams: Streams,
) : Closeable {
    /** How often one is told at most: 250 ms or longer. Of what happens meanwhile the latest wins. */
    public suspend fun setInterval(interval: Duration): Unit =
        client.request(StreamSetIntervalCommand(template, interval))

    /**
     * Only rows whose fields have these values; with none, all rows. What passes follows in
     * [RowsEvent.All].
     */
    public suspend fun applyFilter(filter: Map<String, JsonElement>): Unit =
        client.request(StreamApplyFilterCommand(template, filter))

    /** The rows. The first collection begins with the subscription and so with all of them. */
    public fun events(): Flow<RowsEvent> = streams.of { event ->
        when (event) {
            is Event.Lagged -> RowsEvent.Missed
            is Event.RoomLost -> RowsEvent.Lost(RowsLoss.Refused(event.error))
            else -> when (val data = event.data) {
                is StreamInitialEvent -> RowsEvent.All(data.rows, data.hasMore)
                is StreamUpdateEvent -> RowsEvent.Changed(data.rows)
                is RoomLeftEvent -> RowsEvent.Lost(RowsLoss.Left(data.reason))
                else -> null
            }
        }
    }

    override fun close() {
        streams.end()
        membership.close()
    }
}

/** What happens to live rows. */
public sealed interface RowsEvent {
    /**
     * The rows as they are, the newest of each `id` that pass, at most 1,000: they replace all
     * before. Comes at the beginning, after a filter, and after a reconnect.
     */
    public data class All(val rows: List<JsonElement>, val hasMore: Boolean) : RowsEvent {
        override fun toString(): String = "All(rows=…, hasMore=$hasMore)"
    }

    /** Rows that are new, or newer than those with their `id`. */
    public data class Changed(val rows: List<JsonElement>) : RowsEvent {
        override fun toString(): String = "Changed(rows=…)"
    }

    /** Some were dropped because this stream was not read: apply the filter anew to see all. */
    public data object Missed : RowsEvent

    /** The rows may no longer be seen. */
    public data class Lost(val loss: RowsLoss) : RowsEvent
}

/** Why rows may no longer be seen. */
public sealed interface RowsLoss {
    /** The server ended it. */
    public data class Left(val reason: LeftReason) : RowsLoss

    /** It was refused after a reconnect. */
    public data class Refused(val error: ErrorReply) : RowsLoss
}
