// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

package dev.carewire

import java.time.Instant
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.JsonElement

/** An appointment was made. */
@Serializable
public data class AppointmentCreatedEvent(
    /** The appointment. */
    val appointment: Appointment,
) : EventData

/** An appointment. */
@Serializable
public data class Appointment(
    /** The appointment. */
    val id: AppointmentId,
    /** Whose. */
    val patientId: UserId,
    /** With whom. */
    val providerId: UserId,
    /** When it begins. */
    val startsAt: @Serializable(TimestampSerializer::class) Instant,
    /** When it ends. */
    val endsAt: @Serializable(TimestampSerializer::class) Instant,
    /** Where it stands. */
    val status: AppointmentStatus,
    /** What it is about. */
    val title: String? = null,
    /** Any JSON of the application. */
    val metadata: JsonElement? = null,
) {
    override fun toString(): String = "Appointment(id=$id, patientId=$patientId, providerId=$providerId, startsAt=$startsAt, endsAt=$endsAt, status=$status, title=…, metadata=…)"
}

/** Where an appointment stands. The backend may use words of its own. */
@Serializable(with = AppointmentStatus.Serializer::class)
public sealed class AppointmentStatus(override val word: String) : Word {
    /** Planned. */
    public data object Scheduled : AppointmentStatus("scheduled")

    /** The patient has confirmed it. */
    public data object Confirmed : AppointmentStatus("confirmed")

    /** The patient is there. */
    public data object CheckedIn : AppointmentStatus("checked_in")

    /** It takes place. */
    public data object InProgress : AppointmentStatus("in_progress")

    /** It took place. */
    public data object Completed : AppointmentStatus("completed")

    /** It will not take place. */
    public data object Cancelled : AppointmentStatus("cancelled")

    /** The patient did not come. */
    public data object NoShow : AppointmentStatus("no_show")

    /** A word of a later version. */
    public data class Other(private val text: String) : AppointmentStatus(text)

    internal object Serializer : WordSerializer<AppointmentStatus>({ listOf(Scheduled, Confirmed, CheckedIn, InProgress, Completed, Cancelled, NoShow) }, ::Other)
}

/** An appointment was changed. */
@Serializable
public data class AppointmentUpdatedEvent(
    /** The appointment as it is now. */
    val appointment: Appointment,
) : EventData

/** An appointment was cancelled. */
@Serializable
public data class AppointmentCancelledEvent(
    /** The appointment as it is now. */
    val appointment: Appointment,
) : EventData

/** The patient has arrived. */
@Serializable
public data class AppointmentCheckedInEvent(
    /** The appointment as it is now. */
    val appointment: Appointment,
) : EventData
