// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

package dev.carewire

import java.time.Instant
import kotlinx.serialization.Serializable

/** New readings of a patient. */
@Serializable
public data class VitalsUpdateEvent(
    /** Whose. */
    val patientId: UserId,
    /** Where the patient is: the bed or room of a ward. */
    val room: String? = null,
    /** What was measured. */
    val readings: List<Reading>,
) : EventData {
    override fun toString(): String = "VitalsUpdateEvent(patientId=$patientId, room=…, readings=$readings)"
}

/** One reading. */
@Serializable
public data class Reading(
    /** What was measured: `heart_rate`, `spo2`, …. */
    val kind: String,
    /** The value. */
    val value: Double,
    /** Its unit: `bpm`, `%`, …. */
    val unit: String,
    /** When. */
    val measuredAt: @Serializable(TimestampSerializer::class) Instant,
) {
    override fun toString(): String = "Reading(kind=…, value=…, unit=$unit, measuredAt=$measuredAt)"
}
