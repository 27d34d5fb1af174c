package dev.carewire

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

class PeopleTest {
    @Test
    fun presence() = scene {
        val (doctor, nurse, _) = pair()
        val her = nurse.identity.value!!.userId
        val subscription = doctor.presence.subscribe(listOf(her))
        assertEquals(PresenceStatus.Online, subscription.current.single().status)
        val ears = hear(subscription.changes())
        nurse.presence.set(PresenceStatus.Busy, "Rounds")
        val busy = ears.next { it.status == PresenceStatus.Busy }
        assertEquals("Rounds", busy.customStatus)
        assertEquals(busy.status, doctor.presence.get(listOf(her)).single().status)
        subscription.close()
        subscription.close()
    }

    @Test
    fun `a call with an offer and an answer`() = scene {
        val (doctor, nurse, _) = pair()
        val her = nurse.identity.value!!.userId
        val ringing = hear(nurse.calls.incoming())
        val call = doctor.calls.start(listOf(her), CallType.Video)
        val his = hear(call.events())
        val answered = ringing.next().accept()
        val hers = hear(answered.events())
        his.next { it is CallEvent.Accepted }
        call.offer(JsonPrimitive("v=0 offer"))
        val offer = hers.next { it is CallEvent.Signal } as CallEvent.Signal
        assertEquals(SignalType.Offer, offer.signal.signalType)
        answered.answer(JsonPrimitive("v=0 answer"), to = doctor.identity.value!!.userId)
        val answer = his.next { it is CallEvent.Signal } as CallEvent.Signal
        assertEquals(JsonPrimitive("v=0 answer"), answer.signal.signal)
        answered.candidate(JsonObject(mapOf("candidate" to JsonPrimitive("…"))))
        call.setMedia(audio = true, video = false)
        assertEquals(false, (hers.next { it is CallEvent.Media } as CallEvent.Media).media.video)
        call.end()
        val ended = hers.next { it is CallEvent.Ended } as CallEvent.Ended
        assertEquals(CallEndReason.Hangup, ended.reason)
        assertEquals(call.id, doctor.calls.history().calls.first().callId)
        answered.close()
    }

    @Test
    fun `a call that is declined`() = scene {
        val (doctor, nurse, _) = pair()
        val ringing = hear(nurse.calls.incoming())
        val call = doctor.calls.start(listOf(nurse.identity.value!!.userId), CallType.Audio)
        val his = hear(call.events())
        ringing.next().reject("in a meeting")
        val rejected = his.next { it is CallEvent.Rejected } as CallEvent.Rejected
        assertEquals("in a meeting", rejected.event.reason)
        call.close()
    }

    @Test
    fun `charts are seen and locked by one at a time`() = scene {
        val (doctor, nurse, _) = pair()
        val patient = user("ana")
        connected(patient, "patient")
        call("PUT", "/v1/care-team/${doctor.identity.value!!.userId}/$patient")
        val hers = nurse.record(patient).view()
        val ears = hear(hers.events())
        val his = doctor.record(patient).view()
        assertEquals(listOf(nurse.identity.value!!.userId), his.viewers.map { it.userId })
        ears.next { it is ChartEvent.ViewersChanged && it.now.viewers.size == 2 }
        val lease = doctor.record(patient).lock(RecordId("medication"))
        until { lease.isHeld }
        assertEquals(RecordId("medication"), (ears.next { it is ChartEvent.Locked } as ChartEvent.Locked).lock.recordId)
        val locked = assertThrows<CarewireException.Refused> { nurse.record(patient).lock(RecordId("medication")) }
        assertEquals(ErrorCode.RecordLocked, locked.error.code)
        lease.release()
        assertEquals(UnlockReason.Released, (ears.next { it is ChartEvent.Unlocked } as ChartEvent.Unlocked).lock.reason)
        val next = nurse.record(patient).lock(RecordId("medication"))
        assertTrue(next.fencingToken > lease.fencingToken)
        next.close()
        ears.next { it is ChartEvent.Unlocked }
        his.close()
        ears.next { it is ChartEvent.ViewersChanged && it.now.viewers.size == 1 }
        hers.close()
    }

    @Test
    fun `a lease that cannot be renewed is lost`() = scene {
        val network = NetworkSwitch()
        val (doctor, _, _) = pair(Configuration(network = network))
        val patient = user("ana")
        connected(patient, "patient")
        call("PUT", "/v1/care-team/${doctor.identity.value!!.userId}/$patient")
        val lease = doctor.record(patient).lock(RecordId("plan"), ttl = kotlin.time.Duration.parse("5s"))
        until { lease.isHeld }
        network.cut()
        assertEquals(LeaseLoss.NotRenewed, lease.lost())
    }

    @Test
    fun `a thread, the inbox and unread counts`() = scene {
        val (doctor, nurse, _) = pair()
        val updates = hear(nurse.events)
        val thread = doctor.inbox.createThread("Ward 3", listOf(nurse.identity.value!!.userId))
        doctor.join(thread).send("Good morning")
        updates.data<UnreadUpdateEvent> { (it.rooms[thread] ?: 0L) == 1L }
        val conversation = nurse.inbox.conversations().single { it.roomId == thread }
        assertEquals("Ward 3", conversation.title)
        assertEquals(1L, conversation.unreadCount)
        assertEquals(1L, nurse.inbox.unread().totalUnread)
        doctor.inbox.removeMembers(thread, listOf(nurse.identity.value!!.userId))
    }

    @Test
    fun `notifications to people and topics`() = scene {
        val (doctor, _, _) = pair()
        val ears = hear(doctor.notifications.events())
        doctor.notifications.subscribe(listOf(TopicName("ward-3")))
        ears.next { it is NotificationEvent.Subscribed }
        val me = doctor.identity.value!!.userId
        for (to in listOf("\"userId\":\"$me\"", "\"topic\":\"ward-3\"")) {
            call("POST", "/v1/notifications", """{$to,"kind":"system","title":"T","message":"M","priority":"high"}""")
            val new = ears.next { it is NotificationEvent.New } as NotificationEvent.New
            assertEquals(Priority.High, new.notification.priority)
        }
        assertEquals(2, doctor.notifications.unread().size)
        doctor.notifications.markRead(doctor.notifications.list(limit = 1).notifications.single().id)
        ears.next { it is NotificationEvent.Read }
        assertEquals(1L, doctor.notifications.unreadCount())
        assertEquals(1L, doctor.notifications.markAllRead())
        doctor.notifications.unsubscribe(listOf(TopicName("ward-3")))
        ears.next { it is NotificationEvent.Unsubscribed }
    }

    @Test
    fun `a whiteboard`() = scene {
        val (doctor, nurse, chat) = pair()
        val (his, hers) = doctor.whiteboard(chat) to nurse.whiteboard(chat)
        val ears = hear(hers.events())
        val revision = his.draw(listOf(JsonArray(listOf(JsonPrimitive(3), JsonPrimitive(4)))))
        assertEquals(revision, (ears.next { it is BoardEvent.Updated } as BoardEvent.Updated).update.revision)
        his.point(0.5, Double.NaN)
        his.point(0.5, 0.25)
        assertEquals(0.25, (ears.next { it is BoardEvent.Cursor } as BoardEvent.Cursor).cursor.y)
        assertEquals(1, nurse.whiteboard(chat).state.ops.size)
        his.clear()
        ears.next { it is BoardEvent.Cleared }
        assertEquals(emptyList<Any>(), hers.load().ops)
    }

    @Test
    fun `a channel, and what backends tell`() = scene {
        val (doctor, nurse, _) = pair()
        val backend = backend()
        val beds = doctor.channel(RoomId("wards:beds:icu"))
        val ears = hear(beds.events())
        nurse.channel(RoomId("wards:beds:icu")).publish("freed", JsonPrimitive(7))
        assertEquals(JsonPrimitive(7), (ears.next() as ChannelEvent.Published).event.payload)
        val alerts = hear(doctor.alerts())
        backend.publish(Target.Tenant(TenantId(tenant)), SystemAlertEvent(AlertLevel.Warning, "Slow today"))
        assertEquals("Slow today", (alerts.next { it is Alert.System } as Alert.System).alert.message)
        beds.close()
    }

    @Test
    fun `a report and live rows`() = scene {
        val (_, nurse, _) = pair()
        val backend = backend()
        val (report, template) = ReportId(TestServer.unique("r")) to TemplateId(TestServer.unique("t"))
        call("PUT", "/v1/reports/$report", """{"ownerId":"${nurse.identity.value!!.userId}"}""")
        val followed = nurse.reports.follow(report)
        val ears = hear(followed.events())
        backend.reports.status(ReportStatusEvent(report, ReportStatus.Running, 40.0))
        assertEquals(40.0, (ears.next { it is ReportEvent.Status } as ReportEvent.Status).status.progress)
        val asked = hear(backend.reports.requests(TenantId(tenant)).events())
        followed.cancel()
        assertEquals(report, (asked.next { it is ReportRequest.Cancel } as ReportRequest.Cancel).request.reportId)
        backend.reports.completed(ReportCompletedEvent(report, "https://example.org/r", "pdf", 7))
        ears.next { it is ReportEvent.Completed }
        assertTrue(nurse.reports.follow(report).last is ReportSnapshot)
        call("PUT", "/v1/templates/$template", "{}")
        val rows = nurse.reports.rows(template)
        val live = hear(rows.events())
        live.next { it is RowsEvent.All }
        val row = JsonObject(mapOf("id" to JsonPrimitive("b1"), "ward" to JsonPrimitive("icu")))
        backend.publish(Target.Room(RoomId.template(template)), StreamUpdateEvent(template, listOf(row)))
        assertEquals(listOf(row), (live.next { it is RowsEvent.Changed } as RowsEvent.Changed).rows)
        rows.applyFilter(mapOf("ward" to JsonPrimitive("er")))
        assertEquals(emptyList<Any>(), (live.next { it is RowsEvent.All } as RowsEvent.All).rows)
        rows.close()
        followed.close()
    }
}
