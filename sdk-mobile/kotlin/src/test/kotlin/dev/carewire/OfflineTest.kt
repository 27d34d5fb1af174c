package dev.carewire

import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.serialization.json.JsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

class OfflineTest {
    private val quick = Backoff(first = 20.milliseconds, most = 200.milliseconds)

    @Test
    fun `what was sent offline is queued, and then sent once and in order`() = scene {
        val network = NetworkSwitch()
        val (doctor, nurse, chat) = pair(Configuration(backoff = quick, network = network))
        val (his, hers) = doctor.join(chat) to nurse.join(chat)
        val ears = hear(hers.events())
        network.cut()
        doctor.state.first { !it.isConnected }
        val sent = (1..5).map { number ->
            scope.async { his.send("message $number") }.also { doctor.queued.first { count -> count >= number } }
        }
        assertEquals(5, doctor.queued.value)
        network.heal()
        doctor.reconnectNow()
        val ids = sent.awaitAll().map { it.id }
        assertEquals(ids, (1..5).map { ears.next { it.newMessage != null }.newMessage!!.id })
        assertEquals((1..5).map { "message $it" }, his.history().messages.map { it.body })
        doctor.queued.first { it == 0 }
    }

    @Test
    fun `what is about this moment fails offline`() = scene {
        val network = NetworkSwitch()
        val (doctor, _, chat) = pair(Configuration(backoff = quick, network = network))
        val his = doctor.join(chat)
        network.cut()
        doctor.state.first { !it.isConnected }
        assertThrows<CarewireException.Offline> { his.publish("wave", JsonPrimitive(1)) }
        assertThrows<CarewireException.Offline> { doctor.record(UserId("ana")).lock(RecordId("plan")) }
    }

    @Test
    fun `a full queue and a command too large say so`() = scene {
        val network = NetworkSwitch()
        val settings = Configuration(backoff = quick, queue = Queue(commands = 2), network = network)
        val (doctor, _, chat) = pair(settings)
        val his = doctor.join(chat)
        assertThrows<CarewireException.PayloadTooLarge> { his.publish("big", JsonPrimitive("x".repeat(2_000_000))) }
        network.cut()
        doctor.state.first { !it.isConnected }
        val waiting = (1..2).map { scope.async { his.send("$it") } }
        doctor.queued.first { it == 2 }
        assertThrows<CarewireException.QueueFull> { his.send("one too many") }
        network.heal()
        doctor.reconnectNow()
        waiting.awaitAll()
    }

    @Test
    fun `what was missed while away is replayed`() = scene {
        val network = NetworkSwitch()
        val (doctor, nurse, chat) = pair(Configuration(backoff = quick, network = network))
        val (his, hers) = doctor.join(chat) to nurse.join(chat)
        val ears = hear(his.events())
        val first = hers.send("before").id
        assertEquals(first, ears.next { it.newMessage != null }.newMessage?.id)
        network.cut()
        doctor.state.first { !it.isConnected }
        val missed = (1..3).map { hers.send("while away $it").id }
        network.heal()
        doctor.reconnectNow()
        val resumed = ears.next { it is Event.Resumed } as Event.Resumed
        assertTrue(resumed.gaps.isEmpty())
        assertEquals(missed, missed.map { ears.next { it.newMessage != null }.newMessage!!.id })
        ears.next { it == Event.CaughtUp }
    }

    @Test
    fun `background closes the socket, foreground brings everything back`() = scene {
        val (doctor, nurse, chat) = pair(Configuration(backoff = quick))
        val (his, hers) = doctor.join(chat) to nurse.join(chat)
        val ears = hear(his.events())
        doctor.background()
        doctor.state.first { !it.isConnected }
        val missed = hers.send("a minute later").id
        assertNull(withTimeoutOrNull(300.milliseconds) { ears.next { it.newMessage != null } })
        doctor.foreground()
        assertEquals(missed, ears.next { it.newMessage != null }.newMessage?.id)
        doctor.networkChanged(available = false)
        doctor.networkChanged(available = true)
        assertEquals(2, his.history().messages.size + 1)
    }

    @Test
    fun `the server is killed and restarted`() = TestServer().use { server ->
        scene(server) {
            val (doctor, nurse, chat) = pair(Configuration(backoff = quick))
            val (his, hers) = doctor.join(chat) to nurse.join(chat)
            val ears = hear(hers.events())
            val before = his.send("before").id
            server.kill()
            doctor.state.first { !it.isConnected }
            val queued = scope.async { his.send("while it was down") }
            doctor.queued.first { it == 1 }
            server.restart()
            listOf(doctor, nurse).forEach { it.reconnectNow() }
            val after = queued.await().id
            assertEquals(before, ears.next { it.newMessage != null }.newMessage?.id)
            assertEquals(after, ears.next { it.newMessage != null }.newMessage?.id)
            assertEquals(listOf(before, after), hers.history().messages.map { it.id })
        }
    }

    @Test
    fun `a command that grew too old has certainly not happened`() = scene {
        val network = NetworkSwitch()
        val settings = Configuration(backoff = quick, queue = Queue(age = 1.seconds), network = network)
        val (doctor, _, chat) = pair(settings)
        val his = doctor.join(chat)
        network.cut()
        doctor.state.first { !it.isConnected }
        assertThrows<CarewireException.Expired> { his.send("too late") }
        network.heal()
        doctor.reconnectNow()
        doctor.state.first { it.isConnected }
        assertEquals(emptyList<Message>(), his.history().messages)
    }
}
