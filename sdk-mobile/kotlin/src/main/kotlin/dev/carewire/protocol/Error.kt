// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

package dev.carewire

import kotlin.time.Duration
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.JsonElement

/** The error object, in `error` frames and as the body of refused HTTP calls. */
@Serializable
public data class ErrorReply(
    /** For programs. */
    val code: ErrorCode,
    /** For people. */
    val message: String,
    /** The field that is wrong, for `invalid_input`. */
    val field: String? = null,
    /** When to come again, for `rate_limited` and `unavailable`. */
    @SerialName("retryAfterMs")
    val retryAfter: @Serializable(MillisSerializer::class) Duration? = null,
    /** More, by code: the holder of a lease, the call that is in the way. */
    val details: JsonElement? = null,
) {
    override fun toString(): String = "ErrorReply(code=$code, message=$message, field=$field, retryAfter=$retryAfter, details=…)"
}

/** The codes of the contract, section 4. Programs decide by the code, people read the message. */
@Serializable(with = ErrorCode.Serializer::class)
public sealed class ErrorCode(override val word: String) : Word {
    /** A command before authentication, or an empty token. */
    public data object NoToken : ErrorCode("no_token")

    /** Bad signature, algorithm or claims, or another tenant on refresh. */
    public data object InvalidToken : ErrorCode("invalid_token")

    /** The token's `exp` has passed. */
    public data object TokenExpired : ErrorCode("token_expired")

    /** Not JSON, not an object, no `type`, or nested too deep. */
    public data object Malformed : ErrorCode("malformed")

    /** No such command. */
    public data object UnknownType : ErrorCode("unknown_type")

    /** A field is wrong; `field` names it. */
    public data object InvalidInput : ErrorCode("invalid_input")

    /** Not allowed. */
    public data object AccessDenied : ErrorCode("access_denied")

    /** No such room, or one of another tenant. */
    public data object RoomNotFound : ErrorCode("room_not_found")

    /** The action needs membership first. */
    public data object NotJoined : ErrorCode("not_joined")

    /** No such message. */
    public data object MessageNotFound : ErrorCode("message_not_found")

    /** No such call. */
    public data object CallNotFound : ErrorCode("call_not_found")

    /** The call is not in a state that allows it, or the user is busy. */
    public data object CallConflict : ErrorCode("call_conflict")

    /** Somebody else holds the lease, or the fencing token is stale. */
    public data object RecordLocked : ErrorCode("record_locked")

    /** Too many; `retryAfterMs` says when to come again. */
    public data object RateLimited : ErrorCode("rate_limited")

    /** Larger than the server takes. */
    public data object PayloadTooLarge : ErrorCode("payload_too_large")

    /** More rooms than one connection may join. */
    public data object TooManyRooms : ErrorCode("too_many_rooms")

    /** The server cannot do it now; it may work again soon. */
    public data object Unavailable : ErrorCode("unavailable")

    /** A fault of the server. The cause is in its log, never here. */
    public data object Internal : ErrorCode("internal")

    /** A word of a later version. */
    public data class Other(private val text: String) : ErrorCode(text)

    internal object Serializer : WordSerializer<ErrorCode>({ listOf(NoToken, InvalidToken, TokenExpired, Malformed, UnknownType, InvalidInput, AccessDenied, RoomNotFound, NotJoined, MessageNotFound, CallNotFound, CallConflict, RecordLocked, RateLimited, PayloadTooLarge, TooManyRooms, Unavailable, Internal) }, ::Other)
}
