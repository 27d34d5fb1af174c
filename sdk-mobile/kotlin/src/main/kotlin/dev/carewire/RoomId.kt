package dev.carewire

import kotlinx.serialization.Serializable

/** The name of a room. The functions of its companion make those of the contract. */
@Serializable
@JvmInline
public value class RoomId(public val value: String) {
    /** The first part of the name: `chat`, `visit`, …; of a channel, its domain. */
    public val kind: String get() = value.substringBefore(':')

    override fun toString(): String = value

    public companion object {
        /** The chat of two people, in either order. */
        public fun chat(a: UserId, b: UserId): RoomId {
            val (first, second) = listOf(a.value, b.value).sorted()
            return RoomId("chat:$first:$second")
        }

        /** A conversation of chosen members. */
        public fun thread(id: String): RoomId = RoomId("thread:$id")

        /** An appointment or encounter with its participants. */
        public fun visit(id: VisitId): RoomId = RoomId("visit:$id")

        /** A call. */
        public fun call(id: CallId): RoomId = RoomId("call:$id")

        /** What concerns one person. */
        public fun user(id: UserId): RoomId = RoomId("user:$id")

        /** The chart of a patient. */
        public fun patient(id: UserId): RoomId = RoomId("patient:$id")

        /** A report in the making. */
        public fun report(id: ReportId): RoomId = RoomId("report:$id")

        /** The rows of a template. */
        public fun template(id: TemplateId): RoomId = RoomId("template:$id")

        /** What backends are asked, for services. */
        public fun backend(tenant: TenantId): RoomId = RoomId("backend:$tenant")

        /** What people subscribe to. */
        public fun topic(name: TopicName): RoomId = RoomId("topic:$name")
    }
}
