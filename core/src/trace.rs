//! The id of a call. It is made once, sent with every request of the call, and part of the outcome.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// The id of one call, 53 ASCII characters: `02`, the time in milliseconds, 38 random hex digits.
///
/// Every request of the call sends it as `x-request-id` and `x-tt-logid`, and every outcome has it,
/// even if the call never left the device (docs/contract.md#6-trace). It identifies calls in logs
/// and is not a secret.
///
/// ```
/// use gadget_request::Trace;
///
/// let trace = Trace::new();
/// assert_eq!(trace.as_str().len(), Trace::LEN);
/// assert!(trace.as_str().starts_with("02"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Trace([u8; Trace::LEN]);

impl Trace {
    /// The number of characters of a trace.
    pub const LEN: usize = 53;

    /// Makes a new id from the clock and the process's random generator. Never fails.
    #[expect(clippy::new_without_default, reason = "every trace is different")]
    pub fn new() -> Self {
        Self::made_at(SystemTime::now())
    }

    /// The same, for a caller that has read the clock.
    pub(crate) fn made_at(now: SystemTime) -> Self {
        let since_epoch = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        // 13 digits last until the year 2286. A later clock loses its first digit and keeps the
        // format.
        let millis = (since_epoch.as_millis() % 10_000_000_000_000) as u64;
        let mut text = [0; Self::LEN];
        let (prefix, digits) = text.split_at_mut(2);
        let (time, random) = digits.split_at_mut(13);
        prefix.copy_from_slice(b"02");
        // Not by `format!`, which would be a good part of what the start of a call costs.
        write_number::<10>(time, millis);
        for digits in random.chunks_mut(16) {
            write_number::<16>(digits, fastrand::u64(..));
        }
        Self(text)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("made of ASCII in Trace::new")
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trace({self})")
    }
}

/// Fills a text with the last digits of a number.
fn write_number<const BASE: u64>(digits: &mut [u8], mut number: u64) {
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(number % BASE) as usize];
        number /= BASE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_fills_its_digits_and_loses_those_that_do_not_fit() {
        let mut digits = [0; 6];
        write_number::<10>(&mut digits, 1_234_567);
        assert_eq!(&digits, b"234567");
        write_number::<16>(&mut digits, 0xabc);
        assert_eq!(&digits, b"000abc");
    }

    #[test]
    fn a_trace_has_the_time_and_random_digits() {
        let millis = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let (before, trace, after) = (millis(), Trace::new(), millis());
        let time: u128 = trace.as_str()[2..15].parse().unwrap();
        assert!(trace.as_str().starts_with("02") && (before..=after).contains(&time), "{trace}");
        let random = &trace.as_str()[15..];
        assert!(random.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f')), "{trace}");
        assert_ne!(random, &Trace::new().as_str()[15..]);
    }
}
