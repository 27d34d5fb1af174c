import Foundation
import XCTest

@testable import Carewire

/// The generated types, against the golden vectors that every implementation is tested with.
final class ContractTests: XCTestCase {
    private struct Vector: Decodable {
        var kind: String
        var name: String
        var data: JSONValue?
    }

    func testEveryEventIsReadAndWrittenAsItTravels() throws {
        let events = try vectors().filter { $0.kind == "event" }
        XCTAssertGreaterThan(events.count, 60)
        for vector in events {
            guard let data = vector.data else { continue }
            let event = try EventData.read(vector.name, Data(try text(data).utf8), by: contractDecoder())
            if case .unknown = event {
                XCTFail("\(vector.name) is not known")
            }
            guard let again = written(event) else { continue }
            let rewritten = try JSONValue(of: again)
            let reread = try EventData.read(vector.name, Data(try text(rewritten).utf8), by: contractDecoder())
            XCTAssertEqual(reread, event, vector.name)
            XCTAssertTrue(holds(data, rewritten), "\(vector.name): \(data) is not \(rewritten)")
        }
    }

    func testWhatMayBeHealthContentIsNotShown() throws {
        let text = """
            {"id":"m1","roomId":"chat:a:b","senderId":"a","body":"a diagnosis","sentAt":"2026-11-21T10:30:00.250Z","status":"pondered"}
            """
        let message = try read(Message.self, text)
        XCTAssertFalse("\(EventData.messageNew(MessageNewEvent(message: message)))".contains("diagnosis"))
        var dumped = ""
        dump(message, to: &dumped)
        XCTAssertFalse(dumped.contains("diagnosis"))
        XCTAssertEqual(try read(Message.self, try Carewire.text(message)), message)
    }

    func testWordsAndEventsOfALaterVersionAreKept() throws {
        let later = try read(MessageStatus.self, "\"pondered\"")
        XCTAssertEqual(later, .other("pondered"))
        XCTAssertEqual(try text(later), "\"pondered\"")
        let event = try EventData.read("mood:changed", Data("{\"mood\":7}".utf8), by: contractDecoder())
        XCTAssertEqual(event, .unknown(UnknownEvent(name: "mood:changed", data: ["mood": 7])))
    }

    private func vectors() throws -> [Vector] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../../tests/vectors").standardized
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }
        return try files.flatMap { file in
            let known = try contractDecoder().decode(JSONValue.self, from: Data(contentsOf: file))
            guard case .array(let entries) = known else { return [Vector]() }
            return entries.compactMap { try? $0.decode(Vector.self) }
        }
    }

    /// The data of an event, which its case carries.
    private func written(_ event: EventData) -> (any Encodable)? {
        Mirror(reflecting: event).children.first?.value as? any Encodable
    }

    /// Whether everything in the second is in the first as well: what is empty need not travel.
    private func holds(_ one: JSONValue, _ other: JSONValue) -> Bool {
        switch (one, other) {
        case (.object(let one), .object(let other)):
            other.allSatisfy { key, value in one[key].map { holds($0, value) } ?? false }
        case (.array(let one), .array(let other)):
            one.count == other.count && zip(one, other).allSatisfy { holds($0, $1) }
        default:
            one == other
        }
    }
}
