// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

package dev.carewire

import java.time.Instant
import kotlinx.serialization.Serializable
import kotlinx.serialization.builtins.serializer
import kotlinx.serialization.json.JsonElement

/** Joins a room. With `epoch` and `offset`, everything retained after that position follows. */
@Serializable
public data class RoomJoinCommand(
    /** The room. */
    val roomId: RoomId,
    /** The life of the log the position belongs to. */
    val epoch: Epoch? = null,
    /** The offset of the last event delivered. */
    val offset: Long? = null,
    /** Whether to add the state of the room as of the reply's offset. */
    val snapshot: Boolean? = null,
) : Command<RoomJoinReply> {
    override val wire: Wire<RoomJoinReply> get() = Wire("room:join", serializer(), this, RoomJoinReply.serializer())
}

/** Joined. The reply precedes every event of the room that it leads to. */
@Serializable
public data class RoomJoinReply(
    /** The room. */
    val roomId: RoomId,
    /** The life of its log. */
    val epoch: Epoch,
    /** The newest offset at this moment. */
    val offset: Long,
    /** Whether everything after the position follows. `true` where none was given. */
    val recovered: Boolean,
    /** How many events lie between the position and `offset`. */
    val missed: Long,
    /** Who is there; empty where members are not announced. */
    val participants: List<Participant> = emptyList(),
    /** Continues `participants` with `room:participants` where there are too many. */
    val cursor: String? = null,
    /** How far the members have received and read; in large rooms only one's own. */
    val receipts: Map<UserId, Receipts> = emptyMap(),
    /** The state of the room, where asked for. */
    val snapshot: Snapshot? = null,
)

/** A member of a room. */
@Serializable
public data class Participant(
    /** Who. */
    val userId: UserId,
    /** Their name, where the server knows it. */
    val name: String? = null,
    /** Their role. */
    val role: Role,
    /** Since when. */
    val joinedAt: @Serializable(TimestampSerializer::class) Instant,
    /** With how many connections. */
    val connections: Long,
) {
    override fun toString(): String = "Participant(userId=$userId, name=…, role=$role, joinedAt=$joinedAt, connections=$connections)"
}

/** How far a member has received and read. */
@Serializable
public data class Receipts(
    /** The newest message that reached one of their devices. */
    val delivered: MessageId? = null,
    /** The newest message they have read. */
    val read: MessageId? = null,
)

/** The state of a room as of the offset of the reply that carries it. */
@Serializable
public data class Snapshot(
    /** The newest messages, oldest first, in rooms with messages. */
    val messages: List<Message>? = null,
    /** Whether there are older messages. */
    val hasMore: Boolean? = null,
    /** Who is typing. */
    val typing: List<UserId>? = null,
    /** The whiteboard, where something was drawn. */
    val whiteboard: WhiteboardState? = null,
    /** The call, where there is one. */
    val call: CallInfo? = null,
    /** The last event of the report. */
    val report: ReportSnapshot? = null,
    /** Who is viewing the chart. */
    val viewers: List<Viewer>? = null,
    /** Which parts of the chart are locked. */
    val locks: List<LockState>? = null,
)

/** Leaves a room. */
@Serializable
public data class RoomLeaveCommand(
    /** The room. */
    val roomId: RoomId,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("room:leave", serializer(), this, Unit.serializer())
}

/** Asks who is there. */
@Serializable
public data class RoomParticipantsCommand(
    /** The room. */
    val roomId: RoomId,
    /** Where the former page ended. */
    val cursor: String? = null,
) : Command<RoomParticipantsReply> {
    override val wire: Wire<RoomParticipantsReply> get() = Wire("room:participants", serializer(), this, RoomParticipantsReply.serializer())
}

/** Who is there. */
@Serializable
public data class RoomParticipantsReply(
    /** In the order of their ids. */
    val participants: List<Participant>,
    /** Set when there are more. */
    val cursor: String? = null,
)

/** Publishes an event of the application's own. */
@Serializable
public data class RoomPublishCommand(
    /** The room. */
    val roomId: RoomId,
    /** The event's name, chosen by the application; at most 1,024 bytes. */
    val event: String,
    /** Any JSON. */
    val payload: JsonElement,
    /** Whether it is kept and replayed. */
    val retain: Boolean? = null,
) : Command<RoomPublishReply> {
    override val wire: Wire<RoomPublishReply> get() = Wire("room:publish", serializer(), this, RoomPublishReply.serializer())
    override fun toString(): String = "RoomPublishCommand(roomId=$roomId, event=$event, payload=…, retain=$retain)"
}

/** Published. */
@Serializable
public data class RoomPublishReply(
    /** Its place in the log, where it is kept. */
    val offset: Long? = null,
)

/** An event of the application's own. */
@Serializable
public data class RoomEventEvent(
    /** Its name. */
    val event: String,
    /** Any JSON. */
    val payload: JsonElement,
    /** Who published it. */
    val senderId: UserId,
) : EventData {
    override fun toString(): String = "RoomEventEvent(event=$event, payload=…, senderId=$senderId)"
}

/** A user's first connection joined. */
@Serializable
public data class RoomUserJoinedEvent(
    /** The room. */
    val roomId: RoomId,
    /** Who. */
    val user: Participant,
) : EventData

/** A user's last connection left, or has been gone for the presence grace. */
@Serializable
public data class RoomUserLeftEvent(
    /** The room. */
    val roomId: RoomId,
    /** Who. */
    val userId: UserId,
) : EventData

/** The server joined this connection. */
@Serializable
public data class RoomJoinedEvent(
    /** The room. */
    val roomId: RoomId,
    /** The life of its log. */
    val epoch: Epoch,
    /** The newest offset. */
    val offset: Long,
) : EventData

/** The server removed this connection. */
@Serializable
public data class RoomLeftEvent(
    /** The room. */
    val roomId: RoomId,
    /** Why. */
    val reason: LeftReason,
) : EventData

/** Why the server ended a membership. */
@Serializable(with = LeftReason.Serializer::class)
public sealed class LeftReason(override val word: String) : Word {
    /** The right to be there is gone. */
    public data object Revoked : LeftReason("revoked")

    /** Removed from the thread or visit. */
    public data object Removed : LeftReason("removed")

    /** A refreshed token brought another role. */
    public data object Role : LeftReason("role")

    /** What allowed it ran out. */
    public data object Expired : LeftReason("expired")

    /** A backend ended it. */
    public data object Server : LeftReason("server")

    /** A word of a later version. */
    public data class Other(private val text: String) : LeftReason(text)

    internal object Serializer : WordSerializer<LeftReason>({ listOf(Revoked, Removed, Role, Expired, Server) }, ::Other)
}
