package dev.carewire

import java.io.File
import java.security.cert.CertificateFactory
import java.security.cert.X509Certificate
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** TLS as it ships, to a server behind a proxy whose certificate a hospital's own authority made. */
class TlsTest {
    @Test
    fun `an authority of one's own is trusted`() = scene {
        TlsFront(server).use { front -> talks(front) }
    }

    @Test
    fun `a proxy that knows no TLS 1_3 is talked to`() = scene {
        TlsFront(server, "--old").use { front -> talks(front) }
    }

    @Test
    fun `nobody is trusted whom nobody vouches for, or who is somebody else`() = scene {
        TlsFront(server).use { front ->
            val quick = Backoff(first = 20.milliseconds, most = 50.milliseconds)
            val strangers = client(user("dr"), configuration = Configuration(backoff = quick), url = front.url)
            val trusting = Configuration(backoff = quick, authorities = listOf(front.authority))
            val misled = client(user("dr"), configuration = trusting, url = front.url.replace("localhost", "127.0.0.1"))
            for (refused in listOf(strangers, misled)) {
                val connecting = scope.async { runCatching { refused.connect() } }
                refused.state.first { it is ConnectionState.Reconnecting && it.attempt > 2 }
                assertNull(refused.identity.value)
                refused.closeAndWait()
                connecting.await()
            }
        }
    }

    @Test
    fun `there has to be somebody to trust`() {
        val nobody = Configuration(authorities = emptyList())
        assertThrows<CarewireException.InvalidConfiguration> { CarewireClient("wss://example.org/ws", nobody) { "" } }
    }

    private suspend fun Clinic.talks(front: TlsFront) {
        val (lee, ana) = user("dr-lee") to user("ana")
        val trusting = Configuration(authorities = listOf(front.authority))
        val doctor = client(lee, configuration = trusting, url = front.url)
        doctor.connect()
        val nurse = connected(ana, "staff")
        val ears = hear(nurse.join(RoomId.chat(lee, ana)).events())
        val sent = doctor.join(RoomId.chat(lee, ana)).send("over TLS")
        assertEquals(sent.id, ears.next { it.newMessage != null }.newMessage?.id)
    }
}

/** TLS in front of a server, by `cargo xtask tls-front`. */
class TlsFront(server: TestServer, vararg options: String) : AutoCloseable {
    private val file = File.createTempFile("authority", ".der")
    private val process = ProcessBuilder(PROGRAM, "tls-front", "--to", server.address, "--authority", file.path, *options)
        .redirectError(ProcessBuilder.Redirect.INHERIT).start()
    private val port = process.inputReader().readLine().substringAfterLast(':').toInt()

    val url: String = "wss://localhost:$port/ws"
    val authority: X509Certificate = file.inputStream().use {
        CertificateFactory.getInstance("X.509").generateCertificate(it) as X509Certificate
    }

    override fun close() {
        process.destroyForcibly().waitFor()
        file.delete()
    }

    private companion object {
        val PROGRAM = requireNotNull(System.getenv("CAREWIRE_TLS_FRONT")) { "cargo xtask kotlin sets it" }
    }
}
