package dev.carewire.samples

import dev.carewire.*
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch

/** What a chat screen shows. On Android a `ViewModel` holds it and gives it its `viewModelScope`. */
class ChatModel(private val client: CarewireClient, private val chat: RoomId, private val scope: CoroutineScope) {
    private val shown = MutableStateFlow<List<Message>>(emptyList())
    private val room = scope.async { client.join(chat) }

    val messages: StateFlow<List<Message>> get() = shown

    /** Why the last message that was not sent was not. */
    val failure = MutableStateFlow<CarewireException?>(null)

    /** Follows the chat, from how it is now, until the job or the scope ends. */
    fun follow(): Job = scope.launch {
        client.join(chat, snapshot = true).use { joined ->
            shown.value = joined.snapshot?.messages.orEmpty()
            joined.events().collect { event ->
                event.newMessage?.let { new -> shown.update { it + new } }
                if (event is Event.Resynced) shown.value = joined.reload().snapshot?.messages.orEmpty()
            }
        }
    }

    /** Queued while there is no connection, and then sent. */
    fun send(text: String): Job = scope.launch {
        try {
            room.await().send(text)
        } catch (refused: CarewireException) {
            failure.value = refused
        }
    }
}
