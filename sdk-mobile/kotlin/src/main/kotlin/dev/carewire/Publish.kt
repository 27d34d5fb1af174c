package dev.carewire

/**
 * Publishes an event of the contract: for clients of role `service`. Queued while there is no
 * connection. Where the contract names the rooms of an event (an appointment, vitals, an alert about
 * a patient), it goes there, whatever the target. Returns the offset where it has one.
 *
 * @throws IllegalArgumentException where the server derives the event and nobody publishes it.
 */
public suspend fun CarewireClient.publish(target: Target, event: EventData): Long? {
    val published = requireNotNull(publishable(event)) { "nobody publishes this event" }
    return request(EventPublishCommand(target, published)).offset
}
