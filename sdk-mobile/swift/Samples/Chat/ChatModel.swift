import Carewire
import Observation

/// What a chat screen shows.
@available(iOS 17, macOS 14, *)
@MainActor @Observable
public final class ChatModel {
    public private(set) var messages: [Message] = []
    private let client: CarewireClient
    private let chat: RoomID
    private let room: Task<Room, any Error>

    public init(client: CarewireClient, chat: RoomID) {
        self.client = client
        self.chat = chat
        room = Task { try await client.join(chat) }
    }

    /// Follows the chat, from how it is now, until the task is cancelled.
    public func follow() async throws {
        let room = try await client.join(chat, snapshot: true)
        messages = room.snapshot?.messages ?? []
        for await event in room.events() {
            if let new = event.newMessage { messages.append(new) }
            if case .resynced = event { messages = try await room.reload().snapshot?.messages ?? [] }
        }
    }

    /// Queued while there is no connection, and then sent.
    public func send(_ text: String) async throws { try await room.value.send(text) }
}
