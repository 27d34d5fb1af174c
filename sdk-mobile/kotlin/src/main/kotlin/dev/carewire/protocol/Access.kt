// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

package dev.carewire

import java.time.Instant
import kotlinx.serialization.Serializable

/**
 * Takes access for four hours: providers and staff, where it is enabled. It is written to the
 * audit log and announced to admins.
 */
@Serializable
public data class AccessBreakGlassCommand(
    /** To whom. */
    val patientId: UserId,
    /** Why; required, at most 1,024 bytes. */
    val reason: String,
) : Command<AccessBreakGlassReply> {
    override val wire: Wire<AccessBreakGlassReply> get() = Wire("access:breakGlass", serializer(), this, AccessBreakGlassReply.serializer())
    override fun toString(): String = "AccessBreakGlassCommand(patientId=$patientId, reason=…)"
}

/** Granted. */
@Serializable
public data class AccessBreakGlassReply(
    /** When the access ends. */
    val expiresAt: @Serializable(TimestampSerializer::class) Instant,
)
