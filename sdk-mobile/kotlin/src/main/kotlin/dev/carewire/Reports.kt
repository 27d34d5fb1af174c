package dev.carewire

import java.io.Closeable
import kotlinx.coroutines.flow.Flow

/** Reports and live rows. From [CarewireClient.reports]. */
public class Reports internal constructor(private val client: CarewireClient) {
    /** Follows a report: its owner and staff. */
    public suspend fun follow(id: ReportId): Report =
        Report(client, client.join(RoomId.report(id), snapshot = true), id)

    /** Subscribes to the rows of a template: its owner and staff. */
    public suspend fun rows(template: TemplateId): LiveRows {
        val room = RoomId.template(template)
        val streams = Streams(client.hub, { it.concerns(room) })
        val membership = Membership(client, room) { RoomLeaveCommand(room) }
        membership.orLeave { client.request(ReportSubscribeTemplateCommand(template)) }
        return LiveRows(client, membership, template, streams)
    }

    /** For services: tells how a report advances. Queued while there is no connection. */
    public suspend fun status(status: ReportStatusEvent): Unit = tell(status.reportId, status)

    /** For services: a report is done. */
    public suspend fun completed(completed: ReportCompletedEvent): Unit = tell(completed.reportId, completed)

    /** For services: a report could not be made. */
    public suspend fun failed(failed: ReportFailedEvent): Unit = tell(failed.reportId, failed)

    private suspend fun tell(report: ReportId, event: EventData) {
        client.publish(Target.Room(RoomId.report(report)), event)
    }

    /** For services: what readers ask of them, over reconnects. */
    public suspend fun requests(tenant: TenantId): ReportRequests =
        ReportRequests(client.join(RoomId.backend(tenant)))
}

/** A report that is followed until the handle is closed. */
public class Report internal constructor(
    private val client: CarewireClient,
    private val room: Room,
    /** The report. */
    public val id: ReportId,
) : Closeable {
    /** Where it stood when this was followed; `null`: nothing was told of it yet. */
    public val last: ReportSnapshot? get() = room.snapshot?.report

    /** Asks whoever makes it to stop. Queued while there is no connection. */
    public suspend fun cancel(): Unit = client.request(ReportCancelCommand(id))

    /** Asks for it to be made anew. Queued while there is no connection. */
    public suspend fun refresh(): Unit = client.request(ReportRefreshCommand(id))

    /** What happens to it. The first collection begins where [last] ends. */
    public fun events(): Flow<ReportEvent> = room.streamOf { event ->
        if (event.isLoss) return@streamOf ReportEvent.Reload
        when (val data = event.data) {
            is ReportStatusEvent -> ReportEvent.Status(data)
            is ReportCompletedEvent -> ReportEvent.Completed(data)
            is ReportFailedEvent -> ReportEvent.Failed(data)
            else -> null
        }
    }

    override fun close(): Unit = room.close()
}

/** What happens to a report. */
public sealed interface ReportEvent {
    /** It advances. */
    public data class Status(val status: ReportStatusEvent) : ReportEvent

    /** It is done. */
    public data class Completed(val completed: ReportCompletedEvent) : ReportEvent

    /** It could not be made. */
    public data class Failed(val failed: ReportFailedEvent) : ReportEvent

    /** Something was missed and will not come: follow it anew. */
    public data object Reload : ReportEvent
}

/** What readers ask, for a service that makes reports, until it is closed. */
public class ReportRequests internal constructor(
    /** The room they come from, for one that stores its position. */
    public val room: Room,
) : Closeable {
    /** What is asked. The first collection begins with the joining. */
    public fun events(): Flow<ReportRequest> = room.streamOf { event ->
        if (event.isLoss) return@streamOf ReportRequest.Missed
        when (val data = event.data) {
            is ReportCancelRequestedEvent -> ReportRequest.Cancel(data)
            is ReportRefreshRequestedEvent -> ReportRequest.Refresh(data)
            else -> null
        }
    }

    override fun close(): Unit = room.close()
}

/** What readers ask of whoever makes reports. */
public sealed interface ReportRequest {
    /** To stop making one. */
    public data class Cancel(val request: ReportCancelRequestedEvent) : ReportRequest

    /** To make one anew. */
    public data class Refresh(val request: ReportRefreshRequestedEvent) : ReportRequest

    /** Some were missed and will not come. */
    public data object Missed : ReportRequest
}
