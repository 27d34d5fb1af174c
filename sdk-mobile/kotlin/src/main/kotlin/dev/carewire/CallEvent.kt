package dev.carewire

import java.time.Duration as JavaDuration
import kotlin.time.Duration
import kotlin.time.toKotlinDuration

/** What happens in a call. */
public sealed interface CallEvent {
    /** A recipient took it. */
    public data class Accepted(val user: UserId, val client: ClientId?) : CallEvent

    /** Somebody is in it, oneself included, or their place moved to another device. */
    public data class Joined(val user: UserId, val client: ClientId?) : CallEvent

    /** Somebody left it. */
    public data class Left(val user: UserId) : CallEvent

    /** A recipient declined. */
    public data class Rejected(val event: CallRejectedEvent) : CallEvent

    /** An offer, an answer or a candidate of another participant. */
    public data class Signal(val signal: CallSignalEvent) : CallEvent

    /** What a participant sends has changed. */
    public data class Media(val media: CallMediaEvent) : CallEvent

    /** It arrives badly at a participant. */
    public data class QualityIssue(val issue: CallQualityIssueEvent) : CallEvent

    /** The connection was lost and is back, and this device is in the call. */
    public data class Resumed(val resumed: Event.CallResumed) : CallEvent

    /** The connection was lost and is back, and the call goes on without this device. */
    public data class Lost(val lost: Event.CallLost) : CallEvent

    /** It is over for all; without a [reason] it ended while there was no connection. */
    public data class Ended(val reason: CallEndReason?, val active: Duration) : CallEvent

    /** Something was lost because this stream was not read. */
    public data object Missed : CallEvent
}

/** What an event means for a call. */
internal fun callEventOf(id: CallId, event: Event): CallEvent? = when (event) {
    is Event.Lagged -> CallEvent.Missed
    is Event.CallResumed -> CallEvent.Resumed(event).takeIf { event.call.callId == id }
    is Event.CallLost -> event.takeIf { it.callId == id }?.let(::lost)
    is Event.Server -> told(id, event.data)
    else -> null
}

private fun lost(lost: Event.CallLost): CallEvent {
    val call = lost.call
    val isOver = when (call?.state) {
        CallState.Ended, CallState.Rejected, CallState.Missed -> true
        else -> false
    }
    if (call == null || !isOver) return CallEvent.Lost(lost)
    val (start, end) = call.startedAt to call.endedAt
    val active = if (start != null && end != null) JavaDuration.between(start, end).toKotlinDuration() else Duration.ZERO
    return CallEvent.Ended(call.endReason, active)
}

private fun told(id: CallId, data: EventData): CallEvent? {
    val (about, told) = when (data) {
        is CallAcceptedEvent -> data.callId to CallEvent.Accepted(data.userId, data.clientId)
        is CallParticipantJoinedEvent -> data.callId to CallEvent.Joined(data.userId, data.clientId)
        is CallParticipantLeftEvent -> data.callId to CallEvent.Left(data.userId)
        is CallRejectedEvent -> data.callId to CallEvent.Rejected(data)
        is CallEndedEvent -> data.callId to CallEvent.Ended(data.reason, data.duration)
        is CallSignalEvent -> data.callId to CallEvent.Signal(data)
        is CallMediaEvent -> data.callId to CallEvent.Media(data)
        is CallQualityIssueEvent -> data.callId to CallEvent.QualityIssue(data)
        else -> return null
    }
    return told.takeIf { about == id }
}
