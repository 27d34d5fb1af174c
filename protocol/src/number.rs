//! Numbers that may have a fraction.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number that JSON can write: neither infinite nor NaN.
///
/// A whole number is written without a fraction, as JavaScript writes it.
///
/// ```
/// # use carewire_protocol::Finite;
/// assert_eq!(serde_json::to_string(&Finite::new(36.6).unwrap()).unwrap(), "36.6");
/// assert_eq!(serde_json::to_string(&Finite::from(120)).unwrap(), "120");
/// assert_eq!(Finite::new(f64::NAN), None);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd)]
pub struct Finite(f64);

impl Finite {
    /// The number, if it is finite.
    pub const fn new(value: f64) -> Option<Self> {
        if value.is_finite() {
            Some(Self(value))
        } else {
            None
        }
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl Eq for Finite {}

impl From<u32> for Finite {
    fn from(value: u32) -> Self {
        Self(value.into())
    }
}

impl From<Finite> for f64 {
    fn from(value: Finite) -> Self {
        value.0
    }
}

impl Serialize for Finite {
    #[allow(clippy::cast_possible_truncation, reason = "whole and within ±2⁵³")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const EXACT: f64 = 9_007_199_254_740_991.0;
        if self.0.fract() == 0.0 && (-EXACT..=EXACT).contains(&self.0) {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Finite {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f64::deserialize(deserializer)?;
        Self::new(value).ok_or_else(|| serde::de::Error::custom("must be a finite number"))
    }
}

#[cfg(any(test, feature = "proptest"))]
impl proptest::arbitrary::Arbitrary for Finite {
    type Parameters = ();
    type Strategy = proptest::strategy::BoxedStrategy<Self>;
    fn arbitrary_with((): ()) -> Self::Strategy {
        use proptest::prelude::*;
        prop_oneof![
            proptest::num::f64::NORMAL.prop_filter_map("finite", Self::new),
            any::<i32>().prop_map(|n| Self(n.into())),
        ]
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_finite_numbers_exist() {
        assert_eq!(Finite::new(f64::INFINITY), None);
        assert!(serde_json::from_str::<Finite>("1e999").is_err());
        assert!(serde_json::from_str::<Finite>("null").is_err());
        assert!(serde_json::from_str::<Finite>("\"1\"").is_err());
    }

    #[test]
    fn whole_numbers_have_no_fraction() {
        for (text, written) in [
            ("2.50", "2.5"),
            ("-0.0", "0"),
            ("1e3", "1000"),
            ("2e300", "2e+300"),
        ] {
            let number: Finite = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&number).unwrap(), written);
        }
    }
}
