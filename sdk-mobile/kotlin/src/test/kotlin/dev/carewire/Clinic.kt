package dev.carewire

import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.cancelChildren
import kotlinx.coroutines.channels.Channel as Queue
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout

/** A tenant of its own with people in it, for one test. Its clients are closed in the end. */
class Clinic(val server: TestServer, val scope: CoroutineScope) {
    val tenant: String = TestServer.unique("clinic")
    private val clients = ArrayList<CarewireClient>()

    fun user(stem: String): UserId = UserId(TestServer.unique(stem))

    /** A client that is not connected yet. */
    fun client(
        user: UserId,
        role: String = "provider",
        configuration: Configuration = Configuration(),
        url: String = server.url,
        token: suspend (TokenNeed) -> String = { server.token(user, role, tenant) },
    ): CarewireClient = CarewireClient(url, configuration, token).also { clients += it }

    /** A client that is connected. */
    suspend fun connected(
        user: UserId,
        role: String = "provider",
        configuration: Configuration = Configuration(),
    ): CarewireClient = client(user, role, configuration).also { it.connect() }

    /** Two who may talk: a provider and a nurse, connected, with their chat. */
    suspend fun pair(configuration: Configuration = Configuration()): Triple<CarewireClient, CarewireClient, RoomId> {
        val (doctor, nurse) = user("dr") to user("nurse")
        val clients = connected(doctor, configuration = configuration) to connected(nurse, "staff")
        return Triple(clients.first, clients.second, RoomId.chat(doctor, nurse))
    }

    /** A backend of this tenant. */
    suspend fun backend(): CarewireClient = connected(user("ehr"), "service")

    /** A request to the backend API, as a backend of this tenant. */
    fun call(method: String, path: String, body: String = ""): String =
        server.call(method, path, body, server.token(UserId("ehr"), "service", tenant))

    /** Listens from now on. */
    fun <T> hear(flow: Flow<T>): Ear<T> = Ear(flow, scope)

    suspend fun end(): Unit = withContext(NonCancellable) {
        clients.forEach { it.closeAndWait() }
    }
}

/** What was heard, in order. */
class Ear<T>(flow: Flow<T>, scope: CoroutineScope) {
    private val heard = Queue<T>(Queue.UNLIMITED)
    private val job = scope.launch(Dispatchers.Unconfined, CoroutineStart.UNDISPATCHED) {
        flow.collect { heard.trySend(it) }
        heard.close()
    }

    suspend fun next(): T = heard.receive()

    /** The next one that is asked for; others are passed over. */
    suspend fun next(isIt: (T) -> Boolean): T {
        while (true) heard.receive().let { if (isIt(it)) return it }
    }

    /** What has been heard and not been asked for. */
    fun rest(): List<T> = generateSequence { heard.tryReceive().getOrNull() }.toList()

    /** Waits until the flow has ended. */
    suspend fun ended(): Unit = job.join()
}

/** The next event whose data is a [D] and is asked for. */
suspend inline fun <reified D : EventData> Ear<Event>.data(crossinline isIt: (D) -> Boolean = { true }): D =
    next { event -> (event.data as? D)?.let { isIt(it) } == true }.data as D

/** Plays a scene on the shared server, or on one of its own. */
fun scene(server: TestServer? = null, within: Duration = 40.seconds, play: suspend Clinic.() -> Unit): Unit =
    runBlocking(Dispatchers.Default) {
        withTimeout(within) {
            val clinic = Clinic(server ?: TestServer.shared, this)
            try {
                clinic.play()
            } finally {
                clinic.end()
                coroutineContext.cancelChildren()
            }
        }
    }

/** Waits until something is so. */
suspend fun until(isSo: () -> Boolean) {
    while (!isSo()) delay(5)
}
