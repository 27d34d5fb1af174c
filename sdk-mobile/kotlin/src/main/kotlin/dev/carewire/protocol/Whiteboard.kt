// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

package dev.carewire

import kotlinx.serialization.Serializable
import kotlinx.serialization.builtins.serializer
import kotlinx.serialization.json.JsonElement

/** A whiteboard. */
@Serializable
public data class WhiteboardState(
    /** Grows with every update and every wipe; 0 before the first. */
    val revision: Long,
    /** Everything drawn since the last wipe, in order. */
    val ops: List<JsonElement>,
    /** Set when there is more: ask `whiteboard:snapshot` with it. */
    val cursor: String? = null,
) {
    override fun toString(): String = "WhiteboardState(revision=$revision, ops=…, cursor=$cursor)"
}

/** Draws. */
@Serializable
public data class WhiteboardUpdateCommand(
    /** The room. */
    val roomId: RoomId,
    /** What is drawn: 1 to 500 entries of any JSON, together at most 256 KiB. */
    val ops: List<JsonElement>,
) : Command<WhiteboardUpdateReply> {
    override val wire: Wire<WhiteboardUpdateReply> get() = Wire("whiteboard:update", serializer(), this, WhiteboardUpdateReply.serializer())
    override fun toString(): String = "WhiteboardUpdateCommand(roomId=$roomId, ops=…)"
}

/** Drawn. */
@Serializable
public data class WhiteboardUpdateReply(
    /** The revision that this update made. */
    val revision: Long,
)

/** Shows the others where one points. */
@Serializable
public data class WhiteboardCursorCommand(
    /** The room. */
    val roomId: RoomId,
    /** From the left. */
    val x: Double,
    /** From the top. */
    val y: Double,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("whiteboard:cursor", serializer(), this, Unit.serializer())
}

/** Wipes the whiteboard. */
@Serializable
public data class WhiteboardClearCommand(
    /** The room. */
    val roomId: RoomId,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("whiteboard:clear", serializer(), this, Unit.serializer())
}

/** Asks for the whiteboard. */
@Serializable
public data class WhiteboardSnapshotCommand(
    /** The room. */
    val roomId: RoomId,
    /** Where the former page ended. */
    val cursor: String? = null,
) : Command<WhiteboardState> {
    override val wire: Wire<WhiteboardState> get() = Wire("whiteboard:snapshot", serializer(), this, WhiteboardState.serializer())
}

/** Somebody drew. */
@Serializable
public data class WhiteboardUpdateEvent(
    /** The room. */
    val roomId: RoomId,
    /** Who. */
    val userId: UserId,
    /** The revision that the update made. */
    val revision: Long,
    /** What was drawn. */
    val ops: List<JsonElement>,
) : EventData {
    override fun toString(): String = "WhiteboardUpdateEvent(roomId=$roomId, userId=$userId, revision=$revision, ops=…)"
}

/** Somebody points. */
@Serializable
public data class WhiteboardCursorEvent(
    /** The room. */
    val roomId: RoomId,
    /** Who. */
    val userId: UserId,
    /** From the left. */
    val x: Double,
    /** From the top. */
    val y: Double,
) : EventData

/** Somebody wiped the whiteboard. */
@Serializable
public data class WhiteboardClearedEvent(
    /** The room. */
    val roomId: RoomId,
    /** Who. */
    val userId: UserId,
    /** The revision that the wipe made. */
    val revision: Long,
) : EventData
