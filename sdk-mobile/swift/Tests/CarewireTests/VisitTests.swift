import XCTest

@testable import CarewireVisit

/// The visit that every SDK plays, which is the sample as well. `VisitTest.kt` is its twin.
final class VisitTests: XCTestCase {
    func testAVisit() async throws {
        try await scene { clinic in
            let (server, tenant) = (clinic.server, clinic.tenant)
            let (lee, ana) = (clinic.user("dr-lee"), clinic.user("ana"))
            try await clinic.call("PUT", "/v1/care-team/\(lee)/\(ana)")
            try await visit(url: server.url, lee: lee, ana: ana) { user in
                try await server.token(user, user == lee ? "provider" : "patient", tenant)
            }
        }
    }
}
