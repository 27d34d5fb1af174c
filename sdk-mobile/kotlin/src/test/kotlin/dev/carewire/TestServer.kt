package dev.carewire

import java.io.File
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Files
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.put

/** A real `carewire-server` with a database file of its own. */
class TestServer : AutoCloseable {
    private val folder = Files.createTempDirectory("carewire-").toFile()
    private var process: Process
    private val port: Int

    init {
        val (process, port) = start("127.0.0.1:0")
        this.process = process
        this.port = port
    }

    val address: String get() = "127.0.0.1:$port"
    val url: String get() = "ws://127.0.0.1:$port/ws"

    /** A token for anybody. */
    fun token(user: UserId, role: String, tenant: String, life: Duration? = null): String {
        val ask = buildJsonObject {
            put("sub", user.value)
            put("role", role)
            put("tenant", tenant)
            put("name", "The $role ${user.value}")
            life?.let { put("expiresInMs", JsonPrimitive(it.inWholeMilliseconds)) }
        }
        val reply = call("POST", "/dev/token", ask.toString())
        return contract.parseToJsonElement(reply).jsonObject.getValue("token").jsonPrimitive.content
    }

    /** One request to the backend API. */
    fun call(method: String, path: String, body: String, token: String? = null): String {
        val request = HttpRequest.newBuilder(URI("http://127.0.0.1:$port$path"))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
        token?.let { request.header("authorization", "Bearer $it") }
        val response = http.send(request.build(), HttpResponse.BodyHandlers.ofString())
        check(response.statusCode() in 200..299) { "$path: ${response.statusCode()} ${response.body()}" }
        return response.body()
    }

    /** Kills it as a power cut would. */
    fun kill() {
        process.destroyForcibly().waitFor()
    }

    /** Starts it again on the same data and the same port. */
    fun restart() {
        kill()
        process = start("127.0.0.1:$port").first
    }

    override fun close() {
        kill()
        folder.deleteRecursively()
    }

    private fun start(listen: String): Pair<Process, Int> {
        val builder = ProcessBuilder(BINARY, "--dev", "--listen", listen)
        builder.environment().keys.removeIf { it.startsWith("CAREWIRE_") || it == "RUST_LOG" }
        builder.environment() += mapOf(
            "CAREWIRE_DATABASE_URL" to "sqlite://${File(folder, "carewire.db")}",
            "CAREWIRE_CONNECTS_PER_MINUTE" to "1000000",
            "CAREWIRE_MESSAGES_PER_SECOND" to "100000",
            "CAREWIRE_COMMANDS_PER_SECOND" to "100000",
            "CAREWIRE_CALLS_PER_MINUTE" to "1000",
        )
        val process = builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
        Runtime.getRuntime().addShutdownHook(thread(start = false) { process.destroyForcibly() })
        val log = process.errorStream.bufferedReader()
        val said = ArrayList<String>()
        while (true) {
            val line = log.readLine() ?: error("the server did not start:\n${said.joinToString("\n")}")
            said += line
            val address = line.substringAfter("listening address=", "")
            if (address.isNotEmpty()) {
                // The pipe must be read on, or the server stops when it is full.
                thread(isDaemon = true) { log.forEachLine { } }
                return process to address.trim().substringAfterLast(':').toInt()
            }
        }
    }

    companion object {
        private val BINARY = requireNotNull(System.getenv("CAREWIRE_SERVER_BIN")) {
            "CAREWIRE_SERVER_BIN names the server: cargo xtask kotlin sets it"
        }
        private val http = HttpClient.newHttpClient()
        private val unique = AtomicInteger()

        /** The server that tests share; each takes a tenant of its own there. */
        val shared: TestServer by lazy { TestServer() }

        /** A name that no other test has. */
        fun unique(stem: String): String = "$stem-${unique.incrementAndGet()}"
    }
}
