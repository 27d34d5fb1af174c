package dev.carewire

import java.io.Closeable
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.time.Duration
import kotlinx.coroutines.flow.Flow
import kotlinx.serialization.json.JsonElement

/** Starting, taking and finding calls. From [CarewireClient.calls]. */
public class Calls internal constructor(private val client: CarewireClient) {
    /**
     * Calls people one may chat with, or participants of a visit; all of their devices ring. Fails
     * with [CarewireException.Offline] without a connection, and with `call_conflict` when somebody
     * is busy.
     */
    public suspend fun start(recipients: Collection<UserId>, type: CallType, visit: VisitId? = null): Call {
        val streams = streams()
        val started = client.request(CallInitiateCommand(recipients.toList(), visit, type))
        return Call(client, started.callId, started.roomId, streams)
    }

    /** Enters a call with this device: again, or from another device of the user. */
    public suspend fun join(call: CallId): Call = enter(CallJoinCommand(callId = call))

    /** Enters the call of a visit, which starts when there is none; nobody rings. */
    public suspend fun join(visit: VisitId): Call = enter(CallJoinCommand(visitId = visit))

    private suspend fun enter(join: CallJoinCommand): Call {
        val streams = streams()
        val call = client.request(join).call
        return Call(client, call.callId, call.roomId, streams)
    }

    internal fun streams(): Streams = Streams(client.hub, { true })

    /** What rings here while it is collected. A call that rings while one connects is told again. */
    public fun incoming(): Flow<IncomingCall> = Streams(client.hub, { true }, begun = false).of { event ->
        (event.data as? CallIncomingEvent)?.let { IncomingCall(client, it) }
    }

    /** One's calls, the newest first, page by page. */
    public suspend fun history(cursor: String? = null, limit: Int? = null): CallHistoryReply =
        client.request(CallHistoryCommand(cursor, limit?.toLong()))
}

/** A call that rings here. */
public class IncomingCall internal constructor(
    private val client: CarewireClient,
    /** The call. */
    public val call: CallIncomingEvent,
) {
    /** Takes it with this device; one's others stop ringing. */
    public suspend fun accept(): Call {
        val streams = client.calls.streams()
        client.request(CallAcceptCommand(call.callId))
        return Call(client, call.callId, call.roomId, streams)
    }

    /** Declines it, with a word for the caller. */
    public suspend fun reject(reason: String? = null): Unit =
        client.request(CallRejectCommand(call.callId, reason))
}

/**
 * A call in which this device holds the user's place, until the handle is closed.
 *
 * Offers, answers and candidates of any WebRTC implementation go out with [offer], [answer] and
 * [candidate], and come in as [CallEvent.Signal]. A reconnect in the middle is
 * [CallEvent.Resumed]: signals that were sent meanwhile are lost, so whoever made the offer makes
 * another.
 */
public class Call internal constructor(
    private val client: CarewireClient,
    /** The call. */
    public val id: CallId,
    /** Its room, for a chat or a whiteboard beside it. */
    public val room: RoomId,
    private val streams: Streams,
) : Closeable {
    private val closed = AtomicBoolean()

    /** Sends a session description that asks, to one participant or to all others. */
    public suspend fun offer(description: JsonElement, to: UserId? = null): Unit =
        signal(SignalType.Offer, description, to)

    /** Sends a session description that answers. */
    public suspend fun answer(description: JsonElement, to: UserId? = null): Unit =
        signal(SignalType.Answer, description, to)

    /** Sends a network address to try. */
    public suspend fun candidate(candidate: JsonElement, to: UserId? = null): Unit =
        signal(SignalType.IceCandidate, candidate, to)

    private suspend fun signal(type: SignalType, signal: JsonElement, to: UserId?) {
        client.request(CallSignalCommand(id, to, type, signal))
    }

    /** Tells the others what this device sends: voice, picture, screen. */
    public suspend fun setMedia(audio: Boolean, video: Boolean, screen: Boolean = false): Unit =
        client.request(CallMediaCommand(id, audio, video, screen))

    /**
     * Reports how well the call arrives here. What is worse than it should be is told to everybody
     * in it, as [CallEvent.QualityIssue].
     */
    public suspend fun reportQuality(
        packetLossPct: Double,
        jitter: Duration,
        roundTrip: Duration,
        bitrateKbps: Double,
    ): Unit = client.request(CallQualityCommand(id, packetLossPct, jitter, roundTrip, bitrateKbps))

    /** Leaves it; the others go on. Without a connection the server is told with the next. */
    public suspend fun leave() {
        closed.set(true)
        client.request(CallLeaveCommand(id))
    }

    /** Ends it for all, for those who may; others leave it. */
    public suspend fun end() {
        closed.set(true)
        client.request(CallEndCommand(id))
    }

    /** What happens in it. The first collection begins with the call. */
    public fun events(): Flow<CallEvent> = streams.of { callEventOf(id, it) }

    /** Leaves it. */
    override fun close() {
        streams.end()
        if (!closed.getAndSet(true)) client.sendAndForget(CallLeaveCommand(id))
    }
}
