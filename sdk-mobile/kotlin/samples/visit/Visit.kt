package dev.carewire.samples

import dev.carewire.*
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.ReceiveChannel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.produceIn
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

/**
 * A visit of a doctor and a patient. `Visit.swift` is its twin, line by line.
 *
 * The argument is the address of a server in `--dev`, as `cargo run` starts it: `127.0.0.1:9003`.
 */
fun main(arguments: Array<String>): Unit = runBlocking(Dispatchers.Default) {
    val server = DevServer(arguments.firstOrNull() ?: "127.0.0.1:9003")
    val (lee, ana) = UserId("dr-lee") to UserId("ana")
    server.putInCare(lee, ana)
    visit("ws://${server.address}/ws", lee, ana) { user -> server.token(user, if (user == lee) "provider" else "patient") }
}

suspend fun visit(url: String, lee: UserId, ana: UserId, token: suspend (UserId) -> String): Unit = coroutineScope {
    val network = NetworkSwitch()
    val doctor = CarewireClient(url, Configuration(network = network)) { token(lee) }
    val patient = CarewireClient(url) { token(ana) }
    val me = doctor.connect()
    patient.connect()
    println("connected: ${me.userId} as ${me.role}")

    // The chat: what is written offline is queued, and then sent.
    val chat = RoomId.chat(lee, ana)
    val his = doctor.join(chat, snapshot = true)
    val hers = patient.join(chat, snapshot = true)
    val heard = hear(hers.events())
    network.cut()
    doctor.state.first { !it.isConnected }
    val sending = async { his.send("How are you today?") }
    println("offline, waiting to be sent: ${doctor.queued.first { it == 1 }}")
    network.heal()
    doctor.reconnectNow()
    val sent = sending.await()
    check(heard.next { it.newMessage }.id == sent.id)
    println("online, and sent")

    // Typing and presence.
    his.typing()
    println("typing: ${heard.next { it.data as? TypingStartEvent }.userId}")
    val watching = patient.presence.subscribe(listOf(lee))
    val changes = hear(watching.changes())
    doctor.presence.set(PresenceStatus.Busy, "With a patient")
    println("presence: ${changes.next { change -> change.takeIf { it.status == PresenceStatus.Busy } }.customStatus}")

    // A call: one offer, one answer.
    val ringing = hear(patient.calls.incoming())
    val call = doctor.calls.start(listOf(ana), CallType.Video)
    val signals = hear(call.events())
    val accepted = ringing.next { it }.accept()
    val offers = hear(accepted.events())
    signals.next { it as? CallEvent.Accepted }
    call.offer(JsonPrimitive("v=0 offer"))
    println("call: ${offers.next { it as? CallEvent.Signal }.signal.signalType}")
    accepted.answer(JsonPrimitive("v=0 answer"))
    println("call: ${signals.next { it as? CallEvent.Signal }.signal.signalType}")
    call.end()

    // A lease on a chart, lost to its expiry.
    val lease = doctor.record(ana).lock(RecordId("medication"), ttl = 5.seconds)
    println("chart: locked, fencing token ${lease.fencingToken}")
    network.cut()
    println("chart: lost, ${lease.lost()}")
    network.heal()
    doctor.reconnectNow()

    // The background, and nothing missed.
    patient.background()
    patient.state.first { !it.isConnected }
    val missed = his.send("See you on Monday")
    patient.foreground()
    check(heard.next { it.newMessage }.id == missed.id)
    println("back from the background, nothing missed")

    for (client in listOf(doctor, patient)) client.closeAndWait()
    for (ended in listOf(heard, signals, offers, ringing, changes)) ended.cancel()
}

/** What is heard, in order, from now on. */
private fun <T> CoroutineScope.hear(flow: Flow<T>): ReceiveChannel<T> = flow.buffer(Channel.UNLIMITED).produceIn(this)

/** Waits for the next that is asked for; others are passed over. */
private suspend fun <T, P : Any> ReceiveChannel<T>.next(pick: (T) -> P?): P {
    for (event in this) pick(event)?.let { return it }
    error("the client is closed")
}

/** What an application's own backend does, done by a server in `--dev`. */
private class DevServer(val address: String) {
    private val http = HttpClient.newHttpClient()

    fun token(user: UserId, role: String): String {
        val reply = call("POST", "/dev/token", """{"sub":"$user","role":"$role"}""")
        return Json.parseToJsonElement(reply).jsonObject.getValue("token").jsonPrimitive.content
    }

    fun putInCare(doctor: UserId, patient: UserId) {
        call("PUT", "/v1/care-team/$doctor/$patient", "", token(UserId("ehr"), "service"))
    }

    private fun call(method: String, path: String, body: String, token: String? = null): String {
        val request = HttpRequest.newBuilder(URI("http://$address$path"))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
        token?.let { request.header("authorization", "Bearer $it") }
        val response = http.send(request.build(), BodyHandlers.ofString())
        check(response.statusCode() in 200..299) { "$path: ${response.statusCode()}" }
        return response.body()
    }
}
