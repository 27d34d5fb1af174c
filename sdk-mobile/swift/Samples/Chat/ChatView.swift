#if canImport(SwiftUI)
import SwiftUI

@available(iOS 17, macOS 14, *)
public struct ChatView: View {
    @State private var model: ChatModel

    public init(model: ChatModel) {
        self.model = model
    }

    public var body: some View {
        VStack {
            List(model.messages, id: \.id) { Text($0.body) }
            if let failure = model.failure { Text(failure.reason) }
            TextField("Message", text: $model.draft).onSubmit { Task { await model.send() } }
        }
        .task { await model.follow() }
    }
}
#endif
