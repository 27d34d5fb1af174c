package dev.carewire

import kotlinx.coroutines.flow.first
import kotlinx.serialization.json.JsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

class ChatTest {
    @Test
    fun `a chat with receipts`() = scene {
        val (doctor, nurse, chat) = pair()
        val (hers, his) = nurse.join(chat) to doctor.join(chat)
        val (ears, tick) = hear(hers.events()) to hear(doctor.events)
        val sent = his.send("The bed is free", metadata = JsonPrimitive(7))
        assertEquals("The bed is free", sent.body)
        val arrived = ears.next { it.newMessage != null } as Event.Server
        assertEquals(sent.id, arrived.newMessage?.id)
        assertEquals(chat, arrived.room)
        assertEquals(doctor.clientId, arrived.origin)
        assertEquals(1L, arrived.position?.offset)
        // That it arrived, her client says by itself.
        val delivered = tick.data<MessageDeliveredEvent>()
        assertEquals(sent.id, delivered.messageId)
        hers.markRead(sent.id)
        assertEquals(sent.id, tick.data<MessageReadEvent>().messageId)
        assertEquals(MessageStatus.Read, his.history().messages.single().status)
    }

    @Test
    fun `messages are edited, reacted to and deleted`() = scene {
        val (doctor, nurse, chat) = pair()
        val (his, hers) = doctor.join(chat) to nurse.join(chat)
        val ears = hear(hers.events())
        val message = his.send("Bed 4")
        his.edit(message.id, "Bed 5")
        assertEquals("Bed 5", ears.data<MessageEditedEvent>().message.body)
        hers.react(message.id, "👍")
        assertTrue(ears.data<MessageReactionEvent>().added)
        assertEquals(mapOf("👍" to listOf(nurse.identity.value!!.userId)), his.history().messages.single().reactions)
        hers.unreact(message.id, "👍")
        assertFalse(ears.data<MessageReactionEvent>().added)
        his.delete(message.id)
        assertEquals(message.id, ears.data<MessageDeletedEvent>().messageId)
        val refused = assertThrows<CarewireException.Refused> { hers.edit(message.id, "mine") }
        assertTrue(refused.error.code in listOf(ErrorCode.AccessDenied, ErrorCode.MessageNotFound), refused.code)
    }

    @Test
    fun `a snapshot, pages of history and who is there`() = scene {
        val (doctor, nurse, chat) = pair()
        val his = doctor.join(chat)
        val ids = (1..5).map { his.send("message $it").id }
        val hers = nurse.join(chat, snapshot = true)
        assertEquals(ids, hers.snapshot?.messages?.map { it.id })
        val newest = hers.history(limit = 2)
        assertEquals(ids.takeLast(2), newest.messages.map { it.id })
        assertTrue(newest.hasMore)
        assertEquals(ids.take(3), hers.history(before = ids[3]).messages.map { it.id })
        val there = hers.participants().map { it.userId }.toSet()
        assertEquals(setOf(doctor, nurse).map { it.identity.value!!.userId }.toSet(), there)
    }

    @Test
    fun typing() = scene {
        val (doctor, nurse, chat) = pair()
        val (his, hers) = doctor.join(chat) to nurse.join(chat)
        val ears = hear(hers.events())
        repeat(20) { his.typing() }
        val started = ears.data<TypingStartEvent>()
        assertEquals(doctor.identity.value!!.userId, started.userId)
        his.send("done")
        ears.data<TypingStopEvent>()
        assertEquals(0, ears.rest().count { it.data is TypingStartEvent })
    }

    @Test
    fun `what one may not do says why`() = scene {
        val (doctor, _, chat) = pair()
        val his = doctor.join(chat)
        val empty = assertThrows<CarewireException.Refused> { his.send("") }
        assertEquals(ErrorCode.InvalidInput, empty.error.code)
        assertEquals("Message content is required", empty.reason)
        val nowhere = assertThrows<CarewireException.Refused> { doctor.join(RoomId("nonsense")) }
        assertEquals(ErrorCode.RoomNotFound, nowhere.error.code)
        val foreign = RoomId.chat(UserId("somebody"), UserId("else"))
        assertEquals(ErrorCode.AccessDenied, assertThrows<CarewireException.Refused> { doctor.join(foreign) }.error.code)
    }

    @Test
    fun `a room is left with its last handle`() = scene {
        val (doctor, nurse, chat) = pair()
        val (first, second) = doctor.join(chat) to doctor.join(chat)
        val hers = nurse.join(chat)
        first.close()
        first.close()
        val before = doctor.request(SessionStatusCommand).rooms
        assertTrue(chat in before)
        second.close()
        val after = doctor.request(SessionStatusCommand).rooms
        assertFalse(chat in after)
        assertNull(hers.snapshot)
    }

    @Test
    fun `events of one's own, for whoever is there and for later`() = scene {
        val (doctor, nurse, chat) = pair()
        val (his, hers) = doctor.join(chat) to nurse.join(chat)
        val ears = hear(hers.events())
        his.publish("wave", JsonPrimitive("hi"))
        assertEquals(JsonPrimitive("hi"), ears.data<RoomEventEvent> { it.event == "wave" }.payload)
        val offset = his.publishRetained("pinned", JsonPrimitive(1))
        val pinned = ears.next { (it.data as? RoomEventEvent)?.event == "pinned" } as Event.Server
        assertEquals(offset, pinned.position?.offset)
    }

    @Test
    fun `the same key sends nothing again`() = scene {
        val (doctor, _, chat) = pair()
        val his = doctor.join(chat)
        val key = Key("a key of the application".replace(' ', '-'))
        assertEquals(his.send("once", key = key).id, his.send("once", key = key).id)
        assertEquals(1, his.history().messages.size)
        assertEquals(ConnectionState.Connected, doctor.state.first())
    }
}
