// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

package dev.carewire

import java.time.Instant
import kotlin.time.Duration
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import kotlinx.serialization.builtins.serializer

/** Somebody who looks at a chart. */
@Serializable
public data class Viewer(
    /** Who. */
    val userId: UserId,
    /** Their name, where the server knows it. */
    val name: String? = null,
    /** Since when. */
    val since: @Serializable(TimestampSerializer::class) Instant,
) {
    override fun toString(): String = "Viewer(userId=$userId, name=…, since=$since)"
}

/** A lease that is held. */
@Serializable
public data class LockState(
    /** On which part. */
    val recordId: RecordId,
    /** Who holds it. */
    val holderId: UserId,
    /** When it ends without a renewal. */
    val expiresAt: @Serializable(TimestampSerializer::class) Instant,
)

/** Looks at a patient's chart: joins `patient:` and tells the others there. */
@Serializable
public data class RecordViewCommand(
    /** Whose chart. */
    val patientId: UserId,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("record:view", serializer(), this, Unit.serializer())
}

/** Looks away again. */
@Serializable
public data class RecordUnviewCommand(
    /** Whose chart. */
    val patientId: UserId,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("record:unview", serializer(), this, Unit.serializer())
}

/** Asks who looks at a chart. */
@Serializable
public data class RecordViewersCommand(
    /** Whose chart. */
    val patientId: UserId,
) : Command<RecordViewersReply> {
    override val wire: Wire<RecordViewersReply> get() = Wire("record:viewers", serializer(), this, RecordViewersReply.serializer())
}

/** Who looks at a chart. */
@Serializable
public data class RecordViewersReply(
    /** In the order in which they came. */
    val viewers: List<Viewer>,
)

/** Takes the lease on a part of a chart. */
@Serializable
public data class RecordLockCommand(
    /** Which part. */
    val recordId: RecordId,
    /** Whose chart. */
    val patientId: UserId,
    /** How long it lives without a renewal: 5,000 to 300,000; 30,000 when left out. */
    @SerialName("ttlMs")
    val ttl: @Serializable(MillisSerializer::class) Duration? = null,
) : Command<RecordLockReply> {
    override val wire: Wire<RecordLockReply> get() = Wire("record:lock", serializer(), this, RecordLockReply.serializer())
}

/** The lease. */
@Serializable
public data class RecordLockReply(
    /** Grows with every grant; what is written under the lease carries it. */
    val fencingToken: Long,
    /** When the lease ends without a renewal. */
    val expiresAt: @Serializable(TimestampSerializer::class) Instant,
)

/** Prolongs a lease by the time it was taken for. */
@Serializable
public data class RecordRenewCommand(
    /** Which part. */
    val recordId: RecordId,
    /** Whose chart. */
    val patientId: UserId,
    /** As granted. */
    val fencingToken: Long,
) : Command<RecordLockReply> {
    override val wire: Wire<RecordLockReply> get() = Wire("record:renew", serializer(), this, RecordLockReply.serializer())
}

/** Gives a lease back. */
@Serializable
public data class RecordUnlockCommand(
    /** Which part. */
    val recordId: RecordId,
    /** Whose chart. */
    val patientId: UserId,
    /** As granted. */
    val fencingToken: Long,
) : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("record:unlock", serializer(), this, Unit.serializer())
}

/** Somebody looks at the chart, or no longer does. */
@Serializable
public data class RecordViewersChangedEvent(
    /** Whose chart. */
    val patientId: UserId,
    /** All who look at it now, in the order in which they came. */
    val viewers: List<Viewer>,
) : EventData

/** A lease was granted. */
@Serializable
public data class RecordLockedEvent(
    /** On which part. */
    val recordId: RecordId,
    /** Who holds it. */
    val holderId: UserId,
    /** When it ends without a renewal. */
    val expiresAt: @Serializable(TimestampSerializer::class) Instant,
) : EventData

/** A lease ended. */
@Serializable
public data class RecordUnlockedEvent(
    /** On which part. */
    val recordId: RecordId,
    /** Why. */
    val reason: UnlockReason,
) : EventData

/** Why a lease ended. */
@Serializable(with = UnlockReason.Serializer::class)
public sealed class UnlockReason(override val word: String) : Word {
    /** Its holder gave it back. */
    public data object Released : UnlockReason("released")

    /** It was not renewed. */
    public data object Expired : UnlockReason("expired")

    /** A backend ended it. */
    public data object Revoked : UnlockReason("revoked")

    /** A word of a later version. */
    public data class Other(private val text: String) : UnlockReason(text)

    internal object Serializer : WordSerializer<UnlockReason>({ listOf(Released, Expired, Revoked) }, ::Other)
}
