package dev.carewire

import java.time.Instant
import java.time.ZoneOffset
import java.time.format.DateTimeFormatter
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.serialization.DeserializationStrategy
import kotlinx.serialization.KSerializer
import kotlinx.serialization.SerializationStrategy
import kotlinx.serialization.descriptors.PrimitiveKind
import kotlinx.serialization.descriptors.PrimitiveSerialDescriptor
import kotlinx.serialization.descriptors.SerialDescriptor
import kotlinx.serialization.encoding.Decoder
import kotlinx.serialization.encoding.Encoder
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

/** JSON as the contract has it: what is absent is left out, what is unknown is passed over. */
internal val contract: Json = Json {
    encodeDefaults = false
    explicitNulls = false
    ignoreUnknownKeys = true
}

/** A command of the contract; its reply is an [R]. */
public sealed interface Command<R> {
    /** How it travels. */
    public val wire: Wire<R>
}

/** How a command travels. */
public class Wire<R> private constructor(
    internal val name: String,
    private val encoded: () -> String,
    private val reply: DeserializationStrategy<R>,
) {
    internal val text: String get() = encoded()

    internal fun read(text: String): R = contract.decodeFromString(reply, text)

    internal companion object {
        operator fun <C, R> invoke(
            name: String,
            serializer: SerializationStrategy<C>,
            command: C,
            reply: DeserializationStrategy<R>,
        ): Wire<R> = Wire(name, { contract.encodeToString(serializer, command) }, reply)
    }
}

/** The data of an event of the contract, or of one of a later version. */
public sealed interface EventData

/** An event of a later version than this one. */
public data class UnknownEvent(
    /** Its name on the wire. */
    val name: String,
    /** Its data. */
    val data: JsonElement,
) : EventData {
    override fun toString(): String = "UnknownEvent(name=$name, data=…)"
}

/** One of some words, to which later versions may add. */
public interface Word {
    /** As it travels. */
    public val word: String
}

internal open class WordSerializer<W : Word>(known: () -> List<W>, private val other: (String) -> W) : KSerializer<W> {
    // Later than the words themselves, which are objects inside the class that names this one.
    private val known by lazy { known().associateBy { it.word } }

    override val descriptor: SerialDescriptor = PrimitiveSerialDescriptor("dev.carewire.Word", PrimitiveKind.STRING)

    override fun serialize(encoder: Encoder, value: W) = encoder.encodeString(value.word)

    override fun deserialize(decoder: Decoder): W = decoder.decodeString().let { known[it] ?: other(it) }
}

/** How the shapes of a union are told apart. */
internal enum class Tagging { KEY, TYPE_AND_DATA }

internal abstract class UnionSerializer<U>(private val tagging: Tagging) : KSerializer<U> {
    override val descriptor: SerialDescriptor get() = JsonElement.serializer().descriptor

    abstract fun parts(value: U): Pair<String, JsonElement>

    abstract fun whole(name: String, data: JsonElement): U

    override fun serialize(encoder: Encoder, value: U) {
        val (name, data) = parts(value)
        val json = when (tagging) {
            Tagging.KEY -> JsonObject(mapOf(name to data))
            Tagging.TYPE_AND_DATA -> buildJsonObject {
                put("type", JsonPrimitive(name))
                put("data", data)
            }
        }
        encoder.encodeSerializableValue(JsonElement.serializer(), json)
    }

    override fun deserialize(decoder: Decoder): U {
        val json = decoder.decodeSerializableValue(JsonElement.serializer()).jsonObject
        return when (tagging) {
            Tagging.KEY -> json.entries.first().let { (name, data) -> whole(name, data) }
            Tagging.TYPE_AND_DATA -> {
                val name = json["type"]?.jsonPrimitive?.contentOrNull.orEmpty()
                whole(name, json["data"] ?: JsonObject(emptyMap()))
            }
        }
    }
}

/** Durations are whole milliseconds. */
internal object MillisSerializer : KSerializer<Duration> {
    override val descriptor: SerialDescriptor = PrimitiveSerialDescriptor("dev.carewire.Millis", PrimitiveKind.LONG)

    override fun serialize(encoder: Encoder, value: Duration) = encoder.encodeLong(value.inWholeMilliseconds)

    override fun deserialize(decoder: Decoder): Duration = decoder.decodeLong().milliseconds
}

/** Points in time are RFC 3339 in UTC with milliseconds. */
internal object TimestampSerializer : KSerializer<Instant> {
    private val format = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC)

    override val descriptor: SerialDescriptor = PrimitiveSerialDescriptor("dev.carewire.Timestamp", PrimitiveKind.STRING)

    override fun serialize(encoder: Encoder, value: Instant) = encoder.encodeString(format.format(value))

    override fun deserialize(decoder: Decoder): Instant = Instant.parse(decoder.decodeString())
}
