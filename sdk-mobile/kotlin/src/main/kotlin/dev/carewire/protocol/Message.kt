// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

package dev.carewire

import java.time.Instant
import kotlin.time.Duration
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import kotlinx.serialization.builtins.serializer
import kotlinx.serialization.json.JsonElement

/** A message. */
@Serializable
public data class Message(
    /** Ids sort in a room as the offsets do. */
    val id: MessageId,
    /** Where it was sent. */
    val roomId: RoomId,
    /** Who sent it. */
    val senderId: UserId,
    /** Their name, where the server knows it. */
    val senderName: String? = null,
    /** The text; empty in a deleted message. */
    val body: String,
    /** Files that belong to it. */
    val attachments: List<Attachment> = emptyList(),
    /** The message it answers. */
    val replyTo: MessageId? = null,
    /** The platform it came from or goes to, where that is not Carewire. */
    val platform: Platform? = null,
    /** Any JSON of the application. */
    val metadata: JsonElement? = null,
    /** When the server stored it. */
    val sentAt: @Serializable(TimestampSerializer::class) Instant,
    /** When its body was last replaced. */
    val editedAt: @Serializable(TimestampSerializer::class) Instant? = null,
    /** When it was deleted. */
    val deletedAt: @Serializable(TimestampSerializer::class) Instant? = null,
    /** Who reacted how. */
    val reactions: Map<String, List<UserId>> = emptyMap(),
    /** The least advanced of the other members. */
    val status: MessageStatus,
    /** The key it was sent with, so that its sender's devices recognise it. */
    val key: Key? = null,
) {
    override fun toString(): String = "Message(id=$id, roomId=$roomId, senderId=$senderId, senderName=…, body=…, attachments=$attachments, replyTo=$replyTo, platform=$platform, metadata=…, sentAt=$sentAt, editedAt=$editedAt, deletedAt=$deletedAt, reactions=$reactions, status=$status, key=$key)"
}

/** A file that belongs to a message. Carewire moves the reference, never the file. */
@Serializable
public data class Attachment(
    /** The file's name. */
    val name: String,
    /** Its media type. */
    val mimeType: String,
    /** Its size. */
    val sizeBytes: Long,
    /** Where it is: http, https or relative. */
    val url: String,
    /** How long it plays. */
    @SerialName("durationMs")
    val duration: @Serializable(MillisSerializer::class) Duration? = null,
) {
    override fun toString(): String = "Attachment(name=…, mimeType=$mimeType, sizeBytes=$sizeBytes, url=…, duration=$duration)"
}

/** How far a message has come, by the least advanced of the other members. */
@Serializable(with = MessageStatus.Serializer::class)
public sealed class MessageStatus(override val word: String) : Word {
    /** Stored. */
    public data object Sent : MessageStatus("sent")

    /** Reached a device of everyone. */
    public data object Delivered : MessageStatus("delivered")

    /** Read by everyone. */
    public data object Read : MessageStatus("read")

    /** Another platform could not deliver it. */
    public data object Failed : MessageStatus("failed")

    /** A word of a later version. */
    public data class Other(private val text: String) : MessageStatus(text)

    internal object Serializer : WordSerializer<MessageStatus>({ listOf(Sent, Delivered, Read, Failed) }, ::Other)
}

/** Sends a message. A body or an attachment is required. */
@Serializable
public data class MessageSendCommand(
    /** The room: chat, thread, visit or call. */
    val roomId: RoomId,
    /** The text, at most 64 KiB. */
    val body: String = "",
    /** At most 20. */
    val attachments: List<Attachment> = emptyList(),
    /** The message this answers, in the same room. */
    val replyTo: MessageId? = null,
    /** Any JSON of the application, at most 256 KiB. */
    val metadata: JsonElement? = null,
    /** When the person pressed send, where that was long ago (an offline queue). */
    val composedAt: @Serializable(TimestampSerializer::class) Instant? = null,
) : Command<MessageSendReply> {
    override val wire: Wire<MessageSendReply> get() = Wire("message:send", serializer(), this, MessageSendReply.serializer())
    override fun toString(): String = "MessageSendCommand(roomId=$roomId, body=…, attachments=$attachments, replyTo=$replyTo, metadata=…, composedAt=$composedAt)"
}

/** Sent, and durable. */
@Serializable
public data class MessageSendReply(
    /** The message as stored. */
    val message: Message,
)

/** Something reached this device: everything up to this message. */
@Serializable
public data class MessageReceivedCommand(
    /** The room. */
    val roomId: RoomId,
    /** The newest message that arrived. */
    val messageId: MessageId,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("message:received", serializer(), this, Unit.serializer())
}

/** The person has read everything up to this message. */
@Serializable
public data class MessageReadCommand(
    /** The room. */
    val roomId: RoomId,
    /** The newest message that was read. */
    val messageId: MessageId,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("message:read", serializer(), this, Unit.serializer())
}

/** Asks for older or newer messages. */
@Serializable
public data class MessageHistoryCommand(
    /** The room. */
    val roomId: RoomId,
    /** Only messages before this one; the newest of them come. */
    val before: MessageId? = null,
    /** Only messages after this one; the oldest of them come. */
    val after: MessageId? = null,
    /** Only answers to this one. */
    val replyTo: MessageId? = null,
    /** How many: 1 to 100, 50 when left out. */
    val limit: Long? = null,
) : Command<MessageHistoryReply> {
    override val wire: Wire<MessageHistoryReply> get() = Wire("message:history", serializer(), this, MessageHistoryReply.serializer())
}

/** A page of messages. */
@Serializable
public data class MessageHistoryReply(
    /** Oldest first. */
    val messages: List<Message>,
    /** Whether there are more in the direction asked for. */
    val hasMore: Boolean,
)

/** Replaces the body of one's own message. */
@Serializable
public data class MessageEditCommand(
    /** The message. */
    val messageId: MessageId,
    /** The new text. */
    val body: String,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("message:edit", serializer(), this, Unit.serializer())
    override fun toString(): String = "MessageEditCommand(messageId=$messageId, body=…)"
}

/** Deletes a message: author and admins. */
@Serializable
public data class MessageDeleteCommand(
    /** The message. */
    val messageId: MessageId,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("message:delete", serializer(), this, Unit.serializer())
}

/** Adds one's reaction. */
@Serializable
public data class MessageReactCommand(
    /** The message. */
    val messageId: MessageId,
    /** An emoji or short name, at most 64 bytes. */
    val emoji: String,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("message:react", serializer(), this, Unit.serializer())
}

/** Takes one's reaction back. */
@Serializable
public data class MessageUnreactCommand(
    /** The message. */
    val messageId: MessageId,
    /** As given to `message:react`. */
    val emoji: String,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("message:unreact", serializer(), this, Unit.serializer())
}

/** A message was stored. */
@Serializable
public data class MessageNewEvent(
    /** The message. */
    val message: Message,
) : EventData

/** A message's body was replaced. */
@Serializable
public data class MessageEditedEvent(
    /** The message as it is now. */
    val message: Message,
) : EventData

/** A message was deleted. */
@Serializable
public data class MessageDeletedEvent(
    /** The room. */
    val roomId: RoomId,
    /** The message. */
    val messageId: MessageId,
) : EventData

/** A reaction was added or taken back. */
@Serializable
public data class MessageReactionEvent(
    /** The message. */
    val messageId: MessageId,
    /** Which reaction. */
    val emoji: String,
    /** Whose. */
    val userId: UserId,
    /** `false`: taken back. */
    val added: Boolean,
) : EventData

/** To the sender's other devices: one of them sent a message. */
@Serializable
public data class MessageSentEvent(
    /** The message. */
    val messageId: MessageId,
    /** The room. */
    val roomId: RoomId,
    /** The key it was sent with. */
    val key: Key? = null,
) : EventData

/** To the sender: everything up to the message reached a member's device. */
@Serializable
public data class MessageDeliveredEvent(
    /** The newest message that arrived. */
    val messageId: MessageId,
    /** The room. */
    val roomId: RoomId,
    /** Who received it. */
    val userId: UserId,
    /** When. */
    val at: @Serializable(TimestampSerializer::class) Instant,
) : EventData

/** A member has read everything up to the message. */
@Serializable
public data class MessageReadEvent(
    /** The room. */
    val roomId: RoomId,
    /** The newest message that was read. */
    val messageId: MessageId,
    /** Who read it. */
    val userId: UserId,
    /** When. */
    val at: @Serializable(TimestampSerializer::class) Instant,
) : EventData
