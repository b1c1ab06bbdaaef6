//! The cookie policy of each platform. It is a value, so every policy can be tested on every
//! platform.

use serde::Deserialize;

use crate::config::platform::Platform;

/// How a client treats cookies (docs/contract.md#5-cookies).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CookiePolicy {
    /// How a `Cookie` header of the caller is treated.
    pub caller_header: CallerCookies,
    /// Whether the jar's cookies are sent, and the cookies of responses are stored.
    pub jar: bool,
    /// Whether the mini program sees `Set-Cookie` in `header` and `cookies`.
    pub set_cookie: SetCookies,
}

/// How a `Cookie` header of the caller is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CallerCookies {
    /// Its cookies are sent as written. The jar's cookies follow, without the names that it has.
    Merge,
    /// It is not sent.
    Drop,
}

/// Whether a mini program sees the `Set-Cookie` fields of a response. The jar gets them in any
/// case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SetCookies {
    /// The mini program sees them.
    Visible,
    /// They are neither in `header` nor in `cookies`.
    Hidden,
}

/// The parts of a platform's cookie policy that the host app changes. An absent part stays.
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
    /// The platform's cookie policy, unless the host app overrides it.
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
    /// The platform's policy with these parts changed.
    pub(crate) fn over(self, platform: Platform) -> CookiePolicy {
        let default = platform.default_cookie_policy();
        CookiePolicy {
            caller_header: self.caller_header.unwrap_or(default.caller_header),
            jar: self.jar.unwrap_or(default.jar),
            set_cookie: self.set_cookie.unwrap_or(default.set_cookie),
        }
    }
}
