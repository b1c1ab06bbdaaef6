//! The options that take one of a few names: `responseType` and `redirect`.

use crate::error::{Error, Field};

/// Whether a result's data is text or bytes (`responseType`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseType {
    /// Text, or the JSON in it.
    #[default]
    Text,
    /// Bytes. They are never parsed.
    ArrayBuffer,
}

impl ResponseType {
    /// The name of JavaScript's option.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::ArrayBuffer => "arraybuffer",
        }
    }

    pub(super) fn parse(name: &str) -> Result<Self, Error> {
        [Self::Text, Self::ArrayBuffer]
            .into_iter()
            .find(|one| one.as_str() == name)
            .ok_or(Field::ResponseType.invalid("neither text nor arraybuffer"))
    }
}

/// How a call treats a redirect (`redirect`): a 301, 302, 303, 307 or 308 with a Location.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Redirect {
    /// The call follows it.
    #[default]
    Follow,
    /// The redirect itself is the result.
    Manual,
    /// The call fails.
    Error,
}

impl Redirect {
    /// The name of JavaScript's option.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Follow => "follow",
            Self::Manual => "manual",
            Self::Error => "error",
        }
    }

    pub(super) fn parse(name: &str) -> Result<Self, Error> {
        [Self::Follow, Self::Manual, Self::Error]
            .into_iter()
            .find(|one| one.as_str() == name)
            .ok_or(Field::Redirect.invalid("not follow, manual or error"))
    }
}
