package dev.carewire

import dev.carewire.core.Network as CoreNetwork
import dev.carewire.core.Options
import java.security.KeyStore
import java.security.cert.X509Certificate
import javax.net.ssl.TrustManagerFactory
import javax.net.ssl.X509TrustManager
import kotlin.time.Duration
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers

/** How a client behaves. Everything has a default. */
public data class Configuration(
    /**
     * The name of this client object; a random one otherwise. A newer connection of the same user
     * and client id replaces the older one, so no two clients may share it.
     */
    val clientId: ClientId? = null,
    /** How long to wait between attempts to connect. */
    val backoff: Backoff = Backoff(),
    /** What may wait for a connection. */
    val queue: Queue = Queue(),
    /** How long one attempt to open a socket may take: 10 s. */
    val dialTimeout: Duration? = null,
    /**
     * The certificate authorities to trust, and nobody else: a hospital's own. Otherwise those that
     * the platform trusts: on a JVM by its default trust store, on Android as the application's
     * network security configuration says for any host.
     */
    val authorities: List<X509Certificate>? = null,
    /** A network that a test or a demonstration can cut. */
    val network: NetworkSwitch? = null,
    /** Where the token provider runs. */
    val dispatcher: CoroutineDispatcher = Dispatchers.Default,
) {
    internal fun options(url: String): Options = Options(
        url = url,
        clientId = clientId?.value,
        firstRetryMs = backoff.first?.inWholeMilliseconds?.toULong(),
        longestRetryMs = backoff.most?.inWholeMilliseconds?.toULong(),
        dialTimeoutMs = dialTimeout?.inWholeMilliseconds?.toULong(),
        queueCommands = queue.commands?.toULong(),
        queueAgeMs = queue.age?.inWholeMilliseconds?.toULong(),
        inFlightPerRoom = queue.inFlightPerRoom?.toULong(),
        authorities = if (url.startsWith("wss://")) authorities?.map { it.encoded } ?: platformAuthorities else null,
    )
}

private val platformAuthorities: List<ByteArray> by lazy {
    val factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm())
    factory.init(null as KeyStore?)
    factory.trustManagers.filterIsInstance<X509TrustManager>().flatMap { it.acceptedIssuers.asList() }.map { it.encoded }
}

/** How long to wait between attempts to connect. */
public data class Backoff(
    /** The first interval: 500 ms. Each further one is twice as long. */
    val first: Duration? = null,
    /** The longest one: 20 s. */
    val most: Duration? = null,
)

/** What may wait for a connection. */
public data class Queue(
    /** How many commands may be unanswered, sent or not: 1,000. */
    val commands: Int? = null,
    /** How old a command may grow: one hour, at most 23. */
    val age: Duration? = null,
    /**
     * How many commands may be on their way into one room at once: 1. Only then is the order kept
     * even where the server refuses one for the moment.
     */
    val inFlightPerRoom: Int? = null,
)

/** Why a token is needed. */
public enum class TokenNeed {
    /** For a new connection. */
    CONNECT,

    /** For a new connection, because the server refused the last token: fetch another one. */
    REFUSED,

    /** For the present connection, whose token expires: fetch another one. */
    REFRESH,
}

/** Cuts a client off from its network and brings it back, as tests and demonstrations need. */
public class NetworkSwitch {
    internal val core: CoreNetwork = CoreNetwork()

    /** Resets the connection and lets every attempt fail, until [heal]. */
    public fun cut(): Unit = core.cut()

    /** Like [cut], but nobody notices: what is sent disappears and nothing arrives. */
    public fun cutSilently(): Unit = core.cutSilently()

    /** Lets new connections through again. */
    public fun heal(): Unit = core.heal()
}
