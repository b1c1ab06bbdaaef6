//! Which URLs and addresses a mini program may reach. Every hop is checked before anything is sent:
//! its URL, and each address of its host name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::LazyLock;

use ipnet::IpNet;
use url::{Host, Url};

use crate::config::ClientConfig;
use crate::error::Error;
use crate::names::is_localhost;

/// Addresses outside the public internet: IANA's registries of special-purpose addresses (RFC
/// 6890), multicast, and former special-purpose addresses.
const NOT_GLOBAL: [&str; 27] = [
    "0.0.0.0/8",       // this network: RFC 791
    "10.0.0.0/8",      // private use: RFC 1918
    "100.64.0.0/10",   // shared by a provider's customers: RFC 6598
    "127.0.0.0/8",     // loopback: RFC 1122
    "169.254.0.0/16",  // link-local: RFC 3927
    "172.16.0.0/12",   // private use: RFC 1918
    "192.0.0.0/24",    // IETF protocols: RFC 6890
    "192.0.2.0/24",    // documentation: RFC 5737
    "192.88.99.0/24",  // 6to4 relays, formerly: RFC 7526
    "192.168.0.0/16",  // private use: RFC 1918
    "198.18.0.0/15",   // benchmarks: RFC 2544
    "198.51.100.0/24", // documentation: RFC 5737
    "203.0.113.0/24",  // documentation: RFC 5737
    "224.0.0.0/4",     // multicast: RFC 5771
    "240.0.0.0/4",     // reserved, and broadcast: RFC 1112, RFC 8190
    "::/96",           // unspecified, loopback, IPv4-compatible: RFC 4291
    "64:ff9b:1::/48",  // NAT64 within a site: RFC 8215
    "100::/64",        // discard: RFC 6666
    "100:0:0:1::/64",  // dummy prefix: RFC 9780
    "2001::/23",       // IETF protocols, Teredo among them: RFC 2928, RFC 4380
    "2001:db8::/32",   // documentation: RFC 3849
    "3fff::/20",       // documentation: RFC 9637
    "5f00::/16",       // segment routing: RFC 9602
    "fc00::/7",        // unique local: RFC 4193
    "fe80::/10",       // link-local: RFC 4291
    "fec0::/10",       // site-local, formerly: RFC 3879
    "ff00::/8",        // multicast: RFC 4291
];

/// Exceptions within [`NOT_GLOBAL`] that belong to the public internet.
const GLOBAL: [&str; 9] = [
    "192.0.0.9/32",    // port control anycast: RFC 7723
    "192.0.0.10/32",   // TURN anycast: RFC 8155
    "2001:1::1/128",   // port control anycast: RFC 7723
    "2001:1::2/128",   // TURN anycast: RFC 8155
    "2001:1::3/128",   // DNS-SD anycast: RFC 9665
    "2001:3::/32",     // AMT: RFC 7450
    "2001:4:112::/48", // AS112: RFC 7535
    "2001:20::/28",    // ORCHIDv2: RFC 7343
    "2001:30::/28",    // drones: RFC 9374
];

/// Checks whether the host app allows a URL.
///
/// # Errors
///
/// Its host is not listed, cleartext is forbidden, or the URL itself has a forbidden address.
pub(crate) fn check_url(config: &ClientConfig, url: &Url) -> Result<(), Error> {
    let hosts = config.allowed_hosts.as_ref();
    if hosts.is_some_and(|hosts| !hosts.iter().any(|pattern| pattern.matches(url))) {
        return Err(Error::HostNotAllowed);
    }
    if url.scheme() == "http" && !config.allow_cleartext {
        return Err(Error::CleartextNotAllowed);
    }
    // Other names are judged after the lookup, by their addresses: see `allowed`.
    let is_allowed = match url.host() {
        Some(Host::Ipv4(address)) => allows(config, address.into()),
        Some(Host::Ipv6(address)) => allows(config, address.into()),
        Some(Host::Domain(name)) if is_localhost(name.trim_end_matches('.')) => {
            allows(config, Ipv4Addr::LOCALHOST.into()) || allows(config, Ipv6Addr::LOCALHOST.into())
        }
        _ => true,
    };
    if is_allowed { Ok(()) } else { Err(Error::PrivateAddressNotAllowed) }
}

/// Keeps the addresses that the host app allows.
///
/// # Errors
///
/// None is left.
pub(crate) fn allowed(
    config: &ClientConfig,
    mut addresses: Vec<SocketAddr>,
) -> Result<Vec<SocketAddr>, Error> {
    addresses.retain(|address| allows(config, address.ip()));
    if addresses.is_empty() { Err(Error::PrivateAddressNotAllowed) } else { Ok(addresses) }
}

fn allows(config: &ClientConfig, address: IpAddr) -> bool {
    if config.allow_private_addresses {
        return true;
    }
    let address = embedded(address).unwrap_or(address);
    is_global(address)
        || config.allowed_private_networks.iter().any(|network| network.contains(address))
}

/// Returns true if an address belongs to the public internet.
fn is_global(address: IpAddr) -> bool {
    static NETWORKS: LazyLock<[Vec<IpNet>; 2]> = LazyLock::new(|| {
        [&GLOBAL[..], &NOT_GLOBAL].map(|networks| {
            let networks = networks.iter().map(|network| network.parse());
            networks.collect::<Result<_, _>>().expect("both tables are networks")
        })
    });
    let [global, not_global] = &*NETWORKS;
    let is_in = |networks: &[IpNet]| networks.iter().any(|network| network.contains(&address));
    is_in(global) || !is_in(not_global)
}

/// The IPv4 address inside an IPv6 address that leads to it: mapped and translated (RFC 4291, RFC
/// 2765), NAT64 (RFC 6052), 6to4 (RFC 3056).
///
/// Without this, `::ffff:10.0.0.1` would reach a private network.
fn embedded(address: IpAddr) -> Option<IpAddr> {
    let IpAddr::V6(address) = address else { return None };
    let [.., a, b] = address.segments();
    let (high, low) = match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => (a, b),
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => (a, b),
        [0x2002, high, low, ..] => (high, low),
        _ => return None,
    };
    Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_addresses_are_allowed_and_their_special_neighbours_are_not() {
        let config = ClientConfig { allow_private_addresses: false, ..ClientConfig::default() };
        let allows = |address: &str| allows(&config, address.parse().unwrap());
        for address in [
            "1.0.0.0",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.0.9",
            "192.0.0.10",
            "192.0.1.0",
            "192.31.196.1",
            "192.52.193.1",
            "192.167.255.255",
            "192.169.0.0",
            "192.175.48.1",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
            "2001:1::1",
            "2001:1::2",
            "2001:1::3",
            "2001:3::1",
            "2001:4:112::1",
            "2001:20::1",
            "2001:3f::1",
            "2001:200::1",
            "2606:4700::1111",
            "2620:4f:8000::1",
            "101::1",
            "3ffe::1",
            "fbff::1",
        ] {
            assert!(allows(address), "{address}");
        }
        for address in [
            "0.255.255.255",
            "10.0.0.0",
            "192.0.0.8",
            "192.0.0.11",
            "::ffff:10.0.0.1",
            "64:ff9b::192.168.0.1",
            "2002:c0a8:1::1",
            "2001:1::",
            "2001:1::4",
            "2001:2::1",
            "2001:10::1",
            "2001:40::1",
            "2001:1ff:ffff::",
            "::2",
            "::8.8.8.8",
            "100::",
            "100:0:0:1::",
        ] {
            assert!(!allows(address), "{address}");
        }
    }

    #[test]
    fn an_allowed_network_is_allowed_inside_ipv6_addresses_too() {
        let config = ClientConfig {
            allow_private_addresses: false,
            allowed_private_networks: vec!["10.1.0.0/16".parse().unwrap()],
            ..ClientConfig::default()
        };
        let allows = |address: &str| allows(&config, address.parse().unwrap());
        assert!(allows("10.1.2.3") && allows("::ffff:10.1.2.3") && allows("64:ff9b::10.1.2.3"));
        assert!(!allows("10.2.0.0") && !allows("::ffff:10.2.0.0") && !allows("::10.1.2.3"));
    }
}
