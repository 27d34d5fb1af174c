package dev.carewire

import dev.carewire.samples.visit
import org.junit.jupiter.api.Test

/** The visit that every SDK plays, which is the sample as well. `VisitTests.swift` is its twin. */
class VisitTest {
    @Test
    fun `a visit`() = scene {
        val (lee, ana) = user("dr-lee") to user("ana")
        call("PUT", "/v1/care-team/$lee/$ana")
        visit(server.url, lee, ana) { server.token(it, if (it == lee) "provider" else "patient", tenant) }
    }
}
