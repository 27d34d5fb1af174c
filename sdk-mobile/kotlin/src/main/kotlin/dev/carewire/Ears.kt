package dev.carewire

import dev.carewire.core.ConnectionState as CoreState
import dev.carewire.core.Listener
import dev.carewire.core.ServerEvent
import dev.carewire.core.TokenNeed as CoreNeed
import dev.carewire.core.TokenRequest
import dev.carewire.core.TokenSource
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch

/** Hears what the core says, on its thread, and hands it on without waiting for anybody. */
internal class Ears(
    private val hub: Hub,
    private val states: MutableStateFlow<ConnectionState>,
    private val counts: MutableStateFlow<Int>,
    private val identities: MutableStateFlow<ConnectedEvent?>,
    private val leases: MutableStateFlow<Map<Part, Pair<Long, LeaseState>>>,
    private val scope: CoroutineScope,
) : Listener {
    override fun event(event: ServerEvent) {
        val heard = eventOf(event)
        (heard.data as? ConnectedEvent)?.let { identities.value = it }
        hub.send(heard)
    }

    override fun local(text: String) {
        val heard = localEventOf(text) ?: return
        if (heard is Event.LeaseChanged) {
            leases.update { it + (Part(heard.patientId, heard.recordId) to (heard.fencingToken to heard.state)) }
        }
        hub.send(heard)
    }

    override fun state(state: CoreState) {
        states.value = ConnectionState.of(state)
        if (state is CoreState.Closed) {
            leases.update { all -> all.mapValues { (_, lease) -> lease.first to lease.second.afterTheClient() } }
            hub.close()
            scope.cancel()
        }
    }

    override fun queued(count: ULong) {
        counts.value = count.toInt()
    }
}

private fun LeaseState.afterTheClient(): LeaseState = when (this) {
    is LeaseState.Held -> LeaseState.Lost(LeaseLoss.Closed)
    is LeaseState.Lost -> this
}

/** Asks the application for tokens, in the client's scope. */
internal class Tokens(
    private val scope: CoroutineScope,
    private val provide: suspend (TokenNeed) -> String,
) : TokenSource {
    override fun need(need: CoreNeed, request: TokenRequest) {
        scope.launch {
            request.use {
                try {
                    it.answer(provide(TokenNeed.entries[need.ordinal]))
                } catch (_: SignedOutException) {
                    it.signedOut()
                } catch (cancelled: CancellationException) {
                    it.fail("cancelled")
                    throw cancelled
                } catch (@Suppress("TooGenericExceptionCaught") failure: Exception) {
                    it.fail(failure.javaClass.simpleName)
                }
            }
        }
    }
}
