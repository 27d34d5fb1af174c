//! Objects as they are written.

use carewire_protocol::Command;

/// An object, field by field. The names are the contract's and are written as they are.
///
/// ```text
/// Object::new().text("roomId", "visit:v-1").number("offset", 7).end()
/// {"roomId":"visit:v-1","offset":7}
/// ```
pub(crate) struct Object(String);

impl Object {
    pub(crate) fn new() -> Self {
        Self(String::from('{'))
    }

    pub(crate) fn json(mut self, name: &str, json: &str) -> Self {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        push_text(&mut self.0, name);
        self.0.push(':');
        self.0.push_str(json);
        self
    }

    pub(crate) fn text(self, name: &str, text: &str) -> Self {
        let mut json = String::new();
        push_text(&mut json, text);
        self.json(name, &json)
    }

    pub(crate) fn number(self, name: &str, number: u64) -> Self {
        self.json(name, &digits(number))
    }

    pub(crate) fn flag(self, name: &str, flag: bool) -> Self {
        self.json(name, if flag { "true" } else { "false" })
    }

    pub(crate) fn list(self, name: &str, entries: impl IntoIterator<Item = String>) -> Self {
        let mut list = String::from('[');
        for json in entries {
            if list.len() > 1 {
                list.push(',');
            }
            list.push_str(&json);
        }
        list.push(']');
        self.json(name, &list)
    }

    pub(crate) fn texts<T: AsRef<str>>(
        self,
        name: &str,
        texts: impl IntoIterator<Item = T>,
    ) -> Self {
        let quoted = |text: T| {
            let mut json = String::new();
            push_text(&mut json, text.as_ref());
            json
        };
        self.list(name, texts.into_iter().map(quoted))
    }

    /// With a field or two more, where there is something to write.
    pub(crate) fn maybe<T>(self, some: Option<T>, with: impl FnOnce(Self, T) -> Self) -> Self {
        match some {
            Some(value) => with(self, value),
            None => self,
        }
    }

    /// The data of a command; in a build with assertions, as its type says.
    pub(crate) fn end_of<C: Command>(self) -> String {
        let text = self.end();
        debug_assert!(is_of::<C>(&text), "{} has other fields", C::NAME);
        text
    }

    pub(crate) fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// Whether a command has these fields and no other.
fn is_of<C: Command>(text: &str) -> bool {
    let command = serde_json::from_str::<C>(text).ok();
    let again = command.and_then(|command| serde_json::to_value(&command).ok());
    again.is_some() && again == serde_json::from_str(text).ok()
}

fn push_text(json: &mut String, text: &str) {
    json.push('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => json.extend(['\\', char]),
            // Others have shorter escapes, but are rare.
            '\0'..' ' => {
                json.push_str("\\u00");
                let code = u32::from(char);
                json.extend(
                    [code >> 4, code & 15].map(|digit| char::from_digit(digit, 16).unwrap_or('0')),
                );
            }
            _ => json.push(char),
        }
    }
    json.push('"');
}

fn digits(number: u64) -> String {
    let mut rest = number;
    let mut reversed = Vec::new();
    loop {
        reversed.push(b'0' + u8::try_from(rest % 10).unwrap_or_default());
        rest /= 10;
        if rest == 0 {
            return reversed
                .iter()
                .rev()
                .map(|digit| char::from(*digit))
                .collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn an_object_is_written_in_its_order() {
        assert_eq!(Object::new().end(), "{}");
        let object = Object::new()
            .text("b", "x\n\"é\\")
            .number("a", 7)
            .flag("c", true)
            .json("d", "[null]")
            .maybe(None::<u64>, |object, it| object.number("e", it))
            .maybe(Some(0), |object, it| object.number("f", it))
            .texts("g", ["1", "2"])
            .texts("h", [""; 0]);
        assert_eq!(
            object.end(),
            r#"{"b":"x\u000a\"é\\","a":7,"c":true,"d":[null],"f":0,"g":["1","2"],"h":[]}"#
        );
    }

    proptest! {
        #[test]
        fn any_text_and_number_is_read_as_it_was(text: String, control in "[\\x00-\\x1f\"\\\\/\u{7f}]{0,4}", number: u64) {
            let text = text + &control;
            let object = Object::new().text("t", &text).number("n", number).texts("l", [&text]).end();
            let read: Value = serde_json::from_str(&object).unwrap();
            prop_assert_eq!(read, json!({"t": text, "n": number, "l": [text]}));
        }
    }
}
