//! Who may ask: programs of this machine, and the inspector's own page. No page of another origin.

use http::HeaderMap;
use http::header::{HOST, ORIGIN};
use http::uri::Authority;

/// What a request is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A file of the page, which holds no data.
    Page,
    /// The calls.
    Calls,
}

/// Says why a request is refused, if it is.
///
/// A page of another origin could lead its own host name to loopback (DNS rebinding): the name is
/// then in `host`. Or it could send a request to this address from there: browsers then send
/// `origin` or `sec-fetch-site`, which scripts cannot change. Programs send neither.
pub(super) fn refusal(headers: &HeaderMap, purpose: Purpose) -> Option<&'static str> {
    let Some(host) = host(headers) else {
        return Some("the host must be 127.0.0.1, [::1] or localhost");
    };
    let is_own = |origin: &str| origin.strip_prefix("http://") == Some(host);
    let mut origins = headers.get_all(ORIGIN).iter();
    if !origins.all(|origin| origin.to_str().is_ok_and(is_own)) {
        return Some("pages of other origins may not ask");
    }
    let mut sites = headers.get_all("sec-fetch-site").iter();
    // A link from elsewhere may lead to the page: `cross-site`.
    let from_elsewhere = !sites.all(|site| site == "same-origin" || site == "none");
    (from_elsewhere && purpose == Purpose::Calls).then_some("pages of other origins may not ask")
}

/// The host as it was sent, if it is one name of loopback. The port is not compared: the way from a
/// phone may have another one there.
fn host(headers: &HeaderMap) -> Option<&str> {
    let mut hosts = headers.get_all(HOST).iter();
    let (host, more) = (hosts.next()?.to_str().ok()?, hosts.next());
    let authority: Authority = host.parse().ok()?;
    let is_loopback = matches!(authority.host(), "127.0.0.1" | "localhost" | "[::1]");
    (is_loopback && more.is_none() && !host.contains('@')).then_some(host)
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    fn is_refused(fields: &[(&'static str, &str)], purpose: Purpose) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        refusal(&headers, purpose).is_some()
    }

    #[test]
    fn only_names_of_loopback_are_answered() {
        for host in ["127.0.0.1:8018", "localhost:8018", "[::1]:8018", "127.0.0.1", "localhost:1"] {
            assert!(!is_refused(&[("host", host)], Purpose::Calls), "{host}");
        }
        for host in [
            "evil.example:8018",
            "localhost.evil.example",
            "127.0.0.1.evil.example:8018",
            "192.168.0.1:8018",
            "me@127.0.0.1:8018",
            "127.0.0.1:8018/",
            "",
        ] {
            assert!(is_refused(&[("host", host)], Purpose::Page), "{host}");
        }
        assert!(is_refused(&[], Purpose::Page));
        assert!(is_refused(&[("host", "localhost"), ("host", "localhost")], Purpose::Page));
    }

    #[test]
    fn pages_of_other_origins_get_nothing() {
        let asked =
            |origin| is_refused(&[("host", "127.0.0.1:8018"), ("origin", origin)], Purpose::Calls);
        assert!(!asked("http://127.0.0.1:8018"));
        for origin in [
            "null",
            "http://127.0.0.1:8019",
            "http://localhost:8018",
            "https://127.0.0.1:8018",
            "http://evil.example",
        ] {
            assert!(asked(origin), "{origin}");
        }
        for (site, page, calls) in [
            ("same-origin", false, false),
            ("none", false, false),
            ("same-site", false, true),
            ("cross-site", false, true),
        ] {
            let fields = [("host", "127.0.0.1:8018"), ("sec-fetch-site", site)];
            assert_eq!(is_refused(&fields, Purpose::Page), page, "{site}");
            assert_eq!(is_refused(&fields, Purpose::Calls), calls, "{site}");
        }
    }
}
