import Carewire
import XCTest

final class RoomIDTests: XCTestCase {
    func testTheIdsOfAChatAreInOrder() {
        XCTAssertEqual(RoomID.chat("dr-lee", "ana"), "chat:ana:dr-lee")
        XCTAssertEqual(RoomID.chat("a", "A"), "chat:A:a")
        XCTAssertEqual(RoomID.visit("v1").kind, "visit")
    }
}
