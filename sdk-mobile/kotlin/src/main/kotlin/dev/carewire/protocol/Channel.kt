// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

package dev.carewire

import kotlinx.serialization.Serializable
import kotlinx.serialization.builtins.serializer
import kotlinx.serialization.json.JsonElement

/** Joins a channel. With `epoch` and `offset`, everything after that position follows. */
@Serializable
public data class ChannelSubscribeCommand(
    /** The channel. */
    val channel: RoomId,
    /** The life of the log the position belongs to. */
    val epoch: Epoch? = null,
    /** The offset of the last event delivered. */
    val offset: Long? = null,
) : Command<RoomJoinReply> {
    override val wire: Wire<RoomJoinReply> get() = Wire("channel:subscribe", serializer(), this, RoomJoinReply.serializer())
}

/** Leaves a channel. */
@Serializable
public data class ChannelUnsubscribeCommand(
    /** The channel. */
    val channel: RoomId,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("channel:unsubscribe", serializer(), this, Unit.serializer())
}

/** Publishes to a channel: staff, admins and services, unless the access file says otherwise. */
@Serializable
public data class ChannelPublishCommand(
    /** The channel. */
    val channel: RoomId,
    /** The event's name, chosen by the application; at most 1,024 bytes. */
    val event: String,
    /** Any JSON, at most 256 KiB. */
    val payload: JsonElement,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("channel:publish", serializer(), this, Unit.serializer())
    override fun toString(): String = "ChannelPublishCommand(channel=$channel, event=$event, payload=…)"
}

/** Somebody published to a channel. */
@Serializable
public data class ChannelEventEvent(
    /** The channel. */
    val channel: RoomId,
    /** The event's name, chosen by the application. */
    val event: String,
    /** Any JSON. */
    val payload: JsonElement,
) : EventData {
    override fun toString(): String = "ChannelEventEvent(channel=$channel, event=$event, payload=…)"
}
