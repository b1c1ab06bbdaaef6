//! The numbers, words and details of errors for readers of C; `scripts/check-tables` compares them
//! with core's.

/// The groups of errors: the numbers that gadget_result_get_errno gives. Each is
/// followed by its words (gadget_result_get_err_string) and its details, which
/// gadget_result_get_err_msg gives after `request:fail `. For 104 a `: ` and the
/// reason follow the detail.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum gadget_errno {
    /// "internal error": `internal error`
    GADGET_ERRNO_INTERNAL = 102,
    /// "feature not support": `feature not supported`
    GADGET_ERRNO_NOT_SUPPORTED = 103,
    /// "invalid parameter": `invalid options`, `invalid url`, `invalid method`,
    /// `invalid data`, `invalid header`, `invalid dataType`,
    /// `invalid responseType`, `invalid timeout`, `invalid redirect`
    GADGET_ERRNO_INVALID_PARAMETER = 104,
    /// "API call prohibited": `host not allowed`, `cleartext not allowed`,
    /// `private address not allowed`
    GADGET_ERRNO_PROHIBITED = 110,
    /// "Too many API calls": `too many requests`
    GADGET_ERRNO_TOO_MANY_CALLS = 111,
    /// "Unable to call this API in the background": `app in background`
    GADGET_ERRNO_IN_BACKGROUND = 112,
    /// "Network request cancelled": `abort`, `client closed`
    GADGET_ERRNO_CANCELLED = 301,
    /// "Connection timed out": `timeout`
    GADGET_ERRNO_TIMED_OUT = 302,
    /// "No network connection": `offline`
    GADGET_ERRNO_NO_NETWORK = 303,
    /// "Internal error in network SDK": `no trust anchors`,
    /// `platform verifier not initialised`
    GADGET_ERRNO_NETWORK_SDK = 304,
    /// "Network failure": `name not resolved`, `connection failed`,
    /// `proxy failed`, `tls: certificate expired`,
    /// `tls: certificate not yet valid`, `tls: wrong host`,
    /// `tls: unknown issuer`, `tls: revoked`, `tls: pin mismatch`,
    /// `tls: bad certificate`, `tls: handshake failed`, `protocol error`,
    /// `head too large`, `body cut short`, `bad content coding`,
    /// `body too large`, `too many redirects`, `redirect refused`,
    /// `bad redirect`
    GADGET_ERRNO_NETWORK_FAILURE = 305,
    /// "Network SDK Parameter error": `refused by the network stack`
    GADGET_ERRNO_NETWORK_SDK_PARAMETER = 307,
}
