// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

package dev.carewire

import java.time.Instant
import kotlinx.serialization.Serializable
import kotlinx.serialization.builtins.serializer

/** Asks for presences once. */
@Serializable
public data class PresenceGetCommand(
    /** Whose; at most 500. */
    val userIds: List<UserId>,
) : Command<PresenceGetReply> {
    override val wire: Wire<PresenceGetReply> get() = Wire("presence:get", serializer(), this, PresenceGetReply.serializer())
}

/** Presences, in the order asked for. */
@Serializable
public data class PresenceGetReply(
    /** Whoever the asker may not see looks offline. */
    val presences: List<Presence>,
)

/** One person over all devices. */
@Serializable
public data class Presence(
    /** Who. */
    val userId: UserId,
    /** Whether they can be reached. */
    val status: PresenceStatus,
    /** Their own words beside it. */
    val customStatus: String? = null,
    /** When they were last connected; now, while they are. */
    val lastSeenAt: @Serializable(TimestampSerializer::class) Instant? = null,
    /** How many devices are connected. */
    val devices: Long,
) : EventData {
    override fun toString(): String = "Presence(userId=$userId, status=$status, customStatus=…, lastSeenAt=$lastSeenAt, devices=$devices)"
}

/** Whether a person can be reached. */
@Serializable(with = PresenceStatus.Serializer::class)
public sealed class PresenceStatus(override val word: String) : Word {
    /** There. */
    public data object Online : PresenceStatus("online")

    /** Connected, but not at the device. */
    public data object Away : PresenceStatus("away")

    /** Does not want to be disturbed. */
    public data object Busy : PresenceStatus("busy")

    /** In a call; set and cleared by calls. */
    public data object InCall : PresenceStatus("in_call")

    /** Not connected, or not for the asker to know. */
    public data object Offline : PresenceStatus("offline")

    /** A word of a later version. */
    public data class Other(private val text: String) : PresenceStatus(text)

    internal object Serializer : WordSerializer<PresenceStatus>({ listOf(Online, Away, Busy, InCall, Offline) }, ::Other)
}

/** Sets one's status on all devices. It outlives a reconnect. */
@Serializable
public data class PresenceSetStatusCommand(
    /** `online`, `away` or `busy`. */
    val status: PresenceStatus,
    /** A few words beside it, at most 1,024 bytes. */
    val customStatus: String? = null,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("presence:setStatus", serializer(), this, Unit.serializer())
    override fun toString(): String = "PresenceSetStatusCommand(status=$status, customStatus=…)"
}

/** Asks for presences now and whenever they change. */
@Serializable
public data class PresenceSubscribeCommand(
    /** Whose; at most 500. */
    val userIds: List<UserId>,
) : Command<PresenceGetReply> {
    override val wire: Wire<PresenceGetReply> get() = Wire("presence:subscribe", serializer(), this, PresenceGetReply.serializer())
}

/** Ends such a subscription. */
@Serializable
public data class PresenceUnsubscribeCommand(
    /** Whose; at most 500. */
    val userIds: List<UserId>,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("presence:unsubscribe", serializer(), this, Unit.serializer())
}

/** The presences of a new subscription. */
@Serializable
public data class PresenceInitialEvent(
    /** Whoever the asker may not see looks offline. */
    val presences: List<Presence>,
) : EventData

/** One's own status was set by another device. */
@Serializable
public data class PresenceStatusUpdatedEvent(
    /** The status. */
    val status: PresenceStatus,
    /** The words beside it. */
    val customStatus: String? = null,
) : EventData {
    override fun toString(): String = "PresenceStatusUpdatedEvent(status=$status, customStatus=…)"
}
