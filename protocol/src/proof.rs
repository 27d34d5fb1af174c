//! What tests prove about every row of the tables. The tables yield these themselves, so that a
//! new row is proven without anybody remembering to.

use crate::{
    Command, EventType,
    schema::{Described, Object},
};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

/// Which half of which row a proof is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The data of a command.
    Command,
    /// The reply to a command.
    Reply,
    /// The data of an event.
    Event,
    /// The body of an HTTP call.
    Body,
    /// The body of the answer to an HTTP call.
    Answer,
}

/// How to prove one type.
#[derive(Debug, Clone, Copy)]
pub struct Proof {
    /// What the type is used for.
    pub kind: Kind,
    /// The name of the command or event; method and path for HTTP.
    pub name: &'static str,
    /// The shape of the type.
    pub shape: &'static Object,
    /// Decodes JSON into the type, and gives it back as it is encoded and as `Debug` shows it.
    pub recode: fn(&str) -> Result<Recoded, String>,
    /// Makes many values, encodes and decodes each; the first that changes is the error.
    pub roundtrip: fn() -> Result<(), String>,
}

/// A value after decoding.
#[derive(Debug, Clone)]
pub struct Recoded {
    /// As it is encoded.
    pub json: String,
    /// As `{:#?}` shows it.
    pub debug: String,
}

impl Proof {
    const fn of<T>(kind: Kind, name: &'static str, shape: &'static Object) -> Self
    where
        T: Described + PartialEq + Serialize + DeserializeOwned,
    {
        Self {
            kind,
            name,
            shape,
            recode: recode::<T>,
            roundtrip: roundtrip::<T>,
        }
    }

    /// The proof of a command's data.
    pub const fn command<C: Command + Described + PartialEq>(shape: &'static Object) -> Self {
        Self::of::<C>(Kind::Command, C::NAME, shape)
    }

    /// The proof of a command's reply.
    pub const fn reply<C: Command>(shape: &'static Object) -> Self
    where
        C::Reply: Described + PartialEq,
    {
        Self::of::<C::Reply>(Kind::Reply, C::NAME, shape)
    }

    /// The proof of an event's data.
    pub const fn event<E: EventType + Described + PartialEq>(shape: &'static Object) -> Self {
        Self::of::<E>(Kind::Event, E::NAME, shape)
    }

    /// The proof of the body of an HTTP call.
    pub const fn body<T>(call: &'static str, shape: &'static Object) -> Self
    where
        T: Described + PartialEq + Serialize + DeserializeOwned,
    {
        Self::of::<T>(Kind::Body, call, shape)
    }

    /// The proof of the answer to an HTTP call.
    pub const fn answer<T>(call: &'static str, shape: &'static Object) -> Self
    where
        T: Described + PartialEq + Serialize + DeserializeOwned,
    {
        Self::of::<T>(Kind::Answer, call, shape)
    }
}

fn recode<T: Serialize + DeserializeOwned + Debug>(text: &str) -> Result<Recoded, String> {
    let value: T = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let json = serde_json::to_string(&value).map_err(|error| error.to_string())?;
    Ok(Recoded {
        json,
        debug: format!("{value:#?}"),
    })
}

fn roundtrip<T>() -> Result<(), String>
where
    T: Described + PartialEq + Serialize + DeserializeOwned,
{
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let failed = |error: serde_json::Error| TestCaseError::fail(error.to_string());
    let run = TestRunner::new(config).run(&T::any(), |value| {
        let text = serde_json::to_string(&value).map_err(failed)?;
        let back: T = serde_json::from_str(&text).map_err(failed)?;
        proptest::prop_assert_eq!(&back, &value, "{}", text);
        let again = serde_json::to_string(&back).map_err(failed)?;
        proptest::prop_assert_eq!(&again, &text);
        // A later version may add fields.
        let more = text.replacen('{', r#"{"aFieldOfALaterVersion":[{"a":null}],"#, 1);
        let more = if text == "{}" {
            more.replace(",}", "}")
        } else {
            more
        };
        let back: T = serde_json::from_str(&more).map_err(failed)?;
        proptest::prop_assert_eq!(back, value, "{}", more);
        Ok(())
    });
    run.map_err(|error| error.to_string())
}
