#if canImport(SwiftUI)
import SwiftUI

@available(iOS 17, macOS 14, *)
public struct ChatView: View {
    @State private var model: ChatModel
    @State private var draft = ""

    public init(model: ChatModel) {
        self.model = model
    }

    public var body: some View {
        VStack {
            List(model.messages, id: \.id) { Text($0.body) }
            TextField("Message", text: $draft).onSubmit {
                let text = draft
                draft = ""
                Task { try await model.send(text) }
            }
        }
        .task { try? await model.follow() }
    }
}
#endif
