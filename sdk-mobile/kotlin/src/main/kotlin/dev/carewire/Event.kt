package dev.carewire

import dev.carewire.core.ServerEvent
import java.time.Instant
import kotlin.time.Duration
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

/** Something happened: on the server, or to the connection. */
public sealed interface Event {
    /** An event of the contract. */
    public data class Server(
        /** The room it belongs to. */
        val room: RoomId?,
        /** Its place in the log of the room, where it is retained. */
        val position: Position?,
        /** The device that caused it. */
        val origin: ClientId?,
        /** When it happened. */
        val timestamp: Instant,
        /** What happened. */
        override val data: EventData,
    ) : Event

    /**
     * The connection was lost and is back, and everything missed follows, except for [gaps]: for
     * each of these a [Resynced] follows.
     */
    public data class Resumed(
        /** How long there was no connection. */
        val away: Duration,
        /** How many retained events were missed. */
        val missed: Long,
        /** The rooms in which what was missed cannot be replayed. */
        val gaps: List<RoomId>,
        /** The unread counts as they are now. */
        val unread: UnreadCounts,
        /** The presences that are followed, as they are now. */
        val presences: List<Presence>,
        /** How far the members of each room have received and read, as it is now. */
        val receipts: Map<RoomId, Map<UserId, Receipts>>,
    ) : Event

    /** What was missed in a room cannot be replayed: replace its state. */
    @Serializable
    public data class Resynced(
        /** The room. */
        val room: RoomId,
        /** The new state, where the client asked for it by itself (after [Lagging]). */
        val state: RoomJoinReply? = null,
    ) : Event

    /** Every room has caught up with what was missed. */
    public data object CaughtUp : Event

    /** The client has left a room without having asked for it: it may no longer be there. */
    @Serializable
    public data class RoomLost(
        /** The room. */
        val room: RoomId,
        /** What the server answered when the client wanted to come back. */
        val error: ErrorReply,
    ) : Event

    /** This client reads too slowly. Its rooms start over with snapshots instead of replays. */
    public data object Lagging : Event

    /** A lease on a part of a chart was granted or renewed, or is lost. */
    public data class LeaseChanged(
        /** Whose chart. */
        val patientId: UserId,
        /** Which part of it. */
        val recordId: RecordId,
        /** As granted. */
        val fencingToken: Long,
        /** How it stands. */
        val state: LeaseState,
    ) : Event

    /** After a reconnect this device is in its call again. The peers may have to negotiate anew. */
    @Serializable
    public data class CallResumed(
        /** The call as it is now. */
        val call: CallInfo,
        /** Whether the place had been lost meanwhile and was taken again. */
        val rejoined: Boolean,
    ) : Event

    /** After a reconnect this device is no longer in its call. */
    @Serializable
    public data class CallLost(
        /** The call. */
        val callId: CallId,
        /** The call as it is now, where the server told. */
        val call: CallInfo? = null,
        /** What the server answered when the client wanted to come back. */
        val error: ErrorReply? = null,
    ) : Event

    /** This stream was not read fast enough and has lost the oldest of its waiting events. */
    @Serializable
    public data class Lagged(
        /** How many. */
        val count: Long,
    ) : Event

    /** What happened on the server. */
    public val data: EventData? get() = null

    /** The message, where this is a new one. */
    public val newMessage: Message? get() = (data as? MessageNewEvent)?.message
}

/** A place in the log of a room. */
public data class Position(
    /** The life of the log. */
    val epoch: Epoch,
    /** The place: 1, 2, 3 … */
    val offset: Long,
)

/** How a lease stands. */
public sealed interface LeaseState {
    /** It is held, until [expiresAt] by the server's clock unless it is renewed. */
    public data class Held(val expiresAt: Instant) : LeaseState

    /** It is held no longer. What is still to be written under it must not be. */
    public data class Lost(val loss: LeaseLoss) : LeaseState
}

/** Why a lease is lost. */
public sealed interface LeaseLoss {
    /** It could not be renewed in time. */
    public data object NotRenewed : LeaseLoss

    /** The server refused to renew it. */
    public data class Refused(val error: ErrorReply) : LeaseLoss

    /** This client has taken it anew, with a newer token. */
    public data object Superseded : LeaseLoss

    /** The client is closed. */
    public data object Closed : LeaseLoss
}

/** The room that an event belongs to, or is about. */
internal val Event.about: RoomId?
    get() = when (this) {
        is Event.Server -> when (val data = data) {
            // Told to the connection, about a room.
            is RoomLeftEvent -> data.roomId
            is RoomJoinedEvent -> data.roomId
            else -> room
        }
        is Event.Resynced -> room
        is Event.RoomLost -> room
        else -> null
    }

/** Whether what was missed will not come, so that state has to be loaded again. */
internal val Event.isLoss: Boolean get() = this is Event.Resynced || this is Event.Lagged

/** Whether it concerns a room: what happened to the connection concerns every one. */
internal fun Event.concerns(room: RoomId): Boolean = when (this) {
    is Event.Resumed, Event.CaughtUp, Event.Lagging, is Event.Lagged -> true
    else -> about == room
}

internal fun eventOf(core: ServerEvent): Event.Server = Event.Server(
    room = core.room?.let(::RoomId),
    position = core.epoch?.let { epoch -> core.offset?.let { Position(Epoch(epoch), it.toLong()) } },
    origin = core.origin?.let(::ClientId),
    timestamp = Instant.ofEpochMilli(core.timestampMs),
    data = dataOf(core.name, core.data),
)

private fun dataOf(name: String, text: String): EventData {
    eventSerializer(name)?.let { serializer ->
        try {
            return contract.decodeFromString(serializer, text)
        } catch (_: SerializationException) {
            // Of a later version after all: it is handed on as such.
        }
    }
    return UnknownEvent(name, contract.parseToJsonElement(text))
}

/** What happened to the connection, a lease or a call; `null`: it is of a later core. */
internal fun localEventOf(text: String): Event? {
    val json = contract.parseToJsonElement(text)
    return when (json.jsonObject["type"]?.jsonPrimitive?.contentOrNull) {
        "resumed" -> resumedOf(json)
        "resynced" -> contract.decodeFromJsonElement(Event.Resynced.serializer(), json)
        "caughtUp" -> Event.CaughtUp
        "roomLost" -> contract.decodeFromJsonElement(Event.RoomLost.serializer(), json)
        "lagging" -> Event.Lagging
        "lease" -> leaseOf(json)
        "callResumed" -> contract.decodeFromJsonElement(Event.CallResumed.serializer(), json)
        "callLost" -> contract.decodeFromJsonElement(Event.CallLost.serializer(), json)
        "lagged" -> contract.decodeFromJsonElement(Event.Lagged.serializer(), json)
        else -> null
    }
}

@Serializable
private class ResumedText(
    @SerialName("awayMs")
    val away: @Serializable(MillisSerializer::class) Duration,
    val missed: Long,
    val gaps: List<RoomId>,
    val reply: Reply,
) {
    @Serializable
    class Reply(val unread: UnreadCounts, val presences: List<Presence>, val rooms: List<Room>)

    @Serializable
    class Room(val roomId: RoomId, val receipts: Map<UserId, Receipts> = emptyMap())
}

private fun resumedOf(json: JsonElement): Event {
    val text = contract.decodeFromJsonElement(ResumedText.serializer(), json)
    val receipts = text.reply.rooms.associate { it.roomId to it.receipts }
    return Event.Resumed(text.away, text.missed, text.gaps, text.reply.unread, text.reply.presences, receipts)
}

@Serializable
private class LeaseText(
    val patientId: UserId,
    val recordId: RecordId,
    val fencingToken: Long,
    val expiresAt: @Serializable(TimestampSerializer::class) Instant? = null,
    val reason: String? = null,
    val error: ErrorReply? = null,
)

private fun leaseOf(json: JsonElement): Event {
    val text = contract.decodeFromJsonElement(LeaseText.serializer(), json)
    val state = if (text.expiresAt != null) {
        LeaseState.Held(text.expiresAt)
    } else {
        LeaseState.Lost(
            when {
                text.error != null -> LeaseLoss.Refused(text.error)
                text.reason == "superseded" -> LeaseLoss.Superseded
                text.reason == "closed" -> LeaseLoss.Closed
                else -> LeaseLoss.NotRenewed
            },
        )
    }
    return Event.LeaseChanged(text.patientId, text.recordId, text.fencingToken, state)
}
