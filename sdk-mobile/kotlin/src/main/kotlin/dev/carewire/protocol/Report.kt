// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

package dev.carewire

import kotlin.time.Duration
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import kotlinx.serialization.builtins.serializer
import kotlinx.serialization.json.JsonElement

/** The last event of a report, in the snapshot of its room. */
@Serializable(with = ReportSnapshot.Serializer::class)
public sealed class ReportSnapshot {
    public data class Status(val status: ReportStatusEvent) : ReportSnapshot()

    public data class Completed(val completed: ReportCompletedEvent) : ReportSnapshot()

    public data class Failed(val failed: ReportFailedEvent) : ReportSnapshot()

    /** One of a later version. */
    public data class Other(val name: String, val data: JsonElement) : ReportSnapshot() {
        override fun toString(): String = "Other(name=$name, data=…)"
    }

    internal object Serializer : UnionSerializer<ReportSnapshot>(Tagging.TYPE_AND_DATA) {
        override fun parts(value: ReportSnapshot): Pair<String, JsonElement> = when (value) {
            is Status -> "report:status" to contract.encodeToJsonElement(ReportStatusEvent.serializer(), value.status)
            is Completed -> "report:completed" to contract.encodeToJsonElement(ReportCompletedEvent.serializer(), value.completed)
            is Failed -> "report:failed" to contract.encodeToJsonElement(ReportFailedEvent.serializer(), value.failed)
            is Other -> value.name to value.data
        }

        override fun whole(name: String, data: JsonElement): ReportSnapshot = when (name) {
            "report:status" -> Status(contract.decodeFromJsonElement(ReportStatusEvent.serializer(), data))
            "report:completed" -> Completed(contract.decodeFromJsonElement(ReportCompletedEvent.serializer(), data))
            "report:failed" -> Failed(contract.decodeFromJsonElement(ReportFailedEvent.serializer(), data))
            else -> Other(name, data)
        }
    }
}

/** A report advances. */
@Serializable
public data class ReportStatusEvent(
    /** Which. */
    val reportId: ReportId,
    /** Where it stands. */
    val status: ReportStatus,
    /** How much is done, in percent. */
    val progress: Double,
    /** More, for people. */
    val message: String? = null,
    /** Whose report it is; makes the report known with its first status. */
    val ownerId: UserId? = null,
) : EventData {
    override fun toString(): String = "ReportStatusEvent(reportId=$reportId, status=$status, progress=$progress, message=…, ownerId=$ownerId)"
}

/** Where a report stands. */
@Serializable(with = ReportStatus.Serializer::class)
public sealed class ReportStatus(override val word: String) : Word {
    /** Asked for. */
    public data object Pending : ReportStatus("pending")

    /** In the making. */
    public data object Running : ReportStatus("running")

    /** Done. */
    public data object Completed : ReportStatus("completed")

    /** It could not be made. */
    public data object Error : ReportStatus("error")

    /** Somebody cancelled it. */
    public data object Cancelled : ReportStatus("cancelled")

    /** A word of a later version. */
    public data class Other(private val text: String) : ReportStatus(text)

    internal object Serializer : WordSerializer<ReportStatus>({ listOf(Pending, Running, Completed, Error, Cancelled) }, ::Other)
}

/** A report is done. */
@Serializable
public data class ReportCompletedEvent(
    /** Which. */
    val reportId: ReportId,
    /** Where to get it. */
    val downloadUrl: String,
    /** Its format: `pdf`, `csv`, …. */
    val format: String,
    /** Its size. */
    val sizeBytes: Long,
) : EventData {
    override fun toString(): String = "ReportCompletedEvent(reportId=$reportId, downloadUrl=…, format=$format, sizeBytes=$sizeBytes)"
}

/** A report could not be made. */
@Serializable
public data class ReportFailedEvent(
    /** Which. */
    val reportId: ReportId,
    /** Why, for people. */
    val message: String,
) : EventData {
    override fun toString(): String = "ReportFailedEvent(reportId=$reportId, message=…)"
}

/** Asks the backend to stop making a report. */
@Serializable
public data class ReportCancelCommand(
    /** Which. */
    val reportId: ReportId,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("report:cancel", serializer(), this, Unit.serializer())
}

/** Asks the backend to make a report anew. */
@Serializable
public data class ReportRefreshCommand(
    /** Which. */
    val reportId: ReportId,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("report:refresh", serializer(), this, Unit.serializer())
}

/** Joins the room of a template; its rows follow in `stream:initial`. */
@Serializable
public data class ReportSubscribeTemplateCommand(
    /** Which. */
    val templateId: TemplateId,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("report:subscribeTemplate", serializer(), this, Unit.serializer())
}

/** Sets how often this connection wants `stream:update` at most. */
@Serializable
public data class StreamSetIntervalCommand(
    /** Of which template. */
    val templateId: TemplateId,
    /** At least 250. */
    @SerialName("intervalMs")
    val interval: @Serializable(MillisSerializer::class) Duration,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("stream:setInterval", serializer(), this, Unit.serializer())
}

/** Sets which rows this connection wants. */
@Serializable
public data class StreamApplyFilterCommand(
    /** Of which template. */
    val templateId: TemplateId,
    /** The values that fields of a row must have; `{}` lets every row through. */
    val filter: Map<String, JsonElement>,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("stream:applyFilter", serializer(), this, Unit.serializer())
    override fun toString(): String = "StreamApplyFilterCommand(templateId=$templateId, filter=…)"
}

/** To backends: somebody wants a report stopped. */
@Serializable
public data class ReportCancelRequestedEvent(
    /** Which. */
    val reportId: ReportId,
    /** Who asks. */
    val userId: UserId,
) : EventData

/** To backends: somebody wants a report made anew. */
@Serializable
public data class ReportRefreshRequestedEvent(
    /** Which. */
    val reportId: ReportId,
    /** Who asks. */
    val userId: UserId,
) : EventData

/** The rows of a template, after joining and after a filter. */
@Serializable
public data class StreamInitialEvent(
    /** Of which template. */
    val templateId: TemplateId,
    /** The newest row of each `id` that passes the filter, at most 1,000. */
    val rows: List<JsonElement>,
    /** Whether there are more. */
    val hasMore: Boolean,
) : EventData {
    override fun toString(): String = "StreamInitialEvent(templateId=$templateId, rows=…, hasMore=$hasMore)"
}

/** New rows of a template. */
@Serializable
public data class StreamUpdateEvent(
    /** Of which template. */
    val templateId: TemplateId,
    /** Those that pass the filter. */
    val rows: List<JsonElement>,
) : EventData {
    override fun toString(): String = "StreamUpdateEvent(templateId=$templateId, rows=…)"
}
