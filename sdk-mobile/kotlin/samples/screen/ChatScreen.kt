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
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier

@Composable
fun ChatScreen(model: ChatModel) {
    val messages by model.messages.collectAsState()
    val failure by model.failure.collectAsState()
    var draft by remember { mutableStateOf("") }
    Column {
        LazyColumn(Modifier.weight(1f)) { items(messages, key = { it.id.value }) { Text(it.body) } }
        failure?.let { Text("Not sent: ${it.reason}") }
        Row {
            TextField(draft, { draft = it }, Modifier.weight(1f))
            Button({ model.send(draft); draft = "" }) { Text("Send") }
        }
    }
}
