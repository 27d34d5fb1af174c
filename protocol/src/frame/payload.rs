//! Payloads, and which of their fields is wrong.

use super::command::nests_too_deep;
use crate::{Command, ErrorReply, PrivateJson};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// Decodes and checks the payload of a command. The error names the field that is wrong.
pub fn decode_payload<C: Command>(data: &RawValue) -> Result<C, ErrorReply> {
    let command: C =
        serde_json::from_str(data.get()).map_err(|_| explain::<C>("data", data.get()))?;
    command.validate()?;
    Ok(command)
}

/// Decodes the data of an event that a backend publishes. The error names the field that is wrong.
pub(crate) fn decode_data<T: DeserializeOwned>(data: &PrivateJson) -> Result<T, ErrorReply> {
    data.to().map_err(|_| explain::<T>("data", data.get()))
}

/// Decodes a JSON body of the backend API. The error names the field that is wrong.
pub fn decode_body<T: DeserializeOwned>(text: &str) -> Result<T, ErrorReply> {
    if nests_too_deep(text) {
        return Err(ErrorReply::malformed("The body is nested too deep"));
    }
    let raw: &RawValue = serde_json::from_str(text)
        .map_err(|_| ErrorReply::malformed("The body is not valid JSON"))?;
    serde_json::from_str(raw.get()).map_err(|_| explain::<T>("body", raw.get()))
}

/// Decodes a payload once more, slowly, to find out which field of `whole` is wrong.
///
/// serde quotes what it found, which may be health content; only what it expected is passed on.
fn explain<T: DeserializeOwned>(whole: &str, data: &str) -> ErrorReply {
    let mut json = serde_json::Deserializer::from_str(data);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut json) else {
        return ErrorReply::internal();
    };
    let path = error.path().to_string();
    let text = error.into_inner().to_string();
    let text = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(text, _)| text);
    if text == crate::room_id::InvalidRoom.to_string() {
        return ErrorReply::room_not_found();
    }
    // serde names a missing field in its message and not in the path.
    if let Some(field) = text
        .strip_prefix("missing field `")
        .and_then(|t| t.strip_suffix('`'))
    {
        let field = if path == "." {
            field.to_owned()
        } else {
            format!("{path}.{field}")
        };
        let message = format!("{field} is required");
        return ErrorReply::invalid(field, message);
    }
    let field = if path == "." { whole.to_owned() } else { path };
    let quotes = ["invalid ", "unknown "]
        .iter()
        .any(|start| text.starts_with(start));
    let rule = if quotes {
        text.rsplit_once(", expected ")
            .map(|(_, expected)| expected)
    } else {
        text.split_once("must be ").map(|(_, rule)| rule)
    };
    let message = match rule {
        Some(rule) => format!("{field} must be {rule}"),
        None => format!("{field} is not valid"),
    };
    ErrorReply::invalid(field, message)
}
