// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

package dev.carewire

import java.time.Instant
import kotlin.time.Duration
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import kotlinx.serialization.builtins.serializer

/** The person is there: counts as activity against the inactivity log-off. */
@Serializable
public data object SessionTouchCommand : Command<Unit> {
    override val wire: Wire<Unit> get() = Wire("session:touch", serializer(), this, Unit.serializer())
}

/** Asks what the server knows about this connection. */
@Serializable
public data object SessionStatusCommand : Command<SessionStatusReply> {
    override val wire: Wire<SessionStatusReply> get() = Wire("session:status", serializer(), this, SessionStatusReply.serializer())
}

/** What the server knows about this connection. */
@Serializable
public data class SessionStatusReply(
    /** The connection. */
    val connectionId: ConnectionId,
    /** Its user. */
    val userId: UserId,
    /** Since when. */
    val connectedAt: @Serializable(TimestampSerializer::class) Instant,
    /** The rooms it is in. */
    val rooms: List<RoomId>,
    /** The server's clock. */
    val serverTime: @Serializable(TimestampSerializer::class) Instant,
)

/** What a person or backend is in its tenant. */
@Serializable(with = Role.Serializer::class)
public sealed class Role(override val word: String) : Word {
    /** Sees only what concerns them. */
    public data object Patient : Role("patient")

    /** A clinician; sees the patients whose care team they belong to. */
    public data object Provider : Role("provider")

    /** Sees all patients of the tenant. */
    public data object Staff : Role("staff")

    /** Staff who also administer. */
    public data object Admin : Role("admin")

    /** A backend. */
    public data object Service : Role("service")

    /** A word of a later version. */
    public data class Other(private val text: String) : Role(text)

    internal object Serializer : WordSerializer<Role>({ listOf(Patient, Provider, Staff, Admin, Service) }, ::Other)
}

/** The first event after success. */
@Serializable
public data class ConnectedEvent(
    /** This connection. */
    val connectionId: ConnectionId,
    /** Who it belongs to. */
    val userId: UserId,
    /** In which tenant. */
    val tenantId: TenantId,
    /** As what. */
    val role: Role,
    /** The user's name, where the server knows it. */
    val name: String? = null,
    /** The protocol version: `"1"`. */
    val protocol: String,
    /** The server's clock. */
    val serverTime: @Serializable(TimestampSerializer::class) Instant,
    /** When the session ends without a refresh. */
    val tokenExpiresAt: @Serializable(TimestampSerializer::class) Instant,
    /** How often the server pings. */
    @SerialName("heartbeatIntervalMs")
    val heartbeatInterval: @Serializable(MillisSerializer::class) Duration,
    /** What the server takes. */
    val limits: SessionLimits,
    /** The user's calls that have not ended. */
    val calls: List<CallInfo>,
    /** The rooms joined without asking, each with its newest position. */
    val rooms: List<RoomPosition>,
) : EventData {
    override fun toString(): String = "ConnectedEvent(connectionId=$connectionId, userId=$userId, tenantId=$tenantId, role=$role, name=…, protocol=$protocol, serverTime=$serverTime, tokenExpiresAt=$tokenExpiresAt, heartbeatInterval=$heartbeatInterval, limits=$limits, calls=$calls, rooms=$rooms)"
}

/** What the server takes from one user or connection. */
@Serializable
public data class SessionLimits(
    /** The largest message, in bytes. */
    val maxPayloadBytes: Long,
    /** Creating commands a second. */
    val messagesPerSecond: Long,
    /** Other commands a second. */
    val commandsPerSecond: Long,
    /** Rooms that one connection may join. */
    val roomsPerConnection: Long,
)

/** A place in the log of a room. */
@Serializable
public data class RoomPosition(
    /** The room. */
    val roomId: RoomId,
    /** The life of its log. */
    val epoch: Epoch,
    /** The offset of the last event delivered; 0 before the first. */
    val offset: Long,
)

/** The token expires soon: send `auth:refresh`. */
@Serializable
public data class AuthExpiringEvent(
    /** When. */
    val expiresAt: @Serializable(TimestampSerializer::class) Instant,
) : EventData

/** Nobody has done anything for a while. */
@Serializable
public data class AuthIdleEvent(
    /** When the connection will be closed. */
    val logoffAt: @Serializable(TimestampSerializer::class) Instant,
) : EventData

/** The server stops; the connection closes next. */
@Serializable
public data class ServerShutdownEvent(
    /** Why, for people. */
    val reason: String,
    /** When to come back. Differs from client to client. */
    @SerialName("retryAfterMs")
    val retryAfter: @Serializable(MillisSerializer::class) Duration,
) : EventData
