//! The parts of a request's URL that decide about its cookies (RFC 6265bis section 5.1).

use url::{Host, Url};

use crate::cookies::stored::MAX_DOMAIN;
use crate::names::{is_below, is_localhost};

/// The parts of a request's URL that decide about its cookies.
pub(crate) struct Target<'a> {
    pub(super) host: &'a str,
    pub(super) is_name: bool,
    pub(super) is_secure: bool,
    pub(super) path: &'a str,
}

impl<'a> Target<'a> {
    /// Returns `None` for a URL that has no cookies.
    pub(crate) fn of(url: &'a Url) -> Option<Self> {
        let host = url.host_str()?;
        // No name in the DNS is longer, and a name of a thousand labels would take a thousand
        // lookups.
        if !matches!(url.scheme(), "http" | "https") || host.len() > MAX_DOMAIN {
            return None;
        }
        let (is_name, is_loopback) = match url.host()? {
            Host::Domain(name) => (true, is_localhost(name)),
            Host::Ipv4(address) => (false, address.is_loopback()),
            Host::Ipv6(address) => (false, address.is_loopback()),
        };
        let is_secure = url.scheme() == "https" || is_loopback;
        Some(Self { host, is_name, is_secure, path: url.path() })
    }

    /// Returns true if a cookie of this domain is sent to the host (section 5.1.3).
    pub(super) fn domain_matches(&self, domain: &str) -> bool {
        self.host == domain || (self.is_name && is_below(self.host, domain))
    }

    /// Returns the path of a cookie that names none (section 5.1.4).
    pub(super) fn default_path(&self) -> &'a [u8] {
        match self.path.rfind('/') {
            None | Some(0) => b"/",
            Some(last) => &self.path.as_bytes()[..last],
        }
    }
}
