//! Points in time and durations, as they travel.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, ops::Range, str::FromStr, time::Duration};
use time::{Date, Month, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
///
/// Travels as RFC 3339 in UTC with exactly three decimals. Years 0 to 9999.
///
/// ```
/// # use carewire_protocol::Timestamp;
/// let t: Timestamp = "2026-11-21T11:30:00.5+01:00".parse()?;
/// assert_eq!(t.to_string(), "2026-11-21T10:30:00.500Z");
/// # Ok::<(), carewire_protocol::time::InvalidTimestamp>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The text is no RFC 3339 date and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a time in RFC 3339, such as 2026-11-21T10:30:00.000Z")]
pub struct InvalidTimestamp;

const UNIX_EPOCH_JULIAN_DAY: i64 = 2_440_588;
const MIN_MS: i64 = -62_167_219_200_000; // 0000-01-01
const MAX_MS: i64 = 253_402_300_799_999; // 9999-12-31T23:59:59.999

impl Timestamp {
    /// Milliseconds since 1970, held within the years 0 to 9999.
    pub const fn from_millis(ms: i64) -> Self {
        Self(if ms < MIN_MS {
            MIN_MS
        } else if ms > MAX_MS {
            MAX_MS
        } else {
            ms
        })
    }

    /// Milliseconds since 1970.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This time and a duration more.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let ms = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self::from_millis(self.0.saturating_add(ms))
    }

    /// How much later this is than `earlier`; zero when it is not.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl Timestamp {
    /// Reads the one form that travels, `2026-11-21T10:30:00.000Z`. [`FromStr`] takes every form of
    /// RFC 3339, which is far more code for a page to download.
    pub fn from_wire(text: &str) -> Option<Self> {
        let number = |range: Range<usize>| -> Option<i64> {
            let digits = text.get(range)?;
            let are_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|_| are_digits)
        };
        let marks = [
            (4, b'-'),
            (7, b'-'),
            (10, b'T'),
            (13, b':'),
            (16, b':'),
            (19, b'.'),
            (23, b'Z'),
        ];
        let bytes = text.as_bytes();
        if bytes.len() != 24 || marks.iter().any(|(at, mark)| bytes[*at] != *mark) {
            return None;
        }
        let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
        let month = Month::try_from(u8::try_from(number(5..7)?).ok()?).ok()?;
        let (year, day) = (
            i32::try_from(number(0..4)?).ok()?,
            u8::try_from(number(8..10)?).ok()?,
        );
        let date = Date::from_calendar_date(year, month, day).ok()?;
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let days = i64::from(date.to_julian_day()) - UNIX_EPOCH_JULIAN_DAY;
        let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
        Some(Self(seconds * 1000 + number(20..23)?))
    }

    /// The text on the wire, without the cost of a formatter: every event has one.
    fn text(self) -> [u8; 24] {
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let Ok(t) = OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1000)) else {
            return text;
        };
        let mut put = |at: usize, digits: usize, number: u32| {
            let mut rest = number;
            for place in text[at..at + digits].iter_mut().rev() {
                *place = b'0' + u8::try_from(rest % 10).unwrap_or_default();
                rest /= 10;
            }
        };
        put(0, 4, t.year().unsigned_abs());
        put(5, 2, u8::from(t.month()).into());
        put(8, 2, t.day().into());
        put(11, 2, t.hour().into());
        put(14, 2, t.minute().into());
        put(17, 2, t.second().into());
        put(
            20,
            3,
            u32::try_from(self.0.rem_euclid(1000)).unwrap_or_default(),
        );
        text
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.text()).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let t = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| InvalidTimestamp)?;
        let t = t
            .checked_to_offset(UtcOffset::UTC)
            .ok_or(InvalidTimestamp)?;
        let ms = i64::try_from(t.unix_timestamp_nanos().div_euclid(1_000_000))
            .map_err(|_| InvalidTimestamp)?;
        if (MIN_MS..=MAX_MS).contains(&ms) {
            Ok(Self(ms))
        } else {
            Err(InvalidTimestamp)
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::wire::read_text(deserializer, str::parse)
    }
}

/// A duration: an integer of milliseconds, in fields whose names end in `Ms`.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
#[cfg_attr(any(test, feature = "proptest"), derive(proptest_derive::Arbitrary))]
pub struct Millis(
    #[cfg_attr(
        any(test, feature = "proptest"),
        proptest(strategy = "0..=(1u64 << 53) - 1")
    )]
    pub u64,
);

impl From<Duration> for Millis {
    fn from(duration: Duration) -> Self {
        Self(u64::try_from(duration.as_millis()).unwrap_or(crate::limits::MAX_INTEGER))
    }
}

impl From<Millis> for Duration {
    fn from(ms: Millis) -> Self {
        Self::from_millis(ms.0)
    }
}

#[cfg(any(test, feature = "proptest"))]
impl proptest::arbitrary::Arbitrary for Timestamp {
    type Parameters = ();
    type Strategy = proptest::strategy::BoxedStrategy<Self>;
    fn arbitrary_with((): ()) -> Self::Strategy {
        use proptest::strategy::Strategy;
        (MIN_MS..=MAX_MS).prop_map(Self).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn milliseconds_are_always_written() {
        assert_eq!(
            Timestamp::from_millis(0).to_string(),
            "1970-01-01T00:00:00.000Z"
        );
        assert_eq!(
            Timestamp::from_millis(-1).to_string(),
            "1969-12-31T23:59:59.999Z"
        );
        assert!("2026-11-21".parse::<Timestamp>().is_err());
        assert!("".parse::<Timestamp>().is_err());
    }

    #[test]
    fn one_form_travels() {
        for text in [
            "2026-11-21T10:30:00.5Z",
            "2026-11-21T10:30:00.000+01:00",
            "2026-11-21 10:30:00.000Z",
            "2026-11-21T10:30:00.+00Z",
            "2026-13-21T10:30:00.000Z",
            "2026-02-29T10:30:00.000Z",
            "2026-11-21T24:00:00.000Z",
            "2026-11-21T10:30:00.00é",
            "",
        ] {
            assert_eq!(Timestamp::from_wire(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_and_back(t: Timestamp) {
            let text = t.to_string();
            prop_assert_eq!(text.parse::<Timestamp>(), Ok(t));
            prop_assert_eq!(Timestamp::from_wire(&text), Some(t));
        }
    }
}
