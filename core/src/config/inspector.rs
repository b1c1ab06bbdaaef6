//! Where the inspector listens that shows the calls of a client.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use serde::Deserialize;
use url::{Host, Url};

use crate::config::error::ConfigError;

deserialize_from_text!(InspectorUrl);

/// The URL of an inspector on this device: `http://127.0.0.1:8018`.
///
/// Its host is `localhost` or an address of loopback, so that nothing leaves the device; no name
/// service is asked. It has neither path nor query.
///
/// It cannot be made if the crate was built without its feature `inspector`, as for a release.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct InspectorUrl {
    addresses: Vec<SocketAddr>,
}

impl InspectorUrl {
    /// Where it may listen; for `localhost` there are two addresses.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }
}

impl FromStr for InspectorUrl {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        if !cfg!(feature = "inspector") {
            return Err(ConfigError::new("this build has no feature `inspector`"));
        }
        let wrong =
            || ConfigError::new("not http://127.0.0.1:PORT, http://localhost:PORT or alike");
        let url = Url::parse(text).map_err(|_| wrong())?;
        let is_plain = url.scheme() == "http"
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let hosts: &[IpAddr] = match url.host() {
            Some(Host::Domain("localhost")) => {
                &[Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
            }
            Some(Host::Ipv4(address)) if address.is_loopback() => &[address.into()],
            Some(Host::Ipv6(address)) if address.is_loopback() => &[address.into()],
            _ => return Err(wrong()),
        };
        let port = url.port_or_known_default().filter(|_| is_plain).ok_or_else(wrong)?;
        Ok(Self { addresses: hosts.iter().map(|host| (*host, port).into()).collect() })
    }
}

#[cfg(test)]
mod tests {
    #[cfg(feature = "inspector")]
    use super::*;

    #[cfg(feature = "inspector")]
    #[test]
    fn only_http_to_this_device_is_taken() {
        for (text, addresses) in [
            ("http://127.0.0.1:8018", &["127.0.0.1:8018"][..]),
            ("http://127.1.2.3:8018/", &["127.1.2.3:8018"]),
            ("http://[::1]:1", &["[::1]:1"]),
            ("HTTP://LOCALHOST:8018", &["127.0.0.1:8018", "[::1]:8018"]),
            ("http://localhost", &["127.0.0.1:80", "[::1]:80"]),
        ] {
            let url: InspectorUrl = text.parse().expect(text);
            let found: Vec<_> = url.addresses().iter().map(SocketAddr::to_string).collect();
            assert_eq!(found, addresses, "{text}");
        }
        for text in [
            "",
            "127.0.0.1:8018",
            "https://127.0.0.1:8018",
            "ws://127.0.0.1:8018",
            "http://192.168.0.1:8018",
            "http://0.0.0.0:8018",
            "http://[::ffff:127.0.0.1]:8018",
            "http://localhost.example:8018",
            "http://inspector.localhost:8018",
            "http://example.com",
            "http://me:pass@127.0.0.1:8018",
            "http://127.0.0.1:8018/path",
            "http://127.0.0.1:8018/?query",
            "http://127.0.0.1:8018/#part",
        ] {
            let error = text.parse::<InspectorUrl>().expect_err(text).to_string();
            assert!(error.starts_with("not http://127.0.0.1:PORT"), "{text}: {error}");
        }
    }

    #[cfg(not(feature = "inspector"))]
    #[test]
    fn a_build_without_the_feature_says_so() {
        let error = crate::ClientConfig::from_json(r#"{"inspector":"http://127.0.0.1:8018"}"#);
        let error = error.unwrap_err().to_string();
        assert!(error.starts_with("inspector: this build has no feature `inspector`"), "{error}");
    }
}
