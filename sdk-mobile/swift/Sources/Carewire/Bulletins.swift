extension CarewireClient {
    /// What happens to appointments from now on: to one's own, and for staff and providers to all of
    /// the tenant.
    public func appointments() -> EventStream<AppointmentChange> {
        Streams(known.hub).of { event in
            if event.isLoss { return .reload }
            return switch event.data {
            case .appointmentCreated(let event): .created(event.appointment)
            case .appointmentUpdated(let event): .updated(event.appointment)
            case .appointmentCancelled(let event): .cancelled(event.appointment)
            case .appointmentCheckedIn(let event): .checkedIn(event.appointment)
            default: nil
            }
        }
    }

    /// Vital signs from now on: one's own, and those of the charts that one looks at. They are about
    /// this moment, and none is repeated.
    public func vitals() -> EventStream<VitalsUpdateEvent> {
        Streams(known.hub).of { event in
            if case .vitalsUpdate(let update)? = event.data { update } else { nil }
        }
    }

    /// Alerts from now on: about oneself, the charts one looks at, the staff's and the system.
    public func alerts() -> EventStream<Alert> {
        Streams(known.hub).of { event in
            if event.isLoss { return .missed }
            return switch event.data {
            case .alertCritical(let alert): .critical(alert)
            case .systemAlert(let alert): .system(alert)
            case .systemMaintenance(let maintenance): .maintenance(maintenance)
            case .alertBreakGlass(let taken): .breakGlass(taken)
            default: nil
            }
        }
    }

    /// Publishes an event of the contract: for clients of role `service`. Queued while there is no
    /// connection. Where the contract names the rooms of an event (an appointment, vitals, an alert
    /// about a patient), it goes there, whatever the target. Returns the offset where it has one.
    @discardableResult
    public func publish(_ target: Target, _ event: EventData) async throws -> Int? {
        guard let published = try event.published() else {
            throw CarewireError.invalidConfiguration("nobody publishes this event")
        }
        return try await request(EventPublishCommand(target: target, event: published)).offset
    }
}

/// What happened to an appointment, with the appointment as it is now.
public enum AppointmentChange: Hashable, Sendable {
    /// It was made.
    case created(Appointment)
    /// It was changed.
    case updated(Appointment)
    /// It was cancelled.
    case cancelled(Appointment)
    /// The patient has arrived.
    case checkedIn(Appointment)
    /// Some were missed and will not come: ask the backend that keeps the calendar.
    case reload
}

/// An alert.
public enum Alert: Hashable, Sendable {
    /// Somebody has to act.
    case critical(AlertCriticalEvent)
    /// Something about the system.
    case system(SystemAlertEvent)
    /// The system will be down or slow.
    case maintenance(SystemMaintenanceEvent)
    /// To admins: somebody took emergency access.
    case breakGlass(AlertBreakGlassEvent)
    /// Some may have been missed and will not come.
    case missed
}
