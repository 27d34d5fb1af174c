// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

package dev.carewire

import java.time.Instant
import kotlin.time.Duration
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** Somebody has to act. */
@Serializable
public data class AlertCriticalEvent(
    /** About whom; about nobody in particular when left out. */
    val patientId: UserId? = null,
    /** How bad it is. */
    val severity: Severity,
    /** What it is, in a line. */
    val title: String,
    /** What it is. */
    val message: String,
) : EventData {
    override fun toString(): String = "AlertCriticalEvent(patientId=$patientId, severity=$severity, title=…, message=…)"
}

/** How bad it is. Backends may use words of their own. */
@Serializable(with = Severity.Serializer::class)
public sealed class Severity(override val word: String) : Word {
    /** To know. */
    public data object Low : Severity("low")

    /** To look at. */
    public data object Medium : Severity("medium")

    /** To act on soon. */
    public data object High : Severity("high")

    /** To act on now. */
    public data object Critical : Severity("critical")

    /** A word of a later version. */
    public data class Other(private val text: String) : Severity(text)

    internal object Serializer : WordSerializer<Severity>({ listOf(Low, Medium, High, Critical) }, ::Other)
}

/** Something about the system that everyone should know. */
@Serializable
public data class SystemAlertEvent(
    /** How loud. */
    val level: AlertLevel,
    /** What. */
    val message: String,
    /** What to do about it. */
    val action: String? = null,
) : EventData {
    override fun toString(): String = "SystemAlertEvent(level=$level, message=…, action=…)"
}

/** How loud a system alert is. Backends may use words of their own. */
@Serializable(with = AlertLevel.Serializer::class)
public sealed class AlertLevel(override val word: String) : Word {
    /** To know. */
    public data object Info : AlertLevel("info")

    /** Something may go wrong. */
    public data object Warning : AlertLevel("warning")

    /** Something went wrong. */
    public data object Error : AlertLevel("error")

    /** Nothing goes on. */
    public data object Critical : AlertLevel("critical")

    /** A word of a later version. */
    public data class Other(private val text: String) : AlertLevel(text)

    internal object Serializer : WordSerializer<AlertLevel>({ listOf(Info, Warning, Error, Critical) }, ::Other)
}

/** The system will be down or slow for a while. */
@Serializable
public data class SystemMaintenanceEvent(
    /** What will be done. */
    val message: String,
    /** From when. */
    val startsAt: @Serializable(TimestampSerializer::class) Instant,
    /** For how long. */
    @SerialName("durationMs")
    val duration: @Serializable(MillisSerializer::class) Duration,
    /** Which parts. */
    val affectedServices: List<String> = emptyList(),
) : EventData {
    override fun toString(): String = "SystemMaintenanceEvent(message=…, startsAt=$startsAt, duration=$duration, affectedServices=$affectedServices)"
}

/** To admins: somebody took emergency access to a patient. */
@Serializable
public data class AlertBreakGlassEvent(
    /** To whom. */
    val patientId: UserId,
    /** Who. */
    val userId: UserId,
    /** The reason they gave. */
    val reason: String,
    /** When the access ends. */
    val expiresAt: @Serializable(TimestampSerializer::class) Instant,
) : EventData {
    override fun toString(): String = "AlertBreakGlassEvent(patientId=$patientId, userId=$userId, reason=…, expiresAt=$expiresAt)"
}
