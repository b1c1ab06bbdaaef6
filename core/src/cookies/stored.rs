//! A cookie as a jar stores it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::cookies::parse::MAX_PAIR;
use crate::cookies::same_site::SameSite;

/// The most bytes of a domain. No name in the DNS is longer.
pub(crate) const MAX_DOMAIN: usize = 255;

/// The last millisecond of the year 9999, which every system's clock can represent.
const MAX_MILLIS: u64 = 253_402_300_799_999;

/// A cookie in a jar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) name: Vec<u8>,
    pub(crate) value: Vec<u8>,
    /// In lower case and Punycode, an IPv6 address in brackets.
    pub(crate) domain: String,
    pub(crate) host_only: bool,
    pub(crate) path: Vec<u8>,
    /// `None` for a session cookie, which ends with the process.
    pub(crate) expires: Option<SystemTime>,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    pub(crate) same_site: Option<SameSite>,
    pub(crate) created: SystemTime,
}

impl Stored {
    /// The identity of a cookie: a jar has one cookie for each (RFC 6265bis section 5.7 step 23).
    pub(crate) fn key(&self) -> (&[u8], &str, bool, &[u8]) {
        (&self.name, &self.domain, self.host_only, &self.path)
    }

    pub(crate) fn is_expired(&self, now: SystemTime) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// Returns true if the cookie is saved: it is not a session cookie, and fits into a document.
    pub(crate) fn is_saved(&self) -> bool {
        self.expires.is_some() && self.fits()
    }

    /// Returns true if the cookie is not larger than a server could set one.
    pub(crate) fn fits(&self) -> bool {
        self.name.len() + self.value.len() <= MAX_PAIR
            && self.path.len() <= MAX_PAIR
            && self.domain.len() <= MAX_DOMAIN
    }
}

/// Returns the milliseconds since 1970, at most the last ones of the year 9999. A time before 1970
/// counts as 1970.
pub(crate) fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    u64::try_from(since).map_or(MAX_MILLIS, |millis| millis.min(MAX_MILLIS))
}

/// Returns the time this many milliseconds after 1970; `None` after the year 9999.
pub(crate) fn from_millis(millis: u64) -> Option<SystemTime> {
    let since = (millis <= MAX_MILLIS).then(|| Duration::from_millis(millis))?;
    UNIX_EPOCH.checked_add(since)
}
