//! Times as HAR writes them.

use std::time::{Duration, UNIX_EPOCH};

/// The last second that ISO 8601 writes with four digits for the year.
const LAST: Duration = Duration::from_secs(253_402_300_799);

/// A time in ISO 8601, in UTC with milliseconds. `millis` is the time since 1970; one that is no
/// time counts as 1970.
pub(super) fn time(millis: f64) -> String {
    let millis = millis as u64; // also for what is no number, or negative: 0
    let since = Duration::from_millis(millis).min(LAST);
    humantime::format_rfc3339_millis(UNIX_EPOCH + since).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        for (millis, text) in [
            (0.0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000.0, "2000-02-29T00:00:00.000Z"),
            (951_868_799_999.9, "2000-02-29T23:59:59.999Z"),
            (1_709_210_096_123.456, "2024-02-29T12:34:56.123Z"),
            (1_795_737_600_000.0, "2026-11-27T00:00:00.000Z"),
            (4_107_542_400_000.0, "2100-03-01T00:00:00.000Z"),
            (-1.0, "1970-01-01T00:00:00.000Z"),
            (f64::NAN, "1970-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(time(millis), text, "{millis}");
        }
        assert!(!time(f64::INFINITY).is_empty());
    }
}
