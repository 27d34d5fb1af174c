// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

package dev.carewire

import kotlinx.serialization.Serializable
import kotlinx.serialization.builtins.serializer

/** The person is writing. Lasts 6 s unless repeated. */
@Serializable
public data class TypingStartCommand(
    /** The room. */
    val roomId: RoomId,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("typing:start", serializer(), this, Unit.serializer())
}

/** The person has stopped writing. */
@Serializable
public data class TypingStopCommand(
    /** The room. */
    val roomId: RoomId,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("typing:stop", serializer(), this, Unit.serializer())
}

/** Somebody else is writing. */
@Serializable
public data class TypingStartEvent(
    /** The room. */
    val roomId: RoomId,
    /** Who. */
    val userId: UserId,
    /** Their name, where the server knows it. */
    val name: String? = null,
) : EventData {
    override fun toString(): String = "TypingStartEvent(roomId=$roomId, userId=$userId, name=…)"
}

/** Somebody else has stopped writing. */
@Serializable
public data class TypingStopEvent(
    /** The room. */
    val roomId: RoomId,
    /** Who. */
    val userId: UserId,
    /** Their name, where the server knows it. */
    val name: String? = null,
) : EventData {
    override fun toString(): String = "TypingStopEvent(roomId=$roomId, userId=$userId, name=…)"
}
