//! Points in time and durations, as they travel.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr, time::Duration};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

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

/// Where the numbers of the text stand, from the year to the milliseconds, and what follows each.
const PARTS: [(usize, usize, u8); 7] = [
    (0, 4, b'-'),
    (5, 2, b'-'),
    (8, 2, b'T'),
    (11, 2, b':'),
    (14, 2, b':'),
    (17, 2, b'.'),
    (20, 3, b'Z'),
];

impl Timestamp {
    /// Reads the one form that travels, `2026-11-21T10:30:00.000Z`. [`FromStr`] takes every form of
    /// RFC 3339, which is far more code for a page to download.
    pub fn from_wire(text: &str) -> Option<Self> {
        let mut numbers = [0; 7];
        for ((at, digits, mark), number) in PARTS.into_iter().zip(&mut numbers) {
            for digit in text.as_bytes().get(at..at + digits)? {
                digit.is_ascii_digit().then_some(())?;
                *number = *number * 10 + i64::from(*digit - b'0');
            }
            (text.as_bytes().get(at + digits) == Some(&mark)).then_some(())?;
        }
        let [year, month, day, hour, minute, second, ms] = numbers;
        let days = days_of(year, month, day);
        let is_valid =
            hour < 24 && minute < 60 && second < 60 && date_of(days) == (year, month, day);
        let ms = ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + ms;
        (is_valid && text.len() == 24).then_some(Self(ms))
    }

    /// The text on the wire, without the cost of a formatter: every event has one.
    fn text(self) -> [u8; 24] {
        let mut text = [0; 24];
        let (year, month, day) = date_of(self.0.div_euclid(86_400_000));
        let part = |unit: i64, most: i64| self.0.div_euclid(unit).rem_euclid(most);
        let clock = [
            part(3_600_000, 24),
            part(60_000, 60),
            part(1000, 60),
            part(1, 1000),
        ];
        let numbers = [year, month, day].into_iter().chain(clock);
        for ((at, digits, mark), mut number) in PARTS.into_iter().zip(numbers) {
            for place in text.iter_mut().skip(at).take(digits).rev() {
                *place = b'0' + u8::try_from(number % 10).unwrap_or_default();
                number /= 10;
            }
            if let Some(place) = text.get_mut(at + digits) {
                *place = mark;
            }
        }
        text
    }
}

// Days since 1970 and dates, by counting years from March on: the day that is too many comes last.
// For the whole of the `time` crate's calendar a page would download a kilobyte more.

const DAYS_OF_400_YEARS: i64 = 146_097;
/// From the first of March of year 0 to 1970.
const MARCH_0_TO_1970: i64 = 719_468;

/// The days since 1970 of a date; of one that is none, those of another.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let march_month = (month + 9) % 12;
    let year = year - march_month / 10;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (march_month * 153 + 2) / 5 + day - 1 - MARCH_0_TO_1970
}

/// Year, month and day of the days since 1970.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + MARCH_0_TO_1970;
    let (era, day) = (
        days.div_euclid(DAYS_OF_400_YEARS),
        days.rem_euclid(DAYS_OF_400_YEARS),
    );
    let year = (day - day / 1460 + day / 36_524 - day / (DAYS_OF_400_YEARS - 1)) / 365;
    let day = day - (year * 365 + year / 4 - year / 100);
    let march_month = (day * 5 + 2) / 153;
    let month = (march_month + 2) % 12 + 1;
    let year = era * 400 + year + march_month / 10;
    (year, month, day - (march_month * 153 + 2) / 5 + 1)
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
    use time::{Date, Month};

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
            "1900-02-29T10:30:00.000Z",
            "2026-00-10T10:30:00.000Z",
            "2026-04-31T10:30:00.000Z",
            "2026-11-00T10:30:00.000Z",
            "2026-11-21T10:30:00.000Zz",
            "2026-11-21T10:30:60.000Z",
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

        #[test]
        fn dates_are_those_of_the_calendar(year in 0..=9999_i32, day in 1..=366_u16, month in 0..=13_u8, of_month in 0..=32_u8) {
            if let Ok(date) = Date::from_ordinal_date(year, day) {
                let days = i64::from(date.to_julian_day()) - 2_440_588;
                let told = (i64::from(year), i64::from(u8::from(date.month())), i64::from(date.day()));
                prop_assert_eq!(date_of(days), told);
                prop_assert_eq!(days_of(told.0, told.1, told.2), days);
            }
            let month_of = Month::try_from(month).ok();
            let date = month_of.and_then(|month| Date::from_calendar_date(year, month, of_month).ok());
            let text = format!("{year:04}-{month:02}-{of_month:02}T00:00:00.000Z");
            prop_assert_eq!(Timestamp::from_wire(&text).is_some(), date.is_some(), "{}", text);
        }
    }
}
