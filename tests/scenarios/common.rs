//! What several scenarios need.

use carewire_tests::{Raw, Server, Token, unique};
use serde_json::{Value, json};

/// A second connection, of another user, that is open while others are abused.
pub(crate) struct Bystander(Raw);

impl Bystander {
    /// Connects in the given tenant.
    pub(crate) async fn watch(server: &Server, tenant: &str) -> Self {
        let token = Token::new(&unique("bystander"), "provider").tenant(tenant);
        let mut raw = Raw::login(server, &token).await;
        raw.event("connected").await;
        Self(raw)
    }

    /// Asserts that nothing reached it, and that it still works.
    pub(crate) async fn noticed_nothing(mut self) {
        self.0.expect_alive().await;
        let heard: Vec<_> = self.0.unread().collect();
        assert!(heard.is_empty(), "the bystander heard {heard:?}");
    }
}

/// Whether a JSON value is a time as the contract writes it: `2026-11-21T10:30:00.000Z`.
pub(crate) fn is_time(value: &Value) -> bool {
    let Some(text) = value.as_str() else {
        return false;
    };
    let pattern = "dddd-dd-ddTdd:dd:dd.dddZ";
    text.len() == pattern.len()
        && text
            .chars()
            .zip(pattern.chars())
            .all(|(c, expected)| match expected {
                'd' => c.is_ascii_digit(),
                _ => c == expected,
            })
}

/// Seconds since 1970, to the millisecond, of a time as the contract writes it.
pub(crate) fn seconds_of(value: &Value) -> f64 {
    assert!(is_time(value), "{value} is no time");
    let text = value.as_str().unwrap();
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().unwrap();
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    // Days from civil, after Howard Hinnant.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year / 400;
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let seconds = days * 86_400 + number(11, 13) * 3_600 + number(14, 16) * 60 + number(17, 19);
    let millis = i32::try_from(number(20, 23)).unwrap();
    let seconds = i32::try_from(seconds).unwrap();
    f64::from(seconds) + f64::from(millis) / 1_000.0
}

/// The ids of the rooms in `connected` or in `session:status`.
pub(crate) fn room_ids(rooms: &Value) -> Vec<String> {
    let list = rooms.as_array().expect("a list of rooms");
    let id = |room: &Value| room["roomId"].as_str().or(room.as_str()).map(str::to_owned);
    list.iter().filter_map(id).collect()
}

/// A command frame that is exactly this many bytes long.
pub(crate) fn status_of_length(id: u32, bytes: usize) -> String {
    let frame = |pad: &str| {
        json!({"type": "session:status", "id": id, "data": {"padding": pad}}).to_string()
    };
    let text = frame(&"x".repeat(bytes - frame("").len()));
    assert_eq!(text.len(), bytes);
    text
}

#[test]
fn times_are_read() {
    assert!((seconds_of(&json!("1970-01-02T00:00:01.500Z")) - 86_401.5).abs() < 1e-6);
    assert!((seconds_of(&json!("2026-11-21T10:30:00.000Z")) - 1_795_257_000.0).abs() < 1e-6);
    assert!(!is_time(&json!("2026-11-21T10:30:00Z")));
}
