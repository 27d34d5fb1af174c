package dev.carewire

import kotlinx.coroutines.flow.Flow

/**
 * What happens to appointments while it is collected: to one's own, and for staff and providers to
 * all of the tenant.
 */
public fun CarewireClient.appointments(): Flow<AppointmentChange> = Streams(hub, { true }, begun = false).of { event ->
    if (event.isLoss) return@of AppointmentChange.Reload
    when (val data = event.data) {
        is AppointmentCreatedEvent -> AppointmentChange.Created(data.appointment)
        is AppointmentUpdatedEvent -> AppointmentChange.Updated(data.appointment)
        is AppointmentCancelledEvent -> AppointmentChange.Cancelled(data.appointment)
        is AppointmentCheckedInEvent -> AppointmentChange.CheckedIn(data.appointment)
        else -> null
    }
}

/**
 * Vital signs while it is collected: one's own, and those of the charts that one looks at. They
 * are about this moment, and none is repeated.
 */
public fun CarewireClient.vitals(): Flow<VitalsUpdateEvent> = events.data()

/** Alerts while it is collected: about oneself, the charts one looks at, the staff's and the system. */
public fun CarewireClient.alerts(): Flow<Alert> = Streams(hub, { true }, begun = false).of { event ->
    if (event.isLoss) return@of Alert.Missed
    when (val data = event.data) {
        is AlertCriticalEvent -> Alert.Critical(data)
        is SystemAlertEvent -> Alert.System(data)
        is SystemMaintenanceEvent -> Alert.Maintenance(data)
        is AlertBreakGlassEvent -> Alert.BreakGlass(data)
        else -> null
    }
}

/** What happened to an appointment, with the appointment as it is now. */
public sealed interface AppointmentChange {
    /** It was made. */
    public data class Created(val appointment: Appointment) : AppointmentChange

    /** It was changed. */
    public data class Updated(val appointment: Appointment) : AppointmentChange

    /** It was cancelled. */
    public data class Cancelled(val appointment: Appointment) : AppointmentChange

    /** The patient has arrived. */
    public data class CheckedIn(val appointment: Appointment) : AppointmentChange

    /** Some were missed and will not come: ask the backend that keeps the calendar. */
    public data object Reload : AppointmentChange
}

/** An alert. */
public sealed interface Alert {
    /** Somebody has to act. */
    public data class Critical(val alert: AlertCriticalEvent) : Alert

    /** Something about the system. */
    public data class System(val alert: SystemAlertEvent) : Alert

    /** The system will be down or slow. */
    public data class Maintenance(val maintenance: SystemMaintenanceEvent) : Alert

    /** To admins: somebody took emergency access. */
    public data class BreakGlass(val taken: AlertBreakGlassEvent) : Alert

    /** Some may have been missed and will not come. */
    public data object Missed : Alert
}
