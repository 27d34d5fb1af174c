import Carewire
import Observation

/// What a chat screen shows.
@available(iOS 17, macOS 14, *)
@MainActor @Observable
public final class ChatModel {
    public private(set) var messages: [Message] = []
    private let client: CarewireClient
    private let chat: RoomID
    private var room: Room?

    public init(client: CarewireClient, chat: RoomID) {
        self.client = client
        self.chat = chat
    }

    /// Follows the chat until the task is cancelled.
    public func follow() async throws {
        let room = try await client.join(chat, snapshot: true)
        self.room = room
        messages = room.snapshot?.messages ?? []
        for await event in room.events() {
            if let new = event.newMessage { messages.append(new) }
            if case .resynced = event { messages = try await room.reload().snapshot?.messages ?? [] }
        }
    }

    /// Queued while there is no connection, and then sent.
    public func send(_ text: String) async throws { try await room?.send(text) }
}
