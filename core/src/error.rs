//! The closed list of errors of a call. Each has its group, its number and its fixed words.

use std::borrow::Cow;
use std::fmt;

use crate::errno::Errno;

/// Why a call failed.
///
/// The list is closed: every failure of the engine is one of these, with the same number and the
/// same words on every platform (docs/contract.md#4-result). [`Display`](fmt::Display) prints the
/// detail, the part of `errMsg` after `request:fail `.
///
/// The name of a field or of a header is all that a message holds of the request. It never holds a
/// host, path, query, header value, cookie or body.
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
    /// A bug of the engine: it caught one of its own panics, or the process could not give it
    /// a thread.
    Internal,
    /// The host app does not offer the feature.
    NotSupported,
    /// A field of the options cannot be used. Nothing was sent.
    Invalid {
        /// The field.
        field: Field,
        /// Says what is wrong with it: fixed words, or the name of a header. Empty if there is no
        /// more to say.
        reason: Cow<'static, str>,
    },
    /// The host app's policy does not list the URL's host.
    HostNotAllowed,
    /// The host app's policy does not allow http without TLS.
    CleartextNotAllowed,
    /// The host app's policy does not allow private and loopback addresses, and the URL or its name
    /// leads only to such addresses.
    PrivateAddressNotAllowed,
    /// The queue is full.
    TooManyRequests,
    /// The host app is in the background and its grace period has expired.
    AppInBackground,
    /// The call was aborted before it had an outcome.
    Aborted,
    /// The client was shut down, or its last handle dropped, before the call had an outcome.
    ClientClosed,
    /// The call, its connection or its wait in the queue took longer than allowed.
    Timeout,
    /// The host app reported that the device has no network.
    Offline,
    /// The host app allows only its own trust anchors and gave none that can be used.
    NoTrustAnchors,
    /// The host app did not set up the platform's certificate verifier. Android needs that before
    /// the first call.
    PlatformVerifierNotInitialised,
    /// The host name has no address.
    NameNotResolved,
    /// No connection could be opened, or it broke before the head of the response was complete.
    ConnectionFailed,
    /// The configured proxy refused or failed.
    ProxyFailed,
    /// The TLS handshake failed, or the server's certificate is not trusted.
    Tls(TlsFailure),
    /// The server's bytes are not HTTP.
    ProtocolError,
    /// The head of the response is larger than allowed, or has more fields.
    HeadTooLarge,
    /// The connection ended before the body was complete.
    BodyCutShort,
    /// The body does not decode by its `content-encoding`, or ends too early for it.
    BadContentCoding,
    /// The body is larger than allowed, as it came or decoded.
    BodyTooLarge,
    /// The response is one redirect more than the limit.
    TooManyRedirects,
    /// The response redirects, and the call said `redirect: error`.
    RedirectRefused,
    /// The response redirects to a URL that is not http or https, or that has credentials.
    BadRedirect,
    /// The request is valid, but the network stack cannot send it: its URL is longer than 64 KiB,
    /// or has a host that the URL Standard allows and HTTP does not (`a"b`).
    RefusedByNetworkStack,
}

/// Declares an enum whose values have fixed words, and lists all values in their order.
macro_rules! with_details {
    ($(#[$doc:meta])+ $name:ident { $($(#[$says:meta])+ $value:ident = $detail:literal,)+ }) => {
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$says])+ $value,)+
        }

        impl $name {
            /// All values, in the order of docs/contract.md#4-result.
            pub const ALL: [$name; [$($name::$value),+].len()] = [$($name::$value),+];

            const fn detail(self) -> &'static str {
                match self {
                    $($name::$value => $detail,)+
                }
            }
        }
    };
}

with_details! {
    /// A field of the options that [`Error::Invalid`] names.
    Field {
        /// The options themselves: not one JSON object, over 100 MiB, or not UTF-8.
        Options = "invalid options",
        /// `url`: missing, not a string, not an absolute http or https URL, or with credentials.
        Url = "invalid url",
        /// `method`: not a string, or not an allowed method.
        Method = "invalid method",
        /// `data`: its type cannot be sent, or not with this method, or it holds a lone surrogate.
        Data = "invalid data",
        /// `header`: not an object, a name or value cannot be sent, or there are too many or too
        /// large ones.
        Header = "invalid header",
        /// `dataType`: not a string.
        DataType = "invalid dataType",
        /// `responseType`: neither `text` nor `arraybuffer`.
        ResponseType = "invalid responseType",
        /// `timeout`: not a number.
        Timeout = "invalid timeout",
        /// `redirect`: not `follow`, `manual` or `error`.
        Redirect = "invalid redirect",
    }
}

impl Field {
    /// The error that this field is wrong, and why.
    pub(crate) fn invalid(self, reason: impl Into<Cow<'static, str>>) -> Error {
        Error::Invalid { field: self, reason: reason.into() }
    }
}

with_details! {
    /// Why a TLS connection was not made.
    TlsFailure {
        /// The certificate has expired.
        CertificateExpired = "tls: certificate expired",
        /// The certificate is not valid yet.
        CertificateNotYetValid = "tls: certificate not yet valid",
        /// The certificate is for another host.
        WrongHost = "tls: wrong host",
        /// No trust anchor vouches for the certificate.
        UnknownIssuer = "tls: unknown issuer",
        /// The certificate was revoked.
        Revoked = "tls: revoked",
        /// The certificate's key matches none of the pins for this host.
        PinMismatch = "tls: pin mismatch",
        /// The certificate is malformed, badly signed or not made for servers.
        BadCertificate = "tls: bad certificate",
        /// Client and server do not agree on a version or cipher, an alert came, or the peer does
        /// not speak TLS.
        HandshakeFailed = "tls: handshake failed",
    }
}

impl TlsFailure {
    /// The fixed words, without `tls: `.
    pub fn reason(self) -> &'static str {
        self.detail().trim_start_matches("tls: ")
    }
}

impl fmt::Display for TlsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail())
    }
}

impl Error {
    /// The group of this error, which the mini program sees as `errno`.
    pub const fn errno(&self) -> Errno {
        match self {
            Self::Internal => Errno::INTERNAL,
            Self::NotSupported => Errno::NOT_SUPPORTED,
            Self::Invalid { .. } => Errno::INVALID_PARAMETER,
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
            Self::Invalid { field, .. } => field.detail(),
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

    /// One of each, in the order of docs/contract.md#4-result, a 104 without its reason. For tables
    /// and tests.
    pub fn all() -> impl Iterator<Item = Error> {
        let after_fields = [
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
        let after_tls = [
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
        [Self::Internal, Self::NotSupported]
            .into_iter()
            .chain(Field::ALL.map(|field| field.invalid("")))
            .chain(after_fields)
            .chain(TlsFailure::ALL.map(Self::Tls))
            .chain(after_tls)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail())?;
        match self {
            Self::Invalid { reason, .. } if !reason.is_empty() => write!(f, ": {reason}"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Error {}
