// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

package dev.carewire

import java.time.Instant
import kotlinx.serialization.Serializable
import kotlinx.serialization.builtins.serializer
import kotlinx.serialization.json.JsonElement

/** Asks for one's notifications, the newest first. */
@Serializable
public data class NotificationListCommand(
    /** Only those not read yet. */
    val unreadOnly: Boolean? = null,
    /** Where the former page ended. */
    val cursor: String? = null,
    /** How many: 1 to 100, 50 when left out. */
    val limit: Long? = null,
) : Command<NotificationListReply> {
    override val wire: Wire<NotificationListReply> get() = Wire("notification:list", serializer(), this, NotificationListReply.serializer())
}

/** A page of notifications. */
@Serializable
public data class NotificationListReply(
    /** The newest first. */
    val notifications: List<NotificationInfo>,
    /** Set when there are more. */
    val cursor: String? = null,
)

/** A notification. */
@Serializable
public data class NotificationInfo(
    /** The notification. */
    val id: NotificationId,
    /** What it is about. */
    val kind: NotificationKind,
    /** Its heading. */
    val title: String,
    /** Its text. */
    val message: String,
    /** How much it matters. */
    val priority: Priority,
    /** The topic it was sent to, where that is not one person. */
    val topic: TopicName? = null,
    /** Any JSON of the application. */
    val data: JsonElement? = null,
    /** When it was stored. */
    val createdAt: @Serializable(TimestampSerializer::class) Instant,
    /** When it was read. */
    val readAt: @Serializable(TimestampSerializer::class) Instant? = null,
) {
    override fun toString(): String = "NotificationInfo(id=$id, kind=$kind, title=…, message=…, priority=$priority, topic=$topic, data=…, createdAt=$createdAt, readAt=$readAt)"
}

/** How much it matters. */
@Serializable(with = Priority.Serializer::class)
public sealed class Priority(override val word: String) : Word {
    /** Can wait. */
    public data object Low : Priority("low")

    /** As usual. */
    public data object Normal : Priority("normal")

    /** Soon. */
    public data object High : Priority("high")

    /** Now. */
    public data object Urgent : Priority("urgent")

    /** A word of a later version. */
    public data class Other(private val text: String) : Priority(text)

    internal object Serializer : WordSerializer<Priority>({ listOf(Low, Normal, High, Urgent) }, ::Other)
}

/** Marks a notification as read. */
@Serializable
public data class NotificationReadCommand(
    /** Which. */
    val notificationId: NotificationId,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("notification:read", serializer(), this, Unit.serializer())
}

/** Marks all notifications as read. */
@Serializable
public data class NotificationReadAllCommand(
    /** The newest that was shown, so that one arriving meanwhile stays unread. */
    val upTo: NotificationId? = null,
) : Command<NotificationReadAllReply> {
    override val wire: Wire<NotificationReadAllReply> get() = Wire("notification:readAll", serializer(), this, NotificationReadAllReply.serializer())
}

/** Marked. */
@Serializable
public data class NotificationReadAllReply(
    /** How many were unread before. */
    val markedCount: Long,
)

/** Asks how many are unread. */
@Serializable
public data object NotificationGetUnreadCountCommand : Command<NotificationGetUnreadCountReply> {
    override val wire: Wire<NotificationGetUnreadCountReply> get() = Wire("notification:getUnreadCount", serializer(), this, NotificationGetUnreadCountReply.serializer())
}

/** How many are unread. */
@Serializable
public data class NotificationGetUnreadCountReply(
    /** Those of topics included. */
    val unreadCount: Long,
)

/** Subscribes the user to topics, on all devices and for the future. */
@Serializable
public data class NotificationSubscribeCommand(
    /** Which. */
    val topics: List<TopicName>,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("notification:subscribe", serializer(), this, Unit.serializer())
}

/** Ends such subscriptions. */
@Serializable
public data class NotificationUnsubscribeCommand(
    /** Which. */
    val topics: List<TopicName>,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("notification:unsubscribe", serializer(), this, Unit.serializer())
}

/** A notification was stored. */
@Serializable
public data class NotificationNewEvent(
    /** The notification. */
    val notification: NotificationInfo,
) : EventData

/** Another of one's devices marked notifications as read. */
@Serializable
public data class NotificationReadEvent(
    /** Which. */
    val notificationIds: List<NotificationId>,
    /** How many remain unread. */
    val unreadCount: Long,
) : EventData

/** The user is now subscribed. */
@Serializable
public data class NotificationSubscribedEvent(
    /** To which topics. */
    val topics: List<TopicName>,
) : EventData

/** The user is no longer subscribed. */
@Serializable
public data class NotificationUnsubscribedEvent(
    /** To which topics. */
    val topics: List<TopicName>,
) : EventData
