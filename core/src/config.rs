//! What a host app settles once per client: one JSON document, or the same fields in Rust.

pub(crate) mod settings;

use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::time::Duration;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::config::settings::{
    AppHeaders, HeaderText, HostPattern, Network, Pin, Proxy, ResolveOverride, Roots,
};
use crate::cookies::CookiePolicyOverrides;

/// The settings of a client; [`Default`] is what the published platform does.
///
/// They cross every language boundary as one JSON document, [`from_json`](Self::from_json), whose
/// fields have the names given here; a duration is given in milliseconds as `timeout_ms` and so on.
///
/// ```
/// use std::time::Duration;
/// use gadget_request::{ClientConfig, Platform};
///
/// let mut config = ClientConfig::from_json(r#"{"platform": "android", "timeout_ms": 20000}"#)?;
/// assert_eq!(config.platform, Platform::Android);
/// assert_eq!(config.timeout, Duration::from_secs(20));
///
/// config.resolve.push("api.example.com:443:203.0.113.7".parse()?);
/// # Ok::<(), gadget_request::ConfigError>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct ClientConfig {
    /// The host platform whose rules hold. Default: `devtools`.
    pub platform: Platform,
    /// The mini program's id, as it stands in the referer. Default: empty.
    pub app_id: String,
    /// The mini program's version, likewise. Default: empty.
    pub app_version: String,
    /// The `referer` sent; `{app_id}` and `{app_version}` in it are replaced, percent-encoded.
    pub referer: HeaderText,
    /// The `user-agent` of calls that set none. Default: `gadget-request/` and this crate's version.
    pub user_agent: HeaderText,
    /// Headers of the host app's own for some hosts, `{"hosts": [...], "headers": {...}}` each. They win over the
    /// caller's and the engine's own, reserved ones too; of two entries for a host the later wins. Default: none.
    pub app_headers: Vec<AppHeaders>,
    /// Methods allowed beside the five of the published page. Default: none.
    pub extra_methods: Vec<ExtraMethod>,
    /// Whether DELETE and OPTIONS send an object as POST does, in the body. Default: no, in the query.
    pub delete_data_as_post: bool,
    /// What is to be done with cookies otherwise than the platform does it: `caller_header` (`merge`, `drop`),
    /// `jar` (whether there is one), `set_cookie` (`visible`, `hidden`). Default:
    /// [the platform's](Platform::default_cookie_policy).
    #[serde(deserialize_with = "object")]
    pub cookie_policy: CookiePolicyOverrides,
    /// The folder in which cookies are kept between runs, one file for each app id; made where it is missing. A
    /// host gives each of its users a folder. Processes may share one: each takes over what others have changed when
    /// it has something to save itself. Default: none, and they end with the client.
    #[serde(deserialize_with = "folder")]
    pub cookie_dir: Option<PathBuf>,
    /// The hosts that may be requested, redirects included; any other fails with 110 `host not allowed`. Default:
    /// all.
    pub allowed_hosts: Option<Vec<HostPattern>>,
    /// Whether http without TLS is allowed, redirects included; if not, it fails with 110 `cleartext not allowed`.
    /// Default: yes.
    pub allow_cleartext: bool,
    /// Whether addresses are allowed that are not for the whole internet (loopback, private, link-local and all
    /// else in IANA's registries of special-purpose addresses), redirects included; if not, a URL or a name that
    /// leads to such addresses only fails with 110 `private address not allowed`. Names that a proxy looks up are
    /// not judged. Default: yes.
    pub allow_private_addresses: bool,
    /// Networks of such addresses that are allowed nevertheless. Default: none.
    pub allowed_private_networks: Vec<Network>,
    /// Most redirects that a call follows; one more fails with 305 `too many redirects`. Default: 20.
    pub max_redirects: u32,
    /// `timeout_ms`: from a call's dispatch to its last byte, for calls that set none. Default: 60 s.
    #[serde(rename = "timeout_ms", deserialize_with = "millis")]
    pub timeout: Duration,
    /// Most calls that wait for one of the ten places; one more fails with 111. Default: 1000.
    pub max_queued: usize,
    /// Most bytes of options, bodies included, that wait for one of the ten places; what would make them more fails
    /// with 111. Default: 64 MiB.
    pub max_queued_bytes: usize,
    /// `queue_timeout_ms`: how long a call may wait for its place; then it fails with 302. Default: as long as it
    /// takes. The time in the queue is no part of `timeout_ms`.
    #[serde(rename = "queue_timeout_ms", deserialize_with = "optional_millis")]
    pub queue_timeout: Option<Duration>,
    /// `background_grace_ms`: how long after [`Client::enter_background`](crate::Client::enter_background) calls
    /// go on, 0 being not at all; then they fail with 112. Default: for ever.
    #[serde(rename = "background_grace_ms", deserialize_with = "optional_millis_or_zero")]
    pub background_grace: Option<Duration>,
    /// `connect_timeout_ms`: for a new connection, TLS included. Default: 15 s.
    #[serde(rename = "connect_timeout_ms", deserialize_with = "millis")]
    pub connect_timeout: Duration,
    /// `idle_timeout_ms`: how long an unused connection is kept. Default: 30 s.
    #[serde(rename = "idle_timeout_ms", deserialize_with = "millis")]
    pub idle_timeout: Duration,
    /// Most bytes of a body, decoded; counted at each content coding. What the windows of its codings have over 6 MiB
    /// counts as part of it: 10 MiB for Brotli's largest, 2 MiB for zstd's. Default: 100 MiB.
    pub max_body_bytes: usize,
    /// Most bytes of a body's text, after charset decoding and as the result's JSON writes it (a control character
    /// takes six); one more fails with 305 `body too large`. Default: as many as a body may have.
    pub max_text_bytes: Option<usize>,
    /// Most bytes of a caller's headers, names and values together; one more is a 104. Default: 256 KiB.
    pub max_caller_header_bytes: usize,
    /// Most unused connections that are kept; of more, those unused for the longest time are closed. All clients of
    /// a process keep 128 at most. Default: 32.
    pub max_idle_connections: usize,
    /// Most bytes of a response's head, at most 384 KiB. Default: 256 KiB.
    #[serde(deserialize_with = "head_bytes")]
    pub max_head_bytes: u32,
    /// Most fields of a response's head. Default: 2000.
    pub max_head_fields: u16,
    /// Host names resolved by hand, `HOST:PORT:ADDRESS` each. Default: none.
    pub resolve: Vec<ResolveOverride>,
    /// The proxy that all calls go through. Default: none; the environment is never read.
    pub proxy: Option<Proxy>,
    /// Certificates (PEM) trusted beside those of the system. Default: none.
    pub roots_pem: Roots,
    /// Whether the system's trust anchors count. Default: yes.
    pub system_roots: bool,
    /// Public keys that hosts must show, `HOST=sha256/BASE64` each; several for a host are
    /// alternatives. They are checked on the server's own certificate, after all other checks.
    pub pins: Vec<Pin>,
}

/// The host platform a client works for. A value, not a choice of the compiler: every platform's
/// behaviour can be had, and tested, on every other.
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

/// A method that the published page does not list and a host may switch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum ExtraMethod {
    /// PATCH; its data goes out as POST's does.
    Patch,
    /// OPTIONS; its data goes out as DELETE's does.
    Options,
}

impl Platform {
    /// All of them.
    pub const ALL: [Platform; 5] =
        [Self::Android, Self::Ios, Self::Pc, Self::Harmony, Self::DevTools];

    /// The name, as it stands in the JSON document.
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

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            platform: Platform::default(),
            app_id: String::new(),
            app_version: String::new(),
            referer: HeaderText::from_static(
                "https://tmaservice.developer.toutiao.com/?appid={app_id}&version={app_version}",
            ),
            user_agent: HeaderText::from_static(concat!(
                "gadget-request/",
                env!("CARGO_PKG_VERSION")
            )),
            app_headers: Vec::new(),
            extra_methods: Vec::new(),
            delete_data_as_post: false,
            cookie_policy: CookiePolicyOverrides::default(),
            cookie_dir: None,
            allowed_hosts: None,
            allow_cleartext: true,
            allow_private_addresses: true,
            allowed_private_networks: Vec::new(),
            max_redirects: 20,
            timeout: Duration::from_secs(60),
            max_queued: 1000,
            max_queued_bytes: 64 << 20,
            queue_timeout: None,
            background_grace: None,
            connect_timeout: Duration::from_secs(15),
            // Below the keep-alive of most servers: a connection is not reused while they close it.
            idle_timeout: Duration::from_secs(30),
            max_body_bytes: 100 << 20,
            max_text_bytes: None,
            max_caller_header_bytes: 256 << 10,
            max_idle_connections: 32,
            max_head_bytes: 256 << 10,
            max_head_fields: 2000,
            resolve: Vec::new(),
            proxy: None,
            roots_pem: Roots::default(),
            system_roots: true,
            pins: Vec::new(),
        }
    }
}

impl ClientConfig {
    /// The default settings for an app on a platform.
    pub fn new(
        platform: Platform,
        app_id: impl Into<String>,
        app_version: impl Into<String>,
    ) -> Self {
        Self { platform, app_id: app_id.into(), app_version: app_version.into(), ..Self::default() }
    }

    /// Reads the JSON document: an absent field takes its default.
    ///
    /// # Errors
    ///
    /// The text is not one JSON object; a field is unknown, or its value cannot be. The message names
    /// the field.
    ///
    /// ```
    /// use gadget_request::ClientConfig;
    ///
    /// let error = ClientConfig::from_json(r#"{"timeout_ms": 0}"#).unwrap_err();
    /// assert_eq!(error.to_string(), "timeout_ms: must be at least 1 at line 1 column 17");
    /// ```
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        if !text.trim_start().starts_with('{') {
            return Err(ConfigError::new("not a JSON object")); // serde would take an array as well
        }
        let mut json = serde_json::Deserializer::from_str(text);
        let config = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            let place = if matches!(path.as_str(), "." | "?") {
                String::new()
            } else {
                format!("{path}: ")
            };
            let mut message = error.inner().to_string();
            if ["app_headers", "proxy"].iter().any(|secret| path.starts_with(secret)) {
                message = without_value(&message);
            }
            ConfigError::new(format!("{place}{message}"))
        })?;
        json.end().map_err(|error| ConfigError::new(error.to_string()))?;
        Ok(config)
    }
}

/// A setting that cannot be; the message says which and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(String);

impl ConfigError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

/// What serde says of a value of the wrong type, without the value: that may be a password.
fn without_value(message: &str) -> String {
    let shown = message.find(['"', '`']).zip(message.rfind(", expected "));
    match shown.filter(|_| message.starts_with("invalid ")) {
        Some((value, expected)) => {
            format!("{}{}", message[..value].trim_end(), &message[expected..])
        }
        None => message.to_owned(),
    }
}

/// hyper reads no longer head over HTTP/1, whatever is said here (its buffer has 408 KiB).
const MAX_HEAD_BYTES: u32 = 384 << 10;

fn head_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match u32::deserialize(deserializer)? {
        bytes if bytes > MAX_HEAD_BYTES => Err(serde::de::Error::custom("must be at most 393216")),
        bytes => Ok(bytes),
    }
}

fn millis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    at_least_1(u32::deserialize(deserializer)?)
}

fn optional_millis<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    Option::deserialize(deserializer)?.map(at_least_1).transpose()
}

fn optional_millis_or_zero<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    let millis: Option<u32> = Option::deserialize(deserializer)?;
    Ok(millis.map(|millis| Duration::from_millis(u64::from(millis))))
}

fn at_least_1<E: serde::de::Error>(millis: u32) -> Result<Duration, E> {
    match millis {
        0 => Err(E::custom("must be at least 1")),
        millis => Ok(Duration::from_millis(u64::from(millis))),
    }
}

/// `null` is none; an empty path would be whatever folder the process is in.
fn folder<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    let folder: Option<PathBuf> = Option::deserialize(deserializer)?;
    match folder {
        Some(folder) if folder.as_os_str().is_empty() => {
            Err(serde::de::Error::custom("must not be empty"))
        }
        folder => Ok(folder),
    }
}

/// An object, and not the array that serde would take for a struct as well.
fn object<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Object<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }

    deserializer.deserialize_map(Object(PhantomData))
}
