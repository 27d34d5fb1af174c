package dev.carewire

import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

class ConnectTest {
    @Test
    fun connects() = scene {
        val user = user("dr")
        val client = client(user)
        assertEquals(ConnectionState.Idle, client.state.value)
        val identity = client.connect()
        assertEquals(user, identity.userId)
        assertEquals(Role.Provider, identity.role)
        assertEquals(TenantId(tenant), identity.tenantId)
        assertEquals(ConnectionState.Connected, client.state.value)
        until { client.identity.value == identity }
        client.closeAndWait()
        assertEquals(ConnectionState.Closed(CloseReason.ByApplication), client.state.first { it is ConnectionState.Closed })
    }

    @Test
    fun `a bad token is final, after another was asked for`() = scene {
        val needs = ArrayList<TokenNeed>()
        val client = client(user("dr")) { need -> "not a token".also { needs += need } }
        val refused = assertThrows<CarewireException.Closed> { client.connect() }
        assertEquals(CloseReason.Unauthenticated, refused.why)
        assertEquals("closed", refused.code)
        assertEquals(listOf(TokenNeed.CONNECT, TokenNeed.REFUSED), needs)
        assertEquals(refused.why, assertThrows<CarewireException.Closed> { client.inbox.unread() }.why)
    }

    @Test
    fun `an expired token is fetched anew`() = scene {
        val user = user("dr")
        val needs = ArrayList<TokenNeed>()
        val client = client(user) { need ->
            needs += need
            server.token(user, "provider", tenant, if (need == TokenNeed.CONNECT) 1.milliseconds else null)
        }
        client.connect()
        assertEquals(listOf(TokenNeed.CONNECT, TokenNeed.REFUSED), needs)
    }

    @Test
    fun `a token that expires is refreshed, and the connection stays`() = scene {
        val user = user("dr")
        val needs = kotlinx.coroutines.channels.Channel<TokenNeed>(kotlinx.coroutines.channels.Channel.UNLIMITED)
        val client = client(user) { need ->
            needs.trySend(need)
            server.token(user, "provider", tenant, if (need == TokenNeed.CONNECT) 20.seconds else null)
        }
        val connection = client.connect().connectionId
        assertEquals(TokenNeed.CONNECT, needs.receive())
        assertEquals(TokenNeed.REFRESH, needs.receive())
        until { client.identity.value?.connectionId == connection }
        assertEquals(connection, client.request(SessionStatusCommand).connectionId)
    }

    @Test
    fun `who is signed out is told so`() = scene {
        val client = client(user("dr")) { throw SignedOutException() }
        assertEquals(CloseReason.SignedOut, assertThrows<CarewireException.Closed> { client.connect() }.why)
    }

    @Test
    fun `a provider that fails is asked again`() = scene {
        val user = user("dr")
        var asked = 0
        val client = client(user) {
            asked += 1
            if (asked == 1) error("no network") else server.token(user, "provider", tenant)
        }
        assertEquals(user, client.connect().userId)
        assertEquals(2, asked)
    }

    @Test
    fun `a newer connection of the same client replaces the older`() = scene {
        val user = user("dr")
        val same = Configuration(clientId = ClientId(TestServer.unique("device")))
        val older = connected(user, configuration = same)
        connected(user, configuration = same)
        assertEquals(ConnectionState.Closed(CloseReason.Replaced), older.state.first { it is ConnectionState.Closed })
    }

    @Test
    fun `what makes no sense is refused at once`() {
        val refused = assertThrows<CarewireException.InvalidConfiguration> { CarewireClient("http://example.org") { "" } }
        assertEquals("invalid_options", refused.code)
        val named = Configuration(clientId = ClientId("a client with spaces"))
        assertThrows<CarewireException.InvalidConfiguration> { CarewireClient("ws://example.org", named) { "" } }
    }

    @Test
    fun `clients have names of their own`() = scene {
        val (one, other) = client(user("dr")) to client(user("dr"))
        assertNotEquals(one.clientId, other.clientId)
        assertTrue(one.clientId.value.isNotEmpty())
    }

    @Test
    fun `a closed client answers that it is closed`() = scene {
        val client = client(user("dr"))
        val waiting = scope.async { runCatching { client.inbox.unread() } }
        client.connect()
        waiting.await()
        client.close()
        client.state.first { it is ConnectionState.Closed }
        val closed = assertThrows<CarewireException.Closed> { client.inbox.unread() }
        assertEquals(CloseReason.ByApplication, closed.why)
        assertThrows<CarewireException.Closed> { client.connect() }
    }
}
