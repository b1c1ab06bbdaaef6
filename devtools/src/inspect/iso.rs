//! Times as HAR writes them.

const MILLIS_OF_DAY: u64 = 86_400_000;

/// A time in ISO 8601, in UTC with milliseconds. `millis` is the time since 1970; one that is no
/// time counts as 1970.
pub(super) fn time(millis: f64) -> String {
    let millis = millis as u64; // also for what is no number, or negative: 0
    let (year, month, day) = date(millis / MILLIS_OF_DAY);
    let rest = millis % MILLIS_OF_DAY;
    let (hours, minutes) = (rest / 3_600_000, rest / 60_000 % 60);
    let (seconds, millis) = (rest / 1000 % 60, rest % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z")
}

/// Year, month and day, of days since 1970.
fn date(days: u64) -> (u64, u64, u64) {
    // The calendar repeats after 400 years. In a year that begins in March the leap day is the
    // last: lengths of months then follow a line (Howard Hinnant, "chrono-compatible low-level date
    // algorithms").
    const DAYS_BEFORE_1970: u64 = 719_468; // since 1 March 0000
    const DAYS_OF_ERA: u64 = 146_097;
    let days = days.min(u64::MAX / MILLIS_OF_DAY) + DAYS_BEFORE_1970;
    let (era, of_era) = (days / DAYS_OF_ERA, days % DAYS_OF_ERA);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (year + era * 400 + next, month, day)
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
