package dev.carewire

import dev.carewire.core.Core
import java.io.Closeable
import java.util.concurrent.atomic.AtomicReference
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch

/**
 * A client of a Carewire server.
 *
 * It connects with [connect], stays connected through outages, and closes with [close]. The
 * connection is lost and found again without help: nothing retained is missed or delivered twice,
 * and what the user did happens exactly once.
 *
 * ```
 * val client = CarewireClient("wss://live.example.org/ws") { fetchToken() }
 * client.connect()
 * val room = client.join(RoomId.chat(UserId("dr-lee"), UserId("ana")), snapshot = true)
 * room.send("Hello") // durable when it returns; queued while offline
 * room.events().collect { event -> event.newMessage?.let { println(it.senderId) } }
 * ```
 *
 * [token] is asked once for every connection, and again before the token of a connection expires.
 * What it throws is tried again with backoff, except for [SignedOutException], which closes the
 * client.
 *
 * All functions may be called from any thread.
 */
public class CarewireClient(
    url: String,
    configuration: Configuration = Configuration(),
    token: suspend (TokenNeed) -> String,
) : Closeable {
    internal val hub = Hub()
    internal val rooms = Counts<RoomId>()
    internal val people = Counts<UserId>()
    internal val charts = Counts<UserId>()
    internal val leases = MutableStateFlow<Map<Part, Pair<Long, LeaseState>>>(emptyMap())
    internal val newestShown = AtomicReference<NotificationInfo?>()

    private val states = MutableStateFlow<ConnectionState>(ConnectionState.Idle)
    private val counts = MutableStateFlow(0)
    private val identities = MutableStateFlow<ConnectedEvent?>(null)
    private val scope = CoroutineScope(SupervisorJob() + configuration.dispatcher)
    private val core: Core = calling {
        val tokens = Tokens(scope, token)
        val ears = Ears(hub, states, counts, identities, leases, scope)
        Core(configuration.options(url), tokens, ears, configuration.network?.core)
    }

    /** The state of the connection, now and whenever it changes. */
    public val state: StateFlow<ConnectionState> = states.asStateFlow()

    /** How many commands wait to be confirmed by the server: what the user did while offline. */
    public val queued: StateFlow<Int> = counts.asStateFlow()

    /** Who one is connected as; `null` before the first connection. */
    public val identity: StateFlow<ConnectedEvent?> = identities.asStateFlow()

    /** The name of this client object: the origin of what it does. */
    public val clientId: ClientId = ClientId(core.clientId())

    /**
     * Everything that happens while it is collected. Each collector has its own 1,024 waiting
     * events; one that falls further behind loses the oldest and gets [Event.Lagged]. The flow ends
     * when the client is closed.
     */
    public val events: Flow<Event> = Streams(hub, { true }, begun = false).all()

    /** Presence: one's own status, and that of others. */
    public val presence: PresenceApi = PresenceApi(this)

    /** Calls. */
    public val calls: Calls = Calls(this)

    /** Notifications to oneself and to one's topics. */
    public val notifications: Notifications = Notifications(this)

    /** Conversations, unread counts and threads. */
    public val inbox: Inbox = Inbox(this)

    /** Reports and live rows. */
    public val reports: Reports = Reports(this)

    /**
     * Connects, and waits until the server has said who this is. Waits through outages: bound it
     * with `withTimeout` where that is too long; the client goes on trying.
     */
    public suspend fun connect(): ConnectedEvent {
        val connected = calling { core.connect(null) }
        return contract.decodeFromString(ConnectedEvent.serializer(), connected)
    }

    /**
     * Sends any command of the contract and waits for its reply.
     *
     * Commands that create or change something are queued while there is no connection and repeated
     * until they are answered, so that they happen once. Queries wait for a connection. Live
     * commands fail with [CarewireException.Offline] without one.
     *
     * A cancelled coroutine stops waiting; a command that was given to the client still happens.
     *
     * @param key for an application that stores its queue: the same key again does nothing again.
     */
    public suspend fun <R> request(command: Command<R>, key: Key? = null): R {
        val wire = command.wire
        return wire.read(calling { core.request(wire.name, wire.text, key?.value, null) })
    }

    /** Sends a command whose reply nobody waits for. */
    internal fun sendAndForget(command: Command<*>) {
        val wire = command.wire
        core.send(wire.name, wire.text)
    }

    internal fun typing(room: RoomId): Unit = core.typing(room.value)

    internal fun stoppedTyping(room: RoomId): Unit = core.stoppedTyping(room.value)

    /** The application is no longer seen: the socket is closed cleanly. */
    public fun background(): Unit = core.background()

    /** The application is seen again: reconnects at once, and everything is resumed. */
    public fun foreground(): Unit = core.foreground()

    /** The network changed: reconnects at once, or sees whether the connection lives. */
    public fun networkChanged(available: Boolean): Unit = core.networkChanged(available)

    /** Does not wait out the present backoff. */
    public fun reconnectNow(): Unit = core.reconnectNow()

    /**
     * Closes for good. Commands that are not answered yet fail with [CarewireException.Closed];
     * flows end. Returns at once; [state] says when it is done.
     */
    override fun close() {
        // Not in the client's own scope, which ends with it.
        CoroutineScope(scope.coroutineContext[kotlin.coroutines.ContinuationInterceptor]!!).launch { core.shutDown() }
    }

    /** Closes for good, and waits until it is. */
    public suspend fun closeAndWait(): Unit = core.shutDown()
}

/** The events whose data is a [D], with nothing around it. */
public inline fun <reified D : EventData> Flow<Event>.data(): Flow<D> = map { it.data }.filterIsInstance<D>()
