//! The settings of a client: one JSON document, or the same fields in Rust.

/// Lets a type that parses from text appear in the JSON document, with the same errors.
macro_rules! deserialize_from_text {
    ($($name:ident),+) => {$(
        impl TryFrom<String> for $name {
            type Error = ConfigError;

            fn try_from(text: String) -> Result<Self, ConfigError> {
                text.parse()
            }
        }
    )+};
}

pub(crate) mod cookie_policy;
pub(crate) mod error;
pub(crate) mod headers;
pub(crate) mod hosts;
pub(crate) mod inspector;
pub(crate) mod json;
pub(crate) mod network;
pub(crate) mod platform;
pub(crate) mod tls;

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::config::cookie_policy::CookiePolicyOverrides;
use crate::config::error::ConfigError;
use crate::config::headers::{AppHeaders, HeaderText};
use crate::config::hosts::{HostPattern, ResolveOverride};
use crate::config::inspector::InspectorUrl;
use crate::config::network::{Network, Proxy};
use crate::config::platform::{ExtraMethod, Platform};
use crate::config::tls::client_certificate::ClientCertificate;
use crate::config::tls::{Crl, Pin, Roots};

/// The settings of a client. [`Default`] is the behaviour of the published platform.
///
/// They cross every language boundary as one JSON document ([`from_json`](Self::from_json)). Its
/// fields have the names given here, except that a duration is given in milliseconds, as
/// `timeout_ms` and so on.
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
    /// The platform whose rules apply. Default: `devtools`.
    pub platform: Platform,
    /// The mini program's id, for the referer. Each id has its own cookies. Default: empty.
    pub app_id: String,
    /// The mini program's version, for the referer. Default: empty.
    pub app_version: String,
    /// The `referer` of all requests. `{app_id}` and `{app_version}` in it are replaced,
    /// percent-encoded.
    pub referer: HeaderText,
    /// The `user-agent` of calls that set none. Default: `gadget-request/` and this crate's
    /// version.
    pub user_agent: HeaderText,
    /// Headers that the host app sends to some hosts. Each entry is
    /// `{"hosts": [...], "headers": {...}}`. They replace the caller's and the engine's own,
    /// reserved ones too. If two entries match a host, the later wins. Default: none.
    pub app_headers: Vec<AppHeaders>,
    /// Methods allowed in addition to the five of the published page. Default: none.
    pub extra_methods: Vec<ExtraMethod>,
    /// Whether DELETE and OPTIONS send an object as POST does, in the body. Default: no, they send
    /// it in the query.
    pub delete_data_as_post: bool,
    /// Changes to the platform's cookie policy: `caller_header` (`merge`, `drop`), `jar` (true,
    /// false), `set_cookie` (`visible`, `hidden`). Default:
    /// [the platform's](Platform::default_cookie_policy).
    #[serde(deserialize_with = "json::object")]
    pub cookie_policy: CookiePolicyOverrides,
    /// The folder that keeps cookies between runs, in one file per app id. It is created if it is
    /// missing. A host app gives each of its users a separate folder. Several processes may share
    /// one: each reads the others' changes when it saves its own. Default: none, and cookies end
    /// with the client.
    #[serde(deserialize_with = "json::folder")]
    pub cookie_dir: Option<PathBuf>,
    /// The hosts that may be requested, redirects included. Any other fails with 110
    /// `host not allowed`. Default: all.
    pub allowed_hosts: Option<Vec<HostPattern>>,
    /// Whether http without TLS is allowed, redirects included. If not, it fails with 110
    /// `cleartext not allowed`. Default: yes.
    pub allow_cleartext: bool,
    /// Whether addresses are allowed that do not belong to the public internet: loopback, private,
    /// link-local and all others in IANA's registries of special-purpose addresses. If not, a URL
    /// or name that leads only to such addresses fails with 110 `private address not allowed`,
    /// redirects included. Names that a proxy looks up are not checked. Default: yes.
    pub allow_private_addresses: bool,
    /// Networks of such addresses that are allowed anyway. Default: none.
    pub allowed_private_networks: Vec<Network>,
    /// How many redirects a call follows. One more fails with 305 `too many redirects`. Default:
    /// 20.
    pub max_redirects: u32,
    /// `timeout_ms`: the time from a call's dispatch to its last byte, for calls that set none.
    /// Default: 60 s.
    #[serde(rename = "timeout_ms", deserialize_with = "json::millis")]
    pub timeout: Duration,
    /// How many calls may wait for one of the ten places. One more fails with 111. Default: 1000.
    pub max_queued: usize,
    /// How many bytes of options, bodies included, may wait for one of the ten places. A call that
    /// would exceed them fails with 111. Default: 64 MiB.
    pub max_queued_bytes: usize,
    /// `queue_timeout_ms`: how long a call may wait for a place. Then it fails with 302. The time
    /// in the queue is not part of `timeout_ms`. Default: no limit.
    #[serde(rename = "queue_timeout_ms", deserialize_with = "json::optional_millis")]
    pub queue_timeout: Option<Duration>,
    /// `background_grace_ms`: the grace period after
    /// [`Client::enter_background`](crate::Client::enter_background). When it expires, all calls
    /// fail with 112; 0 means at once. Default: none, and calls go on.
    #[serde(rename = "background_grace_ms", deserialize_with = "json::optional_millis_or_zero")]
    pub background_grace: Option<Duration>,
    /// `connect_timeout_ms`: the time for a new connection, TLS included. Default: 15 s.
    #[serde(rename = "connect_timeout_ms", deserialize_with = "json::millis")]
    pub connect_timeout: Duration,
    /// `idle_timeout_ms`: how long an idle connection is kept. Default: 30 s.
    #[serde(rename = "idle_timeout_ms", deserialize_with = "json::millis")]
    pub idle_timeout: Duration,
    /// Whether result objects show the profile of their calls, unless a call says otherwise with
    /// `enableProfile`. Native callers have it in any case ([`Outcome::timing`]). Default: no.
    ///
    /// [`Outcome::timing`]: crate::Outcome::timing
    pub profile: bool,
    /// The inspector on this device that shows the calls, as `http://127.0.0.1:PORT`: what
    /// `gadget-devtools inspect` prints. Only for development: it shows bodies, and it is an error
    /// in a build without the feature `inspector`. Default: none.
    pub inspector: Option<InspectorUrl>,
    /// How many bytes a body may have, counted after each content coding. A coding whose window is
    /// larger than 6 MiB counts the excess as part of the body: up to 10 MiB for Brotli, 2 MiB for
    /// zstd. Default: 100 MiB.
    pub max_body_bytes: usize,
    /// How many bytes the text of a body may have, after charset decoding and as the result's JSON
    /// writes it (a control character takes six). One more fails with 305 `body too large`.
    /// Default: the same as `max_body_bytes`.
    pub max_text_bytes: Option<usize>,
    /// How many bytes a body may have that comes as chunks
    /// ([`enable_chunked`](crate::RequestOptions::enable_chunked)), counted like `max_body_bytes`,
    /// which does not hold for it. Default: no limit.
    pub max_streamed_bytes: Option<usize>,
    /// How many bytes the caller's headers may have, names and values together. One more is a 104.
    /// Default: 256 KiB.
    pub max_caller_header_bytes: usize,
    /// How many idle connections are kept. If there are more, the ones idle for longest are closed.
    /// All clients of a process together keep at most 128. Default: 32.
    pub max_idle_connections: usize,
    /// How many bytes the head of a response may have, at most 384 KiB. Default: 256 KiB.
    #[serde(deserialize_with = "json::head_bytes")]
    pub max_head_bytes: u32,
    /// How many fields the head of a response may have. Default: 2000.
    pub max_head_fields: u16,
    /// How many requests and responses the client keeps for [`Client::har`](crate::Client::har),
    /// those that ended last. A redirect counts as one more. Default: 0, and nothing is kept.
    pub har_exchanges: usize,
    /// How many bytes it keeps of each body, sent and received. Default: 0, and no bodies.
    pub har_body_bytes: usize,
    /// Whether it keeps the values of `cookie`, `set-cookie`, `authorization`,
    /// `proxy-authorization` and of `app_headers`. Who has them is logged in as the mini program's
    /// user. Default: no, they read `[redacted]`.
    pub har_secrets: bool,
    /// Addresses for host names, in place of the name service, each as `HOST:PORT:ADDRESS`.
    /// Default: none.
    pub resolve: Vec<ResolveOverride>,
    /// The proxy of all calls, until [`Client::set_proxy`](crate::Client::set_proxy). The
    /// environment is never read. Default: none.
    pub proxy: Option<Proxy>,
    /// The hosts that are reached without the proxy, as in `allowed_hosts`. Default: none.
    pub proxy_bypass: Vec<HostPattern>,
    /// Certificates (PEM) trusted in addition to the system's. Default: none.
    pub roots_pem: Roots,
    /// Whether the system's trust anchors are trusted. Default: yes.
    pub system_roots: bool,
    /// Public keys that hosts must show, each as `HOST=sha256/BASE64` or `*.HOST=sha256/BASE64`.
    /// All that match a host are alternatives. They are checked against the server's own
    /// certificate, after all other checks. Default: none.
    pub pins: Vec<Pin>,
    /// Lists of revoked certificates, each as PEM, or as DER in Base64. They count for chains that
    /// lead to `roots_pem` and, on Linux and OpenHarmony, to the system's trust anchors; other
    /// systems have their own rules for chains to their own. A list counts even after its next
    /// update was due, and a certificate whose issuer has no list here is not revoked. Default:
    /// none.
    pub crls: Vec<Crl>,
    /// Certificates for servers that ask who the client is. Each entry is `{"hosts": [...],
    /// "certificate_pem": "...", "key_pem": "..."}`. If two entries match a host, the later wins.
    /// Default: none.
    pub client_certificates: Vec<ClientCertificate>,
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
            // Shorter than the keep-alive of most servers, so that a connection is not reused at
            // the moment when the server closes it.
            idle_timeout: Duration::from_secs(30),
            profile: false,
            inspector: None,
            max_body_bytes: 100 << 20,
            max_text_bytes: None,
            max_streamed_bytes: None,
            max_caller_header_bytes: 256 << 10,
            max_idle_connections: 32,
            max_head_bytes: 256 << 10,
            max_head_fields: 2000,
            har_exchanges: 0,
            har_body_bytes: 0,
            har_secrets: false,
            resolve: Vec::new(),
            proxy: None,
            proxy_bypass: Vec::new(),
            roots_pem: Roots::default(),
            system_roots: true,
            pins: Vec::new(),
            crls: Vec::new(),
            client_certificates: Vec::new(),
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

    /// Reads the JSON document. An absent field takes its default.
    ///
    /// # Errors
    ///
    /// The text is not one JSON object, or a field is unknown or has a wrong value. The message
    /// names the field.
    ///
    /// ```
    /// use gadget_request::ClientConfig;
    ///
    /// let error = ClientConfig::from_json(r#"{"timeout_ms": 0}"#).unwrap_err();
    /// assert_eq!(error.to_string(), "timeout_ms: must be at least 1 at line 1 column 17");
    /// ```
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        json::read(text)
    }
}
