package dev.carewire

import dev.carewire.samples.ChatModel
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.isActive
import kotlinx.coroutines.job
import kotlinx.coroutines.joinAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
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
        following.cancel()
    }

    @Test
    fun `what could not be sent is a draft again, and the failure is over when something was`() = scene {
        val (doctor, _, chat) = pair()
        val model = ChatModel(doctor, chat, scope)
        val tooLong = "a".repeat(64 * 1024 + 1)
        model.send(tooLong).join()
        assertEquals("invalid_input", model.failure.value?.code)
        assertEquals(tooLong, model.draft.value)
        model.send("short").join()
        assertEquals(null, model.failure.value)
        assertEquals("", model.draft.value)
    }

    @Test
    fun `a chat that is refused is said, and ends no other work of the screen`() = scene {
        val (doctor, _, _) = pair()
        val screen = CoroutineScope(Job())
        val model = ChatModel(doctor, RoomId.chat(user("dr"), user("nurse")), screen)
        model.follow().join()
        assertEquals("access_denied", model.failure.value?.code)
        assertTrue(screen.isActive)
        screen.cancel()
    }

    @Test
    fun `a screen that is gone has left the chat`() = scene {
        val (doctor, nurse, chat) = pair()
        nurse.join(chat).send("hello")
        val screen = CoroutineScope(Job())
        val model = ChatModel(doctor, chat, screen)
        model.follow()
        model.send("hello yourself").join()
        model.messages.first { it.size == 2 }
        screen.coroutineContext.job.cancelAndJoin()
        assertFalse(doctor.rooms.letGo(chat), "a handle is still open")
    }

    private fun ChatModel.send(text: String): Job {
        draft.value = text
        return send()
    }
}
