package dev.carewire

import dev.carewire.core.Failure

/** Why something did not work. A cancelled coroutine is no such reason. */
public sealed class CarewireException(
    /** For programs: the server's code, or one of the SDK's own. */
    public val code: String,
    /** For people. */
    public val reason: String,
) : Exception("$code: $reason") {
    /** The server refused it, or it breaks a rule of the contract that the client checks itself. */
    public class Refused(public val error: ErrorReply) : CarewireException(error.code.word, error.message)

    /** It waited too long and was never sent: it has certainly had no effect. */
    public class Expired internal constructor(reason: String) : CarewireException("expired", reason)

    /** It was sent and never answered: it may have had its effect. Load the state again. */
    public class Unknown internal constructor(reason: String) : CarewireException("unknown", reason)

    /** The queue for commands that wait for a connection is full. */
    public class QueueFull internal constructor(reason: String) : CarewireException("queue_full", reason)

    /** It is about this moment, and there is no connection. */
    public class Offline internal constructor(reason: String) : CarewireException("offline", reason)

    /** It is larger than the server takes. */
    public class PayloadTooLarge internal constructor(reason: String) : CarewireException("payload_too_large", reason)

    /** The client is closed. */
    public class Closed internal constructor(public val why: CloseReason) : CarewireException("closed", "the client is closed: $why")

    /** The reply is not of the type that the contract names. The command did succeed. */
    public class BadReply internal constructor(reason: String) : CarewireException("bad_reply", reason)

    /** The client cannot work as it was configured. */
    public class InvalidConfiguration internal constructor(reason: String) : CarewireException("invalid_options", reason)

    /** Something that only a later version of the core says. */
    public class Other internal constructor(code: String, reason: String) : CarewireException(code, reason)
}

/** A token provider throws it when nobody is signed in: the client closes. */
public class SignedOutException : Exception("signed out")

/** Runs a call of the core; what fails is a [CarewireException]. */
internal inline fun <T> calling(call: () -> T): T = try {
    call()
} catch (failure: Failure) {
    throw failure.forApplications()
}

internal fun Failure.forApplications(): Exception = when (this) {
    is Failure.Cancelled -> kotlin.coroutines.cancellation.CancellationException("cancelled")
    is Failure.Failed -> when (val refused = refusal) {
        null -> ownException(code, reason)
        else -> CarewireException.Refused(contract.decodeFromString(ErrorReply.serializer(), refused))
    }
}

private fun ownException(code: String, reason: String): CarewireException = when (code) {
    "expired" -> CarewireException.Expired(reason)
    "unknown" -> CarewireException.Unknown(reason)
    "queue_full" -> CarewireException.QueueFull(reason)
    "offline" -> CarewireException.Offline(reason)
    "payload_too_large" -> CarewireException.PayloadTooLarge(reason)
    "closed" -> CarewireException.Closed(CloseReason.of(reason))
    "bad_reply" -> CarewireException.BadReply(reason)
    "invalid_options" -> CarewireException.InvalidConfiguration(reason)
    else -> CarewireException.Other(code, reason)
}
