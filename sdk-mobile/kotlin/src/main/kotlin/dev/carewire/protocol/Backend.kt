// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

package dev.carewire

import kotlinx.serialization.Serializable
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject

/** Publishes an event; also the body of `POST /v1/publish`. */
@Serializable
public data class EventPublishCommand(
    /** For whom. */
    val target: Target,
    /** What happened. */
    val event: PublishedEvent,
    /** The device that caused it. */
    val origin: ClientId? = null,
    /** Whether a `room:event` is kept and replayed. Other events decide that by their type. */
    val retain: Boolean? = null,
) : Command<RoomPublishReply> {
    override val wire: Wire<RoomPublishReply> get() = Wire("event:publish", serializer(), this, RoomPublishReply.serializer())
}

/** Whom an event is for. */
@Serializable(with = Target.Serializer::class)
public sealed class Target {
    public data class User(val user: UserId) : Target()

    public data class Room(val room: RoomId) : Target()

    public data class Tenant(val tenant: TenantId) : Target()

    public data class Staff(val staff: TenantId) : Target()

    public data class Role(val role: dev.carewire.Role) : Target()

    public data class Connection(val connection: ConnectionId) : Target()

    /** One of a later version. */
    public data class Other(val name: String, val data: JsonElement) : Target() {
        override fun toString(): String = "Other(name=$name, data=…)"
    }

    internal object Serializer : UnionSerializer<Target>(Tagging.KEY) {
        override fun parts(value: Target): Pair<String, JsonElement> = when (value) {
            is User -> "user" to contract.encodeToJsonElement(UserId.serializer(), value.user)
            is Room -> "room" to contract.encodeToJsonElement(RoomId.serializer(), value.room)
            is Tenant -> "tenant" to contract.encodeToJsonElement(TenantId.serializer(), value.tenant)
            is Staff -> "staff" to contract.encodeToJsonElement(TenantId.serializer(), value.staff)
            is Role -> "role" to contract.encodeToJsonElement(dev.carewire.Role.serializer(), value.role)
            is Connection -> "connection" to contract.encodeToJsonElement(ConnectionId.serializer(), value.connection)
            is Other -> value.name to value.data
        }

        override fun whole(name: String, data: JsonElement): Target = when (name) {
            "user" -> User(contract.decodeFromJsonElement(UserId.serializer(), data))
            "room" -> Room(contract.decodeFromJsonElement(RoomId.serializer(), data))
            "tenant" -> Tenant(contract.decodeFromJsonElement(TenantId.serializer(), data))
            "staff" -> Staff(contract.decodeFromJsonElement(TenantId.serializer(), data))
            "role" -> Role(contract.decodeFromJsonElement(dev.carewire.Role.serializer(), data))
            "connection" -> Connection(contract.decodeFromJsonElement(ConnectionId.serializer(), data))
            else -> Other(name, data)
        }
    }
}

/** An event to publish: one of those that can be published with its data. */
@Serializable
public data class PublishedEvent(
    /** The event's name on the wire. */
    val type: String,
    /** Its data. A `room:event` may leave out `senderId`, which is then the backend. */
    val data: JsonElement = JsonObject(emptyMap()),
) {
    override fun toString(): String = "PublishedEvent(type=$type, data=…)"
}

/** Somebody wrote in a conversation of another platform: deliver it there. */
@Serializable
public data class MessageOutboundEvent(
    /** The message. */
    val message: Message,
    /** Its conversation. */
    val conversation: Conversation,
) : EventData

/** Something happened for people who have no connection. No content travels here. */
@Serializable
public data class PushWantedEvent(
    /** Who. */
    val userIds: List<UserId>,
    /** What it is about. */
    val kind: PushKind,
    /** The id of the message, notification or call. */
    val id: String,
    /** How much it matters. */
    val priority: Priority,
) : EventData

/** What a push notification would be about. */
@Serializable(with = PushKind.Serializer::class)
public sealed class PushKind(override val word: String) : Word {
    /** A message. */
    public data object Message : PushKind("message")

    /** A notification. */
    public data object Notification : PushKind("notification")

    /** A call. */
    public data object Call : PushKind("call")

    /** A word of a later version. */
    public data class Other(private val text: String) : PushKind(text)

    internal object Serializer : WordSerializer<PushKind>({ listOf(Message, Notification, Call) }, ::Other)
}
