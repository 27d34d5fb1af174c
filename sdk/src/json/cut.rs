//! JSON taken apart, each part still as its text.

use super::is_json;
use carewire_protocol::Timestamp;
use std::{borrow::Cow, fmt, str::FromStr};

/// A JSON value as its text: part of what was found to be JSON.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Json<'a>(&'a str);

/// The fields of an object.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(Json<'a>);

impl<'a> Json<'a> {
    pub(crate) const EMPTY: Self = Self("{}");

    /// `None`: the text is no JSON.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        is_json(text).then(|| Self(text.trim_ascii()))
    }

    /// A text that was found to be JSON before.
    pub(crate) fn known(text: &'a str) -> Self {
        Self(text)
    }

    pub(crate) fn get(self) -> &'a str {
        self.0
    }

    /// The text itself, without its quotation marks; `None`: it is none.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        match escape(inner) {
            None => Some(Cow::Borrowed(inner)),
            Some(_) => unescaped(inner).map(Cow::Owned),
        }
    }

    /// What is in an array or an object, names and values alike; nothing in anything else.
    fn parts(self) -> Parts<'a> {
        let inside = self.0.strip_prefix('[').or(self.0.strip_prefix('{'));
        Parts(inside.unwrap_or_default())
    }
}

impl<'a> Fields<'a> {
    /// `None`: it is no object.
    pub(crate) fn of(data: Json<'a>) -> Option<Self> {
        data.0.starts_with('{').then_some(Self(data))
    }

    pub(crate) fn raw(&self, name: &str) -> Option<Json<'a>> {
        let mut parts = self.0.parts();
        while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
            if key.text().is_some_and(|key| key == name) {
                return Some(value);
            }
        }
        None
    }

    /// A field that is there and not `null`.
    pub(crate) fn given(&self, name: &str) -> Option<Json<'a>> {
        self.raw(name).filter(|data| data.0 != "null")
    }

    pub(crate) fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.raw(name)?.text()
    }

    /// An identifier, or anything else that is made from a text.
    pub(crate) fn id<T: FromStr>(&self, name: &str) -> Option<T> {
        self.text(name)?.parse().ok()
    }

    pub(crate) fn time(&self, name: &str) -> Option<Timestamp> {
        Timestamp::from_wire(&self.text(name)?)
    }

    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.raw(name)?.0.parse().ok()
    }

    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.raw(name).is_some_and(|data| data.0 == "true")
    }

    /// The entries of a list; none where there is no list.
    pub(crate) fn list(&self, name: &str) -> impl Iterator<Item = Json<'a>> + use<'a> {
        let list = self.raw(name).filter(|data| data.0.starts_with('['));
        list.unwrap_or(Json("")).parts()
    }

    /// A list of identifiers; `None`: there is none, or one of them is not valid.
    pub(crate) fn ids<T: FromStr>(&self, name: &str) -> Option<Vec<T>> {
        self.raw(name)?;
        let ids = self.list(name).map(|data| data.text()?.parse().ok());
        ids.collect()
    }
}

/// What is left of the inside of an array or an object.
struct Parts<'a>(&'a str);

impl<'a> Iterator for Parts<'a> {
    type Item = Json<'a>;

    fn next(&mut self) -> Option<Json<'a>> {
        let is_between = |byte: u8| byte.is_ascii_whitespace() || byte == b',' || byte == b':';
        let skipped = self.0.bytes().take_while(|byte| is_between(*byte)).count();
        let (_, rest) = self.0.split_at_checked(skipped)?;
        let (part, rest) = rest.split_at_checked(length(rest.as_bytes()))?;
        self.0 = rest;
        Some(Json(part)).filter(|part| !part.0.is_empty())
    }
}

/// How long the value is that a text begins with: up to its own end, or to what ends it from
/// outside.
fn length(bytes: &[u8]) -> usize {
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    for (at, byte) in bytes.iter().enumerate() {
        if is_text {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => is_text = false,
                _ => {}
            }
        } else {
            match byte {
                b'"' => is_text = true,
                b'[' | b'{' => depth += 1,
                b']' | b'}' | b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => {
                    return at;
                }
                b']' | b'}' => depth -= 1,
                _ => {}
            }
        }
        let is_closed = matches!(byte, b'"' | b']' | b'}');
        if is_closed && depth == 0 && !is_text {
            return at + 1;
        }
    }
    bytes.len()
}

/// The inside of a text with its escapes resolved; `None`: half a surrogate pair.
fn unescaped(inner: &str) -> Option<String> {
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((plain, kind, after)) = escape(rest) {
        text.push_str(plain);
        rest = after;
        text.push(match kind {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let (first, after) = unit(rest)?;
                rest = after;
                match char::from_u32(first.into()) {
                    Some(one) => one,
                    None => {
                        let (second, after) = unit(rest.strip_prefix("\\u")?)?;
                        rest = after;
                        char::decode_utf16([first, second]).next()?.ok()?
                    }
                }
            }
            other => char::from(other),
        });
    }
    text.push_str(rest);
    Some(text)
}

/// The first escape: what is before it, its kind, and what follows.
fn escape(text: &str) -> Option<(&str, u8, &str)> {
    let at = text.bytes().position(|byte| byte == b'\\')?;
    let (plain, escape) = text.split_at_checked(at)?;
    let kind = *escape.as_bytes().get(1)?;
    Some((plain, kind, escape.get(2..)?))
}

/// The four digits at the beginning of a text, and what follows.
fn unit(text: &str) -> Option<(u16, &str)> {
    let (digits, after) = text.split_at_checked(4)?;
    Some((u16::from_str_radix(digits, 16).ok()?, after))
}

// It may be health content: a log shows its size.
impl fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use carewire_protocol::UserId;
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    #[test]
    fn fields_are_read_where_they_stand() {
        let text =
            r#"{"a":"x\ty" , "n":7,"t":true,"f":false,"z":null,"l":["ana","lee"],"o":{"n":8}}"#;
        let fields = Fields::of(Json::parse(text).unwrap()).unwrap();
        assert_eq!(fields.text("a").unwrap(), "x\ty");
        assert_eq!((fields.number("n"), fields.number("a")), (Some(7), None));
        assert!(fields.is_true("t") && !fields.is_true("f") && !fields.is_true("n"));
        assert!(fields.text("z").is_none() && fields.text("missing").is_none());
        assert!(fields.raw("z").is_some() && fields.given("z").is_none());
        let people: Vec<UserId> = fields.ids("l").unwrap();
        assert_eq!(people, ["ana", "lee"]);
        assert!(fields.ids::<UserId>("missing").is_none());
        assert_eq!(fields.list("o").count(), 0);
        let inner = Fields::of(fields.raw("o").unwrap()).unwrap();
        assert_eq!(inner.number("n"), Some(8));
        assert!(Fields::of(Json("[1]")).is_none());
    }

    #[test]
    fn half_a_character_is_none() {
        assert_eq!(Json(r#""\ud83e\uddd1""#).text().unwrap(), "🧑");
        assert_eq!(Json(r#""\ud83e""#).text(), None);
        assert_eq!(Json(r#""\ud83e\ud83e""#).text(), None);
        assert_eq!(Json(r#""\uddd1""#).text(), None);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            r#"([ -~]|["\\{}\[\],:\n\u{1}é🧑]){0,6}"#.prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((r#"["\\a-c{}:,]{0,3}"#, inner), 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    /// The same, read by cutting.
    fn read(json: Json<'_>) -> Value {
        match json.get().as_bytes()[0] {
            b'{' => {
                let parts: Vec<_> = json.parts().collect();
                let fields = parts.chunks(2).map(|field| {
                    let name = field[0].text().unwrap().into_owned();
                    (name, read(field[1]))
                });
                Value::Object(fields.collect())
            }
            b'[' => Value::Array(json.parts().map(read).collect()),
            b'"' => json.text().unwrap().into(),
            _ => serde_json::from_str(json.get()).unwrap(),
        }
    }

    proptest! {
        #[test]
        fn whatever_is_json_is_cut_as_it_is(value in any_json(), is_wide: bool) {
            let text = if is_wide {
                serde_json::to_string_pretty(&value).unwrap()
            } else {
                value.to_string()
            };
            let json = Json::parse(&text).unwrap();
            prop_assert_eq!(read(json), serde_json::from_str::<Value>(&text).unwrap());
        }

        #[test]
        fn no_text_at_all_makes_it_panic(text in r#"[\[{"\\u0-9a-f:, é🧑\]}]{0,12}"#) {
            for part in Json(&text).parts() {
                let _ = part.text();
            }
            let _ = (Fields(Json(&text)).raw("a"), json!(Json(&text).text()));
        }
    }
}
