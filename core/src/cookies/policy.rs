//! What a platform does with cookies. It is a value, so that every platform's policy can be used
//! and tested on every other.

use serde::Deserialize;

use crate::config::Platform;

/// What a client does with cookies (docs/contract.md#5-cookies).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CookiePolicy {
    /// What happens to a `Cookie` header that the caller sets.
    pub caller_header: CallerCookies,
    /// If true, the jar's cookies are sent, and the cookies of responses are stored in it.
    pub jar: bool,
    /// If the mini program sees `Set-Cookie` in `header` and `cookies`.
    pub set_cookie: SetCookies,
}

/// What happens to a `Cookie` header that the caller sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CallerCookies {
    /// Its cookies are sent as written, followed by the jar's cookies with other names.
    Merge,
    /// It is not sent.
    Drop,
}

/// If a mini program sees the `Set-Cookie` fields of a response. The jar gets them either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SetCookies {
    /// It sees them.
    Visible,
    /// It does not see them: they are neither in `header` nor in `cookies`.
    Hidden,
}

/// What a host app changes in its platform's policy. `None` keeps the platform's value.
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
    /// What the platform does unless the host app overrides it.
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
    /// Returns a platform's policy with these overrides.
    pub(crate) fn over(self, platform: Platform) -> CookiePolicy {
        let default = platform.default_cookie_policy();
        CookiePolicy {
            caller_header: self.caller_header.unwrap_or(default.caller_header),
            jar: self.jar.unwrap_or(default.jar),
            set_cookie: self.set_cookie.unwrap_or(default.set_cookie),
        }
    }
}
