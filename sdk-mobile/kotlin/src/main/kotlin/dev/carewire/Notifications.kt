package dev.carewire

import kotlinx.coroutines.flow.Flow

/** One's notifications. From [CarewireClient.notifications]. */
public class Notifications internal constructor(private val client: CarewireClient) {
    /** One page, the newest first. */
    public suspend fun list(
        unreadOnly: Boolean = false,
        cursor: String? = null,
        limit: Int? = null,
    ): NotificationListReply {
        val list = NotificationListCommand(true.takeIf { unreadOnly }, cursor, limit?.toLong())
        return client.request(list).also { page -> page.notifications.firstOrNull()?.let(::noteShown) }
    }

    /** All that are unread, the newest first. */
    public suspend fun unread(): List<NotificationInfo> = allPages { cursor ->
        list(unreadOnly = true, cursor = cursor).let { it.notifications to it.cursor }
    }

    /** How many are unread, on all devices. */
    public suspend fun unreadCount(): Long = client.request(NotificationGetUnreadCountCommand).unreadCount

    /** The person has read one. */
    public suspend fun markRead(notification: NotificationId): Unit =
        client.request(NotificationReadCommand(notification))

    /**
     * The person has read all that this client has shown; one that arrives meanwhile stays unread.
     * Says how many were unread before.
     */
    public suspend fun markAllRead(): Long =
        client.request(NotificationReadAllCommand(client.newestShown.get()?.id)).markedCount

    /** Subscribes the user to topics, on all devices and for the future. */
    public suspend fun subscribe(topics: Collection<TopicName>): Unit =
        client.request(NotificationSubscribeCommand(topics.toList()))

    /** Ends such subscriptions. */
    public suspend fun unsubscribe(topics: Collection<TopicName>): Unit =
        client.request(NotificationUnsubscribeCommand(topics.toList()))

    /** What happens to one's notifications while it is collected. */
    public fun events(): Flow<NotificationEvent> = Streams(client.hub, { true }, begun = false).of { event ->
        if (event.isLoss) {
            val isHere = event.about?.kind.let { it == null || it == "notifications" || it == "topic" }
            return@of NotificationEvent.Reload.takeIf { isHere }
        }
        when (val data = event.data) {
            is NotificationNewEvent -> {
                noteShown(data.notification)
                NotificationEvent.New(data.notification)
            }
            is NotificationReadEvent -> NotificationEvent.Read(data)
            is NotificationSubscribedEvent -> NotificationEvent.Subscribed(data.topics)
            is NotificationUnsubscribedEvent -> NotificationEvent.Unsubscribed(data.topics)
            else -> null
        }
    }

    /** A notification was given to the application. */
    private fun noteShown(shown: NotificationInfo) {
        client.newestShown.accumulateAndGet(shown) { known, new ->
            val isNewer = known == null || new == null ||
                compareValuesBy(known, new, { it.createdAt }, { it.id.value }) < 0
            if (isNewer) new else known
        }
    }
}

/** What happens to one's notifications. */
public sealed interface NotificationEvent {
    /** A notification, to oneself or to a topic of one's own. */
    public data class New(val notification: NotificationInfo) : NotificationEvent

    /** One of one's devices marked notifications as read. */
    public data class Read(val read: NotificationReadEvent) : NotificationEvent

    /** One is subscribed to topics from now on. */
    public data class Subscribed(val topics: List<TopicName>) : NotificationEvent

    /** One is no longer. */
    public data class Unsubscribed(val topics: List<TopicName>) : NotificationEvent

    /** Some were missed and will not come: list them again. */
    public data object Reload : NotificationEvent
}
