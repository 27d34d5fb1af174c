import XCTest

@testable import Carewire

final class PeopleTests: XCTestCase {
    func testPresence() async throws {
        try await scene { clinic in
            let (doctor, nurse, _) = try await clinic.pair()
            let subscription = try await doctor.presence.subscribe([nurse.me])
            XCTAssertEqual(subscription.current.map(\.status), [.online])
            let ears = Ear(subscription.changes())
            try await nurse.presence.set(.busy, "Rounds")
            let busy = try await ears.next { $0.first { $0.status == .busy } }
            XCTAssertEqual(busy.customStatus, "Rounds")
            let now = try await doctor.presence.get([nurse.me]).map(\.status)
            XCTAssertEqual(now, [.busy])
        }
    }

    func testACallWithAnOfferAndAnAnswer() async throws {
        try await scene { clinic in
            let (doctor, nurse, _) = try await clinic.pair()
            let ringing = Ear(nurse.calls.incoming())
            let call = try await doctor.calls.start([nurse.me], .video)
            let his = Ear(call.events())
            let answered = try await ringing.next().accept()
            let hers = Ear(answered.events())
            _ = try await his.next { if case .accepted = $0 { true } else { false } }
            try await call.offer("v=0 offer")
            let offer = try await hers.next(signal)
            XCTAssertEqual(offer.signalType, .offer)
            try await answered.answer("v=0 answer", to: doctor.me)
            let answer = try await his.next(signal)
            XCTAssertEqual(answer.signal, "v=0 answer")
            try await answered.candidate(["candidate": "…"])
            try await call.setMedia(audio: true, video: false)
            let video = try await hers.next { event -> Bool? in
                if case .media(let media) = event { media.video } else { nil }
            }
            XCTAssertFalse(video)
            try await call.end()
            let reason = try await hers.next { event -> CallEndReason?? in
                if case .ended(let reason, _) = event { .some(reason) } else { nil }
            }
            XCTAssertEqual(reason, .hangup)
            let newest = try await doctor.calls.history().calls.first?.callID
            XCTAssertEqual(newest, call.id)
        }
    }

    func testACallThatIsDeclined() async throws {
        try await scene { clinic in
            let (doctor, nurse, _) = try await clinic.pair()
            let ringing = Ear(nurse.calls.incoming())
            let call = try await doctor.calls.start([nurse.me], .audio)
            let his = Ear(call.events())
            try await ringing.next().reject("in a meeting")
            let rejected = try await his.next { event -> CallRejectedEvent? in
                if case .rejected(let rejected) = event { rejected } else { nil }
            }
            XCTAssertEqual(rejected.reason, "in a meeting")
        }
    }

    func testChartsAreSeenAndLockedByOneAtATime() async throws {
        try await scene { clinic in
            let (doctor, nurse, _) = try await clinic.pair()
            let patient = try await clinic.patient(of: doctor)
            let hers = try await nurse.record(patient).view()
            let ears = Ear(hers.events())
            let his = try await doctor.record(patient).view()
            XCTAssertEqual(his.viewers.map(\.userID), [nurse.me])
            try await ears.viewers(2)
            let lease = try await doctor.record(patient).lock("medication")
            try await until { lease.isHeld }
            let locked = try await ears.next { event -> RecordID? in
                if case .locked(let lock) = event { lock.recordID } else { nil }
            }
            XCTAssertEqual(locked, "medication")
            let refused = await error { try await nurse.record(patient).lock("medication") }
            XCTAssertEqual(refused?.code, "record_locked")
            try await lease.release()
            let reason = try await ears.next(unlocked)
            XCTAssertEqual(reason, .released)
            var next: Lease? = try await nurse.record(patient).lock("medication")
            XCTAssertGreaterThan(next!.fencingToken, lease.fencingToken)
            next = nil
            _ = try await ears.next(unlocked)
            his.end()
            try await ears.viewers(1)
        }
    }

    func testALeaseThatCannotBeRenewedIsLost() async throws {
        try await scene { clinic in
            let network = NetworkSwitch()
            let (doctor, _, _) = try await clinic.pair(Configuration(network: network))
            let patient = try await clinic.patient(of: doctor)
            let lease = try await doctor.record(patient).lock("plan", ttl: .seconds(5))
            try await until { lease.isHeld }
            network.cut()
            let loss = try await lease.lost()
            XCTAssertEqual(loss, .notRenewed)
        }
    }

    func testAThreadTheInboxAndUnreadCounts() async throws {
        try await scene { clinic in
            let (doctor, nurse, _) = try await clinic.pair()
            let updates = Ear(nurse.events())
            let thread = try await doctor.inbox.createThread("Ward 3", members: [nurse.me])
            try await doctor.join(thread).send("Good morning")
            _ = try await updates.next { event -> Bool? in
                if case .unreadUpdate(let counts)? = event.data, counts.rooms[thread] == 1 { true } else { nil }
            }
            let conversation = try await nurse.inbox.conversations().first { $0.roomID == thread }
            XCTAssertEqual(conversation?.title, "Ward 3")
            XCTAssertEqual(conversation?.unreadCount, 1)
            let unread = try await nurse.inbox.unread().totalUnread
            XCTAssertEqual(unread, 1)
            try await doctor.inbox.removeMembers(thread, [nurse.me])
        }
    }

    func testNotificationsToPeopleAndTopics() async throws {
        try await scene { clinic in
            let (doctor, _, _) = try await clinic.pair()
            let ears = Ear(doctor.notifications.events())
            try await doctor.notifications.subscribe(["ward-3"])
            _ = try await ears.next { $0 == .subscribed(["ward-3"]) }
            for to in ["\"userId\":\"\(doctor.me)\"", "\"topic\":\"ward-3\""] {
                let body = "{\(to),\"kind\":\"system\",\"title\":\"T\",\"message\":\"M\",\"priority\":\"high\"}"
                try await clinic.call("POST", "/v1/notifications", body)
                let new = try await ears.next { event -> NotificationInfo? in
                    if case .new(let notification) = event { notification } else { nil }
                }
                XCTAssertEqual(new.priority, .high)
            }
            let unread = try await doctor.notifications.unread()
            XCTAssertEqual(unread.count, 2)
            try await doctor.notifications.markRead(unread[0].id)
            _ = try await ears.next { if case .read = $0 { true } else { false } }
            let left = try await doctor.notifications.unreadCount()
            XCTAssertEqual(left, 1)
            let marked = try await doctor.notifications.markAllRead()
            XCTAssertEqual(marked, 1)
            try await doctor.notifications.unsubscribe(["ward-3"])
            _ = try await ears.next { $0 == .unsubscribed(["ward-3"]) }
        }
    }

    func testAWhiteboard() async throws {
        try await scene { clinic in
            let (doctor, nurse, chat) = try await clinic.pair()
            let (his, hers) = (try await doctor.whiteboard(chat), try await nurse.whiteboard(chat))
            let ears = Ear(hers.events())
            let revision = try await his.draw([[3, 4]])
            let drawn = try await ears.next { event -> Int? in
                if case .updated(let update) = event { update.revision } else { nil }
            }
            XCTAssertEqual(drawn, revision)
            his.point(x: 0.5, y: .nan)
            his.point(x: 0.5, y: 0.25)
            let y = try await ears.next { event -> Double? in
                if case .cursor(let cursor) = event { cursor.y } else { nil }
            }
            XCTAssertEqual(y, 0.25)
            let late = try await nurse.whiteboard(chat).state.ops.count
            XCTAssertEqual(late, 1)
            try await his.clear()
            _ = try await ears.next { if case .cleared = $0 { true } else { false } }
            let wiped = try await hers.load().ops
            XCTAssertEqual(wiped, [])
        }
    }

    func testAChannelAndWhatBackendsTell() async throws {
        try await scene { clinic in
            let (doctor, nurse, _) = try await clinic.pair()
            let backend = try await clinic.backend()
            let beds = try await doctor.channel("wards:beds:icu")
            let ears = Ear(beds.events())
            try await nurse.channel("wards:beds:icu").publish("freed", 7)
            let freed = try await ears.next { event -> JSONValue? in
                if case .published(let event) = event { event.payload } else { nil }
            }
            XCTAssertEqual(freed, 7)
            let alerts = Ear(doctor.alerts())
            let slow = SystemAlertEvent(level: .warning, message: "Slow today")
            try await backend.publish(.tenant(TenantID(clinic.tenant)), .systemAlert(slow))
            let alert = try await alerts.next { $0 == .system(slow) }
            XCTAssertEqual(alert, .system(slow))
        }
    }

    func testAReport() async throws {
        try await scene { clinic in
            let (_, nurse, _) = try await clinic.pair()
            let backend = try await clinic.backend()
            let id = ReportID(TestServer.unique("report"))
            try await clinic.call("PUT", "/v1/reports/\(id)", "{\"ownerId\":\"\(nurse.me)\"}")
            let followed = try await nurse.reports.follow(id)
            XCTAssertNil(followed.last)
            let ears = Ear(followed.events())
            try await backend.reports.status(ReportStatusEvent(reportID: id, status: .running, progress: 40))
            let progress = try await ears.next { event -> Double? in
                if case .status(let status) = event { status.progress } else { nil }
            }
            XCTAssertEqual(progress, 40)
            let requests = try await backend.reports.requests(TenantID(clinic.tenant))
            let asked = Ear(requests.events())
            try await followed.cancel()
            let cancelled = try await asked.next { event -> ReportID? in
                if case .cancel(let request) = event { request.reportID } else { nil }
            }
            XCTAssertEqual(cancelled, id)
            let done = ReportCompletedEvent(
                reportID: id, downloadURL: "https://example.org/r", format: "pdf", sizeBytes: 7)
            try await backend.reports.completed(done)
            _ = try await ears.next { $0 == .completed(done) }
            let last = try await nurse.reports.follow(id).last
            XCTAssertEqual(last, .completed(done))
        }
    }

    func testLiveRows() async throws {
        try await scene { clinic in
            let (_, nurse, _) = try await clinic.pair()
            let backend = try await clinic.backend()
            let template = TemplateID(TestServer.unique("template"))
            try await clinic.call("PUT", "/v1/templates/\(template)", "{}")
            let rows = try await nurse.reports.rows(template)
            let live = Ear(rows.events())
            _ = try await live.next { $0 == .all([], hasMore: false) }
            let row: JSONValue = ["id": "b1", "ward": "icu"]
            let update = StreamUpdateEvent(templateID: template, rows: [row])
            try await backend.publish(.room(.template(template)), .streamUpdate(update))
            _ = try await live.next { $0 == .changed([row]) }
            try await rows.applyFilter(["ward": "er"])
            _ = try await live.next { $0 == .all([], hasMore: false) }
            rows.end()
        }
    }
}

@Sendable private func signal(_ event: CallEvent) -> CallSignalEvent? {
    if case .signal(let signal) = event { signal } else { nil }
}

@Sendable private func unlocked(_ event: ChartEvent) -> UnlockReason? {
    if case .unlocked(let lock) = event { lock.reason } else { nil }
}

extension Ear<ChartEvent> {
    /// Waits until so many look at the chart.
    fileprivate func viewers(_ count: Int) async throws {
        _ = try await next { event in
            if case .viewersChanged(let now) = event { now.viewers.count == count } else { false }
        }
    }
}

extension Clinic {
    /// A patient, connected, whom a doctor cares for.
    fileprivate func patient(of doctor: CarewireClient) async throws -> UserID {
        let patient = user("ana")
        _ = try await connected(patient, "patient")
        try await call("PUT", "/v1/care-team/\(doctor.me)/\(patient)")
        return patient
    }
}
