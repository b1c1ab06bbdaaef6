//! Parses the dates of cookies (RFC 6265bis section 5.1.1), which may have their parts in any order
//! and with almost any delimiters.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The parts of a date found so far. The first of each kind counts.
#[derive(Default)]
struct Found {
    time: Option<(u32, u32, u32)>,
    day: Option<u32>,
    month: Option<u32>,
    year: Option<u32>,
}

/// Parses a date. One before 1970 becomes 1970; a cookie has expired either way.
pub(crate) fn parse(text: &[u8]) -> Option<SystemTime> {
    let mut found = Found::default();
    for token in text.split(|byte| is_delimiter(*byte)).filter(|token| !token.is_empty()) {
        found.take(token);
    }
    let (hour, minute, second) = found.time?;
    let (day, month) = (found.day?, found.month?);
    let year = match found.year? {
        year @ 70..=99 => year + 1900,
        year @ 0..=69 => year + 2000,
        year => year,
    };
    if year < 1601 || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    if !(1..=days_in_month(year, month)).contains(&day) {
        return None;
    }
    let days = days_since_epoch(i64::from(year), i64::from(month), i64::from(day));
    let seconds = days * 86_400 + i64::from(hour * 3600 + minute * 60 + second);
    Some(UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or_default()))
}

impl Found {
    fn take(&mut self, token: &[u8]) {
        if self.time.is_none()
            && let Some(time) = time(token)
        {
            self.time = Some(time);
        } else if self.day.is_none()
            && let Some(day) = digits(token, 1, 2)
        {
            self.day = Some(day);
        } else if self.month.is_none()
            && let Some(month) = month(token)
        {
            self.month = Some(month);
        } else if self.year.is_none() {
            self.year = digits(token, 2, 4);
        }
    }
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, 0x09 | 0x20..=0x2f | 0x3b..=0x40 | 0x5b..=0x60 | 0x7b..=0x7e)
}

/// Parses a number at the start of a token, of `least` to `most` digits, with no digit after it.
fn digits(token: &[u8], least: usize, most: usize) -> Option<u32> {
    let count = token.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(least..=most).contains(&count) {
        return None;
    }
    Some(token[..count].iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
}

/// Parses `h:m:s`, each of one or two digits.
fn time(token: &[u8]) -> Option<(u32, u32, u32)> {
    let mut fields = token.splitn(3, |byte| *byte == b':');
    let (hour, minute, second) = (fields.next()?, fields.next()?, fields.next()?);
    let whole = |field: &[u8]| digits(field, 1, 2).filter(|_| field.iter().all(u8::is_ascii_digit));
    Some((whole(hour)?, whole(minute)?, digits(second, 1, 2)?))
}

fn month(token: &[u8]) -> Option<u32> {
    const MONTHS: [&[u8]; 12] = [
        b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov",
        b"dec",
    ];
    let start = token.get(..3)?.to_ascii_lowercase();
    MONTHS.into_iter().zip(1..).find(|(name, _)| **name == *start).map(|(_, number)| number)
}

fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

/// Returns the days from 1970-01-01 to a day of the Gregorian calendar. A year begins in March
/// here, so that the leap day is its last day.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<u64> {
        parse(text.as_bytes()).map(|at| at.duration_since(UNIX_EPOCH).unwrap().as_secs())
    }

    #[test]
    fn dates_of_all_common_forms_are_understood() {
        let same = Some(784_111_777);
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "06 Nov 1994 08:49:37",
            "1994 6 NOVEMBER 8:49:37 +0900 (zones are not read)",
            "\t;6;;nov/94]08:49:37]",
            "nov 6 94 8:49:37x",
        ] {
            assert_eq!(seconds(text), same, "{text}");
        }
        assert_eq!(seconds("1 Jan 1970 0:0:0"), Some(0));
        assert_eq!(seconds("29 Feb 2024 12:00:00"), Some(1_709_208_000));
        assert_eq!(seconds("31 Dec 9999 23:59:59"), Some(253_402_300_799));
        assert_eq!(seconds("1 Jan 1601 00:00:00"), Some(0), "expired long ago");
        assert_eq!(seconds("1 jan 69 0:0:0"), Some(3_124_224_000), "2069");
        assert_eq!(seconds("1 jan 70 0:0:0"), Some(0), "1970");
    }

    #[test]
    fn other_texts_are_not_dates() {
        for text in [
            "",
            "tomorrow",
            "06 Nov 1994",
            "08:49:37",
            "6 Nov 1600 08:49:37",
            "6 Nov 1994 24:00:00",
            "6 Nov 1994 08:60:00",
            "6 Nov 1994 08:00:60",
            "0 Nov 1994 08:49:37",
            "32 Dec 1994 08:49:37",
            "31 Nov 1994 08:49:37",
            "29 Feb 2023 08:49:37",
            "29 Feb 1900 08:49:37",
            "6 Nov 19945 08:49:37",
            "6 Nov 1994 008:49:37",
            "6 Nov 1994 08:49",
            "6 N 1994 08:49:37",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
