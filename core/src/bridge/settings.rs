//! What a host app settles once for a bridge: one JSON document, or the same fields in Rust.

use serde::{Deserialize, Deserializer, Serialize};

use crate::bridge::origins::{OriginPattern, Refusal};
use crate::config::error::ConfigError;
use crate::config::json;

/// The page's script, without its settings.
const SCRIPT: &str = include_str!("../../../bindings/page/gadget-request.js");

/// The settings of a [`Bridge`](crate::Bridge). They cross every language boundary as one JSON
/// document, whose fields have the names given here.
///
/// ```
/// use gadget_request::BridgeConfig;
///
/// let config = BridgeConfig::from_json(r#"{"origins": ["https://page.example"], "name": "my"}"#)?;
/// assert!(config.origins[0].matches("https://page.example"));
/// # Ok::<(), gadget_request::ConfigError>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct BridgeConfig {
    /// The documents that may use the API. Default: none.
    pub origins: Vec<OriginPattern>,
    /// Whether documents in frames may use it, if their origin is allowed as well. Default: no.
    pub frames: bool,
    /// The global of the page that gets `request`. Default: `tt`.
    #[serde(deserialize_with = "identifier")]
    pub name: String,
    /// The object of the page that takes messages: a member of WebKit's `messageHandlers`, or a
    /// global with a function `postMessage`. Default: `gadgetRequest`.
    #[serde(deserialize_with = "identifier")]
    pub channel: String,
    /// Whether the channel carries bytes, in both directions. If not, they go as base64 within
    /// text. Default: no.
    pub bytes: bool,
    /// The most bytes of a reply. A longer result fails with 305 `body too large`. Default: none.
    pub limit: Option<usize>,
    /// A text that the script hands to the channel beside each message. A host app whose channel
    /// does not say which document sends tells its own script by it. Default: none.
    pub secret: Option<String>,
}

impl Default for BridgeConfig {
    fn default() -> Self {
        Self {
            origins: Vec::new(),
            frames: false,
            name: "tt".to_owned(),
            channel: "gadgetRequest".to_owned(),
            bytes: false,
            limit: None,
            secret: None,
        }
    }
}

/// What the script gets.
#[derive(Serialize)]
struct ScriptSettings<'c> {
    name: &'c str,
    channel: &'c str,
    bytes: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'c str>,
}

impl BridgeConfig {
    /// Reads the JSON document: an absent field takes its default.
    ///
    /// # Errors
    ///
    /// The text is not one JSON object; a field is unknown, or its value cannot be. The message
    /// names the field.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        json::read(text)
    }

    pub(super) fn refusal(&self, origin: &str, is_main_frame: bool) -> Option<Refusal> {
        if !self.origins.iter().any(|pattern| pattern.matches(origin)) {
            return Some(Refusal::Origin);
        }
        (!is_main_frame && !self.frames).then_some(Refusal::Frame)
    }

    pub(super) fn script(&self) -> String {
        let Self { name, channel, bytes, secret, .. } = self;
        let settings = ScriptSettings { name, channel, bytes: *bytes, secret: secret.as_deref() };
        let settings = serde_json::to_string(&settings).expect("texts and a flag always print");
        format!("{}({settings});\n", SCRIPT.trim_end())
    }
}

/// A name that JavaScript takes as it is.
fn identifier<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '$';
    let is_name =
        name.starts_with(is_letter) && name.chars().all(|c| is_letter(c) || c.is_ascii_digit());
    if is_name { Ok(name) } else { Err(serde::de::Error::custom("not a JavaScript identifier")) }
}
