//! Why the network failed a call, in the network stack's own terms, for engineers.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::{fmt, io, mem};

use crate::error::Error;

/// Why the network failed a call, for the logs and reports of the host app's engineers.
///
/// An [`Error`] is part of the mini program's API: a closed list, the same on every platform. A
/// cause says more, but only what the system and the network libraries report; its words can change
/// with their versions, so do not decide anything by them.
///
/// It never holds any part of the request or the response: no host, port, path, header, cookie or
/// body. It is made only from numbers, and from names of closed lists (error kinds of the system,
/// TLS alerts and certificate errors, HTTP/2 error codes).
///
/// [`Display`](fmt::Display) prints all of it: `connect: connection refused (os error 111)`, `tls:
/// invalid peer certificate: Expired`, `receive: http2 RST_STREAM CANCEL`.
///
/// ```
/// use gadget_request::{CausePhase, Client, RequestOptions};
///
/// # let closed = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
/// let outcome = pollster::block_on(Client::default().request(
///     RequestOptions::new(format!("http://{closed}/")), // no server listens there
/// ));
/// let cause = outcome.cause().expect("the network failed this call");
/// assert_eq!(cause.phase(), CausePhase::Connect);
/// assert_eq!(cause.io_kind(), Some(std::io::ErrorKind::ConnectionRefused));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    phase: CausePhase,
    io_kind: Option<io::ErrorKind>,
    os_code: Option<i32>,
    detail: Cow<'static, str>,
}

/// The step of a request at which the network failed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CausePhase {
    /// The host name was being resolved.
    Resolve,
    /// A TCP connection was being opened.
    Connect,
    /// The proxy was being reached, or asked for a tunnel.
    Proxy,
    /// The TLS handshake was under way.
    Tls,
    /// The request was being sent, and no response had arrived.
    Send,
    /// A response, or a part of it, had arrived.
    Receive,
}

impl Cause {
    /// Makes a cause from what a network library reported.
    pub(crate) fn of(phase: CausePhase, error: &(dyn StdError + 'static)) -> Self {
        Self::new(phase, "unknown").with_all(error)
    }

    /// The same for an error that is an enum and derives `Debug`: if nothing else is known, the
    /// cause has the name of its variant.
    pub(crate) fn of_enum(phase: CausePhase, error: &(impl StdError + 'static)) -> Self {
        Self { detail: variant(error).into(), ..Self::new(phase, "") }.with_all(error)
    }

    /// Makes a cause from fixed words.
    pub(crate) const fn new(phase: CausePhase, detail: &'static str) -> Self {
        Self { phase, io_kind: None, os_code: None, detail: Cow::Borrowed(detail) }
    }

    pub(crate) const fn with_phase(mut self, phase: CausePhase) -> Self {
        self.phase = phase;
        self
    }

    fn with_all(mut self, error: &(dyn StdError + 'static)) -> Self {
        for error in chain(error) {
            self.add(error);
        }
        self
    }

    /// Takes over what an error says. The inner errors of a chain say more than the outer ones.
    fn add(&mut self, error: &(dyn StdError + 'static)) {
        if let Some(error) = error.downcast_ref::<hyper::Error>() {
            self.detail = hyper_words(error).map_or(mem::take(&mut self.detail), Cow::Borrowed);
        } else if let Some(error) = error.downcast_ref::<h2::Error>() {
            self.add_h2(error);
        } else if let Some(error) = error.downcast_ref::<rustls::Error>() {
            self.detail = tls_words(error).into();
        } else if let Some(error) = error.downcast_ref::<io::Error>() {
            self.add_io(error);
        }
    }

    fn add_h2(&mut self, error: &h2::Error) {
        if let Some(error) = error.get_io() {
            return self.add_io(error);
        }
        let Some(reason) = error.reason() else { return };
        let frame = match (error.is_reset(), error.is_go_away()) {
            (true, _) => "RST_STREAM",
            (_, true) => "GOAWAY",
            _ => "error",
        };
        // h2 prints a reason as its name in RFC 9113, or as a number.
        let by_client = if error.is_library() { " (by the client)" } else { "" };
        self.detail = format!("http2 {frame} {reason:?}{by_client}").into();
    }

    fn add_io(&mut self, error: &io::Error) {
        self.io_kind = Some(error.kind());
        self.os_code = error.raw_os_error();
        self.detail = error.kind().to_string().into();
    }

    /// The step of the request.
    pub fn phase(&self) -> CausePhase {
        self.phase
    }

    /// The kind of the system's error, if one was reported.
    pub fn io_kind(&self) -> Option<io::ErrorKind> {
        self.io_kind
    }

    /// The system's error number (`errno` on Unix), if one was reported.
    pub fn os_code(&self) -> Option<i32> {
        self.os_code
    }

    /// The words for the failure, without the phase and the number.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl CausePhase {
    /// The name of the phase, one word in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Proxy => "proxy",
            Self::Tls => "tls",
            Self::Send => "send",
            Self::Receive => "receive",
        }
    }
}

impl fmt::Display for CausePhase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.phase, self.detail)?;
        match self.os_code {
            Some(code) => write!(f, " (os error {code})"),
            None => Ok(()),
        }
    }
}

/// An error on its way to the outcome, with its cause if the network reported one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) cause: Option<Cause>,
}

impl Failure {
    pub(crate) fn new(error: Error, cause: Cause) -> Self {
        Self { error, cause: Some(cause) }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let cause = match error {
            Error::PlatformVerifierNotInitialised => Some(Cause::new(
                CausePhase::Tls,
                "Android's verifier has no Context: call GadgetRequest.initialize(context)",
            )),
            _ => None,
        };
        Self { error, cause }
    }
}

/// For logs. A 104's reason, which may name a header, is left out.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.error.detail())?;
        match &self.cause {
            Some(cause) => write!(f, " ({cause})"),
            None => Ok(()),
        }
    }
}

/// Returns an error and its causes, also the ones inside an `io::Error`.
pub(crate) fn chain<'e>(
    error: &'e (dyn StdError + 'static),
) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let hidden = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        hidden.map(|inner| inner as &(dyn StdError + 'static)).or_else(|| error.source())
    })
}

fn hyper_words(error: &hyper::Error) -> Option<&'static str> {
    [
        (error.is_parse_too_large(), "http head too large"),
        (error.is_parse(), "not http"),
        (error.is_incomplete_message(), "connection closed before the message was complete"),
        (error.is_canceled(), "request dropped by a connection that ended"),
        (error.is_closed(), "connection closed"),
        (error.is_timeout(), "http2 ping not answered"),
        (error.is_body_write_aborted(), "body not sent completely"),
    ]
    .into_iter()
    .find_map(|(is_it, words)| is_it.then_some(words))
}

fn tls_words(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(error) => {
            // The same errors with and without their context, which names hosts and times.
            let kind = variant(error);
            format!("invalid peer certificate: {}", kind.strip_suffix("Context").unwrap_or(&kind))
        }
        rustls::Error::AlertReceived(alert) => format!("received alert: {}", variant(alert)),
        rustls::Error::InvalidMessage(message) => format!("invalid message: {}", variant(message)),
        rustls::Error::PeerIncompatible(why) => format!("peer is incompatible: {}", variant(why)),
        rustls::Error::PeerMisbehaved(how) => format!("peer misbehaved: {}", variant(how)),
        other => variant(other),
    }
}

/// Returns the name of an enum's variant without its payload. The enum must derive `Debug`.
fn variant(value: &impl fmt::Debug) -> String {
    let name = format!("{value:?}");
    let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    name[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::ServerName;
    use rustls::{AlertDescription, CertificateError};

    use super::*;

    #[test]
    fn a_cause_prints_kinds_and_numbers_and_no_payload() {
        let expected = ServerName::try_from("secret.test").unwrap();
        let certificate = CertificateError::NotValidForNameContext {
            expected,
            presented: vec!["presented.secret.test".to_owned()],
        };
        let in_io = |error: rustls::Error| io::Error::new(io::ErrorKind::InvalidData, error);
        let host_apps = io::Error::other("no address for secret.test");
        let with_code = io::Error::from_raw_os_error(111);
        for (error, words) in [
            (in_io(certificate.into()), "tls: invalid peer certificate: NotValidForName"),
            (in_io(CertificateError::Expired.into()), "tls: invalid peer certificate: Expired"),
            (in_io(rustls::Error::General("secret".to_owned())), "tls: General"),
            (
                in_io(rustls::Error::AlertReceived(AlertDescription::HandshakeFailure)),
                "tls: received alert: HandshakeFailure",
            ),
            (host_apps, "tls: other error"),
            (with_code, "tls: connection refused (os error 111)"),
        ] {
            assert_eq!(Cause::of(CausePhase::Tls, &error).to_string(), words);
        }
        assert_eq!(Cause::of(CausePhase::Send, &fmt::Error).to_string(), "send: unknown");
        let reset = h2::Error::from(h2::Reason::CANCEL);
        assert_eq!(Cause::of(CausePhase::Receive, &reset).detail(), "http2 error CANCEL");
    }
}
