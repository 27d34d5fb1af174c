package dev.carewire

import dev.carewire.core.ConnectionState as CoreState
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** The state of the connection, for people to see. */
public sealed interface ConnectionState {
    /** Nobody has asked for a connection yet. */
    public data object Idle : ConnectionState

    /** The first attempt is being made. */
    public data object Connecting : ConnectionState

    /** Connected and authenticated. */
    public data object Connected : ConnectionState

    /** The connection is lost, or could not be made. */
    public data class Reconnecting(
        /** How many attempts there were since the last healthy connection, this one included. */
        val attempt: Int,
        /** How long until it is made; `null`: it is being made. */
        val retryIn: Duration?,
    ) : ConnectionState

    /** Closed for good. */
    public data class Closed(val reason: CloseReason) : ConnectionState

    /** Whether commands reach the server now. */
    public val isConnected: Boolean get() = this is Connected

    public companion object
}

/** Why a client is closed for good. */
public sealed interface CloseReason {
    /** The application closed it, or dropped it. */
    public data object ByApplication : CloseReason

    /** The token provider said that nobody is signed in. */
    public data object SignedOut : CloseReason

    /** 4401: the token is missing, invalid or expired, and a new one did not help. */
    public data object Unauthenticated : CloseReason

    /** 4400: the server says that this client broke the protocol. */
    public data object Violation : CloseReason

    /** 4403: forbidden. */
    public data object Forbidden : CloseReason

    /** 4409: disconnected by an administrator. */
    public data object Disconnected : CloseReason

    /** 4410: logged off for inactivity. */
    public data object Idle : CloseReason

    /** 4411: another connection with the same client id took its place. */
    public data object Replaced : CloseReason

    /** A final close code of a later version. */
    public data class Other(val word: String) : CloseReason

    public companion object
}

internal fun CloseReason.Companion.of(word: String): CloseReason = when (word) {
    "closed" -> CloseReason.ByApplication
    "signed_out" -> CloseReason.SignedOut
    "unauthorized" -> CloseReason.Unauthenticated
    "protocol" -> CloseReason.Violation
    "forbidden" -> CloseReason.Forbidden
    "disconnected" -> CloseReason.Disconnected
    "inactive" -> CloseReason.Idle
    "replaced" -> CloseReason.Replaced
    else -> CloseReason.Other(word)
}

internal fun ConnectionState.Companion.of(core: CoreState): ConnectionState = when (core) {
    is CoreState.Idle -> ConnectionState.Idle
    is CoreState.Connecting -> ConnectionState.Connecting
    is CoreState.Connected -> ConnectionState.Connected
    is CoreState.Reconnecting ->
        ConnectionState.Reconnecting(core.attempt.toInt(), core.retryInMs?.toLong()?.milliseconds)
    is CoreState.Closed -> ConnectionState.Closed(CloseReason.of(core.reason))
}
