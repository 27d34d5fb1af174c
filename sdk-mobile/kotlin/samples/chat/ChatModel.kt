package dev.carewire.samples

import dev.carewire.*
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.getAndUpdate
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch

/** What a chat screen shows. On Android a `ViewModel` holds it and gives it its `viewModelScope`. */
class ChatModel(private val client: CarewireClient, private val chat: RoomId, private val scope: CoroutineScope) {
    private val shown = MutableStateFlow<List<Message>>(emptyList())
    private val failed = MutableStateFlow<CarewireException?>(null)

    val messages: StateFlow<List<Message>> get() = shown

    /** Why the chat is not followed, or the last message was not sent; `null` once something worked. */
    val failure: StateFlow<CarewireException?> get() = failed

    /** What the person is writing. */
    val draft = MutableStateFlow("")

    /** Follows the chat, from how it is now, until the job or the scope ends. Then it is left. */
    fun follow(): Job = scope.launch {
        try {
            client.join(chat, snapshot = true).use { joined ->
                failed.value = null
                shown.value = joined.snapshot?.messages.orEmpty()
                joined.events().collect { event ->
                    event.newMessage?.let { new -> shown.update { it + new } }
                    if (event is Event.Resynced) shown.value = joined.reload().snapshot?.messages.orEmpty()
                }
            }
        } catch (refused: CarewireException) {
            failed.value = refused
        }
    }

    /**
     * Sends the draft, for which the chat need not be joined; without a connection it is queued.
     * What could not be sent is the draft again, unless the next one was begun.
     */
    fun send(): Job {
        val text = draft.getAndUpdate { "" }
        return scope.launch {
            try {
                client.request(MessageSendCommand(chat, text))
                failed.value = null
            } catch (refused: CarewireException) {
                failed.value = refused
                draft.compareAndSet("", text)
            }
        }
    }
}
