import XCTest

@testable import Carewire

final class ConnectTests: XCTestCase {
    func testConnects() async throws {
        try await scene { clinic in
            let user = clinic.user("dr")
            let client = try clinic.client(user)
            XCTAssertEqual(client.state, .idle)
            let identity = try await client.connect()
            XCTAssertEqual(identity.userID, user)
            XCTAssertEqual(identity.role, .provider)
            XCTAssertEqual(identity.tenantID.rawValue, clinic.tenant)
            XCTAssertEqual(client.state, .connected)
            try await until { client.identity == identity }
            await client.close()
            try await client.state { $0 == .closed(.byApplication) }
        }
    }

    func testABadTokenIsFinalAfterAnotherWasAskedFor() async throws {
        try await scene { clinic in
            let needs = Locked([TokenNeed]())
            let client = try clinic.client(clinic.user("dr")) { need in
                needs.with { $0.append(need) }
                return "not a token"
            }
            let refused = await error { try await client.connect() }
            XCTAssertEqual(refused, .closed(.unauthenticated))
            XCTAssertEqual(refused?.code, "closed")
            XCTAssertEqual(needs.with { $0 }, [.connect, .refused])
            let later = await error { try await client.inbox.unread() }
            XCTAssertEqual(later, .closed(.unauthenticated))
        }
    }

    func testAnExpiredTokenIsFetchedAnew() async throws {
        try await scene { clinic in
            let user = clinic.user("dr")
            let needs = Locked([TokenNeed]())
            let client = try clinic.client(user) { need in
                needs.with { $0.append(need) }
                let life: Duration? = need == .connect ? .milliseconds(1) : nil
                return try await clinic.server.token(user, "provider", clinic.tenant, life: life)
            }
            try await client.connect()
            XCTAssertEqual(needs.with { $0 }, [.connect, .refused])
        }
    }

    func testATokenThatExpiresIsRefreshedAndTheConnectionStays() async throws {
        try await scene { clinic in
            let user = clinic.user("dr")
            let needs = Locked([TokenNeed]())
            let client = try clinic.client(user) { need in
                needs.with { $0.append(need) }
                let life: Duration? = need == .connect ? .seconds(20) : nil
                return try await clinic.server.token(user, "provider", clinic.tenant, life: life)
            }
            let connection = try await client.connect().connectionID
            try await until { needs.with { $0 } == [.connect, .refresh] }
            let now = try await client.request(SessionStatusCommand()).connectionID
            XCTAssertEqual(now, connection)
        }
    }

    func testWhoIsSignedOutIsToldSo() async throws {
        try await scene { clinic in
            let client = try clinic.client(clinic.user("dr")) { _ in throw SignedOut() }
            let told = await error { try await client.connect() }
            XCTAssertEqual(told, .closed(.signedOut))
        }
    }

    func testAProviderThatFailsIsAskedAgain() async throws {
        struct NoNetwork: Error {}
        try await scene { clinic in
            let user = clinic.user("dr")
            let asked = Locked(0)
            let client = try clinic.client(user) { _ in
                let count = asked.with { $0 += 1; return $0 }
                if count == 1 { throw NoNetwork() }
                return try await clinic.server.token(user, "provider", clinic.tenant)
            }
            let me = try await client.connect().userID
            XCTAssertEqual(me, user)
            XCTAssertEqual(asked.with { $0 }, 2)
        }
    }

    func testANewerConnectionOfTheSameClientReplacesTheOlder() async throws {
        try await scene { clinic in
            let user = clinic.user("dr")
            let same = Configuration(clientID: ClientID(TestServer.unique("device")))
            let older = try await clinic.connected(user, "provider", same)
            _ = try await clinic.connected(user, "provider", same)
            try await older.state { $0 == .closed(.replaced) }
        }
    }

    func testWhatMakesNoSenseIsRefusedAtOnce() async {
        let refused = await error { try CarewireClient(url: URL(string: "http://example.org")!) { _ in "" } }
        XCTAssertEqual(refused?.code, "invalid_options")
    }

    func testAClosedClientAnswersThatItIsClosed() async throws {
        try await scene { clinic in
            let client = try await clinic.connected(clinic.user("dr"))
            await client.close()
            let closed = await error { try await client.inbox.unread() }
            XCTAssertEqual(closed, .closed(.byApplication))
            let again = await error { try await client.connect() }
            XCTAssertEqual(again, .closed(.byApplication))
        }
    }
}
