//! The fields of a JSON object, each still as its text. A session looks at few fields of many
//! payloads: to derive a type for each would be most of what a page downloads.

use carewire_protocol::Timestamp;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt, str::FromStr};

pub(super) struct Fields<'a>(Vec<(Name<'a>, &'a RawValue)>);

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Fields<'a> {
    /// `None`: it is no object.
    pub(super) fn of(data: &'a RawValue) -> Option<Self> {
        serde_json::from_str(data.get()).ok()
    }

    pub(super) fn raw(&self, name: &str) -> Option<&'a RawValue> {
        let mut fields = self.0.iter();
        fields.find(|(key, _)| key.0 == name).map(|(_, data)| *data)
    }

    /// A field that is there and not `null`.
    pub(super) fn given(&self, name: &str) -> Option<&'a RawValue> {
        self.raw(name).filter(|data| data.get() != "null")
    }

    pub(super) fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        let text: Name<'a> = serde_json::from_str(self.raw(name)?.get()).ok()?;
        Some(text.0)
    }

    /// An identifier, or anything else that is made from a text.
    pub(super) fn id<T: FromStr>(&self, name: &str) -> Option<T> {
        self.text(name)?.parse().ok()
    }

    pub(super) fn time(&self, name: &str) -> Option<Timestamp> {
        Timestamp::from_wire(&self.text(name)?)
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.raw(name)?.get().parse().ok()
    }

    pub(super) fn is_true(&self, name: &str) -> bool {
        self.raw(name).is_some_and(|data| data.get() == "true")
    }

    /// The entries of a list; none where there is no list.
    pub(super) fn list(&self, name: &str) -> Vec<&'a RawValue> {
        let list = self.raw(name).map(RawValue::get);
        list.and_then(|list| serde_json::from_str(list).ok())
            .unwrap_or_default()
    }

    /// A list of identifiers; `None`: there is none, or one of them is not valid.
    pub(super) fn ids<T: FromStr>(&self, name: &str) -> Option<Vec<T>> {
        self.raw(name)?;
        let ids = self.list(name).into_iter().map(|data| {
            let text: Name<'_> = serde_json::from_str(data.get()).ok()?;
            text.0.parse().ok()
        });
        ids.collect()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use carewire_protocol::UserId;

    #[test]
    fn fields_are_read_where_they_stand() {
        let json =
            r#"{"a":"x\ty","n":7,"t":true,"f":false,"z":null,"l":["ana","lee"],"o":{"n":8}}"#;
        let raw = RawValue::from_string(json.to_owned()).unwrap();
        let fields = Fields::of(&raw).unwrap();
        assert_eq!(fields.text("a").unwrap(), "x\ty");
        assert_eq!((fields.number("n"), fields.number("a")), (Some(7), None));
        assert!(fields.is_true("t") && !fields.is_true("f") && !fields.is_true("n"));
        assert!(fields.text("z").is_none() && fields.text("missing").is_none());
        let people: Vec<UserId> = fields.ids("l").unwrap();
        assert_eq!(people, ["ana", "lee"]);
        assert!(fields.ids::<UserId>("missing").is_none());
        let inner = Fields::of(fields.raw("o").unwrap()).unwrap();
        assert_eq!(inner.number("n"), Some(8));
        let list = RawValue::from_string("[1]".to_owned()).unwrap();
        assert!(Fields::of(&list).is_none());
    }
}
