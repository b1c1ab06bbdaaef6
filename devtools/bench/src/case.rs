//! What is measured: the way to the server, what is asked for, how often.

use crate::peer::Want;

/// The body of a small response: JSON, 592 bytes.
pub(crate) const SMALL_BYTES: usize = 592;

/// How many requests are submitted at once in the case that does so.
const AT_ONCE: usize = 10_000;

/// The protocols below a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// HTTP/1.1 without TLS.
    Http1,
    /// HTTP/1.1 over TLS.
    Tls1,
    /// HTTP/2 over TLS.
    Tls2,
}

impl Way {
    const ALL: [Self; 3] = [Self::Http1, Self::Tls1, Self::Tls2];

    fn name(self) -> &'static str {
        match self {
            Self::Http1 => "h1",
            Self::Tls1 => "h1 over TLS",
            Self::Tls2 => "h2 over TLS",
        }
    }
}

/// One row of the tables.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) way: Way,
    /// The file that the server sends.
    pub(crate) path: &'static str,
    pub(crate) want: Want,
    /// The bytes of the body that the caller gets.
    pub(crate) length: usize,
    /// How many requests are in flight; `None` if all are submitted at once.
    pub(crate) in_flight: Option<usize>,
    /// How many requests make a round: some tenths of a second of them.
    pub(crate) requests: usize,
    /// Whether each round has a new process, whose start counts.
    pub(crate) is_first: bool,
}

/// All cases, in the order of the tables. `coded` is the length of the JSON that is sent coded.
pub(crate) fn all(coded: usize) -> Vec<Case> {
    let small = |name, in_flight, requests| {
        (name, "small", Want::Text, SMALL_BYTES, Some(in_flight), requests)
    };
    let loads = [
        small("592 B, 1 in flight", 1, 3000),
        small("592 B, 10 in flight", 10, 8000),
        ("16 KiB POST, 10 in flight", "post", Want::Post, SMALL_BYTES, Some(10), 3000),
        ("1 MiB, 1 in flight", "mib", Want::Bytes, 1 << 20, Some(1), 300),
        ("100 MiB, 1 in flight", "large", Want::Bytes, 100 << 20, Some(1), 3),
        ("592 B, 10,000 at once", "small", Want::Text, SMALL_BYTES, None, AT_ONCE),
    ];
    let mut cases = Vec::new();
    for way in Way::ALL {
        for (name, path, want, length, in_flight, requests) in loads {
            let name = format!("{}, {name}", way.name());
            let is_first = false;
            cases.push(Case { name, way, path, want, length, in_flight, requests, is_first });
        }
    }
    for (name, path) in [("gzip", "gzip"), ("br", "br")] {
        cases.push(Case {
            name: format!("h1, {} KiB of JSON in {name}, 10 in flight", coded >> 10),
            way: Way::Http1,
            path,
            want: Want::Coded,
            length: coded,
            in_flight: Some(10),
            requests: 800,
            is_first: false,
        });
    }
    for way in Way::ALL {
        cases.push(Case {
            name: format!("{}, first request of a process", way.name()),
            way,
            path: "small",
            want: Want::Text,
            length: SMALL_BYTES,
            in_flight: Some(1),
            requests: 1,
            is_first: true,
        });
    }
    cases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_cases_have_one_name() {
        let cases = all(64 << 10);
        for (i, case) in cases.iter().enumerate() {
            assert!(cases[..i].iter().all(|other| other.name != case.name), "{}", case.name);
        }
    }
}
