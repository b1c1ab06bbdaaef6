//! The numbers that a mini program sees as `errno`, and the fixed words of each.

use std::fmt;

/// A group of errors, as the platform numbers them (the seed page's Errno table,
/// docs/contract.md#4-result).
///
/// ```
/// use gadget_request::Errno;
///
/// assert_eq!(Errno::INVALID_PARAMETER.code(), 104);
/// assert_eq!(Errno::INVALID_PARAMETER.err_string(), "invalid parameter");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Errno {
    code: u32,
    err_string: &'static str,
}

macro_rules! errnos {
    ($($(#[$doc:meta])+ $name:ident = $code:literal, $words:literal;)+) => {
        impl Errno {
            $($(#[$doc])+ pub const $name: Errno = Errno { code: $code, err_string: $words };)+

            /// All groups, in ascending order.
            pub const ALL: &'static [Errno] = &[$(Errno::$name),+];
        }
    };
}

errnos! {
    /// A bug of the engine.
    INTERNAL = 102, "internal error";
    /// The host app does not offer the feature.
    NOT_SUPPORTED = 103, "feature not support";
    /// A field of the options is wrong. Nothing was sent.
    INVALID_PARAMETER = 104, "invalid parameter";
    /// The host app's policy forbids the call.
    PROHIBITED = 110, "API call prohibited";
    /// The queue is full.
    TOO_MANY_CALLS = 111, "Too many API calls";
    /// The host app is in the background and its grace period has expired.
    IN_BACKGROUND = 112, "Unable to call this API in the background";
    /// The call was aborted, or its client was shut down.
    CANCELLED = 301, "Network request cancelled";
    /// The call took too long.
    TIMED_OUT = 302, "Connection timed out";
    /// The device has no network.
    NO_NETWORK = 303, "No network connection";
    /// The network stack could not be set up.
    NETWORK_SDK = 304, "Internal error in network SDK";
    /// The network or the server failed.
    NETWORK_FAILURE = 305, "Network failure";
    /// The network stack cannot send the request.
    NETWORK_SDK_PARAMETER = 307, "Network SDK Parameter error";
}

impl Errno {
    /// The number, 102 to 307.
    pub const fn code(self) -> u32 {
        self.code
    }

    /// The words of the platform's table, which a result has as `errString`.
    pub const fn err_string(self) -> &'static str {
        self.err_string
    }
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Errno({} {:?})", self.code, self.err_string)
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)
    }
}
