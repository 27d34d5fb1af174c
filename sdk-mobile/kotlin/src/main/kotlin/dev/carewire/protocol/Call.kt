// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

package dev.carewire

import java.time.Instant
import kotlin.time.Duration
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import kotlinx.serialization.builtins.serializer
import kotlinx.serialization.json.JsonElement

/** A call. */
@Serializable
public data class CallInfo(
    /** The call. */
    val callId: CallId,
    /** Its room: `call:{visitId}` for the call of a visit, else `call:{callId}`. */
    val roomId: RoomId,
    /** The visit it belongs to. */
    val visitId: VisitId? = null,
    /** What it carries. */
    val callType: CallType,
    /** Who started it. */
    val callerId: UserId,
    /** Where it stands. */
    val state: CallState,
    /** Everybody concerned, the caller included. */
    val participants: List<CallParticipant> = emptyList(),
    /** When the first recipient accepted. */
    val startedAt: @Serializable(TimestampSerializer::class) Instant? = null,
    /** When it stops ringing. */
    val expiresAt: @Serializable(TimestampSerializer::class) Instant? = null,
    /** When it ended. */
    val endedAt: @Serializable(TimestampSerializer::class) Instant? = null,
    /** Why it ended. */
    val endReason: CallEndReason? = null,
)

/** What a call carries when it starts. */
@Serializable(with = CallType.Serializer::class)
public sealed class CallType(override val word: String) : Word {
    /** Voice alone. */
    public data object Audio : CallType("audio")

    /** Voice and picture. */
    public data object Video : CallType("video")

    /** A word of a later version. */
    public data class Other(private val text: String) : CallType(text)

    internal object Serializer : WordSerializer<CallType>({ listOf(Audio, Video) }, ::Other)
}

/** Where a call stands: `ringing → active → ended | rejected | missed`. */
@Serializable(with = CallState.Serializer::class)
public sealed class CallState(override val word: String) : Word {
    /** Nobody has accepted yet. */
    public data object Ringing : CallState("ringing")

    /** Two or more are in it, or were a moment ago. */
    public data object Active : CallState("active")

    /** It took place and is over. */
    public data object Ended : CallState("ended")

    /** Every recipient declined. */
    public data object Rejected : CallState("rejected")

    /** Nobody answered in time. */
    public data object Missed : CallState("missed")

    /** A word of a later version. */
    public data class Other(private val text: String) : CallState(text)

    internal object Serializer : WordSerializer<CallState>({ listOf(Ringing, Active, Ended, Rejected, Missed) }, ::Other)
}

/** One person in a call. */
@Serializable
public data class CallParticipant(
    /** Who. */
    val userId: UserId,
    /** The device that holds their place. */
    val clientId: ClientId? = null,
    /** Where they stand. */
    val state: ParticipantState,
    /** Whether they send voice. */
    val audio: Boolean,
    /** Whether they send a picture. */
    val video: Boolean,
    /** Whether they send their screen. */
    val screen: Boolean,
)

/** Where one participant of a call stands. */
@Serializable(with = ParticipantState.Serializer::class)
public sealed class ParticipantState(override val word: String) : Word {
    /** Their devices ring. */
    public data object Ringing : ParticipantState("ringing")

    /** In the call, with one device. */
    public data object Joined : ParticipantState("joined")

    /** Was in it. */
    public data object Left : ParticipantState("left")

    /** Declined. */
    public data object Rejected : ParticipantState("rejected")

    /** Did not answer in time. */
    public data object Missed : ParticipantState("missed")

    /** A word of a later version. */
    public data class Other(private val text: String) : ParticipantState(text)

    internal object Serializer : WordSerializer<ParticipantState>({ listOf(Ringing, Joined, Left, Rejected, Missed) }, ::Other)
}

/** Why a call ended. */
@Serializable(with = CallEndReason.Serializer::class)
public sealed class CallEndReason(override val word: String) : Word {
    /** Somebody who may ended it for all. */
    public data object Hangup : CallEndReason("hangup")

    /** Fewer than two remained. */
    public data object LastLeft : CallEndReason("lastLeft")

    /** Nobody answered, or nobody came back. */
    public data object Timeout : CallEndReason("timeout")

    /** The server restarted and nobody came back. */
    public data object Restart : CallEndReason("restart")

    /** A word of a later version. */
    public data class Other(private val text: String) : CallEndReason(text)

    internal object Serializer : WordSerializer<CallEndReason>({ listOf(Hangup, LastLeft, Timeout, Restart) }, ::Other)
}

/** Calls people one may chat with, or participants of the visit. */
@Serializable
public data class CallInitiateCommand(
    /** Whose devices ring; at least one. */
    val recipientIds: List<UserId>,
    /** The visit the call belongs to. */
    val visitId: VisitId? = null,
    /** What it carries. */
    val callType: CallType,
) : Command<CallInitiateReply> {
    override val wire: Wire<CallInitiateReply> get() = Wire("call:initiate", serializer(), this, CallInitiateReply.serializer())
}

/** Rings. */
@Serializable
public data class CallInitiateReply(
    /** The call. */
    val callId: CallId,
    /** Its room. */
    val roomId: RoomId,
    /** Where it stands. */
    val state: CallState,
)

/** Takes a ringing call with this device. */
@Serializable
public data class CallAcceptCommand(
    /** The call. */
    val callId: CallId,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("call:accept", serializer(), this, Unit.serializer())
}

/** Declines a ringing call. */
@Serializable
public data class CallRejectCommand(
    /** The call. */
    val callId: CallId,
    /** Why, for the caller; at most 1,024 bytes. */
    val reason: String? = null,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("call:reject", serializer(), this, Unit.serializer())
    override fun toString(): String = "CallRejectCommand(callId=$callId, reason=…)"
}

/** Ends a call for all: its initiator, providers, staff and admins. For others, `call:leave`. */
@Serializable
public data class CallEndCommand(
    /** The call. */
    val callId: CallId,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("call:end", serializer(), this, Unit.serializer())
}

/** Leaves a call. */
@Serializable
public data class CallLeaveCommand(
    /** The call. */
    val callId: CallId,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("call:leave", serializer(), this, Unit.serializer())
}

/**
 * Enters a call again with this device, or the call of a visit, which starts when there is
 * none. Exactly one of the two fields is given.
 */
@Serializable
public data class CallJoinCommand(
    /** The call. */
    val callId: CallId? = null,
    /** The visit whose call is meant. */
    val visitId: VisitId? = null,
) : Command<CallJoinReply> {
    override val wire: Wire<CallJoinReply> get() = Wire("call:join", serializer(), this, CallJoinReply.serializer())
}

/** Joined. */
@Serializable
public data class CallJoinReply(
    /** The call as it is now. */
    val call: CallInfo,
)

/** Passes a WebRTC signal on. */
@Serializable
public data class CallSignalCommand(
    /** The call. */
    val callId: CallId,
    /** To whom; to all other participants when left out. */
    val recipientId: UserId? = null,
    /** What it is. */
    val signalType: SignalType,
    /** The signal: any JSON, at most 64 KiB. */
    val signal: JsonElement,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("call:signal", serializer(), this, Unit.serializer())
    override fun toString(): String = "CallSignalCommand(callId=$callId, recipientId=$recipientId, signalType=$signalType, signal=…)"
}

/** What a WebRTC signal is. */
@Serializable(with = SignalType.Serializer::class)
public sealed class SignalType(override val word: String) : Word {
    /** A session description that asks. */
    public data object Offer : SignalType("offer")

    /** A session description that answers. */
    public data object Answer : SignalType("answer")

    /** A network address to try. */
    public data object IceCandidate : SignalType("ice_candidate")

    /** A word of a later version. */
    public data class Other(private val text: String) : SignalType(text)

    internal object Serializer : WordSerializer<SignalType>({ listOf(Offer, Answer, IceCandidate) }, ::Other)
}

/** Says what this device sends to the call. */
@Serializable
public data class CallMediaCommand(
    /** The call. */
    val callId: CallId,
    /** Voice. */
    val audio: Boolean,
    /** Picture. */
    val video: Boolean,
    /** The screen. */
    val screen: Boolean,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("call:media", serializer(), this, Unit.serializer())
}

/** Reports how well the call arrives here. */
@Serializable
public data class CallQualityCommand(
    /** The call. */
    val callId: CallId,
    /** Lost packets, in percent. */
    val packetLossPct: Double,
    /** How unevenly packets arrive. */
    @SerialName("jitterMs")
    val jitter: @Serializable(MillisSerializer::class) Duration,
    /** How long a packet takes to the other side and back. */
    @SerialName("roundTripMs")
    val roundTrip: @Serializable(MillisSerializer::class) Duration,
    /** The rate, in kilobits a second. */
    val bitrateKbps: Double,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("call:quality", serializer(), this, Unit.serializer())
}

/** Asks for one's calls, the newest first. */
@Serializable
public data class CallHistoryCommand(
    /** Where the former page ended. */
    val cursor: String? = null,
    /** How many: 1 to 100, 50 when left out. */
    val limit: Long? = null,
) : Command<CallHistoryReply> {
    override val wire: Wire<CallHistoryReply> get() = Wire("call:history", serializer(), this, CallHistoryReply.serializer())
}

/** A page of calls. */
@Serializable
public data class CallHistoryReply(
    /** The newest first. */
    val calls: List<CallInfo>,
    /** Set when there are more. */
    val cursor: String? = null,
)

/** It rings here: the call, and who calls. */
@Serializable
public data class CallIncomingEvent(
    /** The call. */
    val callId: CallId,
    /** Its room. */
    val roomId: RoomId,
    /** The visit it belongs to. */
    val visitId: VisitId? = null,
    /** What it carries. */
    val callType: CallType,
    /** Who calls. */
    val callerId: UserId,
    /** Where it stands. */
    val state: CallState,
    /** Everybody concerned, the caller included. */
    val participants: List<CallParticipant> = emptyList(),
    /** When the first recipient accepted. */
    val startedAt: @Serializable(TimestampSerializer::class) Instant? = null,
    /** When it stops ringing. */
    val expiresAt: @Serializable(TimestampSerializer::class) Instant? = null,
    /** The caller's name, where the server knows it. */
    val callerName: String? = null,
) : EventData {
    override fun toString(): String = "CallIncomingEvent(callId=$callId, roomId=$roomId, visitId=$visitId, callType=$callType, callerId=$callerId, state=$state, participants=$participants, startedAt=$startedAt, expiresAt=$expiresAt, callerName=…)"
}

/** A recipient took the call with one of their devices; their others stop ringing. */
@Serializable
public data class CallAcceptedEvent(
    /** The call. */
    val callId: CallId,
    /** Who. */
    val userId: UserId,
    /** The device that holds their place. */
    val clientId: ClientId? = null,
) : EventData

/** Somebody is in the call, or their place moved to another device. */
@Serializable
public data class CallParticipantJoinedEvent(
    /** The call. */
    val callId: CallId,
    /** Who. */
    val userId: UserId,
    /** The device that holds their place. */
    val clientId: ClientId? = null,
) : EventData

/** Somebody left the call. */
@Serializable
public data class CallParticipantLeftEvent(
    /** The call. */
    val callId: CallId,
    /** Who. */
    val userId: UserId,
) : EventData

/** A recipient declined. */
@Serializable
public data class CallRejectedEvent(
    /** The call. */
    val callId: CallId,
    /** Who. */
    val userId: UserId,
    /** Why. */
    val reason: String? = null,
) : EventData {
    override fun toString(): String = "CallRejectedEvent(callId=$callId, userId=$userId, reason=…)"
}

/** The call is over for all. */
@Serializable
public data class CallEndedEvent(
    /** The call. */
    val callId: CallId,
    /** Why. */
    val reason: CallEndReason,
    /** How long it was active; 0 when it never was. */
    @SerialName("durationMs")
    val duration: @Serializable(MillisSerializer::class) Duration,
) : EventData

/** To the recipient: nobody of them answered in time. */
@Serializable
public data class CallMissedEvent(
    /** The call. */
    val callId: CallId,
    /** Who called. */
    val callerId: UserId,
    /** What it would have carried. */
    val callType: CallType,
) : EventData

/** A WebRTC signal of another participant. */
@Serializable
public data class CallSignalEvent(
    /** The call. */
    val callId: CallId,
    /** Whose. */
    val senderId: UserId,
    /** The device that holds their place. */
    val senderClientId: ClientId,
    /** What it is. */
    val signalType: SignalType,
    /** The signal: any JSON. */
    val signal: JsonElement,
) : EventData {
    override fun toString(): String = "CallSignalEvent(callId=$callId, senderId=$senderId, senderClientId=$senderClientId, signalType=$signalType, signal=…)"
}

/** What a participant sends has changed. */
@Serializable
public data class CallMediaEvent(
    /** The call. */
    val callId: CallId,
    /** Who. */
    val userId: UserId,
    /** Voice. */
    val audio: Boolean,
    /** Picture. */
    val video: Boolean,
    /** The screen. */
    val screen: Boolean,
) : EventData

/** The call arrives badly at a participant. */
@Serializable
public data class CallQualityIssueEvent(
    /** The call. */
    val callId: CallId,
    /** At whom. */
    val userId: UserId,
    /** Which measure, by its field in `call:quality`. */
    val metric: QualityMetric,
    /** What was measured. */
    val value: Double,
    /** What would have been well. */
    val threshold: Double,
) : EventData

/** A measure of quality, by its field in `call:quality`. */
@Serializable(with = QualityMetric.Serializer::class)
public sealed class QualityMetric(override val word: String) : Word {
    /** Lost packets, in percent. */
    public data object PacketLossPct : QualityMetric("packetLossPct")

    /** How unevenly packets arrive. */
    public data object JitterMs : QualityMetric("jitterMs")

    /** How long a packet takes to the other side and back. */
    public data object RoundTripMs : QualityMetric("roundTripMs")

    /** The rate, in kilobits a second. */
    public data object BitrateKbps : QualityMetric("bitrateKbps")

    /** A word of a later version. */
    public data class Other(private val text: String) : QualityMetric(text)

    internal object Serializer : WordSerializer<QualityMetric>({ listOf(PacketLossPct, JitterMs, RoundTripMs, BitrateKbps) }, ::Other)
}
