// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

package dev.carewire

import java.time.Instant
import kotlinx.serialization.Serializable
import kotlinx.serialization.builtins.serializer
import kotlinx.serialization.json.JsonElement

/** Asks for one's conversations, the most recently active first. */
@Serializable
public data class ConversationListCommand(
    /** Only those of this platform. */
    val platform: Platform? = null,
    /** Where the former page ended. */
    val cursor: String? = null,
    /** How many: 1 to 100, 50 when left out. */
    val limit: Long? = null,
) : Command<ConversationListReply> {
    override val wire: Wire<ConversationListReply> get() = Wire("conversation:list", serializer(), this, ConversationListReply.serializer())
}

/** A page of conversations. */
@Serializable
public data class ConversationListReply(
    /** The most recently active first. */
    val conversations: List<Conversation>,
    /** Set when there are more. */
    val cursor: String? = null,
)

/** A conversation as one member sees it. */
@Serializable
public data class Conversation(
    /** Its room. */
    val roomId: RoomId,
    /** Its title. */
    val title: String? = null,
    /** Where it takes place. */
    val platform: Platform,
    /** Who takes part. */
    val memberIds: List<UserId>,
    /** The newest message. */
    val lastMessage: Message? = null,
    /** How many messages of others are unread. */
    val unreadCount: Long,
    /** When something last happened. */
    val updatedAt: @Serializable(TimestampSerializer::class) Instant,
) {
    override fun toString(): String = "Conversation(roomId=$roomId, title=…, platform=$platform, memberIds=$memberIds, lastMessage=$lastMessage, unreadCount=$unreadCount, updatedAt=$updatedAt)"
}

/** Makes a thread; its creator is a member. */
@Serializable
public data class ThreadCreateCommand(
    /** Its title. */
    val title: String? = null,
    /** People one may chat with. */
    val memberIds: List<UserId>,
    /** Where it takes place; `internal` when left out. */
    val platform: Platform? = null,
    /** Any JSON of the application. */
    val metadata: JsonElement? = null,
) : Command<ThreadCreateReply> {
    override val wire: Wire<ThreadCreateReply> get() = Wire("thread:create", serializer(), this, ThreadCreateReply.serializer())
    override fun toString(): String = "ThreadCreateCommand(title=…, memberIds=$memberIds, platform=$platform, metadata=…)"
}

/** Made. */
@Serializable
public data class ThreadCreateReply(
    /** The thread's room. */
    val roomId: RoomId,
)

/** Adds members: the creator, staff and admins. */
@Serializable
public data class ThreadAddMembersCommand(
    /** The thread's room. */
    val roomId: RoomId,
    /** People one may chat with. */
    val memberIds: List<UserId>,
    /** Whether they may read what was written before; otherwise their history begins now. */
    val shareHistory: Boolean? = null,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("thread:addMembers", serializer(), this, Unit.serializer())
}

/** Removes members: the creator, staff and admins. */
@Serializable
public data class ThreadRemoveMembersCommand(
    /** The thread's room. */
    val roomId: RoomId,
    /** Whom. */
    val memberIds: List<UserId>,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("thread:removeMembers", serializer(), this, Unit.serializer())
}

/** Asks for one's unread counts. */
@Serializable
public data object UnreadGetCommand : Command<UnreadCounts> {
    override val wire: Wire<UnreadCounts> get() = Wire("unread:get", serializer(), this, UnreadCounts.serializer())
}

/** How many messages of others are unread. */
@Serializable
public data class UnreadCounts(
    /** By platform; platforms without unread messages are left out. */
    val unreadCounts: Map<Platform, Long> = emptyMap(),
    /** Over all platforms. */
    val totalUnread: Long = 0,
    /** By room; in `unread:update` only those that changed, 0 included. */
    val rooms: Map<RoomId, Long> = emptyMap(),
)

/** A new message, a new conversation or new members. */
@Serializable
public data class ConversationUpdateEvent(
    /** The conversation as it is now. */
    val conversation: Conversation,
    /** The message that is new. */
    val message: Message? = null,
) : EventData

/** Unread counts changed. */
@Serializable
public data class UnreadUpdateEvent(
    /** By platform; platforms without unread messages are left out. */
    val unreadCounts: Map<Platform, Long> = emptyMap(),
    /** Over all platforms. */
    val totalUnread: Long = 0,
    /** By room; in `unread:update` only those that changed, 0 included. */
    val rooms: Map<RoomId, Long> = emptyMap(),
) : EventData

/** A message on another platform was delivered, read, or failed. */
@Serializable
public data class MessageStatusEvent(
    /** The message. */
    val messageId: MessageId,
    /** Its room. */
    val roomId: RoomId,
    /** How far it has come. */
    val status: MessageStatus,
    /** For whom. */
    val userId: UserId,
) : EventData
