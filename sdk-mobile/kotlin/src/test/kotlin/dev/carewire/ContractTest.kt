package dev.carewire

import java.io.File
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** The generated types, against the golden vectors that every implementation is tested with. */
class ContractTest {
    private val vectors = File("../../tests/vectors").listFiles().orEmpty()
        .filter { it.extension == "json" }
        .flatMap { file -> (contract.parseToJsonElement(file.readText()) as? JsonArray).orEmpty() }
        .map { it.jsonObject }

    @Test
    fun `every event is read and written as it travels`() {
        val events = vectors.filter { it["kind"]?.jsonPrimitive?.content == "event" && "data" in it }
        assertTrue(events.size > 60, "${events.size}")
        for (vector in events) {
            val name = vector.getValue("name").jsonPrimitive.content
            val serializer = eventSerializer(name) ?: continue
            @Suppress("UNCHECKED_CAST")
            serializer as kotlinx.serialization.KSerializer<EventData>
            val data = vector.getValue("data")
            val event = contract.decodeFromJsonElement(serializer, data)
            val again = contract.encodeToJsonElement(serializer, event)
            assertEquals(event, contract.decodeFromJsonElement(serializer, again), name)
            assertTrue(data.holds(again), "$name: $data is not $again")
        }
    }

    @Test
    fun `what may be health content is not shown`() {
        val message = Message(
            id = MessageId("m1"), roomId = RoomId("chat:a:b"), senderId = UserId("a"), body = "a diagnosis",
            sentAt = java.time.Instant.EPOCH, status = MessageStatus.Sent,
        )
        val event = Event.Server(null, null, null, message.sentAt, MessageNewEvent(message))
        assertFalse("diagnosis" in event.toString())
        assertTrue("m1" in event.toString())
    }

    @Test
    fun `words and events of a later version are kept`() {
        val later = contract.decodeFromString(MessageStatus.serializer(), "\"pondered\"")
        assertEquals(MessageStatus.Other("pondered"), later)
        assertEquals("\"pondered\"", contract.encodeToString(MessageStatus.serializer(), later))
        val core = dev.carewire.core.ServerEvent("mood:changed", "chat:a:b", null, null, null, 0, """{"mood":7}""")
        assertEquals(UnknownEvent("mood:changed", JsonObject(mapOf("mood" to JsonPrimitive(7)))), eventOf(core).data)
    }

    /** Whether everything in [other] is here as well: what is empty need not travel. */
    private fun JsonElement.holds(other: JsonElement): Boolean = when {
        this is JsonObject && other is JsonObject -> other.all { (key, value) -> this[key]?.holds(value) == true }
        this is JsonArray && other is JsonArray -> size == other.size && zip(other).all { (a, b) -> a.holds(b) }
        this is JsonPrimitive && other is JsonPrimitive ->
            content == other.content || content.toDoubleOrNull().let { it != null && it == other.content.toDoubleOrNull() }
        else -> this == other
    }
}
