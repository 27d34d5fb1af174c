//! Which rows a subscriber wants.

use serde_json::Value;
use std::collections::BTreeMap;

/// The values that fields of a row must have; an empty one lets every row through.
#[derive(Debug, Default)]
pub struct Filter(BTreeMap<String, Value>);

impl Filter {
    /// A filter.
    pub fn new(fields: BTreeMap<String, Value>) -> Self {
        Self(fields)
    }

    /// Whether a row passes.
    pub fn lets_through(&self, row: &Value) -> bool {
        let has = |(field, wanted)| row.get(field).is_some_and(|value| is_same(value, wanted));
        self.0.iter().all(has)
    }
}

/// Whether two values are the same JSON: numbers by their value, objects in any order.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || (one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(one), Value::Object(other)) => {
            let has = |(field, value)| other.get(field).is_some_and(|b| is_same(value, b));
            one.len() == other.len() && one.iter().all(has)
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn passes(filter: &Value, row: &Value) -> bool {
        let fields = serde_json::from_value(filter.clone()).unwrap();
        Filter::new(fields).lets_through(row)
    }

    #[test]
    fn every_field_must_have_its_value() {
        let row = json!({"ward": "icu", "beds": 4, "open": null, "at": {"x": 1, "y": [2.0]}});
        for filter in [
            json!({}),
            json!({"ward": "icu"}),
            json!({"ward": "icu", "beds": 4.0}),
            json!({"open": null}),
            json!({"at": {"y": [2], "x": 1.0}}),
        ] {
            assert!(passes(&filter, &row), "{filter}");
        }
        for filter in [
            json!({"ward": "er"}),
            json!({"ward": "icu", "beds": 5}),
            json!({"beds": "4"}),
            json!({"missing": null}),
            json!({"at": {"x": 1}}),
            json!({"at": {"x": 1, "y": [2, 3]}}),
        ] {
            assert!(!passes(&filter, &row), "{filter}");
        }
        assert!(passes(&json!({}), &json!(7)));
        assert!(
            !passes(&json!({"a": 1}), &json!([1])),
            "no object has fields"
        );
        // More digits than a float has.
        let large = json!({"n": 9_007_199_254_740_993_u64});
        assert!(!passes(&json!({"n": 9_007_199_254_740_992_u64}), &large));
    }
}
