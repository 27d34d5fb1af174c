package dev.carewire

import java.io.File
import java.lang.management.ManagementFactory
import java.lang.ref.WeakReference
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.condition.EnabledOnOs
import org.junit.jupiter.api.condition.OS
import org.junit.jupiter.api.parallel.Isolated

/** What the process holds after a load is what it held before. Alone, as others hold things too. */
@Isolated
@Timeout(180)
@EnabledOnOs(OS.LINUX, disabledReason = "what a process holds is read in /proc")
class LeakTest {
    @Test
    fun `a thousand clients leave nothing behind`() = scene(within = 170.seconds) {
        val people = (1..20).map { user("dr") }
        val tokens = people.associateWith { server.token(it, "provider", tenant) }
        val gone = ArrayList<WeakReference<CarewireClient>>()
        suspend fun open(count: Int) = repeat(count / people.size) {
            people.map { user ->
                scope.async {
                    val client = CarewireClient(server.url) { tokens.getValue(user) }
                    client.connect()
                    client.channel(RoomId("load:clients")).close()
                    client.closeAndWait()
                    WeakReference(client)
                }
            }.awaitAll().let(gone::addAll)
        }
        open(200)
        val before = settled()
        open(1_000)
        until { System.gc(); gone.all { it.get() == null } }
        compare("1,000 clients", before)
    }

    @Test
    fun `tens of thousands of events leave nothing behind`() = scene(within = 170.seconds) {
        val nurse = connected(user("nurse"), "staff")
        suspend fun hear(name: String) {
            val channel = nurse.channel(RoomId("load:$name"))
            val heard = scope.async { channel.events().take(10_000).toList().size }
            for (batch in (0 until 10_000).chunked(100)) {
                val events = batch.joinToString(",", "[", "]") {
                    """{"target":{"room":"${channel.id}"},"event":{"type":"channel:event","data":{"channel":"${channel.id}","event":"n","payload":$it}}}"""
                }
                call("POST", "/v1/publish", events)
            }
            heard.await()
            channel.close()
        }
        hear("first")
        val before = settled()
        for (name in listOf("second", "third", "fourth")) hear(name)
        compare("30,000 events", before)
    }

    private class Held(val descriptors: Int, val threads: Int, val heap: Long, val native: Long)

    /** The heap of the JVM is all there from the beginning (`pom.xml`), so the rest is the core's. */
    private fun held(): Held {
        val resident = File("/proc/self/status").readLines().first { it.startsWith("VmRSS:") }
        val memory = ManagementFactory.getMemoryMXBean()
        return Held(
            File("/proc/self/fd").list().orEmpty().size,
            File("/proc/self/task").list().orEmpty().size,
            memory.heapMemoryUsage.used / 1024,
            resident.filter(Char::isDigit).toLong() - memory.nonHeapMemoryUsage.committed / 1024,
        )
    }

    private fun settled(): Held {
        repeat(3) { System.gc() }
        return held()
    }

    private suspend fun compare(load: String, before: Held) {
        until { System.gc(); held().run { descriptors <= before.descriptors + 4 && threads <= before.threads + 8 } }
        val now = settled()
        val (heap, native) = now.heap - before.heap to now.native - before.native
        println("$load: $heap KiB more in the heap, $native KiB beside it")
        assertTrue(heap < MOST_MORE && native < MOST_MORE, "$load: $heap and $native KiB more")
    }

    private companion object {
        /** In KiB. A client that is kept has more than 50 of them. */
        const val MOST_MORE = 24 * 1024
    }
}
