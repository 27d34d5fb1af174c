package dev.carewire

import dev.carewire.samples.ChatModel
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.joinAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/** What the screen of the guide shows. */
class ChatModelTest {
    @Test
    fun `a screen shows the chat, offline too`() = scene {
        val network = NetworkSwitch()
        val quick = Backoff(first = 20.milliseconds, most = 200.milliseconds)
        val (doctor, nurse, chat) = pair(Configuration(backoff = quick, network = network))
        nurse.join(chat).send("before")
        val model = ChatModel(doctor, chat, scope)
        val atOnce = model.send("at once")
        val following = model.follow()
        model.messages.first { it.size == 2 }
        network.cut()
        doctor.state.first { !it.isConnected }
        val onTheWay = model.send("on the way")
        doctor.queued.first { it == 1 }
        network.heal()
        doctor.reconnectNow()
        val shown = model.messages.first { it.size == 3 }
        assertEquals(listOf("before", "at once", "on the way"), shown.map { it.body })
        joinAll(atOnce, onTheWay)
        model.send("").join()
        assertEquals("invalid_input", model.failure.value?.code)
        following.cancel()
    }
}
