//! The platforms whose rules a client can follow.

use serde::Deserialize;

/// The platform whose rules a client follows.
///
/// It is a value, not a choice of the compiler: a client can have the behaviour of any platform on
/// any system, so all are tested on one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Platform {
    /// Android.
    Android,
    /// iOS.
    Ios,
    /// Windows, macOS and Linux.
    Pc,
    /// HarmonyOS.
    Harmony,
    /// The developer tools.
    #[default]
    DevTools,
}

impl Platform {
    /// All platforms.
    pub const ALL: [Platform; 5] =
        [Self::Android, Self::Ios, Self::Pc, Self::Harmony, Self::DevTools];

    /// The name of the platform in the JSON document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Android => "android",
            Self::Ios => "ios",
            Self::Pc => "pc",
            Self::Harmony => "harmony",
            Self::DevTools => "devtools",
        }
    }
}

/// A method that the published page does not list. The host app can allow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum ExtraMethod {
    /// PATCH. It sends its data as POST does.
    Patch,
    /// OPTIONS. It sends its data as DELETE does.
    Options,
}
