//! Hosts that a setting names, and addresses for them.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use serde::Deserialize;
use url::{Host, Url};

use crate::config::error::ConfigError;
use crate::names::{is_below, is_localhost, without_dot};

deserialize_from_text!(HostPattern, ResolveOverride);

/// The hosts that a setting applies to.
///
/// `example.com` or an IP address is one host, `*.example.com` is every host below it. A port
/// (`example.com:8443`) limits the pattern to this port; without one it matches every port. The
/// prefix `https://` excludes cleartext; use it for [`AppHeaders`](crate::AppHeaders) with a token.
///
/// ```
/// let below: gadget_request::HostPattern = "*.example.com".parse()?;
/// assert!(below.matches_url("https://www.example.com:8443/"));
/// assert!(!below.matches_url("https://example.com/"));
/// # Ok::<(), gadget_request::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct HostPattern {
    is_https: bool,
    host: Host,
    /// Matches the hosts below `host`, and not `host` itself.
    is_below: bool,
    port: Option<u16>,
}

impl HostPattern {
    /// Returns true if the pattern matches the host of this URL, and false if it is not a URL.
    pub fn matches_url(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| self.matches(&url))
    }

    pub(crate) fn matches(&self, url: &Url) -> bool {
        let is_other_port = self.port.is_some() && self.port != url.port_or_known_default();
        if is_other_port || (self.is_https && url.scheme() != "https") {
            return false;
        }
        match (&self.host, url.host()) {
            (Host::Domain(ours), Some(Host::Domain(theirs))) => {
                let theirs = without_dot(theirs);
                if self.is_below { is_below(theirs, ours) } else { ours == theirs }
            }
            (Host::Ipv4(ours), Some(Host::Ipv4(theirs))) => *ours == theirs,
            (Host::Ipv6(ours), Some(Host::Ipv6(theirs))) => *ours == theirs,
            _ => false,
        }
    }
}

impl FromStr for HostPattern {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let wrong = || ConfigError::new("not HOST or *.HOST, with https:// or :PORT or without");
        let https = text.strip_prefix("https://");
        let rest = https.unwrap_or(text);
        let below = rest.strip_prefix("*.");
        let rest = below.unwrap_or(rest);
        // The last colon of an IPv6 address in brackets starts no port.
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                (host, Some(port_of(port).ok_or_else(wrong)?))
            }
            _ => (rest, None),
        };
        let host = match Host::parse(host).map_err(|_| wrong())? {
            Host::Domain(name) => Host::Domain(without_dot(&name).to_owned()),
            _ if below.is_some() => return Err(wrong()),
            address => address,
        };
        if matches!(&host, Host::Domain(name) if name.is_empty() || name.contains('*')) {
            return Err(wrong());
        }
        Ok(Self { is_https: https.is_some(), host, is_below: below.is_some(), port })
    }
}

/// Parses a port: digits only, not 0. (`u16::from_str` would take `+80` as well.)
fn port_of(text: &str) -> Option<u16> {
    let port = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok());
    port.flatten().filter(|port| *port != 0)
}

/// The address for one host and port, in place of the name service: `HOST:PORT:ADDRESS`, as in
/// curl's `--resolve`.
///
/// The URL, the `host` header and the certificate check keep the host name. The address may have
/// another port (`[::1]:8443`), for a server that cannot listen on the URL's port.
///
/// ```
/// let entry: gadget_request::ResolveOverride = "www.example.com:443:127.0.0.1:8443".parse()?;
/// # Ok::<(), gadget_request::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ResolveOverride {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) address: SocketAddr,
}

impl FromStr for ResolveOverride {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let wrong = || ConfigError::new("not HOST:PORT:ADDRESS");
        let mut parts = text.splitn(3, ':');
        let (Some(host), Some(port), Some(address)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(wrong());
        };
        let port = port_of(port).ok_or_else(wrong)?;
        let Ok(Host::Domain(host)) = Host::parse(host) else {
            return Err(ConfigError::new("HOST of HOST:PORT:ADDRESS is not a host name"));
        };
        let ip =
            address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
        let address = match (ip.parse::<IpAddr>(), address.parse::<SocketAddr>()) {
            (Ok(ip), _) => SocketAddr::new(ip, port),
            (_, Ok(address)) => address,
            _ => return Err(ConfigError::new("ADDRESS of HOST:PORT:ADDRESS is not an IP address")),
        };
        // The policy judges `localhost` by its name, so the name must not lead anywhere else.
        if is_localhost(without_dot(&host)) && !address.ip().is_loopback() {
            return Err(ConfigError::new("localhost needs a loopback address"));
        }
        Ok(Self { host, port, address })
    }
}
