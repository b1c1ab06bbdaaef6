//! Times as a HAR has them.

use std::time::{Duration, UNIX_EPOCH};

/// The last second that ISO 8601 writes with four digits for the year.
const LAST: Duration = Duration::from_secs(253_402_300_799);

/// A moment, in microseconds since 1970, as ISO 8601 with milliseconds.
pub(super) fn iso(micros: u64) -> String {
    let since = Duration::from_micros(micros).min(LAST);
    humantime::format_rfc3339_millis(UNIX_EPOCH + since).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_iso_8601_in_leap_years_too() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00"),
            (951_782_399, "2000-02-28T23:59:59"),
            (951_782_400, "2000-02-29T00:00:00"),
            (951_868_800, "2000-03-01T00:00:00"),
            (1_735_689_599, "2024-12-31T23:59:59"),
            (4_107_542_400, "2100-03-01T00:00:00"),
        ] {
            assert_eq!(iso(seconds * 1_000_000 + 7_999), format!("{text}.007Z"));
        }
    }
}
