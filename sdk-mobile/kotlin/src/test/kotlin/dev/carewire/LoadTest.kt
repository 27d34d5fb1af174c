package dev.carewire

import dev.carewire.core.CancelToken
import java.io.File
import kotlin.random.Random
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.serialization.json.JsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

class LoadTest {
    @Test
    fun `ten thousand events, none lost and none kept`() = scene(within = 55.seconds) {
        val many = 10_000
        val (doctor, nurse, _) = pair()
        val channel = RoomId("load:events")
        val heard = scope.async(Dispatchers.Default, CoroutineStart.UNDISPATCHED) {
            nurse.channel(channel).also { ready -> assertEquals(channel, ready.id) }.events().take(many).toList()
        }
        until { nurse.hub.listeners > 0 }
        val backend = backend()
        val batches = (0 until many).chunked(100)
        nurse.request(ChannelSubscribeCommand(channel))
        for (batch in batches) {
            val body = batch.joinToString(",", "[", "]") {
                """{"target":{"room":"$channel"},"event":{"type":"channel:event","data":{"channel":"$channel","event":"n","payload":$it}}}"""
            }
            call("POST", "/v1/publish", body)
        }
        val numbers = heard.await().map { ((it as ChannelEvent.Published).event.payload as JsonPrimitive).content.toInt() }
        assertEquals((0 until many).toList(), numbers)
        assertEquals(ConnectionState.Connected, backend.state.value)
        assertEquals(ConnectionState.Connected, doctor.state.value)
        // The flow has ended, and the core keeps nobody who no longer listens.
        until { System.gc(); nurse.hub.listeners == 0 }
    }

    @Test
    fun `one who does not read loses the oldest and is told, and nobody else is affected`() = scene {
        val (doctor, nurse, chat) = pair()
        val (his, hers) = doctor.join(chat) to nurse.join(chat)
        val quick = hear(hers.events())
        val slow = nurse.hub.slot { it.newMessage != null }
        val many = MOST_WAITING + 10
        // The queue takes a thousand.
        for (some in (0 until many).chunked(500)) some.map { scope.async { his.send("$it") } }.awaitAll()
        repeat(many) { quick.next { it.newMessage != null } }
        assertEquals(Event.Lagged(10), slow.next())
        repeat(MOST_WAITING) { assertTrue(slow.next()?.newMessage != null) }
    }

    @Test
    fun `used from many threads at once`() = scene {
        val (doctor, _, chat) = pair(Configuration(queue = Queue(inFlightPerRoom = 32)))
        val his = doctor.join(chat)
        val senders = (0 until 16).map { sender ->
            scope.async(Dispatchers.IO) {
                (0 until 25).map { his.send("$sender $it").id }.also { doctor.presence.get(listOf(UserId("x"))) }
            }
        }
        val ids = senders.awaitAll().flatten()
        assertEquals(400, ids.toSet().size)
        doctor.queued.first { it == 0 }
    }

    @Test
    fun `a cancelled coroutine stops waiting, and what it asked for happens once`() = scene {
        val network = NetworkSwitch()
        val (doctor, nurse, chat) = pair(Configuration(network = network))
        val (his, hers) = doctor.join(chat) to nurse.join(chat)
        val ears = hear(hers.events())
        network.cut()
        doctor.state.first { !it.isConnected }
        val sending = scope.launch(start = CoroutineStart.UNDISPATCHED) { his.send("still sent") }
        doctor.queued.first { it == 1 }
        sending.cancelAndJoin()
        assertTrue(sending.isCancelled)
        network.heal()
        doctor.reconnectNow()
        assertEquals("still sent", ears.next { it.newMessage != null }.newMessage?.body)
        assertEquals(1, his.history().messages.size)
    }

    @Test
    fun `a cancel token ends the waiting too`() = scene {
        val client = client(user("dr")) { delay(60.seconds); "never" }
        val core = client.javaClass.getDeclaredField("core").apply { isAccessible = true }.get(client)
        val cancel = CancelToken()
        val waiting = scope.async { runCatching { calling { (core as dev.carewire.core.Core).connect(cancel) } } }
        client.state.first { it == ConnectionState.Connecting }
        cancel.cancel()
        assertTrue(waiting.await().exceptionOrNull() is CancellationException)
    }

    @Test
    fun `closed during everything`() = scene {
        val (doctor, nurse, chat) = pair()
        repeat(10) { round ->
            val me = connected(doctor.identity.value!!.userId)
            val room = me.join(chat)
            val reading = scope.async { room.events().onEach { }.toList() }
            val sending = (0 until 20).map { scope.async { runCatching { room.send("$round $it") } } }
            val asking = (0 until 5).map { scope.async { runCatching { me.inbox.conversations() } } }
            delay(Random.nextLong(10))
            me.closeAndWait()
            for (result in (sending + asking).awaitAll()) {
                result.onFailure { assertTrue(it is CarewireException.Closed, "$it") }
            }
            reading.await()
            assertThrows<CarewireException.Closed> { room.send("after the end") }
            room.close()
        }
        assertEquals(ConnectionState.Connected, nurse.state.value)
    }

    @Test
    fun `one thread for all clients`() = scene {
        pair()
        val threads = File("/proc/self/task").listFiles().orEmpty()
            .mapNotNull { File(it, "comm").takeIf(File::exists)?.readText()?.trim() }
        assertEquals(1, threads.count { it == "carewire" })
    }
}
