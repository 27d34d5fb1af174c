package dev.carewire.samples

import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.items
import androidx.compose.material.Button
import androidx.compose.material.Text
import androidx.compose.material.TextField
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier

@Composable
fun ChatScreen(model: ChatModel) {
    val messages by model.messages.collectAsState()
    val failure by model.failure.collectAsState()
    val draft by model.draft.collectAsState()
    Column {
        LazyColumn(Modifier.weight(1f)) { items(messages, key = { it.id.value }) { Text(it.body) } }
        failure?.let { Text(it.reason) }
        Row {
            TextField(draft, { model.draft.value = it }, Modifier.weight(1f))
            Button({ model.send() }) { Text("Send") }
        }
    }
}
