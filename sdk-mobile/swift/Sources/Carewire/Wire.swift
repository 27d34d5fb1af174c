import Foundation

/// A command of the contract; it is answered with a `Reply`.
public protocol Command: Codable, Hashable, Sendable {
    associatedtype Reply: Decodable, Sendable
    /// The name on the wire.
    static var wireName: String { get }
}

/// The reply of commands that have nothing to say.
public struct Empty: Codable, Hashable, Sendable {
    public init() {}
}

/// An event of a later version than this one.
public struct UnknownEvent: Hashable, Sendable, Private {
    /// Its name on the wire.
    public var name: String
    /// Its data.
    public var data: JSONValue

    public var description: String {
        "UnknownEvent(name: \(name), data: …)"
    }
}

/// A text of a certain form. It can be written as a literal.
public protocol Identifier: RawRepresentable<String>, Codable, Hashable, Sendable, CodingKeyRepresentable,
    ExpressibleByStringLiteral, CustomStringConvertible
{
    init(rawValue: String)
}

extension Identifier {
    public init(_ text: String) {
        self.init(rawValue: text)
    }

    public init(stringLiteral text: String) {
        self.init(rawValue: text)
    }

    public var description: String { rawValue }

    public var codingKey: any CodingKey { TextKey(stringValue: rawValue) }

    public init?(codingKey: some CodingKey) {
        self.init(rawValue: codingKey.stringValue)
    }
}

/// One of some words, to which later versions may add.
public protocol Word: Codable, Hashable, Sendable, CodingKeyRepresentable, CustomStringConvertible {
    /// The words of this version.
    static var known: [Self] { get }
    init(word: String)
    /// As it travels.
    var word: String { get }
}

extension Word {
    public init(from decoder: any Decoder) throws {
        self.init(word: try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(word)
    }

    public var codingKey: any CodingKey { TextKey(stringValue: word) }

    public init?(codingKey: some CodingKey) {
        self.init(word: codingKey.stringValue)
    }

    public var description: String { word }
}

/// What may hold health content: neither a log nor a debugger's dump shows it.
public protocol Private: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {}

extension Private {
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

func shown<Value>(_ value: Value?) -> String {
    value.map { "\($0)" } ?? "nil"
}

struct TextKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) {
        nil
    }
}

/// How the shapes of a union are told apart.
enum Tagging {
    case key
    case typeAndData
}

/// The name of a shape, and its content.
struct UnionContent {
    let name: String
    private let content: any UnionField

    init(from decoder: any Decoder, _ tagging: Tagging) throws {
        let fields = try decoder.container(keyedBy: TextKey.self)
        switch tagging {
        case .key:
            guard let key = fields.allKeys.first else {
                let context = DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "an empty object")
                throw DecodingError.dataCorrupted(context)
            }
            self.name = key.stringValue
            self.content = Field(fields: fields, key: key)
        case .typeAndData:
            self.name = try fields.decode(String.self, forKey: TextKey(stringValue: "type"))
            self.content = Field(fields: fields, key: TextKey(stringValue: "data"))
        }
    }

    func content<Content: Decodable>(_ type: Content.Type) throws -> Content {
        try content.read(type)
    }

    private struct Field: UnionField {
        let fields: KeyedDecodingContainer<TextKey>
        let key: TextKey

        func read<Content: Decodable>(_ type: Content.Type) throws -> Content {
            try fields.decode(type, forKey: key)
        }
    }
}

private protocol UnionField {
    func read<Content: Decodable>(_ type: Content.Type) throws -> Content
}

extension Encoder {
    func writeUnion(_ name: String, _ content: some Encodable, _ tagging: Tagging) throws {
        var fields = container(keyedBy: TextKey.self)
        switch tagging {
        case .key:
            try fields.encode(content, forKey: TextKey(stringValue: name))
        case .typeAndData:
            try fields.encode(name, forKey: TextKey(stringValue: "type"))
            try fields.encode(content, forKey: TextKey(stringValue: "data"))
        }
    }
}

// Durations are whole milliseconds.

extension Duration {
    var wholeMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}

extension KeyedDecodingContainer {
    func millis(_ key: Key) throws -> Duration {
        .milliseconds(try decode(Int64.self, forKey: key))
    }

    func millisIfPresent(_ key: Key) throws -> Duration? {
        try decodeIfPresent(Int64.self, forKey: key).map { .milliseconds($0) }
    }
}

extension KeyedEncodingContainer {
    mutating func encodeMillis(_ duration: Duration?, _ key: Key) throws {
        try encodeIfPresent(duration?.wholeMilliseconds, forKey: key)
    }
}

// Points in time are RFC 3339 in UTC with milliseconds.

private let timestamps = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

/// JSON as the contract has it.
func contractDecoder() -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .custom { decoder in
        try timestamps.parse(try decoder.singleValueContainer().decode(String.self))
    }
    return decoder
}

/// JSON as the contract has it.
func contractEncoder() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.dateEncodingStrategy = .custom { date, encoder in
        var container = encoder.singleValueContainer()
        // The style cuts off what the date holds a little less than.
        try container.encode(timestamps.format(date.addingTimeInterval(0.0005)))
    }
    return encoder
}

func text(_ value: some Encodable) throws -> String {
    String(decoding: try contractEncoder().encode(value), as: UTF8.self)
}

func read<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
    try contractDecoder().decode(type, from: Data(text.utf8))
}
