package dev.carewire

/** Conversations, unread counts and threads. From [CarewireClient.inbox]. */
public class Inbox internal constructor(private val client: CarewireClient) {
    /** The conversations, the most recently active first: all of them, page by page. */
    public suspend fun conversations(): List<Conversation> = allPages { cursor ->
        list(cursor = cursor).let { it.conversations to it.cursor }
    }

    /** One page of conversations. */
    public suspend fun list(
        platform: Platform? = null,
        cursor: String? = null,
        limit: Int? = null,
    ): ConversationListReply = client.request(ConversationListCommand(platform, cursor, limit?.toLong()))

    /** How many messages of others are unread. */
    public suspend fun unread(): UnreadCounts = client.request(UnreadGetCommand)

    /** Makes a thread of oneself and these people, and returns its room, ready to be joined. */
    public suspend fun createThread(title: String?, members: Collection<UserId>): RoomId =
        client.request(ThreadCreateCommand(title, members.toList())).roomId

    /** Adds people to a thread. Their history begins now, unless it is shared with them. */
    public suspend fun addMembers(thread: RoomId, members: Collection<UserId>, shareHistory: Boolean = false): Unit =
        client.request(ThreadAddMembersCommand(thread, members.toList(), true.takeIf { shareHistory }))

    /** Removes people from a thread. */
    public suspend fun removeMembers(thread: RoomId, members: Collection<UserId>): Unit =
        client.request(ThreadRemoveMembersCommand(thread, members.toList()))
}
