import Carewire
import Observation

/// What a chat screen shows.
@available(iOS 17, macOS 14, *)
@MainActor @Observable
public final class ChatModel {
    public private(set) var messages: [Message] = []
    /// Why the chat is not followed, or the last message was not sent; `nil` once something worked.
    public private(set) var failure: CarewireError?
    /// What the person is writing.
    public var draft = ""
    private let client: CarewireClient
    private let chat: RoomID

    public init(client: CarewireClient, chat: RoomID) {
        self.client = client
        self.chat = chat
    }

    /// Follows the chat, from how it is now, until the task is cancelled. Then it is left.
    public func follow() async {
        do {
            let room = try await client.join(chat, snapshot: true)
            failure = nil
            messages = room.snapshot?.messages ?? []
            for await event in room.events() {
                if let new = event.newMessage { messages.append(new) }
                if case .resynced = event { messages = try await room.reload().snapshot?.messages ?? [] }
            }
        } catch {
            // Being cancelled is no failure.
            failure = error as? CarewireError
        }
    }

    /// Sends the draft, for which the chat need not be joined; without a connection it is queued.
    /// What could not be sent is the draft again, unless the next one was begun.
    public func send() async {
        let text = draft
        draft = ""
        do {
            try await client.request(MessageSendCommand(roomID: chat, body: text))
            failure = nil
        } catch let refused as CarewireError {
            failure = refused
            if draft.isEmpty { draft = text }
        } catch {
            // Cancelled: nobody waits for it any more, and it is sent all the same.
        }
    }
}
