/// Conversations, unread counts and threads. From `CarewireClient.inbox`.
public struct Inbox: Sendable {
    let client: CarewireClient

    /// The conversations, the most recently active first: all of them, page by page.
    public func conversations() async throws -> [Conversation] {
        try await allPages { cursor in
            let page = try await list(cursor: cursor)
            return (page.conversations, page.cursor)
        }
    }

    /// One page of conversations.
    public func list(
        platform: Platform? = nil,
        cursor: String? = nil,
        limit: Int? = nil
    ) async throws -> ConversationListReply {
        try await client.request(ConversationListCommand(platform: platform, cursor: cursor, limit: limit))
    }

    /// How many messages of others are unread.
    public func unread() async throws -> UnreadCounts {
        try await client.request(UnreadGetCommand())
    }

    /// Makes a thread of oneself and these people, and returns its room, ready to be joined.
    public func createThread(_ title: String?, members: [UserID]) async throws -> RoomID {
        try await client.request(ThreadCreateCommand(title: title, memberIDs: members)).roomID
    }

    /// Adds people to a thread. Their history begins now, unless it is shared with them.
    public func addMembers(_ thread: RoomID, _ members: [UserID], shareHistory: Bool = false) async throws {
        try await client.request(
            ThreadAddMembersCommand(roomID: thread, memberIDs: members, shareHistory: shareHistory ? true : nil))
    }

    /// Removes people from a thread.
    public func removeMembers(_ thread: RoomID, _ members: [UserID]) async throws {
        try await client.request(ThreadRemoveMembersCommand(roomID: thread, memberIDs: members))
    }
}
