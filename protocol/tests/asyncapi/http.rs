//! The HTTP API: a channel for each path, an operation for each method of it.

use super::{
    document::{Document, message_of, within},
    schemas::{pascal, prose, reference},
};
use carewire_protocol::{backend::http::HttpCall, limits};
use serde_json::{Map, Value, json};

impl Document {
    pub fn http(&mut self, call: &HttpCall) {
        let channel = channel_name(call.path);
        let operation = pascal(
            &call.path.replace("/v1", "").replace(['{', '}'], ""),
            call_suffix(call.method),
        );
        let has_body = !call.body.fields().is_empty();
        let call_name = format!("{} {}", call.method, call.path);
        let mut names = Vec::new();
        if has_body {
            let body = reference(self.schemas.name(call.body));
            let payload = match call.path {
                "/v1/publish" => {
                    json!({"oneOf": [body.clone(), {"type": "array", "items": body, "maxItems": limits::MAX_LIST}]})
                }
                _ => body,
            };
            let name = call.body.name.to_owned() + "Body";
            let examples = self.example("body", &call_name, call.body, |data| data);
            self.message(&name, &call_name, prose(call.body.docs), payload, examples);
            names.push(name);
        }
        let answer = if call.reply.fields().is_empty() {
            "Done".to_owned()
        } else {
            call.reply.name.to_owned() + "Answer"
        };
        let payload = reference(self.schemas.name(call.reply));
        let examples = self.example("answer", &call_name, call.reply, |data| data);
        self.message(&answer, &answer, prose(call.reply.docs), payload, examples);
        if call.method == "WS" {
            self.http_channel(call, std::slice::from_ref(&answer));
            self.operations.insert(
                operation,
                json!({
                    "action": "send",
                    "channel": within("channels", &channel),
                    "summary": "Says how the server is, and closes with 1000.",
                    "messages": [message_of(&channel, &answer)],
                }),
            );
            return;
        }
        let summary = "The call was refused; the status goes with the code.";
        self.message(
            "Refusal",
            "refusal",
            summary.into(),
            reference("ErrorReply"),
            Vec::new(),
        );
        let mut all = names.clone();
        all.extend([answer.clone(), "Refusal".to_owned()]);
        self.http_channel(call, &all);
        let on_channel = |name: &String| message_of(&channel, name);
        // The second body of a call joins the first.
        if let Some(known) = self.operations.get_mut(&operation) {
            if let Some(messages) = known["messages"].as_array_mut() {
                messages.extend(names.iter().map(on_channel));
            }
            return;
        }
        let mut binding = json!({"method": call.method, "bindingVersion": "0.3.0"});
        if !call.query.is_empty() {
            let query: Map<String, Value> = call
                .query
                .iter()
                .map(|name| ((*name).to_owned(), json!({"type": "string"})))
                .collect();
            binding["query"] = json!({"type": "object", "properties": query});
        }
        let mut described = json!({
            "action": "receive",
            "channel": within("channels", &channel),
            "summary": format!("`{call_name}`"),
            "messages": names.iter().map(on_channel).collect::<Vec<_>>(),
            "bindings": {"http": binding},
            "reply": {
                "channel": within("channels", &channel),
                "messages": [on_channel(&answer), on_channel(&"Refusal".to_owned())],
            },
        });
        if call.path != "/health" {
            described["security"] = json!([{"$ref": "#/components/securitySchemes/token"}]);
        }
        self.operations.insert(operation, described);
    }

    fn http_channel(&mut self, call: &HttpCall, names: &[String]) {
        let path = call.path;
        let server = if call.method == "WS" {
            "socket"
        } else {
            "http"
        };
        let channel = self.channels.entry(channel_name(path)).or_insert_with(|| {
            let parameters: Map<String, Value> = path
                .split(['{', '}'])
                .skip(1)
                .step_by(2)
                .map(|name| (name.to_owned(), json!({})))
                .collect();
            json!({
                "address": path,
                "servers": [{"$ref": format!("#/servers/{server}")}],
                "parameters": parameters,
                "messages": {},
            })
        });
        for name in names {
            channel["messages"][name] = within("components/messages", name);
        }
    }
}

const fn call_suffix(method: &str) -> &'static str {
    match method.as_bytes() {
        b"GET" => "Get",
        b"PUT" => "Put",
        b"POST" => "Post",
        b"DELETE" => "Delete",
        _ => "Socket",
    }
}

/// Names of channels are keys of the document, in which a slash would have to be escaped.
fn channel_name(path: &str) -> String {
    pascal(&path.replace(['{', '}'], ""), "")
}
