package dev.carewire

import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.serialization.json.JsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/** The visit that every SDK plays: the first thing to copy from. `VisitTests.swift` is its twin. */
class VisitTest {
    @Test
    fun `a visit`() = scene {
        val (lee, ana) = user("dr-lee") to user("ana")
        call("PUT", "/v1/care-team/$lee/$ana")
        val network = NetworkSwitch()
        val doctor = connected(lee, "provider", Configuration(network = network))
        val patient = connected(ana, "patient")

        // The chat: what is written offline is queued, and then sent.
        val chat = RoomId.chat(lee, ana)
        val his = doctor.join(chat, snapshot = true)
        val hers = patient.join(chat, snapshot = true)
        val heard = hear(hers.events())
        network.cut()
        doctor.state.first { !it.isConnected }
        val sending = scope.async { his.send("How are you today?") }
        doctor.queued.first { it == 1 }
        network.heal()
        doctor.reconnectNow()
        assertEquals(sending.await().id, heard.next { it.newMessage != null }.newMessage?.id)

        // Typing and presence.
        his.typing()
        heard.data<TypingStartEvent>()
        val watching = patient.presence.subscribe(listOf(lee))
        val changes = hear(watching.changes())
        doctor.presence.set(PresenceStatus.Busy, "With a patient")
        changes.next { it.status == PresenceStatus.Busy }

        // A call: one offer, one answer.
        val ringing = hear(patient.calls.incoming())
        val call = doctor.calls.start(listOf(ana), CallType.Video)
        val signals = hear(call.events())
        val accepted = ringing.next().accept()
        val offers = hear(accepted.events())
        signals.next { it is CallEvent.Accepted }
        call.offer(JsonPrimitive("v=0 offer"))
        offers.next { it is CallEvent.Signal }
        accepted.answer(JsonPrimitive("v=0 answer"))
        signals.next { it is CallEvent.Signal }
        call.end()

        // A lease on a chart, lost to its expiry.
        val lease = doctor.record(ana).lock(RecordId("medication"), ttl = 5.seconds)
        until { lease.isHeld }
        network.cut()
        assertEquals(LeaseLoss.NotRenewed, lease.lost())
        network.heal()
        doctor.reconnectNow()

        // The background, and nothing missed.
        patient.background()
        patient.state.first { !it.isConnected }
        val missed = his.send("See you on Monday").id
        patient.foreground()
        assertEquals(missed, heard.next { it.newMessage != null }.newMessage?.id)

        listOf(doctor, patient).forEach { it.closeAndWait() }
        heard.ended()
    }
}
