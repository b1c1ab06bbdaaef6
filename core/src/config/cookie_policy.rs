//! What a platform does with cookies: a value, so that each can be had, and tested, on every other.

use serde::Deserialize;

use crate::config::Platform;

/// What a client does with cookies (docs/contract.md#5-cookies).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CookiePolicy {
    /// What becomes of a `Cookie` header that the caller sets.
    pub caller_header: CallerCookies,
    /// Whether the jar's cookies are sent, and those of responses stored.
    pub jar: bool,
    /// Whether the mini program sees `Set-Cookie` in `header` and `cookies`.
    pub set_cookie: SetCookies,
}

/// What becomes of a `Cookie` header that the caller sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CallerCookies {
    /// Its cookies are sent as they stand; behind them those of the jar whose names it does not have.
    Merge,
    /// It is not sent.
    Drop,
}

/// Whether a mini program sees the `Set-Cookie` fields of a response. The jar gets them either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SetCookies {
    /// It does.
    Visible,
    /// It does not: they are neither in `header` nor in `cookies`.
    Hidden,
}

/// What a host app wants otherwise than its platform does it; what is absent stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct CookiePolicyOverrides {
    /// See [`CookiePolicy::caller_header`].
    pub caller_header: Option<CallerCookies>,
    /// See [`CookiePolicy::jar`].
    pub jar: Option<bool>,
    /// See [`CookiePolicy::set_cookie`].
    pub set_cookie: Option<SetCookies>,
}

impl Platform {
    /// What the platform does where the host app says nothing.
    ///
    /// ```
    /// use gadget_request::{CallerCookies, Platform, SetCookies};
    ///
    /// let policy = Platform::Pc.default_cookie_policy();
    /// assert_eq!(policy.caller_header, CallerCookies::Drop);
    /// assert_eq!(policy.set_cookie, SetCookies::Hidden);
    /// ```
    pub const fn default_cookie_policy(self) -> CookiePolicy {
        let (caller_header, set_cookie) = match self {
            Self::Android | Self::Ios | Self::Harmony => {
                (CallerCookies::Merge, SetCookies::Visible)
            }
            Self::Pc => (CallerCookies::Drop, SetCookies::Hidden),
            Self::DevTools => (CallerCookies::Merge, SetCookies::Hidden),
        };
        CookiePolicy { caller_header, jar: true, set_cookie }
    }
}

impl CookiePolicyOverrides {
    /// A platform's policy, with what the host app wants otherwise.
    pub(crate) fn over(self, platform: Platform) -> CookiePolicy {
        let default = platform.default_cookie_policy();
        CookiePolicy {
            caller_header: self.caller_header.unwrap_or(default.caller_header),
            jar: self.jar.unwrap_or(default.jar),
            set_cookie: self.set_cookie.unwrap_or(default.set_cookie),
        }
    }
}
