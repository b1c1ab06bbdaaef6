//! The attribute SameSite of a cookie.

use serde::{Deserialize, Serialize};

/// The attribute SameSite. The jar keeps it; a mini program's requests have no site, so it never
/// keeps a cookie from being sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SameSite {
    /// Strict.
    Strict,
    /// Lax.
    Lax,
    /// None.
    None,
}

impl SameSite {
    /// Parses the attribute's value. Returns `None` for any other word.
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        [(Self::Strict, "strict"), (Self::Lax, "lax"), (Self::None, "none")]
            .into_iter()
            .find(|(_, name)| value.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(same_site, _)| same_site)
    }
}
