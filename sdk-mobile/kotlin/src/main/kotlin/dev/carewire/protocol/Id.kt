// Written by `cargo xtask docs` from the catalogue of the protocol. Do not change it by hand.

package dev.carewire

import kotlinx.serialization.Serializable

/** One live connection, named by the server. */
@Serializable
@JvmInline
public value class ConnectionId(public val value: String) {
    override fun toString(): String = value
}

/** A person, or a backend acting as one. Patients are named by their user id. */
@Serializable
@JvmInline
public value class UserId(public val value: String) {
    override fun toString(): String = value
}

/** The life of a log; another one means that positions of the former are void. */
@Serializable
@JvmInline
public value class Epoch(public val value: String) {
    override fun toString(): String = value
}

/** A message. Ids of messages sort in their room as their offsets do. */
@Serializable
@JvmInline
public value class MessageId(public val value: String) {
    override fun toString(): String = value
}

/** Where a conversation takes place: `internal`, `sms`, `email`, …. */
@Serializable
@JvmInline
public value class Platform(public val value: String) {
    override fun toString(): String = value
}

/** What makes a repeated command one command. */
@Serializable
@JvmInline
public value class Key(public val value: String) {
    override fun toString(): String = value
}

/** A call. */
@Serializable
@JvmInline
public value class CallId(public val value: String) {
    override fun toString(): String = value
}

/** An appointment or encounter with its participants. */
@Serializable
@JvmInline
public value class VisitId(public val value: String) {
    override fun toString(): String = value
}

/** One client object (a device, a tab), named by itself and kept over its reconnects. */
@Serializable
@JvmInline
public value class ClientId(public val value: String) {
    override fun toString(): String = value
}

/** A report that is being made. */
@Serializable
@JvmInline
public value class ReportId(public val value: String) {
    override fun toString(): String = value
}

/** A part of a chart that can be locked. */
@Serializable
@JvmInline
public value class RecordId(public val value: String) {
    override fun toString(): String = value
}

/** A notification. */
@Serializable
@JvmInline
public value class NotificationId(public val value: String) {
    override fun toString(): String = value
}

/**
 * What a notification is about: `appointment_reminder`, `task_assigned`, `lab_result`,
 * `prior_authorization`, `message`, `system`, or a word of the application.
 */
@Serializable
@JvmInline
public value class NotificationKind(public val value: String) {
    override fun toString(): String = value
}

/** A topic that people subscribe to. */
@Serializable
@JvmInline
public value class TopicName(public val value: String) {
    override fun toString(): String = value
}

/** A report template with live data. */
@Serializable
@JvmInline
public value class TemplateId(public val value: String) {
    override fun toString(): String = value
}

/** An organisation. Nothing crosses from one to another. */
@Serializable
@JvmInline
public value class TenantId(public val value: String) {
    override fun toString(): String = value
}

/** An appointment in the calendar of a backend. */
@Serializable
@JvmInline
public value class AppointmentId(public val value: String) {
    override fun toString(): String = value
}
