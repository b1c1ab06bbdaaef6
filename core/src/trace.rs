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
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // 13 digits last until the year 2286. A later clock loses its first digit and keeps the
        // format.
        let millis = since_epoch.as_millis() % 10_000_000_000_000;
        let (a, b, c) = (fastrand::u64(..), fastrand::u64(..), fastrand::u32(..) & 0xff_ffff);
        let text = format!("02{millis:013}{a:016x}{b:016x}{c:06x}");
        Self(text.as_bytes().try_into().expect("the format above prints 2 + 13 + 16 + 16 + 6"))
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
