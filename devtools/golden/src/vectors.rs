//! Vector files, and the kinds of vectors in them.

use std::path::Path;

use serde::Deserialize;

use crate::case::Case;
use crate::cookies::Life;
use crate::events::Heard;
use crate::redirects::Redirected;
use crate::script::Script;

/// A vector file; `vectors/README.md` describes them.
#[derive(Deserialize)]
pub(crate) struct File {
    #[serde(default)]
    pub(crate) cases: Vec<Case>,
    #[serde(default)]
    pub(crate) scripts: Vec<Script>,
    #[serde(default)]
    pub(crate) redirects: Vec<Redirected>,
    #[serde(default)]
    pub(crate) cookies: Vec<Life>,
    #[serde(default)]
    pub(crate) events: Vec<Heard>,
}

pub(crate) fn read(path: &Path) -> Result<File, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    serde_json::from_str(&text).map_err(|error| wrong(&error))
}
