//! What can go wrong with a call, in one closed list: each error has its number, its group and its words.

use std::borrow::Cow;
use std::fmt;

use crate::errno::Errno;

/// Why a call failed.
///
/// The list is closed: every failure of the engine is one of these, with the same number and the
/// same words on every platform (docs/contract.md#4-result). [`Display`](fmt::Display) prints the detail, the
/// part of `errMsg` behind `request:fail `.
///
/// A message never holds anything of the request but the name of a field: no host, path, query,
/// header value, cookie or body.
///
/// ```
/// use gadget_request::{Errno, Error, TlsFailure};
///
/// let error = Error::Tls(TlsFailure::UnknownIssuer);
/// assert_eq!(error.to_string(), "tls: unknown issuer");
/// assert_eq!(error.errno(), Errno::NETWORK_FAILURE);
/// assert_eq!(error.errno().err_string(), "Network failure");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A bug of ours: a panic was caught inside the engine, or the process could not give it a thread.
    Internal,
    /// The host does not offer what was asked for.
    NotSupported,
    /// The options are not one JSON object of at most 100 MiB, or not UTF-8.
    InvalidOptions(Reason),
    /// `url` is missing, not a string, no absolute http or https URL, or carries credentials.
    InvalidUrl(Reason),
    /// `method` is not a string or none of the methods allowed.
    InvalidMethod(Reason),
    /// `data` has a type that cannot be sent, or not with this method, or holds a lone surrogate.
    InvalidData(Reason),
    /// `header` is no object, one of its names or values cannot be sent, or they are too many or too large.
    InvalidHeader(Reason),
    /// `dataType` is not a string.
    InvalidDataType(Reason),
    /// `responseType` is neither `text` nor `arraybuffer`.
    InvalidResponseType(Reason),
    /// `timeout` is not a number.
    InvalidTimeout(Reason),
    /// `redirect` is none of `follow`, `manual` and `error`.
    InvalidRedirect(Reason),
    /// The host's policy does not list the URL's host.
    HostNotAllowed,
    /// The host's policy does not allow http without TLS.
    CleartextNotAllowed,
    /// The host's policy does not allow private and loopback addresses, and the name led to one.
    PrivateAddressNotAllowed,
    /// As many calls wait for a place as the host lets wait.
    TooManyRequests,
    /// The app went to the background and its time of grace is over.
    AppInBackground,
    /// The call was aborted before it had an outcome.
    Aborted,
    /// The client was shut down, or its last handle dropped, before the call had an outcome.
    ClientClosed,
    /// The call, its connection or its wait in the queue took longer than allowed.
    Timeout,
    /// The host said that the device has no network.
    Offline,
    /// The host allows only its own trust anchors and gave none that can be used.
    NoTrustAnchors,
    /// The platform's certificate verifier was not set up by the host app (Android: before the first call).
    PlatformVerifierNotInitialised,
    /// The host name has no address.
    NameNotResolved,
    /// No connection could be opened, or it broke before the response's head had come.
    ConnectionFailed,
    /// The proxy that the host configured refused or failed.
    ProxyFailed,
    /// The TLS connection could not be trusted or not be agreed on.
    Tls(TlsFailure),
    /// What the server sent is not HTTP.
    ProtocolError,
    /// The response's head is larger than allowed, or has more fields.
    HeadTooLarge,
    /// The connection ended before the body did.
    BodyCutShort,
    /// The body cannot be decoded as its `content-encoding` says, or ends too early for it.
    BadContentCoding,
    /// The body, or what its decoding yields, is larger than allowed.
    BodyTooLarge,
    /// The response redirects once more than is followed.
    TooManyRedirects,
    /// The response redirects, and the call said `redirect: error`.
    RedirectRefused,
    /// The response redirects to something that is no http or https URL, or carries credentials.
    BadRedirect,
    /// The request is within the rules, yet the network stack does not take it: a URL over 64 KiB, or with a
    /// host that the URL Standard allows and HTTP does not (`a"b`).
    RefusedByNetworkStack,
}

/// What follows the detail of a 104: words of ours, or the name of the header concerned.
pub type Reason = Cow<'static, str>;

/// Why a TLS connection was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsFailure {
    /// The certificate's time is over.
    CertificateExpired,
    /// The certificate's time has not begun.
    CertificateNotYetValid,
    /// The certificate is for another host.
    WrongHost,
    /// No trust anchor stands behind the certificate.
    UnknownIssuer,
    /// The certificate was revoked.
    Revoked,
    /// The certificate's key is none of those the host pinned for this name.
    PinMismatch,
    /// The certificate is malformed, badly signed or not made for servers.
    BadCertificate,
    /// The two sides found no common ground: versions, ciphers, alerts, or the peer speaks no TLS.
    HandshakeFailed,
}

impl TlsFailure {
    /// All of them, in the order of docs/contract.md#4-result.
    pub const ALL: [TlsFailure; 8] = [
        Self::CertificateExpired,
        Self::CertificateNotYetValid,
        Self::WrongHost,
        Self::UnknownIssuer,
        Self::Revoked,
        Self::PinMismatch,
        Self::BadCertificate,
        Self::HandshakeFailed,
    ];

    /// The words behind `tls: `.
    pub fn reason(self) -> &'static str {
        self.detail().trim_start_matches("tls: ")
    }

    const fn detail(self) -> &'static str {
        match self {
            Self::CertificateExpired => "tls: certificate expired",
            Self::CertificateNotYetValid => "tls: certificate not yet valid",
            Self::WrongHost => "tls: wrong host",
            Self::UnknownIssuer => "tls: unknown issuer",
            Self::Revoked => "tls: revoked",
            Self::PinMismatch => "tls: pin mismatch",
            Self::BadCertificate => "tls: bad certificate",
            Self::HandshakeFailed => "tls: handshake failed",
        }
    }
}

impl fmt::Display for TlsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail())
    }
}

impl Error {
    /// The group of errors this one belongs to, as the mini program sees it in `errno`.
    pub const fn errno(&self) -> Errno {
        match self {
            Self::Internal => Errno::INTERNAL,
            Self::NotSupported => Errno::NOT_SUPPORTED,
            Self::InvalidOptions(_)
            | Self::InvalidUrl(_)
            | Self::InvalidMethod(_)
            | Self::InvalidData(_)
            | Self::InvalidHeader(_)
            | Self::InvalidDataType(_)
            | Self::InvalidResponseType(_)
            | Self::InvalidTimeout(_)
            | Self::InvalidRedirect(_) => Errno::INVALID_PARAMETER,
            Self::HostNotAllowed | Self::CleartextNotAllowed | Self::PrivateAddressNotAllowed => {
                Errno::PROHIBITED
            }
            Self::TooManyRequests => Errno::TOO_MANY_CALLS,
            Self::AppInBackground => Errno::IN_BACKGROUND,
            Self::Aborted | Self::ClientClosed => Errno::CANCELLED,
            Self::Timeout => Errno::TIMED_OUT,
            Self::Offline => Errno::NO_NETWORK,
            Self::NoTrustAnchors | Self::PlatformVerifierNotInitialised => Errno::NETWORK_SDK,
            Self::NameNotResolved
            | Self::ConnectionFailed
            | Self::ProxyFailed
            | Self::Tls(_)
            | Self::ProtocolError
            | Self::HeadTooLarge
            | Self::BodyCutShort
            | Self::BadContentCoding
            | Self::BodyTooLarge
            | Self::TooManyRedirects
            | Self::RedirectRefused
            | Self::BadRedirect => Errno::NETWORK_FAILURE,
            Self::RefusedByNetworkStack => Errno::NETWORK_SDK_PARAMETER,
        }
    }

    /// The fixed words of this error, without a 104's reason.
    pub const fn detail(&self) -> &'static str {
        match self {
            Self::Internal => "internal error",
            Self::NotSupported => "feature not supported",
            Self::InvalidOptions(_) => "invalid options",
            Self::InvalidUrl(_) => "invalid url",
            Self::InvalidMethod(_) => "invalid method",
            Self::InvalidData(_) => "invalid data",
            Self::InvalidHeader(_) => "invalid header",
            Self::InvalidDataType(_) => "invalid dataType",
            Self::InvalidResponseType(_) => "invalid responseType",
            Self::InvalidTimeout(_) => "invalid timeout",
            Self::InvalidRedirect(_) => "invalid redirect",
            Self::HostNotAllowed => "host not allowed",
            Self::CleartextNotAllowed => "cleartext not allowed",
            Self::PrivateAddressNotAllowed => "private address not allowed",
            Self::TooManyRequests => "too many requests",
            Self::AppInBackground => "app in background",
            Self::Aborted => "abort",
            Self::ClientClosed => "client closed",
            Self::Timeout => "timeout",
            Self::Offline => "offline",
            Self::NoTrustAnchors => "no trust anchors",
            Self::PlatformVerifierNotInitialised => "platform verifier not initialised",
            Self::NameNotResolved => "name not resolved",
            Self::ConnectionFailed => "connection failed",
            Self::ProxyFailed => "proxy failed",
            Self::Tls(failure) => failure.detail(),
            Self::ProtocolError => "protocol error",
            Self::HeadTooLarge => "head too large",
            Self::BodyCutShort => "body cut short",
            Self::BadContentCoding => "bad content coding",
            Self::BodyTooLarge => "body too large",
            Self::TooManyRedirects => "too many redirects",
            Self::RedirectRefused => "redirect refused",
            Self::BadRedirect => "bad redirect",
            Self::RefusedByNetworkStack => "refused by the network stack",
        }
    }

    /// One of each, in the order of docs/contract.md#4-result, a 104 without its reason. For tables and tests.
    pub fn all() -> impl Iterator<Item = Error> {
        let before_tls = [
            Self::Internal,
            Self::NotSupported,
            Self::InvalidOptions(Reason::default()),
            Self::InvalidUrl(Reason::default()),
            Self::InvalidMethod(Reason::default()),
            Self::InvalidData(Reason::default()),
            Self::InvalidHeader(Reason::default()),
            Self::InvalidDataType(Reason::default()),
            Self::InvalidResponseType(Reason::default()),
            Self::InvalidTimeout(Reason::default()),
            Self::InvalidRedirect(Reason::default()),
            Self::HostNotAllowed,
            Self::CleartextNotAllowed,
            Self::PrivateAddressNotAllowed,
            Self::TooManyRequests,
            Self::AppInBackground,
            Self::Aborted,
            Self::ClientClosed,
            Self::Timeout,
            Self::Offline,
            Self::NoTrustAnchors,
            Self::PlatformVerifierNotInitialised,
            Self::NameNotResolved,
            Self::ConnectionFailed,
            Self::ProxyFailed,
        ];
        let behind_tls = [
            Self::ProtocolError,
            Self::HeadTooLarge,
            Self::BodyCutShort,
            Self::BadContentCoding,
            Self::BodyTooLarge,
            Self::TooManyRedirects,
            Self::RedirectRefused,
            Self::BadRedirect,
            Self::RefusedByNetworkStack,
        ];
        before_tls.into_iter().chain(TlsFailure::ALL.map(Self::Tls)).chain(behind_tls)
    }

    const fn reason(&self) -> Option<&Reason> {
        match self {
            Self::InvalidOptions(reason)
            | Self::InvalidUrl(reason)
            | Self::InvalidMethod(reason)
            | Self::InvalidData(reason)
            | Self::InvalidHeader(reason)
            | Self::InvalidDataType(reason)
            | Self::InvalidResponseType(reason)
            | Self::InvalidTimeout(reason)
            | Self::InvalidRedirect(reason) => Some(reason),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail())?;
        match self.reason() {
            Some(reason) if !reason.is_empty() => write!(f, ": {reason}"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Error {}
